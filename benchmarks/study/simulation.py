"""Simulated participants, for tests and for planning. Everything they answer is marked ``simulated``.

An answer is 3 + stretch · (quality + person + clip - 3) + bias + noise, rounded into 1 to 5. Quality is the method's,
person and clip effects are the video's, bias and stretch (how far somebody spreads scores about the middle) are the
participant's. Now and then anybody slips and answers anything; careless participants always do, and fast.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle, islice

import numpy as np
import pandas as pd

from benchmarks.study.questions import QUESTIONS, SCORES
from benchmarks.study.ratings import COLUMNS, SIMULATED

MIDDLE = (SCORES[0] + SCORES[-1]) / 2
NEVER = "1970-01-01T00:00:00Z"
"""When a simulated answer was given."""
GOLD_METHOD = "ground_truth"


@dataclass(frozen=True, kw_only=True)
class RaterModel:
    """How participants differ; standard deviations in points of the scale.

    Attributes:
        bias_sd: of how much higher or lower somebody rates everything.
        stretch_sd: of the logarithm of somebody's spread about the middle.
        person_sd: of a shown person's effect on every method.
        clip_sd: of one method's video of one clip.
        noise_sd: of what nothing explains.
        slip_share: of answers that are any score.
        careless_share: of participants who answer anything.
        pace_s, careless_pace_s: time on a video, in seconds.
    """

    bias_sd: float
    stretch_sd: float
    person_sd: float
    clip_sd: float
    noise_sd: float
    slip_share: float
    careless_share: float
    pace_s: float
    careless_pace_s: float


@dataclass(frozen=True, kw_only=True)
class Scene:
    """What simulated participants see.

    Attributes:
        clips: by dataset, (clip_id, person) of each.
        quality: by method, the score that an average participant means to give.
        gold_quality: the same of a real video.
        trap_answer: what the trap item asks for.
    """

    participants: int
    videos: int
    clips: Mapping[str, Sequence[tuple[str, str]]]
    quality: Mapping[str, float]
    gold_quality: float
    trap_answer: int


def simulate(scene: Scene, model: RaterModel, seed: int, *, checks: bool = True) -> pd.DataFrame:
    """A whole study's ratings; the same arguments give the same rows.

    Args:
        scene: who sees what.
        model: how participants differ.
        seed: of everything random.
        checks: whether each participant also sees a gold, a trap and a repeated item.
    """
    rng = np.random.default_rng(seed)
    turns = _turns(scene, rng)
    videos = _with_checks(turns, scene) if checks else turns
    rows = videos.loc[videos.index.repeat(len(QUESTIONS))].reset_index(drop=True)
    rows["question"] = list(islice(cycle(QUESTIONS), len(rows)))
    careless = rng.random(scene.participants) < model.careless_share
    who = rows["participant"].str[1:].astype(int).to_numpy()
    rows["score"] = _scores(rows, who, careless, scene, model, rng)
    rows["seconds"] = np.where(careless[who], model.careless_pace_s, model.pace_s)
    constant = {"study": f"simulated-{seed}", "source": SIMULATED, "answered_at": NEVER, "session": rows["participant"]}
    return rows.assign(**constant)[list(COLUMNS)].sort_values(
        ["participant", "session", "position", "question"], ignore_index=True
    )


def _turns(scene: Scene, rng: np.random.Generator) -> pd.DataFrame:
    """Rated videos: participants take method × dataset in turn, and of each the clip that waited longest."""
    cells = [(dataset, method) for dataset in scene.clips for method in scene.quality]
    waiting = {cell: cycle(rng.permutation(len(scene.clips[cell[0]])).tolist()) for cell in cells}
    places = cycle(cells)
    rows = []
    for number in range(scene.participants):
        own = list(islice(places, scene.videos))
        for position, place in enumerate(rng.permutation(len(own)), start=1):
            dataset, method = own[place]
            clip, person = scene.clips[dataset][next(waiting[own[place]])]
            rows.append((f"p{number:03d}", position, "rated", dataset, method, clip, person))
    return pd.DataFrame(rows, columns=["participant", "position", "kind", "dataset", "method", "clip_id", "person"])


def _with_checks(turns: pd.DataFrame, scene: Scene) -> pd.DataFrame:
    """Three more items at everybody's end: a real video, a trap, and the first video again."""
    first = turns.drop_duplicates("participant")
    gold = first.assign(kind="gold", position=scene.videos + 1, method=GOLD_METHOD)
    trap = first.assign(kind="trap", position=scene.videos + 2, dataset=None, method=None, clip_id=None, person=None)
    repeat = first.assign(kind="repeat", position=scene.videos + 3)
    return pd.concat([turns, gold, trap, repeat], ignore_index=True)


def _scores(
    rows: pd.DataFrame,
    who: np.ndarray,
    careless: np.ndarray,
    scene: Scene,
    model: RaterModel,
    rng: np.random.Generator,
) -> np.ndarray:
    """(N,) int; ``who`` is each row's participant, ``careless`` is by participant."""
    bias = rng.normal(0, model.bias_sd, scene.participants)[who]
    stretch = np.exp(rng.normal(0, model.stretch_sd, scene.participants))[who]
    quality = rows["method"].map(scene.quality).fillna(scene.gold_quality).to_numpy(dtype=np.float64)
    quality = np.where(rows["kind"] == "gold", scene.gold_quality, quality)
    quality += _effect(rows, ["dataset", "person", "question"], model.person_sd, rng)
    quality += _effect(rows, ["dataset", "method", "clip_id", "question"], model.clip_sd, rng)
    meant = MIDDLE + stretch * (quality - MIDDLE) + bias + rng.normal(0, model.noise_sd, len(rows))
    anything = rng.integers(SCORES[0], SCORES[-1] + 1, len(rows))
    trap = (rows["kind"] == "trap").to_numpy()
    slips = careless[who] | (~trap & (rng.random(len(rows)) < model.slip_share))
    answers = np.where(trap, scene.trap_answer, np.clip(np.rint(meant), SCORES[0], SCORES[-1]))
    return np.where(slips, anything, answers).astype(int)


def _effect(rows: pd.DataFrame, key: Sequence[str], deviation: float, rng: np.random.Generator) -> np.ndarray:
    """One draw for each group of rows."""
    group = rows.groupby(list(key), dropna=False, sort=True).ngroup().to_numpy()
    return rng.normal(0, deviation, group.max() + 1)[group]
