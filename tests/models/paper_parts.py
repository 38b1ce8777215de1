"""The paper's parts at its own size, and the same parts at widths that run in milliseconds."""

from speak.models.audio_encoder import AudioConfig, Wav2VecConfig
from speak.models.discriminator import DiscriminatorConfig, MultiscaleConfig
from speak.models.editing import EditingConfig
from speak.models.irfd import IrfdConfig, PaperFaceConfig
from speak.models.speak import SpeakConfig
from speak.models.stylegan import StyleGanConfig

FULL_IRFD = IrfdConfig(
    parts="paper", code=512, fusion="mlp",
    editing=EditingConfig(audio=768, hidden=512, channels=32, style=512),
    paper=PaperFaceConfig(encoder="resnet50", synthesis=StyleGanConfig(size=256, base=32768, most=512)), small=None,
)  # fmt: skip
FULL_WAV2VEC = Wav2VecConfig(
    convolution=512, hidden=768, layers=12, heads=12, intermediate=3072, weights=None, random=True,
    freeze_convolutions=True,
)  # fmt: skip
FULL_SPEAK = SpeakConfig(irfd=FULL_IRFD, audio=AudioConfig(paper=FULL_WAV2VEC, small=None))
FULL_DISCRIMINATOR = DiscriminatorConfig(
    parts="paper", paper=MultiscaleConfig(scales=3, convolutions=4, channels=64, most=512), small=None
)

NARROW_IRFD = IrfdConfig(
    parts="paper", code=12, fusion="mlp",
    editing=EditingConfig(audio=10, hidden=24, channels=6, style=14),
    paper=PaperFaceConfig(encoder="resnet18", synthesis=StyleGanConfig(size=32, base=128, most=8)), small=None,
)  # fmt: skip
NARROW_WAV2VEC = Wav2VecConfig(
    convolution=16, hidden=32, layers=1, heads=2, intermediate=32, weights=None, random=True, freeze_convolutions=True
)
NARROW_SPEAK = SpeakConfig(irfd=NARROW_IRFD, audio=AudioConfig(paper=NARROW_WAV2VEC, small=None))
NARROW_DISCRIMINATOR = DiscriminatorConfig(
    parts="paper", paper=MultiscaleConfig(scales=2, convolutions=3, channels=4, most=8), small=None
)
