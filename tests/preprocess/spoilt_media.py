"""A good file spoilt in one way after another; ``python spoilt_media.py FOLDER`` preprocesses all files of a folder.

The command prints a JSON line per file: its name, the reason for which it was rejected (null: it gave a clip), and by
how many MiB the process's peak memory has grown.
"""

import io
import json
import resource
import struct
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from green_faces import GreenFinder
from made_videos import CONFIG, SOUND_RATE, face, item_of, texture, write_timed

from speak.media.writing import write_media
from speak.preprocess import Rejected, process

LENGTH_S, FPS = 3.0, 25


def good_frames() -> list[np.ndarray]:
    """A face before a pattern that scrolls, so that every part of the file matters."""
    pattern = texture(0)
    return [face(np.roll(pattern, 3 * i, axis=1)) for i in range(int(LENGTH_S * FPS))]


def noise() -> np.ndarray:
    return np.random.default_rng(0).normal(0, 0.1, int(LENGTH_S * SOUND_RATE)).astype(np.float32)


def mp4(folder: Path, audio: np.ndarray | None, *, index_first: bool = False) -> bytes:
    path, options = folder / "good.mp4", {"movflags": "faststart"} if index_first else {}
    write_timed(path, good_frames(), np.arange(int(LENGTH_S * FPS)) / FPS, audio, b_frames=2, options=options)
    return path.read_bytes()


def flv(folder: Path) -> bytes:
    write_media(folder / "good.flv", good_frames(), fps=FPS, audio=noise(), sample_rate=SOUND_RATE)
    return (folder / "good.flv").read_bytes()


def write_all(folder: Path) -> dict[str, str]:
    """Write every spoilt file; returns their names and the reasons (regular expressions) to expect."""
    scratch = folder / "scratch"
    scratch.mkdir(parents=True)
    good, streamed, tagged = mp4(scratch, noise()), mp4(scratch, noise(), index_first=True), flv(scratch)
    files: dict[str, tuple[bytes, str]] = {
        "good.mp4": (good, ""),
        "good_named.avi": (good, ""),  # what it is called does not matter
        "tail_lost.mp4": (good[: len(good) * 6 // 10], r"cannot be opened: .+"),
        "tail_lost_index_first.mp4": (streamed[: len(streamed) // 2], r"the file is cut off: .* s of \d\.\d* s"),
        "head_lost.mp4": (good[len(good) // 3 :], r"cannot be opened: .+"),
        "head_lost.flv": (tagged[len(tagged) // 3 :], r"cannot be opened: .+"),
        "bytes_flipped.mp4": (flipped(good), r"(the picture is damaged|video cannot be decoded) .*"),
        "empty.mp4": (b"", r"the file is empty \(0 bytes\)"),
        "text.mp4": (b"This video is no longer available.\n" * 50, r"cannot be opened: .+"),
        "page.mp4": (b"<!doctype html><html><body>404 not found</body></html>", r"cannot be opened: .+"),
        "index_missing.mp4": (good[: good.index(b"moov") - 4], r"cannot be opened: .+"),
        "sound_only.mp4": (sound_only(), r"no video stream"),
        "no_frames.flv": (tagged[:13], r"(no video stream|the video stream holds no frame|cannot be opened: .+)"),
        "picture_16000_wide.avi": (wide_jpeg(scratch), r"the header claims.*|video cannot.*|.*no frame"),
        "header_16000_wide.mp4": (header_size(good, 16000), ""),  # the stream itself says better
        "header_16000_wide.avi": (wide_header(scratch), r"the header claims an absurd size: 16000x16000 pixels"),
        "clock_reset.flv": (retimed(tagged, lambda ms: ms if ms < 2000 else ms - 2000), r"(timestamps|the file) .*"),
        "hour_long_gap.flv": (retimed(tagged, lambda ms: ms if ms < 400 else ms + 3_600_000), r"the longest run .*"),
        "claims_a_day.flv": (claimed(tagged, 86_400.0), r"the file is cut off: it ends at .* s of 86400\.0\d s"),
        "sample_of_2_gb.mp4": (huge_sample(good), r".+"),
        "silent.mp4": (mp4(scratch, np.zeros(int(LENGTH_S * SOUND_RATE))), r"the audio track is digitally silent"),
        "sound_flipped.mp4": (flipped_sound(scratch), r"audio cannot be decoded beyond .*"),
    }  # fmt: skip
    for name, (content, _) in files.items():
        (folder / name).write_bytes(content)
    return {name: reason for name, (_, reason) in files.items()}


def flipped(content: bytes) -> bytes:
    """Thirty bytes of the pictures changed."""
    spoilt, rng = bytearray(content), np.random.default_rng(0)
    start, end = content.index(b"mdat") + 2000, content.index(b"moov") - 2000
    for at in rng.integers(start, end, 30):
        spoilt[at] ^= 0xFF
    return bytes(spoilt)


def flipped_sound(folder: Path) -> bytes:
    """A video whose FLAC sound is broken in the middle."""
    path = folder / "flac.mkv"
    frames = good_frames()
    write_timed(path, frames, np.arange(len(frames)) / FPS, noise(), codecs=("libx264", "flac"))
    with av.open(str(path)) as container:
        packets = [packet for packet in container.demux(container.streams.audio[0]) if packet.size > 100]
        places = [(packet.pos, packet.size) for packet in packets[len(packets) // 2 :]]
    content = bytearray(path.read_bytes())
    for at, size in places:
        content[at + 20 : at + size] = bytes(size - 20)
    return bytes(content)


def sound_only() -> bytes:
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4") as container:
        stream = container.add_stream("aac", rate=SOUND_RATE, layout="mono")
        frame = av.AudioFrame.from_ndarray(noise().reshape(1, -1), "fltp", "mono")
        frame.sample_rate, frame.pts, frame.time_base = SOUND_RATE, 0, Fraction(1, SOUND_RATE)
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)
    return buffer.getvalue()


def wide_jpeg(folder: Path) -> bytes:
    """Motion JPEG whose pictures, not the container, claim 16000 pixels a side."""
    path = folder / "jpeg.avi"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mjpeg", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = 192, 144, "yuvj420p"
        for picture in good_frames():
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))
    return path.read_bytes().replace(struct.pack(">HH", 144, 192), struct.pack(">HH", 16000, 16000))


def wide_header(folder: Path) -> bytes:
    """Uncompressed pictures, whose size only the header knows."""
    path = folder / "raw.avi"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("rawvideo", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = 192, 144, "yuv420p"
        for picture in good_frames()[:20]:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
    return path.read_bytes().replace(struct.pack("<ii", 192, 144), struct.pack("<ii", 16000, 16000))


def header_size(content: bytes, side: int) -> bytes:
    """Another size in the sample description (width and height: 24 bytes after the box's fields begin)."""
    at = content.index(b"avc1", content.index(b"stsd")) + 4 + 24
    return content[:at] + struct.pack(">HH", side, side) + content[at + 4 :]


def claimed(content: bytes, seconds: float) -> bytes:
    """Another duration in an FLV file's own description."""
    at = content.index(b"duration\0") + 9
    return content[:at] + struct.pack(">d", seconds) + content[at + 8 :]


def huge_sample(content: bytes) -> bytes:
    """The second frame is said to be 2 GB long."""
    at = content.index(b"stsz") + 4 + 12 + 4
    return content[:at] + struct.pack(">I", 0x7FFFFFF0) + content[at + 4 :]


def retimed(content: bytes, change: Callable[[int], int]) -> bytes:
    """Other times, in milliseconds, in the tags of an FLV file."""
    at, spoilt = 13, bytearray(content)
    while at < len(content):
        size = int.from_bytes(content[at + 1 : at + 4], "big")
        if content[at] in (8, 9):
            new = change(int.from_bytes(content[at + 4 : at + 7], "big") | content[at + 7] << 24)
            spoilt[at + 4 : at + 7], spoilt[at + 7] = (new & 0xFFFFFF).to_bytes(3, "big"), new >> 24
        at += 15 + size
    return bytes(spoilt)


def peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(folder: Path) -> None:
    names = sorted(path.name for path in folder.iterdir() if path.is_file())
    finder, before = GreenFinder(), peak_mib()
    for name in names:
        made = process(item_of(name), folder, CONFIG, finder)
        reason = made.reason if isinstance(made, Rejected) else None
        print(json.dumps({"name": name, "reason": reason, "grown_mib": round(peak_mib() - before)}), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
