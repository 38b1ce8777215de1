"""A baseline on a user's own files: one picture and one sound become a video, as ``speak generate`` does with SPEAK.

The video has 25 frames a second, at which all four baselines work. Where the driving video is shorter than the sound,
each repeats it in its authors' way. A method makes all frames before the first is written, so the sound's length has a
limit.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.methods.baselines import BASELINES
from benchmarks.methods.frame_rate import NATIVE_FPS
from benchmarks.protocol import Request
from speak.assets import asset
from speak.errors import UserError
from speak.faces.landmarker import Landmarker
from speak.inference.driving import CUT, LONGEST_S, read_driving
from speak.inference.label import tags
from speak.inference.portrait import portrait
from speak.inference.talk import SOUND_RATE, SPEECH_RATE, check_paths, read_sound
from speak.media.audio import resample
from speak.media.writing import write_media

DRIVEN = ("eamm", "pc_avs")
"""Those that look at the driving video."""


@dataclass(frozen=True, kw_only=True)
class OwnFiles:
    """What the user asks for.

    Attributes:
        method: key of ``BASELINES``.
        identity: picture file. audio: sound file. output: an ``.mp4`` file.
        driving: video that leads the head, and with EAMM the emotion; None: the picture does.
        models: holds ``baselines/<method>/<seed>/checkpoint.pt``. seed: which of them.
    """

    method: str
    identity: Path
    audio: Path
    output: Path
    driving: Path | None
    models: Path
    seed: int


def make_video(files: OwnFiles) -> list[str]:
    """Make the video.

    Args:
        files: see ``OwnFiles``.

    Returns:
        notes for the user: what was asked for and not used.

    Raises:
        UserError: what is wrong, in which file, and what to do.
    """
    check(files)
    sound = read_sound(files.audio)
    if len(sound) > LONGEST_S * SOUND_RATE:
        raise UserError(f"{files.audio}: lasts {len(sound) / SOUND_RATE:.0f} s, {LONGEST_S:.0f} s can be made; cut it")
    method = BASELINES[files.method].load(files.models, files.seed)
    frames = method.generate(own_request(files, resample(sound, SOUND_RATE, SPEECH_RATE)))
    write_media(
        files.output,
        frames,
        fps=NATIVE_FPS,
        audio=sound,
        sample_rate=SOUND_RATE,
        tags=tags(method.fingerprint, method.label),
    )
    if files.driving is None or files.method in DRIVEN:
        return []
    return [f"{files.driving}: not used: {method.label} does not move the head"]


def check(files: OwnFiles) -> None:
    """Everything that can be found out without opening a file. Raises UserError."""
    if files.method not in BASELINES:
        raise UserError(f"no baseline {files.method!r}; known baselines are {', '.join(BASELINES)}")
    inputs = {"picture": files.identity, "sound file": files.audio, "driving video": files.driving}
    check_paths(files.output, inputs)


def own_request(files: OwnFiles, audio: np.ndarray) -> Request:
    """What the method is asked for; errors name the picture.

    Args:
        files: see ``OwnFiles``.
        audio: (S,) float32, 16 kHz.

    Raises:
        UserError: no face in the picture or in the driving video.
    """
    num_frames = max(1, round(len(audio) / SPEECH_RATE * NATIVE_FPS))
    with Landmarker(asset("face_landmarker")) as landmarker:
        who = portrait(files.identity, landmarker, CUT.search, CUT.crop, CUT.size)
        frames, landmarks = who.frame[None], who.landmarks[None]
        if files.driving is not None and files.method in DRIVEN:
            needed_s = num_frames / NATIVE_FPS
            frames, landmarks = read_driving(files.driving, "head", landmarker, fps=NATIVE_FPS, longest_s=needed_s)
    return Request(
        clip_id=str(files.identity),
        identity_frame=who.frame,
        identity_landmarks=who.landmarks,
        audio=audio,
        num_frames=num_frames,
        fps=NATIVE_FPS,
        reference_frames=frames,
        reference_landmarks=landmarks,
    )
