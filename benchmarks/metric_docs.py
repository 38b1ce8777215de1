"""Writes docs/metrics.md from the registry: ``python -m benchmarks.metric_docs``."""

from pathlib import Path

from speak.files import write_text
from speak.metrics import METRICS, SET_METRICS, Metric, SetMetric

PAGE = Path("docs/metrics.md")
HEAD = """# Metrics

This page is written by `python -m benchmarks.metric_docs` from what each metric says of itself; change
[the metrics](../speak/metrics), not the page.

How to read a score:

- A metric is a pure function of one clip pair: the reference, and what a method made of it, frame for frame. A table's
  number is the mean over clips.
- The **id** is what score files carry. Its version changes with what is computed, so two numbers with one id are
  comparable; a different network, window or set of points is a different id, and never stands in the same column.
- The arrow says which way is better. An error is a distance from the reference: 0 is perfect.
- **Null** is not 0. A clip that cannot be scored has no value but a reason, and each table prints its coverage. "Too
  few" is set by the profile's `score` section.
- Metrics that need faces also carry `found_share`: of the frames that show a face in the reference, the share in which
  the generated frame shows one too. The mean is over these frames only.
- Pixels are those of the 256×256 frame. Faces, head pose and blendshapes are found frame by frame by MediaPipe's
  FaceLandmarker, whose own errors are part of every number made from them.
"""
SETS = """# Numbers of a set

These compare frames of all clips of a dataset (every n-th, by the profile's `sets.every`) with what a method made of
them. No clip has such a number; the report shows them in a table of their own, with n, the number of frames. Null
without the Inception network, or with fewer than two frames.
"""
WEIGHTS = """# Published weights

Three judges need files that this project does not pass on. Without them their metrics are null, with the reason; no
other network takes their place.

- Official SyncNet (`sync_…_official`): `speak weights fetch syncnet_s`. Its authors give no SHA-256; the content that
  is used first is pinned ([methods](methods.md), "The authors' weights").
- LPIPS: `pip install 'speak-bench[perceptual]'`. The next scoring then fetches AlexNet's weights (`alexnet`, 244 MB,
  BSD-3-Clause) and LPIPS's own (`lpips_alex`, 6 kB, BSD-2-Clause) through [the assets](../speak/assets.py).
- FID and KID: the same extra, and `inception` (96 MB, Apache-2.0).

Without a network, put the file under the name that the assets say into `$SPEAK_CACHE`, else `~/.cache/speak`; its
SHA-256 is checked. Weights are no part of the pipeline's graph: after adding some, `dvc repro -f -s score` scores again
and `dvc repro` makes the report.
"""


def page(metrics: tuple[Metric, ...] = tuple(METRICS.values())) -> str:
    """The page in Markdown: how to read it, an overview, and a section for each metric."""
    rows = [_row(metric) for metric in metrics]
    overview = ["| name | title | | unit | reads | id |", "| --- | --- | --- | --- | --- | --- |", *rows]
    sets = [_set_section(metric) for metric in SET_METRICS.values()]
    return "\n".join([HEAD, *overview, "", *(_section(metric) for metric in metrics), SETS, *sets, WEIGHTS])


def _row(metric: Metric) -> str:
    cells = [f"[`{metric.name}`](#{metric.name})", metric.title, _arrow(metric), metric.unit, metric.inputs]
    return f"| {' | '.join([*cells, f'`{metric.id}`'])} |"


def _section(metric: Metric) -> str:
    better = "higher" if metric.higher_is_better else "lower"
    facts = [
        f"{metric.title}{f', in {metric.unit}' if metric.unit else ''}; {better} is better. Reads {metric.inputs}.",
        f"- Definition: {metric.summary}",
        f"- Source: {metric.source}.",
        f"- Null: {metric.null_when}.",
        f"- Id: `{metric.id}`; code: [{_module(metric)}](../{_module(metric)}).",
    ]
    return "\n".join([f"## {metric.name}\n", facts[0], "", *facts[1:], ""])


def _set_section(metric: SetMetric) -> str:
    better = "higher" if metric.higher_is_better else "lower"
    facts = [
        f"- Definition: {metric.summary}",
        f"- Source: {metric.source}.",
        f"- Id: `{metric.id}`; code: [{_module(metric)}](../{_module(metric)}).",
    ]
    return "\n".join([f"## {metric.name}\n", f"{metric.title}; {better} is better.", "", *facts, ""])


def _arrow(metric: Metric) -> str:
    return "↑" if metric.higher_is_better else "↓"


def _module(metric: Metric | SetMetric) -> str:
    return metric.compute.__module__.replace(".", "/") + ".py"


if __name__ == "__main__":
    write_text(PAGE, page())
