"""A flash and a beep at one moment of a file meet again in the clip, whatever the rate, the container and its offsets.

What the source says is known by construction (the stamps are written by the test); what the clip says is read from its
pixels and samples alone.
"""

import dataclasses
import re
import struct
from pathlib import Path

import numpy as np
import pytest
from green_faces import GreenFinder
from made_videos import CONFIG, SOUND_RATE, face, item_of, write_timed

from speak.data.clip import Clip
from speak.media.audio import decode_flac
from speak.media.video import read_clip
from speak.preprocess import process

LENGTH_S, SHIFT_S = 4.0, 0.08
FLASHES_S = (0.71, 1.27, 1.94, 2.48, 3.13)
FLASH_S = 0.1
HALF_FRAME_S = 0.5 / 30
STAMP_S = 0.002
"""Stamps rounded to milliseconds (Matroska, FLV), and the sharpness of a coded beep's edge."""

WIDE = dataclasses.replace(CONFIG, crop=dataclasses.replace(CONFIG.crop, enlarge=0.4))
"""Wide enough to show the flash beside the face."""

RATES = {"23.976": 24_000 / 1001, "25": 25.0, "29.97": 30_000 / 1001, "30": 30.0, "50": 50.0, "60": 60.0}
CONTAINERS = {
    "mp4": (".mp4", ("libx264", "aac"), 0),
    "mp4 with B-frames": (".mp4", ("libx264", "aac"), 3),
    "mov": (".mov", ("libx264", "pcm_s16le"), 0),
    "mkv": (".mkv", ("libx264", "libmp3lame"), 2),
    "webm": (".webm", ("libvpx", "libopus"), 0),
    "ts": (".ts", ("libx264", "aac"), 2),
}


def constant(fps: float) -> np.ndarray:
    return np.arange(int(LENGTH_S * fps)) / fps


def variable(seed: int) -> np.ndarray:
    """Steps of 10 to 70 ms, and one missing stretch of a fifth of a second."""
    times = np.cumsum(np.random.default_rng(seed).uniform(0.01, 0.07, 200))
    times = np.concatenate([[0.0], times[times < LENGTH_S]])
    return times[(times < 1.5) | (times > 1.7)]


def write(path: Path, times_s: np.ndarray, video_from_s: float, sound_from_s: float, **form) -> None:
    """Frames at ``video_from_s + times_s``; each beep begins with the first frame of its flash."""
    stamps = video_from_s + times_s
    frames, audio = [], np.random.default_rng(0).normal(0, 0.005, round((LENGTH_S + 0.2) * SOUND_RATE))
    lit = {f: stamps[(stamps >= f) & (stamps < f + FLASH_S)] for f in FLASHES_S}
    for stamp in stamps:
        frames.append(face(230 if any(stamp in flash for flash in lit.values()) else 90))
    tone = 0.8 * np.sin(2 * np.pi * 1000 * np.arange(round(0.06 * SOUND_RATE)) / SOUND_RATE)
    for flash in lit.values():
        at = round((flash[0] - sound_from_s) * SOUND_RATE)
        audio[at : at + len(tone)] += tone
    write_timed(path, frames, stamps, audio, sound_from_s=sound_from_s, **form)


def onsets(signal: np.ndarray, rate: float) -> np.ndarray:
    """Seconds at which (N,) bool becomes true after at least 0.2 s of false."""
    edges = np.flatnonzero(signal[1:] & ~signal[:-1]) + 1
    return np.array([edge / rate for edge in edges if not signal[max(0, edge - int(0.2 * rate)) : edge].any()])


def errors(root: Path, name: str, flashed: int = len(FLASHES_S), length_s: float = LENGTH_S) -> np.ndarray:
    """Seconds by which each flash of the clip is late against its beep; there must be ``flashed`` of both."""
    clip = process(item_of(name), root, WIDE, GreenFinder())
    assert isinstance(clip, Clip), clip
    assert clip.num_frames > 0.9 * length_s * 30  # a flash is no cut
    flashes = onsets(read_clip(clip.video)[:, -6:].mean(axis=(1, 2, 3)) > 160, 30)
    sound, rate = decode_flac(clip.audio)
    envelope = np.convolve(np.abs(sound), np.ones(16) / 16, mode="same")
    beeps = onsets(envelope > 0.25, rate)
    assert len(flashes) == len(beeps) == flashed
    return flashes - beeps


@pytest.mark.parametrize("offset_s", [-SHIFT_S, 0.0, SHIFT_S], ids=["sound first", "together", "picture first"])
@pytest.mark.parametrize("fps", RATES.values(), ids=RATES.keys())
def test_constant_rates(fps, offset_s, tmp_path):
    write(tmp_path / "a.mp4", constant(fps), max(0.0, -offset_s), max(0.0, offset_s), b_frames=2)
    late = errors(tmp_path, "a.mp4")
    assert np.abs(late).max() <= HALF_FRAME_S + STAMP_S


@pytest.mark.parametrize("offset_s", [-SHIFT_S, 0.0, SHIFT_S], ids=["sound first", "together", "picture first"])
@pytest.mark.parametrize("seed", [1, 2])
def test_variable_rates_and_missing_slots(seed, offset_s, tmp_path):
    write(tmp_path / "a.mp4", variable(seed), max(0.0, -offset_s), max(0.0, offset_s))
    assert np.abs(errors(tmp_path, "a.mp4")).max() <= HALF_FRAME_S + STAMP_S


@pytest.mark.parametrize("offset_s", [-SHIFT_S, SHIFT_S], ids=["sound first", "picture first"])
@pytest.mark.parametrize("form", CONTAINERS.values(), ids=CONTAINERS.keys())
def test_containers(form, offset_s, tmp_path):
    suffix, codecs, b_frames = form
    name = f"a{suffix}"
    times = (max(0.0, -offset_s), max(0.0, offset_s))
    write(tmp_path / name, constant(25.0), *times, codecs=codecs, b_frames=b_frames)
    assert np.abs(errors(tmp_path, name)).max() <= HALF_FRAME_S + STAMP_S


def trimmed(content: bytes, seconds: float) -> bytes:
    """Edit lists that begin later: what comes before stays in the file and must not be shown or heard."""
    (movie,) = [struct.unpack(">I", content[at + 16 : at + 20])[0] for at in places(content, b"mvhd")]
    scales = [struct.unpack(">I", content[at + 16 : at + 20])[0] for at in places(content, b"mdhd")]
    for scale, at in zip(scales, places(content, b"elst"), strict=True):
        assert content[at + 4 : at + 12] == bytes(7) + b"\1"  # version 0, one entry: duration, media time, rate
        lasts, begins = struct.unpack(">Ii", content[at + 12 : at + 20])
        entry = struct.pack(">Ii", lasts - round(seconds * movie), begins + round(seconds * scale))
        content = content[: at + 12] + entry + content[at + 20 :]
    return content


def places(content: bytes, box: bytes) -> list[int]:
    return [match.start() for match in re.finditer(re.escape(box), content)]


@pytest.mark.parametrize("seconds", [1.0, 0.6])  # FFmpeg moves an edit within a frame to that frame's beginning
def test_edit_lists_that_leave_out_the_beginning(seconds, tmp_path):
    write(tmp_path / "whole.mp4", constant(25.0), 0.0, 0.0, b_frames=2)
    (tmp_path / "a.mp4").write_bytes(trimmed((tmp_path / "whole.mp4").read_bytes(), seconds))
    shown = sum(flash > seconds for flash in FLASHES_S)
    assert np.abs(errors(tmp_path, "a.mp4", shown, LENGTH_S - seconds)).max() <= HALF_FRAME_S + STAMP_S


def test_no_rate_is_shifted_as_a_whole(tmp_path):
    """Repeating and dropping frames moves single pictures either way, but not all of them one way."""
    for fps in (25.0, 50.0):
        times = constant(fps)
        write(tmp_path / "a.mp4", times, 0.0, 0.0)
        assert abs(errors(tmp_path, "a.mp4").mean()) < HALF_FRAME_S
