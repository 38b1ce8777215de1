"""Better than doing nothing: differences from the still image, and from another clip's sound."""

import csv
import io

import numpy as np
import pytest
from fake_scores import CONFIG, PSNR, SYNC, frame, row
from report_pages import EVIL, report_data
from scipy import stats

from benchmarks.claims import Verdict
from benchmarks.floor import OTHER_SOUND, STILL, floor, floor_csv
from benchmarks.report.write import render
from benchmarks.tables import build_table

OTHER = "sync_conf-corpus-25fps-othersound-v1"
F_LMD = "f_lmd-px256-v1"
CLIPS = [f"{person}1" for person in "abcdefghij"]


def rows_of(values, metric):
    return [
        row(name, clip, x, metric=metric) for name, own in values.items() for clip, x in zip(CLIPS, own, strict=True)
    ]


def answers(*rows):
    """Margins on MEAD by method and (metric, opponent)."""
    scores = frame([line for part in rows for line in part])
    table = build_table(1, scores, CONFIG, stamp="s", expected={"mead": len(CLIPS)})
    asked = floor(table, scores, CONFIG)
    return {
        (method.method, margin.question.column.name, margin.question.opponent): margin
        for method, margins in asked.get("mead", {}).items()
        for margin in margins
    }


@pytest.fixture
def rng():
    return np.random.default_rng(4)


def test_better_is_positive_whichever_way_a_metric_counts(rng):
    still, gain = rng.normal(20, 3, 10), rng.normal(4, 1, 10)
    found = answers(
        rows_of({"speak": still + gain, "still": still}, PSNR), rows_of({"speak": still - gain, "still": still}, F_LMD)
    )
    for name in ("psnr", "f_lmd"):
        margin = found["speak", name, STILL]
        assert margin.found.mean == pytest.approx(gain.mean()) and margin.verdict is Verdict.HOLDS
        exact = stats.ttest_1samp(gain, 0).confidence_interval(0.95)
        assert (margin.found.low, margin.found.high) == pytest.approx((exact.low, exact.high), rel=0.1)
    assert found["speak", "ssim", STILL].verdict is Verdict.UNMEASURED


def test_worse_and_undecided_are_said(rng):
    still = rng.normal(20, 3, 10)
    found = answers(
        rows_of({"speak": still + rng.normal(0, 1, 10), "wav2lip": still - 2 - rng.random(10), "still": still}, PSNR)
    )
    assert found["speak", "psnr", STILL].verdict is Verdict.OPEN
    assert found["wav2lip", "psnr", STILL].verdict is Verdict.FAILS


def test_methods_of_a_column_are_corrected_together(rng):
    """A difference that is separated alone is not, once three others are asked the same."""
    still = rng.normal(0, 1, 10)
    noise = rng.normal(0, 1, 10)
    lucky = still + noise - noise.mean() + 2.6 * stats.sem(noise)  # t = 2.6 with nine degrees of freedom: p = .03
    idle = {name: still + rng.normal(0, 1, 10) for name in ("atvg", "eamm", "wav2lip")}
    alone = answers(rows_of({"speak": lucky, "still": still}, PSNR))["speak", "psnr", STILL]
    among = answers(rows_of({"speak": lucky, **idle, "still": still}, PSNR))["speak", "psnr", STILL]
    assert alone.verdict is Verdict.HOLDS and among.verdict is Verdict.OPEN
    assert among.found == alone.found and alone.p_value < 0.05 < among.p_value <= 4 * alone.p_value


def test_own_sound_is_compared_with_another_clips(rng):
    own = rng.normal(5, 0.3, 10)
    other = own - rng.normal(3, 0.5, 10)
    found = answers(rows_of({"speak": own, "still": own - 4}, SYNC), rows_of({"speak": other, "still": own - 4}, OTHER))
    margin = found["speak", "sync_conf", OTHER_SOUND]
    assert margin.verdict is Verdict.HOLDS and margin.found.mean == pytest.approx((own - other).mean())
    assert found["speak", "sync_conf", STILL].found.mean == pytest.approx(4)


def test_a_method_that_is_not_compared_says_why_and_takes_nobodys_clips(rng):
    still = rng.normal(20, 3, 10)
    lost = [row("pc_avs", clip, None, reason="no face <found>") for clip in CLIPS]
    found = answers(rows_of({"speak": still + 4, "still": still}, PSNR), lost)
    assert found["speak", "psnr", STILL].found.clips == 10
    assert found["pc_avs", "psnr", STILL].found is None and "no face" in found["pc_avs", "psnr", STILL].reason


def test_without_a_still_image_nothing_is_asked(rng):
    assert answers(rows_of({"speak": rng.normal(20, 3, 10)}, PSNR)) == {}


def test_csv_and_page_say_the_same(rng):
    still = rng.normal(20, 3, 10)
    scores = frame([*rows_of({EVIL: still + 4 + rng.random(10), "still": still}, PSNR)])
    table = build_table(1, scores, CONFIG, stamp="made up", expected={"mead": len(CLIPS)})
    asked = floor(table, scores, CONFIG)
    lines = list(csv.DictReader(io.StringIO(floor_csv(asked, CONFIG.level, "made up"))))
    (line,) = (line for line in lines if line["verdict"] == "better")
    assert line["method"] == EVIL and line["metric"] == PSNR and line["stamp"] == "made up"
    assert float(line["low"]) < float(line["better_by"]) < float(line["high"])
    page = render(report_data(floor=asked))
    assert f"{float(line['better_by']):+.2f}" in page and "Better than doing nothing?" in page and EVIL not in page
    assert "Better than doing nothing?" not in render(report_data())
