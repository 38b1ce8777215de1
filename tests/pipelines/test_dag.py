"""From nothing to tables on the smoke profile: complete, accounted for, reproducible, and idle when nothing changed."""

import dataclasses
import json
import os
import re
import shutil
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest
import torch
import yaml
from corpus_truth import pooled_yaw_r, recovered
from project import Project

from benchmarks.cells import read_cells
from benchmarks.explain import explain
from benchmarks.scores import read_scores
from speak.data.ledger import account, read_ledger
from speak.data.shards import read_clips, read_rows, write_shards

pytestmark = pytest.mark.dag

DATASETS = ("voxceleb", "mead", "crema_d", "hdtf")
TABLES = (1, 2, 3, 4, "1_readings", "1_qualities")


def test_tables_claims_figures_and_page_exist(smoke):
    report = smoke.root / "reports" / "smoke"
    for number in TABLES:
        for suffix in ("csv", "md", "tex"):
            assert (report / f"table{number}.{suffix}").stat().st_size > 0
    figures = ["figure4.png", "figure5.png", "figure6.png", "table1.png", "table3.png", "table4.png"]
    figures += ["degradations.csv", "degradations.png"]
    for name in ("claims.csv", "claims.md", "people.png", "index.html", *figures):
        assert (report / name).stat().st_size > 0


def test_every_measured_cell_can_be_explained(smoke):
    content = read_cells(smoke.root / "reports" / "smoke" / "cells.json")
    measured = [name for name, cell in content["cells"].items() if cell["value"] is not None]
    assert {name.partition(".")[0] for name in measured} == {"T1", "T3", "T4", "T1_readings", "T1_qualities"}
    for name in ("T1.mead.ssim.speak", "T4.hdtf.psnr.speak_no_gan"):
        text = explain(name, content, smoke.root)
        assert "score@speak: split, score, sets, ablations" in text and ".mp4" in text and "changed since" not in text


def test_every_row_of_the_ablation_tables_is_measured_and_examined(smoke):
    report = smoke.root / "reports" / "smoke"
    for number, rows in ((3, 6), (4, 5)):
        table = pd.read_csv(report / f"table{number}.csv")
        measured = table[(table.source == "measured") & table.metric.str.startswith("ssim")]
        assert measured.method.nunique() == rows and measured.value.notna().all()
        budget = r"small parts(, after 30 steps of IRFD)?, 1 seed of 30 steps on \d+ persons"
        assert measured.budget.str.fullmatch(budget).all()
    page = (report / "index.html").read_text()
    split = pd.read_parquet(smoke.root / "work" / "smoke" / "split.parquet")
    unseen = split.person[split.split == "test"].nunique()
    assert "was not evaluated" not in page and f"clips of {unseen} persons it never saw" in re.sub(r"\s+", " ", page)


def test_every_link_of_the_page_leads_to_a_file(smoke):
    report = smoke.root / "reports" / "smoke"
    links = re.findall(r'(?:src|href|poster)="([^"#]+)"', (report / "index.html").read_text())
    links = [link for link in links if not link.startswith("data:")]
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


def test_landmarks_of_the_clips_confirm_the_corpus_truth(smoke):
    """Through containers, crop and resampling: the same thresholds that the corpus itself must meet."""
    clips = recovered(smoke.root / "work" / "smoke")
    gaps = [clip.lip_gap_r for clip in clips]
    assert np.mean([clip.found for clip in clips]) >= 0.99
    assert np.mean(gaps) >= 0.90 and min(gaps) >= 0.80
    assert pooled_yaw_r(clips) >= 0.95


def test_scores_cover_every_method_clip_and_metric(smoke):
    work = smoke.root / "work" / "smoke"
    scores = read_scores(sorted((work / "scores").rglob("*.parquet")))
    listed = yaml.safe_load((smoke.root / "params.yaml").read_text())["methods"]
    assert set(scores.method) == {name for names in listed.values() for name in names}
    split = pd.read_parquet(work / "split.parquet")
    tested = set(scores.clip_id)
    assert tested <= set(split.clip_id[split.split == "test"])
    assert {clip_id.partition("/")[0] for clip_id in tested} == {"mead", "hdtf", "crema_d"}
    printed = {clip_id for clip_id in tested if not clip_id.startswith("crema_d")}
    for (method, *_), group in scores.groupby(["method", "seed", "metric"]):
        wanted = printed if method.startswith("speak_") else tested
        assert set(group.clip_id) == wanted and len(group) == len(wanted)
    assert set(scores.seed) == {0}
    assert (scores.value.isna() == scores.reason.notna()).all()
    assert scores[["params", "split", "recipe", "code"]].notna().all().all()
    # No identity of the test set appears in training.
    assert not set(split.person[split.split == "test"]) & set(split.person[split.split == "train"])


def test_scoring_unchanged_videos_again_looks_at_none_of_them(smoke):
    work = smoke.root / "work" / "smoke"
    kept, scores = work / "kept" / "score@mouth", work / "scores" / "mouth" / "mouth" / "0.parquet"
    before = {file: file.stat().st_mtime_ns for file in kept.iterdir()}
    content = scores.read_bytes()
    assert len(before) == len(read_scores([scores]).clip_id.unique())
    lost = min(before)
    lost.unlink()
    smoke.run("pipelines.score", "smoke", "mouth")
    after = {file: file.stat().st_mtime_ns for file in kept.iterdir()}
    assert scores.read_bytes() == content
    assert {file for file in before if after[file] != before[file]} == {lost}, "only what was lost is measured again"


def test_a_second_run_does_nothing(smoke):
    result = smoke.run("dvc", "repro")
    assert "Running stage" not in result.stdout
    assert "up to date" in result.stdout


def test_a_cluster_of_two_workers_gives_the_same_tables_byte_for_byte(smoke, fresh):
    """Smoke runs in one process; here every stage spreads its items over Ray."""
    fresh.edit("profiles/smoke.yaml", cluster={"workers": 2, "serial_below": 1, "trainings_serial_below": 1})
    fresh.run("dvc", "repro")
    names = [f"table{n}.{suffix}" for n in TABLES for suffix in ("csv", "md", "tex")]
    figures = ["figure4.png", "figure5.png", "figure6.png", "people.png", "table1.png", "table3.png", "table4.png"]
    for name in [*names, "claims.csv", "claims.md", *figures]:
        first, second = (project.root / "reports" / "smoke" / name for project in (smoke, fresh))
        assert first.read_bytes() == second.read_bytes(), name


def test_changing_one_section_reruns_only_what_depends_on_it(smoke):
    profile = smoke.root / "profiles" / "smoke.yaml"
    kept = profile.read_text()
    try:
        smoke.edit("profiles/smoke.yaml", report={"people_columns": 3})
        assert list(json.loads(smoke.run("dvc", "status", "--json").stdout)) == ["report"]
        smoke.edit("profiles/smoke.yaml", statistics={"resamples": 999})  # intervals of the examination as well
        assert set(json.loads(smoke.run("dvc", "status", "--json").stdout)) == {"report", "leaderboard", "train_irfd"}
    finally:
        profile.write_text(kept)


def test_a_killed_preprocess_goes_on_where_it_stopped(smoke, tmp_path):
    """SIGKILL after the first finished clips; marks left in these turn up in the next run's shards."""
    root = tmp_path / "project"
    shutil.copytree(smoke.root, root, ignore=shutil.ignore_patterns(".dvc"))
    project, partial = Project(root), root / "work/smoke/partial/preprocess@mead"
    shards = root / "work/smoke/clips/mead"
    shutil.rmtree(shards)
    command = [sys.executable, "-m", "pipelines.preprocess", "smoke", "mead"]
    process = subprocess.Popen(command, cwd=root, env={**os.environ, "PYTHONPATH": str(root)})
    deadline = time.monotonic() + 300
    while len(list(partial.glob("*/shard-*.parquet"))) < 2 and time.monotonic() < deadline:
        time.sleep(0.02)
    process.kill()
    process.wait()
    pieces = sorted(path.parent for path in partial.glob("*/shard-*.parquet"))
    assert 2 <= len(pieces) < 6
    assert not shards.exists(), "nothing half-written in the stage's output"
    for piece in pieces:
        (clip,) = read_clips([piece])
        write_shards([dataclasses.replace(clip, sentence="finished before the kill")], piece, shard_bytes=1)
    assert "6 clips" in project.run("pipelines.preprocess", "smoke", "mead").stdout
    sentences = [row["sentence"] for row in read_rows([shards])]
    assert len(sentences) == 6 and sentences.count("finished before the kill") == len(pieces)
    assert not partial.exists()


def test_changing_one_ablation_trains_one_and_another_seed_adds_its_own(smoke, tmp_path):
    """What nothing behind it changed is kept; two seeds are generated, scored and averaged, and the captions say so."""
    root = tmp_path / "project"
    shutil.copytree(smoke.root, root, ignore=shutil.ignore_patterns(".dvc"))
    project, models = Project(root), root / "work/smoke/models"
    before = weights(models / "irfd")
    (models / "irfd" / "no_pose" / "0" / "key.txt").write_text("made from something else")
    again = project.run("pipelines.train_irfd", "smoke").stdout
    assert again.count("is kept") == 5 and "no_pose/0 is kept" not in again
    assert before == weights(models / "irfd"), "the same training gives the same weights"

    names = ["speak", "speak_no_sync"]
    methods = yaml.safe_load((root / "params.yaml").read_text())["methods"]
    project.edit("params.yaml", methods=methods | {"speak": names, "baselines": []})  # two seeds are theirs as well
    project.edit("profiles/smoke.yaml", ablations={"seeds": [0, 1]})
    assert project.run("pipelines.train_irfd", "smoke").stdout.count("is kept") == 6
    assert project.run("pipelines.train_speak", "smoke").stdout.count("is kept") == 10
    assert before.items() < weights(models / "irfd").items() and len(weights(models / "speak")) == 20
    for stage in ("generate", "score"):
        project.run(f"pipelines.{stage}", "smoke", "speak")
    project.run("pipelines.report", "smoke")
    table = pd.read_csv(root / "reports/smoke/table4.csv").query("source == 'measured' and value.notna()")
    assert set(table.method) == set(names) and set(table.seeds) == {2}
    assert table.budget.str.match("small parts, after 30 steps of IRFD, 2 seeds of ").all()
    scores = read_scores(sorted((root / "work/smoke/scores/speak").glob("speak*/*.parquet")))
    for _, row in table.iterrows():
        of_row = (scores.method == row.method) & (scores.dataset == row.dataset) & (scores.metric == row.metric)
        assert row.value == pytest.approx(scores[of_row & scores.seed.isin([0, 1])].value.mean())
    assert "numbers mean nothing. 2 seeds." in (root / "reports/smoke/table4.md").read_text()
    assert "seed 0, the first of 2" in re.sub(r"\s+", " ", (root / "reports/smoke/index.html").read_text())


def test_a_killed_stage_of_trainings_goes_on_where_it_stopped(smoke, tmp_path):
    """SIGKILL between two checkpoints of the third training: two are kept, one is resumed, all end the same."""
    root = tmp_path / "project"
    shutil.copytree(smoke.root, root, ignore=shutil.ignore_patterns(".dvc"))
    project, speak = Project(root), root / "work/smoke/models/speak"
    undisturbed = weights(speak)
    shutil.rmtree(speak)
    command = [sys.executable, "-m", "pipelines.train_speak", "smoke"]
    process = subprocess.Popen(command, cwd=root, env={**os.environ, "PYTHONPATH": str(root)})
    unfinished = "work/smoke/partial/train_speak/speak-no_cls-*/checkpoint.pt"
    deadline = time.monotonic() + 300
    while not list(root.glob(unfinished)) and time.monotonic() < deadline:
        time.sleep(0.005)
    process.kill()
    process.wait()
    (half,) = root.glob(unfinished)
    assert torch.load(half, weights_only=True)["step"] < 30
    assert sorted(weights(speak)) == ["full/0", "no_identity/0"]
    assert project.run("pipelines.train_speak", "smoke").stdout.count("is kept") == 2
    assert weights(speak) == undisturbed


def weights(family) -> dict[str, bytes]:
    """The weights of a family's checkpoints and their running averages, by ablation and seed."""
    found = {}
    for path in family.glob("*/*/checkpoint.pt"):
        content = torch.load(path, weights_only=True)
        tensors = [*content["model"].values(), *content["ema"].values()]
        found[str(path.parent.relative_to(family))] = b"".join(tensor.numpy().tobytes() for tensor in tensors)
    return found


def test_a_killed_training_ends_with_the_same_weights(smoke, tmp_path):
    """SIGKILL between two checkpoints; the resumed run's checkpoint equals the undisturbed one."""
    root = tmp_path / "project"
    shutil.copytree(smoke.root, root, ignore=shutil.ignore_patterns(".dvc"))
    project, checkpoint = Project(root), root / "work/smoke/models/sync/checkpoint.pt"
    undisturbed = torch.load(checkpoint, weights_only=True)["model"]
    shutil.rmtree(checkpoint.parent)
    command = [sys.executable, "-m", "pipelines.train_sync", "smoke"]
    process = subprocess.Popen(command, cwd=root, env={**os.environ, "PYTHONPATH": str(root)})
    deadline = time.monotonic() + 300
    while not list(root.glob("work/smoke/partial/train_sync/*/checkpoint.pt")) and time.monotonic() < deadline:
        time.sleep(0.02)
    process.kill()
    process.wait()
    (half,) = root.glob("work/smoke/partial/train_sync/*/checkpoint.pt")
    assert torch.load(half, weights_only=True)["step"] < 60
    project.run("pipelines.train_sync", "smoke")
    resumed = torch.load(checkpoint, weights_only=True)["model"]
    assert all(torch.equal(undisturbed[name], resumed[name]) for name in undisturbed)
