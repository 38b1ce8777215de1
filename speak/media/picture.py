"""A decoded frame as an upright RGB array: cropped first, converted then, turned last.

Converting the wanted region alone costs a fraction of converting a full-HD frame. A few pixels around it are
converted too, since half-resolution colour is interpolated from neighbours.
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
    frames."""

    def __init__(self, region: Region | None):
        self._region = region
        self._converter = VideoReformatter()
        self._crop: _Crop | None = None

    def upright(self, frame: av.VideoFrame) -> np.ndarray:
        """(H, W, 3) uint8 RGB of the region (or everything) after the display matrix's rotation."""
        turns = quarter_turns(frame)
        if self._region is None:
            return np.ascontiguousarray(np.rot90(to_rgb(frame, self._converter), turns))
        left, top, right, bottom = self._region
        if turns:
            whole = np.rot90(to_rgb(frame, self._converter), turns)
            return np.ascontiguousarray(whole[top:bottom, left:right])
        if self._crop is None or not self._crop.fits(frame):
            self._crop = _Crop(frame, self._region)
        wide = to_rgb(self._crop.apply(frame), self._converter, lines=frame.height)
        x, y = left - self._crop.left, top - self._crop.top
        return np.ascontiguousarray(wide[y : y + bottom - top, x : x + right - left])


class _Crop:
    """FFmpeg's crop filter on frames of one size and format (it moves pointers and copies nothing)."""

    def __init__(self, frame: av.VideoFrame, region: Region):
        self._shape = (frame.width, frame.height, frame.format.name)
        left, top, right, bottom = region
        self.left, self.top = _even(max(left - COLOUR_MARGIN, 0)), _even(max(top - COLOUR_MARGIN, 0))
        width = min(_even(right + COLOUR_MARGIN), frame.width) - self.left
        height = min(_even(bottom + COLOUR_MARGIN), frame.height) - self.top
        self._graph = Graph()
        source = self._graph.add_buffer(width=frame.width, height=frame.height, format=frame.format, time_base=1)
        crop = self._graph.add("crop", f"{width}:{height}:{self.left}:{self.top}:exact=1")
        source.link_to(crop)
        crop.link_to(self._graph.add("buffersink"))
        self._graph.configure()

    def fits(self, frame: av.VideoFrame) -> bool:
        return self._shape == (frame.width, frame.height, frame.format.name)

    def apply(self, frame: av.VideoFrame) -> av.VideoFrame:
        self._graph.push(frame)
        return self._graph.pull()


def quarter_turns(frame: av.VideoFrame) -> int:
    """Counter-clockwise quarter turns, 0 to 3, that the frame's display matrix asks for."""
    return round(frame.rotation / 90) % 4


def _even(value: int) -> int:
    return value - value % 2
