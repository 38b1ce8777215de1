"""Tables: coverage, common clips, bold with ties, separation, footnotes and golden text."""

import io
from dataclasses import replace

import numpy as np
import pandas as pd
from fake_scores import CONFIG, PSNR, SYNC, frame, row, scores

from benchmarks.layout import FULL_MODEL, GROUND_TRUTH, LAYOUTS, Row
from benchmarks.table_latex import to_latex
from benchmarks.table_text import to_csv, to_markdown
from benchmarks.tables import build_table
from speak.metrics import METRICS

CLIPS = ("a1", "a2", "b1", "b2", "c1", "c2")
STAMP = "embedded corpus, not comparable with the paper"


def table(rows, number=1, **parts):
    defaults = {"stamp": STAMP, "expected": {"mead": 6, "hdtf": 6}}
    return build_table(number, rows, CONFIG, **(defaults | parts))


def cell(built, method, name="psnr", dataset="mead"):
    return built.cells[method, dataset, name]


def even(value):
    return dict.fromkeys(CLIPS, value)


def test_means_are_over_the_clips_that_all_methods_scored():
    partly = [row("atvg", clip, 20.0) for clip in CLIPS[1:]] + [row("atvg", "a1", None, reason="crashed")]
    rows = pd.concat([scores({"speak": even(30.0) | {"a1": 90.0}}), frame(partly)])
    speak, atvg = cell(table(rows), "speak"), cell(table(rows), "atvg")
    assert (speak.value, speak.clips, speak.scored, speak.expected) == (30.0, 5, 6, 6)
    assert (atvg.value, atvg.clips, atvg.scored) == (20.0, 5, 5)


def test_a_method_that_scored_nothing_has_a_reason_and_empties_nobody():
    nothing = [row("ground_truth", clip, None, reason="identical frames") for clip in CLIPS]
    built = table(pd.concat([scores({"speak": even(30.0)}), frame(nothing)]))
    assert (cell(built, "ground_truth").value, cell(built, "ground_truth").reason) == (None, "identical frames")
    assert cell(built, "speak").clips == 6
    assert cell(built, "eamm").reason == LAYOUTS[1].absent
    named = table(scores({"speak": even(30.0)}), reasons={"eamm": "weights are absent"})
    assert cell(named, "eamm").reason == "weights are absent"


def test_a_method_that_scored_too_few_clips_takes_none_from_the_others():
    lost = [row("atvg", clip, None, reason="the face was lost") for clip in CLIPS[2:]]
    rows = pd.concat([scores({"speak": even(30.0), "atvg": dict.fromkeys(CLIPS[:2], 20.0)}), frame(lost)])
    assert cell(table(rows), "speak").clips == 2, "compared with everybody"
    strict = {"stamp": STAMP, "expected": {"mead": 6, "hdtf": 6}}
    built = build_table(1, rows, replace(CONFIG, min_scored_share=0.5), **strict)
    atvg = cell(built, "atvg")
    assert (cell(built, "speak").clips, atvg.value, atvg.scored) == (6, None, 2)
    assert atvg.reason == "scored 2 of 6 clips, too few to be compared: the face was lost"
    just = replace(CONFIG, min_scored_share=1 / 3)
    assert cell(build_table(1, rows, just, **strict), "atvg").value == 20.0


def test_methods_without_a_common_clip_say_so():
    built = table(scores({"speak": {"a1": 1.0}, "atvg": {"b1": 2.0}}))
    assert cell(built, "speak").reason == "no clip that every method scored"


def test_bold_ignores_ground_truth_keeps_ties_and_needs_a_rival():
    values = {"ground_truth": even(99.0), "still": even(98.0), "speak": even(30.001), "atvg": even(30.004)}
    built = table(scores(values | {"eamm": even(29.0)}))
    assert {method for method in values if cell(built, method).best} == {"speak", "atvg"}
    assert not cell(table(scores({"speak": even(30.0)})), "speak").best


def test_a_control_or_an_artefact_has_no_best_and_no_ranks():
    column = next(column for column in LAYOUTS["1_readings"].columns if column.name == "psnr_wrap8")
    rows = scores({"speak": even(30.0), "atvg": even(20.0), "eamm": even(10.0)}).assign(metric=column.metric)
    built = build_table("1_readings", rows, CONFIG, stamp=None, expected={})
    found = [cell for (_, _, name), cell in built.cells.items() if name == "psnr_wrap8" and cell.value is not None]
    assert len(found) == 3 and not any(cell.best or cell.rank or cell.not_separated for cell in found)


def test_not_separated_is_marked():
    noisy = {"a1": 31.0, "a2": 29.5, "b1": 28.0, "b2": 30.5, "c1": 33.0, "c2": 28.4}
    built = table(scores({"speak": even(30.2), "atvg": noisy, "eamm": even(20.0)}))
    assert cell(built, "speak").best and cell(built, "atvg").not_separated
    assert not cell(built, "eamm").not_separated


def test_ranks_stand_in_every_format():
    rng = np.random.default_rng(3)
    people = "abcdefghijkl"
    hard = rng.normal(0, 3, 12)
    values = {"speak": 31.0, "atvg": 30.9, "eamm": 20.0, "ground_truth": 50.0}
    rows = {m: {f"{p}1": v + h + rng.normal() for p, h in zip(people, hard, strict=True)} for m, v in values.items()}
    built = table(scores(rows))
    found = {method: cell(built, method) for method in values}
    assert [(c.rank, c.rank_low, c.rank_high) for c in found.values()][2:] == [(3, 3, 3), (None, None, None)]
    assert {(c.rank_low, c.rank_high) for c in (found["speak"], found["atvg"])} == {(1, 2)}
    assert sum(c.not_separated for c in found.values()) == 1 and not found["eamm"].not_separated
    assert to_markdown(built).count(") #1–2") == 2 and to_markdown(built).count(") #3") == 1
    assert r"\,{\tiny \#1--2}" in to_latex(built)
    read = pd.read_csv(io.StringIO(to_csv(built))).query(
        "source == 'measured' and metric == @PSNR and dataset == 'mead'"
    )
    own = read.set_index("method")[["rank", "rank_low", "rank_high"]]
    assert list(own.loc["eamm"]) == [3, 3, 3] and own.loc["ground_truth"].isna().all()


def test_clips_that_are_not_in_the_mean_are_named():
    lost = [row("atvg", clip, None, reason="crashed") for clip in CLIPS[:2]]
    rows = pd.concat([scores({"speak": even(30.0), "atvg": dict.fromkeys(CLIPS[2:], 20.0)}), frame(lost)])
    assert cell(table(rows), "speak").left_out == ("a1", "a2") and cell(table(rows), "atvg").left_out == ()


def test_one_person_has_a_mean_but_no_interval():
    built = table(scores({"speak": {"a1": 1.0, "a2": 2.0}}))
    found = cell(built, "speak")
    assert (found.value, found.low, found.reason) == (1.5, None, "one person")
    assert "no interval: one person" in to_markdown(built)


def test_found_share_and_open_rows():
    rows = [row("mouth", clip, 2.0, metric="m_lmd-px256-v1", found_share=0.9) for clip in CLIPS]
    rows += [row("speak_no_cls", clip, 2.0, metric="m_lmd-px256-v1", found_share=0.9) for clip in CLIPS]
    built = table(frame(rows))
    assert built.rows[-1] == Row(label="mouth", method="mouth")
    assert cell(built, "mouth", "m_lmd").found_share == 0.9
    assert "6/6 · 90.0 %" in to_markdown(built)


def test_the_papers_bold_is_computed_with_its_traps():
    first, second, third = (table(scores({}), number) for number in (1, 2, 3))
    assert cell(first, "atvg").paper_best and not cell(first, "speak").paper_best
    assert not cell(first, "ground_truth", "ssim").paper_best
    ties = [cell(second, m, "lip_sync_mos", "crema_d").paper_best for m in ("atvg", "speak", "wav2lip")]
    assert ties == [True, True, False]
    assert cell(third, "speak_no_emotion", "m_lmd").paper_best and not cell(third, "speak", "m_lmd").paper_best


def test_every_printed_number_has_its_place():
    shown = sum(c.paper is not None for number in LAYOUTS for c in table(scores({}), number).cells.values())
    assert shown == 58 + 36 + 60 + 50


def test_other_readings_and_qualities_have_tables_of_their_own():
    further = ["1_readings", "1_qualities"]
    assert [layout.key for layout in LAYOUTS.values()] == list(LAYOUTS) == [1, 2, 3, 4, *further]
    names = {key: [c.name for c in layout.columns if not c.companion] for key, layout in LAYOUTS.items()}
    assert names[1] == names[3] == names[4] == ["ssim", "psnr", "f_lmd", "m_lmd", "sync_conf"]
    assert not names["1_readings"] and not names["1_qualities"]
    columns = [column.name for key in (1, *further) for column in LAYOUTS[key].columns]
    assert len(columns) == len(set(columns))
    rows = scores(
        {"speak": even(31.0), "mouth": even(30.0), "ground_truth": even(50.0)}, metric="psnr-luma601-meandb-v1"
    )
    built = table(rows, "1_readings")
    assert cell(built, "speak", "psnr_luma").best and not cell(built, "ground_truth", "psnr_luma").best
    assert all(found.paper is None for found in built.cells.values())
    text = to_markdown(built)
    assert text.startswith("**Table 1, other readings. Comparison with other methods. ")
    assert "| **31.00** (31.00, 31.00) #1 |" in text and "does not define them" in text and "paper |" not in text
    assert "printed in the paper" not in to_latex(built) and "tab:speak-1_readings" in to_latex(built)
    assert to_csv(built).splitlines()[1].startswith("1_readings,mead,")
    assert "does not define them" not in to_markdown(table(rows))


def test_two_metric_versions_never_share_a_column():
    built = table(scores({"speak": even(30.0)}, metric="psnr-other-v9"))
    assert cell(built, "speak").value is None


def test_golden_csv():
    built = table(scores({"speak": {"a1": 1.0, "a2": 3.0, "b1": 2.0}}, metric=SYNC))
    own = [line for line in to_csv(built).splitlines() if line.startswith("1,mead,speak")]
    lines = [line for line in own if f",{SYNC}," in line or ",paper,sync_conf," in line]
    measured, paper = lines
    start = "1,mead,speak,SPEAK,measured,sync_conf-corpus-25fps-v1,2.0,"
    assert measured.startswith(start)
    assert measured.endswith(',0.95,3,2,1,3,6,,0,0,,,,,"embedded corpus, not comparable with the paper",')
    assert paper == "1,mead,speak,SPEAK,paper,sync_conf,3.99,,,,,,,,,,0,,,,,,,"


def test_golden_markdown():
    lines = to_markdown(table(scores({"speak": {"a1": 20.0, "a2": 22.0}}))).splitlines()
    assert lines[0] == f"**Table 1. Comparison with other methods. {STAMP.capitalize()}.**"
    (speak, *_) = [line for line in lines if line.startswith("| SPEAK")]
    assert speak == (
        "| SPEAK | – [1] | **0.81** | 21.00 [3] | 29.31 | – [1] | **2.48** | – [1] | **3.25** | – [1] | 3.99 "
        "| – [1] | – [1] | – [1] | – [1] |"
    )
    notes = [line.strip() for line in lines if line.startswith("[")]
    assert notes[0] == "[1] this method is not part of this run"
    assert notes[2] == "[3] no interval: one person"


def test_golden_latex():
    text = to_latex(table(scores({"speak": {"a1": 20.0, "a2": 22.0}})))
    assert r"SPEAK & \textbf{0.81} & 29.31 & \textbf{2.48} & \textbf{3.25} & 3.99 & -- & -- & -- & -- & " in text
    assert r"\multicolumn{9}{c}{MEAD} & \multicolumn{9}{c}{HDTF} \\" in text
    assert text.count(r"\begin{") == text.count(r"\end{") == 2
    assert r"Sync\_conf $\uparrow$" in text and text.isascii()


def test_latex_says_what_the_means_are_over():
    rows = [row("atvg", clip, 20.0, found_share=0.5) for clip in CLIPS[1:]] + [
        row("atvg", "a1", None, reason="crashed")
    ]
    text = to_latex(table(pd.concat([scores({"speak": even(30.0)}), frame(rows)])))
    gap = r"(scored / expected, share of faces found: ATVG PSNR 5/6 $\cdot$ 50.0 \%)."
    assert f"Means are over: MEAD, 5 of 6 clips of 3 persons {gap}" in text and text.isascii()
    assert "Means are over" not in to_latex(table(scores({})))


def test_what_a_row_was_trained_with_stands_under_the_table():
    budget = {"speak": "1500 steps on 26 persons", "elsewhere": "not in this table"}
    built = replace(table(scores({"speak": even(1.0), "mouth": even(2.0)})), budget=budget)
    assert "Trained: SPEAK, 1500 steps on 26 persons." in to_markdown(built)
    assert "Trained: SPEAK, 1500 steps on 26 persons." in to_latex(built)
    lines = to_csv(built).splitlines()
    assert lines[0].endswith(",stamp,budget")
    trained = {line.split(",")[2] for line in lines if line.endswith(",1500 steps on 26 persons")}
    assert trained == {"speak"} and "not in this table" not in to_markdown(built) + to_csv(built)
    assert "Trained" not in to_markdown(table(scores({"speak": even(1.0)})))


def test_same_scores_same_bytes_in_any_order():
    rows = scores({"speak": dict(zip(CLIPS, range(6), strict=True)), "atvg": even(2.0)})
    shuffled = rows.sample(frac=1, random_state=3)
    for write in (to_csv, to_markdown, to_latex):
        assert write(table(rows)) == write(table(shuffled))


def test_hostile_names_are_inert_in_every_format():
    name = "<script>alert(1)</script>|&\\input{x}_$%"
    built = table(scores({name: even(1.0)}))
    assert "<script>" not in to_markdown(built) and "|&" not in to_markdown(built).replace("\\|", "")
    assert r"\input" not in to_latex(built)
    assert to_csv(built).count(name) > 0


def test_rows_of_the_house():
    assert GROUND_TRUTH in LAYOUTS[1].rows and not GROUND_TRUTH.ranked
    assert all(FULL_MODEL in layout.rows for layout in LAYOUTS.values())
    assert PSNR in {column.metric for column in LAYOUTS[1].columns}


def test_an_optional_column_stands_only_where_it_has_values():
    official = METRICS["sync_conf_official"].id
    rows = [row("still", clip, 1.0) for clip in ("a1", "b1")]
    null = [row("still", clip, None, metric=official, reason="no weights") for clip in ("a1", "b1")]
    one = [row("still", "a1", 3.0, metric=official), null[1]]
    names = [
        [column.name for column in build_table(1, frame(rows + more), CONFIG, stamp=None, expected={}).layout.columns]
        for more in ([], null, one)
    ]
    assert ["sync_conf_official" in each for each in names] == [False, False, True]
    assert names[0] == [name for name in names[2] if name != "sync_conf_official"]
