"""Ratings made by hand or by simulated participants, with the design that goes with them."""

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.statistics import StatisticsConfig
from benchmarks.study.design import Item, ScreenCheck, Step, make_design, write_design
from benchmarks.study.questions import QUESTIONS
from benchmarks.study.ratings import COLUMNS, SCHEMA
from benchmarks.study.rules import Rules
from benchmarks.study.simulation import RaterModel, Scene, simulate
from benchmarks.study.terms import Terms

CONFIG = StatisticsConfig(resamples=2, level=0.95, seed=0, min_scored_share=0.0)
RULES = Rules(
    min_gold_score=3.0,
    trap_answer=2,
    max_repeat_difference=1.5,
    max_same_share=0.9,
    min_median_s=3.0,
    min_rated_share=0.8,
)
MODEL = RaterModel(
    bias_sd=0.4,
    stretch_sd=0.15,
    person_sd=0.2,
    clip_sd=0.3,
    noise_sd=0.6,
    slip_share=0.03,
    careless_share=0.0,
    pace_s=10.0,
    careless_pace_s=2.0,
)
QUALITY = {"ground_truth": 4.6, "atvg": 3.2, "eamm": 2.4, "pc_avs": 2.9, "wav2lip": 3.3, "speak": 3.9}
CLIPS = {
    dataset: tuple((f"{dataset}/{person}/{clip}", person) for person in "abcde" for clip in (1, 2))
    for dataset in ("mead", "crema_d")
}
SCENE = Scene(participants=20, videos=30, clips=CLIPS, quality=QUALITY, gold_quality=4.6, trap_answer=2)


def answer(participant, method, clip, score, *, question="lip_sync", **parts):
    """One answer to a rated video; the person is the clip's first letter."""
    place = parts.get("position", sum(map(ord, method + clip)))
    base = dict.fromkeys(COLUMNS) | {
        **{"study": "s", "source": "people", "participant": participant, "session": participant, "position": place},
        **{"kind": "rated", "dataset": "mead", "method": method, "clip_id": clip, "person": clip[0]},
        **{"question": question, "score": score, "answered_at": "2026-01-01T00:00:00Z", "seconds": 9.0},
    }
    return base | parts


def answers(scores, **parts):
    """``{("speak", "a1"): {"x": 4, ...}}``: the participants' answers about each video, as a frame."""
    rows = [answer(who, *video, score, **parts) for video, own in scores.items() for who, score in own.items()]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def simulated(seed=3, scene=SCENE, model=MODEL, **parts):
    return simulate(scene, model, seed, **parts)


def terms_for(ratings, videos=None):
    """The terms that fit the ratings; ``videos`` a participant should rate, or what the most diligent did."""
    rated = ratings[ratings.kind == "rated"]
    keys = frozenset(rated[["dataset", "method", "clip_id"]].itertuples(index=False, name=None))
    most = rated.groupby("participant")["position"].nunique().max()
    return Terms(study=ratings.study.iloc[0], rules=RULES, videos=int(videos or most), rated=keys)


def write_ratings(path, ratings):
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pandas(ratings, SCHEMA, preserve_index=False), path)
    return path


def with_design(folder, ratings):
    """Write the design of which the ratings could be; returns them with its id."""
    items, sequences = {}, {}
    for row in ratings.drop_duplicates(["participant", "position"]).itertuples():
        parts = {name: getattr(row, name) for name in ("dataset", "method", "clip_id", "person")}
        parts = {name: None if pd.isna(value) else value for name, value in parts.items()}
        name = " ".join(str(value) for value in parts.values())
        items[name] = Item(name=name, **parts, duration_s=3.0, loudness_lufs=-23.0, sha256="")
        sequences.setdefault(row.participant, []).append(Step(kind=row.kind, item=name))
    design = make_design(
        seed=0,
        methods=tuple(QUALITY),
        datasets=tuple(CLIPS),
        contact="",
        min_watched_share=0.9,
        rules=RULES,
        balance={},
        screen_check=ScreenCheck(item="screen", digit=4, beeps=2),
        items=tuple(items.values()),
        sequences={participant: tuple(steps) for participant, steps in sequences.items()},
    )
    write_design(folder, design)
    return ratings.assign(study=design.study)


def as_people(ratings):
    """Simulated ratings that a test passes off as people's."""
    return ratings.assign(source="people")


ALL_QUESTIONS = tuple(QUESTIONS)
