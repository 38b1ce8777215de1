"""Articulation over time: every sound pulls the tract towards its target, and the tract follows sluggishly.

Targets are piecewise constant (diphthongs ramp) on a 1 ms grid; a symmetric Gaussian smooths them. Its width is
the articulator's inertia: lips and jaw are slow, so that neighbours colour each other (coarticulation), while
sources switch fast.
"""

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter1d

from speak.corpus.phones import NASALS, NOISE_BANDS, SOUNDS, Phone

GRID_HZ = 1000
FORMANT_SMOOTHING_S = 0.016
SOURCE_SMOOTHING_S = 0.008
HISS_SMOOTHING_S = 0.005
VISEME_SMOOTHING_S = np.array([0.028, 0.028, 0.014, 0.014])
"""Jaw, wide, press, tuck. A lip seal is all or nothing, so press and tuck arrive quickly."""
SEAL_DRIVE = 1.15
"""Lips aim beyond contact (Löfqvist & Gracco 1997), so that even a short /b/ closes them fully."""
VOICE_BAR = 0.22
"""Level of the voice heard through the walls of the shut tract in /b d g jh/."""

NEUTRAL_TUBE_HZ = (500.0, 1500.0, 2500.0)
"""Resonances of a 17.5 cm tube: the tract at rest, where nobody speaks at all."""

_SYMBOLS = {symbol: i for i, symbol in enumerate(SOUNDS)}
_ALL = list(SOUNDS.values())
_START = np.array([sound.formants for sound in _ALL], dtype=float)
_END = np.array([sound.glide_formants or sound.formants for sound in _ALL], dtype=float)
_VISEME_START = np.array([sound.viseme for sound in _ALL])
_VISEME_END = np.array([sound.glide_viseme or sound.viseme for sound in _ALL])
_CLOSURE = np.array([sound.closure for sound in _ALL])


@dataclass(frozen=True)
class Tracks:
    """Smoothed controls of the synthesiser on the grid of ``GRID_HZ``.

    Attributes:
        times_s: (N,) grid times.
        formants: (N, 3) Hz for tract scale 1.
        voice, breath, nasal: (N,) source levels and nasality, from 0 to 1.
        hiss: band name -> (N,) level.
    """

    times_s: np.ndarray
    formants: np.ndarray
    voice: np.ndarray
    breath: np.ndarray
    nasal: np.ndarray
    hiss: dict[str, np.ndarray]


def articulate(phones: tuple[Phone, ...]) -> Tracks:
    """The synthesiser's controls for ``phones``."""
    times_s, index, sounds, share = _grid(phones)
    start, end = _resolved_formants(np.array([_SYMBOLS[phone.symbol] for phone in phones]))
    glide = _glide(share)[:, None]
    formants = _smooth(start[index] + (end - start)[index] * glide, FORMANT_SMOOTHING_S)
    shut = share < _CLOSURE[sounds]
    voice = _per_sound("voice")[sounds] * np.where(shut, VOICE_BAR, 1.0)
    breath = _per_sound("breath")[sounds] * ~shut
    hiss = _per_sound("hiss")[sounds] * ~shut
    bands = np.array([sound.band for sound in _ALL])[sounds]
    nasal = np.array([symbol in NASALS for symbol in SOUNDS], dtype=float)[sounds]
    return Tracks(
        times_s=times_s,
        formants=formants,
        voice=_smooth(voice, SOURCE_SMOOTHING_S),
        breath=_smooth(breath, SOURCE_SMOOTHING_S),
        nasal=_smooth(nasal, SOURCE_SMOOTHING_S),
        hiss={band: _smooth(hiss * (bands == band), HISS_SMOOTHING_S) for band in NOISE_BANDS},
    )


def visemes(phones: tuple[Phone, ...], times_s: np.ndarray) -> np.ndarray:
    """Lip shape at ``times_s``: (T, 4) float32 jaw [0, 1], wide [-1, 1], press [0, 1], tuck [0, 1].

    Times outside the speech take the nearest end. Pressed lips hold the jaw shut.
    """
    grid_s, _, sounds, share = _grid(phones)
    targets = _VISEME_START[sounds] + (_VISEME_END - _VISEME_START)[sounds] * _glide(share)[:, None]
    columns = zip(targets.T, VISEME_SMOOTHING_S, strict=True)
    shape = np.stack([np.interp(times_s, grid_s, _smooth(track, width_s)) for track, width_s in columns], axis=1)
    shape[:, 2:] = np.clip(SEAL_DRIVE * shape[:, 2:], 0, 1)
    shape[:, 0] *= 1 - shape[:, 2]
    return shape.astype(np.float32)


def _grid(phones: tuple[Phone, ...]) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Grid times, and at each the phone's number, its sound's number and the share of it that has passed."""
    starts = np.array([phone.start_s for phone in phones])
    lengths = np.array([phone.end_s - phone.start_s for phone in phones])
    times_s = (np.arange(int(np.ceil(phones[-1].end_s * GRID_HZ))) + 0.5) / GRID_HZ
    index = np.searchsorted(starts, times_s, side="right") - 1
    sounds = np.array([_SYMBOLS[phone.symbol] for phone in phones])[index]
    return times_s, index, sounds, np.clip((times_s - starts[index]) / lengths[index], 0, 1)


def _resolved_formants(sounds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Start and end formants of each phone, each NaN replaced: by what comes next, or else by what was before."""
    start, end = _START[sounds], _END[sounds]
    for i in reversed(range(len(sounds) - 1)):
        start[i] = np.where(np.isnan(start[i]), start[i + 1], start[i])
        end[i] = np.where(np.isnan(end[i]), start[i + 1], end[i])
    for i in range(1, len(sounds)):
        start[i] = np.where(np.isnan(start[i]), end[i - 1], start[i])
        end[i] = np.where(np.isnan(end[i]), start[i], end[i])
    return np.where(np.isnan(start), NEUTRAL_TUBE_HZ, start), np.where(np.isnan(end), NEUTRAL_TUBE_HZ, end)


def _glide(share: np.ndarray) -> np.ndarray:
    """Progress of a diphthong: it rests a quarter, moves for half its time, and rests again."""
    return np.clip(2 * share - 0.5, 0, 1)


def _per_sound(name: str) -> np.ndarray:
    return np.array([getattr(sound, name) for sound in _ALL])


def _smooth(values: np.ndarray, width_s: float) -> np.ndarray:
    return gaussian_filter1d(values, width_s * GRID_HZ, axis=0, mode="nearest")
