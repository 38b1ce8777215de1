import pytest
import torch
from torch.nn import functional

from speak.models.stylegan import StyleGan, StyleGanConfig, modulated_convolution


def sample_by_sample(inputs, weight, factors, demodulate):
    """The definition: every sample has its own weights, scaled and (StyleGAN2, eq. 3) divided by their norm."""
    rows = []
    for row, scale in zip(inputs, factors, strict=True):
        own = weight * scale[None, :, None, None]
        if demodulate:
            own = torch.stack([kernel / (kernel.square().sum() + 1e-8).sqrt() for kernel in own])
        rows.append(functional.conv2d(row[None], own, padding=weight.shape[2] // 2)[0])
    return torch.stack(rows)


@pytest.mark.parametrize("demodulate", [True, False])
@pytest.mark.parametrize("kernel", [1, 3])
def test_modulated_convolution_equals_the_loop_over_samples(demodulate, kernel):
    torch.manual_seed(0)
    inputs, factors = torch.randn(3, 5, 8, 8, dtype=torch.float64), torch.randn(3, 5, dtype=torch.float64)
    weight = torch.randn(4, 5, kernel, kernel, dtype=torch.float64)
    found = modulated_convolution(inputs, weight, factors, demodulate)
    assert torch.allclose(found, sample_by_sample(inputs, weight, factors, demodulate), atol=1e-10)


@pytest.mark.parametrize("scale", [0.01, 1.0, 300.0])
def test_demodulated_outputs_have_unit_variance_whatever_the_style(scale):
    torch.manual_seed(0)
    inputs, weight = torch.randn(8, 16, 48, 48), torch.randn(12, 16, 3, 3)
    factors = scale * (0.5 + torch.rand(8, 16))
    inner = modulated_convolution(inputs, weight, factors, demodulate=True)[..., 1:-1, 1:-1]
    assert torch.allclose(inner.var(dim=(2, 3)), torch.ones(8, 12), atol=0.2)
    assert inner.var().item() == pytest.approx(1.0, abs=0.02)


def test_without_demodulation_the_style_scales_the_output():
    inputs, weight, factors = torch.randn(1, 4, 6, 6), torch.randn(2, 4, 1, 1), torch.rand(1, 4)
    once, thrice = (modulated_convolution(inputs, weight, k * factors, demodulate=False) for k in (1, 3))
    assert torch.allclose(thrice, 3 * once, atol=1e-5)


@pytest.mark.parametrize("size", [8, 32])
def test_picture_size_and_number_of_styles(size):
    network = StyleGan(6, 7, StyleGanConfig(size=size, base=64, most=8))
    assert network.layers == 2 * size.bit_length() - 4  # 2 log2(size) - 2, as StyleGAN2
    assert network(torch.randn(2, 6), torch.randn(2, network.layers, 7)).shape == (2, 3, size, size)


def test_channels_of_the_full_size_are_those_of_stylegan2():
    config = StyleGanConfig(size=256, base=32768, most=512)
    assert [config.channels(size) for size in config.sizes] == [512, 512, 512, 512, 512, 256, 128]


def test_every_style_and_the_face_change_the_picture():
    torch.manual_seed(0)
    network = StyleGan(6, 7, StyleGanConfig(size=16, base=128, most=8)).eval()
    face, styles = torch.randn(1, 6), torch.randn(1, network.layers, 7)
    picture = network(face, styles)
    for layer in range(network.layers):
        changed = styles.clone()
        changed[:, layer] += 1
        assert not torch.allclose(network(face, changed), picture, atol=1e-5), layer
    assert not torch.allclose(network(face + 1, styles), picture, atol=1e-5)


def test_noise_is_new_in_training_and_fixed_in_evaluation():
    torch.manual_seed(0)
    network = StyleGan(6, 7, StyleGanConfig(size=8, base=64, most=8))
    for convolution in network.convolutions:
        convolution.noise_strength.data.fill_(1.0)
    face, styles = torch.randn(1, 6), torch.randn(1, network.layers, 7)
    assert not torch.allclose(network(face, styles), network(face, styles))
    network.eval()
    alone = network(face, styles)
    assert torch.equal(alone, network(face, styles))
    # every frame of a clip gets the same noise
    assert torch.allclose(network(face.expand(3, -1), styles.expand(3, -1, -1)), alone.expand(3, -1, -1, -1), atol=1e-5)


@pytest.mark.parametrize("size", [4, 48])
def test_sizes_that_cannot_be_are_refused(size):
    with pytest.raises(ValueError, match="power of two"):
        StyleGanConfig(size=size, base=64, most=8)
