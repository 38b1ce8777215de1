"""What was found in a clip, kept by content, so that scoring the same videos again computes nothing.

What is found follows from the clip's video, from the clips behind it (reference, identity, other sound), from the
networks that judge, from the thresholds and from the code of the library. A key is the hash of all of these. Every
finished clip is a small file of its own, so what a killed stage had measured is not lost.
"""

import dataclasses
import hashlib
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.scores import Measured, unmeasured
from benchmarks.set_scores import Features
from speak.files import write_bytes, write_text
from speak.metrics import Measurement


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What was found in one clip.

    Attributes:
        features: what it adds to the sets; None where no network sees it.
    """

    measured: Measured
    features: Features | None = None


def unseen(reason: str) -> Seen:
    """Nothing, and why."""
    return Seen(measured=unmeasured(reason))


@dataclass(frozen=True)
class KeptScores:
    """What is kept of one group of methods; small, since it travels to the workers.

    Attributes:
        folder: one JSON file per key, and an array file where there are features.
        common: hash of what all clips have in common.
    """

    folder: Path
    common: str

    def key(self, parts: Sequence[str | None]) -> str:
        """The key of one clip: ``parts`` tell what is its own."""
        return hashlib.sha256(json.dumps([self.common, *parts]).encode()).hexdigest()

    def read(self, key: str) -> Seen | None:
        """What is kept; None where there is nothing, or where a file is damaged."""
        try:
            content = json.loads(self._file(key, "json").read_text(encoding="utf-8"))
            measured = {metric: Measurement(**fields) for metric, fields in content["measured"].items()}
            return Seen(measured=measured, features=self._features(key, content["dataset"]))
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return None

    def write(self, key: str, seen: Seen) -> None:
        """Keep what was found in a clip; the JSON file comes last, since without it nothing counts as kept."""
        dataset = None
        if seen.features is not None:
            dataset, arrays = seen.features.dataset, io.BytesIO()
            np.savez(arrays, reference=seen.features.reference, generated=seen.features.generated)
            write_bytes(self._file(key, "npz"), arrays.getvalue())
        measured = {metric: dataclasses.asdict(result) for metric, result in seen.measured.items()}
        write_text(self._file(key, "json"), json.dumps({"dataset": dataset, "measured": measured}) + "\n")

    def forget_others(self, keys: Iterable[str]) -> None:
        """Remove everything but these."""
        wanted = set(keys)
        for file in sorted(self.folder.glob("*.*")):
            if file.stem not in wanted:
                file.unlink()

    def _features(self, key: str, dataset: str | None) -> Features | None:
        if dataset is None:
            return None
        with np.load(self._file(key, "npz"), allow_pickle=False) as arrays:
            return Features(dataset=dataset, reference=arrays["reference"], generated=arrays["generated"])

    def _file(self, key: str, suffix: str) -> Path:
        return self.folder / f"{key}.{suffix}"
