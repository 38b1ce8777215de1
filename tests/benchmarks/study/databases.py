"""A real PostgreSQL for a few tests: a cluster of its own in a temporary directory, on a free loopback port."""

import contextlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from made_study import free_port

OWNER = "postgres"
"""The server refuses to run as root."""


@contextlib.contextmanager
def postgresql():
    """Yield the URL of a fresh cluster; skips where Debian's package ``postgresql`` is not installed."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    if not programs:
        pytest.skip("no PostgreSQL on this machine (apt-get install postgresql)")
    is_root = os.geteuid() == 0
    folder = Path(tempfile.mkdtemp(prefix="study-postgresql-"))
    as_owner = ["runuser", "-u", OWNER, "--"] if is_root else []
    if is_root:
        shutil.chown(folder, OWNER)

    def call(program, *arguments):
        command = [*as_owner, str(programs[-1] / program), *arguments]
        subprocess.run(command, check=True, capture_output=True, timeout=120, cwd=folder)

    port, data = free_port(), str(folder / "data")
    try:
        call("initdb", "--pgdata", data, "--username", "study", "--auth", "trust", "--encoding", "UTF8")
        options = f"-p {port} -h 127.0.0.1 -k {folder}"
        call("pg_ctl", "start", "--wait", "--pgdata", data, "--options", options, "--log", str(folder / "log"))
        try:
            yield f"postgresql+psycopg://study@127.0.0.1:{port}/postgres"
        finally:
            call("pg_ctl", "stop", "--pgdata", data, "--mode", "immediate")
    finally:
        shutil.rmtree(folder)
