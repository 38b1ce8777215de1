import numpy as np
import pytest

from speak.media.audio import read_audio
from speak.media.errors import MediaError
from speak.media.joining import join
from speak.media.video import probe, read_clip, span
from speak.media.writing import write_audio, write_media

RATE = 16000
FRAMES = [np.full((48, 64, 3), 5 * level, np.uint8) for level in range(40)]
SOUND = np.random.default_rng(0).uniform(-0.3, 0.3, 2 * RATE).astype(np.float32)


@pytest.fixture
def apart(tmp_path):
    write_media(tmp_path / "picture.mp4", FRAMES, fps=25)
    write_audio(tmp_path / "sound.m4a", SOUND, RATE)
    return tmp_path / "picture.mp4", tmp_path / "sound.m4a"


def test_picture_and_sound_stay_what_they_were(apart, tmp_path):
    picture, sound = apart
    join(picture, sound, tmp_path / "both.mp4")
    np.testing.assert_array_equal(read_clip(tmp_path / "both.mp4"), read_clip(picture))
    joined, alone = read_audio(tmp_path / "both.mp4", RATE), read_audio(sound, RATE)
    np.testing.assert_allclose(joined[: len(alone)], alone, atol=1e-6)
    assert probe(tmp_path / "both.mp4").has_audio
    assert span(tmp_path / "both.mp4")[0] == 0


def test_what_lacks_a_stream_cannot_be_joined(apart, tmp_path):
    picture, sound = apart
    for pair in ((sound, sound), (picture, picture)):
        with pytest.raises(MediaError, match="no picture or no sound"):
            join(*pair, tmp_path / "both.mp4")
    (tmp_path / "page.mp4").write_text("<html>")
    with pytest.raises(MediaError):
        join(tmp_path / "page.mp4", sound, tmp_path / "both.mp4")
