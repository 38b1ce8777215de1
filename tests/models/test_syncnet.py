import pytest
import torch

from speak.models.syncnet import MEL_PER_FRAME, SyncNet, SyncNetConfig, window_indices


@pytest.fixture(params=[5, 9])
def network(request) -> SyncNet:
    torch.manual_seed(0)
    config = SyncNetConfig(
        window=request.param, width=32, height=48, bands=20, picture_channels=(4, 8, 8, 8), sound_channels=(8, 8, 8),
        hidden=16, embedding=12,
    )  # fmt: skip
    return SyncNet(config).eval()


def test_one_embedding_of_length_one_for_every_window(network):
    window = network.config.window
    video = network.embed_video(torch.randint(0, 255, (2, 14, 48, 32), dtype=torch.uint8))
    audio = network.embed_audio(torch.randn(2, 14 * MEL_PER_FRAME, 20))
    assert video.shape == audio.shape == (2, 14 - window + 1, 12)
    assert torch.allclose(video.norm(dim=2), torch.ones(2, 14 - window + 1), atol=1e-5)
    assert torch.allclose(audio.norm(dim=2), torch.ones(2, 14 - window + 1), atol=1e-5)


def test_a_window_sees_its_own_time_and_nothing_else(network):
    window, start = network.config.window, 2
    views, mel = torch.rand(1, 14, 48, 32) * 255, torch.randn(1, 56, 20)
    cut = slice(start, start + window)
    alone = (
        network.embed_video(views[:, cut])[0, 0],
        network.embed_audio(mel[:, 4 * start : 4 * (start + window)])[0, 0],
    )
    assert torch.allclose(network.embed_video(views)[0, start], alone[0], atol=1e-5)
    assert torch.allclose(network.embed_audio(mel)[0, start], alone[1], atol=1e-5)
    changed = views.clone()
    changed[:, start + window - 1] = 0
    assert not torch.allclose(network.embed_video(changed)[0, start], alone[0], atol=1e-4)


def test_brightness_and_contrast_of_a_view_hardly_matter(network):
    views = torch.rand(1, 12, 48, 32) * 200
    assert torch.allclose(network.embed_video(views), network.embed_video(0.7 * views + 30), atol=0.02)


def test_window_indices_follow_the_flattened_order():
    clip, position = window_indices(2, 3)
    assert clip.tolist() == [0, 0, 0, 1, 1, 1] and position.tolist() == [0, 1, 2, 0, 1, 2]
