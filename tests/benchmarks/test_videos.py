"""Finished videos: real files of other sizes and rates, each frame with its number drawn into it."""

import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from benchmarks.methods.method import CannotMake
from benchmarks.methods.videos import extra, resized, videos
from benchmarks.protocol import Request
from speak.errors import UserError
from speak.media.audio import encode_flac
from speak.media.video import VideoCodec, encode_video

CLIP, STEM = "mead/M1/front/happy/level_1/001", "mead__M1__front__happy__level_1__001"


def numbered(number: int, width: int, height: int) -> np.ndarray:
    """Eight columns, white where the number's bit is set."""
    bits = [255 if number >> bit & 1 else 0 for bit in range(8)]
    return np.repeat(np.repeat(bits, width // 8)[None], height, axis=0).astype(np.uint8)[..., None].repeat(3, axis=-1)


def number_in(frame: np.ndarray) -> int:
    step = frame.shape[1] // 8
    return sum(int(frame[128, step * bit + step // 2].mean() > 127) << bit for bit in range(8))


def write(path: Path, count: int, fps: float, size: tuple[int, int] = (320, 240)) -> None:
    frames = [numbered(index, *size) for index in range(count)]
    path.write_bytes(encode_video(frames, VideoCodec(fps=fps, crf=18, preset="ultrafast")))


def request(num_frames: int = 60, clip_id: str = CLIP) -> Request:
    nothing = np.zeros(0)
    return Request(
        clip_id=clip_id, identity_frame=nothing, identity_landmarks=nothing, audio=nothing, num_frames=num_frames,
        fps=30.0, reference_frames=nothing, reference_landmarks=nothing,
    )  # fmt: skip


def made(folder: Path, asked: Request) -> np.ndarray:
    return videos("mine", folder).load(folder, 0).generate(asked)


@pytest.mark.parametrize(
    ("fps", "size"), [(25.0, (320, 240)), (30.0, (256, 256)), (50.0, (64, 128)), (12.5, (640, 640))]
)
def test_each_moment_shows_what_the_video_shows(tmp_path, fps, size):
    write(tmp_path / f"{STEM}.mp4", round(2 * fps), fps, size)
    frames = made(tmp_path, request())
    assert frames.shape == (60, 256, 256, 3) and frames.dtype == np.uint8
    assert [number_in(frame) for frame in frames] == [int(tick * fps / 30 + 1e-9) for tick in range(60)]


@pytest.mark.parametrize("count", [46, 54])
def test_a_little_too_short_or_long(tmp_path, count):
    """Within the tolerance the last frame stays, or the end is left out."""
    write(tmp_path / f"{STEM}.mp4", count, 25.0)
    shown = [number_in(frame) for frame in made(tmp_path, request())]
    assert len(shown) == 60 and shown[-1] == min(count - 1, 49)


@pytest.mark.parametrize(("count", "said"), [(44, "1.76"), (56, "2.24"), (1, "0.04")])
def test_another_length_is_refused(tmp_path, count, said):
    write(tmp_path / f"{STEM}.mp4", count, 25.0)
    with pytest.raises(CannotMake, match=f"^{STEM}.mp4: wrong length: {said} s where the clip has 2.00 s$"):
        made(tmp_path, request())


def test_what_is_wrong_with_a_video_is_said(tmp_path):
    path = tmp_path / f"{STEM}.mp4"
    with pytest.raises(CannotMake, match=f"^missing: no {STEM}.mp4 in {tmp_path}$"):
        made(tmp_path, request())
    write(path, 50, 25.0)
    whole = path.read_bytes()
    contents = {
        "empty": b"",
        "text": b"not a video",
        "half": whole[: len(whole) // 2],
        "no picture": encode_flac(np.zeros(32_000, np.float32), 16_000),
    }
    for content in contents.values():
        path.write_bytes(content)
        with pytest.raises(CannotMake, match=f"^{STEM}.mp4: ") as caught:
            made(tmp_path, request())
        assert "\n" not in str(caught.value)
    assert "no video stream" in str(caught.value)
    path.write_bytes(whole)
    path.with_suffix(".mov").write_bytes(whole)
    with pytest.raises(CannotMake, match=rf"^several videos: {STEM}\.mov and {STEM}\.mp4$"):
        made(tmp_path, request())


def test_files_of_no_clip_are_extra(tmp_path):
    (tmp_path / "more").mkdir()
    for name in (f"{STEM}.mp4", "mead__M1.v2__1.mp4", ".DS_Store", "notes.txt", "other.mp4"):
        (tmp_path / name).touch()
    assert extra(tmp_path, [CLIP, "mead/M1.v2/1"]) == ["notes.txt", "other.mp4"]


def test_a_missing_folder_is_a_mistake_not_a_row(tmp_path):
    with pytest.raises(UserError, match=r"nowhere: no such folder of finished videos.*params\.yaml") as caught:
        made(tmp_path / "nowhere", request())
    assert not isinstance(caught.value, CannotMake)


def test_shrinking_averages():
    """A fine checkerboard becomes its mean grey, not one of its colours."""
    board = (np.indices((512, 512)).sum(axis=0) % 2 * 255).astype(np.uint8)[..., None].repeat(3, axis=-1)
    assert np.abs(resized(board).astype(int) - 127.5).max() <= 1


@pytest.mark.parametrize("name", ["anitalker_einstein", "synctalk_may", "dreamtalk_acknowledgement_english"])
def test_what_other_methods_have_made(realdata, tmp_path, name):
    """Real results of three methods: frame for frame those that OpenCV decodes."""
    shutil.copy(realdata / "generated" / f"{name}.mp4", tmp_path / f"{STEM}.mp4")
    reader = cv2.VideoCapture(str(tmp_path / f"{STEM}.mp4"))
    fps, count = reader.get(cv2.CAP_PROP_FPS), int(reader.get(cv2.CAP_PROP_FRAME_COUNT))
    frames = made(tmp_path, request(int(count / fps * 30)))
    theirs = {at: cv2.resize(reader.read()[1], (256, 256), interpolation=cv2.INTER_AREA) for at in range(60)}
    for tick in range(0, 60, 7):
        picture = theirs[int(tick * fps / 30 + 1e-6)][..., ::-1].astype(int)
        assert np.abs(frames[tick] - picture).mean() < 4
