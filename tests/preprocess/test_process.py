"""From files to clips: the right face, the right time, the right sound, or a reason."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from green_faces import GreenFinder, scene
from made_videos import CONFIG, item_of

from speak.assets import asset
from speak.config import build
from speak.data.clip import Clip, to_row
from speak.errors import UserError
from speak.faces.landmarker import Landmarker
from speak.media.audio import decode_flac, write_wav
from speak.media.video import probe, read_clip, write_media
from speak.preprocess import PreprocessConfig, Rejected, process, recipe_hash

FACE = (120, 80, 200, 160)
RATE = 16_000


def noise(seconds: float) -> np.ndarray:
    return np.random.default_rng(0).uniform(-0.3, 0.3, round(seconds * RATE)).astype(np.float32)


def write(path: Path, boxes: list[list], fps: float = 25, audio: np.ndarray | None = None) -> None:
    audio = noise(len(boxes) / fps) if audio is None else audio
    frames = (scene(320, 240, faces) for faces in boxes)
    write_media(path, frames, fps=fps, audio=audio if len(audio) else None, sample_rate=RATE)


def run(root: Path, name: str = "a.mp4", config: PreprocessConfig = CONFIG, **changes) -> Clip | Rejected:
    return process(item_of(name, **changes), root, config, GreenFinder())


def test_a_clip_has_everything_at_the_promised_rates(tmp_path):
    write(tmp_path / "a.mp4", [[FACE]] * 50)
    clip = run(tmp_path, url="https://example.org/a", emotion="happy", level=2, sentence="Hello")
    assert isinstance(clip, Clip)
    info = probe(clip.video)
    assert (clip.num_frames, clip.fps, info.width, info.height, info.fps) == (60, 30.0, 128, 128, 30.0)
    assert not info.has_audio
    audio, rate = decode_flac(clip.audio)
    assert (rate, len(audio)) == (RATE, 2 * RATE)
    assert (clip.source_start_s, clip.source_end_s) == (0.0, pytest.approx(2.0))
    assert clip.box == (96, 56, 224, 184)  # 80 px, 30 % more on each side
    assert (clip.emotion, clip.level, clip.sentence, clip.source_url) == (
        "happy",
        2,
        "Hello",
        "https://example.org/a",
    )
    assert len(clip.source_sha256) == 64
    assert to_row(clip)["num_frames"] == 60
    middle = clip.landmarks[:, :, :2].mean(axis=1)
    np.testing.assert_allclose(middle, 64, atol=2)


def test_the_same_file_gives_the_same_bytes(tmp_path):
    write(tmp_path / "a.mp4", [[FACE]] * 25)
    first, second = to_row(run(tmp_path)), to_row(run(tmp_path))
    assert first == second


def test_flash_and_click_stay_together(tmp_path):
    """A dark frame and a click at one moment, at 25 fps with the face appearing late, meet again in the clip."""
    boxes = [[]] * 10 + [[FACE]] * 65
    audio = 0.01 * noise(3.0)
    audio[int(1.6 * RATE)] = 0.9
    frames = [scene(320, 240, faces) for faces in boxes]
    frames[40] = frames[40].copy()
    frames[40][200:] = 255  # below the face, inside no box of green
    write_media(tmp_path / "a.mp4", frames, fps=25, audio=audio, sample_rate=RATE)
    config = dataclasses.replace(CONFIG, crop=dataclasses.replace(CONFIG.crop, enlarge=0.8))
    clip = run(tmp_path, config=config)
    assert clip.source_start_s == pytest.approx(0.4)
    bright = read_clip(clip.video)[:, -8:].mean(axis=(1, 2, 3))
    sound, _ = decode_flac(clip.audio)
    flash_s = int(np.flatnonzero(bright > 180)[0]) / 30
    click_s = int(np.abs(sound).argmax()) / RATE
    assert click_s == pytest.approx(1.2, abs=1 / RATE)
    assert abs(flash_s - click_s) <= 0.5 / 30


def test_separate_sound_belongs_to_the_first_frame(tmp_path):
    """FLV with MP3 begins 25 ms late; the WAV beside it begins with the picture."""
    write(tmp_path / "a.flv", [[FACE]] * 50)
    audio = 0.01 * noise(2.0)
    audio[12_345] = 0.9
    write_wav(tmp_path / "a.wav", audio, RATE)
    sound, _ = decode_flac(run(tmp_path, "a.flv", audio="a.wav").audio)
    assert np.abs(sound).argmax() == 12_345


def test_no_sound_or_silence_is_rejected_unless_allowed(tmp_path):
    write(tmp_path / "a.mp4", [[FACE]] * 25, audio=np.zeros(0, np.float32))
    write(tmp_path / "b.mp4", [[FACE]] * 25, audio=np.zeros(RATE, np.float32))
    assert run(tmp_path) == Rejected(
        item_id="folder/a", dataset="folder", stage="sound", reason="no audio track", source="a.mp4"
    )
    assert run(tmp_path, "b.mp4").reason == "the audio track is digitally silent"
    assert run(tmp_path, audio="gone.wav").reason == "gone.wav: no such file"
    allowed = dataclasses.replace(CONFIG, missing_audio="silence")
    for name in ("a.mp4", "b.mp4"):
        sound, _ = decode_flac(run(tmp_path, name, config=allowed).audio)
        assert len(sound) == RATE
        assert not sound.any()
    assert run(tmp_path, audio="gone.wav", config=allowed).reason == "gone.wav: no such file"  # that is no silence


def test_sound_that_ends_early_ends_the_clip(tmp_path):
    write(tmp_path / "a.mp4", [[FACE]] * 50, audio=noise(1.9))
    write(tmp_path / "b.mp4", [[FACE]] * 50, audio=noise(1.0))
    write(tmp_path / "c.mp4", [[FACE]] * 50, audio=noise(0.2))
    assert run(tmp_path).num_frames == 60
    assert run(tmp_path, "b.mp4").num_frames in (30, 31)  # AAC comes in pieces of 64 ms
    assert "of sound with the picture" in run(tmp_path, "c.mp4").reason


def test_intervals_and_the_longest_duration(tmp_path):
    write(tmp_path / "a.mp4", [[FACE]] * 100)
    clip = run(tmp_path, start_s=1.0, end_s=2.5)
    assert (clip.num_frames, clip.source_start_s, clip.source_end_s) == (45, 1.0, 2.5)
    short = run(tmp_path, config=dataclasses.replace(CONFIG, max_duration_s=0.7))
    assert (short.num_frames, short.source_end_s) == (21, pytest.approx(0.7))
    assert run(tmp_path, start_s=3.9).reason == "too short: 0.10 s of picture, 0.5 s needed"
    assert "too short: 0.00 s" in run(tmp_path, start_s=30.0, end_s=31.0).reason


def test_the_face_that_leaves_ends_the_clip_and_reasons_are_given(tmp_path):
    left, top, right, bottom = FACE
    covered = [[(left, top, max(right - 8 * i, left), bottom)] for i in range(12)]
    write(tmp_path / "a.mp4", [[FACE]] * 30 + covered + [[]] * 20)
    assert 1.2 < run(tmp_path).source_end_s < 1.7
    write(tmp_path / "gone.mp4", [[FACE]] * 28 + [[]] * 30)  # from one frame to the next: a cut
    assert run(tmp_path, "gone.mp4").source_end_s == pytest.approx(28 / 25, abs=1 / 30)
    write(tmp_path / "b.mp4", [[]] * 30)
    assert run(tmp_path, "b.mp4").reason == "no face found in 6 frames looked at"
    write(tmp_path / "c.mp4", [[(100, 100, 118, 118)]] * 30)
    assert run(tmp_path, "c.mp4").reason.startswith("the face is too small: 1")
    write(tmp_path / "d.mp4", [[FACE]] * 5 + [[]] * 30)
    assert "the longest run of one face lasts" in run(tmp_path, "d.mp4").reason


def test_a_hint_in_other_units_chooses_the_person(tmp_path):
    left, right = (30, 60, 110, 140), (210, 60, 280, 130)
    write(tmp_path / "a.mp4", [[left, right]] * 25)
    assert run(tmp_path).box[0] < 30
    for hint in (
        {"box": (205, 55, 285, 135)},
        {"box": (410, 110, 570, 270), "box_height": 480},
        {"boxes": ((0.0, 0.65, 0.2, 0.9, 0.6), (0.5, 0.65, 0.2, 0.9, 0.6)), "box_unit": "fraction"},
    ):
        np.testing.assert_allclose(run(tmp_path, **hint).box, (189, 39, 301, 151), atol=2)


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"", "the file is empty"), (b"junk" * 99, "cannot be opened"), (None, "no such file")],
)
def test_bad_files_are_rows_not_exceptions(content, reason, tmp_path):
    if content is not None:
        (tmp_path / "a.mp4").write_bytes(content)
    rejected = run(tmp_path)
    assert isinstance(rejected, Rejected)
    assert rejected.stage == "video"
    assert reason in rejected.reason


def test_bugs_are_not_hidden(tmp_path):
    write(tmp_path / "a.mp4", [[FACE]] * 25)
    with pytest.raises(AttributeError):
        process(item_of("a.mp4"), tmp_path, CONFIG, None)


def test_the_recipe_changes_with_every_parameter():
    changed = dataclasses.replace(CONFIG, crop=dataclasses.replace(CONFIG.crop, enlarge=0.31))
    assert recipe_hash(CONFIG) == recipe_hash(dataclasses.replace(CONFIG))
    assert recipe_hash(changed) != recipe_hash(CONFIG)


def test_bad_configuration_is_named():
    with pytest.raises(UserError, match=r"preprocess.missing_audio: expected one of 'reject', 'silence'"):
        build(PreprocessConfig, {**dataclasses.asdict(CONFIG), "missing_audio": "guess"}, "preprocess")


@pytest.fixture(scope="module")
def real_landmarker():
    try:
        model = asset("face_landmarker")
    except UserError as error:
        pytest.skip(f"the landmarker's model cannot be had: {error}")
    with Landmarker(model) as landmarker:
        yield landmarker


REAL = dataclasses.replace(CONFIG, size=256, max_duration_s=1.0)


@pytest.mark.parametrize(
    "name",
    ["mead/M003/video/front/happy/level_1/024.mp4", "voxceleb2_pcavs/00067.mp4", "grid/bbaf2n.mpg"],
)
def test_real_clips(name, realdata, real_landmarker):
    clip = process(item_of(name), realdata, REAL, real_landmarker)
    assert isinstance(clip, Clip), clip
    assert clip.num_frames == 30
    assert np.isfinite(clip.landmarks).all()
    points = clip.landmarks[:, :, :2]
    assert points.min() > 0
    assert points.max() < 256
    heights = np.ptp(points[:, :, 1], axis=1)
    assert 100 < heights.mean() < 190  # the head fills the box, with room to move
    assert read_clip(clip.video)[0].std() > 10


def test_real_awkward_files_are_rows(realdata, real_landmarker):
    reasons = {
        name: process(item_of(f"awkward/{name}"), realdata, REAL, real_landmarker).reason
        for name in ("audio_only.mp4", "empty_0_bytes.mp4", "corrupted_midstream.mp4", "no_face.mp4")
    }
    assert "no video stream" in reasons["audio_only.mp4"]
    assert "empty" in reasons["empty_0_bytes.mp4"]
    assert reasons["no_face.mp4"].startswith("no face found")
    pointer = item_of("cremad_lfs_pointers/VideoFlash/1001_DFA_ANG_XX.flv")
    assert "Git LFS pointer" in process(pointer, realdata, REAL, real_landmarker).reason
