"""Who speaks and in what mood: a voice is a handful of numbers, an emotion multiplies some of them.

The directions of the emotional changes (anger and joy: high, wide, loud; sadness: low, flat, slow, soft) follow
the review of vocal expression by Scherer (2003); their sizes are ours.
"""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from speak.data.clip import EMOTIONS

Sex = Literal["female", "male"]


@dataclass(frozen=True, kw_only=True)
class Voice:
    """A speaker's voice.

    Attributes:
        f0_hz: median fundamental frequency.
        f0_range: factor on all rises and falls of the pitch; 1 is lively everyday speech.
        tract_scale: factor on the formants, near 1 for a man, above for a shorter vocal tract.
        breathiness: level of breath noise against the voice, about 0.02 (clear) to 0.12 (breathy).
        open_quotient: share of a cycle during which the glottis is open, 0.5 (pressed) to 0.7 (lax).
        jitter: standard deviation of the random period-scale changes of f0, as a fraction.
        rate: speaking rate, 1 is normal and above is faster.
        rms: loudness of the speech as RMS of full scale.
    """

    f0_hz: float
    f0_range: float
    tract_scale: float
    breathiness: float
    open_quotient: float
    jitter: float
    rate: float
    rms: float


F0_HZ = {"female": (165.0, 240.0), "male": (85.0, 145.0)}
TRACT_SCALE = {"female": (1.08, 1.20), "male": (0.92, 1.06)}


def voice_for(person_seed: int, sex: Sex) -> Voice:
    """The voice of a person: always the same for the same seed and sex."""
    rng = np.random.default_rng([person_seed, 0x5041])
    return Voice(
        f0_hz=float(rng.uniform(*F0_HZ[sex])),
        f0_range=float(rng.uniform(0.8, 1.2)),
        tract_scale=float(rng.uniform(*TRACT_SCALE[sex])),
        breathiness=float(rng.uniform(0.02, 0.10)),
        open_quotient=float(rng.uniform(0.52, 0.66)),
        jitter=float(rng.uniform(0.004, 0.012)),
        rate=float(rng.uniform(0.92, 1.10)),
        rms=float(rng.uniform(0.06, 0.08)),
    )


@dataclass(frozen=True, kw_only=True)
class Mood:
    """Factors on a voice at the strongest level (3) of an emotion."""

    f0: float = 1.0
    f0_range: float = 1.0
    rate: float = 1.0
    loudness: float = 1.0
    breathiness: float = 1.0
    jitter: float = 1.0


MOODS = {
    "angry": Mood(f0=1.20, f0_range=1.5, rate=1.10, loudness=1.9, breathiness=0.7),
    "contempt": Mood(f0=0.94, f0_range=0.8, rate=0.92, loudness=0.95),
    "disgusted": Mood(f0=0.95, f0_range=1.1, rate=0.88, loudness=1.1, jitter=1.5),
    "fear": Mood(f0=1.30, f0_range=1.1, rate=1.18, loudness=0.9, breathiness=1.5, jitter=2.0),
    "happy": Mood(f0=1.20, f0_range=1.6, rate=1.08, loudness=1.4),
    "neutral": Mood(),
    "sad": Mood(f0=0.88, f0_range=0.6, rate=0.82, loudness=0.55, breathiness=1.6),
    "surprised": Mood(f0=1.35, f0_range=1.7, rate=1.05, loudness=1.4),
}
"""One mood for each of ``EMOTIONS``."""

STRONGEST_LEVEL = 3
UNSTATED_LEVEL = 2


def in_mood(voice: Voice, emotion: str, level: int | None) -> Voice:
    """``voice`` under an emotion: each factor of the mood is raised to level / 3.

    Args:
        emotion: one of ``EMOTIONS``.
        level: 1 to 3; None counts as 2.

    Raises:
        ValueError: no such emotion or level.
    """
    level = UNSTATED_LEVEL if level is None else level
    if emotion not in MOODS or not 1 <= level <= STRONGEST_LEVEL:
        known = ", ".join(EMOTIONS)
        raise ValueError(f"expected an emotion of {known} at level 1 to 3, got {emotion!r} at {level!r}")
    mood, share = MOODS[emotion], level / STRONGEST_LEVEL
    return replace(
        voice,
        f0_hz=voice.f0_hz * mood.f0**share,
        f0_range=voice.f0_range * mood.f0_range**share,
        rate=voice.rate * mood.rate**share,
        rms=voice.rms * mood.loudness**share,
        breathiness=voice.breathiness * mood.breathiness**share,
        jitter=voice.jitter * mood.jitter**share,
    )
