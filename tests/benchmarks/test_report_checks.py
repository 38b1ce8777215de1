"""The page's section on whether the metrics work."""

import pandas as pd
from report_pages import EVIL, Tags, report_data
from test_degradation_verdicts import BASE, CONFIG, rows

from benchmarks.degradation.check import metric_check
from benchmarks.degradation.registry import BEFORE
from benchmarks.degradation.trials import COLUMNS
from benchmarks.report.write import render


def page(numbers):
    """The page's text, all elements closed."""
    check = metric_check(pd.DataFrame(numbers, columns=list(COLUMNS)), CONFIG)
    text, tags = render(report_data(metric_check=check)), Tags()
    tags.feed(text)
    assert not tags.open
    return text, tags


def test_failures_are_shown_with_what_was_expected_and_measured():
    text, _ = page(rows(BEFORE, BASE) + rows(("swapped_person", 1.0), BASE - 2))
    assert "<h3>Not as expected</h3>" in text and "moves the wrong way" in text
    assert "-2.00 px (n = 4)" in text and "4 test clips of 4 persons" in text
    fine, _ = page(rows(BEFORE, BASE) + rows(("swapped_person", 1.0), BASE + 2))
    assert "<h3>Not as expected</h3>" not in fine and "1 as expected" in fine.lower()


def test_reasons_from_files_are_escaped():
    unmeasured = [(*row[:-2], None, EVIL) for row in rows(("swapped_person", 1.0), BASE)]
    text, tags = page(rows(BEFORE, BASE) + unmeasured)
    assert EVIL not in text and "script" not in tags.seen
    assert not any(name.startswith("on") for name, _ in tags.attributes)


def test_a_run_without_the_stage_says_so():
    assert "The metrics were not tried in this run." in render(report_data())
