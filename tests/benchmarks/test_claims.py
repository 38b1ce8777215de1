"""The claims check: the paper's own numbers must give the paper's verdicts; ours follow the rules."""

import numpy as np
import pandas as pd
import pytest
from fake_scores import CONFIG, SYNC, scores

from benchmarks.claims import Verdict, check_claim, check_claims, claims_csv, claims_markdown, printed
from benchmarks.paper import paper_claims
from benchmarks.statistics import mean_interval

WORDS = {"yes": Verdict.HOLDS, "no": Verdict.FAILS, "tie": Verdict.OPEN}
CLIPS = ("a1", "a2", "b1", "b2", "c1", "c2")


@pytest.mark.parametrize("claim", paper_claims(), ids=lambda claim: claim.id)
def test_the_papers_own_numbers_give_its_own_verdicts(claim):
    wanted = WORDS[claim.paper_verdict.split()[0]]
    assert check_claim(claim, printed(claim.table)).verdict is wanted


def verdict(claim_id, values, metric):
    checked = {item.claim.id: item for item in check_claims(scores(values, metric=metric), CONFIG)}
    assert len(checked) == 34
    return checked[claim_id]


def even(value):
    return dict.fromkeys(CLIPS, value)


def test_nothing_measured_names_what_is_missing():
    found = verdict("T1-ssim-mead", {}, "x")
    assert found.verdict is Verdict.UNMEASURED
    assert found.detail.count("SPEAK has no MEAD scores") == 1 and "ATVG has no MEAD scores" in found.detail


def test_holds_fails_and_open():
    ssim = "ssim-gauss11-rgb-v1"
    others = {name: even(0.5) for name in ("atvg", "eamm", "pc_avs", "wav2lip")}
    noisy = dict(zip(CLIPS, (0.4, 0.6, 0.45, 0.58, 0.7, 0.35), strict=True))
    assert verdict("T1-ssim-mead", others | {"speak": even(0.8)}, ssim).verdict is Verdict.HOLDS
    assert verdict("T1-ssim-mead", others | {"speak": even(0.4)}, ssim).verdict is Verdict.FAILS
    assert verdict("T1-ssim-mead", others | {"speak": noisy}, ssim).verdict is Verdict.OPEN


def test_a_claim_of_many_comparisons_needs_more_than_one_of_them():
    """One of ten comparisons is separated on its own, and not once all ten are counted."""
    rng = np.random.default_rng(2)
    clips = [f"{person}1" for person in "abcdefgh"]
    ablations = ("speak_no_identity", "speak_no_cls", "speak_no_pose", "speak_no_emotion", "speak_no_self")
    values = {name: dict(zip(clips, rng.normal(0, 1, 8), strict=True)) for name in (*ablations, "speak")}
    lucky = rng.normal(0, 1, 8)
    values["speak_no_cls"] = {c: values["speak"][c] + 1 + x for c, x in zip(clips, lucky, strict=True)}
    rows = pd.concat([scores(values, metric="ssim-gauss11-rgb-v1", dataset=name) for name in ("mead", "hdtf")])
    alone = mean_interval(1 + lucky, np.array(clips), CONFIG)
    assert 0.01 < alone.p_value < 0.05
    found = {item.claim.id: item for item in check_claims(rows, CONFIG)}["T3-full-ssim"]
    assert found.verdict is Verdict.OPEN and "corrected p" in found.detail


def test_one_refutation_is_enough():
    found = verdict("T1-ssim-mead", {"speak": even(0.4), "atvg": even(0.5)}, "ssim-gauss11-rgb-v1")
    assert found.verdict is Verdict.FAILS and "ATVG" in found.detail and "EAMM" not in found.detail


def test_lower_is_better_turns_the_comparison():
    others = {name: even(5.0) for name in ("atvg", "eamm", "pc_avs", "wav2lip")}
    assert verdict("T1-flmd-mead", others | {"speak": even(2.0)}, "f_lmd-px256-v1").verdict is Verdict.HOLDS


def test_closest_to_ground_truth():
    values = {"ground_truth": even(5.0), "atvg": even(3.0), "eamm": even(1.0), "pc_avs": even(2.0)}
    near = values | {"wav2lip": even(7.0), "speak": even(4.5)}
    assert verdict("T1-sync-mead-closest-gt", near, SYNC).verdict is Verdict.HOLDS
    far = values | {"wav2lip": even(5.4), "speak": even(4.5)}
    assert verdict("T1-sync-mead-closest-gt", far, SYNC).verdict is Verdict.FAILS
    assert verdict("T1-sync-mead-over-gt", far, SYNC).verdict is Verdict.HOLDS


def test_one_person_decides_nothing():
    values = {"wav2lip": {"a1": 9.0, "a2": 9.0}, "ground_truth": {"a1": 1.0, "a2": 1.0}}
    assert verdict("T1-sync-mead-over-gt", values, SYNC).verdict is Verdict.OPEN


def test_text_is_stable_and_counts_add_up():
    checked = check_claims(scores({}), CONFIG, {2: "no ratings"})
    assert claims_csv(checked) == claims_csv(check_claims(scores({}), CONFIG, {2: "no ratings"}))
    assert len(claims_csv(checked).splitlines()) == 35 and "no ratings" in claims_csv(checked)
    assert "34 claims. Holds: 0; does not hold: 0; not separated: 0; not measured: 34" in claims_markdown(checked, None)
