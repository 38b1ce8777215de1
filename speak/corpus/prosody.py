"""From text to timed phones, and the melody over them.

Each phone lasts its sound's usual time, divided by the speaking rate; accented vowels and the end of a phrase
linger. The pitch falls steadily through a phrase, rises on each accent and drops at the end (declination, accents
and final lowering, as in Fujisaki's and Pierrehumbert's descriptions of intonation).
"""

import re

import numpy as np

from speak.corpus.lexicon import pronounce, words_of
from speak.corpus.phones import SILENCE, SOUNDS, SYLLABIC, Phone
from speak.errors import UserError

ACCENTED_LENGTH = 1.18
UNACCENTED_LENGTH = 0.90
FINAL_LENGTH = 1.35
LENGTH_SPREAD = 0.06
PAUSE_S = {".": (0.18, 0.30), ",": (0.10, 0.18)}
"""Shortest and longest silence after a sentence and after a comma."""

DECLINATION_SEMITONES = 3.0
ACCENT_SEMITONES = (1.5, 3.5)
ACCENT_WIDTH_S = 0.09
FINAL_FALL_SEMITONES = 3.0
FINAL_FALL_S = 0.25


def schedule(text: str, rate: float, rng: np.random.Generator, start_s: float) -> list[Phone]:
    """Speak ``text`` from ``start_s`` on: phones without gaps, pauses between phrases only.

    Args:
        text: words of the lexicon; ``.``, ``!``, ``?``, ``;``, ``:`` and ``,`` end a phrase.
        rate: speaking rate, 1 is normal.

    Raises:
        UserError: a word is unknown, or there is none.
    """
    phones: list[Phone] = []
    now, mark = start_s, ""
    for phrase in re.findall(r"[^.!?;:,]+[.!?;:,]*", text):
        if not (words := words_of(phrase)):
            continue
        if mark:
            pause = rng.uniform(*PAUSE_S["," if mark == "," else "."]) / rate
            phones.append(Phone(SILENCE, now, now + pause))
            now += pause
        for symbol, stressed, length in _lengths(words, rng):
            phones.append(Phone(symbol, now, now + length / rate, stressed))
            now = phones[-1].end_s
        mark = phrase[-1]
    if not phones:
        raise UserError(f"sentence: no words in {text!r}; give at least one word of speak/corpus/lexicon.py")
    return phones


def _lengths(words: list[str], rng: np.random.Generator) -> list[tuple[str, bool, float]]:
    """Symbol, accent and seconds at rate 1 of every phone of a phrase."""
    marked = [symbol for word in words for symbol in pronounce(word)]
    last_vowel = max(i for i, symbol in enumerate(marked) if symbol.rstrip("1") in SYLLABIC)
    lengths = []
    for i, mark in enumerate(marked):
        symbol, stressed = mark.rstrip("1"), mark.endswith("1")
        length = SOUNDS[symbol].duration_s * np.exp(LENGTH_SPREAD * rng.standard_normal())
        if symbol in SYLLABIC:
            length *= ACCENTED_LENGTH if stressed else UNACCENTED_LENGTH
        if i >= last_vowel:
            length *= FINAL_LENGTH
        lengths.append((symbol, stressed, float(length)))
    return lengths


def melody(phones: tuple[Phone, ...], times_s: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Pitch at ``times_s`` in semitones about the voice's median, for a pitch range of 1. Shape (T,)."""
    pitch = np.zeros(len(times_s))
    for phrase in _phrases(phones):
        start_s, end_s = phrase[0].start_s, phrase[-1].end_s
        inside = (times_s >= start_s) & (times_s < end_s)
        now = times_s[inside]
        line = DECLINATION_SEMITONES * (0.5 - (now - start_s) / (end_s - start_s))
        for phone in phrase:
            if phone.stressed:
                middle_s = (phone.start_s + phone.end_s) / 2
                bump = np.exp(-0.5 * ((now - middle_s) / ACCENT_WIDTH_S) ** 2)
                line += rng.uniform(*ACCENT_SEMITONES) * bump
        line -= FINAL_FALL_SEMITONES * np.clip((now - end_s) / FINAL_FALL_S + 1, 0, 1)
        if line.size:
            pitch[inside] = line - np.median(line)
    return pitch


def _phrases(phones: tuple[Phone, ...]) -> list[list[Phone]]:
    """Runs of phones between silences."""
    runs: list[list[Phone]] = [[]]
    for phone in phones:
        if phone.symbol != SILENCE:
            runs[-1].append(phone)
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]
