"""The sounds of English speech: how each one sounds and how it shapes the lips.

A phone is written in ARPAbet (39 symbols and ``SIL``). ``SOUNDS`` says what a speaker aims at while it lasts:

* three formants (resonances of the vocal tract), for a man. Vowels: averages of Peterson & Barney 1952. Consonants:
  loci after the cascade/parallel synthesiser of Klatt 1980. A diphthong glides to a second target. NaN means
  "whatever comes next": /h/ is the following vowel whispered, /k/ and /g/ are made where that vowel is made;
* sources: voice (the glottis), breath (noise at the glottis) and hiss (noise at a constriction, in its own band);
* stops and affricates are shut for the share ``closure`` of their time, then release;
* a viseme: jaw in [0, 1] (1 wide open), wide in [-1, 1] (-1 rounded and protruded, 1 spread), press in [0, 1]
  (lips pressed together) and tuck in [0, 1] (lower lip under the upper teeth).
"""

from dataclasses import dataclass
from math import nan

VISEME_CHANNELS = ("jaw", "wide", "press", "tuck")
SILENCE = "SIL"


@dataclass(frozen=True)
class Phone:
    """One phone as spoken: ``symbol`` (a key of ``SOUNDS``) from ``start_s`` to ``end_s``.

    ``stressed`` marks the vowel that carries its word's accent.
    """

    symbol: str
    start_s: float
    end_s: float
    stressed: bool = False


@dataclass(frozen=True, kw_only=True)
class Sound:
    """What a speaker aims at during one phone.

    Attributes:
        duration_s: length at rate 1, in seconds.
        formants: F1, F2, F3 in Hz for ``tract_scale`` 1.
        voice, breath, hiss: source levels; a stressed vowel's voice is 1.
        band: the hiss's key in ``NOISE_BANDS``.
        closure: share of the phone, from its start, during which the tract is shut.
        viseme: jaw, wide, press, tuck.
        glide_formants, glide_viseme: where a diphthong ends; None for every other sound.
    """

    duration_s: float
    formants: tuple[float, float, float]
    viseme: tuple[float, float, float, float]
    voice: float = 0.0
    breath: float = 0.0
    hiss: float = 0.0
    band: str = "s"
    closure: float = 0.0
    glide_formants: tuple[float, float, float] | None = None
    glide_viseme: tuple[float, float, float, float] | None = None


NOISE_BANDS = {
    "s": (4300.0, 7400.0),
    "sh": (2100.0, 5200.0),
    "f": (1500.0, 7600.0),
    "th": (3200.0, 7800.0),
    "p": (400.0, 1600.0),
    "t": (3000.0, 6800.0),
    "k": (1400.0, 2700.0),
}
"""Pass band of the noise made at each place of constriction, in Hz for ``tract_scale`` 1."""


def _vowel(duration_s: float, formants: tuple, jaw: float, wide: float) -> Sound:
    return Sound(duration_s=duration_s, formants=formants, viseme=(jaw, wide, 0.0, 0.0), voice=1.0)


def _glide(duration_s: float, start: Sound, end: Sound) -> Sound:
    """A diphthong, from the shape of one vowel to that of another."""
    return Sound(
        duration_s=duration_s,
        formants=start.formants,
        viseme=start.viseme,
        voice=1.0,
        glide_formants=end.formants,
        glide_viseme=end.viseme,
    )


VOWELS = {
    "IY": _vowel(0.105, (270, 2290, 3010), 0.28, 0.85),
    "IH": _vowel(0.080, (390, 1990, 2550), 0.42, 0.45),
    "EH": _vowel(0.100, (530, 1840, 2480), 0.65, 0.45),
    "AE": _vowel(0.130, (660, 1720, 2410), 0.85, 0.50),
    "AA": _vowel(0.135, (730, 1090, 2440), 1.00, 0.05),
    "AO": _vowel(0.130, (570, 840, 2410), 0.80, -0.55),
    "AH": _vowel(0.080, (620, 1190, 2390), 0.60, 0.05),
    "UH": _vowel(0.085, (440, 1020, 2240), 0.42, -0.55),
    "UW": _vowel(0.110, (300, 870, 2240), 0.28, -1.00),
    "ER": _vowel(0.120, (490, 1350, 1690), 0.42, -0.35),
}
DIPHTHONGS = {
    "EY": _glide(0.135, VOWELS["EH"], VOWELS["IY"]),
    "AY": _glide(0.160, VOWELS["AA"], VOWELS["IH"]),
    "OY": _glide(0.180, VOWELS["AO"], VOWELS["IH"]),
    "AW": _glide(0.165, VOWELS["AA"], VOWELS["UH"]),
    "OW": _glide(0.145, VOWELS["AO"], VOWELS["UW"]),
}

_SHUT = (0.02, 0.0, 1.0, 0.0)
_TONGUE_TIP = (0.20, 0.15, 0.0, 0.0)
_TONGUE_BACK = (0.25, 0.05, 0.0, 0.0)

# Stops: shut, then a burst of hiss with breath (P T K) or with the voice coming back at once (B D G).
_UNVOICED_STOP = {"duration_s": 0.088, "breath": 0.45, "closure": 0.58}
_VOICED_STOP = {"duration_s": 0.070, "voice": 0.55, "closure": 0.70}
# Fricatives by the place of their constriction; within a pair only the voice differs.
_LABIODENTAL = {"formants": (280, 1100, 2080), "viseme": (0.12, 0.1, 0.0, 1.0), "band": "f"}
_DENTAL = {"formants": (300, 1350, 2540), "viseme": _TONGUE_TIP, "band": "th"}
_ALVEOLAR = {"formants": (280, 1500, 2530), "viseme": (0.12, 0.35, 0.0, 0.0), "band": "s"}
_POSTALVEOLAR = {"formants": (290, 1820, 2780), "viseme": (0.18, -0.60, 0.0, 0.0), "band": "sh"}

CONSONANTS = {
    "P": Sound(formants=(400, 1100, 2150), viseme=_SHUT, hiss=0.30, band="p", **_UNVOICED_STOP),
    "T": Sound(formants=(400, 1700, 2600), viseme=_TONGUE_TIP, hiss=0.55, band="t", **_UNVOICED_STOP),
    "K": Sound(formants=(350, nan, 2500), viseme=_TONGUE_BACK, hiss=0.60, band="k", **_UNVOICED_STOP),
    "B": Sound(formants=(200, 1000, 2150), viseme=_SHUT, hiss=0.15, band="p", **_VOICED_STOP),
    "D": Sound(formants=(200, 1700, 2600), viseme=_TONGUE_TIP, hiss=0.25, band="t", **_VOICED_STOP),
    "G": Sound(formants=(200, nan, 2500), viseme=_TONGUE_BACK, hiss=0.30, band="k", **_VOICED_STOP),
    "CH": Sound(duration_s=0.120, closure=0.40, **_POSTALVEOLAR, hiss=0.60),
    "JH": Sound(duration_s=0.095, closure=0.45, **_POSTALVEOLAR, voice=0.35, hiss=0.35),
    "F": Sound(duration_s=0.095, **_LABIODENTAL, hiss=0.16),
    "V": Sound(duration_s=0.065, **_LABIODENTAL, voice=0.45, hiss=0.06),
    "TH": Sound(duration_s=0.085, **_DENTAL, hiss=0.12),
    "DH": Sound(duration_s=0.050, **_DENTAL, voice=0.50, hiss=0.04),
    "S": Sound(duration_s=0.105, **_ALVEOLAR, hiss=0.45),
    "Z": Sound(duration_s=0.075, **_ALVEOLAR, voice=0.40, hiss=0.25),
    "SH": Sound(duration_s=0.110, **_POSTALVEOLAR, hiss=0.55),
    "ZH": Sound(duration_s=0.080, **_POSTALVEOLAR, voice=0.40, hiss=0.28),
    "HH": Sound(duration_s=0.060, formants=(nan, nan, nan), viseme=(0.35, 0.0, 0.0, 0.0), breath=0.60),
    "M": Sound(duration_s=0.075, formants=(250, 1000, 2150), viseme=_SHUT, voice=0.75),
    "N": Sound(duration_s=0.065, formants=(250, 1600, 2550), viseme=_TONGUE_TIP, voice=0.75),
    "NG": Sound(duration_s=0.075, formants=(250, 2000, 2600), viseme=_TONGUE_BACK, voice=0.75),
    "L": Sound(duration_s=0.065, formants=(340, 1050, 2880), viseme=(0.30, 0.10, 0.0, 0.0), voice=0.70),
    "R": Sound(duration_s=0.070, formants=(340, 1100, 1450), viseme=(0.25, -0.50, 0.0, 0.0), voice=0.70),
    "W": Sound(duration_s=0.070, formants=(290, 650, 2150), viseme=(0.12, -1.00, 0.0, 0.0), voice=0.65),
    "Y": Sound(duration_s=0.060, formants=(270, 2150, 3020), viseme=(0.20, 0.70, 0.0, 0.0), voice=0.65),
}
PAUSE = Sound(duration_s=0.2, formants=(nan, nan, nan), viseme=(0.0, 0.0, 0.0, 0.0))

SOUNDS = {**VOWELS, **DIPHTHONGS, **CONSONANTS, SILENCE: PAUSE}
NASALS = ("M", "N", "NG")
SYLLABIC = frozenset(VOWELS) | frozenset(DIPHTHONGS)
