"""One face followed through the shots of a video.

Boxes are linked from look to look: a find continues the run whose last box it overlaps most, as long as it
still fills enough of the run's joined box, since the clip will be cut by one fixed box around all of them. A
face that is lost for too long or walks away ends its run, and so does the end of a shot. Of all runs the one
that fills the most picture for the most time is taken, and the clip is cut to it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from speak.faces.box import Box, holds, iou, side, union
from speak.faces.search import FaceFinder, SearchConfig, find_faces


@dataclass(frozen=True, kw_only=True)
class FollowConfig:
    """When a run of one face ends.

    Attributes:
        min_iou: overlap (intersection over union) with the run's last box below which it is another face, and
            share of the run's joined box below which the face has moved too far.
        max_gap_s: seconds without a find after which the face is lost.
    """

    min_iou: float
    max_gap_s: float


class Run:
    """Finds of one face in one shot: times in seconds and boxes, in order, and the box around all of them."""

    def __init__(self, time_s: float, box: Box):
        self.times, self.boxes, self.joined = [time_s], [box], box

    def add(self, time_s: float, box: Box) -> None:
        """Append the next find."""
        self.times.append(time_s)
        self.boxes.append(box)
        self.joined = union([self.joined, box])

    @property
    def weight(self) -> float:
        """Looks times size in pixels: a face twice as large counts like one seen twice as long."""
        return sum(side(box) for box in self.boxes)


@dataclass(frozen=True, kw_only=True)
class Followed:
    """The chosen run and the times of all looks (the run ends early or starts late when its times do not
    reach them).

    ``run`` is None when no face was found at all.
    """

    run: Run | None
    looks: list[float]


def follow_face(
    frames: Iterable[tuple[float, np.ndarray, float]],
    finder: FaceFinder,
    hint_at: Callable[[float], Box | None],
    search: SearchConfig,
    follow: FollowConfig,
) -> Followed:
    """Find the main face of a video.

    Args:
        frames: (time_s, (H, W, 3) uint8 RGB, when its shot began), the frames to look at.
        hint_at: where the face should be at a time, or None; finds with their middle elsewhere are ignored.
    """
    runs: list[Run] = []
    looks: list[float] = []
    last_tiles = -np.inf
    for time_s, frame, began_s in frames:
        live = [r for r in runs if r.times[-1] >= began_s and time_s - r.times[-1] <= follow.max_gap_s]
        tiles = not live and time_s - last_tiles >= search.tiles_every_s
        hint = hint_at(time_s)
        known = [run.boxes[-1] for run in live]
        found = find_faces(frame, finder, search, known=known, hint=hint, tiles=tiles)
        if tiles:
            last_tiles = time_s
        runs += _link(live, [box for box in found if hint is None or holds(hint, box)], time_s, follow)
        looks.append(time_s)
    return Followed(run=max(runs, key=lambda run: run.weight, default=None), looks=looks)


def _link(live: list[Run], found: list[Box], time_s: float, follow: FollowConfig) -> list[Run]:
    """Append each find to the run it continues; return new runs for the rest."""
    pairs = [
        (iou(run.boxes[-1], box), number, index)
        for number, run in enumerate(live)
        for index, box in enumerate(found)
        if min(iou(run.boxes[-1], box), iou(union([run.joined, box]), box)) >= follow.min_iou
    ]
    used_runs: set[int] = set()
    used_boxes: set[int] = set()
    for _, number, index in sorted(pairs, key=lambda pair: (-pair[0], pair[1], pair[2])):
        if number not in used_runs and index not in used_boxes:
            live[number].add(time_s, found[index])
            used_runs.add(number)
            used_boxes.add(index)
    return [Run(time_s, box) for index, box in enumerate(found) if index not in used_boxes]
