"""``speak-bench study new | serve | export | withdraw``: what is printed, and mistakes in one line."""

import subprocess
import sys

import pandas as pd
import pytest
import requests
import yaml
from crowd import ServerProcess
from made_study import GOOD, METHODS, Client, tiny_study, write_generated

from benchmarks import bench_cli
from benchmarks.study.config import CONFIG
from benchmarks.study.design import read_design
from benchmarks.study.storage import Store, sqlite_url


@pytest.fixture
def speak_bench(monkeypatch, capsys):
    """Call the command in this process: exit code, standard output, standard error."""

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["speak-bench", "study", *map(str, arguments)])
        with pytest.raises(SystemExit) as done:
            bench_cli.main()
        return done.value.code or 0, *capsys.readouterr()

    return call


@pytest.fixture
def config(tmp_path):
    """The paper's study in small, as a file."""
    content = yaml.safe_load(CONFIG.read_text()) | {"methods": list(METHODS), "clips_per_dataset": 2, "training": 0}
    content["media"]["codec"] = {"fps": 10.0, "crf": 30, "preset": "ultrafast"}
    path = tmp_path / "small.yaml"
    path.write_text(yaml.safe_dump(content))
    return path


def test_a_study_from_the_command_line(tmp_path, config, speak_bench):
    generated, folder = write_generated(tmp_path / "generated"), tmp_path / "deep" / "study"
    numbers = ["--participants", 2, "--videos", 6]
    code, out, _ = speak_bench("new", folder, "--generated", generated, "--config", config, *numbers)
    design = read_design(folder)
    assert (
        code == 0 and f"study {design.study}: 2 participants" in out and "a participant's videos of a method: 2" in out
    )
    assert {len(steps) for steps in design.sequences.values()} == {6 + 3}
    code, out, _ = speak_bench("export", folder, tmp_path / "none.csv")
    assert code == 0 and "0 answers of 0 participants" in out
    store = Store(sqlite_url(folder), design.study)
    store.add("p02", 1, GOOD, session="s", answered_at="2026-01-01T00:00:00+00:00", seconds=5.0)
    store.close()
    code, out, _ = speak_bench("export", folder, tmp_path / "ratings.parquet")
    assert code == 0 and "3 answers of 1 participants" in out
    assert len(pd.read_parquet(tmp_path / "ratings.parquet")) == 3
    assert speak_bench("withdraw", folder, "p02")[1] == "p02: 3 answers deleted\n"
    assert speak_bench("withdraw", folder, "p09")[0] == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["new", "{}/study", "--generated", "{}/absent"], "run `make repro` first"),
        (["serve", "{}/absent"], "no such study; make one with `speak-bench study new"),
        (["serve", "{}/made", "--url", "study.example.org"], "not an address of a whole site"),
        (["serve", "{}/made", "--url", "https://example.org/study"], "not an address of a whole site"),
        (["export", "{}/absent", "{}/r.csv"], "no such study"),
        (["export", "{}/made", "{}/r.xlsx"], "ends in .parquet or .csv"),
        (["export", "{}/made", "{}/r.csv", "--database", "nonsense"], "not a database URL that can be used"),
    ],
)
def test_mistakes_are_one_line_and_exit_code_two(tmp_path, speak_bench, arguments, said):
    tiny_study(tmp_path / "made")
    code, _, err = speak_bench(*(part.format(tmp_path) for part in arguments))
    assert code == 2 and said in " ".join(err.split())


@pytest.mark.parametrize("spoil", ["remove", "change"])
def test_a_study_whose_videos_are_not_its_own_is_not_served(tmp_path, speak_bench, spoil):
    design = tiny_study(tmp_path / "made")
    video = tmp_path / "made" / "videos" / f"{design.items[0].name}.mp4"
    video.unlink() if spoil == "remove" else video.write_bytes(b"x")
    code, _, err = speak_bench("serve", tmp_path / "made")
    assert code == 2 and video.name in "".join(err.split())


def test_a_server_prints_links_only_when_asked_and_logs_no_token(tmp_path):
    tiny_study(tmp_path / "made")
    server = ServerProcess(tmp_path / "made", tmp_path / "log")
    server.start()
    Client(server.links["p01"]).begin(read_design(tmp_path / "made"))
    assert requests.get(server.links["p01"] + "x", timeout=30).status_code == 404
    server.kill()
    log = (tmp_path / "log").read_text()
    assert "is served at" in log and "refused 404" in log
    assert not any(link.rsplit("/", 1)[1] in log for link in server.links.values())


def test_a_port_that_is_taken_is_said(tmp_path):
    tiny_study(tmp_path / "made")
    server = ServerProcess(tmp_path / "made", tmp_path / "log")
    server.start()
    again = [sys.executable, "-m", "benchmarks.bench_cli", "study", "serve", str(tmp_path / "made")]
    done = subprocess.run([*again, "--port", str(server.port)], capture_output=True, text=True, timeout=120)
    server.kill()
    assert done.returncode == 2 and "Traceback" not in done.stderr and str(server.port) in done.stderr
