import numpy as np
import pytest

from speak.corpus.speech import say
from speak.corpus.voice import F0_HZ, MOODS, in_mood, voice_for
from speak.data.clip import EMOTIONS


def median_f0(wave: np.ndarray) -> float:
    """Median pitch by normalised autocorrelation over 40 ms windows, in Hz."""
    found = []
    for start in range(0, len(wave) - 640, 160):
        window = wave[start : start + 640] * np.hanning(640)
        correlation = np.correlate(window, window, "full")[639:]
        lags = np.arange(16000 // 420, 16000 // 60)
        normal = correlation[lags] / (correlation[0] + 1e-9) / (1 - lags / 640)
        peaks = [i for i in range(1, len(lags) - 1) if normal[i - 1] < normal[i] >= normal[i + 1]]
        strong = [i for i in peaks if normal[i] > 0.85 * normal[peaks].max()]
        if strong and normal[strong[0]] > 0.5 and np.std(window) > 0.01:
            found.append(16000 / lags[strong[0]])
    return float(np.median(found))


def test_a_person_keeps_their_voice():
    assert voice_for(7, "female") == voice_for(7, "female")
    assert voice_for(7, "female") != voice_for(8, "female")


@pytest.mark.parametrize("sex", ["female", "male"])
def test_pitch_lies_in_the_range_of_the_sex(sex):
    low, high = F0_HZ[sex]
    pitches = [voice_for(seed, sex).f0_hz for seed in range(50)]
    assert low <= min(pitches) < max(pitches) <= high


@pytest.mark.parametrize(
    ("seed", "sex", "emotion"), [(1, "male", "neutral"), (2, "female", "neutral"), (3, "male", "fear")]
)
def test_measured_pitch_is_the_voices(seed, sex, emotion):
    voice = voice_for(seed, sex)
    speech = say("Nobody ever told me about the problem", voice, emotion=emotion, level=3, seed=seed)
    assert median_f0(speech.wave) == pytest.approx(in_mood(voice, emotion, 3).f0_hz, rel=0.06)


def test_every_emotion_has_a_mood():
    assert set(MOODS) == set(EMOTIONS)


def test_neutral_changes_nothing_and_levels_grow():
    voice = voice_for(1, "male")
    assert in_mood(voice, "neutral", 3) == voice
    f0 = [in_mood(voice, "angry", level).f0_hz for level in (1, 2, 3)]
    assert voice.f0_hz < f0[0] < f0[1] < f0[2]
    assert in_mood(voice, "angry", None) == in_mood(voice, "angry", 2)


def test_anger_is_louder_and_faster_than_sadness():
    voice = voice_for(4, "female")
    sentence = "I think I've seen this before"
    angry, sad = (say(sentence, voice, emotion=emotion, level=3, seed=1) for emotion in ("angry", "sad"))
    assert angry.duration_s < 0.85 * sad.duration_s
    assert np.std(angry.wave) > 2 * np.std(sad.wave)
    assert median_f0(angry.wave) > 1.2 * median_f0(sad.wave)


@pytest.mark.parametrize(("emotion", "level"), [("bored", 1), ("happy", 0), ("happy", 4)])
def test_unknown_moods_are_refused(emotion, level):
    with pytest.raises(ValueError, match="level 1 to 3"):
        in_mood(voice_for(0, "male"), emotion, level)
