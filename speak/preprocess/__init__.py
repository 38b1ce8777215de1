"""From a source file to a clip: one face in a fixed box, constant rate, sound on the same clock.

``make`` leads through it, ``shot`` finds the part of the video, ``quality`` measures the finished clip, ``config``
holds the parameters.
"""

from speak.preprocess.config import PreprocessConfig, QualityConfig, recipe_hash
from speak.preprocess.make import Rejected, process
from speak.preprocess.quality import SyncEmbed

__all__ = ["PreprocessConfig", "QualityConfig", "Rejected", "SyncEmbed", "process", "recipe_hash"]
