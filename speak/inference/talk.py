"""One picture and one sound become a video file: the whole of ``speak generate``.

Cheap checks come first, so that a mistake costs seconds: names, then the sound, then the model, then faces. Frames are
made and encoded one after another; a long sound needs no more memory than its driving clips.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np

from speak.assets import asset
from speak.data.clip import EMOTIONS
from speak.errors import UserError
from speak.faces.landmarker import Landmarker
from speak.inference.driving import CUT, LONGEST_S, read_driving
from speak.inference.fit import FITS, Played
from speak.inference.label import tags
from speak.inference.portrait import portrait
from speak.media.audio import read_audio, resample
from speak.media.errors import MediaError
from speak.media.video import probe
from speak.media.writing import write_media

SOUND_RATE = 48_000
"""Of the sound in the video, in Hz."""
SPEECH_RATE = 16_000
"""Of what the networks hear."""
NEUTRAL = "neutral"


@dataclass(frozen=True, kw_only=True)
class TalkRequest:
    """What the user asks for.

    Attributes:
        identity: picture file. audio: sound file. output: an ``.mp4`` file.
        pose: video file or None (the identity's own pose).
        emotion: video file, name of an emotion, or None (neutral); ``level`` 1 to 3 goes with a name.
        fit: how driving videos are brought to the sound's length, key of ``FITS``.
        size: side of the video in pixels. fps: its rate.
        checkpoint: trained SPEAK.
    """

    identity: Path
    audio: Path
    output: Path
    pose: Path | None
    emotion: str | None
    level: int
    fit: str
    size: int
    fps: float
    checkpoint: Path


class Speaker(Protocol):
    """What is needed of a talker (``speak.inference.talker.Talker``).

    Attributes:
        fingerprint: of its checkpoint.
    """

    fingerprint: str

    def stream(
        self,
        identity_frame: np.ndarray,
        identity_landmarks: np.ndarray,
        audio: np.ndarray,
        num_frames: int,
        fps: float,
        pose: Any,
        emotion: Any,
    ) -> Iterator[np.ndarray]:
        """Yield the frames that ``generate`` returns, bit for bit, a chunk's worth in memory at a time."""

    def driving(self, frames: Any, landmarks: np.ndarray) -> Any:
        """What ``stream`` takes as pose or emotion, from frames (T, 256, 256, 3) and landmarks (T, 478, 3)."""

    def named_emotion(self, name: str, level: int) -> Any:
        """What ``stream`` takes as emotion, from training. Raises UserError when the checkpoint has none."""


def load_talker(path: Path) -> Speaker:
    """The talker of a checkpoint. Raises UserError when it is missing or unfit."""
    from speak.inference.talker import Talker  # only now: it brings every network with it

    return Talker(path)


def talk(request: TalkRequest, load: Callable[[Path], Speaker] = load_talker) -> list[str]:
    """Make the video.

    Args:
        request: see ``TalkRequest``.
        load: makes the talker from the checkpoint.

    Returns:
        notes for the user: what was asked for and only partly used.

    Raises:
        UserError: what is wrong, in which file, and what to do.
    """
    check(request)
    sound = read_sound(request.audio)
    count = max(1, round(len(sound) / SOUND_RATE * request.fps))
    talker = load(request.checkpoint)
    with Landmarker(asset("face_landmarker")) as landmarker:
        who = portrait(request.identity, landmarker, CUT.search, CUT.crop, CUT.size)
        pose = _driving(request.pose, "pose", request, talker, count, landmarker)
        emotion = _emotion(request, talker, count, landmarker)
    frames = talker.stream(
        who.frame, who.landmarks, resample(sound, SOUND_RATE, SPEECH_RATE), count, request.fps, pose, emotion
    )
    write_media(
        request.output,
        sized(frames, request.size),
        fps=request.fps,
        audio=sound,
        sample_rate=SOUND_RATE,
        tags=tags(talker.fingerprint),
    )
    return notes(request)


def check(request: TalkRequest) -> None:
    """Everything that can be found out without opening a file. Raises UserError."""
    inputs = {"picture": request.identity, "sound file": request.audio, "pose video": request.pose}
    check_paths(request.output, inputs)
    if request.size % 2:
        raise UserError(f"--size {request.size}: video needs an even number of pixels")
    if request.emotion and request.emotion not in EMOTIONS and not Path(request.emotion).is_file():
        raise UserError(
            f"--emotion {request.emotion}: neither a video file nor an emotion; the emotions are {', '.join(EMOTIONS)}"
        )


def check_paths(output: Path, inputs: Mapping[str, Path | None]) -> None:
    """Whether the video has a name that fits and each input file (by what it is) is there. Raises UserError."""
    if output.suffix != ".mp4":
        raise UserError(f"{output}: the video is written as .mp4; name it so")
    for what, path in inputs.items():
        if path is not None and not path.is_file():
            raise UserError(f"{path}: no such {what}")


def read_sound(path: Path) -> np.ndarray:
    """(S,) float32 at ``SOUND_RATE``. Raises UserError when there is none."""
    try:
        return read_audio(path, SOUND_RATE)
    except MediaError as error:
        raise UserError(f"{path}: cannot be heard: {error}") from error


def sized(frames: Iterator[np.ndarray], size: int) -> Iterator[np.ndarray]:
    """Each (H, W, 3) uint8 frame as (size, size, 3)."""
    for frame in frames:
        if frame.shape[0] == size:
            yield frame
        else:
            way = cv2.INTER_AREA if frame.shape[0] > size else cv2.INTER_CUBIC
            yield cv2.resize(frame, (size, size), interpolation=way)


def notes(request: TalkRequest) -> list[str]:
    """Driving videos of which only the beginning was used."""
    videos = {request.pose, Path(request.emotion) if request.emotion else None} - {None}
    long = sorted(path for path in videos if path.is_file() and probe(path).duration_s > LONGEST_S)
    return [f"{path}: only its first {LONGEST_S:.0f} s lead the video" for path in long]


def _driving(
    path: Path | None, role: str, request: TalkRequest, talker: Speaker, count: int, landmarker: Landmarker
) -> Any:
    if path is None:
        return None
    needed_s = count / request.fps if request.fit == "loop" else LONGEST_S
    frames, landmarks = read_driving(path, role, landmarker, fps=request.fps, longest_s=needed_s)
    index = FITS[request.fit](len(frames), count)
    return talker.driving(Played(frames, index), landmarks[index])


def _emotion(request: TalkRequest, talker: Speaker, count: int, landmarker: Landmarker) -> Any:
    """Neutral where nothing is asked for; the identity's own expression where the model knows no neutral."""
    if request.emotion is None:
        try:
            return talker.named_emotion(NEUTRAL, 1)
        except UserError:
            return None
    if request.emotion in EMOTIONS:
        return talker.named_emotion(request.emotion, request.level)
    return _driving(Path(request.emotion), "emotion", request, talker, count, landmarker)
