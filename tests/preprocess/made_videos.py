"""Videos with every stamp under control: frames at given times, sound from a given time on, any container."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from green_faces import scene

from speak.config import build
from speak.preprocess import PreprocessConfig
from speak.sources.item import Item

WIDTH, HEIGHT = 192, 144
FACE = (56, 40, 136, 120)
SOUND_RATE = 48_000
STAMPS = Fraction(1, 90_000)

NO_LIMITS = {
    **dict.fromkeys(("min_sharpness", "min_brightness", "max_brightness", "min_audio_dbfs", "min_speech_share")),
    **dict.fromkeys(("min_sync_conf", "max_sync_offset", "sync_network")),
    "min_sync_windows": 25,
}
CONFIG = build(
    PreprocessConfig,
    {
        "size": 128,
        "sample_rate": 16_000,
        "codec": {"fps": 30, "crf": 12, "preset": "veryfast"},
        "search": {
            "every_s": 0.2,
            "view_px": 640,
            "region_scale": 3.0,
            "tile_levels": 2,
            "tiles_every_s": 1.0,
        },
        "cuts": {"max_likeness": 0.6, "times_neighbours": 3.0, "window_s": 0.2},
        "follow": {"min_iou": 0.25, "max_gap_s": 0.5},
        "crop": {"enlarge": 0.3, "lift": 0.0, "min_face_px": 20},
        "min_found_share": 0.9,
        "min_duration_s": 0.5,
        "max_duration_s": 10.0,
        "missing_audio": "reject",
        "max_silent_end_s": 0.2,
        "quality": NO_LIMITS,
    },
    "preprocess",
)


def item_of(video: str, **changes) -> Item:
    nothing = dict.fromkeys(("emotion", "level", "sentence", "audio", "start_s", "end_s", "box", "boxes", "url"))
    fields = {"item_id": "folder/a", "dataset": "folder", "person": "a", "video": video, "partition": None}
    return Item(**{**nothing, **fields, **changes})


def face(background: np.ndarray | int = 90) -> np.ndarray:
    """(HEIGHT, WIDTH, 3) uint8: the green face in front of a grey or a picture."""
    drawn = scene(WIDTH, HEIGHT, [FACE])
    is_face = (drawn == (0, 255, 0)).all(axis=2, keepdims=True)
    return np.where(is_face, drawn, np.broadcast_to(np.uint8(background), drawn.shape))


def texture(seed: int) -> np.ndarray:
    """(HEIGHT, WIDTH, 3) uint8: grey blocks, never the same for two seeds."""
    blocks = np.random.default_rng(seed).integers(20, 230, (HEIGHT // 16, WIDTH // 16, 1))
    return blocks.repeat(16, 0).repeat(16, 1).repeat(3, 2).astype(np.uint8)


def write_timed(
    path: Path,
    frames: Sequence[np.ndarray],
    times_s: Sequence[float],
    audio: np.ndarray | None,
    *,
    sound_from_s: float = 0.0,
    codecs: tuple[str, str] = ("libx264", "aac"),
    b_frames: int = 0,
    options: dict[str, str] | None = None,
) -> None:
    """Write (H, W, 3) uint8 RGB frames at their times, and sound at 48 kHz of which sample 0 is at ``sound_from_s``."""
    with av.open(str(path), "w", options=options or {}) as container:
        video = container.add_stream(codecs[0], rate=30)
        video.height, video.width = frames[0].shape[:2]
        video.pix_fmt = "yuv420p"
        video.codec_context.time_base = STAMPS if codecs[0].startswith("lib") else Fraction(1, 1000)
        if codecs[0] == "libx264":
            video.options = {"crf": "16", "bf": str(b_frames), "b-adapt": "0"}
        else:
            video.bit_rate = 4_000_000
        packets = [] if audio is None else _sound(container, audio, sound_from_s, codecs[1])
        for time_s, picture in zip(times_s, frames, strict=True):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.time_base = video.codec_context.time_base
            frame.pts = round(Fraction(time_s) / frame.time_base)
            packets += video.encode(frame)
        packets += video.encode(None)
        for packet in sorted(packets, key=lambda packet: packet.dts * packet.time_base):
            container.mux(packet)


def _sound(container: av.container.OutputContainer, audio: np.ndarray, from_s: float, codec: str) -> list[av.Packet]:
    stream = container.add_stream(codec, rate=SOUND_RATE, layout="mono")
    stream.bit_rate = 128_000
    samples = np.ascontiguousarray(audio, dtype=np.float32).reshape(1, -1)
    frame = av.AudioFrame.from_ndarray(samples, format="fltp", layout="mono")
    frame.sample_rate, frame.time_base, frame.pts = SOUND_RATE, Fraction(1, SOUND_RATE), round(from_s * SOUND_RATE)
    resampler = av.AudioResampler(format=stream.codec_context.format, layout="mono", rate=SOUND_RATE)
    frames = resampler.resample(frame)
    return [packet for piece in [*frames, None] for packet in stream.encode(piece)]
