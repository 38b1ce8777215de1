"""The methods that can be compared; one adapter a file."""

from benchmarks.methods.atvg import Atvg
from benchmarks.methods.baseline import Baseline
from benchmarks.methods.codec_ceiling import CodecCeiling
from benchmarks.methods.eamm import Eamm
from benchmarks.methods.ground_truth import GroundTruth
from benchmarks.methods.method import Method
from benchmarks.methods.mouth import Mouth
from benchmarks.methods.networks import NETWORKS
from benchmarks.methods.pc_avs import PcAvs
from benchmarks.methods.speak import adapter
from benchmarks.methods.still import Still
from benchmarks.methods.wav2lip import Wav2Lip

__all__ = ["BASELINES", "METHODS", "NETWORKS", "Method"]

BASELINES: dict[str, type[Baseline]] = {"atvg": Atvg, "eamm": Eamm, "pc_avs": PcAvs, "wav2lip": Wav2Lip}

METHODS: dict[str, type[Method]] = {
    "ground_truth": GroundTruth,
    "codec_ceiling": CodecCeiling,
    "still": Still,
    "mouth": Mouth,
    **BASELINES,
    "speak": adapter("full"),
    "speak_no_identity": adapter("no_identity"),
    "speak_no_cls": adapter("no_cls"),
    "speak_no_pose": adapter("no_pose"),
    "speak_no_emotion": adapter("no_emotion"),
    "speak_no_self": adapter("no_self"),
    "speak_no_irfd": adapter("no_irfd"),
    "speak_no_gan": adapter("no_gan"),
    "speak_no_vgg": adapter("no_vgg"),
    "speak_no_sync": adapter("no_sync"),
}
