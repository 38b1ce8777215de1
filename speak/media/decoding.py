"""Decoded frames of a video stream, each with its time on the file's clock.

Times come from the file's timestamps, never from counting frames: slots may be missing, rates may vary and a
stream may start late. A stream that breaks in the middle raises ``MediaError`` with the time of the break;
frames before it have been yielded by then.
"""

from collections.abc import Iterator

import av

from speak.media.container import SEEK_WORTH_S, brief, clock_start, seek
from speak.media.errors import MediaError

MAX_BACKWARD_JUMP_S = 1.0
SMALLEST_STEP_S = 1e-4

MAX_PIXELS = 1 << 26
"""Twice 8K. A header that claims more is damaged; decoding would ask for gigabytes."""


def video_stream(container: av.container.InputContainer) -> av.VideoStream:
    """The first video stream, set up for one decoding thread.

    Raises:
        MediaError: there is none, or it claims an absurd size.
    """
    if not container.streams.video:
        raise MediaError("no video stream")
    stream = container.streams.video[0]
    context = stream.codec_context
    if context.width * context.height > MAX_PIXELS:
        raise MediaError(f"the header claims an absurd size: {context.width}x{context.height} pixels")
    context.options = {"max_pixels": str(MAX_PIXELS)}  # the stream itself may claim more than the header
    context.thread_type = "SLICE"
    context.thread_count = 1
    return stream


def frames_from(
    container: av.container.InputContainer, stream: av.VideoStream, start_s: float
) -> Iterator[tuple[float, av.VideoFrame]]:
    """Frames with their times in seconds from the container's start, strictly increasing.

    Frames that are over by ``start_s`` are left out; the one shown then comes first.

    Raises:
        MediaError: the stream breaks, holds no frame, or the decoder had to invent parts of a frame.
    """
    shown = None
    for timed in _timed(container, stream, start_s):
        if shown is not None and timed[0] > start_s:
            yield _undamaged(*shown)
        shown = timed
    if shown is not None:
        yield _undamaged(*shown)


def decoded(container: av.container.InputContainer, stream: av.VideoStream) -> Iterator[av.VideoFrame]:
    """All frames from where the container stands. Raises MediaError where the stream breaks."""
    count, time_s, start = 0, 0.0, clock_start(container)
    try:
        for frame in container.decode(stream):
            yield frame
            count += 1
            time_s = float(frame.pts * frame.time_base - start) if frame.pts is not None else time_s
    except (av.FFmpegError, OSError) as error:
        reason = f"video cannot be decoded beyond {time_s:.2f} s ({count} frames): {brief(error)}"
        raise MediaError(reason) from error


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


def _timed(
    container: av.container.InputContainer, stream: av.VideoStream, start_s: float
) -> Iterator[tuple[float, av.VideoFrame]]:
    """Frames with times, from a key frame at or before ``start_s`` on when that saves decoding."""
    if start_s > SEEK_WORTH_S:
        seek(container, stream, start_s)
        first = next(decoded(container, stream), None)
        late = first is None or _Clock(container, stream).time_of(first) > start_s
        seek(container, stream, 0.0 if late else start_s)  # some formats seek too far: then from the start
    clock = _Clock(container, stream)
    for frame in decoded(container, stream):
        yield clock.time_of(frame), frame
    if clock.last is None:
        raise MediaError("the video stream holds no frame")


def _undamaged(time_s: float, frame: av.VideoFrame) -> tuple[float, av.VideoFrame]:
    if frame.is_corrupt:
        raise MediaError(f"the picture is damaged at {time_s:.2f} s")
    return time_s, frame
