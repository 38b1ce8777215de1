"""What decides SPEAK's weights, and what a SPEAK checkpoint holds."""

from dataclasses import dataclass
from typing import Literal

from torch import nn

from speak.data.features import AugmentConfig
from speak.data.pictures import PicturesConfig
from speak.losses import total
from speak.losses.adversarial import AdversarialConfig
from speak.losses.contrastive import ContrastiveConfig
from speak.losses.perceptual import PerceptualConfig
from speak.losses.sync import SyncMode
from speak.models import discriminator
from speak.models import speak as network
from speak.models.discriminator import DiscriminatorConfig
from speak.models.mouth_inside import InsideConfig, MouthInside
from speak.models.small_emotions import EmotionMeans
from speak.models.small_frame import FrameBasis
from speak.models.small_sync import SmallSync, SmallSyncConfig
from speak.models.speak import Speak, SpeakConfig
from speak.training.loop import LoopConfig


@dataclass(frozen=True, kw_only=True)
class SpeakTrainConfig:
    """Everything that decides SPEAK's weights.

    Attributes:
        speak: parts and sizes.
        weights: of the terms of eq. 13 (``speak.losses.total.TERMS``); 0 leaves a term out (Table 4).
        adopt: start from IRFD's encoders. False is "w/o IRFD": encoders from scratch, trained with the generator at
            the full rate (paper notes, row 22); L_vgg is measured by IRFD's encoders all the same.
        frozen_share: share of the steps in which adopted encoders stay as they are; 1 keeps them so (row 15).
        tuning_rate: their share of the learning rate afterwards.
        adversarial: how eq. 10 is played.
        discriminator: its parts and sizes.
        judged: frames of a batch that the discriminator sees.
        perceptual: what L_vgg looks with.
        sync: sizes of the sync network of small parts; None for paper parts.
        contrastive: eq. 11 for its training.
        sync_mode: how eqs. 11 and 12 are read for the generator.
        min_shift: frames from which two windows of a clip count as not matching.
        inside: pictures between the lips; None for paper parts.
        augment: random changes of small frames; None for paper parts.
        pictures: what paper parts see; None for small parts.
        shown: who leads expression and pose in training: ``own``, the target itself, as the paper's self-driven
            setting has it, or ``apart``, strangers who share nothing but this factor with the target (small parts).
        batch, frames: stretches in a batch, and their length.
    """

    speak: SpeakConfig
    weights: dict[str, float]
    adopt: bool
    frozen_share: float
    tuning_rate: float
    adversarial: AdversarialConfig
    discriminator: DiscriminatorConfig
    judged: int
    perceptual: PerceptualConfig
    sync: SmallSyncConfig | None
    contrastive: ContrastiveConfig
    sync_mode: SyncMode
    min_shift: int
    inside: InsideConfig | None
    augment: AugmentConfig | None
    pictures: PicturesConfig | None
    shown: Literal["own", "apart"]
    batch: int
    frames: int
    loop: LoopConfig

    def __post_init__(self):
        if self.weights.keys() != set(total.TERMS):
            raise ValueError(f"weights wanted for {', '.join(total.TERMS)}, got {', '.join(self.weights)}")
        if self.speak.parts == "paper" and self.pictures is None:
            raise ValueError("parts are paper, but section pictures is missing")
        if self.speak.parts == "paper" and self.shown == "apart":
            raise ValueError("shown: strangers can only lead small parts; for pictures see pictures.pose and .emotion")
        if self.pictures is not None and self.pictures.pool.stretch < self.frames:
            raise ValueError(f"frames: {self.frames} in a stretch, but the pool keeps {self.pictures.pool.stretch}")


class SpeakModel(nn.Module):
    """What a SPEAK checkpoint holds: the network, its judges, mean emotions, and the bases of small parts."""

    def __init__(self, config: SpeakTrainConfig, *, restore: bool = False):
        super().__init__()
        self.pictures = config.pictures
        is_small = config.speak.parts == "small"
        self.speak: Speak = network.build(config.speak, restore=restore)
        self.discriminator = discriminator.build(config.discriminator)
        self.sync = SmallSync(config.sync, config.speak.irfd.small.frame) if is_small else None
        self.basis = FrameBasis(config.speak.irfd.small.frame) if is_small else None
        self.inside = MouthInside(config.inside) if is_small else None
        self.emotions = EmotionMeans(config.speak.irfd.small.frame.size if is_small else config.speak.irfd.code)
