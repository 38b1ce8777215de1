"""The audio encoder of section 3.2.1: a waveform becomes one vector f_a for each video frame.

``paper`` parts: wav2vec 2.0 base (a convolutional feature extractor and a transformer), whose 50 features a second are
interpolated linearly to the video's frames, as FaceFormer does. Its weights are read from a folder on this computer;
random weights must be asked for by name. ``small`` parts: convolutions over log-mel bands.
"""

from dataclasses import dataclass
from pathlib import Path

import torch
import transformers  # itself light; what is taken from it loads when it is used
from torch import Tensor, nn
from torch.nn import functional

from speak.assets import REGISTRY, asset
from speak.errors import UserError
from speak.media import mel

SHORTEST = 400
"""Samples that one feature of wav2vec 2.0 sees."""


@dataclass(frozen=True, kw_only=True)
class Wav2VecConfig:
    """Wav2vec 2.0; the base model is 512, 768, 12, 12, 3072.

    Attributes:
        convolution: channels of the seven convolutions.
        hidden: width of the transformer.
        layers: number of transformer layers.
        heads: attention heads.
        intermediate: width between the two linear layers of a transformer layer.
        weights: folder with ``model.safetensors`` of a pretrained model of this size, ``registry`` for
            facebook/wav2vec2-base-960h (``speak.assets``), or None.
        random: start from random weights; must be true where ``weights`` is None, and false where it is not.
        freeze_convolutions: do not train the convolutions (FaceFormer does not).
    """

    convolution: int
    hidden: int
    layers: int
    heads: int
    intermediate: int
    weights: str | None
    random: bool
    freeze_convolutions: bool

    def __post_init__(self):
        if self.random == (self.weights is not None):
            raise ValueError(
                "wav2vec 2.0 starts either from pretrained weights (weights: folder, random: false) "
                "or from random ones (weights: null, random: true)"
            )


@dataclass(frozen=True, kw_only=True)
class MelAudioConfig:
    """Convolutions over log-mel bands, 100 a second.

    Attributes:
        bands: mel bands.
        channels: of each convolution.
        kernel: mel frames a convolution sees; odd.
        dilations: step between them, one entry for each convolution.
    """

    bands: int
    channels: int
    kernel: int
    dilations: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class AudioConfig:
    """The encoder of each kind of parts; None where the other kind is used."""

    paper: Wav2VecConfig | None
    small: MelAudioConfig | None


class Wav2VecEncoder(nn.Module):
    """Wav2vec 2.0, interpolation to the video's frames, and a linear map to f_a."""

    def __init__(self, config: Wav2VecConfig, width: int, restore: bool):
        super().__init__()
        self.wav2vec = (
            _pretrained(config) if config.weights and not restore else transformers.Wav2Vec2Model(_architecture(config))
        )
        if config.freeze_convolutions:
            self.wav2vec.feature_extractor.requires_grad_(False)
        self.project = nn.Linear(config.hidden, width)

    def forward(self, audio: Tensor, num_frames: int) -> Tensor:
        """(B, S) 16 kHz to (B, num_frames, width). Raises UserError below 25 ms of sound."""
        if audio.shape[1] < SHORTEST:
            raise UserError(f"the sound has {audio.shape[1]} samples; wav2vec 2.0 needs at least {SHORTEST} (25 ms)")
        features = self.wav2vec(_standard(audio)).last_hidden_state
        return self.project(to_frames(features, num_frames))


class MelEncoder(nn.Module):
    """Dilated convolutions over log-mel bands, and a linear map to f_a; beyond the clip there is silence."""

    def __init__(self, config: MelAudioConfig, width: int, restore: bool):
        super().__init__()
        self.bands = config.bands
        self.margin = sum(config.dilations) * (config.kernel // 2)
        layers, before = [], config.bands
        for dilation in config.dilations:
            layers += [nn.Conv1d(before, config.channels, config.kernel, dilation=dilation), nn.ReLU()]
            before = config.channels
        self.convolve = nn.Sequential(*layers)
        self.project = nn.Linear(config.channels, width)

    def forward(self, audio: Tensor, num_frames: int) -> Tensor:
        """(B, S) 16 kHz to (B, num_frames, width)."""
        bands = log_mel(audio, self.bands)
        silence = torch.full_like(bands[:, :1], mel.FLOOR).log().expand(-1, self.margin, -1)
        return self.from_mel(torch.cat([silence, bands, silence], dim=1), num_frames)

    def from_mel(self, bands: Tensor, num_frames: int) -> Tensor:
        """As ``forward``, from log-mel frames kept ready.

        Args:
            bands: (B, M + 2 ``margin``, bands) log-mel of the clip with ``margin`` frames of what surrounds it.
            num_frames: T video frames over the M mel frames.
        """
        features = self.convolve(bands.transpose(1, 2) / 3.0 + 2.0)
        # Mel frames and video frames tile the same time, so the middle of one is compared with that of the other.
        features = functional.interpolate(features, num_frames, mode="linear", align_corners=False)
        return self.project(features.transpose(1, 2))


KINDS = {"paper": Wav2VecEncoder, "small": MelEncoder}


def build(config: AudioConfig, parts: str, width: int, *, restore: bool) -> nn.Module:
    """The audio encoder of a kind of parts, ending in vectors of length ``width``.

    Args:
        config: sizes.
        parts: ``paper`` or ``small``.
        width: length of f_a.
        restore: a checkpoint's weights come next, so pretrained weights are not read.

    Raises:
        UserError: no sizes for these parts, or the pretrained weights are missing or do not fit.
    """
    chosen = getattr(config, parts)
    if chosen is None:
        raise UserError(f"audio: parts are {parts}, but section audio.{parts} is missing")
    return KINDS[parts](chosen, width, restore)


def to_frames(features: Tensor, num_frames: int) -> Tensor:
    """Linear interpolation in time, first feature on first frame and last on last, as FaceFormer does.

    Wav2vec's features see whole 25 ms windows, so the first and last lie inside the clip like the middles of the first
    and last video frame.

    Args:
        features: (B, L, W).
        num_frames: wanted length T.

    Returns:
        (B, T, W).
    """
    stretched = functional.interpolate(features.transpose(1, 2), num_frames, mode="linear", align_corners=True)
    return stretched.transpose(1, 2)


def log_mel(audio: Tensor, bands: int) -> Tensor:
    """``speak.media.mel.log_mel`` for batches on any device: (B, S) to (B, S // 160, bands)."""
    count = audio.shape[1] // mel.HOP
    margin = (mel.WINDOW - mel.HOP) // 2
    padded = functional.pad(audio, (margin, margin + mel.WINDOW))
    frames = padded.unfold(1, mel.WINDOW, mel.HOP)[:, :count]
    taper = torch.hann_window(mel.WINDOW, device=audio.device)
    magnitudes = torch.fft.rfft(frames * taper, mel.FFT).abs() / taper.sum()
    filters = torch.from_numpy(mel.mel_filters(bands)).to(audio.device)
    return (magnitudes @ filters.T).clamp(min=mel.FLOOR).log()


def _architecture(config: Wav2VecConfig) -> "transformers.Wav2Vec2Config":
    """Base architecture; masking and layer dropping are for its own pretraining and are off."""
    return transformers.Wav2Vec2Config(
        conv_dim=(config.convolution,) * 7,
        hidden_size=config.hidden,
        num_hidden_layers=config.layers,
        num_attention_heads=config.heads,
        intermediate_size=config.intermediate,
        mask_time_prob=0.0,
        layerdrop=0.0,
    )


def _pretrained(config: Wav2VecConfig) -> "transformers.Wav2Vec2Model":
    folder = asset("wav2vec2").parent if config.weights == REGISTRY else Path(config.weights)
    if not (folder / "model.safetensors").is_file():
        raise UserError(
            f"{folder}: no wav2vec 2.0 here (model.safetensors); put facebook/wav2vec2-base-960h there, "
            "let it be fetched (weights: registry), or ask for random weights (weights: null, random: true)"
        )
    try:
        model, found = transformers.Wav2Vec2Model.from_pretrained(
            folder, config=_architecture(config), local_files_only=True, use_safetensors=True, output_loading_info=True
        )
    except (RuntimeError, OSError, ValueError) as error:
        raise UserError(f"{folder}: cannot be read as wav2vec 2.0 of the configured size: {error}") from error
    lost = set(found["missing_keys"]) - {"masked_spec_embed"}  # the mask's vector is never used
    if lost or found.get("mismatched_keys"):
        raise UserError(f"{folder}: weights of {len(lost) or 'other'} layers are missing or of another size")
    return model


def _standard(audio: Tensor) -> Tensor:
    """Mean 0 and variance 1 for each clip, as wav2vec 2.0 base was trained."""
    centred = audio - audio.mean(dim=1, keepdim=True)
    return centred / (centred.square().mean(dim=1, keepdim=True) + 1e-7).sqrt()
