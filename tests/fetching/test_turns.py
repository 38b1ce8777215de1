"""Whose turn it is, on a clock of our own: the limits hold, pauses are kept, and nothing is lost."""

import itertools
import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from loopback import network

from speak.fetching.network import Backoff, HostLimit
from speak.fetching.retry import pause_s
from speak.fetching.turns import Turns
from speak.fetching.wanted import Blocked, Failed, Gone, Wanted


def wanted(*addresses: str) -> list[Wanted]:
    return [Wanted(path=f"{i}.mp4", address=f"http://{name}", way="http") for i, name in enumerate(addresses)]


def turns(files: list[Wanted], **changes) -> Turns:
    return Turns(files, network(**changes), random.Random(0))


def drain(lines: Turns, outcome, seconds: float = 0.0) -> list[tuple[float, str]]:
    """Work everything off on an imagined clock, each file taking ``seconds``; returns (time, path) of every start."""
    now, running, starts = 0.0, [], []
    while len(lines):
        job, wait_s = lines.next(now)
        if job is not None:
            starts.append((now, job.wanted.path))
            running.append((now + seconds, job))
            continue
        end = min((end for end, _ in running), default=math.inf)
        now = min(end, now + wait_s)
        assert now < math.inf, "waiting for nothing"
        for ended in [one for one in running if one[0] <= now]:
            running.remove(ended)
            lines.finish(ended[1], outcome(ended[1]), now)
    return starts


def test_a_host_is_asked_no_more_often_than_its_rate():
    starts = drain(turns(wanted(*["a/x"] * 20), host=HostLimit(at_once=20, per_second=4.0)), lambda job: None)
    assert [time for time, _ in starts] == pytest.approx([i / 4 for i in range(20)])


def test_no_more_at_once_than_a_host_may_serve():
    starts = drain(turns(wanted(*["a/x"] * 6), host=HostLimit(at_once=2, per_second=1e9)), lambda job: None, seconds=1)
    assert [round(time) for time, _ in starts] == [0, 0, 1, 1, 2, 2]


def test_a_slow_host_does_not_hold_up_a_fast_one():
    limits = {"slow": HostLimit(at_once=1, per_second=1.0)}
    files = wanted(*["slow/x"] * 5, *["fast/x"] * 5)
    starts = drain(turns(files, hosts=limits, host=HostLimit(at_once=1, per_second=1e9)), lambda job: None)
    assert sorted(round(time, 3) for time, _ in starts) == [0, 0, 0, 0, 0, 0, 1, 2, 3, 4]


def test_what_fails_comes_back_after_the_others_and_only_so_often():
    starts = drain(
        turns(wanted("a/x", "a/y"), tries=3), lambda job: Failed("x") if job.wanted.path == "0.mp4" else None
    )
    assert [path for _, path in starts] == ["0.mp4", "1.mp4", "0.mp4", "0.mp4"]


@pytest.mark.parametrize("problem", [Gone("x"), Blocked("x")])
def test_what_is_gone_or_blocked_does_not_come_back(problem):
    assert len(drain(turns(wanted("a/x")), lambda job: problem)) == 1


def test_a_pause_that_a_host_asks_for_is_kept_by_all_its_files():
    outcome = lambda job: Failed("429", after_s=3.0) if job.wanted.path == "0.mp4" and job.tried == 1 else None  # noqa: E731
    files = wanted("a/x", "a/y", "b/z")
    starts = drain(turns(files, host=HostLimit(at_once=1, per_second=1e9), tries=2), outcome)
    times = {(path, i): time for i, (time, path) in enumerate(starts)}
    assert min(time for (path, i), time in times.items() if path in ("0.mp4", "1.mp4") and i > 1) >= 3.0
    assert min(time for (path, _), time in times.items() if path == "2.mp4") < 0.1


def test_a_host_that_asks_for_a_very_long_pause_is_left_alone():
    lines = turns(wanted("a/x", "a/y", "b/z"), host=HostLimit(at_once=1, per_second=1e9), longest_wait_s=10.0)
    starts = drain(lines, lambda job: Failed("429", after_s=86400.0) if job.wanted.path == "0.mp4" else None)
    assert sorted(path for _, path in starts) == ["0.mp4", "2.mp4"]
    assert lines.gave_up == {"a": "a asked not to be asked for 86400 s"}


@pytest.mark.parametrize("problem", [Failed("500"), Blocked("403")])
def test_a_host_that_gives_nothing_is_left_alone(problem):
    lines = turns(wanted(*["a/x"] * 100), give_up_after=7)
    assert len(drain(lines, lambda job: problem)) == 7
    assert lines.gave_up == {"a": "7 tries in a row went wrong at a"}


def test_a_host_that_gives_now_and_then_is_asked_on():
    """What is gone is an honest answer, too."""
    outcomes = [None, Gone("404")]
    lines = turns(wanted(*["a/x"] * 40), give_up_after=3, tries=1)
    starts = drain(lines, lambda job: Failed("500") if int(job.wanted.path[:-4]) % 3 else outcomes[job.tried - 1])
    assert len(starts) == 40 and not lines.gave_up


@given(
    st.lists(st.sampled_from("abc"), max_size=25),
    st.lists(st.sampled_from(["ok", "gone", "blocked", "failed", "later"]), min_size=1, max_size=12),
    st.floats(0.0, 2.0),
    st.integers(1, 3),
)
def test_every_file_is_settled_within_its_bounds(hosts, script, seconds, at_once):
    problems = {"ok": None, "gone": Gone(""), "blocked": Blocked(""), "failed": Failed(""), "later": Failed("", 1.0)}
    lines = turns(
        wanted(*[f"{host}/x" for host in hosts]),
        host=HostLimit(at_once=at_once, per_second=5.0),
        tries=3,
        give_up_after=10**6,
    )
    draws = random.Random(1)
    starts = drain(lines, lambda job: problems[draws.choice(script)], seconds)
    asked = [path for _, path in starts]
    assert set(asked) == {f"{i}.mp4" for i in range(len(hosts))}
    assert max((asked.count(path) for path in asked), default=0) <= 3
    for host in set(hosts):
        times = [time for time, path in starts if hosts[int(path[:-4])] == host]
        assert all(later - earlier >= 0.2 - 1e-9 for earlier, later in itertools.pairwise(times))


def test_pauses_double_up_to_their_bound_and_fill_it():
    """Full jitter: uniform from 0 to min(longest, first * 2^(n-1)), so its mean is half of that."""
    rng, backoff = random.Random(0), Backoff(first_s=1.0, longest_s=8.0)
    for tried, bound in ((1, 1.0), (2, 2.0), (4, 8.0), (9, 8.0)):
        drawn = [pause_s(tried, backoff, rng) for _ in range(2000)]
        assert 0.0 <= min(drawn) < 0.02 * bound and 0.98 * bound < max(drawn) <= bound
        assert sum(drawn) / len(drawn) == pytest.approx(bound / 2, rel=0.05)
    again = random.Random(0)
    assert pause_s(3, backoff, again) == pause_s(3, backoff, random.Random(0))
