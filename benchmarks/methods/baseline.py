"""What the adapters of the four baselines share: how their weights lie in a checkpoint, and how they come out of it.

Trained here or taken from the authors' files, a method's weights lie in one checkpoint: its networks by their names in
``NETWORKS``, and the arrays that it needs beside them.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import torch
from torch import Tensor, nn

from benchmarks.methods.networks import NETWORKS
from benchmarks.methods.weights import load_weights
from benchmarks.official_weights import weights_folder
from benchmarks.protocol import Request
from speak.errors import UserError
from speak.training import checkpoint

ARRAYS = "arrays"
"""Stands before the names of arrays among the weights."""

State = Mapping[str, Tensor]


class Baseline(ABC):
    """An adapter whose weights are those of ``models/baselines/<name>/<seed>/checkpoint.pt``.

    Attributes:
        files: the authors' files that hold each network, the preferred one first.
        fingerprint: of the checkpoint that was loaded.
    """

    name: ClassVar[str]
    label: ClassVar[str]
    models: ClassVar[tuple[str, ...]]
    seeded: ClassVar[bool] = True
    trained_with_metric: bool = False
    encoded: ClassVar[bool] = True
    files: ClassVar[Mapping[str, tuple[str, ...]]]
    fingerprint: str = ""

    @classmethod
    def load(cls, models: Path, seed: int) -> Self:
        """Read the checkpoint. Raises UserError when it is missing or unfit."""
        path = models / f"{cls.models[0]}/{seed}" / "checkpoint.pt"
        content = checkpoint.load(path, kind=cls.name)
        method, state = content["config"]["method"], checkpoint.weights(content)
        try:
            networks = {name: network(name, method["width"], state) for name in cls.files}
        except RuntimeError as error:
            raise UserError(f"{path}: not of this version's networks; train it again (dvc repro)") from error
        arrays = {name: value.numpy() for name, value in part(state, ARRAYS).items()}
        made = cls.made_of(networks, arrays, official=method["weights"] == "official")
        made.fingerprint = content["fingerprint"]
        return made

    @classmethod
    def official(cls) -> Self:
        """The method as its authors' files have it. Raises UserError when one is missing or unfit."""
        return cls.made_of(cls.official_networks(), cls.official_arrays(), official=True)

    @classmethod
    def official_networks(cls) -> dict[str, nn.Module]:
        """The networks by their names, with the authors' weights. Raises UserError when a file is missing or unfit."""
        networks = {name: NETWORKS[name]() for name in cls.files}
        for name, made in networks.items():
            load_weights(made, official_file(cls.files[name]), name)
        return networks

    @classmethod
    def official_arrays(cls) -> dict[str, np.ndarray]:
        """The authors' arrays, through the asset registry. Raises UserError when one cannot be had."""
        return {}

    @classmethod
    @abstractmethod
    def made_of(cls, networks: Mapping[str, nn.Module], arrays: Mapping[str, np.ndarray], *, official: bool) -> Self:
        """The adapter around loaded networks, by their names, and arrays.

        Args:
            networks: one for each of ``files``.
            arrays: as ``official_arrays``, or what took their place in training.
            official: whether these are the authors' weights.
        """

    @abstractmethod
    def generate(self, request: Request) -> np.ndarray:
        """As ``Method``."""


def network(name: str, width: int, state: State) -> nn.Module:
    """A network with its weights of a checkpoint. Raises RuntimeError where they do not fit."""
    made = NETWORKS[name](width=width)
    made.load_state_dict(part(state, name))
    return made


def part(state: State, name: str) -> dict[str, Tensor]:
    """The weights of one network by its name, or the arrays."""
    return {key.removeprefix(f"{name}."): value for key, value in state.items() if key.startswith(f"{name}.")}


def official_file(names: tuple[str, ...]) -> Path:
    """The first of the authors' files that lies in the cache; where none does, where the first would."""
    places = [weights_folder() / name for name in names]
    return next((place for place in places if place.is_file()), places[0])


def official_state(method: type[Baseline]) -> State:
    """The weights and arrays of the authors' files, as a checkpoint holds them. Raises UserError, see ``official``."""
    state = {f"{ARRAYS}.{name}": torch.from_numpy(np.array(value)) for name, value in method.official_arrays().items()}
    for name, made in method.official_networks().items():
        state |= {f"{name}.{key}": value for key, value in made.state_dict().items()}
    return state


def save(path: Path, method: type[Baseline], config: Any, state: State, log: list[dict[str, float]]) -> None:
    """Write the checkpoint that ``Baseline.load`` reads.

    Args:
        path: the file.
        method: whose weights these are.
        config: dataclass with the fields ``method.width`` and ``method.weights``.
        state: weights of its networks and arrays; others are left out.
        log: of the training.
    """
    wanted = (*(f"{name}." for name in method.files), f"{ARRAYS}.")
    checkpoint.save(
        path,
        {
            "kind": method.name,
            "fingerprint": checkpoint.fingerprint(config, ()),
            "data": "",
            "config": asdict(config),
            "step": int(log[-1]["step"]) if log else 0,
            "model": {key: value for key, value in state.items() if key.startswith(wanted)},
            "ema": None,
            "optimiser": {},
            "log": log,
        },
    )
