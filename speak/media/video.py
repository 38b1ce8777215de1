"""Videos in: what a file holds, its frames with their times, its frames as one array.

Times come from the file's timestamps, never from counting frames: slots may be missing, rates may vary and a
stream may start late. A stream that breaks in the middle raises ``MediaError`` with the time of the break;
frames before it have been yielded by then, and the caller decides (preprocessing quarantines the clip).
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import av
import numpy as np

from speak.media.container import MICROSECONDS, SEEK_WORTH_S, Source, brief, clock_start, opened, seek
from speak.media.errors import MediaError
from speak.media.picture import Pictures, quarter_turns
from speak.media.writing import VideoCodec, encode_video, write_media

__all__ = [
    "VideoCodec",
    "VideoInfo",
    "encode_video",
    "probe",
    "read_clip",
    "read_frames",
    "read_some",
    "span",
    "write_media",
]

TRUNCATION_S, TRUNCATION_SHARE = 0.5, 0.02
"""A video that ends earlier than its header says by more than both has lost its end."""

MAX_BACKWARD_JUMP_S = 1.0
SMALLEST_STEP_S = 1e-4


@dataclass(frozen=True, kw_only=True)
class VideoInfo:
    """What a file says about its first video stream.

    Attributes:
        width: pixels, after rotation.
        height: pixels, after rotation.
        fps: average rate in frames a second; 0.0 when the file does not say.
        duration_s: seconds; 0.0 when the file does not say.
        rotation_deg: counter-clockwise turn that the display matrix asks for: 0, 90, 180 or -90.
        has_audio: whether there is an audio stream (it may still be silent).
        codec: FFmpeg's name of the video codec.
    """

    width: int
    height: int
    fps: float
    duration_s: float
    rotation_deg: int
    has_audio: bool
    codec: str


def probe(source: Source) -> VideoInfo:
    """Describe a file by its header and first frame.

    Raises:
        MediaError: the file cannot be opened, has no video stream, or its first frame cannot be decoded.
    """
    with opened(source) as container:
        stream = _video_stream(container)
        first = next(_decoded(container, stream), None)
        if first is None:
            raise MediaError("the video stream holds no frame")
        turned = quarter_turns(first) % 2 == 1
        width, height = (first.height, first.width) if turned else (first.width, first.height)
        return VideoInfo(
            width=width,
            height=height,
            fps=float(stream.average_rate or 0),
            duration_s=float(_duration(container, stream)),
            rotation_deg=(0, 90, 180, -90)[quarter_turns(first)],
            has_audio=len(container.streams.audio) > 0,
            codec=stream.codec_context.name,
        )


def read_frames(
    source: Source,
    *,
    start_s: float = 0.0,
    every: int = 1,
    region: tuple[int, int, int, int] | None = None,
) -> Iterator[tuple[float, np.ndarray]]:
    """Yield the frames of the first video stream with their times, rotation applied.

    Args:
        source: path or content of a file.
        start_s: leave out the frames that are over by this time; the one shown at ``start_s`` comes first.
        every: yield only each ``every``-th frame (all are decoded, only these are converted to RGB).
        region: left, top, right, bottom in pixels of the upright frame, inside it; only this part is
            returned.

    Yields:
        ``(time_s, frame)``: seconds from the container's start, strictly increasing; (H, W, 3) uint8 RGB.

    Raises:
        MediaError: the file is unreadable, or the stream breaks (after the frames before the break), or the decoder
            had to invent parts of a frame because bytes were damaged.
    """
    with opened(source) as container:
        stream = _video_stream(container)
        pictures = Pictures(region)
        timed = _from_time(_timed(container, stream, start_s), start_s)
        for index, (time_s, frame) in enumerate(timed):
            if frame.is_corrupt:
                raise MediaError(f"the picture is damaged at {time_s:.2f} s")
            if index % every == 0:
                yield time_s, pictures.upright(frame)


def span(source: Source) -> tuple[float, float]:
    """When the first frame is shown and when the last one is over, in seconds from the container's start.

    Read from the packets' stamps, without decoding.

    Raises:
        MediaError: unreadable, no frames, or the file ends well before its header says (it was cut off).
    """
    with opened(source) as container:
        stream = _video_stream(container)
        start, step = clock_start(container), stream.average_rate and 1 / stream.average_rate
        first, last = math.inf, -math.inf
        for packet in _packets(container, stream):
            stamp = packet.pts if packet.pts is not None else packet.dts
            if stamp is not None:
                begin = stamp * packet.time_base - start
                length = packet.duration * packet.time_base if packet.duration else step or 0
                first, last = min(first, float(begin)), max(last, float(begin + length))
        if math.isinf(first):
            raise MediaError("the video stream holds no frame")
        promised = float((stream.start_time or 0) * stream.time_base - start + _duration(container, stream))
        if promised - last > max(TRUNCATION_S, TRUNCATION_SHARE * promised):
            raise MediaError(f"the file is cut off: it ends at {last:.2f} s of {promised:.2f} s")
        return first, last


def read_clip(source: Source) -> np.ndarray:
    """Every frame of a short constant-rate clip as one (T, H, W, 3) uint8 RGB array. Raises MediaError."""
    return np.stack([frame for _, frame in read_frames(source)])


def read_some(source: Source, numbers: np.ndarray) -> np.ndarray:
    """Some frames of a short constant-rate clip; only these are converted to RGB, and the rest is not decoded.

    Args:
        source: path or content of a file.
        numbers: (n,) which frames, strictly increasing, counted from 0.

    Returns:
        (n, H, W, 3) uint8 RGB.

    Raises:
        MediaError: unreadable, damaged, or shorter than asked for.
    """
    pictures, made, wanted = Pictures(None), [], set(numbers.tolist())
    with opened(source) as container:
        for number, frame in enumerate(_decoded(container, _video_stream(container))):
            if number in wanted:
                if frame.is_corrupt:
                    raise MediaError(f"the picture is damaged in frame {number}")
                made.append(pictures.upright(frame))
            if len(made) == len(wanted):
                return np.stack(made)
    raise MediaError(f"the video ends before frame {numbers[-1]}")


class _Clock:
    """Times of successive frames in seconds from the container's start, made strictly increasing.

    A frame without timestamp follows the one before at the nominal rate. A timestamp that stands still or
    steps back a little is moved just behind its predecessor. A step back of over a second means that the
    clock was reset: what comes after cannot be placed against the sound.
    """

    def __init__(self, container: av.container.InputContainer, stream: av.VideoStream):
        self.start = clock_start(container)
        self.step = float(1 / stream.average_rate) if stream.average_rate else 0.04
        self.last: float | None = None

    def time_of(self, frame: av.VideoFrame) -> float:
        stamp = frame.pts if frame.pts is not None else frame.dts
        if stamp is not None and frame.time_base:
            time_s = float(stamp * frame.time_base - self.start)
        else:
            time_s = 0.0 if self.last is None else self.last + self.step
        if self.last is not None and time_s <= self.last:
            if self.last - time_s > MAX_BACKWARD_JUMP_S:
                raise MediaError(f"timestamps jump back by {self.last - time_s:.2f} s at {self.last:.2f} s")
            time_s = self.last + SMALLEST_STEP_S
        self.last = time_s
        return time_s


def _video_stream(container: av.container.InputContainer) -> av.VideoStream:
    if not container.streams.video:
        raise MediaError("no video stream")
    stream = container.streams.video[0]
    stream.codec_context.thread_type = "SLICE"
    stream.codec_context.thread_count = 1
    return stream


def _duration(container: av.container.InputContainer, stream: av.VideoStream) -> Fraction:
    if stream.duration:
        return stream.duration * stream.time_base
    return (container.duration or 0) * MICROSECONDS


def _packets(container: av.container.InputContainer, stream: av.VideoStream) -> Iterator[av.Packet]:
    try:
        yield from container.demux(stream)
    except (av.FFmpegError, OSError) as error:
        raise MediaError(f"the container is broken: {brief(error)}") from error


def _timed(
    container: av.container.InputContainer, stream: av.VideoStream, start_s: float
) -> Iterator[tuple[float, av.VideoFrame]]:
    """Frames with times, from a key frame at or before ``start_s`` on when that saves decoding."""
    if start_s > SEEK_WORTH_S:
        seek(container, stream, start_s)
        first = next(_decoded(container, stream), None)
        late = first is None or _Clock(container, stream).time_of(first) > start_s
        seek(container, stream, 0.0 if late else start_s)  # some formats seek too far: then from the start
    clock = _Clock(container, stream)
    for frame in _decoded(container, stream):
        yield clock.time_of(frame), frame
    if clock.last is None:
        raise MediaError("the video stream holds no frame")


def _from_time(frames: Iterator[tuple[float, av.VideoFrame]], start_s: float) -> Iterator[tuple[float, av.VideoFrame]]:
    """Drop frames whose successor begins at or before ``start_s``."""
    shown = None
    for timed in frames:
        if shown is not None and timed[0] > start_s:
            yield shown
        shown = timed
    if shown is not None:
        yield shown


def _decoded(container: av.container.InputContainer, stream: av.VideoStream) -> Iterator[av.VideoFrame]:
    count, time_s, start = 0, 0.0, clock_start(container)
    try:
        for frame in container.decode(stream):
            yield frame
            count += 1
            time_s = float(frame.pts * frame.time_base - start) if frame.pts is not None else time_s
    except (av.FFmpegError, OSError) as error:
        reason = f"video cannot be decoded beyond {time_s:.2f} s ({count} frames): {brief(error)}"
        raise MediaError(reason) from error
