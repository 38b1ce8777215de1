"""The four baselines: how each is trained here, or made of its authors' files; either way one checkpoint comes out."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import torch

from benchmarks.methods import baseline
from benchmarks.methods.baseline import State
from benchmarks.methods.baselines import BASELINES
from benchmarks.training import atvg, eamm, pc_avs, wav2lip
from benchmarks.training.clips import Clips
from benchmarks.training.config import TrainingConfig
from benchmarks.training.phase import Phase
from speak.errors import UserError
from speak.training import checkpoint, loop, processes
from speak.training.record import Progress, Row, silent, write_log

PHASES: dict[str, dict[str, Phase]] = {
    "atvg": {"atnet": atvg.train_atnet, "vgnet": atvg.train_vgnet},
    "eamm": {
        "renderer": eamm.train_renderer,
        "speech": eamm.train_speech,
        "finetune": eamm.train_finetune,
        "emotion": eamm.train_emotion,
    },
    "pc_avs": {"identity": pc_avs.train_identity, "content": pc_avs.train_content, "generator": pc_avs.train_generator},
    "wav2lip": {"expert": wav2lip.train_expert, "generator": wav2lip.train_generator},
}
"""Of each method, in their order."""

LOOKING = ("pc_avs", "eamm")
"""Those that were published with a perceptual loss."""


def train_baseline(
    folders: Iterable[Path],
    clip_ids: Iterable[str],
    config: TrainingConfig,
    out_dir: Path,
    advance: Progress = silent,
) -> dict[str, Any]:
    """Make one method's weights; writes ``out_dir/checkpoint.pt`` and ``log.csv``, and a folder for each phase.

    Args:
        folders: clip folders.
        clip_ids: the training clips.
        config: see ``TrainingConfig``.
        out_dir: an interrupted run of the same configuration found there is resumed.
        advance: told the number of finished steps of all phases and the rows of the log so far.

    Returns:
        figures for ``metrics.json``: parts (in words), clips, persons, skipped, steps; nothing is trained where the
        weights are official.

    Raises:
        UserError: phases are not the method's own, a training fails, or an official file is missing or unfit.
    """
    torch.set_num_threads(1)
    if config.method.weights == "official":
        state, log = baseline.official_state(BASELINES[config.name]), []
        figures = {"parts": "its authors' weights", "clips": 0, "persons": 0, "skipped": {}, "steps": 0}
    else:
        clips = Clips(folders, clip_ids, config.pool)
        state, log = run_phases(clips, config, Path(out_dir), advance)
        counts = {"clips": len(clips.places), "persons": len(clips.persons), "skipped": clips.skipped}
        figures = {"parts": parts_of(config), **counts, "steps": config.loop.steps}
    if processes.rank() == 0:
        baseline.save(Path(out_dir) / "checkpoint.pt", BASELINES[config.name], config, state, log)
        write_log(Path(out_dir), log)
    return figures


def parts_of(config: TrainingConfig) -> str:
    """In words, what was trained instead of the published networks and losses; "" where it was them."""
    width = f"networks of 1/{config.method.width} of the published width" if config.method.width > 1 else ""
    looks = (
        "compared by pixels instead of VGG19" if config.looks.features == "pixels" and config.name in LOOKING else ""
    )
    return ", ".join(text for text in (width, looks) if text)


def run_phases(clips: Clips, config: TrainingConfig, out_dir: Path, advance: Progress) -> tuple[State, list[Row]]:
    """Train one phase after another; returns the weights of all parts, each by its last phase, and one log."""
    phases, own = PHASES[config.name], config.method.phases
    if list(own) != list(phases):
        raise UserError(f"{config.name}: its phases are {', '.join(phases)}, in this order; got {', '.join(own)}")
    before: dict[str, State] = {}
    log: list[Row] = []
    for name, make in phases.items():
        torch.manual_seed(config.loop.seed)
        content = loop.run(make(clips, config, before), config.phase_loop(name), out_dir / name, _after(log, advance))
        before[name] = checkpoint.weights(content)
        log = _joined(log, content["log"])
    return _merged(before), log


def _merged(states: Mapping[str, State]) -> State:
    return {key: value for state in states.values() for key, value in state.items()}


def _joined(log: list[Row], rows: list[Row]) -> list[Row]:
    """The rows of the next phase after those of the phases before; steps count on."""
    done = int(log[-1]["step"]) if log else 0
    names = ("loss", "gradient_norm", "learning_rate")
    return log + [{"step": row["step"] + done, **{name: row[name] for name in names}} for row in rows]


def _after(log: list[Row], advance: Progress) -> Progress:
    def tell(done: int, rows: list[Row]) -> None:
        joined = _joined(log, rows)
        advance(int(joined[-1]["step"]), joined)

    return tell
