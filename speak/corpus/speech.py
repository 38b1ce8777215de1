"""Speech with its own ground truth: a wave, when each phone is spoken, and the shape of the lips at any time.

``say`` speaks a text once and keeps its natural length; ``fill`` speaks texts until a given time is full.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from speak.corpus.phones import SILENCE, Phone
from speak.corpus.prosody import PAUSE_S, schedule
from speak.corpus.synthesis import SAMPLE_RATE, synthesise
from speak.corpus.tracks import visemes
from speak.corpus.voice import Voice, in_mood

LEAD_S = 0.2
"""Silence before the first word and behind the last, unless the caller wants another."""


@dataclass(frozen=True, eq=False)
class Speech:
    """An utterance.

    Attributes:
        wave: (S,) float32 in [-1, 1], mono at ``SAMPLE_RATE``.
        phones: tile the time from 0 to ``duration_s`` without gaps.
        sentence: the text spoken; of a text that was cut off, all of it.
    """

    wave: np.ndarray
    phones: tuple[Phone, ...]
    sentence: str

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return len(self.wave) / SAMPLE_RATE

    def visemes(self, times_s: np.ndarray) -> np.ndarray:
        """Lip shape at (T,) times: (T, 4) float32 jaw [0, 1], wide [-1, 1], press [0, 1], tuck [0, 1]."""
        return visemes(self.phones, np.asarray(times_s, dtype=float))


def say(
    sentence: str,
    voice: Voice,
    *,
    emotion: str,
    level: int | None,
    seed: int,
    min_duration_s: float = 0.0,
    lead_s: float = LEAD_S,
) -> Speech:
    """Speak ``sentence`` once, with ``lead_s`` of silence before and at least as much behind.

    Args:
        sentence: words of the lexicon; sentences joined by ``". "`` are separated by a pause.
        emotion: one of ``speak.data.clip.EMOTIONS``.
        level: 1 to 3; None counts as 2.
        seed: of everything random; the same seed gives the same bytes.
        min_duration_s: a shorter utterance is padded with silence to exactly this length.

    Raises:
        UserError: a word is not in the lexicon.
    """
    voice = in_mood(voice, emotion, level)
    phones = schedule(sentence, voice.rate, _timing(seed), lead_s)
    end_s = max(phones[-1].end_s + lead_s, min_duration_s)
    return _spoken(phones, voice, seed, round(np.ceil(end_s * SAMPLE_RATE - 1e-6)), sentence)


def fill(
    sentences: Sequence[str],
    voice: Voice,
    *,
    emotion: str,
    level: int | None,
    seed: int,
    duration_s: float,
    lead_s: float = LEAD_S,
) -> Speech:
    """Speak ``sentences`` in order, again from the first after the last, for exactly ``duration_s``.

    What does not fit is cut off, in the midst of a word if need be, as in a clip taken out of a longer
    recording. Arguments, errors and the rest are those of ``say``.
    """
    voice = in_mood(voice, emotion, level)
    rng = _timing(seed)
    phones, spoken, now = [], [], lead_s
    for sentence in itertools.cycle(sentences):
        phones += schedule(sentence, voice.rate, rng, now)
        spoken.append(sentence.rstrip(". "))
        pause_s = rng.uniform(*PAUSE_S["."]) / voice.rate
        now = phones[-1].end_s + pause_s
        if now >= duration_s:
            break
        phones.append(Phone(SILENCE, phones[-1].end_s, now))
    return _spoken(phones, voice, seed, round(duration_s * SAMPLE_RATE), ". ".join(spoken))


def _timing(seed: int) -> np.random.Generator:
    return np.random.default_rng([seed, 1])


def _spoken(phones: list[Phone], voice: Voice, seed: int, num_samples: int, sentence: str) -> Speech:
    """Fit ``phones`` to ``num_samples`` with silence around them and synthesise."""
    end_s = num_samples / SAMPLE_RATE
    first, last = phones[0], phones[-1]
    phones = [Phone(SILENCE, 0.0, first.start_s), *phones, Phone(SILENCE, last.end_s, max(last.end_s, end_s))]
    tiles = tuple(
        replace(phone, end_s=min(phone.end_s, end_s)) for phone in phones if phone.start_s < min(phone.end_s, end_s)
    )
    wave = synthesise(tiles, voice, num_samples, np.random.default_rng([seed, 2]))
    return Speech(wave=wave, phones=tiles, sentence=sentence)
