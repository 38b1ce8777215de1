"""A decoded frame as an upright RGB array: cropped first, shrunk and converted then, turned last.

Converting the wanted region alone costs a fraction of converting a full-HD frame, and shrinking before the
conversion a fraction of that. Of a region that keeps its size a few pixels around are converted too, since
half-resolution colour is interpolated from neighbours.
"""

import av
import numpy as np
from av.filter import Graph
from av.video.reformatter import VideoReformatter

from speak.media.colour import to_rgb

COLOUR_MARGIN = 8
"""Pixels converted beyond the region; even, and wider than the scaler's filter."""

Region = tuple[int, int, int, int]
"""left, top, right, bottom in pixels."""


class Pictures:
    """Turns the decoded frames of one stream into arrays; keeps the scaler and the cropping filter between
    frames.

    Args:
        region: the part that is wanted, in the upright frame; None for all of it.
        size: width and height to shrink that part to by averaging areas; None keeps its own. (A shrunk region's
            colour may lie half a pixel of the source aside, where a region begins at an odd pixel.)
        rough: convert whole pictures the fast way, see ``speak.media.colour``.
    """

    def __init__(self, region: Region | None = None, size: tuple[int, int] | None = None, *, rough: bool = False):
        self._region, self._size, self._rough = region, size, rough
        self._converter = VideoReformatter()
        self._crop: _Crop | None = None

    def upright(self, frame: av.VideoFrame) -> np.ndarray:
        """(H, W, 3) uint8 RGB of the region (or everything) after the display matrix's rotation."""
        turns = quarter_turns(frame)
        size = self._size if turns % 2 == 0 or self._size is None else self._size[::-1]
        if self._region is None:
            picture = to_rgb(frame, self._converter, size=size, rough=self._rough)
        else:
            region = _before_turning(self._region, turns, frame.width, frame.height)
            if self._crop is None or not self._crop.fits(frame, region):
                self._crop = _Crop(frame, region, margin=COLOUR_MARGIN if size is None else 0)
            part = to_rgb(self._crop.apply(frame), self._converter, lines=frame.height, size=size)
            picture = part if size else self._crop.trimmed(part)
        return np.ascontiguousarray(np.rot90(picture, turns))


class _Crop:
    """FFmpeg's crop filter on frames of one size and format (it moves pointers and copies nothing)."""

    def __init__(self, frame: av.VideoFrame, region: Region, margin: int):
        self._for = (frame.width, frame.height, frame.format.name, region)
        left, top, right, bottom = self._region = region
        if margin:
            left, top = _even(max(left - margin, 0)), _even(max(top - margin, 0))
            right, bottom = min(_even(right + margin), frame.width), min(_even(bottom + margin), frame.height)
        self._left, self._top = left, top
        self._graph = Graph()
        source = self._graph.add_buffer(width=frame.width, height=frame.height, format=frame.format, time_base=1)
        crop = self._graph.add("crop", f"{right - left}:{bottom - top}:{left}:{top}:exact=1")
        source.link_to(crop)
        crop.link_to(self._graph.add("buffersink"))
        self._graph.configure()

    def trimmed(self, wide: np.ndarray) -> np.ndarray:
        """The region itself, without the margin around it."""
        left, top, right, bottom = self._region
        return wide[top - self._top : bottom - self._top, left - self._left : right - self._left]

    def fits(self, frame: av.VideoFrame, region: Region) -> bool:
        return self._for == (frame.width, frame.height, frame.format.name, region)

    def apply(self, frame: av.VideoFrame) -> av.VideoFrame:
        self._graph.push(frame)
        return self._graph.pull()


def quarter_turns(frame: av.VideoFrame) -> int:
    """Counter-clockwise quarter turns, 0 to 3, that the frame's display matrix asks for."""
    return round(frame.rotation / 90) % 4


def _before_turning(region: Region, turns: int, width: int, height: int) -> Region:
    """Where a region of the upright frame lies in the decoded frame, ``width`` x ``height`` pixels."""
    left, top, right, bottom = region
    return (
        (left, top, right, bottom),
        (width - bottom, left, width - top, right),
        (width - right, height - bottom, width - left, height - top),
        (top, height - right, bottom, height - left),
    )[turns]


def _even(value: int) -> int:
    return value - value % 2
