"""Which methods take part: the groups in ``params.yaml``.

The methods of a group are generated and scored together, since starting processes costs more than a method's work on a
small corpus. DVC reruns a group when its list, or what it depends on, changes. A group is a list of methods, or names
for folders of finished videos: ``others: {mine: path/to/videos}``.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from speak.config import convert, read_yaml
from speak.errors import UserError

PARAMS = Path("params.yaml")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
"""What a folder's videos may be called, since files are named after it."""


@dataclass(frozen=True)
class Entrant:
    """A method, the group it runs with, and the seed of its training (0 for those that are not trained by seeds).

    ``videos`` is the folder of a method that is known by its finished videos alone.
    """

    group: str
    name: str
    seed: int = 0
    videos: Path | None = None

    @property
    def is_ablation(self) -> bool:
        """Whether it is SPEAK without one of its parts."""
        return self.videos is None and self.name.startswith("speak_")


def entrants(group: str | None = None) -> list[Entrant]:
    """The methods of one group, or all of them, in the file's order.

    Raises:
        UserError: there is no such group, or what a group holds is neither of the two.
    """
    content = read_yaml(PARAMS)
    groups = convert(dict[str, object], content.get("methods"), f"{PARAMS}:methods")
    if group is not None and group not in groups:
        raise UserError(f"{PARAMS}:methods.{group}: no such group; groups are {', '.join(groups)}")
    everyone = [entrant for key, value in groups.items() for entrant in _members(key, value)]
    names = [entrant.name for entrant in everyone]
    for entrant in everyone:
        if entrant.videos is not None and names.count(entrant.name) > 1:
            raise UserError(f"{PARAMS}:methods.{entrant.group}.{entrant.name}: another method has this name")
    return [entrant for entrant in everyone if group in (None, entrant.group)]


def _members(group: str, value: object) -> list[Entrant]:
    place = f"{PARAMS}:methods.{group}"
    if not isinstance(value, Mapping):
        return [Entrant(group, name) for name in convert(tuple[str, ...], value, place)]
    folders = convert(dict[str, Path], value, place)
    for name in folders:
        if not NAME.fullmatch(name):
            raise UserError(f"{place}.{name}: not a name; letters, digits, - and _ make one")
    return [Entrant(group, name, videos=folder) for name, folder in folders.items()]
