"""Progress in a log: a plain line now and then, with what is left."""

import pytest

from speak import progress


@pytest.mark.parametrize(
    "seconds, words",
    [
        (0.4, "0 s"),
        (119, "119 s"),
        (120, "2 min"),
        (150, "2.5 min"),
        (7199, "120 min"),
        (7200, "2 h"),
        (37_000, "10.3 h"),
    ],
)
def test_durations_as_people_say_them(seconds, words):
    assert progress.duration(seconds) == words


def test_a_line_now_and_then_with_what_is_left(capfd, monkeypatch):
    times = iter([100.0, 101.0, 120.0, 121.0, 140.0])
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(times))
    with progress.progress("fetching hdtf", 100) as advance:
        for done, note in ((1, "a"), (40, "1.5 MB/s"), (41, "b"), (100, "")):
            advance(done, note)
    assert capfd.readouterr().err.splitlines() == [
        "fetching hdtf: 40/100 in 20 s, 1.5 MB/s, about 30 s left",
        "fetching hdtf: 100/100 in 40 s",
    ]
