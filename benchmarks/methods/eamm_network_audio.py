"""EAMM, audio_feature: photo, sound and head pose to the features in which key points are found."""

import itertools

import torch
from torch import Tensor, nn

from benchmarks.methods.eamm_network_blocks import COLOURS, Halve
from benchmarks.methods.stylegan2_layers import Synthesis

PICTURE_CHANNELS = (4, 8, 16, 32, 64, 128, 256, 512)
POSE = 6
SOUND_CELLS = 12 * 2
"""What 28x12 cepstra are after both pools."""
HIDDEN = 256
LSTM_LAYERS = 3
DECODER_CHANNELS = (256, 128, 128, 128)
FEATURES = 32
STORED_CHANNELS = {4: 256, 8: 256, 16: 128, 32: 64, 64: 32}


class AudioFeatures(nn.Module):
    """An LSTM over frames; each frame's state is unfolded into a map of 64x64.

    ``generator`` is an alternative decoder of the original, stored with the weights and never used by its demo.
    ``audio_eocder`` is spelt as in the weights.

    Args:
        width: divides the channels.
    """

    def __init__(self, width: int = 1):
        super().__init__()
        pictures = [COLOURS, *(max(1, count // width) for count in PICTURE_CHANNELS)]
        hidden = HIDDEN // width
        self.down_blocks = nn.ModuleList(Halve(*pictures[level : level + 2]) for level in range(len(PICTURE_CHANNELS)))
        self.pose_encoder = _rectified(POSE, 128 // width, hidden)
        self.audio_eocder = _sound_encoder(width)
        self.audio_eocder_fc = _rectified(512 // width * SOUND_CELLS, 2048 // width, hidden)
        self.lstm = nn.LSTM(pictures[-1] + 2 * hidden, hidden, LSTM_LAYERS, batch_first=True)
        self.decon = _decoder(width)
        stored = {size: count // width for size, count in STORED_CHANNELS.items()}
        self.generator = Synthesis(stored, hidden, FEATURES // width + COLOURS)

    def forward(
        self,
        example_image: Tensor,
        audio: Tensor,
        pose: Tensor,
        jaco_net: str = "cnn",
        weight: float = 1.0,
        shown: slice = slice(None),
    ) -> Tensor:
        """Make the features of a clip.

        Args:
            example_image: (N, 3, 256, 256) in [0, 1].
            audio: (N, T, 28, 12), cepstra 1 to 12.
            pose: (N, T, 6): yaw, pitch, roll in degrees, scale, x, y.
            jaco_net: the decoder; only "cnn", that of the demo, is there.
            weight: factor on the sound's features: 1 in training, 1.6 in the demo.
            shown: frames to make the features of, of the T that are heard.

        Returns:
            (N, T, 32 / width + 3, 64, 64), T those shown.
        """
        if jaco_net != "cnn":
            raise ValueError(f"jaco_net must be 'cnn', got {jaco_net!r}")
        batch, frames = audio.shape[:2]
        picture = example_image
        for block in self.down_blocks:
            picture = block(picture)
        picture = picture.flatten(1)[:, None].expand(-1, frames, -1)
        sound = self.audio_eocder(audio.flatten(0, 1)[:, None]).flatten(1)
        sound = weight * self.audio_eocder_fc(sound).unflatten(0, (batch, frames))
        states, _ = self.lstm(torch.cat([picture, sound, self.pose_encoder(pose)], dim=2))
        states = states[:, shown]
        return self.decon(states.flatten(0, 1)[..., None, None]).unflatten(0, states.shape[:2])


def _rectified(inputs: int, hidden: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(inputs, hidden), nn.ReLU(), nn.Linear(hidden, outputs), nn.ReLU())


def _sound_encoder(width: int) -> nn.Sequential:
    """(N, 1, 28, 12) to (N, 512 / width, 12, 2)."""
    counts = [1, *(count // width for count in (64, 128, 256, 256, 512))]
    layers: list[nn.Module] = []
    for before, after in itertools.pairwise(counts):
        convolution = nn.Conv2d(before, after, 3, padding=1, bias=False)
        layers.append(nn.Sequential(convolution, nn.BatchNorm2d(after), nn.ReLU()))
    layers.insert(2, nn.MaxPool2d(3, stride=(1, 2)))
    return nn.Sequential(*layers, nn.MaxPool2d(3, stride=2))


def _decoder(width: int) -> nn.Sequential:
    """(N, 256 / width, 1, 1) to (N, 32 / width + 3, 64, 64): a step to 4x4 and four doublings."""
    counts = [HIDDEN // width, *(count // width for count in DECODER_CHANNELS)]
    layers: list[nn.Module] = []
    for index, (before, after) in enumerate(itertools.pairwise(counts)):
        unfold = nn.ConvTranspose2d(before, after, 6 if index == 0 else 4, stride=2, padding=1)
        layers += [unfold, nn.BatchNorm2d(after), nn.ReLU()]
    return nn.Sequential(*layers, nn.ConvTranspose2d(counts[-1], FEATURES // width + COLOURS, 4, stride=2, padding=1))
