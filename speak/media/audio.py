"""Sound in and out, each sample at its time.

Sample 0 of what ``read_audio`` returns belongs to time 0 of the container's clock, the clock of
``read_frames``: encoder priming is removed where the file declares it, a late start is padded with silence,
gaps in the timestamps are silence too. Several channels are averaged. Rates are converted by a zero-phase
filter, so nothing shifts.
"""

import io
import math
import wave
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from scipy.signal import resample_poly

from speak.files import atomic_path
from speak.media.container import SEEK_WORTH_S, Source, brief, clock_start, opened, seek
from speak.media.errors import MediaError, NoSound

TIMESTAMP_TOLERANCE_S = 0.03
"""Stamps are rounded (to 1 ms in FLV, to a frame in AVI); only a larger deviation is a gap or an overlap."""

DECODER_WARM_UP_S = 1.0
"""After a seek, the first pieces of sound lack their predecessors; they are decoded and thrown away."""

MAX_JUMP_S = 600.0
"""A longer jump between two pieces of sound is a broken clock, not silence."""


def read_audio(
    source: Source, sample_rate: int = 16000, *, start_s: float = 0.0, end_s: float | None = None
) -> np.ndarray:
    """Read the first audio stream as (S,) float32 mono in [-1, 1]; sample 0 is time ``start_s`` of the
    container.

    Args:
        source: path or content of a file.
        sample_rate: of the result, in Hz.
        start_s: seconds on the container's clock.
        end_s: where to stop; None for the track's end. The result may be shorter, never longer.

    Raises:
        NoSound: no audio stream, or no samples in it.
        MediaError: unreadable, or the stream breaks (the time is named).
    """
    with opened(source) as container:
        if not container.streams.audio:
            raise NoSound("no audio track")
        stream = container.streams.audio[0]
        stream.codec_context.thread_count = 1
        if start_s > SEEK_WORTH_S:
            seek(container, stream, start_s - DECODER_WARM_UP_S)
        audio = _laid_out(_pieces(container, stream), stream.rate, start_s, end_s)
        if len(audio) == 0:
            raise NoSound("the audio track holds no samples")
        return resample(audio, stream.rate, sample_rate).clip(-1, 1)


def resample(audio: np.ndarray, from_rate: int, to_rate: int) -> np.ndarray:
    """Convert (S,) audio to another rate with a zero-phase polyphase filter; ceil(S · to / from) float32
    samples."""
    if from_rate == to_rate:
        return np.asarray(audio, dtype=np.float32)
    divisor = math.gcd(from_rate, to_rate)
    converted = resample_poly(np.asarray(audio, dtype=np.float64), to_rate // divisor, from_rate // divisor)
    return converted.astype(np.float32)


def write_wav(path: Path, audio: np.ndarray, sample_rate: int) -> None:
    """Write (S,) float32 audio in [-1, 1] as 16-bit mono WAV, atomically."""
    with atomic_path(Path(path)) as temporary, wave.open(str(temporary), "wb") as stream:
        stream.setnchannels(1)
        stream.setsampwidth(2)
        stream.setframerate(sample_rate)
        stream.writeframes(to_int16(audio).tobytes())


def encode_flac(audio: np.ndarray, sample_rate: int) -> bytes:
    """Encode (S,) float32 audio in [-1, 1] as 16-bit mono FLAC; the same samples give the same bytes."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="flac", container_options={"fflags": "+bitexact"}) as container:
        stream = container.add_stream("flac", rate=sample_rate, layout="mono", format="s16")
        stream.codec_context.thread_count = 1
        frame = av.AudioFrame.from_ndarray(to_int16(audio).reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = sample_rate, 0, Fraction(1, sample_rate)
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)
    return buffer.getvalue()


def decode_flac(content: bytes) -> tuple[np.ndarray, int]:
    """Decode a FLAC file to ((S,) float32 in [-1, 1], sample rate). Raises MediaError."""
    with opened(content) as container:
        if not container.streams.audio:
            raise MediaError("no audio track")
        stream = container.streams.audio[0]
        decoded = [piece for _, piece in _pieces(container, stream)]
        return np.concatenate(decoded) if decoded else np.zeros(0, np.float32), stream.rate


def to_int16(audio: np.ndarray) -> np.ndarray:
    """Float audio in [-1, 1] as 16-bit integers, rounded, full scale 32768 clipped to 32767."""
    return np.clip(np.rint(np.asarray(audio, dtype=np.float64) * 32768), -32768, 32767).astype("<i2")


def _laid_out(
    pieces: Iterator[tuple[Fraction | None, np.ndarray]], rate: int, start_s: float, end_s: float | None
) -> np.ndarray:
    """Join decoded pieces by their times: silence in gaps; overlaps and what lies outside the interval cut
    off."""
    stop = math.inf if end_s is None else round((end_s - start_s) * rate)
    laid: list[np.ndarray] = [np.zeros(0, np.float32)]
    end = None  # position after the last piece, in samples from start_s
    for begin_s, piece in pieces:
        expected = end if end is not None else -round(start_s * rate)
        at = expected if begin_s is None else round((begin_s - Fraction(start_s)) * rate)
        if end is not None and abs(at - end) <= TIMESTAMP_TOLERANCE_S * rate:
            at = end
        if at - (end or 0) > MAX_JUMP_S * rate or (end is not None and at < end - MAX_JUMP_S * rate):
            raise MediaError(f"the sound's timestamps jump to {float(begin_s):.0f} s")
        filled = max(end or 0, 0)
        fresh = piece[max(filled - at, 0) :]
        if len(fresh):
            laid += [np.zeros(max(min(at, stop) - filled, 0), np.float32), fresh]
        end = max(at + len(piece), at if end is None else end)
        if end >= stop:
            break
    return np.concatenate(laid)[: None if end_s is None else stop]


def _pieces(
    container: av.container.InputContainer, stream: av.AudioStream
) -> Iterator[tuple[Fraction | None, np.ndarray]]:
    """Decoded audio frames as (start in seconds on the container's clock or None, (S,) float32 mono)."""
    start, rate, seconds = clock_start(container), stream.rate, 0.0
    try:
        for frame in container.decode(stream):
            if frame.sample_rate != rate:
                change = f"from {rate} to {frame.sample_rate} Hz at {seconds:.2f} s"
                raise MediaError(f"the sample rate changes {change}")
            piece = _mono(frame)
            seconds += len(piece) / rate
            yield None if frame.pts is None else frame.pts * frame.time_base - start, piece
    except (av.FFmpegError, OSError) as error:
        raise MediaError(f"audio cannot be decoded beyond {seconds:.2f} s: {brief(error)}") from error


def _mono(frame: av.AudioFrame) -> np.ndarray:
    samples = frame.to_ndarray()
    if not frame.format.is_planar:
        samples = samples.reshape(-1, frame.layout.nb_channels).T
    if samples.dtype == np.uint8:
        samples = (samples.astype(np.float32) - 128) / 128
    elif np.issubdtype(samples.dtype, np.integer):
        samples = samples.astype(np.float32) / -float(np.iinfo(samples.dtype).min)
    return samples.mean(axis=0, dtype=np.float32)
