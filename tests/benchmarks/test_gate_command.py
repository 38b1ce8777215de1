"""``speak-bench gate`` and ``accept``: exit codes, what is written, and that names from score files stay text."""

import sys
from xml.etree import ElementTree

import numpy as np
import pytest
from fake_scores import frame, row
from markdown_it import MarkdownIt

from benchmarks import bench_cli
from benchmarks.gate_runs import accept, read_run
from benchmarks.scores import records, write_scores
from speak.errors import UserError

CLIPS = [f"{person}{take}" for person in "abcd" for take in range(3)]
HOSTILE = [
    "<script>alert(1)</script>",
    "a|b`c",
    "](javascript:x) @everyone #1",
    "\x1b[2J\n::error::",
    "\u202egnp",
    "&amp;",
]


def write(path, values, method="mine"):
    """A score file: one value for each clip, or None with a reason."""
    rows = [
        row(method, clip, v, reason="no face" if v is None else None) for clip, v in zip(CLIPS, values, strict=True)
    ]
    write_scores(path, records(frame(rows)))
    return path


def speak_bench(monkeypatch, capsys, *arguments):
    """Exit code, standard output and standard error."""
    monkeypatch.setattr(sys, "argv", ["speak-bench", *map(str, arguments)])
    with pytest.raises(SystemExit) as done:
        bench_cli.main()
    return done.value.code or 0, *capsys.readouterr()


@pytest.fixture
def accepted(tmp_path):
    return write(tmp_path / "accepted.parquet", np.linspace(20, 22, len(CLIPS)))


@pytest.mark.parametrize(
    "values, code, told",
    [
        (np.linspace(20, 22, len(CLIPS)), 0, "open: 0 regressed, 0 not measured, 0 improved"),
        (np.linspace(21, 23, len(CLIPS)), 0, "improved: mine mead psnr-rgb8-meandb-v1 ↑: 21.000 → 22.000"),
        (np.linspace(19, 21, len(CLIPS)), 1, "regressed: mine mead psnr-rgb8-meandb-v1 ↑: 21.000 → 20.000"),
        ([None, *np.linspace(20, 22, len(CLIPS))[1:]], 1, "1 of 12 values missing: no face"),
    ],
)
def test_exit_codes_and_files(tmp_path, monkeypatch, capsys, accepted, values, code, told):
    candidate = write(tmp_path / "run" / "scores" / "group" / "mine" / "0.parquet", values).parents[3]
    report, junit = tmp_path / "gate.md", tmp_path / "gate.xml"
    options = ["--baseline", accepted, "--candidate", candidate, "--markdown", report, "--junit", junit]
    found = speak_bench(monkeypatch, capsys, "gate", *options)
    assert found[0] == code and told in found[1] and not found[2]
    assert report.read_text().startswith("### Gate " + ("closed" if code else "open"))
    assert len(ElementTree.parse(junit).findall(".//failure")) == code
    before = report.read_bytes(), junit.read_bytes()
    speak_bench(monkeypatch, capsys, "gate", *options)
    assert before == (report.read_bytes(), junit.read_bytes())


def test_misuse_is_one_line_and_exit_code_2(tmp_path, monkeypatch, capsys, accepted):
    (tmp_path / "broken.parquet").write_text("no")
    (tmp_path / "empty").mkdir()
    write_scores(tmp_path / "nothing.parquet", [])
    for bad in ["absent", "empty", "broken.parquet", "nothing.parquet"]:
        for sides in ([accepted, tmp_path / bad], [tmp_path / bad, accepted]):
            arguments = ["gate", "--baseline", sides[0], "--candidate", sides[1]]
            code, out, err = speak_bench(monkeypatch, capsys, *arguments)
            assert code == 2 and not out and err.startswith("speak-bench: ") and err.count("\n") == 1, bad
    code, _, err = speak_bench(monkeypatch, capsys, "gate", "--baseline", accepted)
    assert code == 2 and "--candidate" in err


@pytest.mark.parametrize("name", HOSTILE)
def test_names_of_strangers_stay_text(tmp_path, monkeypatch, capsys, accepted, name):
    baseline = write(tmp_path / "hostile.parquet", np.linspace(20, 22, len(CLIPS)), method=name)
    report, junit = tmp_path / "gate.md", tmp_path / "gate.xml"
    options = ["--baseline", baseline, "--candidate", accepted, "--markdown", report, "--junit", junit]
    code, out, _ = speak_bench(monkeypatch, capsys, "gate", *options)
    assert code == 1 and all(line.isprintable() for line in out.splitlines()) and len(out.splitlines()) == 2
    (case,) = ElementTree.parse(junit).iter("testcase")
    assert case.get("classname").isprintable() and case.find("failure").get("type") == "not measured"
    page = MarkdownIt("commonmark").enable("table").render(report.read_text())
    assert page.count("<tr>") == 2 and page.count("<td>") == 9
    assert "<script" not in page and "<a " not in page
    assert page.count("<code>") == 4  # method, dataset, metric, reason


def test_accepted_scores_are_one_sorted_file_equal_for_equal_runs(tmp_path, monkeypatch, capsys):
    for folder, order in (("one", ("a", "b")), ("two", ("b", "a"))):
        for number, method in enumerate(order):
            write(tmp_path / folder / f"{number}.parquet", np.arange(len(CLIPS)) + 1.0, method=method)
        code, out, _ = speak_bench(monkeypatch, capsys, "accept", tmp_path / folder, tmp_path / f"{folder}.parquet")
        assert (code, out) == (0, f"{tmp_path / folder}.parquet\n")
    assert (tmp_path / "one.parquet").read_bytes() == (tmp_path / "two.parquet").read_bytes()
    assert read_run(tmp_path / "one.parquet")["method"].tolist() == ["a"] * len(CLIPS) + ["b"] * len(CLIPS)


def test_runs_are_found_by_their_folders(tmp_path):
    write(tmp_path / "work" / "demo" / "scores" / "0.parquet", np.ones(len(CLIPS)))
    (tmp_path / "work" / "demo" / "split.parquet").write_text("not scores")
    (tmp_path / "reports" / "demo").mkdir(parents=True)
    assert len(read_run(tmp_path / "work" / "demo")) == len(CLIPS)
    assert len(read_run(tmp_path / "reports" / "demo")) == len(CLIPS)
    write(tmp_path / "twice" / "a.parquet", np.ones(len(CLIPS)))
    write(tmp_path / "twice" / "b.parquet", np.ones(len(CLIPS)))
    with pytest.raises(UserError, match="two scores for mine 0 mead a0"):
        accept(tmp_path / "twice", tmp_path / "out.parquet")
    assert not (tmp_path / "out.parquet").exists()


def test_infinite_values_count_as_none(tmp_path):
    path = write(tmp_path / "x.parquet", [np.inf, *np.ones(len(CLIPS) - 1)])
    assert read_run(path)["value"].isna().sum() == 1
