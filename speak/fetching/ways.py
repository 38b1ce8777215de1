"""How a wanted file is asked for, by the name in ``Wanted.way``."""

from collections.abc import Callable
from pathlib import Path

from speak.fetching import drive, http, lfs, youtube
from speak.fetching.network import NetworkConfig
from speak.fetching.wanted import Wanted, Way

Download = Callable[[Wanted, Path, NetworkConfig], int]
"""Obtains a file whole under the path given, or raises NotObtained; returns its size in bytes."""

WAYS: dict[Way, Download] = {
    "http": http.download,
    "lfs": lfs.download,
    "youtube": youtube.download,
    "drive": drive.download,
}
