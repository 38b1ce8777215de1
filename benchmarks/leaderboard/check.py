"""Does a submission fit the benchmark? Every finding is one line; none means that it can join the leaderboard.

Nothing is fetched and nothing is run: card, score rows, ``benchmark.json`` and the other submissions are enough.
"""

import math
from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd

from benchmarks.leaderboard.benchmark import Benchmark
from benchmarks.leaderboard.submission import Card, Submission
from benchmarks.plain_text import shown
from benchmarks.scores import KEY
from speak.metrics import METRICS

CURRENT = {metric.id: metric.name for metric in METRICS.values()}
"""Versioned ids of this version of the code."""

REASON_CHARACTERS = 500
TEXTS = ("reason", "checkpoint", "params", "split", "recipe", "code")


def findings(submission: Submission, path: Path, benchmark: Benchmark, others: Sequence[Submission]) -> list[str]:
    """Everything that keeps a submission from the leaderboard, one printable line each.

    Args:
        submission: as read.
        path: of its card, ``<name>/<revision>.json``.
        benchmark: what it must fit.
        others: the other submissions.
    """
    card, scores = submission.card, submission.scores
    found = [
        *_card(card, path, benchmark),
        *_declarations(card, benchmark),
        *_metrics(card, scores),
        *_rows(card, scores, benchmark),
        *_coverage(card, scores, benchmark),
        *_duplicates(submission, others),
    ]
    return [shown(line) for line in found]


def _card(card: Card, path: Path, benchmark: Benchmark) -> Iterator[str]:
    from benchmarks.methods.registry import METHODS  # takes seconds to import

    if (path.parent.name, path.stem) != (card.name, card.revision):
        yield f"place: the files must be called {card.name}/{card.revision}.json and .parquet"
    if card.name in METHODS:
        yield f"name: {card.name} is a method of the benchmark itself; choose another"
    if card.profile != benchmark.profile:
        yield f"profile: {card.profile}, but the benchmark is {benchmark.profile}"
    if card.split != benchmark.split:
        yield f"split: hash {card.split}, but the benchmark's is {benchmark.split}; generate and score again"


def _declarations(card: Card, benchmark: Benchmark) -> Iterator[str]:
    data = card.training_data
    if card.trained_with is None:
        yield "trained_with: not declared; list the metrics that took part in training, or []"
    for name in card.trained_with or ():
        if name not in METRICS:
            yield f"trained_with: {name} is no metric; metrics are {', '.join(METRICS)}"
    if data.datasets is None:
        yield "training_data.datasets: not declared"
    if data.saw_test is None:
        yield "training_data.saw_test: not declared; say true or false"
    if data.saw_test:
        yield "contaminated: the method has seen test persons or clips (training_data.saw_test)"
    seen = sorted(benchmark.test_persons & set(data.persons or ()))
    if seen:
        yield f"contaminated: {', '.join(seen)} of training_data.persons belong to the test set"
    if data.persons is None:
        yield from _tested_datasets(data.datasets or (), benchmark)


def _tested_datasets(names: Sequence[str], benchmark: Benchmark) -> Iterator[str]:
    """Datasets that were trained on although all their persons test."""
    known = {_letters(dataset): dataset for dataset in benchmark.persons}
    for name in names:
        dataset = known.get(_letters(name))
        if dataset and not benchmark.persons[dataset].train:
            yield f"contaminated: all persons of {dataset} are for testing; if you used others, name them in persons"


def _letters(name: str) -> str:
    """A dataset's name however it is spelled: CREMA-D and crema_d are one."""
    return "".join(char for char in name.casefold() if char.isalnum())


def _metrics(card: Card, scores: pd.DataFrame) -> Iterator[str]:
    found = sorted(map(str, scores["metric"].unique()))
    if sorted(card.metrics) != found:
        yield "metrics: the card's list is not that of the score file; make the submission again"
    for metric in found:
        if metric in CURRENT:
            continue
        current = [known for known in CURRENT if _unversioned(known) == _unversioned(metric)]
        if current:
            yield f"metrics: {metric} is not the current version, which is {current[0]}; score again"
        else:
            yield f"metrics: {metric} is not known; metrics are listed in docs/metrics.md"


def _unversioned(metric: str) -> str:
    return metric.rpartition("-v")[0] or metric


def _rows(card: Card, scores: pd.DataFrame, benchmark: Benchmark) -> Iterator[str]:
    """Rows that are wrong in themselves; each kind once, with its number and the first."""
    clips = {clip.clip_id: (clip.dataset, clip.person) for clip in benchmark.clips}
    places = pd.Series(list(zip(scores["dataset"], scores["person"], strict=True)), index=scores.index, dtype=object)
    known, null = scores["clip_id"].isin(list(clips)), scores["value"].isna()
    kinds = {
        f"another method than {card.name}": scores["method"] != card.name,
        f"another split than {card.split}": scores["split"] != card.split,
        "twice the same clip, metric and seed": scores.duplicated(list(KEY)),
        "a negative seed": scores["seed"].isna() | (scores["seed"] < 0),
        "a clip that is no test clip": ~known,
        "not the clip's dataset or person": known & (places != scores["clip_id"].map(clips)),
        "a value that is not finite": scores["value"].map(math.isinf),
        "neither a value nor a reason": null & scores["reason"].isna(),
        "a value and a reason": ~null & scores["reason"].notna(),
        "found_share outside 0 to 1": scores["found_share"].notna() & ~scores["found_share"].between(0, 1),
        "text that is too long or cannot be printed": scores[list(TEXTS)].map(_is_bad_text).any(axis=1),
    }
    for words, wrong in kinds.items():
        if wrong.any():
            first = scores[wrong].iloc[0]
            yield f"rows: {int(wrong.sum())} with {words}, first {first['clip_id']!s:.80} {first['metric']!s:.80}"


def _is_bad_text(text: object) -> bool:
    return isinstance(text, str) and (len(text) > REASON_CHARACTERS or not text.isprintable() or not text.strip())


def _coverage(card: Card, scores: pd.DataFrame, benchmark: Benchmark) -> Iterator[str]:
    """Test clips and current metrics of which a seed has no row, not even one that says why there is no value."""
    expected = {(clip.clip_id, metric) for clip in benchmark.clips for metric in CURRENT}
    if scores.empty:
        yield "coverage: the score file has no rows"
    for seed, rows in scores.groupby("seed"):
        missing = sorted(expected - set(zip(rows["clip_id"], rows["metric"], strict=True)))
        if missing:
            clip, metric = missing[0]
            yield f"coverage: {len(missing)} of {len(expected)} rows missing with seed {seed}, first {clip} {metric}"


def _duplicates(submission: Submission, others: Sequence[Submission]) -> Iterator[str]:
    card, own = submission.card, _numbers(submission.scores)
    for other in others:
        title = f"{other.card.name} {other.card.revision}"
        if title.casefold() == f"{card.name} {card.revision}".casefold():
            yield f"duplicate: {title} is there already; give this one another revision"
        elif _numbers(other.scores).equals(own):
            yield f"duplicate: {title} has exactly these scores"


def _numbers(scores: pd.DataFrame) -> pd.DataFrame:
    """What was measured, without the method's name."""
    columns = [name for name in KEY if name != "method"]
    return scores[[*columns, "value"]].sort_values(columns).reset_index(drop=True)
