"""docs/metrics.md is what the registry says, and says all of it."""

import re
from dataclasses import fields
from pathlib import Path

from benchmarks.metric_docs import PAGE, page
from speak.metrics import METRICS

ROOT = Path(__file__).resolve().parents[2]


def test_the_page_is_up_to_date():
    written = (ROOT / PAGE).read_text(encoding="utf-8")
    assert written == page(), f"{PAGE} is out of date: python -m benchmarks.metric_docs"


def test_every_metric_says_everything_of_itself():
    text = page()
    for metric in METRICS.values():
        said = [getattr(metric, field.name) for field in fields(metric) if field.type is str]
        assert all(said[:3]) and metric.inputs and metric.source and metric.null_when
        assert all(word in text for word in said)
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert len(rows) == len(METRICS) + 2 and len({line.count("|") for line in rows}) == 1


def test_links_lead_somewhere():
    text = page()
    anchors = {line.removeprefix("## ") for line in text.splitlines() if line.startswith("## ")}
    for target in re.findall(r"\]\(([^)]+)\)", text):
        assert target[1:] in anchors if target.startswith("#") else (ROOT / PAGE.parent / target).exists(), target
