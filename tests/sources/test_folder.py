import numpy as np
import pytest

from speak.errors import UserError
from speak.media.audio import write_wav
from speak.media.writing import write_media
from speak.sources import folder

SECOND = np.zeros(16000, np.float32)
FRAMES = [np.full((32, 32, 3), 90, np.uint8)] * 5


def test_every_file_that_looks_like_a_video_is_expected(tmp_path):
    for name in ("a/b/x.MOV", "a/x.mp4", "y.webm", "y.avi", "notes.txt", "z.wav"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    items = folder.catalogue(tmp_path)
    assert [item.item_id for item in items] == ["folder/a/b/x", "folder/a/x", "folder/y.avi", "folder/y.webm"]
    assert [item.person for item in items] == ["a/b/x", "a/x", "y", "y"]


def test_sound_beside_a_silent_video_is_taken(tmp_path):
    write_media(tmp_path / "talk_aligned.mp4", FRAMES, fps=25)
    write_wav(tmp_path / "talk.wav", SECOND, 16000)
    write_media(tmp_path / "loud.mp4", FRAMES, fps=25, audio=SECOND, sample_rate=16000)
    write_wav(tmp_path / "loud.wav", SECOND, 16000)
    loud, talk = folder.catalogue(tmp_path)
    assert (loud.audio, talk.audio) == (None, "talk.wav")


def test_labels(tmp_path):
    (tmp_path / "x.mp4").write_bytes(b"")
    rows = "file,person,emotion,level\nx.mp4,Ann,happy,2\ngone.mp4,Bob,,\n"
    (tmp_path / "labels.csv").write_text(rows)
    gone, here = folder.catalogue(tmp_path)
    assert (here.person, here.emotion, here.level) == ("Ann", "happy", 2)
    assert (gone.video, gone.emotion) == ("gone.mp4", None)
    folder.copy_metadata(tmp_path, tmp_path / "raw")
    assert folder.catalogue(tmp_path / "raw") == [gone, here]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("file,mood\nx.mp4,happy\n", "columns are file, person"),
        ("file,emotion\nx.mp4,joyful\n", "labels.csv:2: unknown emotion 'joyful'"),
        ("file,level\nx.mp4,9\n", "level '9' is not 1, 2 or 3"),
        ("file\n../x.mp4\n", "must lie under the folder"),
        ("file\nx.mp4\nx.mp4\n", "has two rows"),
    ],
)
def test_wrong_labels_are_named(tmp_path, rows, message):
    (tmp_path / "x.mp4").write_bytes(b"")
    (tmp_path / "labels.csv").write_text(rows)
    with pytest.raises(UserError, match=message):
        folder.catalogue(tmp_path)


def test_nothing_is_an_error(tmp_path):
    with pytest.raises(UserError, match="no videos here"):
        folder.catalogue(tmp_path)


def test_all_real_files_are_accounted_for(realdata):
    items = folder.catalogue(realdata)
    videos = [path for path in realdata.rglob("*") if path.suffix.lower() in folder.VIDEO_SUFFIXES]
    assert {str(realdata / item.video) for item in items} == set(map(str, videos))
    separate = {item.video: item.audio for item in items if item.video.startswith("separate_audio/")}
    assert separate["separate_audio/voxceleb2_id04570_zsnG6eKzOGE_00410_aligned.mp4"].endswith("_00410.wav")
