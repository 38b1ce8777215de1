"""The methods that can be compared, by the name they have in params.yaml and score files."""

from benchmarks.methods.baselines import BASELINES
from benchmarks.methods.codec_ceiling import CodecCeiling
from benchmarks.methods.ground_truth import GroundTruth
from benchmarks.methods.method import Method
from benchmarks.methods.mouth import Mouth
from benchmarks.methods.speak import adapter
from benchmarks.methods.still import Still

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
