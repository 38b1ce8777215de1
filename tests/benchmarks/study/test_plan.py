"""Plans are balanced, checked, and the same for the same seed."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_study import tiny_config

from benchmarks.study.balance import balance
from benchmarks.study.config import CONFIG, read_config
from benchmarks.study.plan import Clips, plan
from speak.errors import UserError

PAPER = read_config(CONFIG)


def clips_of(config, count):
    spare = {name: [f"{name}/s{i}" for i in range(2)] for name in config.datasets}
    return Clips(rated={name: [f"{name}/{i}" for i in range(count)] for name in config.datasets}, spare=spare)


def rated_of(turns):
    return [turn.video for turn in turns if turn.kind == "rated"]


def spread(counts, cells):
    return max(counts.values()) - (0 if len(counts) < cells else min(counts.values()))


def test_the_papers_numbers_come_out_exactly_balanced():
    assert (PAPER.participants, PAPER.videos) == (20, 30)
    plans = plan(PAPER, clips_of(PAPER, 10))
    videos = [video for turns in plans for video in rated_of(turns)]
    assert len(plans) == 20 and len(videos) == 600
    assert set(Counter((v.method, v.dataset) for v in videos).values()) == {50}
    assert set(Counter(videos).values()) == {5} and len(set(videos)) == 120
    for turns in plans:
        own = rated_of(turns)
        assert len(set(own)) == 30 and set(Counter(v.method for v in own).values()) == {5}
        assert set(Counter(v.dataset for v in own).values()) == {15}


@settings(max_examples=60)
@given(
    methods=st.integers(2, 7),
    datasets=st.integers(1, 3),
    participants=st.integers(1, 9),
    videos=st.integers(2, 24),
    spare_room=st.integers(0, 4),
    seed=st.integers(0, 9),
)
def test_any_plan_is_as_balanced_as_its_numbers_allow(methods, datasets, participants, videos, spare_room, seed):
    names = tuple(f"m{i}" for i in range(methods))
    config = replace(PAPER, methods=names, datasets=tuple("abc"[:datasets]), videos=videos, seed=seed)
    config = replace(config, participants=participants)
    count = -(-videos // (methods * datasets)) + spare_room
    clips = clips_of(config, count)
    plans = plan(config, clips)
    everything = Counter(video for turns in plans for video in rated_of(turns))
    per_condition = Counter((video.method, video.dataset) for video in everything.elements())
    assert spread(per_condition, methods * datasets) <= 2
    for method, dataset in per_condition:
        own = Counter({v: n for v, n in everything.items() if (v.method, v.dataset) == (method, dataset)})
        assert spread(own, count) <= 1
    for turns in plans:
        own = rated_of(turns)
        assert len(own) == len(set(own)) == videos
        assert spread(Counter(v.method for v in own), methods) <= 1
    assert balance(plans, names, clips)["a method right after itself"] == (0, 0) or methods == 2


def test_every_session_has_its_practice_and_checks():
    config = tiny_config(participants=12, videos=12, training=3, clips_per_dataset=4)
    clips = clips_of(config, 4)
    for turns in plan(config, clips):
        kinds = [turn.kind for turn in turns]
        assert kinds[:3] == ["training"] * 3 and Counter(kinds[3:]) == {"rated": 12, "gold": 1, "trap": 1, "repeat": 1}
        gold, repeat = turns[kinds.index("gold")].video, kinds.index("repeat")
        assert gold.method == "ground_truth" and gold.clip_id in clips.spare[gold.dataset]
        assert gold.clip_id not in {turn.video.clip_id for turn in turns if turn.kind == "training"}
        before = [turn.video for turn in turns[:repeat] if turn.kind == "rated"]
        assert turns[repeat].video in before[:-1]
        spare = {clip for own in clips.spare.values() for clip in own}
        assert all((turn.video.clip_id in spare) == (turn.kind in ("training", "gold", "trap")) for turn in turns)


def test_the_stated_balance_is_what_a_recount_finds():
    config = tiny_config(participants=5, videos=8, clips_per_dataset=3)
    clips = clips_of(config, 3)
    plans = plan(config, clips)
    stated = balance(plans, config.methods, clips)
    counts = Counter(video for turns in plans for video in rated_of(turns))
    assert stated["ratings of a video"] == (
        min(counts.get(v, 0) for v in counts) if len(counts) == 18 else 0,
        max(counts.values()),
    )
    own = [Counter(v.method for v in rated_of(turns)) for turns in plans]
    assert stated["a participant's videos of a method"] == (
        min(min(c.values()) for c in own),
        max(max(c.values()) for c in own),
    )


def test_the_seed_decides_and_nothing_else():
    config = tiny_config(participants=6)
    clips = clips_of(config, 3)
    assert plan(config, clips) == plan(config, clips) != plan(replace(config, seed=1), clips)


def test_too_few_clips_are_said_in_one_line():
    with pytest.raises(UserError, match=r"need 3 clips of mead .* there are 2; lower `videos`"):
        plan(tiny_config(videos=18), clips_of(tiny_config(), 2))
