import numpy as np
import pytest
import torch
from drawn_clips import drawn_arrays

from speak.assets import asset
from speak.data.batches import SpokenClips
from speak.data.pictures import to_frames
from speak.data.samples import at_sync_rate, sync_mel, sync_transforms, sync_views
from speak.errors import UserError
from speak.faces.landmarker import Landmarker
from speak.faces.mouth_view import fill_missing
from speak.losses.mouth_views import grey_views, picture_sync_loss
from speak.media.video import read_frames
from speak.models.syncnet import SyncNet, SyncNetConfig

SIZE = (64, 48)
NETWORK = SyncNetConfig(
    window=5, width=64, height=48, bands=20, picture_channels=(4, 8, 8, 8), sound_channels=(8, 8, 8), hidden=16,
    embedding=12,
)  # fmt: skip


@pytest.fixture(scope="module")
def network() -> SyncNet:
    torch.manual_seed(0)
    return SyncNet(NETWORK).eval().requires_grad_(False)


def views_of(frames: np.ndarray, landmarks: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The differentiable views and those of OpenCV, of the 25 fps frames."""
    index = at_sync_rate(len(frames), 30.0)
    matrices = torch.from_numpy(sync_transforms(fill_missing(landmarks), SIZE)[index]).float()
    return grey_views(to_frames(frames[index]), matrices, SIZE).numpy(), sync_views(frames, landmarks, 30.0, SIZE)


def clip_of(seed: int) -> tuple[SpokenClips, np.ndarray, np.ndarray, np.ndarray]:
    frames, landmarks, audio = drawn_arrays(seed)
    target = to_frames(frames)[None]
    view = torch.from_numpy(sync_transforms(landmarks, SIZE)).float()[None]
    clips = SpokenClips(target[:, 0], target, target, target, torch.from_numpy(audio)[None], view)
    return clips, frames, landmarks, audio


def test_views_are_those_the_sync_network_was_trained_on():
    """Within what fixed-point interpolation (1/32 pixel) and rounding to 8 bits cost."""
    for seed in range(3):
        soft, hard = views_of(*drawn_arrays(seed)[:2])
        assert soft.shape == hard.shape == (37, 48, 64)
        difference = np.abs(soft - hard)
        assert difference.mean() < 0.7 and np.quantile(difference, 0.99) < 4


def test_views_of_real_faces(realdata):
    try:
        landmarker = Landmarker(asset("face_landmarker"))
    except UserError as error:
        pytest.skip(f"no landmarker: {error}")
    path = sorted((realdata / "mead_crops256").rglob("*.mp4"))[0]
    frames = np.stack([frame for _, (_, frame) in zip(range(12), read_frames(path), strict=False)])
    with landmarker:
        landmarks = landmarker.detect(frames).landmarks
    soft, hard = views_of(frames, landmarks)
    difference = np.abs(soft - hard)
    assert difference.mean() < 0.7 and np.quantile(difference, 0.99) < 4
    assert hard.std() > 5  # there is something to compare


def test_gradient_reaches_the_mouth_and_nothing_far_from_it(network):
    clips, *_ = clip_of(0)
    made = clips.target + 0.1 * torch.randn(clips.target.shape, generator=torch.Generator().manual_seed(0))
    made.requires_grad_()
    picture_sync_loss(network, clips, made, 30.0, "both").backward()
    strength = made.grad.abs().sum(dim=(0, 1, 2))
    assert torch.isfinite(made.grad).all() and strength[150:190, 100:156].mean() > 0
    assert strength[:110].max() == 0


@pytest.mark.parametrize("mode", ["audio", "frames", "both"])
def test_loss_is_eq_11_of_the_scorer_s_own_embeddings(network, mode):
    """Half the mean squared distance between embeddings of OpenCV's views and of the scorer's mel frames."""
    clips, frames, landmarks, audio = clip_of(1)
    made = clips.target.flip(1)
    views, turned = (sync_views(part, landmarks, 30.0, SIZE) for part in (frames, frames[::-1]))
    real, generated = (network.embed_video(torch.from_numpy(part)[None])[0] for part in (views, turned))
    sound = network.embed_audio(torch.from_numpy(sync_mel(audio, len(views), 20))[None])[0]
    halves = {"audio": (generated - sound), "frames": (generated - real)}
    expected = sum(0.5 * halves[name].square().sum(1).mean() for name in halves if mode in (name, "both"))
    loss = picture_sync_loss(network, clips, made, 30.0, mode)
    assert float(loss) == pytest.approx(float(expected), rel=0.05)
    assert float(picture_sync_loss(network, clips, clips.target, 30.0, "frames")) < 1e-9 < float(expected)
