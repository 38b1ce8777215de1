"""What a face's landmarks say about who it is, what it feels and where it looks, whatever network drew it.

Three instruments, fitted on training persons and independent of the networks they judge:

- pose: the rotation that carries a mean face onto the landmarks;
- emotion and identity: with that rotation taken out, the directions in which the landmarks differ most between
  emotions (or persons) for what they differ within one (Fisher's linear discriminants).

Only points that every set of parts predicts take part. No instrument is perfect, so each is also tried on real frames
of test persons, and its result stands in the report.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from speak.faces.landmarker import pose_angles
from speak.faces.mouth_shape import CHIN, INNER, OUTER
from speak.faces.rigid import STEADY, rigid_motions

BROWS = (70, 63, 105, 66, 107, 55, 65, 52, 53, 46, 336, 296, 334, 293, 300, 285, 295, 282, 283, 276)
LIDS = (159, 158, 160, 145, 144, 153, 386, 385, 387, 374, 373, 380)
CORNERS = (61, 291, 78, 308, 185, 409, 146, 375, 205, 425)
EXPRESSION = (*BROWS, *LIDS, *CORNERS)
CONTOUR = (10, 338, 297, 332, 284, 389, 356, 454, 323, 361, 288, 58, 132, 93, 234, 127, 162, 54, 103, 67, 109)
SHAPE = tuple(index for index in dict.fromkeys((*STEADY, *CONTOUR)) if index not in {*CHIN, *INNER, *OUTER})
FLIP = np.diag([1.0, -1.0, -1.0])
"""From the picture's axes (y down, z away) to those of head poses (y up, z towards the viewer)."""


@dataclass(frozen=True, kw_only=True)
class InstrumentConfig:
    """How instruments are fitted.

    Attributes:
        ridge: share of the mean variance added to the scatter within classes.
        directions: discriminants kept at most.
    """

    ridge: float
    directions: int


@dataclass(frozen=True, kw_only=True, eq=False)
class Faces:
    """Landmarks (F, 478, 3) in pixels of frames of one clip, with whose and what they are."""

    person: str
    emotion: str | None
    landmarks: np.ndarray


@dataclass(frozen=True, eq=False)
class Discriminant:
    """Fisher's discriminants: mean (D,), axes (D, K) with unit variance within classes, and each class's place (K,)."""

    mean: np.ndarray
    axes: np.ndarray
    places: dict[str, np.ndarray]

    def __call__(self, rows: np.ndarray) -> np.ndarray:
        """(..., D) to (..., K)."""
        return (rows - self.mean) @ self.axes

    def nearest(self, place: np.ndarray) -> str:
        """The class whose place is nearest to (K,)."""
        return min(self.places, key=lambda name: float(np.linalg.norm(self.places[name] - place)))


@dataclass(frozen=True, eq=False)
class Instruments:
    """The three instruments; make them with ``fit``. ``emotion`` is None where no training clip carries a label."""

    template: np.ndarray
    identity: Discriminant
    emotion: Discriminant | None

    @classmethod
    def fit(cls, faces: Sequence[Faces], config: InstrumentConfig) -> Self:
        """Fit on clips of training persons. Raises ValueError for fewer than two persons."""
        template = mean_face([clip.landmarks for clip in faces])
        still = [unposed(template, clip.landmarks) for clip in faces]
        labelled = [index for index, clip in enumerate(faces) if clip.emotion]
        emotion = None
        if len({faces[index].emotion for index in labelled}) > 1:
            rows = [features(still[index], EXPRESSION) for index in labelled]
            emotion = discriminant(rows, [faces[index].emotion for index in labelled], config)
        rows = [features(points, SHAPE) for points in still]
        return cls(template, discriminant(rows, [clip.person for clip in faces], config), emotion)

    def measure(self, landmarks: np.ndarray) -> dict[str, np.ndarray]:
        """What is seen in (F, 478, 3) landmarks; points that no instrument uses may be NaN.

        Returns:
            ``pose`` (F, 3) degrees: yaw, pitch, roll, relative to the mean face; ``identity`` and ``emotion`` (K,):
            the mean over frames.
        """
        still = unposed(self.template, landmarks)
        seen = {
            "identity": self.identity(features(still, SHAPE)).mean(axis=0),
            "pose": head_angles(self.template, landmarks),
        }
        if self.emotion is not None:
            seen["emotion"] = self.emotion(features(still, EXPRESSION)).mean(axis=0)
        return seen


def chosen_frames(landmarks: np.ndarray, count: int) -> np.ndarray:
    """Indices of ``count`` equally spaced frames among those with a face; fewer frames repeat.

    Raises:
        ValueError: no frame has a face.
    """
    found = np.flatnonzero(np.isfinite(landmarks).all(axis=(1, 2)))
    if len(found) == 0:
        raise ValueError("no face found in any frame")
    return found[np.linspace(0, len(found) - 1, count).round().astype(int)]


def mean_face(clips: Sequence[np.ndarray], rounds: int = 3) -> np.ndarray:
    """(478, 3): the mean of the clips' faces after laying each on the mean so far (generalised Procrustes)."""
    mean = clips[0][0].astype(np.float64)
    for _ in range(rounds):
        mean = np.mean([unposed(mean, landmarks).mean(axis=0) for landmarks in clips], axis=0)
    return mean


def unposed(template: np.ndarray, landmarks: np.ndarray) -> np.ndarray:
    """Landmarks (F, 478, 3) with the head's rotation, size and place those of the template (478, 3)."""
    matrices, shifts = rigid_motions(template, landmarks)
    return (landmarks - shifts[:, None]) @ np.linalg.inv(matrices).transpose(0, 2, 1)


def head_angles(template: np.ndarray, landmarks: np.ndarray) -> np.ndarray:
    """(F, 3) yaw, pitch, roll in degrees that carry the template onto (F, 478, 3) landmarks (signs: landmarker.py)."""
    matrices, _ = rigid_motions(template, landmarks)
    return np.stack([pose_angles(FLIP @ matrix @ FLIP) for matrix in matrices]).astype(np.float64)


def features(points: np.ndarray, chosen: Sequence[int]) -> np.ndarray:
    """(F, 478, 3) to (F, 2 * len(chosen)): x and y; depth is the landmarker's guess."""
    return points[:, chosen, :2].reshape(len(points), -1)


def discriminant(clips: Sequence[np.ndarray], labels: Sequence[str], config: InstrumentConfig) -> Discriminant:
    """Fisher's discriminants between labels of clips (F, D).

    Raises:
        ValueError: fewer than two labels.
    """
    names = sorted(set(labels))
    if len(names) < 2:
        raise ValueError("discriminants need two classes or more")
    groups = [np.concatenate([rows for rows, label in zip(clips, labels, strict=True) if label == n]) for n in names]
    centres = np.stack([rows.mean(axis=0) for rows in groups])
    within = sum((rows - centre).T @ (rows - centre) for rows, centre in zip(groups, centres, strict=True))
    within = within / sum(len(rows) for rows in groups)
    within = within + config.ridge * np.trace(within) / len(within) * np.eye(len(within))
    mean = centres.mean(axis=0)
    spread, turn = np.linalg.eigh(within)
    white = turn / np.sqrt(spread)
    _, _, axes = np.linalg.svd((centres - mean) @ white, full_matrices=False)
    axes = white @ axes[: min(config.directions, len(names) - 1)].T
    return Discriminant(mean, axes, dict(zip(names, (centres - mean) @ axes, strict=True)))
