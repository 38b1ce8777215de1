"""``speak baseline`` on files as users have them: a video of the right length, or one line and nothing else."""

import sys
import wave
from dataclasses import dataclass
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
import torch
from drawn_clips import landmarks_of
from green_faces import GreenFinder, scene

from benchmarks import cli, own_files
from benchmarks.methods import baseline
from benchmarks.methods.baselines import BASELINES
from benchmarks.methods.networks import NETWORKS
from benchmarks.own_files import OwnFiles, make_video
from speak.assets import asset
from speak.errors import UserError
from speak.faces.points68 import points68
from speak.media.audio import read_audio, write_wav
from speak.media.video import probe, read_clip
from speak.media.writing import write_media

WIDTH = 16
METHODS = sorted(BASELINES)
FACE = landmarks_of(np.array([0.3]))[0]
FACE[[10, 234, 454]] = [(128, 20, 0), (70, 110, 30), (186, 110, 30)]
"""(478, 3): a drawn face with forehead and ears."""


class Mesh(GreenFinder):
    """A landmarker that takes green rectangles for faces, with the shape of a face in each."""

    def __init__(self, model):
        super().__init__()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    @staticmethod
    def _points(left, top, width, height):
        low, high = FACE.min(axis=0), FACE.max(axis=0)
        return (FACE - low) / (high - low) * (width, height, width / 5) + (left, top, 0)


@dataclass(frozen=True)
class Method:
    width: int
    weights: str


@dataclass(frozen=True)
class Config:
    method: Method


@pytest.fixture(scope="module")
def models(tmp_path_factory) -> Path:
    """Checkpoints of all four with drawn weights, the arrays made for the drawn face."""
    folder = tmp_path_factory.mktemp("models")
    template = points68(FACE).clip(10, 250) / 2
    rng = np.random.default_rng(0)
    basis = np.linalg.qr(rng.normal(size=(136, 6)))[0]
    arrays = {
        "atvg": {"mean": rng.normal(size=136), "basis": basis, "template": template, "identity": template / 320},
        "eamm": {"template": 2 * template},
    }
    torch.manual_seed(0)
    for name, method in BASELINES.items():
        state = {f"arrays.{key}": torch.from_numpy(value) for key, value in arrays.get(name, {}).items()}
        for network in method.files:
            made = NETWORKS[network](width=WIDTH)
            state |= {f"{network}.{key}": value for key, value in made.state_dict().items()}
        path = folder / "baselines" / name / "3" / "checkpoint.pt"
        baseline.save(path, method, Config(Method(WIDTH, "trained")), state, [])
    return folder


@pytest.fixture
def green(monkeypatch, tmp_path):
    monkeypatch.setattr(own_files, "Landmarker", Mesh)
    monkeypatch.setattr(own_files, "asset", lambda name: tmp_path / name)


@pytest.fixture(autouse=True)
def all_finite():
    """Whatever a network computes is a number: pictures of bytes would hide it."""
    faults = []

    def look(module, inputs, output):
        if isinstance(output, torch.Tensor) and not torch.isfinite(output).all():
            faults.append(type(module).__name__)

    hook = torch.nn.modules.module.register_module_forward_hook(look)
    yield
    hook.remove()
    assert not faults


def tone(seconds: float, rate: int = 16_000) -> np.ndarray:
    return (0.3 * np.sin(2 * np.pi * 220 * np.arange(round(seconds * rate)) / rate)).astype(np.float32)


def film(width: int, height: int, count: int) -> list[np.ndarray]:
    return [scene(width, height, [(60 + 2 * i, 30, 140 + 2 * i, 120)]) for i in range(count)]


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> Path:
    """Everything a user might give."""
    folder = tmp_path_factory.mktemp("files")
    face = scene(400, 300, [(150, 60, 250, 180)])[..., ::-1]
    alpha = np.where((face == face[0, 0]).all(axis=2, keepdims=True), 0, 255).astype(np.uint8)
    pictures = {
        "face.png": face,
        "two.png": scene(500, 300, [(40, 60, 140, 180), (300, 90, 390, 200)]),
        "transparent.png": np.concatenate([face, alpha], axis=2),
        "small.png": scene(90, 90, [(15, 12, 75, 82)]),
        "empty.png": scene(400, 300, []),
    }
    for name, picture in pictures.items():
        cv2.imwrite(str(folder / name), picture)
    (folder / "torn.png").write_bytes((folder / "face.png").read_bytes()[:100])
    write_wav(folder / "tone.wav", tone(0.6), 16_000)
    write_wav(folder / "short.wav", tone(0.3), 16_000)
    write_wav(folder / "click.wav", tone(0.01), 16_000)
    write_wav(folder / "silence.wav", np.zeros(8000, np.float32), 16_000)
    write_wav(folder / "long.wav", np.zeros(61 * 8000, np.float32), 8000)
    left, right = tone(0.4, 44_100), -0.5 * tone(0.4, 44_100)
    with wave.open(str(folder / "stereo.wav"), "wb") as stream:
        stream.setparams((2, 2, 44_100, 0, "NONE", ""))
        stream.writeframes((np.stack([left, right], axis=1) * 32767).astype("<i2").tobytes())
    write_media(folder / "driving.mp4", film(200, 160, 12), fps=30.0)
    lost = [scene(200, 160, []) if 6 <= index < 9 else frame for index, frame in enumerate(film(200, 160, 12))]
    write_media(folder / "lost.mp4", lost, fps=25.0)
    write_media(folder / "frame.mp4", film(200, 160, 1), fps=25.0)
    write_media(folder / "blink.mp4", film(200, 160, 1), fps=120.0)
    # AAC comes in pieces of 1024 samples
    write_media(folder / "outlasting.mp4", film(200, 160, 8), fps=25.0, audio=tone(0.832), sample_rate=16_000)
    write_media(folder / "nobody.mp4", [scene(200, 160, [])] * 10, fps=25.0)
    (folder / "noise.bin").write_bytes(b"not a sound at all" * 9)
    return folder


USABLE = {
    "one picture, one sound": ({}, 15),
    "two faces": ({"identity": "two.png"}, 15),
    "0.3 s of sound": ({"audio": "short.wav"}, 8),
    "0.01 s of sound": ({"audio": "click.wav"}, 1),
    "stereo at 44.1 kHz": ({"audio": "stereo.wav"}, 10),
    "four channels": ({"identity": "transparent.png"}, 15),
    "90x90": ({"identity": "small.png"}, 15),
    "sound longer than the driving video": ({"driving": "driving.mp4"}, 15),
    "sound shorter than the driving video": ({"driving": "driving.mp4", "audio": "short.wav"}, 8),
    "a video whose sound outlasts its picture": ({"driving": "outlasting.mp4", "audio": "outlasting.mp4"}, 21),
    "a face that is lost for a while": ({"driving": "lost.mp4"}, 15),
    "a driving video of one frame": ({"driving": "frame.mp4"}, 15),
    "silence": ({"audio": "silence.wav"}, 12),
}


def asked(folder: Path, models: Path, output: Path, method: str, **changes: str) -> OwnFiles:
    names = {"identity": "face.png", "audio": "tone.wav", "driving": None} | changes
    paths = {key: name and folder / name for key, name in names.items()}
    return OwnFiles(method=method, output=output, models=models, seed=3, **paths)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("case", USABLE)
def test_usable_files_give_a_video_as_long_as_the_sound(green, files, models, tmp_path, method, case):
    changes, count = USABLE[case]
    wanted = asked(files, models, tmp_path / "film.mp4", method, **changes)
    make_video(wanted)
    info = probe(wanted.output)
    assert (info.width, info.height, info.fps, info.has_audio) == (256, 256, 25.0, True)
    assert len(read_clip(wanted.output)) == count
    assert [path.name for path in tmp_path.iterdir()] == ["film.mp4"]


UNUSABLE = {
    "no face": ({"identity": "empty.png"}, "empty.png: no face found"),
    "no sound track": ({"audio": "nobody.mp4"}, "nobody.mp4: cannot be heard: no audio track"),
    "unreadable picture": ({"identity": "noise.bin"}, "noise.bin: not a readable picture"),
    "torn picture": ({"identity": "torn.png"}, "torn.png: not a readable picture"),
    "unreadable sound": ({"audio": "noise.bin"}, "noise.bin: cannot be heard"),
    "too long": ({"audio": "long.wav"}, "long.wav: lasts 61 s"),
    "absent": ({"audio": "gone.wav"}, "gone.wav: no such sound file"),
    "driving absent": ({"driving": "gone.mp4"}, "gone.mp4: no such driving video"),
}
UNUSABLE_DRIVING = {
    "no face in the driving video": ({"driving": "nobody.mp4"}, "nobody.mp4: cannot lead the head: no face"),
    "a driving video of less than a frame": ({"driving": "blink.mp4"}, "blink.mp4: cannot lead the head: too short"),
    "a sound as driving video": ({"driving": "tone.wav"}, "tone.wav: cannot lead the head: no video stream"),
}
REFUSED = [(method, *case) for method in METHODS for case in UNUSABLE.values()]
REFUSED += [(method, *case) for method in own_files.DRIVEN for case in UNUSABLE_DRIVING.values()]


def command(wanted: OwnFiles) -> list[str]:
    words = ["speak", "baseline", wanted.method, "--identity", wanted.identity, "--audio", wanted.audio]
    words += ["--out", wanted.output, "--models", wanted.models, "--seed", wanted.seed]
    return [str(word) for word in words + (["--driving", wanted.driving] if wanted.driving else [])]


@pytest.mark.parametrize(("method", "changes", "words"), REFUSED)
def test_what_cannot_be_used_is_one_line(green, files, models, tmp_path, monkeypatch, capsys, method, changes, words):
    wanted = asked(files, models, tmp_path / "out" / "film.mp4", method, **changes)
    monkeypatch.setattr(sys, "argv", command(wanted))
    with pytest.raises(SystemExit) as end:
        cli.main()
    assert end.value.code == 2
    error = capsys.readouterr().err.strip()
    assert error.startswith(f"speak: {files}/{words}") and "\n" not in error
    assert list(tmp_path.iterdir()) == []


def test_the_command_makes_a_video_that_says_what_made_it(green, files, models, tmp_path, monkeypatch, capsys):
    wanted = asked(files, models, tmp_path / "film.mp4", "wav2lip", driving="driving.mp4")
    monkeypatch.setattr(sys, "argv", command(wanted))
    with pytest.raises(SystemExit) as end:
        cli.main()
    told = capsys.readouterr()
    assert end.value.code == 0 and told.out.strip() == str(wanted.output)
    assert told.err.strip() == f"note: {files}/driving.mp4: not used: Wav2Lip does not move the head"
    with av.open(str(wanted.output)) as container:
        comment = container.metadata["comment"]
    assert "not a recording" in comment and "by Wav2Lip" in comment
    assert BASELINES["wav2lip"].load(models, 3).fingerprint in comment
    heard, said = read_audio(wanted.output)[1000:9000], tone(0.6)[1000:9000]
    assert np.corrcoef(heard, said)[0, 1] > 0.99


@pytest.mark.parametrize("method", own_files.DRIVEN)
def test_the_driving_video_leads(green, files, models, tmp_path, method):
    """What the method is given comes from the video where there is one, else from the picture."""
    led = own_files.own_request(asked(files, models, tmp_path / "a.mp4", method, driving="driving.mp4"), tone(0.6))
    still = own_files.own_request(asked(files, models, tmp_path / "a.mp4", method), tone(0.6))
    assert len(led.reference_frames) == 10 and led.num_frames == 15, "12 frames of 30 a second are 10 of 25"
    assert led.reference_landmarks[-1, 1, 0] - led.reference_landmarks[0, 1, 0] > 5
    np.testing.assert_array_equal(still.reference_frames[0], still.identity_frame)


def test_mistakes_without_a_file(files, models, tmp_path, monkeypatch):
    with pytest.raises(UserError, match="no baseline 'speak'; known baselines are atvg, eamm, pc_avs, wav2lip"):
        make_video(asked(files, models, tmp_path / "film.mp4", "speak"))
    with pytest.raises(UserError, match=r"film\.avi: the video is written as \.mp4"):
        make_video(asked(files, models, tmp_path / "film.avi", "atvg"))
    with pytest.raises(UserError, match=r"baselines/atvg/3/checkpoint\.pt: no such checkpoint"):
        make_video(asked(files, tmp_path, tmp_path / "film.mp4", "atvg"))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match="--models"):
        cli.baseline("atvg", files / "face.png", files / "tone.wav", tmp_path / "film.mp4")


@pytest.mark.parametrize("method", METHODS)
def test_real_files(realdata, models, tmp_path, method):
    """A portrait shrunk to 90x90, speech at 44.1 kHz, another person's video."""
    try:
        asset("face_landmarker")
    except UserError as error:
        pytest.skip(f"the landmarker's model cannot be had: {error}")
    picture = cv2.imread(str(realdata / "pairs" / "echomimic_a.png"))
    cv2.imwrite(str(tmp_path / "small.png"), cv2.resize(picture, (90, 90), interpolation=cv2.INTER_AREA))
    sound = read_audio(realdata / "pairs" / "echomimic_en.wav", 44_100)[44_100:][: int(0.8 * 44_100)]
    write_wav(tmp_path / "speech.wav", sound, 44_100)
    driving = realdata / "mead_crops256" / "M030_front_happy_level3_001.mp4"
    wanted = asked(tmp_path, models, tmp_path / "film.mp4", method, identity="small.png", audio="speech.wav")
    wanted = OwnFiles(**vars(wanted) | {"driving": driving})
    make_video(wanted)
    assert len(read_clip(wanted.output)) == 20
