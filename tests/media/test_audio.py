"""Each sample is found at its time, whatever the container."""

import io
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from scipy.io import wavfile

from speak.media.audio import decode_flac, encode_flac, read_audio, resample, write_wav
from speak.media.errors import MediaError
from speak.media.video import read_frames, write_media
from speak.media.writing import write_audio

LATE = 500
"""How far around a click we look for it, in samples."""


def shifts(audio: np.ndarray, positions: list[int]) -> list[int]:
    return [int(np.abs(audio[max(p - LATE, 0) : p + LATE]).argmax()) - min(p, LATE) for p in positions]


@pytest.mark.parametrize("suffix", [".mp4", ".mov"])
def test_sound_of_a_video_is_aligned_to_the_sample(suffix, clicks, draw, tmp_path):
    path = tmp_path / f"a{suffix}"
    write_media(path, [draw(i) for i in range(60)], fps=30, audio=clicks[0], sample_rate=16_000)
    assert shifts(read_audio(path), clicks[1]) == [0] * 5
    assert next(read_frames(path))[0] == 0


@pytest.mark.parametrize("suffix", [".m4a", ".mp3"])
def test_sound_alone_is_aligned_to_the_sample(suffix, clicks, tmp_path):
    write_audio(tmp_path / f"a{suffix}", clicks[0], 16_000)
    assert shifts(read_audio(tmp_path / f"a{suffix}"), clicks[1]) == [0] * 5


def test_flv_is_late_as_a_whole_so_sound_and_picture_agree(clicks, draw, tmp_path):
    path = tmp_path / "a.flv"
    write_media(path, [draw(i) for i in range(50)], fps=25, audio=clicks[0], sample_rate=16_000)
    first_s = next(read_frames(path))[0]
    assert first_s == pytest.approx(0.025, abs=0.001)  # MP3's priming, which FLV cannot declare
    aligned = read_audio(path, start_s=first_s)
    assert np.abs(shifts(aligned, clicks[1])).max() <= 8  # FLV's clock ticks in milliseconds


def test_wav_against_another_reader(tmp_path):
    audio = np.random.default_rng(0).uniform(-1, 1, 4001).astype(np.float32)
    write_wav(tmp_path / "a.wav", audio, 16_000)
    rate, theirs = wavfile.read(tmp_path / "a.wav")
    assert rate == 16_000
    np.testing.assert_allclose(theirs / 32768, audio, atol=1.01 / 32768)
    np.testing.assert_array_equal(read_audio(tmp_path / "a.wav"), theirs.astype(np.float32) / 32768)


@pytest.mark.parametrize("rate", [8_000, 44_100, 48_000])
def test_other_rates_land_on_the_same_time(rate, tmp_path):
    time_s = np.arange(rate) / rate
    write_wav(tmp_path / "a.wav", 0.5 * np.sin(2 * np.pi * 440 * time_s), rate)
    audio = read_audio(tmp_path / "a.wav", 16_000)
    assert len(audio) == 16_000
    inner = slice(1000, 15_000)
    np.testing.assert_allclose(
        audio[inner], 0.5 * np.sin(2 * np.pi * 440 * np.arange(16_000) / 16_000)[inner], atol=2e-3
    )


def test_an_interval_is_the_same_as_cutting_afterwards(tmp_path):
    audio = np.random.default_rng(1).uniform(-0.5, 0.5, 16_000 * 20).astype(np.float32)
    write_wav(tmp_path / "a.wav", audio, 16_000)
    whole = read_audio(tmp_path / "a.wav")
    for start_s, end_s in ((0.0, 1.0), (3.25, 5.0), (15.5, 16.0), (19.0, 30.0)):
        part = read_audio(tmp_path / "a.wav", start_s=start_s, end_s=end_s)
        np.testing.assert_array_equal(part, whole[round(start_s * 16_000) : round(end_s * 16_000)])


def test_channels_are_averaged(tmp_path):
    wavfile.write(tmp_path / "a.wav", 16_000, np.stack([np.full(100, 8192), np.zeros(100)], 1).astype(np.int16))
    np.testing.assert_allclose(read_audio(tmp_path / "a.wav"), 0.125)


def test_late_start_and_gaps_are_silence(draw, tmp_path):
    path = tmp_path / "a.mp4"
    with av.open(str(path), "w") as container:
        picture = container.add_stream("libx264", rate=25)
        picture.width, picture.height, picture.pix_fmt = 128, 96, "yuv420p"
        sound = container.add_stream("flac", rate=16_000, layout="mono", format="s16")
        for i in range(100):
            frame = av.VideoFrame.from_ndarray(draw(i), format="rgb24")
            frame.pts, frame.time_base = i, Fraction(1, 25)
            container.mux(picture.encode(frame))
        container.mux(picture.encode(None))
        for start in (8_000, 32_000):  # half a second late, then 0.636 s missing; 13824 is three FLAC blocks
            piece = av.AudioFrame.from_ndarray(np.full((1, 13_824), 16_384, np.int16), "s16", "mono")
            piece.sample_rate, piece.pts, piece.time_base = 16_000, start, Fraction(1, 16_000)
            container.mux(sound.encode(piece))
        container.mux(sound.encode(None))
    loud = np.abs(read_audio(path)) > 0.25
    expected = np.zeros(32_000 + 13_824, bool)
    expected[8_000 : 8_000 + 13_824] = expected[32_000:] = True
    np.testing.assert_array_equal(loud, expected)


def test_flac_is_exact_to_16_bits_and_repeatable():
    audio = np.random.default_rng(0).uniform(-1, 1, 16_001).astype(np.float32)
    content = encode_flac(audio, 16_000)
    assert content == encode_flac(audio, 16_000)
    decoded, rate = decode_flac(content)
    assert (rate, len(decoded)) == (16_000, 16_001)
    np.testing.assert_allclose(decoded, audio, atol=1.01 / 32768)
    again, _ = decode_flac(encode_flac(decoded, 16_000))
    np.testing.assert_array_equal(again, decoded)


def test_loud_sound_is_clipped_not_wrapped():
    decoded, _ = decode_flac(encode_flac(np.array([1.5, -1.5, 1.0] * 20, np.float32), 16_000))
    np.testing.assert_allclose(decoded[:3], [1, -1, 1], atol=1e-4)


def test_resampling_a_constant_keeps_it():
    np.testing.assert_allclose(resample(np.ones(4800, np.float32), 48_000, 16_000)[50:-50], 1, atol=1e-3)
    assert resample(np.ones(10), 16_000, 16_000).dtype == np.float32


def test_no_track_and_broken_files(draw, tmp_path):
    write_media(tmp_path / "a.mp4", [draw(0)] * 5, fps=25)
    with pytest.raises(MediaError, match="no audio track"):
        read_audio(tmp_path / "a.mp4")
    with pytest.raises(MediaError, match="empty"):
        read_audio(b"")
    empty = io.BytesIO()
    wavfile.write(empty, 16_000, np.zeros(0, np.int16))
    with pytest.raises(MediaError):
        read_audio(empty.getvalue())


def test_real_sound_starts_where_the_file_says(realdata: Path):
    audio = read_audio(realdata / "awkward/face_then_no_face.mov")  # its track begins at 2.43 s
    assert len(audio) / 16_000 == pytest.approx(6.4, abs=0.05)
    assert not audio[: int(2.42 * 16_000)].any()
    assert audio[int(2.45 * 16_000) :].any()
    eight = read_audio(realdata / "awkward/no_detectable_face_8khz.mp4")
    assert len(eight) / 16_000 == pytest.approx(13.054, abs=0.03)
