"""What EAMM is trained on: aligned pictures, sound windows and head poses of the training clips."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from torch import Tensor

from benchmarks.methods import eamm_pictures, speech_cepstra
from benchmarks.methods.eamm_pictures import PHOTO_POINTS, SIZE, Disturbance
from benchmarks.methods.eamm_pose import BETA, head_poses
from benchmarks.methods.one_euro import one_euro
from benchmarks.methods.plane_similarity import inverse, moved, similarity
from benchmarks.training.clips import Clips, window
from speak.data.clip import EMOTIONS
from speak.data.places import Place
from speak.data.pool import Cut
from speak.errors import UserError
from speak.faces.mouth_view import fill_missing
from speak.faces.points68 import points68
from speak.media.video import read_some

FRAMES = 16
NEUTRAL = EMOTIONS.index("neutral")
EMOTION_CUTOFF_HZ = 0.01
"""Of the one-euro filter over the poses of the emotional clips; those of part 1 are not filtered."""
TEMPLATE_CLIPS = 200
"""The mean face is that of so many training clips at most."""
SEEDS = 2**32


@dataclass(frozen=True)
class Pairs:
    """Two moments of each clip, (B, 3, 256, 256) uint8 RGB."""

    source: Tensor
    driving: Tensor


@dataclass(frozen=True)
class Spoken:
    """Sixteen frames with what is known about them; pictures of F of them.

    Attributes:
        photo: (B, 3, 256, 256) uint8 RGB.
        shown: which frames.
        frames: (B, F, 3, 256, 256) uint8.
        sound: (B, 16, 28, 12).
        poses: (B, 16, 6).
        emotion: (B, F, 3, 256, 256) uint8, the frames disturbed as in ``eamm_pictures``; None where unused.
    """

    photo: Tensor
    shown: slice
    frames: Tensor
    sound: Tensor
    poses: Tensor
    emotion: Tensor | None


def mean_face(places: Sequence[Place]) -> np.ndarray:
    """The template of photos: mean of the clips' 68 points, each laid on the plain mean by a similarity; (68, 2)."""
    chosen = np.unique(np.linspace(0, len(places) - 1, TEMPLATE_CLIPS).round().astype(int))
    points = np.stack([points68(_landmarks(places[index])).mean(axis=0) for index in chosen])
    plain = points.mean(axis=0)
    laid = [moved(own, similarity(own[PHOTO_POINTS], plain[PHOTO_POINTS])) for own in points]
    return np.mean(laid, axis=0)


def neutral_photos(places: Sequence[Place], template: np.ndarray) -> dict[str, np.ndarray]:
    """By person, the first frame of the first neutral clip: (256, 256, 3) uint8, aligned."""
    first: dict[str, Place] = {}
    for place in places:
        if place.emotion == NEUTRAL:
            first.setdefault(place.person, place)
    return {person: _photo(place, template) for person, place in first.items()}


def pairs(clips: Clips, count: int, template: np.ndarray, rng: np.random.Generator) -> Pairs:
    """Random pairs, half of them mirrored."""
    drawn = []
    for cut in clips.cuts(count, rng):
        both = aligned(cut.pictures(rng.choice(cut.moments, 2, replace=False)), alignment(cut, template))
        drawn.append(both[:, :, ::-1] if rng.random() < 0.5 else both)
    source, driving = np.stack(drawn, axis=1)
    return Pairs(channels_first(source), channels_first(driving))


def spoken(clips: Clips, cuts: Sequence[Cut], template: np.ndarray, shown: slice, rng: np.random.Generator) -> Spoken:
    """A random stretch of each clip; the frame before it is its photo."""
    samples = []
    for cut in cuts:
        numbers, matrix = window(cut, FRAMES + 1, rng), alignment(cut, template)
        photo, *frames = aligned(cut.pictures(numbers[[0, *range(1, FRAMES + 1)[shown]]]), matrix)
        poses = head_poses(cut.landmarks[numbers[1:]], inverse(matrix))
        samples.append((photo, np.stack(frames), heard(clips, cut, numbers[1:]), poses))
    return _batch(samples, shown)


def emotional(
    clips: Clips,
    cuts: Sequence[Cut],
    photos: dict[str, np.ndarray],
    track: "PoseTrack",
    shown: slice,
    rng: np.random.Generator,
) -> Spoken:
    """The same with the emotional clip, its filtered poses, and its person's neutral photo where there is one."""
    samples = []
    for cut in cuts:
        numbers, matrix = window(cut, FRAMES + 1, rng), alignment(cut, track.template)
        before, *frames = aligned(cut.pictures(numbers[[0, *range(1, FRAMES + 1)[shown]]]), matrix)
        numbers = numbers[1:]
        poses = clips.of(cut, track.poses)[numbers]
        photo = photos.get(cut.place.person, before)
        feeling = emotion(cut, numbers[shown], rng)
        samples.append((photo, np.stack(frames), heard(clips, cut, numbers), poses, feeling))
    return _batch(samples, shown)


@dataclass(frozen=True, eq=False)
class PoseTrack:
    """The head's track as an emotional clip is shown with: filtered from the clip's first frame on."""

    template: np.ndarray

    def poses(self, cut: Cut) -> np.ndarray:
        """Of all frames of the clip: (T, 6)."""
        measured = head_poses(cut.landmarks, inverse(alignment(cut, self.template)))
        return one_euro(measured, EMOTION_CUTOFF_HZ, BETA)


def emotion(cut: Cut, numbers: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The frames as the displacements' network is shown them: (T, 256, 256, 3) uint8."""
    frames = eamm_pictures.align_emotion(cut.pictures(numbers), cut.landmarks[numbers])
    return (eamm_pictures.disturb(frames, Disturbance(seed=int(rng.integers(SEEDS)))) * 255).round().astype(np.uint8)


def alignment(cut: Cut, template: np.ndarray) -> np.ndarray:
    """From aligned pixels to the clip's frames, one for the whole clip: its mean face on the template, (2, 3)."""
    return eamm_pictures.photo_alignment(cut.landmarks.mean(axis=0), template)


def aligned(frames: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """(T, H, W, 3) uint8 to (T, 256, 256, 3) uint8."""
    options = {"flags": cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP}
    return np.stack([cv2.warpAffine(frame, matrix, (SIZE, SIZE), **options) for frame in frames])


def heard(clips: Clips, cut: Cut, numbers: np.ndarray) -> np.ndarray:
    """Windows of the sound at frames; where it ends before the picture, its last: (len(numbers), 28, 12)."""
    windows = clips.of(cut, sound)
    return windows[np.minimum(numbers, len(windows) - 1)]


def sound(cut: Cut) -> np.ndarray:
    """All windows of the clip."""
    return speech_cepstra.windows(cut.audio)


def channels_first(pictures: np.ndarray) -> Tensor:
    """(..., H, W, 3) to (..., 3, H, W), of the same type."""
    return torch.from_numpy(np.ascontiguousarray(np.moveaxis(pictures, -1, -3)))


def _landmarks(place: Place) -> np.ndarray:
    """(T, 478, 3), no NaN. Raises UserError where no frame has a face."""
    try:
        return fill_missing(place.read(["landmarks"])["landmarks"])
    except ValueError as error:
        raise UserError(f"{place.clip_id}: cannot be trained on: {error}; preprocess it again") from error


def _photo(place: Place, template: np.ndarray) -> np.ndarray:
    matrix = eamm_pictures.photo_alignment(_landmarks(place)[0], template)
    return aligned(read_some(place.read(["video"])["video"], np.array([0])), matrix)[0]


def _batch(samples: list[tuple[np.ndarray, ...]], shown: slice) -> Spoken:
    photo, frames, windows, poses, *feeling = (np.stack(part) for part in zip(*samples, strict=True))
    numbers = (torch.from_numpy(part.astype(np.float32)) for part in (windows, poses))
    pictures = [channels_first(part) for part in (photo, frames, *feeling)]
    return Spoken(pictures[0], shown, pictures[1], *numbers, pictures[2] if feeling else None)
