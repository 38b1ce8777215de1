"""Fifty at once, and a server that is killed twice: what was acknowledged is kept, and nothing twice."""

import time

import pytest
from crowd import Crowd, ServerProcess, p95_ms
from made_study import tiny_study

from benchmarks.study.questions import QUESTIONS
from benchmarks.study.storage import Store, sqlite_url

PEOPLE, KILLS = 50, 2


@pytest.mark.timeout(600)
def test_no_acknowledged_rating_is_lost_or_doubled(tmp_path):
    folder = tmp_path / "study"
    design = tiny_study(folder, participants=PEOPLE)
    server = ServerProcess(folder, tmp_path / "server.log")
    server.start()
    crowd = Crowd(folder, server.links)
    expected = sum(map(len, design.sequences.values())) * len(QUESTIONS)
    crowd.start()
    for kill in range(1, KILLS + 1):
        while len(crowd.acknowledged) < expected * kill // (KILLS + 1) and not crowd.wrong:
            time.sleep(0.02)
        server.kill()
        server.start()
    crowd.finish()
    server.kill()
    store = Store(sqlite_url(folder), design.study)
    rows = store.ratings()
    store.close()
    stored = {(row["participant"], row["position"], row["question"]): row["score"] for row in rows}
    assert not crowd.wrong and crowd.failed > 0
    assert stored == crowd.acknowledged and len(rows) == len(stored) == expected
    print(f"\n{PEOPLE} at once, {KILLS} kills: {expected} ratings, p95 {p95_ms(crowd.times_s):.0f} ms")
    assert b"/study/" not in (tmp_path / "server.log").read_bytes()
