"""The one loader of the baselines' weight files, whoever wrote them: tensors are read, code never is.

Layouts: a bare state dict; one under ``state_dict``; several in a dictionary; a TorchScript archive; any of them with
``module.`` before every key. Keys, shapes and types must be the network's own. Only batch counters may be missing, and
only keys named in ``LAYOUTS`` may be missing, unknown or of another size: they then keep the constructor's values.
"""

import warnings
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch
from torch import Tensor, nn

from benchmarks.official_weights import pin, refuse_other_content, weights_folder
from speak.errors import UserError

SHOWN = 10
"""Offending keys that an error names."""

COUNTER = "num_batches_tracked"
"""Files written before PyTorch 0.4.1 lack it, and evaluation does not need it."""


@dataclass(frozen=True, kw_only=True)
class Layout:
    """What is peculiar to a network's official file.

    Attributes:
        entry: its key where the file holds several state dicts.
        free: beginnings of keys that inference does not use, as the files differ in them.
    """

    entry: str | None = None
    free: tuple[str, ...] = ()


LAYOUTS: dict[str, Layout] = {
    "pcavs_netV": Layout(free=("fc.",)),
    "pcavs_netE": Layout(free=("classifier.", "mouth_fc.", "headpose_fc.")),
    "pcavs_netA_sync": Layout(free=("fc.",)),
    "eamm_generator": Layout(entry="generator"),
    "eamm_kp_detector": Layout(entry="kp_detector"),
    "eamm_audio_feature": Layout(entry="audio_feature", free=("generator.",)),
    "eamm_kp_detector_a": Layout(entry="kp_detector_a", free=("predictor.", "down.weight")),
    "eamm_emo_detector": Layout(entry="emo_detector", free=("fc.", "fc_n.", "final_4.", "final_10.")),
}
"""Networks that are not here have a file of their own in which every key counts."""


def load_weights(network: nn.Module, path: Path, name: str) -> list[str]:
    """Read a weight file into a network.

    A file that bears the name of a published one is pinned at its first use (``benchmarks.official_weights``).

    Args:
        network: what ``NETWORKS[name]`` made, at any width.
        path: the file; one of that name in the cache (``speak weights fetch``) stands in for it.
        name: key of ``NETWORKS``.

    Returns:
        Keys that kept the constructor's values because the file may lack them; batch counters are not among them.

    Raises:
        UserError: missing, damaged, asks for code to be run, another network, or other content than the pinned.
    """
    path = _present(path, name)
    digest = refuse_other_content(path)
    layout = LAYOUTS.get(name, Layout())
    state, wanted = read_state(path, layout.entry), network.state_dict()
    faults = {key: fault for key in {**wanted, **state} if (fault := _fault(key, state, wanted))}
    problems = [fault for key, fault in faults.items() if not key.startswith(layout.free)]
    if problems:
        rest = f"; and {len(problems) - SHOWN} more" if len(problems) > SHOWN else ""
        raise UserError(f"{path}: does not hold {name}: {'; '.join(problems[:SHOWN])}{rest}")
    network.load_state_dict({key: state[key] for key in wanted if key in state and key not in faults}, strict=False)
    if digest:
        pin(path.name, digest)
    return [key for key in faults if key in wanted]


def read_state(path: Path, entry: str | None = None) -> dict[str, Tensor]:
    """The tensors of a weight file, keys without ``module.``.

    Args:
        path: a file in any of the layouts above.
        entry: key of the wanted state dict in a file that holds several; a file with that one alone is taken too.

    Raises:
        UserError: no weights can be read from it.
    """
    state = _state_dict(_tensors_of_archive(path) if _is_torchscript(path) else _content(path), entry, path)
    stripped = {key.removeprefix("module."): value for key, value in state.items()}
    if len(stripped) < len(state):
        raise UserError(f"{path}: holds the same keys with and without 'module.'")
    return stripped


def _present(path: Path, name: str) -> Path:
    cached = weights_folder() / path.name
    found = next((place for place in (path, cached) if place.is_file()), None)
    if found is None:
        nor = "" if path == cached else f", nor {cached}"
        raise UserError(f"{path}: no such file{nor}; `speak weights fetch {name}` says where to get it")
    return found


def _fault(key: str, state: Mapping[str, Tensor], wanted: Mapping[str, Tensor]) -> str | None:
    """What is wrong with a key, in words."""
    if key not in state:
        return None if key.endswith(COUNTER) else f"{key} is missing"
    if key not in wanted:
        return f"{key} is unknown"
    have, want = state[key], wanted[key]
    if have.shape != want.shape:
        return f"{key} is {_size(have)} where {_size(want)} is wanted"
    if have.dtype.is_floating_point != want.dtype.is_floating_point:
        return f"{key} is {have.dtype} where {want.dtype} is wanted"
    return None if torch.isfinite(have).all() else f"{key} is not finite"


def _size(tensor: Tensor) -> str:
    return "x".join(map(str, tensor.shape)) or "a single number"


def _state_dict(content: Any, entry: str | None, path: Path) -> Mapping[str, Tensor]:
    if not isinstance(content, Mapping):
        raise UserError(f"{path}: holds {type(content).__name__}, not a dictionary of weights")
    for key in (entry, "state_dict"):
        if key is not None and isinstance(content.get(key), Mapping):
            content = content[key]
            break
    if content and all(isinstance(key, str) and isinstance(value, Tensor) for key, value in content.items()):
        return content
    held = ", ".join(str(key) for key in list(content)[:SHOWN]) or "nothing"
    wanted = f"under {entry!r}, under 'state_dict' or" if entry else "under 'state_dict' or"
    raise UserError(f"{path}: no weights {wanted} at the top; it holds {held}")


def _is_torchscript(path: Path) -> bool:
    """Whether it is a zip archive with constants, which ``torch.save`` never writes."""
    try:
        with zipfile.ZipFile(path) as archive:
            return any(name.endswith("/constants.pkl") for name in archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError):
        return False


def _tensors_of_archive(path: Path) -> dict[str, Tensor]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # TorchScript's end is announced; the authors' files stay
            return dict(torch.jit.load(path, map_location="cpu").state_dict())
    except Exception as error:  # a stranger's damaged file may fail in any way
        raise UserError(_damaged(path, error)) from error


def _content(path: Path) -> Any:
    try:
        with open(path, "rb") as stream:
            if stream.read(64).lstrip().startswith(b"<"):
                raise UserError(f"{path}: is a web page, not a weight file; download it in a browser")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # other pickle protocols: read or refused, no matter
            return torch.load(path, map_location="cpu", weights_only=True)
    except UserError:
        raise
    except UnpicklingError as error:
        raise UserError(
            f"{path}: refused: not a plain file of tensors, or it asks for code to be run when it is opened; "
            "nothing of it was run"
        ) from error
    except Exception as error:  # a stranger's damaged file may fail in any way
        raise UserError(_damaged(path, error)) from error


def _damaged(path: Path, error: Exception) -> str:
    reason = (str(error).splitlines() or [""])[0].strip()[:120] or type(error).__name__
    return f"{path}: damaged, or not a weight file ({reason}); download it again"
