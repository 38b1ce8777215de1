"""Videos in: what a file holds, its frames with their times, its frames as one array.

Times come from the file's timestamps, never from counting frames: slots may be missing, rates may vary and a
stream may start late. A stream that breaks in the middle raises ``MediaError`` with the time of the break;
frames before it have been yielded by then, and the caller decides (preprocessing quarantines the clip).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import av
import numpy as np
from av.video.reformatter import VideoReformatter

from speak.media.colour import to_rgb
from speak.media.container import MICROSECONDS, Source, brief, clock_start, opened
from speak.media.errors import MediaError
from speak.media.writing import VideoCodec, encode_video, write_media

__all__ = ["VideoCodec", "VideoInfo", "encode_video", "probe", "read_clip", "read_frames", "write_media"]

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
        turned = _quarter_turns(first) % 2 == 1
        width, height = (first.height, first.width) if turned else (first.width, first.height)
        whole_file = (container.duration or 0) * MICROSECONDS
        duration = stream.duration * stream.time_base if stream.duration else whole_file
        return VideoInfo(
            width=width,
            height=height,
            fps=float(stream.average_rate or 0),
            duration_s=float(duration),
            rotation_deg=_signed_angle(_quarter_turns(first)),
            has_audio=len(container.streams.audio) > 0,
            codec=stream.codec_context.name,
        )


def read_frames(
    source: Source, *, every: int = 1, region: tuple[int, int, int, int] | None = None
) -> Iterator[tuple[float, np.ndarray]]:
    """Yield the frames of the first video stream with their times, rotation applied.

    Args:
        source: path or content of a file.
        every: yield only each ``every``-th frame (all are decoded, only these are converted to RGB).
        region: left, top, right, bottom in pixels of the upright frame; only this part is returned.

    Yields:
        ``(time_s, frame)``: seconds from the container's start, strictly increasing; (H, W, 3) uint8 RGB.

    Raises:
        MediaError: the file is unreadable, or the stream breaks (after the frames before the break).
    """
    with opened(source) as container:
        stream = _video_stream(container)
        clock, converter = _Clock(container, stream), VideoReformatter()
        for index, frame in enumerate(_decoded(container, stream)):
            time_s = clock.time_of(frame)
            if index % every == 0:
                yield time_s, _picture(frame, converter, region)
        if clock.last is None:
            raise MediaError("the video stream holds no frame")


def read_clip(source: Source) -> np.ndarray:
    """Every frame of a short constant-rate clip as one (T, H, W, 3) uint8 RGB array. Raises MediaError."""
    return np.stack([frame for _, frame in read_frames(source)])


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


def _decoded(container: av.container.InputContainer, stream: av.VideoStream) -> Iterator[av.VideoFrame]:
    count, start = 0, clock_start(container)
    time_s = 0.0
    try:
        for frame in container.decode(stream):
            yield frame
            count += 1
            time_s = float(frame.pts * frame.time_base - start) if frame.pts is not None else time_s
    except (av.FFmpegError, OSError) as error:
        reason = f"video cannot be decoded beyond {time_s:.2f} s ({count} frames): {brief(error)}"
        raise MediaError(reason) from error


def _picture(
    frame: av.VideoFrame, converter: VideoReformatter, region: tuple[int, int, int, int] | None
) -> np.ndarray:
    image = np.rot90(to_rgb(frame, converter), _quarter_turns(frame))
    if region is not None:
        left, top, right, bottom = region
        image = image[top:bottom, left:right]
    return np.ascontiguousarray(image)


def _quarter_turns(frame: av.VideoFrame) -> int:
    return round(frame.rotation / 90) % 4


def _signed_angle(quarter_turns: int) -> int:
    return (0, 90, 180, -90)[quarter_turns]
