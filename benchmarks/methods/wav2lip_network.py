"""The three networks of Wav2Lip (Prajwal et al., 2020), with the state-dict keys of its authors' weight files.

    generator       80x16 mel window, 96x96 face twice (masked, intact) -> 96x96 face
    discriminator   lower half of a face -> probability that it is real
    expert          80x16 mel window, lower halves of five faces -> one embedding each

Pictures are BGR in [0, 1]. Convolutions keep their bias although batch normalisation follows, as in the files.
``width`` divides every inner channel count; 1 is the official size, the only one that the files fit.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional


@dataclass(frozen=True, kw_only=True)
class Layer:
    """One convolution with normalisation and ReLU, and ``residual`` 3x3 ones of the same width after it."""

    channels: int
    kernel: int = 3
    stride: int | tuple[int, int] = 1
    padding: int = 1
    residual: int = 0


TO_POINT = (Layer(channels=512, padding=0), Layer(channels=512, kernel=1, padding=0))
"""From 3x3 to one point."""

FACE_ENCODER = (
    (Layer(channels=16, kernel=7, padding=3),),
    (Layer(channels=32, stride=2, residual=2),),
    (Layer(channels=64, stride=2, residual=3),),
    (Layer(channels=128, stride=2, residual=2),),
    (Layer(channels=256, stride=2, residual=2),),
    (Layer(channels=512, stride=2, residual=1),),
    TO_POINT,
)
"""96, 48, 24, 12, 6, 3 and 1 pixels wide."""

FACE_DECODER = ((512, 1), (512, 2), (384, 2), (256, 2), (128, 2), (64, 2))
"""Channels and residual convolutions of the blocks that grow the picture: 3, 6, 12, 24, 48, 96 pixels wide."""

EXPERT_FACE = (
    Layer(channels=32, kernel=7, padding=3),
    Layer(channels=64, kernel=5, stride=(1, 2), residual=2),
    Layer(channels=128, stride=2, residual=3),
    Layer(channels=256, stride=2, residual=2),
    Layer(channels=512, stride=2, residual=2),
    Layer(channels=512, stride=2),
    *TO_POINT,
)
"""48x96 pixels to a point; the 5x5 convolution has a padding of 1, so 46x47 come out of it."""

QUALITY = (
    ((32, 7, 1, 3),),
    ((64, 5, (1, 2), 2), (64, 5, 1, 2)),
    ((128, 5, 2, 2), (128, 5, 1, 2)),
    ((256, 5, 2, 2), (256, 5, 1, 2)),
    ((512, 3, 2, 1), (512, 3, 1, 1)),
    ((512, 3, 2, 1), (512, 3, 1, 1)),
    ((512, 3, 1, 0), (512, 1, 1, 0)),
)
"""Channels, kernel, stride and padding of the discriminator's convolutions, in blocks."""


def audio_layers(deepest_residual: int) -> tuple[Layer, ...]:
    """80x16 mel to a point; the two encoders differ in the residual convolutions of 256 channels only."""
    return (
        Layer(channels=32, residual=2),
        Layer(channels=64, stride=(3, 1), residual=2),
        Layer(channels=128, stride=3, residual=2),
        Layer(channels=256, stride=(3, 2), residual=deepest_residual),
        *TO_POINT,
    )


class NormalisedConv(nn.Module):
    """ReLU(BN(conv(x)) [+ x]); ``conv`` may be a transposed one."""

    def __init__(self, conv: nn.Conv2d | nn.ConvTranspose2d, *, residual: bool = False):
        super().__init__()
        self.conv_block = nn.Sequential(conv, nn.BatchNorm2d(conv.out_channels))
        self.residual = residual

    def forward(self, inputs: Tensor) -> Tensor:
        """(N, C, H, W) to (N, C', H', W')."""
        out = self.conv_block(inputs)
        return functional.relu(out + inputs if self.residual else out)


class LeakyConv(nn.Module):
    """Convolution and leaky ReLU of slope 0.01, without normalisation."""

    def __init__(self, conv: nn.Conv2d):
        super().__init__()
        self.conv_block = nn.Sequential(conv)

    def forward(self, inputs: Tensor) -> Tensor:
        """(N, C, H, W) to (N, C', H', W')."""
        return functional.leaky_relu(self.conv_block(inputs), 0.01)


class Wav2Lip(nn.Module):
    """The generator: a U-net over the face whose inmost point is replaced by the sound."""

    def __init__(self, width: int = 1):
        super().__init__()
        skips = [block[-1].channels // width for block in FACE_ENCODER]
        self.face_encoder_blocks = nn.ModuleList(
            nn.Sequential(*_convs(before, block, width))
            for before, block in zip((6, *skips), FACE_ENCODER, strict=False)
        )
        self.audio_encoder = nn.Sequential(*_convs(1, audio_layers(deepest_residual=1), width))
        self.face_decoder_blocks = _face_decoder(skips, width)
        last = FACE_DECODER[-1][0] // width + skips[0]
        self.output_block = nn.Sequential(
            *_convs(last, (Layer(channels=32),), width), nn.Conv2d(32 // width, 3, 1), nn.Sigmoid()
        )

    def forward(self, audio: Tensor, faces: Tensor) -> Tensor:
        """Repaint the mouth.

        Args:
            audio: (B, 1, 80, 16) mel windows in [-4, 4], or (B, T, 1, 80, 16).
            faces: (B, 6, 96, 96) BGR in [0, 1], the lower half of the first three channels 0; or (B, 6, T, 96, 96).

        Returns:
            (B, 3, 96, 96) BGR in (0, 1), or (B, 3, T, 96, 96).
        """
        if faces.ndim == 5:
            made = self(audio.transpose(0, 1).flatten(0, 1), time_major(faces))
            return made.unflatten(0, (faces.shape[2], -1)).permute(1, 2, 0, 3, 4)
        skips = []
        for block in self.face_encoder_blocks:
            faces = block(faces)
            skips.append(faces)
        out = self.audio_encoder(audio)
        for block in self.face_decoder_blocks:
            out = torch.cat([block(out), skips.pop()], dim=1)
        return self.output_block(out)


class QualityDiscriminator(nn.Module):
    """Is this face's lower half real?"""

    def __init__(self, width: int = 1):
        super().__init__()
        blocks, before = [], 3
        for block in QUALITY:
            convs = []
            for channels, kernel, stride, padding in block:
                convs.append(LeakyConv(nn.Conv2d(before, channels // width, kernel, stride, padding)))
                before = channels // width
            blocks.append(nn.Sequential(*convs))
        self.face_encoder_blocks = nn.ModuleList(blocks)
        self.binary_pred = nn.Sequential(nn.Conv2d(before, 1, 1), nn.Sigmoid())

    def forward(self, faces: Tensor) -> Tensor:
        """(B, 3, T, 96, 96) BGR in [0, 1] to (T·B, 1) probabilities: all of B at the first moment, then the next."""
        out = time_major(faces)
        out = out[:, :, out.shape[2] // 2 :]
        for block in self.face_encoder_blocks:
            out = block(out)
        return self.binary_pred(out).flatten(1)


class SyncExpert(nn.Module):
    """Embeds 0.2 s of sound and five lower faces; the cosine of both is the probability that they belong together."""

    def __init__(self, width: int = 1):
        super().__init__()
        self.face_encoder = nn.Sequential(*_convs(15, EXPERT_FACE, width))
        self.audio_encoder = nn.Sequential(*_convs(1, audio_layers(deepest_residual=2), width))

    def forward(self, audio: Tensor, faces: Tensor) -> tuple[Tensor, Tensor]:
        """Embed both.

        Args:
            audio: (B, 1, 80, 16) mel windows in [-4, 4].
            faces: (B, 15, 48, 96), BGR of the first frame, of the second, and so on, in [0, 1].

        Returns:
            Sound and picture, (B, 512) each: no element below 0, length 1.
        """
        heard, seen = self.audio_encoder(audio).flatten(1), self.face_encoder(faces).flatten(1)
        return functional.normalize(heard), functional.normalize(seen)


def time_major(clips: Tensor) -> Tensor:
    """(B, C, T, H, W) to (T·B, C, H, W): all clips' first frames, then their second ones."""
    return clips.permute(2, 0, 1, 3, 4).flatten(0, 1)


def _convs(before: int, layers: tuple[Layer, ...], width: int) -> list[NormalisedConv]:
    convs = []
    for layer in layers:
        channels = layer.channels // width
        convs.append(NormalisedConv(nn.Conv2d(before, channels, layer.kernel, layer.stride, layer.padding)))
        convs += _residual(channels, layer.residual)
        before = channels
    return convs


def _residual(channels: int, count: int) -> list[NormalisedConv]:
    return [NormalisedConv(nn.Conv2d(channels, channels, 3, padding=1), residual=True) for _ in range(count)]


def _face_decoder(skips: list[int], width: int) -> nn.ModuleList:
    """Each block takes what the one before made, joined to the encoder's picture of the same size."""
    point = Layer(channels=512, kernel=1, padding=0)
    blocks, before = [nn.Sequential(*_convs(512 // width, (point,), width))], 512 // width
    for index, ((official, residual), skip) in enumerate(zip(FACE_DECODER, reversed(skips), strict=False)):
        channels = official // width
        doubling = {"stride": 2, "padding": 1, "output_padding": 1} if index else {}
        grow = nn.ConvTranspose2d(before + skip, channels, 3, **doubling)
        blocks.append(nn.Sequential(NormalisedConv(grow), *_residual(channels, residual)))
        before = channels
    return nn.ModuleList(blocks)
