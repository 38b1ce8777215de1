"""The report: one static page that works from disk. Text from outside (names, ids, reasons) is escaped by the
template."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from benchmarks.claims import Verdict, verdict_counts
from benchmarks.degradation.check import SYMBOLS, changes_text, expected_text
from benchmarks.degradation.registry import DEGRADATIONS
from benchmarks.floor import QUESTIONS as FLOOR
from benchmarks.floor import WORDS, signed
from benchmarks.judges.trial import QUESTIONS
from benchmarks.layout import LAYOUTS
from benchmarks.paper import PaperClaim
from benchmarks.report.data import QUALITY, ReportData
from benchmarks.study.exclusions import CHECKS
from benchmarks.study.questions import QUESTIONS as ASKED
from benchmarks.table_text import (
    ALL_FOUND,
    DASH,
    Footnotes,
    coverage_text,
    explanation,
    heading,
    number_text,
    paper_text,
    rank_text,
    seeds_text,
)
from benchmarks.tables import dataset_title, is_measured
from speak.files import write_text
from speak.metrics import METRICS, SET_METRICS

_TEMPLATES = Path(__file__).parent / "templates"


def write_report(report_dir: Path, data: ReportData) -> Path:
    """Write ``index.html`` into ``report_dir``, beside the pictures and videos that ``data`` names.

    Returns:
        The page's path.

    Raises:
        ValueError: a picture or video that ``data`` names is not there.
    """
    for path in _named_files(data):
        if not (report_dir / path).is_file():
            raise ValueError(f"{report_dir / path}: named in the report, but not there")
    page = report_dir / "index.html"
    write_text(page, render(data))
    return page


def render(data: ReportData) -> str:
    """The page's HTML."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {
        "ALL_FOUND": ALL_FOUND,
        "CHECKS": CHECKS,
        "DASH": DASH,
        "DEGRADATIONS": DEGRADATIONS,
        "FLOOR": FLOOR,
        "METRICS": METRICS,
        "SYMBOLS": SYMBOLS,
        "ASKED": ASKED,
        "QUALITY": QUALITY,
        "QUESTIONS": QUESTIONS,
        "SET_METRICS": SET_METRICS,
        "WORDS": WORDS,
        "Footnotes": Footnotes,
        "changes_text": changes_text,
        "column_title": column_title,
        "coverage_text": coverage_text,
        "dataset_title": dataset_title,
        "expected_text": expected_text,
        "explanation": explanation,
        "heading": heading,
        "is_measured": is_measured,
        "number_text": number_text,
        "paper_text": paper_text,
        "rank_text": rank_text,
        "seeds_text": seeds_text,
        "signed": signed,
        "verdict_counts": verdict_counts,
    }
    style = Markup((_TEMPLATES / "page.css").read_text(encoding="utf-8"))  # our own file
    method_notes = {row.label: row.mark for layout in LAYOUTS.values() for row in layout.rows if row.mark}
    return environment.get_template("page.html.j2").render(
        data=data, style=style, Verdict=Verdict, method_notes=method_notes
    )


def column_title(claim: PaperClaim) -> str:
    """The printed name of a claim's column."""
    return next(column.title for column in LAYOUTS[claim.table].columns if column.name == claim.metric)


def _named_files(data: ReportData) -> list[str]:
    alone = (data.response_plot, data.correlation_plot)
    figures = [figure.file for figure in (*data.figures, *data.interval_plots.values(), *alone) if figure]
    videos = [video for row in data.videos for video in row.videos]
    return [file.path for file in (*figures, *videos) if file.path]
