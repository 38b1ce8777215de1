"""A video of three hours costs no more memory than one of half a minute."""

import json
import os
import subprocess
import sys
from pathlib import Path

import av
import numpy as np
import pytest
from made_videos import SOUND_RATE, face, write_timed

HERE = Path(__file__).resolve().parent
PIECE_S, EACH_S, PIECES, FPS = 20, 20.5, 527, 5
MOST_MIB = 60
"""The index of three hours; their frames would take 3 GiB, their sound 2 GiB."""

CHILD = """
import json, resource, sys
from pathlib import Path
from green_faces import GreenFinder
from made_videos import CONFIG, item_of
from speak.preprocess import process

peaks = []
for name, start_s, end_s in (("piece.mp4", None, None), ("long.mp4", None, None), ("long.mp4", 10046.0, 10054.5)):
    clip = process(item_of(name, start_s=start_s, end_s=end_s), Path(sys.argv[1]), CONFIG, GreenFinder())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    peaks.append((clip.num_frames, clip.source_start_s, peak))
print(json.dumps(peaks))
"""


def repeat(piece: Path, path: Path, times: int) -> None:
    """The packets of a file over and over, each time ``EACH_S`` later."""
    with av.open(str(piece)) as source, av.open(str(path), "w") as target:
        streams = {stream.index: target.add_stream_from_template(stream) for stream in source.streams}
        packets = [
            (packet.stream_index, bytes(packet), packet.pts, packet.dts, packet.time_base, packet.is_keyframe)
            for packet in source.demux()
            if packet.dts is not None
        ]
        for number in range(times):
            for index, content, pts, dts, time_base, key in packets:
                packet, shift = av.Packet(content), int(number * EACH_S / time_base)
                packet.pts, packet.dts, packet.time_base = pts + shift, dts + shift, time_base
                packet.is_keyframe, packet.stream = key, streams[index]
                target.mux(packet)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("long")
    frames = [face(60 + i % 40) for i in range(PIECE_S * FPS)]
    sound = np.random.default_rng(0).normal(0, 0.05, PIECE_S * SOUND_RATE)
    write_timed(folder / "piece.mp4", frames, np.arange(len(frames)) / FPS, sound, codecs=("libx264", "libmp3lame"))
    repeat(folder / "piece.mp4", folder / "long.mp4", PIECES)
    return folder


def test_three_hours_do_not_load_into_memory(folder):
    path = os.pathsep.join([str(HERE.parents[1]), str(HERE.parent), str(HERE)])
    command = [sys.executable, "-c", CHILD, str(folder)]
    done = subprocess.run(command, env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    piece, start, late = json.loads(done.stdout)
    assert piece[0] == start[0] == 300
    assert (late[0], late[1]) == (255, 10_046.0)
    assert late[2] - piece[2] < MOST_MIB
