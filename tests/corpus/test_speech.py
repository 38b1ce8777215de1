import hashlib
import itertools
import subprocess
import sys

import numpy as np
import pytest

from speak.corpus.phones import SILENCE
from speak.corpus.sentences import CREMA_D_SENTENCES, LONG_SENTENCES, OTHER_SENTENCES
from speak.corpus.speech import fill, say
from speak.corpus.synthesis import SAMPLE_RATE
from speak.corpus.voice import voice_for
from speak.data.clip import EMOTIONS
from speak.errors import UserError

HASHING = """
import hashlib
from speak.corpus.speech import say
from speak.corpus.voice import voice_for
speech = say("It's eleven o'clock", voice_for(5, "female"), emotion="happy", level=2, seed=11)
print(hashlib.sha256(speech.wave.tobytes() + repr(speech.phones).encode()).hexdigest())
"""


def assert_tiles(speech):
    edges = [(phone.start_s, phone.end_s) for phone in speech.phones]
    assert edges[0][0] == 0
    assert all(start < end for start, end in edges)
    assert all(a[1] == b[0] for a, b in itertools.pairwise(edges))
    assert edges[-1][1] == pytest.approx(speech.duration_s, abs=1e-9)


def middle_visemes(speech, symbols):
    times = [(phone.start_s + phone.end_s) / 2 for phone in speech.phones if phone.symbol in symbols]
    return speech.visemes(np.array(times))


@pytest.mark.parametrize("number", range(0, len(OTHER_SENTENCES), 4))
def test_speech_is_well_formed(number):
    emotion, sex = EMOTIONS[number // 4 % 8], ("female", "male")[number // 4 % 2]
    speech = say(OTHER_SENTENCES[number], voice_for(number, sex), emotion=emotion, level=3, seed=number)
    assert_tiles(speech)
    assert speech.wave.dtype == np.float32 and np.abs(speech.wave).max() < 0.96
    assert abs(speech.wave.mean()) < 1e-3
    assert 0.02 < np.sqrt(np.mean(speech.wave**2)) < 0.2
    shapes = speech.visemes(np.arange(0, speech.duration_s, 1 / 30))
    assert shapes.dtype == np.float32 and shapes.shape[1] == 4
    assert shapes[:, [0, 2, 3]].min() >= 0 and shapes.max() <= 1 and shapes[:, 1].min() >= -1
    assert shapes[:, 0].max() > 0.6


def test_same_seed_same_bytes_in_another_process():
    speech = say("It's eleven o'clock", voice_for(5, "female"), emotion="happy", level=2, seed=11)
    here = hashlib.sha256(speech.wave.tobytes() + repr(speech.phones).encode()).hexdigest()
    there = subprocess.run([sys.executable, "-c", HASHING], capture_output=True, text=True, check=True)
    assert there.stdout.strip() == here


def test_another_seed_is_another_take():
    voice = voice_for(5, "female")
    a, b = (say("It's eleven o'clock", voice, emotion="happy", level=2, seed=seed) for seed in (1, 2))
    assert [phone.symbol for phone in a.phones] == [phone.symbol for phone in b.phones]
    assert a.phones != b.phones


def test_phones_are_those_of_the_text_with_silence_around():
    speech = say("It's eleven o'clock", voice_for(0, "male"), emotion="neutral", level=None, seed=0)
    symbols = " ".join(phone.symbol for phone in speech.phones)
    assert symbols == "SIL IH T S IH L EH V AH N AH K L AA K SIL"
    assert speech.phones[0].end_s == pytest.approx(0.2)


def test_sentences_are_parted_by_a_pause():
    speech = say("We hope. We move, now", voice_for(0, "male"), emotion="neutral", level=None, seed=0)
    pauses = [phone.end_s - phone.start_s for phone in speech.phones[1:-1] if phone.symbol == SILENCE]
    assert len(pauses) == 2
    assert 0.15 < pauses[0] < 0.35 and 0.08 < pauses[1] < 0.2


def test_short_speech_is_padded_to_the_sample():
    speech = say("We hope", voice_for(0, "male"), emotion="neutral", level=None, seed=0, min_duration_s=3.0)
    assert len(speech.wave) == 3 * SAMPLE_RATE
    assert_tiles(speech)
    assert speech.phones[-1].symbol == SILENCE


@pytest.mark.parametrize("duration_s", [0.1, 1.0, 3.0, 7.3])
def test_fill_is_exact_and_mostly_speech(duration_s):
    speech = fill(
        ("Give me back the purple umbrella", "We hope."),
        voice_for(1, "female"),
        emotion="sad",
        level=1,
        seed=3,
        duration_s=duration_s,
    )
    assert len(speech.wave) == round(duration_s * SAMPLE_RATE)
    assert_tiles(speech)
    silent = sum(phone.end_s - phone.start_s for phone in speech.phones if phone.symbol == SILENCE)
    assert silent < 0.2 + 0.25 * duration_s


def test_fill_names_what_it_began_to_speak():
    mood = {"emotion": "sad", "level": 1, "seed": 3}
    speech = fill(("We hope", "We move"), voice_for(1, "female"), **mood, duration_s=1.2, lead_s=0.0)
    assert speech.sentence in ("We hope. We move", "We hope. We move. We hope")


@pytest.fixture(scope="module")
def speeches():
    """Hurried speech: where lips have least time to reach their targets."""
    return [
        say(sentence, voice_for(number, ("female", "male")[number % 2]), emotion="fear", level=3, seed=number)
        for number, sentence in enumerate(LONG_SENTENCES)
    ]


def test_lips_close_for_bilabials_and_tuck_for_labiodentals(speeches):
    for speech in speeches:
        closed = middle_visemes(speech, "MBP")
        assert (closed[:, 2] > 0.95).all() and (closed[:, 0] < 0.05).all(), speech.sentence
        assert (middle_visemes(speech, "FV")[:, 3] > 0.9).all(), speech.sentence


def test_vowels_open_spread_and_round_the_lips(speeches):
    def mean(symbol):
        return np.concatenate([middle_visemes(speech, (symbol,)) for speech in speeches]).mean(axis=0)

    assert mean("AA")[0] > 0.75 and mean("AE")[0] > 0.65
    assert mean("IY")[0] < 0.5 and mean("IY")[1] > 0.5
    assert mean("UW")[1] < -0.6
    assert mean(SILENCE)[0] < 0.2


def test_sound_and_jaw_move_together(speeches):
    """A talking head learns from this: where the mouth opens, there is sound."""
    values = []
    for speech in speeches:
        hops = len(speech.wave) // 640
        envelope = speech.wave[: hops * 640].reshape(hops, 640).std(axis=1)
        jaw = speech.visemes((np.arange(hops) + 0.5) * 0.04)[:, 0]
        values.append(np.corrcoef(envelope, jaw)[0, 1])
    assert np.mean(values) > 0.7 and min(values) > 0.5, values


def test_pauses_are_quiet_but_not_digital_silence():
    speech = say(CREMA_D_SENTENCES["TIE"], voice_for(0, "male"), emotion="neutral", level=None, seed=0)
    lead = speech.wave[: round(0.1 * SAMPLE_RATE)]
    assert 0 < lead.std() < 0.03 * speech.wave.std()


@pytest.mark.parametrize("text", ["A zeppelin flies", "", " . ,"])
def test_impossible_texts_are_user_errors(text):
    with pytest.raises(UserError, match=r"zeppelin|no words"):
        say(text, voice_for(0, "male"), emotion="neutral", level=None, seed=0)
