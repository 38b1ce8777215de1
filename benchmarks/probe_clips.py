"""What ``benchmarks.examination`` needs of an IRFD and of clips: frames for its encoders, faces in what it decodes.

For small parts a frame is made of landmarks, and the landmarks of a decoded frame are its own content; for paper parts
a frame is a picture, and faces in decoded pictures are found by the landmarker as in any other picture.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from benchmarks.disentanglement import Disentanglement
from benchmarks.examination import DisentanglementConfig, Draw, ProbeClip, examine
from benchmarks.instruments import Instruments, chosen_frames
from benchmarks.statistics import StatisticsConfig
from speak.assets import asset
from speak.config import build
from speak.data.clip import NUM_LANDMARKS
from speak.data.shards import read_rows
from speak.faces import head_points
from speak.faces.landmarker import Landmarker
from speak.media.video import read_clip
from speak.models.small_frame import FrameBasis
from speak.training import checkpoint
from speak.training.irfd import IrfdModel, IrfdTrainConfig

PREDICTED = "the landmarks that the decoded frames consist of"
FOUND = "landmarks found in the decoded pictures"
NO_FRAMES = np.zeros((0, 0), np.float32)


def load_irfd(path: Path, expected: str | None = None) -> IrfdModel:
    """A trained IRFD in evaluation mode. Raises UserError as ``checkpoint.load`` does."""
    content = checkpoint.load(path, kind="irfd", expected=expected)
    model = IrfdModel(build(IrfdTrainConfig, content["config"], f"{path}:config").irfd)
    model.load_state_dict(checkpoint.weights(content))
    return model.eval()


def known_clips(folders: Iterable[Path], clip_ids: Iterable[str], count: int) -> list[ProbeClip]:
    """Clips for ``fit_instruments``: landmarks and labels of ``count`` frames each, nothing for encoders."""
    return [_clip(row, NO_FRAMES, chosen) for row, chosen in _rows(folders, clip_ids, count, pictures=False)]


def unseen_clips(model: IrfdModel, folders: Iterable[Path], clip_ids: Iterable[str], count: int) -> list[ProbeClip]:
    """Clips for ``examine``, sorted by clip id: ``count`` frames each, as this model's encoders take them."""
    clips = []
    for row, chosen in _rows(folders, clip_ids, count, pictures=model.basis is None):
        if model.basis is None:
            frames = picture_frames(read_clip(row["video"])[chosen])
        else:
            frames = small_frames(model.basis, row["landmarks"], chosen)
        clips.append(_clip(row, frames, chosen))
    return sorted(clips, key=lambda clip: clip.clip_id)


def examine_checkpoint(
    path: Path,
    folders: Iterable[Path],
    clip_ids: Iterable[str],
    instruments: Instruments,
    config: DisentanglementConfig,
    statistics: StatisticsConfig,
) -> Disentanglement:
    """Examine a trained IRFD of either kind of parts on clips of unseen persons.

    Args:
        path: checkpoint of ``train_irfd``.
        folders, clip_ids: the test clips.
        instruments: ``fit_instruments(known_clips(...))``, the same for every ablation.
        config, statistics: see there.
    """
    model = load_irfd(path)
    clips = unseen_clips(model, folders, clip_ids, config.frames)
    if model.basis is not None:
        draw = draw_small(model.basis)
        return examine(model.irfd, clips, instruments, draw, config, statistics, measured_on=PREDICTED)
    with Landmarker(asset("face_landmarker")) as landmarker:
        draw = draw_pictures(landmarker)
        return examine(model.irfd, clips, instruments, draw, config, statistics, measured_on=FOUND)


def small_frames(basis: FrameBasis, landmarks: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """Chosen frames of a clip (T, 478, 3) as small frames (F, D); the calm mouth is the clip's mean."""
    points = head_points.used_points(landmarks)
    matrices, shifts = head_points.motions(basis.template.double().numpy(), points)
    shapes = head_points.with_calm_mouth(head_points.to_head(matrices, shifts, points))
    calm = head_points.to_canvas(matrices, shifts, shapes)
    pair = (torch.from_numpy(part[chosen].astype(np.float32)) for part in (points, calm))
    return basis.encode(*pair).numpy()


def picture_frames(frames: np.ndarray) -> np.ndarray:
    """(F, H, W, 3) uint8 RGB to (F, 3, H, W) float32 in [-1, 1]."""
    return (frames.transpose(0, 3, 1, 2) / np.float32(127.5) - 1).astype(np.float32)


def pictures_of(frames: Tensor) -> np.ndarray:
    """The inverse of ``picture_frames``: (F, 3, H, W) to (F, H, W, 3) uint8 RGB."""
    return ((frames.clamp(-1, 1) + 1) * 127.5).round().byte().permute(0, 2, 3, 1).numpy()


def draw_small(basis: FrameBasis) -> Draw:
    """Small frames (N, D) to landmarks (N, 478, 3); points that small parts do not know are NaN."""

    def draw(frames: Tensor) -> np.ndarray:
        landmarks = np.full((len(frames), NUM_LANDMARKS, 3), np.nan)
        landmarks[:, head_points.USED] = basis.decode(frames).double().numpy()
        return landmarks

    return draw


def draw_pictures(landmarker: Landmarker) -> Draw:
    """Pictures (N, 3, H, W) to the landmarks found in them."""
    return lambda frames: landmarker.detect(pictures_of(frames)).landmarks.astype(np.float64)


def _rows(
    folders: Iterable[Path], clip_ids: Iterable[str], count: int, *, pictures: bool
) -> Iterable[tuple[dict, np.ndarray]]:
    """Rows of the clips in which a face was found, each with its chosen frames."""
    columns = ["person", "emotion", "landmarks", "head_pose", *(["video"] if pictures else [])]
    for row in read_rows(folders, columns, set(clip_ids)):
        if np.isfinite(row["landmarks"]).all(axis=(1, 2)).any():
            yield row, chosen_frames(row["landmarks"], count)


def _clip(row: dict, frames: np.ndarray, chosen: Sequence[int]) -> ProbeClip:
    return ProbeClip(
        clip_id=row["clip_id"],
        person=row["person"],
        emotion=row["emotion"],
        frames=frames,
        landmarks=row["landmarks"][chosen].astype(np.float64),
        pose=row["head_pose"][chosen].astype(np.float64),
    )
