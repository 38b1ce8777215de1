"""Who sees which video when: a balanced plan over method × dataset × clip, with practice and checks."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.study.config import StudyConfig
from benchmarks.study.williams import chained
from speak.errors import UserError

RATED, TRAINING, GOLD, TRAP, REPEAT = "rated", "training", "gold", "trap", "repeat"
TRUTH = "ground_truth"
"""The method whose videos are gold items."""
SPARE_CLIPS = 2
"""Clips of each dataset that nobody rates: one to practise on, one for the gold item."""


@dataclass(frozen=True)
class Video:
    """One method's video of one clip."""

    method: str
    dataset: str
    clip_id: str


@dataclass(frozen=True)
class Turn:
    """One place in a participant's sequence; a trap's video is the one that its words are written over."""

    kind: str
    video: Video


@dataclass(frozen=True, kw_only=True)
class Clips:
    """Clip ids by dataset: those that are rated, and the spare ones."""

    rated: Mapping[str, Sequence[str]]
    spare: Mapping[str, Sequence[str]]


def plan(config: StudyConfig, clips: Clips) -> list[list[Turn]]:
    """Every participant's sequence; the same parameters and clips give the same plan.

    Raises:
        UserError: there are too few clips for so many videos.
    """
    _check(config, clips)
    rng = np.random.default_rng(config.seed)
    methods = [config.methods[i] for i in rng.permutation(len(config.methods))]
    orders = chained(len(methods), config.participants, config.videos, rng)
    dealt = _dealt(orders, methods, clips.rated, rng)
    practice = [_practice(config, methods, clips, place) for place in range(config.training)]
    datasets = config.datasets
    return [
        [*practice, *_with_checks(blocks, clips, datasets[number % len(datasets)], rng)]
        for number, blocks in enumerate(dealt)
    ]


def _check(config: StudyConfig, clips: Clips) -> None:
    turns = -(-config.videos // (len(config.methods) * len(config.datasets)))
    for dataset, ids in clips.rated.items():
        if len(ids) < turns:
            raise UserError(
                f"{config.videos} videos a participant need {turns} clips of {dataset} that all methods have made "
                f"(besides {SPARE_CLIPS} spare ones), and there are {len(ids)}; lower `videos` or add clips"
            )


def _dealt(
    orders: list[list[tuple[int, ...]]],
    methods: list[str],
    clips: Mapping[str, Sequence[str]],
    rng: np.random.Generator,
) -> list[list[list[Video]]]:
    """Give each turn of a method the dataset, and of it the clip, that had the fewest turns so far.

    Nobody sees a video twice; a participant's datasets and clips are spread, and a clip follows itself only for
    balance's sake.
    """
    total: Counter = Counter()
    dealt = []
    for order in orders:
        own: Counter = Counter()
        last = None
        blocks = []
        for row in order:
            block = []
            for method in (methods[i] for i in row):
                by_dataset = {d: (own[method, d], total[method, d], own[d], rng.random()) for d in clips}
                dataset = min(by_dataset, key=by_dataset.__getitem__)
                videos = [Video(method, dataset, clip) for clip in clips[dataset]]
                costs = {v: (own[v], total[v], v.clip_id == last, own[v.clip_id], rng.random()) for v in videos}
                video = min(costs, key=costs.__getitem__)
                last = video.clip_id
                block.append(video)
                for counts in (own, total):
                    counts.update([video, (method, dataset), dataset, last])
            blocks.append(block)
        dealt.append(blocks)
    return dealt


def _practice(config: StudyConfig, methods: list[str], clips: Clips, place: int) -> Turn:
    dataset = config.datasets[place % len(config.datasets)]
    return Turn(TRAINING, Video(methods[place % len(methods)], dataset, clips.spare[dataset][0]))


def _with_checks(blocks: list[list[Video]], clips: Clips, dataset: str, rng: np.random.Generator) -> list[Turn]:
    """Put the checks between blocks, where they part no neighbours of a Williams row; the repeat in the later half."""
    rated = [video for block in blocks for video in block]
    early = rated[: len(rated) // 2]
    practised, gold = clips.spare[dataset]
    checks = [
        (int(rng.integers(len(blocks))), Turn(GOLD, Video(TRUTH, dataset, gold))),
        (int(rng.integers(len(blocks))), Turn(TRAP, Video(TRUTH, dataset, practised))),
        (int(rng.integers(len(blocks) // 2, len(blocks))), Turn(REPEAT, early[int(rng.integers(len(early)))])),
    ]
    turns = []
    for place, block in enumerate(blocks):
        turns += [Turn(RATED, video) for video in block]
        turns += [turn for after, turn in checks if after == place]
    return turns
