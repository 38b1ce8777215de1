"""What the phases of EAMM's training share: networks that learn and networks that stay, one Adam, sample pictures."""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor, nn

from benchmarks.methods.baseline import State, part
from benchmarks.methods.eamm_network_blocks import channels_last
from benchmarks.methods.networks import NETWORKS
from benchmarks.training.eamm_faces import Pairs, Spoken
from benchmarks.training.phase import PhaseTask
from speak.training import sketch
from speak.training.devices import moved
from speak.training.processes import share
from speak.training.task import Figures, Group

BETAS = (0.5, 0.999)
"""Adam's, of all phases."""
SAMPLE_SEED, SAMPLE_CLIPS = 7, 2


class EammTask(PhaseTask):
    """A phase of EAMM.

    Attributes:
        learns, watches: names of the networks that learn, and of finished ones that stay as they are.
        frozen: the latter.
        template: (68, 2).
        looks: of the perceptual loss; None where there is none.
    """

    learns: ClassVar[tuple[str, ...]]
    watches: ClassVar[tuple[str, ...]] = ()
    frozen: nn.ModuleDict
    template: np.ndarray
    looks: nn.Module | None = None

    def move(self, device: torch.device) -> None:
        """As ``Task``; what does not learn comes along."""
        super().move(device)
        self.frozen.to(device)
        if self.looks is not None:
            self.looks.to(device)

    def groups(self) -> list[Group]:
        """One, as published."""
        return [Group(self.model.parameters(), betas=BETAS)]

    def loss(self, batch: Pairs | Spoken, rng: np.random.Generator) -> tuple[Tensor, Figures]:
        """The sum of ``terms``, in single precision."""
        device = next(self.model.parameters()).device
        with torch.autocast(device.type, enabled=False):
            terms = self.terms(batch)
        return sum(terms.values()), {name: term.detach() for name, term in terms.items()}

    def terms(self, batch: Pairs | Spoken) -> dict[str, Tensor]:
        """Weighted losses of a batch, by name."""
        raise NotImplementedError

    def sample(self) -> np.ndarray:
        """Rows of ``rows`` for some fixed clips."""
        batch = self.draw_from(SAMPLE_CLIPS, np.random.default_rng(SAMPLE_SEED))
        return sketch.grid(self.rows(moved(batch, next(self.model.parameters()).device)))

    def draw(self, rng: np.random.Generator) -> Pairs | Spoken:
        """As ``Task``."""
        return self.draw_from(share(self.batch), rng)

    def draw_from(self, count: int, rng: np.random.Generator) -> Pairs | Spoken:
        """Samples of so many clips."""
        raise NotImplementedError

    def rows(self, batch: Pairs | Spoken) -> list[list[np.ndarray]]:
        """Pictures of what the networks make of a batch, in rows."""
        raise NotImplementedError

    def net(self, name: str) -> nn.Module:
        """A network by its short name, learning or not."""
        key = f"eamm_{name}"
        return self.model[key] if key in self.model else self.frozen[key]


def floats(pictures: Tensor) -> Tensor:
    """uint8 to float32 in [0, 1]."""
    return pictures.float() / 255


def network(name: str, width: int, before: Mapping[str, State]) -> nn.Module:
    """With the weights of the last phase that trained it, new ones where none has."""
    made = NETWORKS[name](width=width)
    known = [part(state, name) for state in before.values()]
    if any(known):
        made.load_state_dict([state for state in known if state][-1])
    return channels_last(made)


def row(pictures: Tensor) -> list[np.ndarray]:
    """(N, 3, H, W) in [0, 1] to N pictures (H, W, 3) uint8."""
    return list((pictures.permute(0, 2, 3, 1).cpu().numpy() * 255).round().astype(np.uint8))
