"""Which methods take part: the groups in ``params.yaml``.

The methods of a group are generated and scored together, since starting processes costs more than a method's work on a
small corpus. DVC reruns a group when its list, or what it depends on, changes.
"""

from dataclasses import dataclass
from pathlib import Path

from speak.config import convert, read_yaml
from speak.errors import UserError

PARAMS = Path("params.yaml")


@dataclass(frozen=True)
class Entrant:
    """A method, the group it runs with, and the seed of its training (0 for those that are not trained by seeds)."""

    group: str
    name: str
    seed: int = 0


def entrants(group: str | None = None) -> list[Entrant]:
    """The methods of one group, or all of them, in the file's order. Raises UserError when there is no such group."""
    content = read_yaml(PARAMS)
    groups = convert(dict[str, tuple[str, ...]], content.get("methods"), f"{PARAMS}:methods")
    if group is not None and group not in groups:
        raise UserError(f"{PARAMS}:methods.{group}: no such group; groups are {', '.join(groups)}")
    return [Entrant(key, name) for key, names in groups.items() if group in (None, key) for name in names]
