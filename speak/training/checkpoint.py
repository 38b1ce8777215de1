"""Checkpoints: whole or absent, loadable without running code, and refused when they belong to something else.

A checkpoint is a dictionary of tensors, numbers and strings (``torch.load(weights_only=True)`` reads nothing else). Its
fingerprint is a hash of the parameters and of the source text that made it, so that weights of another configuration or
another version of the network are refused by name and not loaded in silence.
"""

import dataclasses
import hashlib
import inspect
import io
import json
import pickle
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import Any

import torch

from speak.errors import UserError
from speak.files import write_bytes

FORMAT = 2
KEYS = {"format", "kind", "fingerprint", "data", "config", "step", "model", "ema", "optimiser", "log"}


def fingerprint(config: Any, modules: Iterable[ModuleType]) -> str:
    """Hash of a configuration and of the source text of the modules that give it its meaning.

    Args:
        config: a dataclass.
        modules: every module whose code shapes the trained weights or how they are used.
    """
    digest = hashlib.sha256(json.dumps(dataclasses.asdict(config), sort_keys=True).encode())
    for module in sorted(modules, key=lambda module: module.__name__):
        digest.update(f"\0{module.__name__}\0{inspect.getsource(module)}".encode())
    return digest.hexdigest()[:32]


def digest(items: Iterable[str]) -> str:
    """Hash of a list of names, e.g. of the clips trained on."""
    return hashlib.sha256("\n".join(items).encode()).hexdigest()[:32]


def save(path: Path, content: dict[str, Any]) -> None:
    """Write a checkpoint under a temporary name, then rename; same content, same bytes."""
    if content.keys() | {"format"} != KEYS:
        raise ValueError(f"a checkpoint holds {sorted(KEYS)}, got {sorted(content)}")
    buffer = io.BytesIO()
    torch.save({"format": FORMAT, **content}, buffer)
    write_bytes(path, buffer.getvalue())


def load(path: Path, *, kind: str, expected: str | None = None) -> dict[str, Any]:
    """Read a checkpoint.

    Args:
        path: the file.
        kind: what it must hold, e.g. ``"sync"``.
        expected: fingerprint that it must carry; None accepts any (the user named the file by hand).

    Raises:
        UserError: missing, unreadable, of another kind, or made by other parameters or code.
    """
    if not Path(path).is_file():
        raise UserError(f"{path}: no such checkpoint; train it first (dvc repro)")
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except (RuntimeError, pickle.UnpicklingError, EOFError, OSError) as error:
        raise UserError(f"{path}: not a readable checkpoint ({str(error).splitlines()[0]}); train it again") from error
    if not isinstance(content, dict) or content.keys() != KEYS or content["format"] != FORMAT:
        raise UserError(f"{path}: not a checkpoint of this version of speak; train it again")
    if content["kind"] != kind:
        raise UserError(f"{path}: holds a {content['kind']} model where a {kind} model is wanted")
    if expected is not None and content["fingerprint"] != expected:
        raise UserError(f"{path}: made with other parameters or code than the present ones; train it again (dvc repro)")
    return content


def weights(content: dict[str, Any]) -> dict[str, torch.Tensor]:
    """The weights to use: the running average where one was kept, else the last step's."""
    return content["ema"] or content["model"]
