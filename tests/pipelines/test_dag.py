"""From nothing to tables on the smoke profile: complete, accounted for, reproducible, and idle when nothing changed."""

import re

import pandas as pd
import pytest

from benchmarks.scores import read_scores
from speak.data.ledger import account, read_ledger

pytestmark = pytest.mark.dag

DATASETS = ("voxceleb", "mead", "crema_d", "hdtf")
METHODS = ("ground_truth", "codec_ceiling", "still", "mouth")


def test_tables_claims_figures_and_page_exist(smoke):
    report = smoke.root / "reports" / "smoke"
    for number in range(1, 5):
        for suffix in ("csv", "md", "tex"):
            assert (report / f"table{number}.{suffix}").stat().st_size > 0
    for name in ("claims.csv", "claims.md", "figure4.png", "people.png", "table1.png", "index.html"):
        assert (report / name).stat().st_size > 0


def test_every_link_of_the_page_leads_to_a_file(smoke):
    report = smoke.root / "reports" / "smoke"
    links = re.findall(r'(?:src|href|poster)="([^"#]+)"', (report / "index.html").read_text())
    assert any(link.endswith(".mp4") for link in links)
    assert not [link for link in links if "//" in link], "the page must work from disk, without the network"
    assert not [link for link in links if not (report / link).exists()]


def test_every_expected_item_is_accounted_for(smoke):
    work = smoke.root / "work" / "smoke"
    rows = {dataset: read_ledger(work / "clips" / dataset / "expected.parquet") for dataset in DATASETS}
    for dataset in DATASETS:
        counts = account(rows[dataset])
        clips = sum(len(pd.read_parquet(path)) for path in (work / "clips" / dataset).glob("shard-*.parquet"))
        assert counts["clips"] == clips > 0
    # The corpus plants the real datasets' faults; each is found, under its own reason.
    reasons = [row.reason for dataset in DATASETS for row in rows[dataset] if row.reason]
    for fault in ("git-lfs", "no face", "missing"):
        assert any(fault in reason for reason in reasons), (fault, reasons)


def test_scores_cover_every_method_clip_and_metric(smoke):
    work = smoke.root / "work" / "smoke"
    scores = read_scores([work / "scores" / f"{method}.parquet" for method in METHODS])
    split = pd.read_parquet(work / "split.parquet")
    tested = set(split.clip_id[split.split == "test"])
    for _, group in scores.groupby(["method", "metric"]):
        assert set(group.clip_id) == tested
    assert (scores.value.isna() == scores.reason.notna()).all()
    assert scores[["params", "split", "recipe", "code"]].notna().all().all()
    # No identity of the test set appears in training.
    assert not set(split.person[split.split == "test"]) & set(split.person[split.split == "train"])


def test_a_second_run_does_nothing(smoke):
    result = smoke.run("dvc", "repro")
    assert "Running stage" not in result.stdout
    assert "up to date" in result.stdout


def test_one_worker_gives_the_same_tables_byte_for_byte(smoke, fresh):
    fresh.edit("profiles/smoke.yaml", cluster={"workers": 1})
    fresh.run("dvc", "repro")
    names = [f"table{n}.{suffix}" for n in range(1, 5) for suffix in ("csv", "md", "tex")]
    for name in [*names, "claims.csv", "claims.md", "figure4.png", "people.png", "table1.png"]:
        first, second = (project.root / "reports" / "smoke" / name for project in (smoke, fresh))
        assert first.read_bytes() == second.read_bytes(), name


def test_changing_one_section_reruns_only_what_depends_on_it(smoke):
    smoke.edit("profiles/smoke.yaml", statistics={"resamples": 999})
    result = smoke.run("dvc", "status", "--json")
    assert [line for line in ("report", "score@still", "corpus") if f'"{line}"' in result.stdout] == ["report"]
