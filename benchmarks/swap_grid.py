"""The pictures of Figure 5, from a trained IRFD and two real frames.

Paper parts decode to pictures, which are shown as they are. Small parts decode to landmarks; a picture is bent to them:
the target's where the identity was swapped, the source's otherwise. So with small parts skin, hair and background come
from a picture and not from a code, which the caption must say.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from benchmarks.figures_irfd import SwapRow
from benchmarks.probe_clips import picture_frames, pictures_of, small_frames
from benchmarks.swaps import FACTORS
from speak.data.samples import DecodedClip
from speak.inference.drawing import Drawer
from speak.models.codes import Codes
from speak.models.mouth_inside import MouthInside
from speak.training.irfd import IrfdModel

CAPTION = (
    "Figure 5. What each code carries: a frame of one person, one of another, the first decoded from its own codes, "
    "and with its identity, emotion or pose code taken from the second. All persons unseen in training."
)
SMALL_NOTE = (
    "Small parts decode to landmarks; the picture that is bent to them is the target’s where the identity was swapped "
    "and the source’s elsewhere, so skin, hair and background are not decoded."
)


@dataclass(frozen=True, kw_only=True, eq=False)
class Shown:
    """One frame of a clip: picture (H, W, 3) uint8, landmarks (478, 3), as the encoders take it (1, *frame), name."""

    picture: np.ndarray
    landmarks: np.ndarray
    frame: Tensor
    name: str


def shown(model: IrfdModel, clip: DecodedClip, index: int) -> Shown:
    """Frame ``index`` of a clip; a face must have been found in it."""
    if model.basis is None:
        frame = picture_frames(clip.frames[index][None])
    else:
        frame = small_frames(model.basis, clip.landmarks, np.array([index]))
    return Shown(
        picture=clip.frames[index],
        landmarks=clip.landmarks[index],
        frame=torch.from_numpy(frame),
        name=clip.clip_id,
    )


def swap_row(model: IrfdModel, inside: MouthInside | None, source: Shown, target: Shown) -> SwapRow:
    """Decode the source, and the source with each code of the target.

    Args:
        model: in evaluation mode.
        inside: pictures between the lips, of a SPEAK checkpoint; None for paper parts.
        source, target: frames of different persons.
    """
    with torch.inference_mode():
        own, other = model.irfd.encode(source.frame), model.irfd.encode(target.frame)
        draw_source, draw_target = (_drawn(model, inside, face) for face in (source, target))
        swapped = {
            factor: (draw_target if factor == "identity" else draw_source)(own.swapped(other, factor))
            for factor in FACTORS
        }
        return SwapRow(
            source=source.picture,
            target=target.picture,
            rebuilt=draw_source(own),
            swapped=swapped,
            source_name=source.name,
            target_name=target.name,
        )


def _drawn(model: IrfdModel, inside: MouthInside | None, face: Shown) -> Callable[[Codes], np.ndarray]:
    """Codes of one frame to a picture (H, W, 3) uint8."""
    if model.basis is None:
        return lambda codes: pictures_of(model.irfd.decode(codes))[0]
    drawer = Drawer(face.picture, face.landmarks, model.basis.template.double().numpy(), inside)
    return lambda codes: drawer.draw(model.basis.decode(model.irfd.decode(codes))[0].double().numpy())
