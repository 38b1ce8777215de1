"""``speak explain``: names, everything behind a cell, what has changed since, and strangers' text."""

import copy
import json
import sys

import pandas as pd
import pytest
from fake_scores import CONFIG, PSNR, frame, row

from benchmarks.cells import FORMAT, cell_records, find_cell, read_cells
from benchmarks.cli import main
from benchmarks.explain import WIDTH, explain
from benchmarks.layout import LAYOUTS
from benchmarks.scores import SCHEMA, Score, write_scores
from benchmarks.tables import build_table
from speak.errors import UserError
from speak.files import sha256_of

VALUES = {f"{person}{clip}": 20.0 + 2 * place + clip for place, person in enumerate("abcdefg") for clip in (1, 2)}


def score_rows(method, seed, shift, lost=()):
    return [
        row(
            method, clip, None if clip in lost else value + shift, seed=seed, reason="crashed" if clip in lost else None
        )
        for clip, value in VALUES.items()
    ]


def run(root, method, seed, rows):
    """A method's files, as the stages leave them, and their place in ``cells.json``."""
    file = root / "scores" / method / f"{seed}.parquet"
    file.parent.mkdir(parents=True, exist_ok=True)
    write_scores(file, [Score(**item) for item in rows])
    folder = root / "videos" / method / str(seed)
    folder.mkdir(parents=True)
    made = [{"clip_id": item["clip_id"], "file": None if item["reason"] else f"{item['clip_id']}.mp4"} for item in rows]
    pd.DataFrame(made).to_parquet(folder / "index.parquet")
    return {
        "seed": seed,
        "scores": {"file": f"scores/{method}/{seed}.parquet", "hash": sha256_of(file)[:16]},
        "videos": f"videos/{method}/{seed}",
        "checkpoints": [f"models/{method}/{seed}/checkpoint.pt"],
        "checkpoint": ["feed0123"],
        **{name: [f"{name}-hash"] for name in ("params", "split", "recipe", "code")},
    }


@pytest.fixture
def content(tmp_path):
    """``cells.json`` of two methods, one of them with two seeds and a clip that failed."""
    own = {("speak", 0): score_rows("speak", 0, 5.0, lost=("a2",)), ("speak", 1): score_rows("speak", 1, 5.5)}
    own[("still", 0)] = score_rows("still", 0, 0.0)
    own[("atvg", 0)] = score_rows("atvg", 0, 1.0)
    scores = frame(item for rows in own.values() for item in rows)
    tables = [build_table(key, scores, CONFIG, stamp="made up", expected={"mead": 14}) for key in (1, 3, "1_readings")]
    methods = {
        name: {
            "again": ["`profile: demo` in params.yaml, then", "dvc repro score@speak report"],
            "sections": {"train_speak": ["split", "speak"], "score@speak": ["split", "score"]},
            "runs": [run(tmp_path, *key, rows) for key, rows in own.items() if key[0] == name],
        }
        for name in ("speak", "still", "atvg")
    }
    origin = {"commit": "abc123", "parameters": {"file": "profiles/demo.yaml", "hash": "0a"}}
    split = {"file": "work/demo/split.parquet", "hash": "0b"}
    return {"format": FORMAT, **origin, "split": split, "methods": methods, "cells": cell_records(tables)}


def told(content, root, name="T1.mead.psnr.speak", **options):
    text = explain(name, content, root, **options)
    assert all(len(line) <= WIDTH for line in text.splitlines())
    return text


def test_everything_behind_a_cell_is_told(content, tmp_path):
    text = told(content, tmp_path)
    for part in (
        "SPEAK on MEAD: PSNR (dB) ↑. Table 1. Comparison with other methods. Made up. 2 seeds.",
        "95 % interval over 7 persons and 2 seeds",
        "rank        1 of 2, best",
        "paper       29.31 (as printed",
        "13 in the mean, 13 scored of 14 expected",
        f"metric      {PSNR}: ",
        "models/speak/0/checkpoint.pt, hash feed0123",
        "models/speak/1/checkpoint.pt",
        "of scoring params-hash",
        "train_speak: split, speak",
        "work/demo/split.parquet, hash split-hash",
        "recipe-hash",
        "code-hash; the report's commit abc123",
        "dvc repro score@speak report",
    ):
        assert part in text, part
    value = content["cells"]["T1.mead.psnr.speak"]["value"]
    assert (
        value == pytest.approx(sum(v + 5.25 for c, v in VALUES.items() if c != "a2") / 13) and f"{value:.2f} (" in text
    )


def test_clips_come_worst_first_with_their_videos(content, tmp_path):
    lines = told(content, tmp_path, everything=True).splitlines()
    clips = lines[lines.index("clips, worst first (28 rows of scores)") + 1 :]
    heads, videos = clips[::2], clips[1::2]
    assert (
        heads[0].split() == ["–", "crashed", "a2,", "seed", "0"]
        and heads[0].startswith("  ")
        and videos[0].strip() == "no video"
    )
    numbers = [float(line.split()[0]) for line in heads[1:]]
    assert numbers == sorted(numbers) and len(numbers) == 27
    assert heads[1].split() == ["26.00", "a1,", "seed", "0"] and videos[1].strip() == "videos/speak/0/a1.mp4"
    few = told(content, tmp_path).splitlines()
    assert few[-1] == "  … and 18 more (--all)" and few[-3:-1] == clips[18:20]


def test_clips_left_out_of_the_mean_and_untrained_and_absent_methods(content, tmp_path):
    assert "left out    a2: scored here, not by every method" in told(content, tmp_path, "T1.mead.psnr.still")
    for run_ in content["methods"]["still"]["runs"]:
        run_["checkpoints"], run_["checkpoint"] = [], []
    still = told(content, tmp_path, "T1.mead.psnr.still")
    assert "none: nothing in this method is trained" in still and "rank" not in still
    absent = told(content, tmp_path, "T1.mead.psnr.eamm")
    assert "value       none: this method is not part of this run" in absent and "checkpoint" not in absent


def test_files_that_changed_or_are_gone_are_told(content, tmp_path):
    file = tmp_path / "scores/still/0.parquet"
    write_scores(file, [Score(**item) for item in score_rows("still", 0, 9.0)])
    assert "changed since the report: scores/still/0.parquet" in told(content, tmp_path, "T1.mead.psnr.still")
    file.unlink()
    text = " ".join(told(content, tmp_path, "T1.mead.psnr.still").split())
    assert "not a readable score file" in text and "value " in text


def test_strangers_text_is_harmless(content, tmp_path):
    content["cells"]["T1.mead.psnr.eamm"]["reason"] = "\x1b]0;owned\x07\x1b[31m"
    assert "\x1b" not in told(content, tmp_path, "T1.mead.psnr.eamm")


@pytest.mark.parametrize(
    "name", ["T1.MEAD.ssim.SPEAK", "t1.mead.SSIM.speak", "T1.mead.ssim.Speak", "T1.MEAD.Ssim.SPEAK"]
)
def test_names_in_any_case(content, name):
    assert find_cell(name, content["cells"]) == "T1.mead.ssim.speak"


def test_printed_names(content):
    assert find_cell("t3.hdtf.f-lmd.w/o L_cls", content["cells"]) == "T3.hdtf.f_lmd.speak_no_cls"
    assert (
        find_cell("T1_readings.HDTF.ssim_luma.Ground Truth", content["cells"])
        == "T1_readings.hdtf.ssim_luma.ground_truth"
    )


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("T9.mead.ssim.speak", r"no table 'T9'; there are: T1, T3, T1_readings"),
        ("T1.voxceleb.ssim.speak", r"no dataset 'voxceleb'; there are: mead = MEAD, hdtf = HDTF"),
        ("T1.mead.lpips.speak", r"no metric 'lpips'; there are: ssim = SSIM, psnr"),
        ("T1.mead.ssim.mine", r"no method 'mine'; there are: ground_truth = Ground Truth"),
        ("T1.mead.ssim", r"the method is missing; there are"),
        ("", r"the table is missing"),
    ],
)
def test_unknown_names_list_what_there_is(content, name, words):
    with pytest.raises(UserError, match=words) as error:
        find_cell(name, content["cells"])
    assert "\n" not in str(error.value)


def test_a_label_of_two_methods_is_ambiguous_and_a_key_is_not(content):
    cells = copy.deepcopy({key: cell for key, cell in content["cells"].items() if key.startswith("T1.mead.ssim")})
    cells["T1.mead.ssim.still"]["method"][1] = "ATVG again"
    cells["T1.mead.ssim.eamm"]["method"][1] = "ATVG again"
    with pytest.raises(UserError, match=r"fits several cells: T1.mead.ssim.still, T1.mead.ssim.eamm"):
        find_cell("T1.mead.ssim.atvg AGAIN", cells)
    cells["T1.mead.ssim.still"]["method"][1] = "atvg"
    assert find_cell("T1.mead.ssim.ATVG", cells) == "T1.mead.ssim.atvg"


def test_the_command(content, tmp_path, monkeypatch, capsys):
    (tmp_path / "params.yaml").write_text("profile: demo\n")
    monkeypatch.chdir(tmp_path)

    def command(*arguments):
        monkeypatch.setattr(sys, "argv", ["speak", "explain", *arguments])
        with pytest.raises(SystemExit) as end:
            main()
        return end.value.code, capsys.readouterr()

    code, said = command("T1.mead.psnr.speak")
    assert code == 2 and "no report yet" in said.err and said.err.count("\n") == 1
    for profile in ("demo", "smoke"):
        (tmp_path / "reports" / profile).mkdir(parents=True)
    (tmp_path / "reports/demo/cells.json").write_text(json.dumps(content))
    (tmp_path / "reports/smoke/cells.json").write_text("{}")
    code, said = command("t1.MEAD.psnr.Speak", "--all")
    assert code == 0 and said.out == told(content, tmp_path, everything=True)
    code, said = command("T1.mead.psnr.nobody")
    assert code == 2 and said.out == "" and said.err.startswith("speak: T1.mead.psnr.nobody: no method")
    code, said = command("T1.mead.psnr.speak", "--profile", "smoke")
    assert code == 2 and "another version" in said.err


def test_cells_are_json_and_complete(content):
    again = json.loads(json.dumps(content["cells"], allow_nan=False))
    assert again == content["cells"] and len(again) == sum(
        len(layout.rows) * len(layout.datasets) * sum(not column.optional for column in layout.columns)
        for layout in (LAYOUTS[key] for key in (1, 3, "1_readings"))
    )
    assert set(SCHEMA.names) >= {"checkpoint", "params", "split", "recipe", "code"}


def test_a_broken_file_is_a_users_mistake(tmp_path):
    path = tmp_path / "cells.json"
    for text in ("not json", "[]", '{"format": 0}'):
        path.write_text(text)
        with pytest.raises(UserError, match=r"cells\.json.*dvc repro report"):
            read_cells(path)
