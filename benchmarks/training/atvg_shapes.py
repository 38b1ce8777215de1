"""The landmarks that ATVG is trained with, and the arrays that take the place of its authors'.

Laid on one shape by Procrustes analysis (rotation, scale and position in the picture plane taken out), a frame's 68
points still tell whose face it is; so the clip's last frame is subtracted and one shape, the same for everybody, added,
as the authors' code does. What is left tells how a face has moved since the clip's last frame.

The authors publish theirs, made of LRW. Here the training clips make them: the one shape is the mean of their last
frames, of norm 1; mean and basis are those of a principal component analysis of their landmarks; the aligned face is
the one shape, as large as the authors' and where theirs is. Left out: their projection on 100 of 132 dimensions, and a
constant that closes the one shape's mouth.
"""

from collections.abc import Sequence

import numpy as np

from benchmarks.methods.atvg import ALIGNED, SCALE, AtvgArrays, aligned, alignment
from benchmarks.methods.atvg_network import COEFFICIENTS
from speak.data.places import Place
from speak.data.pool import Cut
from speak.errors import UserError
from speak.faces.mouth_view import fill_missing
from speak.faces.points68 import BROWS, EYES, JAW, NOSE, points68

CENTRE, SPREAD = np.array([60.0, 52.0]), 25.0
"""Mean of the aligned face's points 27 to 44 and their mean square distance's root from it, the authors', in pixels."""

FIRST_EYE = len(JAW) + len(BROWS) + len(NOSE)
CLIPS, FRAMES = 1000, 32
"""At most so many clips make the arrays, by so many frames each, spread over the clip."""

ROUNDS = 5
"""Of laying shapes on their mean; it stands still after two or three."""


class Shapes:
    """What clips show, as ATVG sees it.

    Args:
        arrays: landmarks are laid on their ``identity``, faces on their ``template``.
    """

    def __init__(self, arrays: AtvgArrays):
        self.arrays = arrays

    def landmarks(self, cut: Cut) -> np.ndarray:
        """Of all frames of the clip, (T, 136), x and y in turn, times 5."""
        return moved_since_last(points68(cut.landmarks), self.arrays.identity)

    def coefficients(self, cut: Cut) -> np.ndarray:
        """The same in (T, 6) coefficients."""
        return (self.landmarks(cut) - self.arrays.mean) @ self.arrays.basis

    def faces(self, cut: Cut) -> np.ndarray:
        """The kept frames, aligned: (n, 128, 128, 3) uint8 RGB."""
        pairs = zip(cut.frames, cut.landmarks[cut.numbers], strict=True)
        return np.stack([aligned(frame, alignment(points, self.arrays.template)) for frame, points in pairs])


def arrays_of(places: Sequence[Place], seed: int) -> AtvgArrays:
    """Make the arrays of clips.

    Args:
        places: the training clips; of more than ``CLIPS``, some by chance.
        seed: of the chance.

    Raises:
        UserError: a clip shows no face.
    """
    chosen = np.random.default_rng(seed).permutation(len(places))[:CLIPS]
    clips = [_some_points(places[index]) for index in np.sort(chosen)]
    identity = mean_shape(np.stack([points[-1] for points in clips]))
    landmarks = np.concatenate([moved_since_last(points, identity) for points in clips])
    mean = landmarks.mean(axis=0)
    return AtvgArrays(mean=mean, basis=components(landmarks - mean), template=on_template(identity), identity=identity)


def laid_on(shapes: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Each shape, turned, scaled and moved to be nearest to a target.

    Args:
        shapes: (N, 68, 2).
        target: (68, 2), centred on 0.

    Returns:
        (N, 68, 2). In the complex plane z becomes a z, where a = Σ conj(z) w / Σ |z|², without its mean.
    """
    z, w = (points @ np.array([1, 1j]) for points in (shapes, target))
    z = z - z.mean(axis=1, keepdims=True)
    made = z * ((z.conj() @ w) / (np.abs(z) ** 2).sum(axis=1))[:, None]
    return np.stack([made.real, made.imag], axis=-1)


def moved_since_last(points: np.ndarray, identity: np.ndarray) -> np.ndarray:
    """Landmarks of a clip.

    Args:
        points: (T, 68, 2) pixels.
        identity: (68, 2), what the last frame becomes; centred on 0, of norm 1.

    Returns:
        (T, 136), x and y in turn, times 5.
    """
    shapes = laid_on(points, identity)
    return (identity + shapes - shapes[-1]).reshape(len(points), -1) * SCALE


def mean_shape(shapes: np.ndarray) -> np.ndarray:
    """The mean of (N, 68, 2) shapes laid on itself: (68, 2), centred on 0, of norm 1, with level eyes."""
    mean = _standard(shapes[0])
    for _ in range(ROUNDS):
        mean = _standard(laid_on(shapes, mean).mean(axis=0))
    half = len(EYES) // 2
    right, left = (mean[FIRST_EYE + first :][:half].mean(axis=0) for first in (0, half))
    cosine, sine = (left - right) / np.linalg.norm(left - right)
    return mean @ np.array([[cosine, -sine], [sine, cosine]])


def components(centred: np.ndarray) -> np.ndarray:
    """The six orthonormal directions in which (N, 136) centred landmarks differ most: (136, 6), largest first.

    The sign, which analysis leaves open, is that which makes the largest element positive.
    """
    _, vectors = np.linalg.eigh(centred.T @ centred)
    basis = vectors[:, ::-1][:, :COEFFICIENTS]
    largest = np.abs(basis).argmax(axis=0)
    return np.ascontiguousarray(basis * np.sign(basis[largest, np.arange(COEFFICIENTS)]))


def on_template(identity: np.ndarray) -> np.ndarray:
    """A level (68, 2) shape in pixels of the aligned face, upright, as large and where the authors' is."""
    used = identity[ALIGNED]
    spread = np.sqrt(((used - used.mean(axis=0)) ** 2).sum(axis=1).mean())
    return (identity - used.mean(axis=0)) * (SPREAD / spread) + CENTRE


def _some_points(place: Place) -> np.ndarray:
    """(at most FRAMES, 68, 2) pixels, spread over a clip, the last frame among them."""
    try:
        landmarks = fill_missing(place.read(["landmarks"])["landmarks"])
    except ValueError as error:
        raise UserError(f"{place.clip_id}: cannot be trained on: {error}; preprocess it again") from error
    numbers = np.unique(np.linspace(0, len(landmarks) - 1, FRAMES).round().astype(int))
    return points68(landmarks[numbers])


def _standard(shape: np.ndarray) -> np.ndarray:
    centred = shape - shape.mean(axis=0)
    return centred / np.linalg.norm(centred)
