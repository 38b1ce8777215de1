"""The mouth views of ``speak.faces.mouth_view``, cut so that gradients reach the pictures, and L_sync through them.

The sync network was trained on views that OpenCV cut; here the same affine transforms are sampled bilinearly by torch.
Where a view is cut follows from the real frames' landmarks: what is generated must have its mouth in the same place.
"""

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from speak.data.batches import SpokenClips
from speak.data.samples import GREY, at_sync_rate
from speak.losses.sync import SyncMode, sync_loss
from speak.media.mel import HOP
from speak.models.audio_encoder import log_mel
from speak.models.syncnet import MEL_PER_FRAME, SyncNet


def grey_views(pictures: Tensor, matrices: Tensor, size: tuple[int, int]) -> Tensor:
    """Cut views, as ``mouth_view.cut_views`` and then Rec. 601 luma.

    Args:
        pictures: (N, 3, H, W) in [-1, 1].
        matrices: (N, 2, 3) from pixels to the pixels of the view.
        size: width and height of a view.

    Returns:
        (N, height, width) in [0, 255].
    """
    luma = torch.from_numpy(GREY).to(pictures)[:, None, None]
    grey = ((pictures + 1) * 127.5 * luma).sum(dim=1, keepdim=True)
    rows, columns = torch.meshgrid(torch.arange(size[1]), torch.arange(size[0]), indexing="ij")
    places = torch.stack([columns, rows], dim=-1).flatten(0, 1).to(matrices)
    back = torch.linalg.inv(matrices[:, :, :2])
    pixels = (places - matrices[:, None, :, 2]) @ back.mT
    extent = torch.tensor([pictures.shape[3] - 1, pictures.shape[2] - 1]).to(matrices)
    grid = (2 * pixels / extent - 1).unflatten(1, (size[1], size[0])).to(grey.dtype)
    return functional.grid_sample(grey, grid, mode="bilinear", padding_mode="border", align_corners=True)[:, 0]


def picture_sync_loss(network: SyncNet, clips: SpokenClips, made: Tensor, fps: float, mode: SyncMode) -> Tensor:
    """Eqs. 11 and 12 for pictures, at the sync network's 25 frames a second; scalar.

    Args:
        network: trained and frozen.
        clips: stretches, with ``view``.
        made: (B, T, 3, H, W) generated frames.
        fps: of the stretches.
        mode: see ``speak.losses.sync``.
    """
    index = at_sync_rate(made.shape[1], fps)
    with torch.no_grad():
        real = _embed(network, clips.target, clips.view, index)
        length = len(index) * MEL_PER_FRAME * HOP
        audio = functional.pad(clips.audio[:, :length], (0, max(0, length - clips.audio.shape[1])))
        sound = network.embed_audio(log_mel(audio, network.config.bands)).flatten(0, 1)
    return sync_loss(_embed(network, made, clips.view, index), real, sound, mode)


def _embed(network: SyncNet, frames: Tensor, matrices: Tensor, index: np.ndarray) -> Tensor:
    size = (network.config.width, network.config.height)
    views = grey_views(frames[:, index].flatten(0, 1), matrices[:, index].flatten(0, 1), size)
    return network.embed_video(views.unflatten(0, (len(frames), len(index)))).flatten(0, 1)
