"""``speak generate`` with a stand-in for the trained model: mistakes in one line, sound, size, rate, tags, driving."""

import sys
import wave
from typing import ClassVar

import av
import cv2
import numpy as np
import pytest
import yaml
from green_faces import GreenFinder, scene

from speak import __version__, cli
from speak.config import build
from speak.errors import UserError
from speak.inference import talk as talking
from speak.inference.command import profile_checkpoint
from speak.inference.driving import CUT
from speak.inference.talk import TalkRequest, talk
from speak.media.audio import read_audio, write_wav
from speak.media.video import probe, read_clip
from speak.media.writing import write_media
from speak.preprocess import PreprocessConfig


class Green(GreenFinder):
    """A landmarker that takes green squares for faces."""

    def __init__(self, model):
        super().__init__()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass


class Echo:
    """Shows the identity, brighter with every frame; remembers what it was given."""

    fingerprint = "feed5eed"
    seen: ClassVar[dict] = {}
    unknown: ClassVar[set] = {"contempt"}

    def stream(self, identity_frame, identity_landmarks, audio, num_frames, fps, pose, emotion):
        Echo.seen = {"audio": audio, "num_frames": num_frames, "fps": fps, "pose": pose, "emotion": emotion}
        Echo.seen |= {"frame": identity_frame, "landmarks": identity_landmarks}
        for index in range(num_frames):
            yield np.full_like(identity_frame, index % 200)

    def driving(self, frames, landmarks):
        return frames, landmarks

    def named_emotion(self, name, level):
        if name in Echo.unknown:
            raise UserError("this checkpoint has no mean contempt; give a video")
        return name, level


@pytest.fixture(autouse=True)
def stand_ins(monkeypatch, tmp_path):
    monkeypatch.setattr(talking, "Landmarker", Green)
    monkeypatch.setattr(talking, "asset", lambda name: tmp_path / name)
    monkeypatch.setattr(talking, "load_talker", lambda path: Echo())


@pytest.fixture
def files(tmp_path):
    """A picture with a face, one without, a second of sound, a driving video."""
    picture = scene(400, 300, [(150, 60, 250, 180)])
    cv2.imwrite(str(tmp_path / "face.png"), picture[..., ::-1])
    cv2.imwrite(str(tmp_path / "empty.jpg"), scene(400, 300, [])[..., ::-1])
    cv2.imwrite(str(tmp_path / "tiny.png"), scene(100, 100, [(40, 40, 70, 70)])[..., ::-1])
    sound = 0.3 * np.sin(2 * np.pi * 440 * np.arange(16_000) / 16_000)
    write_wav(tmp_path / "tone.wav", sound.astype(np.float32), 16_000)
    frames = [scene(200, 160, [(60 + i, 30, 140 + i, 120)]) for i in range(10)]
    write_media(tmp_path / "pose.mp4", frames, fps=25.0)
    write_media(tmp_path / "nobody.mp4", [scene(200, 160, [])] * 10, fps=25.0)
    write_media(tmp_path / "blink.mp4", frames[:1], fps=120.0)
    write_media(tmp_path / "glimpse.mp4", [scene(200, 160, [])] * 5 + frames[:1] + [scene(200, 160, [])] * 5, fps=25.0)
    (tmp_path / "noise.bin").write_bytes(b"not a sound at all" * 9)
    return tmp_path


def request(folder, **changes):
    fields = {
        "identity": folder / "face.png",
        "audio": folder / "tone.wav",
        "output": folder / "out" / "film.mp4",
        "pose": None,
        "emotion": None,
        "level": 2,
        "fit": "loop",
        "size": 256,
        "fps": 30.0,
        "checkpoint": folder / "checkpoint.pt",
    }
    return TalkRequest(**(fields | changes))


def made(folder, **changes):
    wanted = request(folder, **changes)
    return talk(wanted, lambda path: Echo()), wanted.output


def test_the_file_says_that_it_is_synthetic_and_by_what(files):
    _, film = made(files)
    with av.open(str(film)) as container:
        title, comment = container.metadata["title"], container.metadata["comment"]
    assert "Synthetic" in title
    assert "not a recording" in comment and f"speak-bench {__version__}" in comment and "feed5eed" in comment


@pytest.mark.parametrize(("size", "fps", "count"), [(256, 30.0, 30), (128, 25.0, 25), (512, 12.5, 12)])
def test_size_rate_and_sound(files, size, fps, count):
    _, film = made(files, size=size, fps=fps)
    info = probe(film)
    assert (info.width, info.height, info.fps) == (size, size, pytest.approx(fps))
    assert len(read_clip(film)) == Echo.seen["num_frames"] == count
    heard = read_audio(film, 16_000)[:16_000]
    expected = 0.3 * np.sin(2 * np.pi * 440 * np.arange(16_000) / 16_000)
    assert np.corrcoef(heard[2000:14_000], expected[2000:14_000])[0, 1] > 0.99
    assert len(Echo.seen["audio"]) == 16_000 and Echo.seen["audio"].dtype == np.float32


def test_the_face_is_cut_out_of_the_picture(files):
    made(files)
    frame, landmarks = Echo.seen["frame"], Echo.seen["landmarks"]
    assert frame.shape == (256, 256, 3) and landmarks.shape == (478, 3)
    green = (frame == [0, 255, 0]).all(axis=2).mean()
    assert 0.2 < green < 0.5
    assert landmarks[:, :2].min() > 20 and landmarks[:, :2].max() < 236


def test_driving_videos_are_played_to_and_fro_or_stretched(files):
    made(files, pose=files / "pose.mp4", emotion=str(files / "pose.mp4"))
    frames, landmarks = Echo.seen["pose"]
    length = 12  # 10 frames at 25 are 12 at 30 a second
    assert len(frames) == len(landmarks) == 30
    assert (frames[0] == frames[2 * (length - 1)]).all() and (frames[length - 2] == frames[length]).all()
    left = np.asarray(landmarks)[:, :, 0].min(axis=1)
    assert left[length - 1] > left[0] + 5 and np.abs(np.diff(left)).max() < 8
    made(files, pose=files / "pose.mp4", fit="stretch")
    left = np.asarray(Echo.seen["pose"][1])[:, :, 0].min(axis=1)
    assert left[-1] == left.max() and (np.diff(left) > -1).all()


def test_a_named_emotion_comes_from_training(files):
    made(files, emotion="happy", level=3)
    assert Echo.seen["emotion"] == ("happy", 3) and Echo.seen["pose"] is None
    made(files)
    assert Echo.seen["emotion"] == ("neutral", 1)
    with pytest.raises(UserError, match="contempt"):
        made(files, emotion="contempt")


def test_a_model_without_a_neutral_keeps_the_identitys_expression(files, monkeypatch):
    monkeypatch.setattr(Echo, "unknown", {"neutral"})
    made(files)
    assert Echo.seen["emotion"] is None


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"identity": "gone.png"}, "no such picture"),
        ({"identity": "empty.jpg"}, "no face found"),
        ({"identity": "tiny.png"}, "too small"),
        ({"identity": "tone.wav"}, "not a readable picture"),
        ({"audio": "gone.wav"}, "no such sound"),
        ({"audio": "noise.bin"}, "cannot be heard"),
        ({"audio": "pose.mp4"}, "no audio track"),
        ({"pose": "gone.mp4"}, "no such pose video"),
        ({"pose": "nobody.mp4"}, "cannot lead the pose: no face"),
        ({"pose": "tone.wav"}, "cannot lead the pose"),
        ({"pose": "blink.mp4"}, "cannot lead the pose: too short"),
        ({"pose": "glimpse.mp4"}, "cannot lead the pose: the longest run of one face lasts 0.00 s"),
        ({"emotion": "joyful"}, "neither a video file nor an emotion"),
        ({"output": "film.avi"}, "written as .mp4"),
        ({"size": 201}, "even"),
    ],
)
def test_mistakes_are_one_line_and_leave_nothing_behind(files, changes, words):
    paths = {k: files / v if k in ("identity", "audio", "pose", "output") else v for k, v in changes.items()}
    with pytest.raises(UserError, match=words) as error:
        made(files, **paths)
    assert "\n" not in str(error.value)
    assert not (files / "out" / "film.mp4").exists()


def test_the_command_ends_with_2_and_one_line(files, monkeypatch, capsys):
    command = ["speak", "generate", "--identity", str(files / "empty.jpg"), "--audio", str(files / "tone.wav")]
    command += ["-o", str(files / "film.mp4"), "--checkpoint", str(files / "c.pt")]
    monkeypatch.setattr(sys, "argv", command)
    monkeypatch.setattr(talking.talk, "__defaults__", (lambda path: Echo(),))
    with pytest.raises(SystemExit) as end:
        cli.main()
    assert end.value.code == 2
    error = capsys.readouterr().err.strip()
    assert error.count("\n") == 0 and error.startswith("speak: ") and "no face found" in error


def test_the_command_makes_a_video(files, monkeypatch, capsys):
    command = ["speak", "generate", "--identity", str(files / "face.png"), "--audio", str(files / "tone.wav")]
    command += ["-o", str(files / "film.mp4"), "--checkpoint", str(files / "c.pt"), "--emotion", "sad", "--size", "64"]
    monkeypatch.setattr(sys, "argv", command)
    monkeypatch.setattr(talking.talk, "__defaults__", (lambda path: Echo(),))
    with pytest.raises(SystemExit) as end:
        cli.main()
    assert end.value.code == 0
    assert capsys.readouterr().out.strip().endswith("film.mp4") and probe(files / "film.mp4").width == 64
    assert Echo.seen["emotion"] == ("sad", 2)


def test_a_long_sound_is_never_held_as_frames(files, monkeypatch):
    """Frames reach the encoder one by one: the next is made only after the last has gone in."""
    made_so_far, lead = [], []
    monkeypatch.setattr(Echo, "stream", lambda self, frame, *_: (made_so_far.append(i) or frame for i in range(90)))
    monkeypatch.setattr(talking, "write_media", lambda path, frames, **_: lead.extend(
        len(made_so_far) - shown for shown, _ in enumerate(frames, start=1)
    ))  # fmt: skip
    made(files)
    assert lead == [0] * 90


def test_the_profile_says_which_model(tmp_path):
    with pytest.raises(UserError, match="--checkpoint"):
        profile_checkpoint(tmp_path)
    (tmp_path / "params.yaml").write_text("profile: demo\n")
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles" / "demo.yaml").write_text("ablations: {seeds: [4, 5]}\n")
    assert profile_checkpoint(tmp_path) == tmp_path / "work/demo/models/speak/full/4/checkpoint.pt"


def test_pictures_are_cut_as_the_profiles_cut_clips():
    profile = yaml.safe_load((cli.Path(__file__).parents[2] / "profiles" / "paper.yaml").read_text())
    config = build(PreprocessConfig, profile["preprocess"], "paper.yaml:preprocess")
    assert (CUT.size, CUT.crop.enlarge, CUT.crop.lift) == (config.size, config.crop.enlarge, config.crop.lift)


def test_sound_with_no_sample_is_refused(files):
    with wave.open(str(files / "none.wav"), "wb") as stream:
        stream.setnchannels(1)
        stream.setsampwidth(2)
        stream.setframerate(16_000)
    with pytest.raises(UserError, match="cannot be heard"):
        made(files, audio=files / "none.wav")
