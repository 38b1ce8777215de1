"""Level and share of speech against signals whose answer is known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from speak.corpus.speech import say
from speak.corpus.voice import voice_for
from speak.media.audio import read_audio
from speak.media.loudness import level_dbfs, speech_share

RATE = 16_000


def tone(seconds: float, amplitude: float, hz: float = 440.0) -> np.ndarray:
    return (amplitude * np.sin(2 * np.pi * hz * np.arange(round(seconds * RATE)) / RATE)).astype(np.float32)


def hiss(seconds: float, amplitude: float) -> np.ndarray:
    return (amplitude * np.random.default_rng(0).normal(size=round(seconds * RATE))).astype(np.float32)


@given(amplitude=st.floats(1e-4, 1.0))
def test_level_of_a_sine(amplitude):
    assert level_dbfs(tone(1.0, amplitude)) == pytest.approx(20 * np.log10(amplitude) - 3.0103, abs=0.01)


def test_silence_has_no_level():
    assert level_dbfs(np.zeros(100, np.float32)) is None
    assert level_dbfs(np.zeros(0, np.float32)) is None
    assert speech_share(np.zeros(RATE, np.float32), RATE) is None


@pytest.mark.parametrize("share", [0.25, 0.5, 0.8])
def test_bursts_in_noise_are_counted(share):
    audio = hiss(4.0, 0.003)
    for start in range(4):
        at = start * RATE
        audio[at : at + round(share * RATE)] += tone(share, 0.2)
    assert speech_share(audio, RATE) == pytest.approx(share, abs=0.05)  # a piece more at either end of a burst


def test_steady_sounds_are_not_speech():
    for audio in (hiss(3.0, 0.1), tone(3.0, 0.3), tone(3.0, 0.3, hz=50.0) + hiss(3.0, 1e-4), hiss(3.0, 1e-4)):
        assert speech_share(audio, RATE) < 0.05


def test_sentences_of_the_corpus_are_speech():
    speech = say("I think I've seen this before", voice_for(11, "female"), emotion="happy", level=2, seed=1)
    assert speech_share(speech.wave, RATE) > 0.5


@pytest.mark.parametrize("name", ["grid/bbaf2n.mpg", "hdtf/WDA_KatieHill_000.mp4", "voxceleb2_pcavs/00015.mp4"])
def test_real_speech(name, realdata):
    assert 0.3 < speech_share(read_audio(realdata / name), RATE) < 0.98


def test_level_of_a_very_quiet_take(realdata):
    """Its root mean square was found to be 117 of 32767 when the sample was collected."""
    audio = read_audio(realdata / "mead/W015/video/front/neutral/level_1/030.mp4")
    assert level_dbfs(audio) == pytest.approx(20 * np.log10(117 / 32767), abs=0.3)
