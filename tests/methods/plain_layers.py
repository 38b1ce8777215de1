"""Layers as plain calls on a dictionary of weights, to write a network a second time without its modules."""

import torch
from torch.nn import functional


def shaken(network, seed=0):
    """The network in evaluation mode and double precision, with weights that leave nothing at 0 or 1."""
    generator = torch.Generator().manual_seed(seed)
    network = network.double().eval()
    with torch.no_grad():
        for name, tensor in network.state_dict().items():
            if not tensor.is_floating_point() or name.endswith(("kernel", "down.weight")):
                continue
            drawn = torch.randn(tensor.shape, generator=generator, dtype=torch.float64)
            if name.endswith("running_var"):
                tensor.copy_(0.5 + drawn.square())
            elif tensor.ndim >= 2 and not name.startswith("noises"):
                tensor.copy_(drawn / tensor[0].numel() ** 0.5)
            else:
                tensor.copy_(0.5 * drawn)
    return network


class Weights:
    """``w("a.b")`` are the weights under a name; ``w / "a"`` is the dictionary below it."""

    def __init__(self, state, prefix=""):
        self.state, self.prefix = state, prefix

    def __truediv__(self, name):
        return Weights(self.state, f"{self.prefix}{name}.")

    def __call__(self, name):
        return self.state.get(self.prefix + name)

    def has(self, name):
        return any(key.startswith(f"{self.prefix}{name}.") for key in self.state)

    def convolve(self, name, inputs, **options):
        return functional.conv2d(inputs, (self / name)("weight"), (self / name)("bias"), **options)

    def linear(self, name, inputs):
        return inputs @ (self / name)("weight").T + (self / name)("bias")

    def normalise(self, name, inputs):
        """(x - mean) / sqrt(variance + 1e-5) · weight + bias over axis 1, with the stored statistics."""
        own, shape = self / name, (1, -1) + (1,) * (inputs.ndim - 2)
        scale = own("weight") / torch.sqrt(own("running_var") + 1e-5)
        return (inputs - own("running_mean").view(shape)) * scale.view(shape) + own("bias").view(shape)


def random(*shape, seed=1):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def relu(inputs):
    return inputs.clamp(min=0)
