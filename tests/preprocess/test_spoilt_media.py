"""Every kind of broken file is a row with a plain reason: no crash, no hang, no memory gone."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import spoilt_media

HERE = Path(__file__).resolve().parent
HANG_S = 300
"""A guard, not a measurement: all files together take seconds."""

MOST_MIB = 200
"""A picture of 16000 pixels a side would take four times as much."""


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory) -> tuple[dict[str, str], dict[str, dict]]:
    """What is expected, and what a process of its own said, by file."""
    folder = tmp_path_factory.mktemp("spoilt")
    expected = spoilt_media.write_all(folder)
    path = os.pathsep.join([str(HERE.parents[1]), str(HERE.parent), str(HERE)])
    command = [sys.executable, str(HERE / "spoilt_media.py"), str(folder)]
    done = subprocess.run(
        command, env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, timeout=HANG_S, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    return expected, {row["name"]: row for row in rows}


def test_each_file_has_its_reason(outcomes):
    expected, rows = outcomes
    assert rows.keys() == expected.keys()
    wrong = {
        name: rows[name]["reason"]
        for name, pattern in expected.items()
        if not (rows[name]["reason"] is None if not pattern else re.fullmatch(pattern, rows[name]["reason"] or ""))
    }
    assert not wrong


def test_reasons_are_one_short_line_without_paths(outcomes):
    for row in outcomes[1].values():
        reason = row["reason"] or ""
        assert len(reason) < 150 and "\n" not in reason and "/tmp" not in reason, row


def test_no_file_takes_much_memory(outcomes):
    assert max(row["grown_mib"] for row in outcomes[1].values()) < MOST_MIB
