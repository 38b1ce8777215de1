"""Frames and their times survive the way through a file, and broken files say what is wrong."""

import io
import struct
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from speak.media.errors import MediaError
from speak.media.video import VideoCodec, encode_video, probe, read_clip, read_frames, span, write_media

CODEC = VideoCodec(fps=30.0, crf=12, preset="veryfast")


def times_of(source) -> list[float]:
    return [time_s for time_s, _ in read_frames(source)]


def test_frames_keep_order_number_and_times(draw, read_number):
    content = encode_video((draw(i) for i in range(50)), CODEC)
    assert [read_number(frame) for frame in read_clip(content)] == list(range(50))
    np.testing.assert_allclose(times_of(content), np.arange(50) / 30, atol=1e-6)


@pytest.mark.parametrize("bt709_height", [128, 768])
def test_colours_do_not_shift(smooth_colours, bt709_height):
    image = cv2.resize(smooth_colours, (256, bt709_height), interpolation=cv2.INTER_LINEAR)
    content = encode_video([image] * 3, VideoCodec(fps=30.0, crf=4, preset="veryfast"))
    error = read_clip(content)[0].astype(float) - image
    assert 10 * np.log10(255**2 / (error**2).mean()) > 42
    assert np.abs(error.mean(axis=(0, 1))).max() < 0.3


def test_old_codecs_without_colour_tags_do_not_shift_either(smooth_colours, tmp_path):
    write_media(tmp_path / "a.flv", [smooth_colours] * 3, fps=25)
    error = read_clip(tmp_path / "a.flv")[0].astype(float) - smooth_colours
    assert np.abs(error.mean(axis=(0, 1))).max() < 0.6


def test_same_frames_same_bytes(draw):
    frames = [draw(i) for i in range(12)]
    assert encode_video(frames, CODEC) == encode_video(iter(frames), CODEC)


def test_another_reader_sees_the_same(draw, read_number, tmp_path):
    path = tmp_path / "a.mp4"
    path.write_bytes(encode_video([draw(i) for i in range(20)], CODEC))
    capture = cv2.VideoCapture(str(path))
    theirs = []
    while (answer := capture.read())[0]:
        theirs.append(answer[1][:, :, ::-1])
    assert capture.get(cv2.CAP_PROP_FPS) == pytest.approx(30)
    assert [read_number(frame) for frame in theirs] == list(range(20))
    assert np.abs(np.stack(theirs).astype(int) - read_clip(path)).mean() < 2


def test_files_are_tagged_bt709_and_start_with_a_closed_group(draw):
    with av.open(io.BytesIO(encode_video([draw(i) for i in range(4)], CODEC))) as container:
        frame = next(container.decode(video=0))
        assert (frame.colorspace, frame.color_primaries, frame.color_trc, frame.color_range) == (1, 1, 1, 1)
        assert frame.key_frame


@pytest.mark.parametrize(("suffix", "codec"), [(".mp4", "h264"), (".mov", "h264"), (".flv", "flv")])
def test_containers(suffix, codec, draw, read_number, clicks, tmp_path):
    path = tmp_path / f"clip{suffix}"
    write_media(path, [draw(i) for i in range(50)], fps=25, audio=clicks[0], sample_rate=16_000)
    info = probe(path)
    assert (info.width, info.height, info.codec, info.has_audio) == (128, 96, codec, True)
    assert info.fps == pytest.approx(25)
    assert [read_number(frame) for frame in read_clip(path)] == list(range(50))
    first, last = span(path)
    assert last - first == pytest.approx(2.0, abs=0.002)


def test_video_only_has_no_audio(draw, tmp_path):
    write_media(tmp_path / "clip.mp4", [draw(0)] * 5, fps=25)
    assert not probe(tmp_path / "clip.mp4").has_audio


def test_wrong_input_is_refused_and_leaves_nothing(draw, tmp_path):
    with pytest.raises(ValueError, match="at least one frame"):
        write_media(tmp_path / "a.mp4", [], fps=25)
    with pytest.raises(ValueError, match="odd"):
        write_media(tmp_path / "a.mp4", [np.zeros((95, 128, 3), np.uint8)], fps=25)
    with pytest.raises(ValueError, match=r"frame 1 has shape"):
        write_media(tmp_path / "a.mp4", [draw(0), draw(0, width=160)], fps=25)
    with pytest.raises(ValueError, match=r"cannot write '.avi'"):
        write_media(tmp_path / "a.avi", [draw(0)], fps=25)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("matrix", "turns", "angle"),
    [((0, 1, -1, 0), -1, -90), ((0, -1, 1, 0), 1, 90), ((-1, 0, 0, -1), 2, 180)],
)
def test_rotation_of_the_display_matrix(matrix, turns, angle, smooth_colours):
    image = np.ascontiguousarray(smooth_colours[:96])
    upright = encode_video([image] * 3, CODEC)
    plain = read_clip(upright)[0]
    turned = _with_matrix(upright, matrix)
    frame = read_clip(turned)[0]
    np.testing.assert_array_equal(frame, np.rot90(plain, turns))  # (0, 1, -1, 0) is a phone held upright
    info = probe(turned)
    assert (info.width, info.height, info.rotation_deg) == (frame.shape[1], frame.shape[0], angle)
    region = next(read_frames(turned, region=(10, 20, 50, 60)))[1]
    np.testing.assert_array_equal(region, frame[20:60, 10:50])


@pytest.mark.parametrize("matrix", [(1, 0, 0, 1), (0, 1, -1, 0), (0, -1, 1, 0), (-1, 0, 0, -1)])
@pytest.mark.parametrize("region", [(0, 0, 96, 96), (32, 30, 128, 126), (12, 20, 88, 96)])
def test_shrinking_before_the_conversion_gives_the_same_picture(matrix, region, smooth_colours):
    blocks = np.random.default_rng(0).integers(-40, 40, (32, 32, 1)).repeat(4, 0).repeat(4, 1)
    picture = np.clip(smooth_colours[:128, :128].astype(int) + blocks, 0, 255).astype(np.uint8)
    content = _with_matrix(encode_video([picture], VideoCodec(fps=30.0, crf=4, preset="veryfast")), matrix)
    left, top, right, bottom = region
    wide = next(read_frames(content))[1][top:bottom, left:right]
    for size in ((48, 48), (40, 32)):
        small = next(read_frames(content, region=region, size=size))[1].astype(float)
        error = small - cv2.resize(wide, size, interpolation=cv2.INTER_AREA)
        assert np.abs(error).mean() < 0.7
        assert np.abs(error.mean(axis=(0, 1))).max() < 0.2


def _with_matrix(content: bytes, matrix: tuple[int, int, int, int]) -> bytes:
    """Put a, b, c, d into the 3x3 matrix of the track header (version 0: 40 bytes into the box's fields)."""
    at = content.index(b"tkhd") + 4 + 40
    a, b, c, d = (value << 16 for value in matrix)
    packed = struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, 1 << 30)
    return content[:at] + packed + content[at + 36 :]


def test_missing_slots_and_late_starts_keep_their_times(draw, read_number, tmp_path):
    path = tmp_path / "holes.mp4"
    stamps = [5, 6, 7, 10, 11, 20]
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 128, 96, "yuv420p"
        sound = container.add_stream("aac", rate=16_000, layout="mono")
        silence = av.AudioFrame.from_ndarray(np.zeros((1, 16_000), np.float32), "fltp", "mono")
        silence.sample_rate, silence.pts, silence.time_base = 16_000, 0, Fraction(1, 16_000)
        for packet in [*sound.encode(silence), *sound.encode(None)]:
            container.mux(packet)
        for stamp in stamps:
            frame = av.VideoFrame.from_ndarray(draw(stamp), format="rgb24")
            frame.pts, frame.time_base = stamp, Fraction(1, 25)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    frames = list(read_frames(path))
    np.testing.assert_allclose([time_s for time_s, _ in frames], np.array(stamps) / 25, atol=1e-3)
    assert [read_number(frame) for _, frame in frames] == stamps


def test_region_and_start_agree_with_reading_everything(draw, tmp_path):
    rng = np.random.default_rng(0)
    frames = [rng.integers(0, 255, (24, 32, 3)).astype(np.uint8).repeat(4, 0).repeat(4, 1) for _ in range(60)]
    path = tmp_path / "a.mp4"
    write_media(path, frames, fps=5)
    everything = list(read_frames(path))
    for region in ((0, 0, 128, 96), (31, 17, 90, 60), (100, 80, 128, 96)):
        left, top, right, bottom = region
        part = next(read_frames(path, region=region))[1]
        np.testing.assert_array_equal(part, everything[0][1][top:bottom, left:right])
    for start_s, first in ((0.25, 1), (0.2, 1), (10.5, 52), (11.9, 59), (99.0, 59)):
        tail = list(read_frames(path, start_s=start_s))
        assert tail[0][0] == pytest.approx(first / 5)
        np.testing.assert_array_equal(tail[0][1], everything[first][1])


def _flv_tags(content: bytes) -> list[int]:
    """Positions of the video tags of an FLV file."""
    at, found = 13, []
    while at < len(content):
        if content[at] == 9:
            found.append(at)
        at += 15 + int.from_bytes(content[at + 1 : at + 4], "big")
    return found


def _set_time(content: bytes, tag: int, milliseconds: int) -> bytes:
    return content[: tag + 4] + milliseconds.to_bytes(3, "big") + content[tag + 7 :]


def test_a_time_that_stands_still_is_moved_and_a_reset_clock_is_an_error(draw, tmp_path):
    write_media(tmp_path / "a.flv", [draw(i) for i in range(60)], fps=25)
    content = (tmp_path / "a.flv").read_bytes()
    tags = _flv_tags(content)
    still = _set_time(content, tags[10], 360)  # the time of frame 9
    times = times_of(still)
    assert len(times) == 60
    assert np.all(np.diff(times) > 0)
    assert times[11] == pytest.approx(0.44)
    reset = content
    for number, tag in enumerate(tags[50:]):
        reset = _set_time(reset, tag, 40 * number)
    with pytest.raises(MediaError, match="jump back"):
        times_of(reset)


def test_a_file_that_lost_its_end_says_so(draw, tmp_path):
    write_media(tmp_path / "a.flv", [draw(i) for i in range(100)], fps=25)
    content = (tmp_path / "a.flv").read_bytes()
    with pytest.raises(MediaError, match=r"cut off: it ends at \d\.\d\d s of 4\.0"):
        span(content[: len(content) // 2])


def test_damaged_bytes_are_noticed_though_the_decoder_hides_them(smooth_colours):
    rng = np.random.default_rng(0)
    frames = [np.clip(smooth_colours + rng.normal(0, 20, smooth_colours.shape), 0, 255) for _ in range(30)]
    content = bytearray(encode_video([frame.astype(np.uint8) for frame in frames], CODEC))
    for at in rng.integers(len(content) // 4, len(content) // 2, 30):
        content[at] = rng.integers(256)
    with pytest.raises(MediaError, match=r"(damaged at|decoded beyond) 0\.\d\d s"):
        read_clip(bytes(content))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n", "Git LFS pointer"),
        (b"not a video at all" * 100, "cannot be opened"),
        (
            b"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n",
            "cannot be opened|no video|no frame",
        ),
    ],
)
def test_hopeless_files(content, reason, tmp_path):
    path = tmp_path / "bad.mp4"
    path.write_bytes(content)
    for source in (path, content):
        with pytest.raises(MediaError, match=reason):
            probe(source)


def test_cut_mp4_without_index_and_missing_file(draw, tmp_path):
    content = encode_video([draw(i) for i in range(30)], CODEC)
    with pytest.raises(MediaError, match="cannot be opened"):
        read_clip(content[: len(content) // 2])
    with pytest.raises(MediaError, match="no such file"):
        probe(tmp_path / "nothing.mp4")
    with pytest.raises(MediaError):
        probe(tmp_path)


def test_real_awkward_files(realdata: Path):
    awkward = realdata / "awkward"
    with pytest.raises(MediaError, match="no video stream"):
        probe(awkward / "audio_only.mp4")
    with pytest.raises(MediaError, match=r"cannot be decoded beyond 2\.70 s \(28 frames\)"):
        list(read_frames(awkward / "corrupted_midstream.mp4"))
    info = probe(awkward / "rotation_minus90.mov")
    assert (info.width, info.height, info.rotation_deg) == (320, 568, -90)
    assert span(awkward / "flv_vp6_no_audio.flv")[1] == pytest.approx(17.4, abs=0.01)


def test_a_missing_slot_in_a_real_file_is_seen_in_the_times(realdata: Path):
    times = times_of(realdata / "sync_offsets/test_offset_5.avi")[:4]
    np.testing.assert_allclose(times, [0, 0.12, 0.16, 0.2], atol=1e-6)


def test_same_frames_give_the_same_bytes_whatever_lay_in_memory_before():
    """Memory is filled with something else before each encoding, since an encoder that reads unset memory shows it."""
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 256, (60, 224, 224, 3), dtype=np.uint8)
    frames = np.stack([cv2.GaussianBlur(frame, (0, 0), 3) for frame in noise])
    codec = VideoCodec(fps=25.0, crf=20, preset="veryfast")
    tone = np.sin(np.arange(38_400) * 0.2).astype(np.float32) * 0.5
    encoded = set()
    for _ in range(15):
        junk = [np.full(size, rng.integers(256), np.uint8) for size in rng.integers(1 << 10, 1 << 21, 30)]
        del junk
        encoded.add(encode_video(frames, codec, audio=tone, sample_rate=16_000))
    assert len(encoded) == 1
