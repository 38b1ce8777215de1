"""EBU R128: how loud a sound is, and the same sound as loud as wanted."""

from fractions import Fraction

import av
import numpy as np

SILENCE_LUFS = -69.0
"""At or near the gate of the measurement, -70 LUFS: nothing that could be made louder."""
MOST_GAIN_DB = 30.0
"""A sound that needs more is noise; it is left as silence."""


def loudness(audio: np.ndarray, sample_rate: int) -> float | None:
    """Integrated loudness in LUFS (ITU-R BS.1770, FFmpeg's meter).

    Args:
        audio: (S,) float32 in [-1, 1], mono.
        sample_rate: in Hz.

    Returns:
        None for silence, and for a sound that is shorter than the meter's window of 0.4 s.
    """
    graph = av.filter.Graph()
    source = graph.add_abuffer(format="flt", sample_rate=sample_rate, layout="mono", time_base=Fraction(1, sample_rate))
    meter, sink = graph.add("ebur128", "metadata=1"), graph.add("abuffersink")
    graph.link_nodes(source, meter, sink).configure()
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(audio, np.float32).reshape(1, -1), "flt", "mono")
    frame.sample_rate, frame.pts, frame.time_base = sample_rate, 0, Fraction(1, sample_rate)
    source.push(frame)
    source.push(None)
    measured = None
    while (piece := _pulled(sink)) is not None:
        measured = piece.metadata.get("lavfi.r128.I", measured)
    value = SILENCE_LUFS if measured is None else float(measured)
    return None if value <= SILENCE_LUFS else value


def at_loudness(audio: np.ndarray, sample_rate: int, wanted_lufs: float) -> np.ndarray:
    """The same sound at another loudness, as (S,) float32; silence stays silence. Peaks above full scale are cut."""
    measured = loudness(audio, sample_rate)
    if measured is None or wanted_lufs - measured > MOST_GAIN_DB:
        return np.asarray(audio, np.float32)
    return np.clip(audio * np.float32(10 ** ((wanted_lufs - measured) / 20)), -1, 1).astype(np.float32)


def _pulled(sink: av.filter.context.FilterContext) -> av.AudioFrame | None:
    try:
        return sink.pull()
    except (av.BlockingIOError, av.EOFError):
        return None
