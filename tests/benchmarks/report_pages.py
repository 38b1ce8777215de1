"""Made-up data of a report, and its page taken apart."""

import functools
import html.parser

from fake_scores import CONFIG, PSNR, frame, row

from benchmarks.claims import check_claims
from benchmarks.layout import LAYOUTS
from benchmarks.report import ReportData, write_report
from benchmarks.report.data import (
    DatasetCount,
    ReportFigure,
    ReportFile,
    StageTiming,
    SyncCondition,
    SyncEvaluation,
    VideoRow,
)
from benchmarks.tables import build_table

EVIL = "\"><script>alert('x')</script><img src=x onerror=alert(1)>{{ 7*7 }}"
VOID = {"meta", "link", "img", "br"}


class Tags(html.parser.HTMLParser):
    """Collects tags and attributes, and checks that elements nest."""

    def __init__(self):
        super().__init__()
        self.open, self.seen, self.attributes = [], [], []

    def handle_starttag(self, tag, attrs):
        self.seen.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@functools.cache
def tables_and_claims(name):
    rows = frame(
        row(method, clip, value, metric=metric, reason=None if value is not None else name, found_share=0.9)
        for metric in (PSNR, "m_lmd-px256-v1")
        for method, value in ((name, 2.0), ("still", 1.0), ("ground_truth", None))
        for clip in ("a1", "b1", "c1")
    )
    tables = (build_table(number, rows, CONFIG, stamp=name, expected={"mead": 4}) for number in LAYOUTS)
    return tuple(tables), tuple(check_claims(rows, CONFIG))


def report_data(name="mouth", **parts):
    tables, claims = tables_and_claims(name)
    conditions = tuple(
        SyncCondition(name=text, sync_conf=value, low=None, high=None, n=3)
        for text, value in (("ground truth", 3.0), ("shifted", 2.0), (name, 1.0), ("other clip", 0.5))
    )
    video = ReportFile(label=name, path="media/a b.mp4")
    picture = ReportFigure(file=ReportFile(label=name, path="figure-4.png"), caption=name)
    defaults = {
        "profile": name,
        "stamp": name,
        "datasets": (DatasetCount(dataset=name, expected=4, clips=2, quarantined={name: 1}, missing={"gone": 1}),),
        "tables": tables,
        "claims": claims,
        "sync": SyncEvaluation(accuracy=0.93, n=120, conditions=conditions),
        "interval_plots": {3: picture},
        "figures": (picture,),
        "videos": (VideoRow(dataset="mead", clip_id=name, videos=(video, ReportFile(label="SPEAK", path=None))),),
        "timings": (StageTiming(stage=name, seconds=1.25, peak_memory_mib=None),),
        "methods": {name: name},
        "provenance": {name: name},
    }
    return ReportData(**(defaults | parts))


def page_of(folder, data):
    text = write_report(folder, data).read_text(encoding="utf-8")
    tags = Tags()
    tags.feed(text)
    assert not tags.open
    return text, tags
