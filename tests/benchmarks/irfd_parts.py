"""The smallest IRFD of small parts."""

from speak.config import build
from speak.models.irfd import IrfdConfig

FRAME = {"head": 12, "upper": 8, "mouth": 8, "lead": 8, "pose": 6, "emotion": 4}
SCALE = {"power": 0.5, "mouth_weight": 2.0, "calm_weight": 1.0}
FACE = {"frame": FRAME | SCALE, "encoder": 8, "hidden": 16, "channels": 4, "layers": 1}
EDITING = {"audio": 8, "hidden": 16, "channels": 4, "style": 8}


def irfd_config() -> IrfdConfig:
    content = {"parts": "small", "code": 8, "fusion": "mlp", "editing": EDITING, "paper": None, "small": FACE}
    return build(IrfdConfig, content, "test")
