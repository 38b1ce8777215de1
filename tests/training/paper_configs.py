"""The paper's parts at full picture size and little width: a step takes seconds."""

import dataclasses

from small_configs import irfd_config, loop_of, speak_config

from speak.data.pictures import PicturesConfig
from speak.data.pool import PoolConfig
from speak.losses.adversarial import AdversarialConfig
from speak.models.audio_encoder import AudioConfig, Wav2VecConfig
from speak.models.discriminator import DiscriminatorConfig, MultiscaleConfig
from speak.models.editing import EditingConfig
from speak.models.irfd import IrfdConfig, PaperFaceConfig
from speak.models.speak import SpeakConfig
from speak.models.stylegan import StyleGanConfig
from speak.training.irfd import IrfdTrainConfig
from speak.training.speak import SpeakTrainConfig

PARTS = IrfdConfig(
    parts="paper", code=16, fusion="mlp", editing=EditingConfig(audio=16, hidden=32, channels=8, style=16),
    paper=PaperFaceConfig(encoder="resnet18", synthesis=StyleGanConfig(size=256, base=1024, most=16)), small=None,
)  # fmt: skip
AUDIO = Wav2VecConfig(
    convolution=16, hidden=32, layers=1, heads=2, intermediate=32, weights=None, random=True, freeze_convolutions=True
)
FRAMES = 6
"""5 frames at 25 fps: one window of the test's sync network."""


def pool_of(stretch: int) -> PoolConfig:
    return PoolConfig(clips=4, steps=4, moments=2, stretch=stretch, fps=30.0)


def paper_irfd(steps: int = 2) -> IrfdTrainConfig:
    return dataclasses.replace(irfd_config(steps), irfd=PARTS, augment=None, pool=pool_of(0), batch=1)


def paper_speak(steps: int = 2) -> SpeakTrainConfig:
    return dataclasses.replace(
        speak_config(steps),
        speak=SpeakConfig(irfd=PARTS, audio=AudioConfig(paper=AUDIO, small=None)),
        adversarial=AdversarialConfig(form="nonsaturating", r1=1.0),
        discriminator=DiscriminatorConfig(
            parts="paper", paper=MultiscaleConfig(scales=2, convolutions=3, channels=4, most=8), small=None
        ),
        judged=2,
        sync=None,
        inside=None,
        augment=None,
        shown="own",
        pictures=PicturesConfig(pool=pool_of(FRAMES), pose="whole", emotion="same", emotion_clips=1),
        batch=1,
        frames=FRAMES,
        loop=loop_of(steps),
    )
