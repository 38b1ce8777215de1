"""``speak-bench submit``: a fitting submission passes; each thing that does not fit is one finding, all at once."""

import dataclasses
import json
import sys

import numpy as np
import pandas as pd
import pytest
from fake_scores import frame, row

from benchmarks import bench_cli
from benchmarks.leaderboard import benchmark as benchmarks
from benchmarks.leaderboard.benchmark import find_benchmark, make_benchmark, read_benchmark, write_benchmark
from benchmarks.leaderboard.check import findings
from benchmarks.leaderboard.submission import Card, Links, Submission, TrainingData, read_submission
from benchmarks.scores import records, write_scores
from speak.errors import UserError
from speak.metrics import METRICS

CLIPS = ["a0", "a1", "b0"]
IDS = [metric.id for metric in METRICS.values()]
SPLIT = pd.DataFrame(
    [
        *[("mead", person, "test") for person in "ab"],
        ("mead", "c", "train"),
        ("crema_d", "1001", "test"),
        ("voxceleb", "v", "train"),
    ],
    columns=["dataset", "person", "split"],
)
TEST_CLIPS = pd.DataFrame([(clip, "mead", clip[0]) for clip in CLIPS], columns=["clip_id", "dataset", "person"])
BENCHMARK = make_benchmark("demo", "b", SPLIT, TEST_CLIPS)
SEEN = TrainingData(datasets=("mead", "My own"), persons=None, saw_test=False)
CARD = Card(
    name="mine",
    revision="1.0",
    authors=("Ada Example",),
    notes="",
    links=Links(),
    trained_with=("sync_conf",),
    training_data=SEEN,
    profile="demo",
    split="b",
    metrics=tuple(sorted(IDS)),
    scores_sha256="0" * 64,
)


def scores(seeds=(0,), method="mine"):
    values = np.random.default_rng(1).uniform(size=(len(seeds), len(CLIPS), len(IDS)))
    return frame(
        row(method, clip, values[k, i, j], metric=metric, seed=seed)
        for k, seed in enumerate(seeds)
        for i, clip in enumerate(CLIPS)
        for j, metric in enumerate(IDS)
    )


def found(tmp_path, card=CARD, rows=None, others=(), place="mine/1.0.json"):
    submission = Submission(card, scores() if rows is None else rows)
    lines = findings(submission, tmp_path / place, BENCHMARK, others)
    assert all(line.isprintable() for line in lines)
    return lines


def test_a_fitting_submission_has_no_findings(tmp_path):
    assert found(tmp_path) == []
    assert found(tmp_path, rows=scores(seeds=(0, 3))) == []
    null = scores()
    null.loc[0, ["value", "reason"]] = [np.nan, "no face in 3 frames"]
    assert found(tmp_path, rows=null) == []


@pytest.mark.parametrize(
    "changes, told",
    [
        ({"name": "wav2lip"}, "name: wav2lip is a method"),
        ({"name": "other"}, "place: "),
        ({"profile": "paper"}, "profile: paper, but the benchmark is demo"),
        ({"split": "z"}, "split: hash z, but the benchmark's is b"),
        ({"trained_with": None}, "trained_with: not declared"),
        ({"trained_with": ("lipiness",)}, "trained_with: lipiness is no metric"),
        ({"training_data": dataclasses.replace(SEEN, datasets=None)}, "training_data.datasets: not declared"),
        ({"training_data": dataclasses.replace(SEEN, saw_test=None)}, "training_data.saw_test: not declared"),
        ({"training_data": dataclasses.replace(SEEN, saw_test=True)}, "contaminated: the method has seen"),
        ({"training_data": dataclasses.replace(SEEN, persons=("c", "b"))}, "contaminated: b of training_data.persons"),
        ({"training_data": dataclasses.replace(SEEN, datasets=("CREMA-D",))}, "contaminated: all persons of crema_d"),
        ({"metrics": ()}, "metrics: the card's list"),
    ],
)
def test_a_card_that_does_not_fit(tmp_path, changes, told):
    lines = found(tmp_path, dataclasses.replace(CARD, **changes))
    assert any(line.startswith(told) for line in lines), lines


def changed(column, value, place=0):
    def change(rows):
        rows.loc[place, column] = value
        return rows

    return change


@pytest.mark.parametrize(
    "change, told",
    [
        (changed("method", "yours"), "1 with another method than mine"),
        (changed("split", "z"), "1 with another split than b"),
        (lambda rows: pd.concat([rows, rows[:2]], ignore_index=True), "2 with twice the same clip"),
        (changed("seed", -1), "1 with a negative seed"),
        (changed("clip_id", "z9"), "1 with a clip that is no test clip, first z9"),
        (changed("person", "b"), "1 with not the clip's dataset or person"),
        (changed("value", np.inf), "1 with a value that is not finite"),
        (changed("value", np.nan), "1 with neither a value nor a reason"),
        (changed("reason", "why"), "1 with a value and a reason"),
        (changed("found_share", 1.5), "1 with found_share outside 0 to 1"),
        (changed("checkpoint", "\x1b[2J"), "1 with text that is too long or cannot be printed"),
        (changed("reason", "x" * 501), "1 with text that is too long"),
    ],
)
def test_rows_that_do_not_fit_are_counted(tmp_path, change, told):
    lines = found(tmp_path, rows=change(scores()))
    assert any(told in line for line in lines), lines


def test_versions_of_metrics(tmp_path):
    old = scores().replace(
        {"metric": {"ssim-gauss11-rgb-v1": "ssim-gauss11-rgb-v0", "psnr-rgb8-meandb-v1": "mos\u202e"}}
    )
    lines = found(tmp_path, rows=old)
    assert "metrics: ssim-gauss11-rgb-v0 is not the current version, which is ssim-gauss11-rgb-v1; score again" in lines
    assert any(line.startswith("metrics: mos\\u202e is not known") for line in lines)
    assert f"coverage: 6 of {3 * len(IDS)} rows missing with seed 0, first a0 psnr-rgb8-meandb-v1" in lines


def test_missing_clips_are_missing_with_every_seed(tmp_path):
    rows = scores(seeds=(0, 1))
    rows = rows[(rows["clip_id"] != "b0") | (rows["seed"] == 0)]
    (line,) = found(tmp_path, rows=rows)
    assert line.startswith(f"coverage: {len(IDS)} of {3 * len(IDS)} rows missing with seed 1, first b0")
    assert found(tmp_path, dataclasses.replace(CARD, metrics=()), rows=scores()[:0]) == [
        "coverage: the score file has no rows"
    ]


def test_duplicates_of_other_submissions(tmp_path):
    same_name = Submission(dataclasses.replace(CARD, name="Mine"), scores(seeds=(7,)))
    same_scores = Submission(dataclasses.replace(CARD, name="yours"), scores(method="yours")[::-1])
    assert [line.split(";")[0] for line in found(tmp_path, others=[same_name, same_scores])] == [
        "duplicate: Mine 1.0 is there already",
        "duplicate: yours 1.0 has exactly these scores",
    ]


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project's root with a finished run of two methods, and a declaration."""
    write_benchmark(tmp_path / "reports" / "demo" / "benchmark.json", BENCHMARK)
    for method, seed in (("speak", 0), ("speak", 1), ("still", 0)):
        path = tmp_path / "work" / "demo" / "scores" / "group" / method / f"{seed}.parquet"
        write_scores(path, records(scores(seeds=(seed,), method=method)))
    declared = {
        key: value for key, value in dataclasses.asdict(CARD).items() if key not in ("profile", "split", "metrics")
    }
    del declared["scores_sha256"]
    (tmp_path / "card.json").write_text(json.dumps(declared))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def speak_bench(monkeypatch, capsys, *arguments):
    """Exit code, standard output and standard error."""
    monkeypatch.setattr(sys, "argv", ["speak-bench", *arguments])
    with pytest.raises(SystemExit) as done:
        bench_cli.main()
    return done.value.code or 0, *capsys.readouterr()


def test_made_checked_and_made_again_byte_for_byte(project, monkeypatch, capsys):
    files = [project / "benchmarks" / "submissions" / "mine" / f"1.0.{suffix}" for suffix in ("json", "parquet")]
    for _ in range(2):
        code, out, _ = speak_bench(monkeypatch, capsys, "submit", "make", "speak", "--card", "card.json")
        assert code == 0 and "fits reports/demo/benchmark.json" in out
        content = [file.read_bytes() for file in files]
    assert content == [file.read_bytes() for file in files]
    assert sorted(read_submission(files[0]).scores["seed"].unique()) == [0, 1]
    for file in files:
        assert speak_bench(monkeypatch, capsys, "submit", "check", str(file))[0] == 0
    code, out, _ = speak_bench(monkeypatch, capsys, "submit", "check", str(files[0]), "--profile", "paper")
    assert code == 2


def test_exit_codes_of_findings_and_of_what_cannot_be_read(project, monkeypatch, capsys):
    code, out, _ = speak_bench(monkeypatch, capsys, "submit", "make", "still", "--card", "card.json")
    assert code == 0
    card = project / "benchmarks" / "submissions" / "mine" / "1.0.json"
    content = json.loads(card.read_text())
    card.write_text(json.dumps({**content, "trained_with": None, "split": "z"}))
    code, out, _ = speak_bench(monkeypatch, capsys, "submit", "check", str(card))
    assert code == 1 and len(out.splitlines()) == 3  # declaration, split, and rows that carry another split
    card.write_text(json.dumps({**content, "surprise\x1b[2J": 1}))
    code, out, err = speak_bench(monkeypatch, capsys, "submit", "check", str(card))
    assert code == 2 and err.count("\n") == 1 and err.strip().isprintable()
    code, _, err = speak_bench(monkeypatch, capsys, "submit", "make", "nobody", "--card", "card.json")
    assert code == 2 and "methods are: speak, still" in err


def test_benchmarks_are_read_as_they_were_written(tmp_path, monkeypatch):
    write_benchmark(tmp_path / "benchmark.json", BENCHMARK)
    assert read_benchmark(tmp_path / "benchmark.json") == BENCHMARK
    assert BENCHMARK.test_persons == {"a", "b", "1001"}
    (tmp_path / "benchmark.json").write_text("{")
    with pytest.raises(UserError, match="not a JSON file"):
        read_benchmark(tmp_path / "benchmark.json")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match="run profile paper first"):
        find_benchmark("paper")
    with pytest.raises(UserError, match="not a profile's name"):
        find_benchmark("../demo")
    committed = read_benchmark(find_benchmark("demo"))
    assert find_benchmark("demo").parent == benchmarks.COMMITTED and committed.profile == "demo"
    assert {clip.person for clip in committed.clips} <= committed.test_persons
