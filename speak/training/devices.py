"""Where a training runs, in which precision, and how tensors get there and back."""

import contextlib
import dataclasses
import os
from typing import Any, Literal

import torch
from torch import Tensor

DeviceChoice = Literal["auto", "cpu"]
Precision = Literal["full", "bf16"]


def choose(wanted: DeviceChoice) -> torch.device:
    """``auto`` is the GPU where there is one; of several, the one with this process's number on its machine."""
    if wanted == "cpu" or not torch.cuda.is_available():
        return torch.device("cpu")
    return torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")) % torch.cuda.device_count())


def mixed(device: torch.device, precision: Precision) -> contextlib.AbstractContextManager:
    """What the forward pass runs in: bfloat16 where asked for and on a GPU only; on a CPU it loses time."""
    if device.type == "cuda" and precision == "bf16":
        return torch.autocast("cuda", torch.bfloat16)
    return contextlib.nullcontext()


def moved(value: Any, device: torch.device) -> Any:
    """The same value with its tensors on ``device``.

    Dataclasses, dictionaries, lists and tuples are walked; whatever else they hold stays as it is.
    """
    if isinstance(value, Tensor):
        return value.to(device, non_blocking=True)
    if isinstance(value, dict):
        return {key: moved(item, device) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(moved(item, device) for item in value)
    if dataclasses.is_dataclass(value):
        parts = {field.name: moved(getattr(value, field.name), device) for field in dataclasses.fields(value)}
        return dataclasses.replace(value, **parts)
    return value
