"""Picture and sound from two files into one, without encoding anew."""

import heapq
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av

from speak.media.container import brief, opened
from speak.media.errors import MediaError


def join(picture: Path, sound: Path, target: Path) -> None:
    """Write the first picture stream of one file and the first sound stream of another into an MP4 file.

    Raises MediaError when one of them has no such stream, or its codec does not go into MP4.
    """
    with opened(picture) as pictures, opened(sound) as sounds:
        if not pictures.streams.video or not sounds.streams.audio:
            raise MediaError("no picture or no sound to join")
        try:
            with av.open(f"file:{target}", "w", format="mp4", container_options={"fflags": "+bitexact"}) as output:
                chosen = (pictures.streams.video[0], sounds.streams.audio[0])
                streams = [output.add_stream_from_template(stream) for stream in chosen]
                packets = [
                    _timed(container, stream, place)
                    for place, (container, stream) in enumerate(zip((pictures, sounds), chosen, strict=True))
                ]
                for _, place, packet in heapq.merge(*packets, key=lambda timed: timed[:2]):
                    packet.stream = streams[place]
                    output.mux(packet)
        except (av.FFmpegError, ValueError) as error:
            raise MediaError(f"picture and sound cannot be joined: {brief(error)}") from error


def _timed(
    container: av.container.InputContainer, stream: av.stream.Stream, place: int
) -> Iterator[tuple[Fraction, int, av.Packet]]:
    """Packets with their decoding times in seconds; the empty one at the end has none and is left out."""
    for packet in container.demux(stream):
        if packet.dts is not None:
            yield packet.dts * packet.time_base, place, packet
