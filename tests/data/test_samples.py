import numpy as np
import pytest
from drawn_clips import drawn_arrays, drawn_folder

from speak.data import samples
from speak.data.shards import read_rows
from speak.media.video import read_clip


def test_decoded_clips_are_the_stored_ones(tmp_path):
    ids = drawn_folder(tmp_path, 3)
    clips = list(samples.decoded_clips([tmp_path], ids[1:], pictures=True))
    assert [clip.clip_id for clip in clips] == ids[1:]
    (row,) = read_rows([tmp_path], ["video", "emotion", *samples.FACE], {ids[1]})
    assert clips[0].emotion == row["emotion"] and clips[0].landmarks is clips[0].face.landmarks
    assert all(np.array_equal(getattr(clips[0].face, name), row[name], equal_nan=True) for name in samples.FACE)
    assert np.array_equal(clips[0].frames, read_clip(row["video"])) and len(clips[0].audio) == 24_000
    assert next(samples.decoded_clips([tmp_path], ids, pictures=False)).frames is None


def test_sync_rate_shows_the_frame_of_that_time():
    assert samples.at_sync_rate(12, 30.0).tolist() == [0, 1, 2, 3, 4, 6, 7, 8, 9, 10]
    assert samples.at_sync_rate(5, 25.0).tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("length", [15_000, 24_000, 30_000])
def test_sound_has_four_mel_frames_to_a_video_frame(length):
    mel = samples.sync_mel(np.ones(length, np.float32), 37, 20)
    assert mel.shape == (148, 20)


def test_views_are_grey_and_of_the_given_size():
    frames, landmarks, _ = drawn_arrays(1)
    landmarks[3] = np.nan
    views = samples.sync_views(frames, landmarks, 30.0, (32, 48))
    assert views.shape == (37, 48, 32) and views.dtype == np.uint8 and views.std() > 10
    with pytest.raises(ValueError, match="no face found"):
        samples.sync_views(frames, np.full_like(landmarks, np.nan), 30.0, (32, 48))
