"""EAMM's networks at tiny widths, against the same arithmetic written a second time, numpy or scipy."""

import numpy as np
import pytest
import scipy.ndimage
import torch
from plain_layers import Weights, random, relu, shaken
from torch.nn import functional

from benchmarks.methods.eamm_network_audio import AudioFeatures
from benchmarks.methods.eamm_network_blocks import Quarter, warp
from benchmarks.methods.eamm_network_emotion import EmotionDisplacement, octaves
from benchmarks.methods.eamm_network_generator import MotionRenderer
from benchmarks.methods.eamm_network_keypoints import AudioKeypointDetector, KeypointDetector
from benchmarks.methods.eamm_network_motion import DenseMotion


def looked_up(image, positions):
    """A (C, H, W) array at (h, w, 2) positions; -1 and 1 are the outer edges of the first and last pixel."""
    height, width = image.shape[1:]
    columns, rows = ((positions[..., 0] + 1) * width - 1) / 2, ((positions[..., 1] + 1) * height - 1) / 2
    found = [
        scipy.ndimage.map_coordinates(channel, [rows, columns], order=1, mode="grid-constant", cval=0.0)
        for channel in image
    ]
    return np.stack(found)


def shrunk(images):
    """A quarter of the size: scipy's Gaussian filter on black surroundings, every fourth pixel."""
    filtered = scipy.ndimage.gaussian_filter(images, sigma=1.5, radius=6, mode="constant", axes=(2, 3))
    return torch.from_numpy(filtered[:, :, ::4, ::4].copy())


def grid_of(height, width):
    x, y = np.meshgrid(2 * np.arange(width) / (width - 1) - 1, 2 * np.arange(height) / (height - 1) - 1)
    return np.stack([x, y], axis=2)


def block(w, inputs):
    size = (w / "conv")("weight").shape[-1]
    return relu(w.normalise("norm", w.convolve("conv", inputs, padding=size // 2)))


def halve(w, inputs):
    hidden = block(w, inputs)
    return (hidden[..., ::2, ::2] + hidden[..., 1::2, ::2] + hidden[..., ::2, 1::2] + hidden[..., 1::2, 1::2]) / 4


def double(w, inputs):
    return block(w, inputs.repeat_interleave(2, dim=2).repeat_interleave(2, dim=3))


def hourglass(w, inputs):
    features = [inputs]
    for level in range(5):
        features.append(halve(w / f"encoder.down_blocks.{level}", features[-1]))
    hidden = features[-1]
    for level in range(5):
        hidden = torch.cat([double(w / f"decoder.up_blocks.{level}", hidden), features[4 - level]], dim=1)
    return hidden


def points_of(seed):
    value = random(2, 10, 2, seed=seed).tanh()
    return {"value": value, "jacobian": torch.eye(2, dtype=torch.float64) + 0.2 * random(2, 10, 2, 2, seed=seed + 1)}


def test_warp_is_a_bilinear_look_up():
    image, positions = random(2, 3, 9, 7), 1.3 * random(2, 5, 6, 2, seed=2)
    found = warp(image, positions)
    for index in range(2):
        wanted = looked_up(image[index].numpy(), positions[index].numpy())
        np.testing.assert_allclose(found[index].numpy(), wanted, atol=1e-12)


def test_warp_by_the_coordinate_grid_is_not_the_identity():
    """The original's mismatch: -1 is the first pixel's centre for key points and its outer edge for look-ups."""
    image = torch.ones(1, 1, 8, 8, dtype=torch.float64)
    grid = torch.from_numpy(grid_of(8, 8))[None]
    assert warp(image, grid)[0, 0, 0, 0] == pytest.approx(0.25)


def test_quarter_is_a_gaussian_filter():
    images = random(2, 3, 32, 24)
    torch.testing.assert_close(Quarter().double()(images), shrunk(images.numpy()), rtol=1e-6, atol=1e-6)


def read_points(w, features):
    """Expectation under a softmax of temperature 0.1, point by point in numpy."""
    logits, maps = w.convolve("kp", features).numpy(), w.convolve("jacobian", features).numpy()
    grid = grid_of(*logits.shape[2:])
    value, matrices = np.zeros((len(logits), 10, 2)), np.zeros((len(logits), 10, 2, 2))
    for sample in range(len(logits)):
        for point in range(10):
            weights = np.exp((logits[sample, point] - logits[sample, point].max()) / 0.1)
            weights /= weights.sum()
            value[sample, point] = [(weights * grid[..., axis]).sum() for axis in (0, 1)]
            four = [(weights * maps[sample, 4 * point + index]).sum() for index in range(4)]
            matrices[sample, point] = [four[:2], four[2:]]
    return value, matrices


def test_key_points_are_expectations():
    network = shaken(KeypointDetector(width=8))
    images = random(2, 3, 128, 128).sigmoid()
    with torch.no_grad():
        found = network(images)
    w = Weights(network.state_dict())
    value, matrices = read_points(w, hourglass(w / "predictor", shrunk(images.numpy())))
    np.testing.assert_allclose(found["value"].numpy(), value, atol=1e-5)
    np.testing.assert_allclose(found["jacobian"].numpy(), matrices, atol=1e-5)
    torch.testing.assert_close(found["heatmap"].sum(dim=(2, 3)), torch.ones(2, 10, dtype=torch.float64))


def test_key_points_from_audio_features():
    network = shaken(AudioKeypointDetector(width=8))
    features = random(2, 7, 20, 24)
    with torch.no_grad():
        found = network(features)
    value, matrices = read_points(Weights(network.state_dict()), features)
    np.testing.assert_allclose(found["value"].numpy(), value, atol=1e-12)
    np.testing.assert_allclose(found["jacobian"].numpy(), matrices, atol=1e-12)


def test_a_single_peak_is_found_where_it_is():
    """With one hot pixel under the first kernel tap, the point is that pixel's place, x before y."""
    network = AudioKeypointDetector(width=8)
    with torch.no_grad():
        network.kp.weight.zero_()[:, 0, 0, 0] = 1
        features = torch.zeros(1, 7, 64, 64)
        features[0, 0, 10, 40] = 1000
        found = network(features)
    assert found["value"][0, 3].tolist() == pytest.approx([2 * 40 / 57 - 1, 2 * 10 / 57 - 1], abs=1e-5)
    torch.testing.assert_close(found["jacobian"][0, 3], torch.eye(2))


def dense_motion(w, images, driving, source):
    small = shrunk(images.numpy()).numpy()
    height, width = small.shape[2:]
    grid, layers, motions = grid_of(height, width), [], []
    for sample, image in enumerate(small):
        for point in range(-1, 10):
            mark, motion = np.zeros((height, width)), grid
            if point >= 0:
                d, s = (kp["value"][sample, point].numpy() for kp in (driving, source))
                matrices = [kp["jacobian"][sample, point].numpy() for kp in (source, driving)]
                turn = matrices[0] @ np.linalg.inv(matrices[1])
                motion = np.array([[s + turn @ (z - d) for z in row] for row in grid])
                mark = np.exp(-((grid - d) ** 2).sum(2) / 0.02) - np.exp(-((grid - s) ** 2).sum(2) / 0.02)
            motions.append(motion)
            layers += [mark[None], looked_up(image, motion)]
    stacked = torch.from_numpy(np.concatenate(layers)).reshape(len(small), 44, height, width)
    features = hourglass(w / "hourglass", stacked)
    mask = torch.softmax(w.convolve("mask", features, padding=3), dim=1)
    motions = torch.from_numpy(np.stack(motions)).reshape(len(small), 11, height, width, 2)
    occlusion = torch.sigmoid(w.convolve("occlusion", features, padding=3))
    moved = stacked.reshape(len(small), 11, 4, height, width)[:, :, 1:]
    return torch.einsum("nkhwc,nkhw->nhwc", motions, mask), mask, occlusion, moved


@pytest.fixture(scope="module")
def rendered():
    network = shaken(MotionRenderer(width=16))
    images, driving, source = random(2, 3, 128, 128).sigmoid(), points_of(3), points_of(5)
    with torch.no_grad():
        found = network(images, driving, source)
    w = Weights(network.state_dict())
    return network, images, driving, source, found, dense_motion(w / "dense_motion_network", images, driving, source)


def test_dense_motion(rendered):
    network, images, driving, source, _, (deformation, mask, occlusion, moved) = rendered
    assert isinstance(network.dense_motion_network, DenseMotion)
    with torch.no_grad():
        found = network.dense_motion_network(images, driving, source)
    torch.testing.assert_close(found["sparse_deformed"], moved, rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(found["mask"], mask, rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(found["deformation"], deformation, rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(found["occlusion_map"], occlusion, rtol=1e-5, atol=1e-5)


def test_renderer(rendered):
    network, images, _, _, found, (deformation, _, occlusion, _) = rendered
    w = Weights(network.state_dict())
    hidden = halve(w / "down_blocks.1", halve(w / "down_blocks.0", block(w / "first", images)))
    assert hidden.shape[2:] == deformation.shape[1:3]
    moved = [looked_up(a.numpy(), b.numpy()) for a, b in zip(hidden, deformation, strict=True)]
    hidden = torch.from_numpy(np.stack(moved)) * occlusion
    for index in range(6):
        r = w / f"bottleneck.r{index}"
        inner = r.convolve("conv1", relu(r.normalise("norm1", hidden)), padding=1)
        hidden = hidden + r.convolve("conv2", relu(r.normalise("norm2", inner)), padding=1)
    hidden = double(w / "up_blocks.1", double(w / "up_blocks.0", hidden))
    wanted = torch.sigmoid(w.convolve("final", hidden, padding=3))
    torch.testing.assert_close(found["prediction"], wanted, rtol=1e-4, atol=1e-4)
    enlarge = torch.nn.Upsample(scale_factor=4, mode="bilinear")
    positions = enlarge(deformation.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)
    wanted = [looked_up(a.numpy(), b.numpy()) for a, b in zip(images, positions, strict=True)]
    np.testing.assert_allclose(found["deformed"].numpy(), np.stack(wanted), atol=1e-4)


def recurrent(w, inputs):
    """Three LSTM layers, gate by gate, from zero states."""
    for layer in range(3):
        hidden = cell = torch.zeros(len(inputs), w(f"weight_hh_l{layer}").shape[1], dtype=torch.float64)
        outputs = []
        for step in range(inputs.shape[1]):
            gates = inputs[:, step] @ w(f"weight_ih_l{layer}").T + w(f"bias_ih_l{layer}")
            gates = gates + hidden @ w(f"weight_hh_l{layer}").T + w(f"bias_hh_l{layer}")
            let_in, keep, new, show = gates.chunk(4, dim=1)
            cell = torch.sigmoid(keep) * cell + torch.sigmoid(let_in) * torch.tanh(new)
            hidden = torch.sigmoid(show) * torch.tanh(cell)
            outputs.append(hidden)
        inputs = torch.stack(outputs, dim=1)
    return inputs


def test_audio_features():
    network = shaken(AudioFeatures(width=16))
    picture, audio, pose = random(2, 3, 256, 256).sigmoid(), random(2, 3, 28, 12, seed=2), random(2, 3, 6, seed=3)
    with torch.no_grad():
        found = network(picture, audio, pose, weight=1.6)
        plain = network(picture, audio, pose)
    assert not torch.allclose(found, plain), "the weight of the sound matters"
    w, frames = Weights(network.state_dict()), []
    for level in range(8):
        picture = halve(w / f"down_blocks.{level}", picture)
    for step in range(3):
        sound = audio[:, None, step]
        for index in (0, 1, 3, 4, 5):
            sound = relu(
                w.normalise(f"audio_eocder.{index}.1", w.convolve(f"audio_eocder.{index}.0", sound, padding=1))
            )
            if index == 1:
                sound = functional.max_pool2d(sound, 3, stride=(1, 2))
        sound = functional.max_pool2d(sound, 3, stride=(2, 2)).reshape(2, -1)
        sound = relu(w.linear("audio_eocder_fc.2", relu(w.linear("audio_eocder_fc.0", sound))))
        turned = relu(w.linear("pose_encoder.2", relu(w.linear("pose_encoder.0", pose[:, step]))))
        frames.append(torch.cat([picture[:, :, 0, 0], 1.6 * sound, turned], dim=1))
    states = recurrent(w / "lstm", torch.stack(frames, dim=1))
    for step in range(3):
        hidden = states[:, step, :, None, None]
        for index in (0, 3, 6, 9, 12):
            own = w / f"decon.{index}"
            hidden = functional.conv_transpose2d(hidden, own("weight"), own("bias"), stride=2, padding=1)
            if index < 12:
                hidden = relu(w.normalise(f"decon.{index + 1}", hidden))
        torch.testing.assert_close(found[:, step], hidden)


def test_only_the_decoder_of_the_demo_is_there():
    with pytest.raises(ValueError, match="cnn"):
        AudioFeatures(width=32)(torch.zeros(1), torch.zeros(1, 1, 28, 12), torch.zeros(1, 1, 6), jaco_net="gan")


def test_octaves():
    numbers = np.array([0.3, -0.7, 0.1])
    wanted = [numbers] + [turn(numbers * 2.0**octave) for octave in range(10) for turn in (np.sin, np.cos)]
    np.testing.assert_allclose(octaves(torch.from_numpy(numbers)).numpy(), np.concatenate(wanted))


def residual(w, inputs, stride):
    hidden = relu(w.normalise("bn1", w.convolve("conv1", inputs, stride=stride, padding=1)))
    hidden = w.normalise("bn2", w.convolve("conv2", hidden, padding=1))
    if w.has("downsample"):
        inputs = w.normalise("downsample.1", w.convolve("downsample.0", inputs, stride=stride))
    return relu(hidden + inputs)


def test_emotion_displacement():
    network = shaken(EmotionDisplacement(width=8))
    images, points = random(2, 3, 128, 128).sigmoid(), points_of(3)
    with torch.no_grad():
        found, logits = network(images, **points)
    w = Weights(network.state_dict())
    hidden = w.convolve("conv1", hourglass(w / "predictor", shrunk(images.numpy())), padding=1)
    hidden = functional.max_pool2d(relu(w.normalise("bn1", hidden)), 3, stride=2, padding=1)
    for stage in range(1, 5):
        for index in range(2):
            hidden = residual(w / f"layer{stage}.{index}", hidden, stride=2 if stage > 1 and index == 0 else 1)
    face = hidden.mean(dim=(2, 3))
    numbers = torch.cat([points["value"], points["jacobian"].reshape(2, 10, 4)], dim=2)
    waves = [turn(numbers * 2**octave) for octave in range(10) for turn in (torch.sin, torch.cos)]
    encoded = torch.cat([numbers, *waves], dim=2).reshape(2, 1260)
    encoded = relu(w.linear("fc_p.2", relu(w.linear("fc_p.0", encoded))))
    joint = torch.cat([face, encoded], dim=1)
    for index in (0, 2, 4):
        joint = relu(w.linear(f"fc_all.{index}", joint))
    joint = functional.conv1d(joint[:, None], w("final.0.weight"), w("final.0.bias"), stride=2, padding=1)
    joint = relu(torch.maximum(joint[..., ::2], joint[..., 1::2]))
    joint = relu(functional.conv1d(joint, w("final.3.weight"), w("final.3.bias"), stride=2, padding=1))
    joint = functional.conv1d(joint, w("final.5.weight"), w("final.5.bias"))
    torch.testing.assert_close(found["value"], joint[..., :2], rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(found["jacobian"], joint[..., 2:].reshape(2, 4, 2, 2), rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(logits, w.linear("classify.last_fc", face), rtol=1e-4, atol=1e-5)
