"""PC-AVS's networks at tiny widths, against the same arithmetic written a second time, or another library."""

import math

import numpy as np
import pytest
import scipy.signal
import torch
import torchvision
from plain_layers import Weights, random, relu, shaken
from torch.nn import functional

from benchmarks.methods.pc_avs_network_audio import SpeechEncoder
from benchmarks.methods.pc_avs_network_generator import PoseModulatedGenerator
from benchmarks.methods.pc_avs_network_identity import IdentityEncoder
from benchmarks.methods.pc_avs_network_pose import MotionEncoder
from benchmarks.methods.stylegan2_layers import Blur, ModulatedConvolution

BINOMIAL = np.outer([1, 3, 3, 1], [1, 3, 3, 1]) / 64 * 4


def affine(w, style):
    """Equalised linear layer: weights over the root of the number of inputs."""
    return style @ (w("weight") / math.sqrt(style.shape[1])).T + w("bias")


def modulated(w, hidden, style, *, demodulate=True, double=False):
    """Sample by sample, output channel by output channel; doubling is zeros in between, convolution, blur."""
    weight = w("weight")[0]
    scaled = weight / math.sqrt(weight[0].numel())
    rows = []
    for row, factors in zip(hidden, affine(w / "modulation", style), strict=True):
        own = scaled * factors[None, :, None, None]
        if demodulate:
            own = torch.stack([kernel / math.sqrt(kernel.square().sum() + 1e-8) for kernel in own])
        rows.append(doubled(row, own) if double else functional.conv2d(row[None], own, padding="same")[0])
    return torch.stack(rows)


def doubled(row, kernels):
    """Full convolution (scipy) of the row with zeros between its pixels, then the 4x4 blur trimmed by one pixel."""
    channels, height, width = row.shape
    sparse = np.zeros((channels, 2 * height - 1, 2 * width - 1))
    sparse[:, ::2, ::2] = row
    results = []
    for kernel in kernels.numpy():
        grown = sum(scipy.signal.convolve2d(a, b) for a, b in zip(sparse, kernel, strict=True))
        results.append(scipy.signal.convolve2d(grown, BINOMIAL)[2:-2, 2:-2])
    return torch.from_numpy(np.stack(results))


@pytest.mark.parametrize("double", [False, True])
@pytest.mark.parametrize("demodulate", [False, True])
def test_modulated_convolution_is_a_loop_over_samples(demodulate, double):
    layer = shaken(ModulatedConvolution(4, 5, 3, 6, demodulate=demodulate, double=double))
    hidden, style = random(3, 4, 7, 6), random(3, 6, seed=2)
    with torch.no_grad():
        found, factors = layer(hidden, style)
    w = Weights(layer.state_dict())
    wanted = modulated(w, hidden, style, demodulate=demodulate, double=double)
    assert found.shape == (3, 5, *((14, 12) if double else (7, 6)))
    torch.testing.assert_close(found, wanted)
    torch.testing.assert_close(factors[:, 0, :, 0, 0], affine(w / "modulation", style))


def enlarged(picture):
    """Twice the size: along each axis the even pixels are 3/4 own and 1/4 previous, the odd ones 3/4 own 1/4 next."""
    for axis in (2, 3):
        after = picture.movedim(axis, -1)
        padded = functional.pad(after, (1, 1))
        even = 0.75 * after + 0.25 * padded[..., :-2]
        odd = 0.75 * after + 0.25 * padded[..., 2:]
        picture = torch.stack([even, odd], dim=-1).flatten(-2).movedim(-1, axis)
    return picture


def test_picture_doubling_weighs_neighbours_three_to_one():
    picture = random(2, 3, 5, 4)
    torch.testing.assert_close(Blur(2, 1, spread=True).double()(picture), enlarged(picture))


def test_blur_kernels_are_those_of_the_original():
    network = PoseModulatedGenerator(width=64)
    kernels = [tensor for name, tensor in network.state_dict().items() if name.endswith("kernel")]
    assert len(kernels) == 10
    for kernel in kernels:
        np.testing.assert_allclose(kernel.numpy(), BINOMIAL, rtol=1e-6)


def generated(w, start, style, noise):
    def convolve(w, hidden, noise, double):
        hidden = modulated(w / "conv", hidden, style, double=double) + w("noise.weight") * noise
        hidden = hidden + w("activate.bias")
        return math.sqrt(2) * torch.where(hidden > 0, hidden, 0.2 * hidden)

    def picture(w, hidden):
        return modulated(w / "conv", hidden, style, demodulate=False) + w("bias")

    hidden = convolve(w / "conv1", start, noise[0], double=False)
    total = picture(w / "to_rgb1", hidden)
    for index in range(len(noise) // 2):
        hidden = convolve(w / f"convs.{2 * index}", hidden, noise[2 * index + 1], double=True)
        hidden = convolve(w / f"convs.{2 * index + 1}", hidden, noise[2 * index + 2], double=False)
        total = enlarged(total) + picture(w / f"to_rgbs.{index}", hidden)
    return torch.tanh(total)


def test_generator():
    network = shaken(PoseModulatedGenerator(width=128, size=28))
    style, start = random(2, 20), random(2, 4, 7, 7, seed=2)
    w = Weights(network.state_dict())
    noise = [w(f"noises.noise_{index}") for index in range(5)]
    with torch.no_grad():
        found, factors = network([style], start, randomize_noise=False)
        from_constant, _ = network([style], randomize_noise=False)
        fresh = torch.stack([network([style], start)[0] for _ in range(2)])
    torch.testing.assert_close(found, generated(w, start, style, noise))
    torch.testing.assert_close(from_constant, generated(w, w("input.input").repeat(2, 1, 1, 1), style, noise))
    assert not torch.equal(fresh[0], fresh[1]), "noise is drawn anew by default"
    assert len(factors) == 3
    torch.testing.assert_close(factors[2][:, 0, :, 0, 0], affine(w / "to_rgbs.1.conv.modulation", style))


def test_identity_backbone_is_resnext50_of_torchvision():
    network = shaken(IdentityEncoder(classes=7, inputs=2)).float()
    twin = torchvision.models.resnext50_32x4d().eval()
    w = Weights(network.state_dict())
    twin.load_state_dict({key.removeprefix("model."): t for key, t in w.state.items() if key.startswith("model.")})
    features = []
    twin.layer4.register_forward_hook(lambda module, inputs, result: features.append(result))
    images = random(4, 3, 64, 96).float()
    with torch.no_grad():
        vector, reduced, scores = network(images)
        twin(images)
    pooled = torch.nn.AdaptiveAvgPool2d((7, 7))(w.convolve("conv1x1", features[0]))
    wanted = features[0].mean(dim=(2, 3)).reshape(2, 2, 2048).mean(dim=1)
    torch.testing.assert_close(vector, wanted, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(reduced, (pooled[::2] + pooled[1::2]) / 2, rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(scores, w.linear("fc", wanted), rtol=1e-4, atol=1e-4)


def branches(w, inputs):
    outputs, hidden = [], inputs
    for index in (1, 2, 3):
        hidden = w.convolve(f"conv{index}", relu(w.normalise(f"bn{index}", hidden)), padding=1)
        outputs.append(hidden)
    shortcut = inputs
    if w.has("downsample"):
        shortcut = w.convolve("downsample.2", relu(w.normalise("downsample.0", inputs)))
    return torch.cat(outputs, dim=1) + shortcut


def hourglass(w, inputs, level):
    lower = branches(w / f"b2_{level}", functional.max_pool2d(inputs, 2))
    lower = hourglass(w, lower, level - 1) if level > 1 else branches(w / "b2_plus_1", lower)
    lower = branches(w / f"b3_{level}", lower)
    return branches(w / f"b1_{level}", inputs) + torch.nn.Upsample(scale_factor=2, mode="bilinear")(lower)


def test_motion_encoder():
    network = shaken(MotionEncoder(width=32, classes=5, size=64))
    images = random(2, 3, 64, 64)
    with torch.no_grad():
        feature, scores = network(images)
        pose, mouth = network.headpose(images), network.mouth_embed(feature)
    whole = Weights(network.state_dict())
    w = whole / "model"
    hidden = relu(w.normalise("bn1", w.convolve("conv1", images, stride=2, padding=3)))
    hidden = functional.max_pool2d(branches(w / "conv2", hidden), 2)
    hidden = branches(w / "conv4", branches(w / "conv3", hidden))
    hidden = branches(w / "top_m_0", hourglass(w / "m0", hidden, 4))
    maps = w.convolve("l0", relu(w.normalise("bn_end0", w.convolve("conv_last0", hidden))))
    single = w.convolve("conv6", relu(w.normalise("bn5", maps)), stride=2, padding=1)
    wanted = w.linear("fc", relu(single.reshape(2, 64)))
    torch.testing.assert_close(feature, wanted)
    torch.testing.assert_close(scores, whole.linear("classifier.2", relu(whole.linear("classifier.0", wanted))))
    turned = whole.linear("to_headpose.2", relu(whole.linear("to_headpose.0", wanted)))
    torch.testing.assert_close(pose, whole.linear("headpose_embed.1", relu(turned)))
    torch.testing.assert_close(mouth, whole.linear("mouth_embed.1", relu(wanted)))
    assert pose.shape == (2, 12) and mouth.shape == (2, 4)


def residual(w, inputs, stride):
    hidden = w.normalise("bn1", relu(w.convolve("conv1", inputs, stride=stride, padding=1)))
    hidden = w.normalise("bn2", w.convolve("conv2", hidden, padding=1))
    gate = torch.sigmoid(w.linear("se.fc.2", relu(w.linear("se.fc.0", hidden.mean(dim=(2, 3))))))
    shortcut = inputs
    if w.has("downsample"):
        shortcut = w.normalise("downsample.1", w.convolve("downsample.0", inputs, stride=stride))
    return relu(torch.einsum("nchw,nc->nchw", hidden, gate) + shortcut)


def test_speech_encoder():
    network = shaken(SpeechEncoder(width=8, classes=5))
    spectrogram = random(2, 3, 1, 80, 20).abs()
    with torch.no_grad():
        feature, scores = network(spectrogram)
    whole = Weights(network.state_dict())
    w = whole / "model"
    hidden = w.normalise("bn1", relu(w.convolve("conv1", spectrogram.reshape(6, 1, 80, 20), padding=1)))
    for stage, count in enumerate((3, 4, 6, 3), start=1):
        for index in range(count):
            hidden = residual(w / f"layer{stage}.{index}", hidden, stride=2 if stage > 1 and index == 0 else 1)
    rows = hidden.reshape(6, 32 * 10, 3)
    asked = torch.einsum("oi,nit->not", w("attention.0.weight")[..., 0], rows) + w("attention.0.bias")[:, None]
    asked = w.normalise("attention.2", relu(asked))
    asked = torch.einsum("oi,nit->not", w("attention.3.weight")[..., 0], asked) + w("attention.3.bias")[:, None]
    weights = asked.exp() / asked.exp().sum(dim=2, keepdim=True)
    wanted = w.linear("fc", (weights * rows).sum(dim=2))
    torch.testing.assert_close(feature, wanted)
    torch.testing.assert_close(scores, whole.linear("fc", wanted))
