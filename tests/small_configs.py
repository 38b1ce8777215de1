"""Tiny configurations of IRFD and SPEAK with small parts: a training of a few steps takes a second."""

from speak.data.features import AugmentConfig
from speak.losses.adversarial import AdversarialConfig
from speak.losses.contrastive import ContrastiveConfig
from speak.losses.identity import IdentityLossConfig
from speak.losses.perceptual import PerceptualConfig
from speak.models.audio_encoder import AudioConfig, MelAudioConfig
from speak.models.discriminator import DiscriminatorConfig
from speak.models.editing import EditingConfig
from speak.models.irfd import IrfdConfig
from speak.models.mouth_inside import InsideConfig
from speak.models.small import SmallDiscriminatorConfig, SmallFaceConfig
from speak.models.small_frame import SmallFrameConfig
from speak.models.small_sync import SmallSyncConfig
from speak.models.speak import SpeakConfig
from speak.training.irfd import IrfdTrainConfig
from speak.training.loop import LoopConfig
from speak.training.speak import SpeakTrainConfig

FRAME = SmallFrameConfig(
    head=10, upper=4, mouth=6, lead=8, pose=8, emotion=4, power=0.5, mouth_weight=2.0, calm_weight=1.0
)
PARTS = IrfdConfig(
    parts="small", code=16, fusion="mlp", editing=EditingConfig(audio=16, hidden=32, channels=8, style=16), paper=None,
    small=SmallFaceConfig(frame=FRAME, encoder=32, hidden=32, channels=8, layers=2),
)  # fmt: skip
AUGMENT = AugmentConfig(person=0.5, stranger=1.5, turn=3.0, scale=0.03, shift=4.0, gain=0.2, hiss=0.001)


def loop_of(steps: int, seed: int = 0) -> LoopConfig:
    return LoopConfig(
        steps=steps, learning_rate=3e-3, warmup_steps=2, final_rate=0.1, clip_norm=5.0, ema_decay=0.9,
        checkpoint_every=max(1, steps // 2), log_every=1, sample_every=None, seed=seed, prefetch=0, device="cpu",
        precision="full", workers=1,
    )  # fmt: skip


def irfd_config(steps: int = 4) -> IrfdTrainConfig:
    return IrfdTrainConfig(
        irfd=PARTS,
        weights={"identity": 1.0, "cls": 0.2, "pose": 1.0, "emotion": 1.0, "self": 4.0},
        identity=IdentityLossConfig(form="triplet", margin=0.5),
        shown="apart",
        factor=None,
        augment=AUGMENT,
        pool=None,
        batch=16,
        loop=loop_of(steps),
    )


def speak_config(steps: int = 4) -> SpeakTrainConfig:
    return SpeakTrainConfig(
        speak=SpeakConfig(
            irfd=PARTS,
            audio=AudioConfig(paper=None, small=MelAudioConfig(bands=20, channels=24, kernel=5, dilations=(1, 2))),
        ),
        weights={"gan": 0.05, "sync": 0.1, "vgg": 1.0},
        adopt=True,
        frozen_share=0.5,
        tuning_rate=0.1,
        adversarial=AdversarialConfig(form="nonsaturating", r1=0.1),
        discriminator=DiscriminatorConfig(
            parts="small", paper=None, small=SmallDiscriminatorConfig(frame=FRAME, hidden=16)
        ),
        judged=16,
        perceptual=PerceptualConfig(features="encoders", weights=None),
        sync=SmallSyncConfig(window=5, bands=20, sound=20, hidden=24, embedding=16),
        contrastive=ContrastiveConfig(margin=1.2, negative_weight=1.0, hardest=0.1),
        sync_mode="both",
        min_shift=3,
        inside=InsideConfig(width=12, height=8, components=4, clips=4, every=2, ridge=0.01),
        augment=AUGMENT,
        shown="apart",
        pictures=None,
        batch=4,
        frames=16,
        loop=loop_of(steps),
    )
