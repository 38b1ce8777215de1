"""How balanced a plan is: the least and the greatest count of what should be equal."""

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from itertools import pairwise, product

from benchmarks.study.plan import RATED, Clips, Turn, Video


def balance(plan: Sequence[Sequence[Turn]], methods: Sequence[str], clips: Clips) -> dict[str, tuple[int, int]]:
    """By what is counted: its least and greatest count; equal ones mean that it is balanced exactly."""
    rated = [[turn.video for turn in turns if turn.kind == RATED] for turns in plan]
    shown = [video for videos in rated for video in videos]
    numbered = list(enumerate(rated))
    datasets, ids = list(clips.rated), [clip for found in clips.rated.values() for clip in found]
    pairs = [(a, b) for a, b in product(methods, repeat=2) if a != b]
    follows = [(a.method, b.method) for videos in rated for a, b in pairwise(videos)]
    places = [(video.method, place % len(methods)) for videos in rated for place, video in enumerate(videos)]
    people = range(len(plan))
    every = [Video(m, d, clip) for m in methods for d in datasets for clip in clips.rated[d]]
    return {
        "ratings of a method on a dataset": _span(((v.method, v.dataset) for v in shown), product(methods, datasets)),
        "ratings of a video": _span(shown, every),
        "a participant's videos of a method": _span(
            ((n, v.method) for n, own in numbered for v in own), product(people, methods)
        ),
        "a participant's videos of a dataset": _span(
            ((n, v.dataset) for n, own in numbered for v in own), product(people, datasets)
        ),
        "a participant's videos of a clip": _span(
            ((n, v.clip_id) for n, own in numbered for v in own), product(people, ids)
        ),
        "a method at a place of its row": _span(places, product(methods, range(len(methods)))),
        "a method right after another": _span(follows, pairs),
        "a method right after itself": _span(follows, [(method, method) for method in methods]),
    }


def _span(found: Iterable[Hashable], possible: Iterable[Hashable]) -> tuple[int, int]:
    counts = Counter(found)
    numbers = [counts[one] for one in possible]
    return min(numbers), max(numbers)
