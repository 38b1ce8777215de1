"""The pages, made from templates; every text from outside is escaped."""

import math
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from benchmarks import report
from benchmarks.study.design import Design
from benchmarks.study.questions import QUESTIONS, SCALE, SCORES

TEMPLATES = Path(__file__).parent / "templates"
STATIC = {
    "page.css": Path(report.__file__).parent / "templates" / "page.css",
    "study.css": TEMPLATES / "study.css",
    "session.js": TEMPLATES / "session.js",
    "experimenter.js": TEMPLATES / "experimenter.js",
}
"""Everything that a page loads besides videos, by its name."""
KINDS = {".css": "text/css", ".js": "text/javascript"}
ANSWER_S = 12
"""What an item takes besides its video; for the estimate on the consent page only."""


def environment() -> Environment:
    """Where pages come from."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {"questions": QUESTIONS, "scale": SCALE, "scores": SCORES, "minutes": minutes}
    return made


def minutes(design: Design, participant: str) -> int:
    """About how long a whole session takes."""
    videos = [design.by_name[step.item].duration_s for step in design.sequences[participant]]
    return math.ceil((sum(videos) + ANSWER_S * len(videos)) / 60)


def render(pages: Environment, name: str, **parts: Any) -> str:
    """One page, e.g. ``item``."""
    return pages.get_template(f"{name}.html.j2").render(**parts)
