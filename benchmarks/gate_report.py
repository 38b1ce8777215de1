"""The gate's findings as lines for a terminal, Markdown for a pull request and JUnit XML for a build server.

Names and reasons come out of score files, which may be strangers': what cannot be printed is escaped, Markdown shows
them as code, and the XML writer escapes the rest.
"""

from collections import Counter
from collections.abc import Sequence
from xml.etree import ElementTree as xml

from benchmarks.gate import Comparison, Verdict, metric_by_id
from benchmarks.plain_text import shown

COLUMNS = ("", "method", "dataset", "metric", "baseline", "candidate", "difference", "interval", "reason")
ROWS_SHOWN = 200
"""In Markdown: a comment on a pull request may have 65,536 characters."""
LINES_SHOWN = 20
RULE = "A metric regresses when it gets worse by more than both floors and the interval excludes zero."


def headline(comparisons: Sequence[Comparison]) -> str:
    """How many comparisons ended how, e.g. ``closed: 1 regressed, 2 not measured, 0 improved, ...``."""
    counts = Counter(one.verdict for one in comparisons)
    state = "closed" if any(one.failed for one in comparisons) else "open"
    return f"{state}: " + ", ".join(f"{counts[verdict]} {verdict}" for verdict in Verdict)


def to_lines(comparisons: Sequence[Comparison]) -> list[str]:
    """The headline and one line for each failure and improvement, the first few."""
    told = [one for one in comparisons if one.failed or one.verdict is Verdict.IMPROVED]
    more = [f"… and {len(told) - LINES_SHOWN} more"] if len(told) > LINES_SHOWN else []
    return [headline(comparisons), *map(_line, told[:LINES_SHOWN]), *more]


def to_markdown(comparisons: Sequence[Comparison], notes: Sequence[str] = ()) -> str:
    """A table of what is not unchanged, failures first; short enough for a comment on a pull request."""
    changed = [one for one in comparisons if one.verdict is not Verdict.UNCHANGED]
    parts = [f"### Gate {headline(comparisons)}", *(f"Note: {note}" for note in notes)]
    if changed:
        parts.append(_table(changed[:ROWS_SHOWN]))
    if len(changed) > ROWS_SHOWN:
        parts.append(f"… and {len(changed) - ROWS_SHOWN} more rows, which the JUnit file has.")
    return "\n\n".join([*parts, RULE]) + "\n"


def to_junit(comparisons: Sequence[Comparison]) -> str:
    """One test case for each comparison; without times, so the same comparison gives the same bytes."""
    counts = {"tests": str(len(comparisons)), "failures": str(sum(one.failed for one in comparisons)), "errors": "0"}
    root = xml.Element("testsuites", counts)
    suite = xml.SubElement(root, "testsuite", {"name": "gate", **counts})
    for one in comparisons:
        place = {"classname": shown(f"{one.method}.{one.dataset}"), "name": shown(one.metric)}
        case = xml.SubElement(suite, "testcase", place)
        if one.failed:
            xml.SubElement(case, "failure", {"message": _line(one), "type": one.verdict})
        else:
            xml.SubElement(case, "system-out").text = _line(one)
    xml.indent(root)
    return xml.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _line(one: Comparison) -> str:
    before, after, difference, interval = _numbers(one)
    compared = [f"{before} → {after} ({difference}; {interval})"] if before else []
    told = "; ".join([*compared, one.reason] if one.reason else compared)
    return shown(f"{one.verdict}: {one.method} {one.dataset} {_metric(one)}: {told}")


def _table(comparisons: Sequence[Comparison]) -> str:
    rows = [COLUMNS, ["---"] * len(COLUMNS)]
    for one in comparisons:
        verdict = f"**{one.verdict}**" if one.failed else one.verdict
        names = [_code(text) for text in (one.method, one.dataset, _metric(one))]
        rows.append([verdict, *names, *_numbers(one), _code(one.reason) if one.reason else ""])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _metric(one: Comparison) -> str:
    """The metric's id and whether more (↑) or less (↓) of it is better."""
    metric = metric_by_id(one.metric)
    return one.metric + ((" ↑" if metric.higher_is_better else " ↓") if metric else "")


def _numbers(one: Comparison) -> tuple[str, str, str, str]:
    """Baseline, candidate, difference and interval as printed; empty where nothing was compared."""
    if one.baseline is None or one.candidate is None or one.difference is None or one.difference.mean is None:
        return "", "", "", ""
    metric, low, high = metric_by_id(one.metric), one.difference.low, one.difference.high
    digits = metric.decimals + 1 if metric else 4
    interval = "no interval" if low is None else f"{low:+.{digits}f} to {high:+.{digits}f}"
    return f"{one.baseline:.{digits}f}", f"{one.candidate:.{digits}f}", f"{one.difference.mean:+.{digits}f}", interval


def _code(text: str) -> str:
    """A stranger's text in a Markdown table: as code, in which nothing but a backtick or a bar has a meaning."""
    return f"`{shown(text).replace('`', '’').replace('|', '¦')}`"
