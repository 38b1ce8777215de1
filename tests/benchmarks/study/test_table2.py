"""Table 2 without ratings, with simulated ones and with people's: CSV, Markdown, LaTeX, page, claims, explain."""

import io
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from fake_ratings import CONFIG, as_people, simulated, terms_for, with_design, write_ratings

from benchmarks.cells import FORMAT, add_opinions, cell_records
from benchmarks.claims import Verdict, check_claims
from benchmarks.explain import explain
from benchmarks.figures import interval_plot
from benchmarks.report.data import ReportData
from benchmarks.report.write import render
from benchmarks.scores import SCHEMA
from benchmarks.study.analysis import MARK, analyse
from benchmarks.study.commands_analysis import analyse as analyse_command
from benchmarks.study.table2 import claim_reasons, study_table, with_opinions
from benchmarks.table_latex import to_latex
from benchmarks.table_text import to_csv, to_markdown
from benchmarks.tables import dataset_title
from speak.errors import UserError
from speak.files import sha256_of

ROOT = Path(__file__).resolve().parents[3]
STAMP = "embedded corpus, not comparable with the paper"
SCORES = SCHEMA.empty_table().to_pandas()


def study_of(ratings):
    return analyse(ratings, terms_for(ratings), CONFIG)


@pytest.fixture(scope="module")
def people():
    """Simulated answers that these tests call people's."""
    return study_of(as_people(simulated(3)))


@pytest.fixture(scope="module")
def machine():
    return study_of(simulated(3))


def page(table, study, claims=()):
    empty = {"datasets": (), "sync": None, "interval_plots": {}, "figures": (), "videos": (), "timings": ()}
    parts = {"profile": "demo", "stamp": STAMP, "methods": {}, "provenance": {}, **empty}
    return render(ReportData(tables=(table,), claims=tuple(claims), study=study, **parts))


def table2_claims(study):
    checked = check_claims(with_opinions(SCORES, study), CONFIG, claim_reasons(study))
    return [item for item in checked if item.claim.table == 2]


def test_without_ratings_every_cell_says_so_and_the_papers_values_stand():
    table = study_table(None, CONFIG, STAMP)
    assert {(cell.value, cell.reason) for cell in table.cells.values()} == {(None, "no ratings yet")}
    assert sum(cell.paper is not None for cell in table.cells.values()) == 36
    for text in (table.caption, to_markdown(table), page(table, None)):
        assert "make study" in text and STAMP.split(",")[1] in text
    assert "make study" in to_latex(table) and "4.12" in to_latex(table)
    assert "SIMULATED" not in page(table, None) + to_markdown(table) + to_csv(table)
    assert {(item.verdict, item.detail) for item in table2_claims(None)} == {(Verdict.UNMEASURED, "no ratings yet")}


def test_peoples_ratings_give_means_intervals_ranks_and_claims(people):
    table = study_table(people, CONFIG, STAMP)
    cell = table.cells["speak", "mead", "lip_sync_mos"]
    own = people.opinions.query("method == 'speak' and dataset == 'mead' and metric == 'lip_sync_mos-v1'")
    assert cell.value == pytest.approx(own.value.mean()) and cell.low < cell.value < cell.high
    assert (cell.scored, cell.expected, cell.persons, cell.paper) == (10, 10, 5, 4.12)
    assert table.cells["ground_truth", "mead", "lip_sync_mos"].rank is None and cell.rank == 1
    read = pd.read_csv(io.StringIO(to_csv(table)))
    assert set(read.source) == {"measured", "paper"} and set(read.stamp.dropna()) == {STAMP}
    assert "20 participants, 0 excluded" in to_markdown(table) and "SIMULATED" not in page(table, people)
    claims = table2_claims(people)
    assert len(claims) == 6 and {item.verdict for item in claims} <= {Verdict.HOLDS, Verdict.OPEN, Verdict.FAILS}
    assert all("better than" in item.detail for item in claims)


def test_simulated_ratings_are_marked_everywhere_and_decide_no_claim(machine):
    table = study_table(machine, CONFIG, STAMP)
    read = pd.read_csv(io.StringIO(to_csv(table)))
    assert set(read.source) == {"simulated", "paper"}
    assert set(read.stamp.dropna()) == {f"{MARK}; {STAMP}"}
    assert MARK in table.caption and STAMP in table.caption
    text = to_markdown(table)
    assert MARK in text and "Simulated: mean of all ratings" in text and "20 simulated participants" in text
    assert MARK in to_latex(table) and r"\emph{simulated}" in to_latex(table)
    html = page(table, machine)
    assert html.count(MARK) >= 2 and '<th scope="col">simulated</th>' in html and "measured</th>" not in html
    assert {item.verdict for item in table2_claims(machine)} == {Verdict.UNMEASURED}
    assert "only simulated" in table2_claims(machine)[0].detail
    assert interval_plot(table) != interval_plot(replace(table, source="measured"))


def test_the_same_numbers_whoever_gave_them(people, machine):
    first, second = (study_table(study, CONFIG, STAMP).cells for study in (people, machine))
    assert first == second


def test_a_method_that_the_paper_does_not_have_gets_a_row():
    ratings = as_people(simulated(3))
    ratings["method"] = ratings["method"].replace({"pc_avs": "mine", "eamm": "speak_no_gan"})
    table = study_table(study_of(ratings), CONFIG, None)
    labels = [row.label for row in table.rows]
    assert labels[-2:] == ["mine", "w/o L_GAN"] and table.cells["mine", "mead", "lip_sync_mos"].rank
    assert table.cells["pc_avs", "mead", "lip_sync_mos"].reason == "nobody whose answers count has rated it"


def test_when_everybody_is_excluded_the_table_says_so():
    ratings = as_people(simulated(3))
    ratings.loc[ratings.kind == "trap", "score"] = 5
    study = study_of(ratings)
    table = study_table(study, CONFIG, STAMP)
    assert {cell.reason for cell in table.cells.values()} == {"nobody whose answers count has rated it"}
    assert "20 participants, 20 excluded; 0 of 1980 answers count" in page(table, study)
    assert {item.verdict for item in table2_claims(study)} == {Verdict.UNMEASURED}


def test_a_method_with_ratings_of_few_clips_empties_nobody_and_says_why():
    ratings = as_people(simulated(3))
    clip = (ratings.method == "atvg") & (ratings.kind == "rated") & (ratings.clip_id != "mead/a/1")
    study = study_of(ratings[~(clip & (ratings.dataset == "mead"))])
    cells = study_table(study, replace(CONFIG, min_scored_share=0.5), None).cells
    atvg, speak = (cells[name, "mead", "lip_sync_mos"] for name in ("atvg", "speak"))
    assert (atvg.value, atvg.reason) == (None, "scored 1 of 10 clips, too few to be compared") and speak.clips == 10


def test_exclusions_and_agreement_are_on_the_page():
    ratings = as_people(simulated(3))
    ratings.loc[(ratings.participant == "p003") & (ratings.kind == "trap"), "score"] = 5
    study = study_of(ratings)
    text = " ".join(page(study_table(study, CONFIG, STAMP), study).split())
    assert "the trap answered otherwise than asked, 1." in text and "20 participants, 1 excluded" in text
    for item in study.agreements:
        assert f"<td>{item.alpha:.2f}</td>" in text and dataset_title(item.dataset) in text


def test_a_cell_is_explained_down_to_its_clips(people, tmp_path):
    cells = cell_records([study_table(people, CONFIG, STAMP)])
    file = write_ratings(tmp_path / "study" / "ratings.parquet", as_people(simulated(3)))
    add_opinions(cells, people.opinions, [{"file": "study/ratings.parquet", "hash": sha256_of(file)[:16]}])
    run = {"seed": 0, "videos": "videos", "checkpoints": [], "scores": {"file": "s", "hash": ""}}
    run |= {name: [] for name in ("checkpoint", "params", "split", "recipe", "code")}
    origin = {"file": "f", "hash": "h"}
    methods = {"speak": {"again": ["again"], "sections": {}, "runs": [run]}}
    content = {
        "format": FORMAT,
        "commit": "c",
        "parameters": origin,
        "split": origin,
        "methods": methods,
        "cells": cells,
    }
    text = explain("T2.mead.lip_sync_mos.speak", content, tmp_path)
    assert "study/ratings.parquet, hash" in text and "(10 mean opinions)" in text and "5 ratings" in text
    assert "over 5 persons and 20 participants" in text
    assert "How well do the lips match the speech?" in text and "changed since" not in text
    write_ratings(file, as_people(simulated(7)))
    assert "changed since the report: study/ratings.parquet" in explain("T2.mead.lip_sync_mos.speak", content, tmp_path)


def test_the_command_prints_who_counts_and_writes_table_2(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(ROOT)  # where the profiles are
    ratings = simulated(3)
    file = write_ratings(tmp_path / "ratings.parquet", ratings)
    with pytest.raises(UserError, match=r"design\.json: no such study"):
        analyse_command(file, None, None, "smoke")
    write_ratings(file, with_design(tmp_path, ratings))
    analyse_command(file, None, tmp_path / "out", "smoke")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == MARK and "20 simulated participants, 0 excluded" in lines[1]
    assert any(line.split()[0] == "SPEAK" and "#" in line for line in lines)
    names = ["agreement.csv", "differences.csv", "exclusions.csv", "table2.csv", "table2.md", "table2.tex"]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == names
    for path in (tmp_path / "out").iterdir():
        assert "simulated" in path.read_text().lower() or path.name == "exclusions.csv"
    write_ratings(file, ratings.iloc[:0])
    with pytest.raises(UserError, match="no ratings yet"):
        analyse_command(file, None, None, "smoke")
