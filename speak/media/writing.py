"""Videos out: the clips' own H.264 in MP4, and the containers in which the datasets come.

The same frames give the same bytes: one encoder thread, closed groups of pictures, no dates or versions in
the header. Sound begins at sample 0 of the first frame's time. For AAC in MP4 the encoder's priming delay is
declared in the file (the first audio frame must carry a timestamp for that), so readers find each sample
where it was; MP3 in FLV cannot declare it and arrives about 25 ms late.
"""

import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.reformatter import ColorPrimaries, ColorRange, ColorTrc, VideoReformatter

from speak.files import atomic_path
from speak.media.audio import resample
from speak.media.colour import to_yuv

FLV_QUANTISER = 4
"""Quality of Sorenson Spark video (1 best, 31 worst); about CREMA-D's own 0.3 MB a clip."""

FF_QP2LAMBDA = 118
"""FFmpeg's unit of quantisers."""

FLV_SAMPLE_RATE = 44100
"""FLV knows few rates of MP3; sound is converted to this one, CREMA-D's own."""

AUDIO_CODECS = {".mp4": "aac", ".mov": "aac", ".m4a": "aac", ".flv": "libmp3lame", ".mp3": "libmp3lame"}
FORMATS = {".mp4": "mp4", ".mov": "mov", ".m4a": "mp4", ".flv": "flv", ".mp3": "mp3"}

X264 = "threads=1:open-gop=0:mbtree=0"
"""Same frames, same bytes. x264's macroblock tree reads memory it has not set: with it, one thread or not, the same
frames come out differently whenever the heap does (16 variants in 60 encodings, measured)."""


@dataclass(frozen=True, kw_only=True)
class VideoCodec:
    """How clips are encoded (libx264).

    Attributes:
        fps: frames a second.
        crf: constant rate factor, 0 (lossless) to 51.
        preset: x264 preset, ``ultrafast`` to ``placebo``.
    """

    fps: float
    crf: int
    preset: str


def encode_video(
    frames: Iterable[np.ndarray],
    codec: VideoCodec,
    *,
    audio: np.ndarray | None = None,
    sample_rate: int | None = None,
) -> bytes:
    """Encode frames as H.264 in MP4, deterministically.

    Args:
        frames: (H, W, 3) uint8 RGB each, H and W even and constant.
        codec: rate and quality.
        audio: (S,) float32 in [-1, 1] that starts with the first frame, encoded as AAC; None for no sound.
        sample_rate: of ``audio``, in Hz.

    Raises:
        ValueError: no frames, or an odd frame size.
    """
    buffer = io.BytesIO()
    _write(buffer, ".mp4", frames, codec, audio, sample_rate)
    return buffer.getvalue()


def write_media(  # noqa: PLR0913 - a file has many properties
    path: Path,
    frames: Iterable[np.ndarray],
    *,
    fps: float,
    audio: np.ndarray | None = None,
    sample_rate: int | None = None,
    crf: int = 18,
    preset: str = "veryfast",
    tags: Mapping[str, str] | None = None,
) -> None:
    """Write a video file, atomically; the suffix decides the format.

    ``.mp4`` and ``.mov`` hold H.264 and AAC; ``.flv`` holds Sorenson Spark (flv1) and MP3, as CREMA-D ships
    it (sound at 44.1 kHz; ``crf`` and ``preset`` do not apply).

    Args:
        frames: (H, W, 3) uint8 RGB each, H and W even and constant.
        fps: frames a second.
        audio: (S,) float32 in [-1, 1] that starts with the first frame; None for no audio stream.
        sample_rate: of ``audio``, in Hz.
        crf: x264's constant rate factor.
        preset: x264's preset.
        tags: of the container, e.g. ``title`` and ``comment``.
    """
    codec = VideoCodec(fps=fps, crf=crf, preset=preset)
    with atomic_path(Path(path)) as temporary:
        _write(str(temporary), Path(path).suffix, frames, codec, audio, sample_rate, tags)


def write_audio(path: Path, audio: np.ndarray, sample_rate: int) -> None:
    """Write sound alone as AAC (``.m4a``) or MP3 (``.mp3``), atomically. See ``audio.write_wav`` for WAV."""
    with atomic_path(Path(path)) as temporary, _output(str(temporary), Path(path).suffix) as container:
        for packet in _audio_packets(container, Path(path).suffix, audio, sample_rate):
            container.mux(packet)


def _output(target: io.BytesIO | str, suffix: str) -> av.container.OutputContainer:
    if suffix not in FORMATS:
        raise ValueError(f"cannot write {suffix!r} files, only {', '.join(FORMATS)}")
    return av.open(target, "w", format=FORMATS[suffix], container_options={"fflags": "+bitexact"})


def _write(
    target: io.BytesIO | str,
    suffix: str,
    frames: Iterable[np.ndarray],
    codec: VideoCodec,
    audio: np.ndarray | None,
    sample_rate: int | None,
    tags: Mapping[str, str] | None = None,
) -> None:
    frames = iter(frames)
    first = next(frames, None)
    if first is None:
        raise ValueError("a video needs at least one frame")
    if first.shape[0] % 2 or first.shape[1] % 2:
        raise ValueError(f"frame size {first.shape[1]}x{first.shape[0]} is odd; 4:2:0 video needs even sizes")
    with _output(target, suffix) as container:
        container.metadata.update(tags or {})
        stream = _flv1(container, codec, first) if suffix == ".flv" else _x264(container, codec, first)
        sound = [] if audio is None else _audio_packets(container, suffix, audio, sample_rate)
        pending = list(sound)
        for packet in _video_packets(stream, first, frames, bt709=suffix != ".flv"):
            while pending and pending[0].dts * pending[0].time_base <= packet.dts * packet.time_base:
                container.mux(pending.pop(0))
            container.mux(packet)
        for packet in pending:
            container.mux(packet)


def _x264(container: av.container.OutputContainer, codec: VideoCodec, first: np.ndarray) -> av.VideoStream:
    rate = Fraction(codec.fps).limit_denominator(1001)
    options = {"crf": str(codec.crf), "preset": codec.preset, "x264-params": X264}
    stream = container.add_stream("libx264", rate=rate, options=options)
    context = stream.codec_context
    context.color_range, context.colorspace = ColorRange.MPEG, 1  # BT.709 in H.273's numbering
    context.color_primaries, context.color_trc = ColorPrimaries.BT709, ColorTrc.BT709
    _shape(stream, first)
    return stream


def _flv1(container: av.container.OutputContainer, codec: VideoCodec, first: np.ndarray) -> av.VideoStream:
    rate = Fraction(codec.fps).limit_denominator(1001)
    options = {"flags": "+qscale+bitexact", "global_quality": str(FLV_QUANTISER * FF_QP2LAMBDA), "g": "30"}
    stream = container.add_stream("flv", rate=rate, options=options)
    _shape(stream, first)
    return stream


def _shape(stream: av.VideoStream, first: np.ndarray) -> None:
    stream.height, stream.width = first.shape[:2]
    stream.pix_fmt = "yuv420p"
    stream.codec_context.thread_count = 1


def _video_packets(
    stream: av.VideoStream, first: np.ndarray, rest: Iterator[np.ndarray], *, bt709: bool
) -> Iterator[av.Packet]:
    converter, step = VideoReformatter(), 1 / stream.codec_context.framerate
    index, image = 0, first
    while image is not None:
        if image.shape != first.shape:
            raise ValueError(f"frame {index} has shape {image.shape}, the first has {first.shape}")
        frame = to_yuv(image, converter, bt709=bt709)
        frame.pts, frame.time_base = index, step
        yield from stream.encode(frame)
        index, image = index + 1, next(rest, None)
    yield from stream.encode(None)


def _audio_packets(
    container: av.container.OutputContainer, suffix: str, audio: np.ndarray, sample_rate: int | None
) -> list[av.Packet]:
    if not sample_rate:
        raise ValueError("sound needs its sample rate")
    if suffix == ".flv":
        audio, sample_rate = resample(audio, sample_rate, FLV_SAMPLE_RATE), FLV_SAMPLE_RATE
    stream = container.add_stream(AUDIO_CODECS[suffix], rate=sample_rate, layout="mono")
    stream.codec_context.bit_rate = 64_000 if sample_rate <= 24_000 else 128_000
    stream.codec_context.thread_count = 1
    planes = np.ascontiguousarray(audio, dtype=np.float32).clip(-1, 1).reshape(1, -1)
    frame = av.AudioFrame.from_ndarray(planes, format="fltp", layout="mono")
    frame.sample_rate, frame.pts, frame.time_base = sample_rate, 0, Fraction(1, sample_rate)
    return list(stream.encode(frame)) + list(stream.encode(None))
