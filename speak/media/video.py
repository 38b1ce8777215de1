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

from speak.media.container import MICROSECONDS, Source, brief, clock_start, opened
from speak.media.cuts import thumbnail
from speak.media.decoding import decoded, frames_from, video_stream
from speak.media.errors import MediaError
from speak.media.picture import Pictures, quarter_turns
from speak.media.timeline import TIMESTAMP_ROUNDING_S
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
    "watch",
    "write_media",
]

TRUNCATION_S, TRUNCATION_SHARE = 0.5, 0.02
"""A video that ends earlier than its header says by more than both has lost its end."""


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
        stream = video_stream(container)
        first = next(decoded(container, stream), None)
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
    region: tuple[int, int, int, int] | None = None,
    size: tuple[int, int] | None = None,
) -> Iterator[tuple[float, np.ndarray]]:
    """Yield the frames of the first video stream with their times, rotation applied.

    Args:
        source: path or content of a file.
        start_s: leave out the frames that are over by this time; the one shown at ``start_s`` comes first.
        region: left, top, right, bottom in pixels of the upright frame, inside it; only this part is
            returned.
        size: width and height, smaller than the region's or the frame's own, to shrink to by averaging areas.

    Yields:
        ``(time_s, frame)``: seconds from the container's start, strictly increasing; (H, W, 3) uint8 RGB.

    Raises:
        MediaError: the file is unreadable, or the stream breaks (after the frames before the break), or the decoder
            had to invent parts of a frame because bytes were damaged.
    """
    with opened(source) as container:
        stream = video_stream(container)
        pictures = Pictures(region, size)
        for time_s, frame in frames_from(container, stream, start_s):
            yield time_s, pictures.upright(frame)


def watch(
    source: Source, *, start_s: float, end_s: float, every_s: float
) -> Iterator[tuple[float, np.ndarray, np.ndarray | None]]:
    """Go through a stretch of a video: every frame's thumbnail, and now and then a whole picture.

    Args:
        source: path or content of a file.
        start_s: as in ``read_frames``.
        end_s: frames that begin at this time or later are left out.
        every_s: seconds from one picture to the next.

    Yields:
        ``(time_s, thumbnail, picture or None)``: see ``speak.media.cuts.thumbnail``; (H, W, 3) uint8 RGB, a grey level
        too dark (nobody keeps these pictures).

    Raises:
        MediaError: as ``read_frames``.
    """
    with opened(source) as container:
        pictures, due_s = Pictures(rough=True), -math.inf
        for time_s, frame in frames_from(container, video_stream(container), start_s):
            if time_s >= end_s:
                return
            picture = None
            if time_s >= due_s:
                picture, due_s = pictures.upright(frame), time_s + every_s - TIMESTAMP_ROUNDING_S
            yield time_s, thumbnail(frame), picture


def span(source: Source) -> tuple[float, float]:
    """When the first frame is shown and when the last one is over, in seconds from the container's start.

    Read from the packets' stamps, without decoding.

    Raises:
        MediaError: unreadable, no frames, or the file ends well before its header says (it was cut off).
    """
    with opened(source) as container:
        stream = video_stream(container)
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
    pictures, made, wanted = Pictures(), [], set(numbers.tolist())
    with opened(source) as container:
        for number, frame in enumerate(decoded(container, video_stream(container))):
            if number in wanted:
                if frame.is_corrupt:
                    raise MediaError(f"the picture is damaged in frame {number}")
                made.append(pictures.upright(frame))
            if len(made) == len(wanted):
                return np.stack(made)
    raise MediaError(f"the video ends before frame {numbers[-1]}")


def _duration(container: av.container.InputContainer, stream: av.VideoStream) -> Fraction:
    if stream.duration:
        return stream.duration * stream.time_base
    return (container.duration or 0) * MICROSECONDS


def _packets(container: av.container.InputContainer, stream: av.VideoStream) -> Iterator[av.Packet]:
    try:
        yield from container.demux(stream)
    except (av.FFmpegError, OSError) as error:
        raise MediaError(f"the container is broken: {brief(error)}") from error
