"""How to behave towards other people's servers: the section ``network`` of a profile.

None of it may change what a file holds, so no stage tracks it.
"""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class HostLimit:
    """What one host is asked at most: ``at_once`` files at a time, ``per_second`` requests a second."""

    at_once: int
    per_second: float

    def __post_init__(self):
        if self.at_once < 1 or self.per_second <= 0:
            raise ValueError("expected at_once of 1 or more and per_second above 0")


@dataclass(frozen=True, kw_only=True)
class Backoff:
    """Pauses before another try: at most ``first_s``, doubled with every try up to ``longest_s``."""

    first_s: float
    longest_s: float

    def __post_init__(self):
        if not 0 <= self.first_s <= self.longest_s:
            raise ValueError("expected 0 <= first_s <= longest_s")


@dataclass(frozen=True, kw_only=True)
class NetworkConfig:
    """How to fetch.

    Attributes:
        threads: files that are fetched at a time, from all hosts together.
        host: the limit of every host that ``hosts`` does not name.
        hosts: limits of single hosts, by name (``www.youtube.com``).
        tries: how often a file that fails is asked for in one run.
        backoff: the pauses between these tries.
        longest_wait_s: a host that asks for a longer pause (Retry-After) is left alone for the rest of the run.
        give_up_after: so many failed or blocked tries in a row, and a host is left alone for the rest of the run.
        timeout_s: how long a server may be silent.
        slowest_bytes_s: bytes a second, over ``timeout_s``, below which a connection counts as broken.
        youtube: options for yt-dlp, as its Python API names them (``cookiefile``, ``proxy``, ``format`` ...); never
            printed, since they may hold secrets.
    """

    threads: int
    host: HostLimit
    hosts: dict[str, HostLimit]
    tries: int
    backoff: Backoff
    longest_wait_s: float
    give_up_after: int
    timeout_s: float
    slowest_bytes_s: float
    youtube: dict[str, Any] = field(repr=False)

    def __post_init__(self):
        if min(self.threads, self.tries, self.give_up_after) < 1 or self.timeout_s <= 0:
            raise ValueError("expected threads, tries and give_up_after of 1 or more and timeout_s above 0")

    def limit(self, host: str) -> HostLimit:
        """The limit of one host."""
        return self.hosts.get(host, self.host)
