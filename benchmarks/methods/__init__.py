"""The methods that can be compared; one adapter a file."""

from benchmarks.methods.codec_ceiling import CodecCeiling
from benchmarks.methods.ground_truth import GroundTruth
from benchmarks.methods.method import Method
from benchmarks.methods.mouth import Mouth
from benchmarks.methods.still import Still

METHODS: dict[str, type[Method]] = {
    "ground_truth": GroundTruth,
    "codec_ceiling": CodecCeiling,
    "still": Still,
    "mouth": Mouth,
}
