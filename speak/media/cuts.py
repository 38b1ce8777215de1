"""Where one shot ends and the next begins: hard cuts, found on thumbnails of all frames.

Two thumbnails are compared by the contrast and structure term of SSIM (Wang et al. 2004, eqs. 9 and 10 without
luminance) over the whole picture, so brightness alone changes nothing. A cut stands between two neighbours that are
much less alike than the pairs just before and after (a fast movement makes many neighbours unlike, a cut makes two),
where besides no picture shortly before is like any shortly after (after a flash, or a frame of something else, the
old picture comes back). Fades and dissolves are no hard cuts and are not found.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import av
import cv2
import numpy as np

SIDE = 48
"""Longer side of a thumbnail in pixels."""

SAMPLES = 256
"""Luma samples along the longer side that a thumbnail is averaged from."""

FLAT = 5.0
"""Grey levels: a thumbnail with much less deviation than this counts as one of a single grey."""


@dataclass(frozen=True, kw_only=True)
class CutConfig:
    """When neighbouring frames belong to two shots.

    Attributes:
        max_likeness: between all pictures before and all after, in [-1, 1]; 1 is the same picture.
        times_neighbours: how many times less alike (1 - likeness) than the pairs of frames before and after.
        window_s: seconds before and after in which pictures are compared; what returns within them is a flash.
    """

    max_likeness: float
    times_neighbours: float
    window_s: float


@dataclass(eq=False)
class _Seen:
    """A frame in the window: its centred thumbnail, and how little it is like the frame before, in [0, 2]."""

    time_s: float
    thumb: np.ndarray
    picture: np.ndarray | None
    change: float = 0.0


@dataclass
class Shots:
    """Pictures of a video with the beginning of their shot. Iterable once; then ``cuts`` is complete.

    Attributes:
        frames: (time_s, thumbnail, picture or None) of all frames, see ``speak.media.video.watch``.
        config: what a cut is.
        cuts: times of the first frames of new shots, in seconds.
        last_s: when the last frame so far begins.
    """

    frames: Iterable[tuple[float, np.ndarray, np.ndarray | None]]
    config: CutConfig
    cuts: list[float] = field(default_factory=list)
    last_s: float = -np.inf

    def __iter__(self) -> Iterator[tuple[float, np.ndarray, float]]:
        """Yield ``(time_s, picture, began_s)`` of the frames with a picture; -inf for the first shot's beginning."""
        for seen, is_cut in _judged(self.frames, self.config):
            self.last_s = seen.time_s
            if is_cut:
                self.cuts.append(seen.time_s)
            if seen.picture is not None:
                yield seen.time_s, seen.picture, self.cuts[-1] if self.cuts else -np.inf


def thumbnail(frame: av.VideoFrame) -> np.ndarray:
    """A decoded frame's luma, at most ``SIDE`` pixels a side: (h, w) float32; never turned upright."""
    luma = _luma(frame)
    step = max(1, max(luma.shape) // SAMPLES)
    coarse = np.ascontiguousarray(luma[::step, ::step])
    scale = SIDE / max(coarse.shape)
    size = (max(1, round(coarse.shape[1] * scale)), max(1, round(coarse.shape[0] * scale)))
    return cv2.resize(coarse, size, interpolation=cv2.INTER_AREA).astype(np.float32)


def likeness(one: np.ndarray, other: np.ndarray) -> float:
    """Contrast and structure of two centred thumbnails of one size compared: 1 for the same, 0 for unrelated."""
    common, constant = float((one * other).mean()), FLAT**2
    return (2 * common + constant) / (float((one * one).mean() + (other * other).mean()) + constant)


def _judged(
    frames: Iterable[tuple[float, np.ndarray, np.ndarray | None]], config: CutConfig
) -> Iterator[tuple[_Seen, bool]]:
    """Each frame with whether a shot begins with it, as soon as a window of frames behind it is known."""
    window: deque[_Seen] = deque()
    at = 0
    for time_s, thumb, picture in frames:
        seen = _Seen(time_s, thumb - thumb.mean(), picture)
        seen.change = 1 - _alike(window[-1], seen) if window else 0.0
        window.append(seen)
        while window[at].time_s + config.window_s < time_s:
            yield window[at], _begins(window, at, config)
            window[at].picture = None
            at += 1
        while at > 1 and window[1].time_s + config.window_s < window[at].time_s:  # over by then, not only begun
            window.popleft()
            at -= 1
    for rest in range(at, len(window)):
        yield window[rest], _begins(window, rest, config)


def _begins(window: deque[_Seen], at: int, config: CutConfig) -> bool:
    change = window[at].change
    beside = [window[number].change for number in (at - 1, at + 1) if 0 < number < len(window)]
    if 1 - change > config.max_likeness or change < config.times_neighbours * max(beside, default=0.0):
        return False
    pairs = ((window[before], window[after]) for before in range(at) for after in range(at, len(window)))
    return all(_alike(before, after) <= config.max_likeness for before, after in pairs)


def _alike(one: _Seen, other: _Seen) -> float:
    """Likeness of two frames; those of different sizes are never alike."""
    return likeness(one.thumb, other.thumb) if one.thumb.shape == other.thumb.shape else -1.0


def _luma(frame: av.VideoFrame) -> np.ndarray:
    """(H, W) uint8 without a copy where the format has a plane of 8-bit luma."""
    layout, plane = frame.format, frame.planes[0]
    plain = layout.name.startswith(("yuv4", "yuvj4", "nv12", "gray")) and layout.components[0].bits == 8
    if not plain or plane.line_size < frame.width or (layout.name.startswith("yuv") and not layout.is_planar):
        frame = frame.reformat(width=SAMPLES, height=max(1, SAMPLES * frame.height // frame.width), format="gray")
        plane = frame.planes[0]
    return np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[: frame.height, : frame.width]
