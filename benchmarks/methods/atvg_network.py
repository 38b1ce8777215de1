"""The two networks of ATVG (Chen et al., CVPR 2019), with the state-dict keys of its authors' weight files.

    AT-net   sound and the identity's landmarks -> landmarks of every frame, as 6 PCA coefficients
    VG-net   identity picture and landmarks -> frames, with an attention map that keeps what need not move

``width`` divides inner channel counts; 1 is the official size, the only one that the files fit. Frames are computed
side by side; in evaluation mode that equals the authors' loop over time, in training it pools the batch statistics of
the T frames. VG-net's memory grows with T; with one identity (B = 1) its frames do not depend on each other, so a
long clip may be made in parts.
"""

import math
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

LANDMARKS = 2 * 68
COEFFICIENTS = 6
GRID = 8
"""The landmarks become a GRID x GRID picture of one channel, the size of the encoded identity picture."""


class AtNet(nn.Module):
    """Audio transformation network: an LSTM over what is heard, beside the identity's landmarks."""

    def __init__(self, width: int = 1):
        super().__init__()
        channels = [count // width for count in (64, 128, 256, 512)]
        thin, low, middle, high = channels
        self.lmark_encoder = nn.Sequential(
            nn.Linear(COEFFICIENTS, middle), nn.ReLU(), nn.Linear(middle, high), nn.ReLU()
        )
        self.audio_eocder = nn.Sequential(  # spelt as in the weight files
            *_convs(1, thin, low),
            nn.MaxPool2d(3, stride=(1, 2)),
            *_convs(low, middle, middle, high),
            nn.MaxPool2d(3, stride=2),
        )
        hidden = 2048 // width
        self.audio_eocder_fc = nn.Sequential(
            nn.Linear(high * 12 * 2, hidden), nn.ReLU(), nn.Linear(hidden, middle), nn.ReLU()
        )
        self.lstm = nn.LSTM(high + middle, middle, num_layers=3, batch_first=True)
        self.lstm_fc = nn.Sequential(nn.Linear(middle, COEFFICIENTS))

    def forward(self, example_landmark: Tensor, audio: Tensor) -> Tensor:
        """Landmarks of every frame.

        Args:
            example_landmark: (B, 6) PCA coefficients of the identity's landmarks.
            audio: (B, T, 28, 12) MFCC windows, 28 steps of 10 ms around each frame of 25 fps.

        Returns:
            (B, T, 6) PCA coefficients.
        """
        batch, frames = audio.shape[:2]
        heard = self.audio_eocder_fc(self.audio_eocder(audio.flatten(0, 1)[:, None]).flatten(1))
        identity = self.lmark_encoder(example_landmark)[:, None].expand(-1, frames, -1)
        out, _ = self.lstm(torch.cat([identity, heard.unflatten(0, (batch, frames))], dim=2))
        return self.lstm_fc(out)


class ConvGru(nn.Module):
    """A GRU whose products are 3x3 convolutions of dilation 2.

    It recurs over the first axis. VG-net gives it (B, T, ...): the authors' network recurs over the clips of a batch
    and not over time, and its weights were trained so.
    """

    def __init__(self, inputs: int, hidden: int):
        super().__init__()
        bound = 1 / math.sqrt(hidden)
        self.weight_ih_l0 = nn.Parameter(torch.empty(3 * hidden, inputs, 3, 3).uniform_(-bound, bound))
        self.weight_hh_l0 = nn.Parameter(torch.empty(3 * hidden, hidden, 3, 3).uniform_(-bound, bound))
        self.bias_ih_l0 = nn.Parameter(torch.empty(3 * hidden).uniform_(-bound, bound))
        self.bias_hh_l0 = nn.Parameter(torch.empty(3 * hidden).uniform_(-bound, bound))

    def forward(self, inputs: Tensor) -> Tensor:
        """(S, N, C, H, W), recurring over S from a state of zeros, to (S, N, hidden, H, W)."""
        fed = _dilated(inputs.flatten(0, 1), self.weight_ih_l0, self.bias_ih_l0).unflatten(0, inputs.shape[:2])
        channels = self.weight_hh_l0.shape[1]
        state = inputs.new_zeros(inputs.shape[1], channels, *inputs.shape[3:])
        states = []
        for step in fed:
            kept = _dilated(state, self.weight_hh_l0, self.bias_hh_l0)
            reset = torch.sigmoid(step[:, :channels] + kept[:, :channels])
            update = torch.sigmoid(step[:, channels:-channels] + kept[:, channels:-channels])
            new = torch.tanh(step[:, -channels:] + reset * kept[:, -channels:])
            state = new + update * (state - new)
            states.append(state)
        return torch.stack(states)


class ResidualBlock(nn.Module):
    """x + two convolutions; half of what lies between them is dropped in training."""

    def __init__(self, channels: int):
        super().__init__()
        first, second = (nn.Conv2d(channels, channels, 3, padding=1, bias=False) for _ in range(2))
        self.conv_block = nn.Sequential(
            first, nn.BatchNorm2d(channels), nn.ReLU(), nn.Dropout(0.5), second, nn.BatchNorm2d(channels)
        )

    def forward(self, inputs: Tensor) -> Tensor:
        """(N, C, H, W) to the same shape."""
        return inputs + self.conv_block(inputs)


class VgNet(nn.Module):
    """Visual generation network."""

    def __init__(self, width: int = 1):
        super().__init__()
        self.channels = [count // width for count in (32, 64, 128, 256, 512)]
        fine, thin, low, middle, high = self.channels
        self.image_encoder1 = nn.Sequential(
            nn.ReflectionPad2d(3), _conv(3, thin, 7, 1, 0), _conv(thin, thin, 3, 2), _conv(thin, low, 3, 2)
        )
        self.image_encoder2 = nn.Sequential(_conv(low, middle, 3, 2), _conv(middle, high, 3, 2))
        self.landmark_encoder = nn.Sequential(nn.Linear(LANDMARKS, GRID * GRID), nn.ReLU())
        self.landmark_encoder_stage2 = nn.Sequential(_conv(1, middle))
        self.lmark_att = nn.Sequential(
            *_double(2 * middle, middle, bias=True),
            *_double(middle, low, bias=True),
            nn.Sequential(nn.Conv2d(low, 1, 3, padding=1), nn.Sigmoid()),
        )
        self.lmark_feature = nn.Sequential(_conv(middle, high))
        self.bottle_neck = nn.Sequential(_conv(2 * high, low))
        self.convGRU = ConvGru(low, high)
        self.generator1 = nn.Sequential(
            *(ResidualBlock(high) for _ in range(9)), *_double(high, middle), *_double(middle, low)
        )
        self.base = nn.Sequential(*_double(low, thin), *_double(thin, fine))
        self.generator_color = nn.Sequential(nn.Conv2d(fine, 3, 7, padding=3), nn.Tanh())
        self.generator_attention = nn.Sequential(nn.Conv2d(fine, 1, 7, padding=3), nn.Sigmoid())

    def forward(
        self, image: Tensor, landmarks: Tensor, example_landmark: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Make a clip.

        Args:
            image: (B, 3, 128, 128) RGB in [-1, 1], the identity.
            landmarks: (B, T, 136) that lead the frames, x and y in turn, normalised shape times 5.
            example_landmark: (B, 136), those of the identity, in the same space.

        Returns:
            Frames (B, T, 3, 128, 128) in [-1, 1]; the attention (B, T, 1, 128, 128) in (0, 1) that made them, their
            colours (B, T, 3, 128, 128) in [-1, 1], and the landmarks' attention (B, T, 1, 32, 32) in (0, 1).
        """
        batch, frames = landmarks.shape[:2]
        shallow = self.image_encoder1(image)
        seen = _repeat(self.image_encoder2(shallow), frames)
        example, moved = (self._draw(points) for points in (example_landmark, landmarks.flatten(0, 1)))
        landmark_attention = self.lmark_att(torch.cat([moved, _repeat(example, frames)], dim=1))
        displacement = self.lmark_feature(moved) - _repeat(self.lmark_feature(example), frames)
        joined = self.bottle_neck(torch.cat([seen, displacement], dim=1))
        state = self.convGRU(joined.unflatten(0, (batch, frames))).flatten(0, 1)
        blended = torch.lerp(_repeat(shallow, frames), self.generator1(state), landmark_attention)
        colours, attention = self._paint(self.base(blended))
        made = torch.lerp(_repeat(image, frames), colours, attention)
        return tuple(part.unflatten(0, (batch, frames)) for part in (made, attention, colours, landmark_attention))

    def _paint(self, base: Tensor) -> tuple[Tensor, Tensor]:
        """Colours and attention by one convolution, channels last: on a CPU several times as fast as two."""
        convs = self.generator_color[0], self.generator_attention[0]
        weight, bias = (torch.cat([getattr(conv, name) for conv in convs]) for name in ("weight", "bias"))
        last = torch.channels_last
        both = functional.conv2d(
            base.contiguous(memory_format=last), weight.contiguous(memory_format=last), bias, padding=3
        )
        colours, attention = both.contiguous().float().split([3, 1], dim=1)
        return torch.tanh(colours), torch.sigmoid(attention)

    def _draw(self, points: Tensor) -> Tensor:
        """(N, 136) landmarks to a picture of features, (N, C, GRID, GRID)."""
        return self.landmark_encoder_stage2(self.landmark_encoder(points).view(-1, 1, GRID, GRID))


def _repeat(per_clip: Tensor, frames: int) -> Tensor:
    """(B, ...) to (B·frames, ...), each clip's frames side by side."""
    return per_clip.repeat_interleave(frames, dim=0)


def _dilated(inputs: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    return functional.conv2d(inputs, weight, bias, padding=2, dilation=2)


def _conv(inputs: int, outputs: int, kernel: int = 3, stride: int = 1, padding: int = 1) -> nn.Sequential:
    conv = nn.Conv2d(inputs, outputs, kernel, stride, padding, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(outputs), nn.ReLU())


def _convs(*channels: int) -> list[nn.Sequential]:
    return [_conv(before, after) for before, after in pairwise(channels)]


def _double(inputs: int, outputs: int, *, bias: bool = False) -> tuple[nn.Module, ...]:
    """Twice the height and width."""
    grow = nn.ConvTranspose2d(inputs, outputs, 3, stride=2, padding=1, output_padding=1, bias=bias)
    return grow, nn.BatchNorm2d(outputs), nn.ReLU()
