"""Which judges this run has: where each one's weights lie, or why there are none, and the judges made of them."""

import importlib.util
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from benchmarks.judges.faces import FaceJudge
from benchmarks.judges.official_sync import NETWORK, OfficialSync
from benchmarks.official_weights import files_called, weights_folder
from speak.assets import asset
from speak.errors import UserError
from speak.inference.sync import SyncScorer
from speak.metrics import Judges, Missing
from speak.models.inception import Inception
from speak.models.lpips import load_lpips

NO_SYNC, NO_FACES = Missing("no sync network"), Missing("no judges of faces")
NO_OFFICIAL = Missing(f"the official SyncNet is not on this machine (speak weights fetch {NETWORK})")
NO_EXTRA = Missing("the extra 'perceptual' is not installed (docs/metrics.md)")
NO_WEIGHTS = Missing("its weights could not be fetched (docs/metrics.md)")
NO_LABELS = Missing("no training clips with emotion labels")


@dataclass(frozen=True, kw_only=True)
class JudgeFiles:
    """Where judges' weights lie, or why there are none; small, since it travels to the workers.

    Attributes:
        sync: checkpoint of this run's sync network.
        faces: checkpoint of the judges of identity and emotion.
        official: the official SyncNet.
        lpips: AlexNet's weights and LPIPS's own.
        inception: the network behind FID and KID.
    """

    sync: Path | Missing = NO_SYNC
    faces: Path | Missing = NO_FACES
    official: Path | Missing = NO_OFFICIAL
    lpips: tuple[Path, ...] | Missing = NO_EXTRA
    inception: tuple[Path, ...] | Missing = NO_EXTRA

    def paths(self) -> tuple[Path, ...]:
        """The files that there are."""
        given = (self.sync, self.faces, self.official, self.lpips, self.inception)
        several = [(files,) if isinstance(files, Path) else files for files in given if not isinstance(files, Missing)]
        return tuple(path for files in several for path in files)


def find(sync: Path | Missing, faces: Path | Missing) -> JudgeFiles:
    """The run's own checkpoints, and what this machine has or can fetch of published weights."""
    (published,) = files_called(NETWORK)
    official = weights_folder() / published.name
    return JudgeFiles(
        sync=sync,
        faces=faces,
        official=official if official.is_file() else NO_OFFICIAL,
        lpips=_fetched("alexnet", "lpips_alex"),
        inception=_fetched("inception"),
    )


@cache
def judges(files: JudgeFiles) -> Judges:
    """The judges, loaded once per process. Raises UserError where a file is there but unfit."""
    faces = files.faces if isinstance(files.faces, Missing) else FaceJudge.load(files.faces)
    return Judges(
        sync=files.sync if isinstance(files.sync, Missing) else SyncScorer(files.sync).embed,
        sync_official=files.official if isinstance(files.official, Missing) else OfficialSync(files.official).embed,
        identity=faces if isinstance(faces, Missing) else faces.embed,
        emotion=faces if isinstance(faces, Missing) else faces.distances if faces.emotion else NO_LABELS,
        lpips=files.lpips if isinstance(files.lpips, Missing) else load_lpips(*files.lpips).distances,
    )


@cache
def inception(files: JudgeFiles) -> Inception | Missing:
    """The network behind FID and KID, loaded once per process. Raises UserError where its file is unfit."""
    return files.inception if isinstance(files.inception, Missing) else Inception(*files.inception)


def _fetched(*names: str) -> tuple[Path, ...] | Missing:
    """Assets of the extra ``perceptual``; nothing is fetched for those who have not installed it."""
    if importlib.util.find_spec("torch_fidelity") is None:
        return NO_EXTRA
    try:
        return tuple(asset(name) for name in names)
    except UserError:
        return NO_WEIGHTS
