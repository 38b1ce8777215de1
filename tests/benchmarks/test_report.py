"""The page: everything is on it, nothing hostile runs, nothing is fetched, equal data give equal bytes."""

import json
import re
from dataclasses import asdict, replace

import pandas as pd
import pytest
from report_pages import EVIL, page_of, report_data, tables_and_claims

from benchmarks.disentanglement import Disentanglement
from benchmarks.judges.trial import Trial
from benchmarks.probes import Probe
from benchmarks.report import write_report
from benchmarks.report.data import (
    DatasetCount,
    ReportFile,
    Speed,
    StageTiming,
    SyncCondition,
    SyncEvaluation,
    read_judge_trials,
    read_speed,
    read_sync_evaluation,
    read_timing,
)
from benchmarks.report.sets import set_table
from benchmarks.report.write import render
from benchmarks.swaps import Response
from benchmarks.table_latex import to_latex
from benchmarks.table_text import to_csv, to_markdown
from speak.errors import UserError
from speak.metrics import SET_METRICS


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "media").mkdir()
    (tmp_path / "media" / "a b.mp4").write_bytes(b"video")
    (tmp_path / "figure-4.png").write_bytes(b"picture")
    return tmp_path


def test_everything_is_on_the_page(folder):
    text, tags = page_of(folder, report_data())
    for part in (
        "Table 1",
        "Table 4",
        'id="table-1_readings"',
        'id="table-1_qualities"',
        "<h2>Table 1, other readings <small>",
        "93.0 %",
        "29.31",
        "4.23",
        "mouth",
        "faces 90.0 %",
        "3/4 clips",
        "1.2",
    ):
        assert part in text
    assert tags.seen.count("video") == 1 and "no video" in text
    assert ("src", "media/a%20b.mp4") in tags.attributes
    assert {"controls", "muted", "playsinline"} <= {name for name, _ in tags.attributes}
    section = text[text.index('id="table-3"') : text.index('id="table-4"')]
    assert section.count("<img ") == 1 and text.count("<img ") == 2
    order = [text.index(f">{name}<") for name in ("ground truth", "shifted", "other clip")]
    assert order == sorted(order)


def test_training_budgets_and_seconds_are_on_the_page_and_seconds_only_there(folder):
    tables, _ = tables_and_claims("mouth")
    budgeted = tuple(replace(table, budget={"mouth": "600 steps on 26 persons"}) for table in tables)
    text, _ = page_of(folder, report_data(tables=budgeted, training_seconds={"mouth": 48.3}))
    assert "mouth, 600 steps on 26 persons, 48 s on this machine." in text
    assert "48 s" not in to_csv(budgeted[0]) + to_markdown(budgeted[0]) + to_latex(budgeted[0])


def disentanglement(name="predicted landmarks", drawn=1.0):
    def probe(value):
        return Probe(value=value, chance=0.125, high=0.3, clips=34)

    def response(value):
        return Response(value=value, low=value - 0.05, high=value + 0.05, pairs=40)

    nothing = Probe(value=None, chance=None, high=None, clips=0, reason=name)
    still = Response(value=None, low=None, high=None, pairs=0, reason=name)
    factors = ("identity", "emotion", "pose")
    return Disentanglement(
        leakage={
            code: {factor: probe(0.91 if code == factor else 0.22) for factor in factors[:2]} | {"pose": nothing}
            for code in factors
        },
        swaps={
            code: {factor: response(0.87 if code == factor else 0.04) for factor in factors[:2]} | {"pose": still}
            for code in factors
        },
        instruments={"identity": 0.93, "emotion": None, "pose": 0.98},
        drawn=drawn,
        clips=34,
        persons=14,
        measured_on=name,
    )


def test_disentanglement_is_on_the_page(folder):
    results = {"full": disentanglement(), "w/o L_pose": disentanglement()}
    text, _ = page_of(folder, report_data(disentanglement=results))
    assert "34 clips of 14 persons" in text and "w/o L_pose" in text and "93 % of persons" in text
    assert text.count("0.91 ●") == 4 and text.count("0.22<") == 8 and "0.82 to 0.92" in text
    assert 'class="own"' in text and "not evaluated" not in text


def test_disentanglement_that_was_not_evaluated_is_said(folder):
    assert "Disentanglement was not evaluated in this run" in page_of(folder, report_data())[0]


def test_hostile_text_in_disentanglement_is_text(folder):
    _, tags = page_of(folder, report_data(disentanglement={EVIL: disentanglement(EVIL, drawn=0.5)}))
    assert "script" not in tags.seen and not [name for name, _ in tags.attributes if name.startswith("on")]


def test_hostile_names_are_text(folder):
    text, tags = page_of(folder, report_data(EVIL))
    assert "script" not in tags.seen and "<script" not in text
    assert not [name for name, _ in tags.attributes if name.startswith("on")]
    assert "{{ 7*7 }}" in text
    assert tags.seen.count("img") == 2, "a figure and Table 3's intervals"


def test_nothing_is_fetched_from_elsewhere(folder):
    text, tags = page_of(folder, report_data())
    links = [value for name, value in tags.attributes if name in ("src", "href")]
    assert links and not [link for link in links if re.match(r"(https?:)?//", link)]
    assert "@import" not in text and "url(" not in text


def test_equal_data_give_equal_bytes(folder):
    assert page_of(folder, report_data())[0] == page_of(folder, report_data())[0]


def test_speed_and_memory_of_each_method(folder):
    speeds = {EVIL: Speed(frames=120, cpu_seconds=8.0, peak_memory_mib=None)}
    speeds["speak"] = Speed(frames=0, cpu_seconds=0.0, peak_memory_mib=812.0)
    text, _ = page_of(folder, report_data(speeds=speeds))
    assert "<td>120</td>" in text and "<td>15.0</td>" in text and "<td>812 MiB</td>" in text
    assert "Making the videos" not in page_of(folder, report_data())[0]


def test_a_broken_speed_is_a_users_mistake(tmp_path):
    (tmp_path / "0.json").write_text('{"frames": 3}')
    with pytest.raises(UserError, match="run its generate stage again"):
        read_speed(tmp_path / "0.json")


def test_an_empty_run_still_has_a_page(tmp_path):
    empty = report_data(
        stamp=None,
        sync=None,
        interval_plots={},
        figures=(),
        videos=(),
        timings=(),
        methods={},
        provenance={},
        datasets=(),
    )
    text, _ = page_of(tmp_path, empty)
    assert "was not evaluated" in text and "No stage has reported its time" in text


@pytest.mark.parametrize(("values", "separates"), [((3, 3, 1, 2), True), ((3, 2, 1, 2), False), ((1, 3, 2, 1), False)])
def test_a_sync_network_that_does_not_separate_is_said(folder, values, separates):
    conditions = tuple(
        SyncCondition(name=name, sync_conf=value, low=value - 0.1, high=value + 0.1, n=3)
        for name, value in zip("abcd", values, strict=True)
    )
    data = report_data(sync=SyncEvaluation(accuracy=0.5, n=4, conditions=conditions))
    assert ("it does not tell them apart</strong>" in page_of(folder, data)[0]) != separates


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(ValueError, match="not there"):
        write_report(tmp_path, report_data())
    assert not (tmp_path / "index.html").exists()


@pytest.mark.parametrize("path", ["/etc/passwd", "../x.mp4", "a/../../x", "http://x/y", "javascript:alert(1)", "a\\b"])
def test_paths_outside_the_folder_are_refused(path):
    with pytest.raises(ValueError, match="inside the report"):
        ReportFile(label="x", path=path)


def test_quality_of_the_clips_stands_under_their_counts():
    measured = {"sharpness": (40.0, 81.4, 160.0), "speech_share": (0.25, 0.5, 0.75)}
    counts = {"dataset": "mead", "expected": 2, "clips": 2, "quarantined": {}, "missing": {}}
    with_figures, without = (
        render(report_data(datasets=(DatasetCount(**counts, quality=quality),))) for quality in (measured, {})
    )
    assert "81 <small>40 to 160</small>" in with_figures and "0.50 <small>0.25 to 0.75</small>" in with_figures
    assert "variance of the Laplacian" in with_figures and "Limits on these figures" not in without


def test_counts_must_add_up():
    with pytest.raises(ValueError, match="5 items expected, 3 accounted for"):
        DatasetCount(dataset="mead", expected=5, clips=2, quarantined={"x": 1}, missing={})


def test_json_inputs(tmp_path):
    sync, timing = tmp_path / "sync.json", tmp_path / "timing.json"
    condition = {"name": "ground truth", "sync_conf": 3.5, "low": None, "high": None, "n": 8}
    sync.write_text(json.dumps({"accuracy": 0.9, "n": 10, "conditions": [condition]}))
    timing.write_text(json.dumps({"stage": "split", "seconds": 2, "peak_memory_mib": 90, "more": 1}))
    assert read_sync_evaluation(sync).conditions[0].sync_conf == 3.5
    assert read_timing(timing) == StageTiming(stage="split", seconds=2.0, peak_memory_mib=90)
    for read in (read_sync_evaluation, read_timing):
        sync.write_text("{}")
        with pytest.raises(UserError, match=r"sync\.json"):
            read(sync)
        with pytest.raises(UserError, match="absent"):
            read(tmp_path / "absent.json")


def trial(**parts):
    known = {
        "accuracy": 0.857,
        "low": 0.759,
        "high": 0.962,
        "chance": 0.286,
        "clips": 28,
        "persons": 8,
        "note": "8 classes",
    }
    return Trial(**(known | parts))


def test_judges_and_what_they_are_worth(folder):
    none = trial(accuracy=None, low=None, high=None, chance=None, clips=0, persons=0, reason=EVIL)
    text, _ = page_of(folder, report_data(judges={"emotion": trial(note=EVIL), "identity": none}))
    assert "85.7 %" in text and "75.9–96.2" in text and "28.6 %" in text
    assert EVIL not in text and text.count("&lt;script&gt;alert") >= 2
    assert "No judges of faces were fitted" in page_of(folder, report_data())[0]


def test_judge_trials_are_read(tmp_path):
    path = tmp_path / "metrics.json"
    trials = {"identity": trial(), "emotion": trial(accuracy=None, reason="no labels")}
    path.write_text(json.dumps({name: asdict(each) for name, each in trials.items()} | {"fitted": {"clips": 3}}))
    assert read_judge_trials(path) == trials
    path.write_text('{"identity": {}}')
    with pytest.raises(UserError, match="train_judges again"):
        read_judge_trials(path)


def set_rows(*rows):
    names = ("method", "seed", "dataset", "metric", "value", "reason", "n")
    return pd.DataFrame([dict(zip(names, each, strict=True)) for each in rows], columns=names)


def test_sets_have_a_table_of_their_own(folder):
    fid, kid = SET_METRICS["fid"].id, SET_METRICS["kid"].id
    table = set_table(
        set_rows(
            ("still", 0, "mead", fid, 12.34, None, 250),
            ("still", 0, "mead", kid, 0.01234, None, 250),
            ("still", 0, "hdtf", fid, None, "1 frames, at least 2 needed", 1),
            (EVIL, 0, "hdtf", kid, 0.5, None, 9),
        )
    )
    assert [(row.dataset, row.label, row.n) for row in table.rows] == [("hdtf", EVIL, 9), ("mead", "Still", 250)]
    text, _ = page_of(folder, report_data(sets=table))
    assert "12.3" in text and "0.0123" in text and "250" in text and "at least 2 needed" in text and EVIL not in text


def test_without_any_set_one_line_says_why(folder):
    table = set_table(
        set_rows(*(("still", 0, "mead", metric.id, None, "left out", 0) for metric in SET_METRICS.values()))
    )
    assert not table.rows
    text, _ = page_of(folder, report_data(sets=table))
    assert "Not measured: left out." in text
