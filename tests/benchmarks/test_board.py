"""The leaderboard's numbers: the tables' own, guests that change nobody's, ranks, worst clips; pages that repeat."""

import dataclasses
import itertools
import json
import re

import numpy as np
import pandas as pd
import pytest
from fake_scores import CONFIG, frame, row
from fake_site import CLIPS, METHODS, SHOWN, board_of, build_site, run_scores, submission, write_videos
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.cells import cell_records, find_cell
from benchmarks.layout import LAYOUTS
from benchmarks.leaderboard.clips import method_clips, worst_first
from benchmarks.leaderboard.entries import run_entry
from benchmarks.leaderboard.guests import admitted, guest_entry, guest_rows
from benchmarks.leaderboard.site import coverage_share
from benchmarks.leaderboard.videos import chosen_clips, copy_videos
from benchmarks.methods.registry import METHODS as ALL_METHODS
from benchmarks.tables import build_table
from speak.metrics import METRICS


def test_every_method_has_its_kind():
    kinds = {name: run_entry(name).kind for name in ALL_METHODS}
    assert {name for name, kind in kinds.items() if kind == "reference"} == {"ground_truth", "codec_ceiling", "still"}
    assert {name for name, kind in kinds.items() if kind == "baseline"} == {"atvg", "eamm", "pc_avs", "wav2lip"}
    assert {name for name, kind in kinds.items() if kind == "ours"} == {"speak", "mouth"}
    assert all(kinds[name] == "ablation" for name in kinds if name.startswith("speak_"))
    assert run_entry("anything").kind == "videos"
    assert "sync network" in run_entry("wav2lip").flag and run_entry("speak").flag is None


def test_cells_are_the_tables_own():
    scores = run_scores()
    board = board_of(scores)
    one = build_table(1, scores, CONFIG, stamp=None, expected=board.expected)
    three = build_table(3, scores, CONFIG, stamp=None, expected=board.expected)
    for method in METHODS:
        table = three if method == "speak_no_pose" else one
        for dataset in ("mead", "hdtf"):
            for name in SHOWN:
                mine, printed = board.cells[method, dataset, name], table.cells[method, dataset, name]
                assert (mine.value, mine.low, mine.high) == (printed.value, printed.low, printed.high)
                assert (mine.scored, mine.expected) == (printed.scored, printed.expected)
                if mine.standing:
                    assert (mine.standing.low, mine.standing.high) == (printed.rank_low, printed.rank_high)
    assert board.cells["speak", "mead", "ssim"].explain == "T1.MEAD.ssim.SPEAK"
    assert board.cells["speak_no_pose", "hdtf", "psnr"].explain == "T3.HDTF.psnr.w/o L_pose"
    assert board.cells["ground_truth", "mead", "psnr"].reason == "identical frames"
    assert board.datasets == ("mead", "hdtf")


def test_every_name_of_a_cell_is_one_that_speak_explain_knows():
    scores = run_scores()
    board = board_of(scores)
    tables = [build_table(key, scores, CONFIG, stamp=None, expected=board.expected) for key in LAYOUTS]
    records = cell_records(tables)
    for cell in board.cells.values():
        assert records[find_cell(cell.explain, records)]["value"] == cell.value


def test_a_column_that_needs_published_weights_stands_only_where_it_has_a_value():
    scores = run_scores()
    lpips = scores[scores["metric"] == METRICS["ssim"].id].assign(metric=METRICS["lpips"].id)
    nothing = lpips.assign(value=np.nan, reason="no weights")
    assert METRICS["lpips"] not in board_of(pd.concat([scores, nothing])).metrics
    assert METRICS["lpips"] in board_of(pd.concat([scores, lpips])).metrics


def test_only_those_that_compete_are_ranked_and_by_their_means():
    board = board_of(run_scores())
    for dataset, name in itertools.product(board.datasets, SHOWN):
        cells = {key: board.cells[key, dataset, name] for key in METHODS}
        assert all(cells[key].standing is None for key in ("ground_truth", "still", "speak_no_pose"))
        means = {key: cells[key].value for key in ("atvg", "wav2lip", "speak", "mine")}
        order = sorted(means, key=means.get, reverse=METRICS[name].higher_is_better)
        for place, key in enumerate(order, start=1):
            standing = cells[key].standing
            assert standing.rank == place and 1 <= standing.low <= place <= standing.high <= 4


def test_a_submission_is_measured_on_the_compared_clips_and_changes_nobodys_number():
    scores = run_scores()
    guest = submission(scores)
    alone, together = board_of(scores), board_of(scores, [guest])
    compared = [clip for clip in CLIPS if clip != "b2"]  # Wav2Lip did not score b2
    own = guest.scores.query("dataset == 'mead' and metric == @METRICS['m_lmd'].id").set_index("clip_id")["value"]
    cell = together.cells["guest/1", "mead", "m_lmd"]
    assert cell.value == pytest.approx(own[compared].mean()) and cell.clips == 7 and cell.scored == 8
    assert cell.low < cell.value < cell.high and cell.standing is not None and cell.explain is None
    for key, before in alone.cells.items():
        assert dataclasses.replace(together.cells[key], standing=None) == dataclasses.replace(before, standing=None)


def test_a_submission_cannot_pick_its_clips():
    scores = run_scores()
    guest = submission(scores)
    guest.scores.loc[guest.scores["clip_id"] == "c1", ["value", "reason"]] = [np.nan, "too hard"]
    cell = board_of(scores, [guest]).cells["guest/1", "mead", "ssim"]
    assert cell.value is None and cell.standing is None and cell.scored == 7
    assert cell.reason == "scored 7 of the 8 compared clips"


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda rows: pd.concat([rows, rows]), "two scores for one clip"),
        (lambda rows: rows.assign(seed=5), "scored with seeds 5, not with this run's 0"),
        (lambda rows: rows.assign(clip_id=rows["clip_id"] + "x"), "scored 0 of the 8 compared clips"),
    ],
)
def test_a_submission_that_does_not_fit_is_named(spoil, reason):
    scores = run_scores()
    guest = submission(scores)
    guest = dataclasses.replace(guest, scores=spoil(guest.scores))
    assert board_of(scores, [guest]).cells["guest/1", "mead", "ssim"].reason == reason


def test_submissions_of_other_splits_are_left_out_with_the_reason():
    guest = submission(run_scores())
    other = dataclasses.replace(guest, scores=guest.scores.assign(split="x"))
    assert admitted([guest, other], "b") == ([guest], {"guest 1": "scored on another split of the data"})


def test_a_cards_silence_is_not_a_no():
    scores = run_scores()
    silent = guest_entry(submission(scores, trained_with=None).card)
    assert "do not say" in silent.flag and "do not say" in silent.facts["trained with a metric"]
    assert guest_entry(submission(scores, trained_with=()).card).flag is None
    assert "Sync_conf" in guest_entry(submission(scores).card).flag


def test_texts_of_submissions_cannot_turn_the_direction_of_writing():
    guest = submission(run_scores())
    guest.scores["reason"] = "evil\u202etxt\x1b[2J"
    assert set(guest_rows([guest])["reason"]) == {"evil\\u202etxt\\x1b[2J"}


@pytest.mark.parametrize("value", [np.inf, -np.inf, 1e300])
def test_impossible_numbers_of_a_submission_are_none(tmp_path, value):
    scores = run_scores()
    guest = submission(scores)
    guest.scores.loc[guest.scores.index[0], ["value", "found_share"]] = [value, np.inf]
    rows = guest_rows([guest])
    assert rows["value"].isna().sum() == 1 and set(rows["reason"].dropna()) == {"not a possible number"}
    root, _ = build_site(tmp_path, scores, [guest])
    assert "Infinity" not in (root / "index.html").read_text()


def test_a_metric_that_a_submission_lacks_counts_as_not_covered():
    scores = run_scores()
    guest = submission(scores)
    old = guest.scores["metric"] == METRICS["ssim"].id
    guest = dataclasses.replace(guest, scores=guest.scores[~old])
    board = board_of(scores, [guest])
    entry = board.entries[-1]
    assert board.coverage(entry, "mead") == (4 * len(CLIPS), 5 * len(CLIPS))
    assert "no scores by this version" in board.cell(entry, "mead", METRICS["ssim"]).reason


@given(st.lists(st.none() | st.floats(-5, 5)), st.booleans())
def test_worst_first_by_brute_force(values, higher_is_better):
    order = worst_first(values, higher_is_better)
    assert sorted(order) == list(range(len(values)))
    for a, b in itertools.pairwise(order):
        left, right = values[a], values[b]
        if left is None:
            assert right is None and a < b
        elif right is not None:
            assert left <= right if higher_is_better else left >= right
            assert left != right or a < b


def test_clips_are_means_over_seeds_or_have_a_reason():
    ssim = METRICS["ssim"].id
    rows = [
        *(row("speak", "a1", value, seed=seed, metric=ssim) for seed, value in ((0, 1.0), (1, 2.0))),
        row("speak", "b1", 1.0, metric=ssim),
        row("speak", "b1", None, seed=1, metric=ssim, reason="no face"),
        row("speak", "c1", 3.0, metric=METRICS["psnr"].id),
    ]
    clips = method_clips(frame(rows))
    assert [clip for _, clip, _ in clips.clips] == ["a1", "b1", "c1"]
    by_name = {column.metric.name: column for column in clips.columns}
    assert by_name["ssim"].values == (1.5, None, None)
    assert by_name["ssim"].reasons == (None, "no face", "not handed to the scoring stage")
    assert clips.unscored() == [
        ("mead", "no face", 1, (METRICS["ssim"],)),
        ("mead", "not handed to the scoring stage", 3, (METRICS["ssim"], METRICS["psnr"])),
    ]


def test_coverage_is_not_rounded_up_to_all():
    assert (coverage_share(9999, 10000), coverage_share(5, 5), coverage_share(0, 5)) == ("99.9 %", "100.0 %", "0.0 %")


def test_videos_of_some_clips_are_spread_over_each_dataset(tmp_path):
    clips = [("mead", f"m{i}") for i in range(6)] + [("hdtf", "h0")]
    index = pd.DataFrame(clips, columns=["dataset", "clip_id"])
    assert chosen_clips(index, 2) == ["m0", "m3", "h0"] and len(chosen_clips(index, None)) == 7
    sources = write_videos(tmp_path / "made", ["ground_truth", "speak"], clips, seconds=0.1)
    videos = copy_videos(tmp_path / "site", sources, index, 1)
    assert sorted(path.name for path in (tmp_path / "site/videos/speak").iterdir()) == ["h0.mp4", "m0.mp4"]
    assert videos.address("speak", "m0") == "../videos/speak/m0.mp4" and videos.address("speak", "m3") is None


def test_equal_scores_give_equal_pages_that_link_to_what_is_there(tmp_path):
    scores = run_scores()
    kept = {"videos": ["ground_truth", "speak"], "clips": [("mead", "a1")]}
    kept["entries"] = [run_entry(method) for method in METHODS]
    first, _ = build_site(tmp_path / "first", scores, [submission(scores)], **kept)
    second, _ = build_site(tmp_path / "second", scores.sample(frac=1, random_state=1), [submission(scores)], **kept)
    pages = sorted(path.relative_to(first) for path in first.rglob("*.html"))
    assert len(pages) == 1 + len(METHODS) + 1
    for page in pages:
        assert (first / page).read_bytes() == (second / page).read_bytes()
        links = re.findall(r'(?:src|href)="([^"#]+)"', (first / page).read_text())
        local = [link for link in links if not link.startswith(("data:", "https://example.org/"))]
        assert local and all((first / page).parent.joinpath(link).exists() for link in local), page


def test_data_in_pages_are_strict_json(tmp_path):
    root, _ = build_site(tmp_path, run_scores())

    def refuse(name):
        raise AssertionError(name)

    for page in root.rglob("*.html"):
        (content,) = re.findall(r'id="data">(.*?)</script>', page.read_text())
        json.loads(content, parse_constant=refuse)
