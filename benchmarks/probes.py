"""Linear probes: what can be read from a code that it should not hold.

A ridge regression in closed form predicts a factor (who, which emotion, how the head is turned) from one code, on
persons the networks never saw. What is held out decides what is asked: for the person, one clip at a time (the other
clips of the same persons teach what each looks like); for emotion and pose, one person at a time, so that a probe
cannot know the face. Beside each value stands what the same probe reaches when the factor is shuffled between clips.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

ANGLES = ("yaw", "pitch", "roll")
CHANCE_TAIL = 0.95
"""A value above this share of the shuffled ones is more than chance."""


@dataclass(frozen=True, kw_only=True)
class ProbeConfig:
    """How codes are probed.

    Attributes:
        ridge: penalty, as a share of the rows' number (codes are standardised).
        shuffles: how often the factor is shuffled between clips to find chance.
        seed: of the shuffles.
    """

    ridge: float
    shuffles: int
    seed: int


@dataclass(frozen=True, kw_only=True)
class Probe:
    """What one code says about one factor.

    Attributes:
        value: accuracy in [0, 1] (person, emotion) or R² (pose, at most 1, may be negative); None where ``reason``
            says why.
        chance: mean value with the factor shuffled between clips.
        high: 95 % quantile of these.
        clips: what it was measured on.
        parts: R² of yaw, pitch and roll, for the pose.
    """

    value: float | None
    chance: float | None
    high: float | None
    clips: int
    reason: str | None = None
    parts: dict[str, float] = field(default_factory=dict)

    @property
    def readable(self) -> bool:
        """Whether the factor can be read from the code better than by chance."""
        return self.value is not None and self.value > max(self.high, 0.0)


def probe_labels(codes: np.ndarray, labels: Sequence[str], groups: Sequence[str], config: ProbeConfig) -> Probe:
    """How well a label of clips is read from a code.

    Args:
        codes: (N, F, C): N clips, F frames each.
        labels: (N,), e.g. persons or emotions.
        groups: (N,): clips of one group are held out together.
        config: see ``ProbeConfig``.

    Returns:
        accuracy over held-out frames. No value where fewer than two labels can be told apart.
    """
    names, index = np.unique(labels, return_inverse=True)
    if len(names) < 2 or len(set(groups)) < 2:
        return _none(codes, "fewer than two classes or groups among the clips")
    target = np.repeat(np.eye(len(names))[index][:, None], codes.shape[1], axis=1)
    return _probe(codes, target, groups, accuracy, config)


def probe_pose(codes: np.ndarray, pose: np.ndarray, groups: Sequence[str], config: ProbeConfig) -> Probe:
    """How well yaw, pitch and roll (N, F, 3) in degrees are read from a code (N, F, C): mean R² over the three."""
    if len(set(groups)) < 2:
        return _none(codes, "fewer than two persons")
    found = _probe(codes, pose, groups, lambda guess, truth: float(r_squared(guess, truth).mean()), config)
    parts = r_squared(_predict(_folds(codes, groups, config.ridge), pose), pose)
    return Probe(**{**vars(found), "parts": dict(zip(ANGLES, parts.tolist(), strict=True))})


def accuracy(guess: np.ndarray, truth: np.ndarray) -> float:
    """Share of rows whose largest score is at the true class: (N, F, K) each."""
    return float((guess.argmax(axis=-1) == truth.argmax(axis=-1)).mean())


def r_squared(guess: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """1 - squared error / variance around the mean, per column of (N, F, K): (K,)."""
    error = ((guess - truth) ** 2).sum(axis=(0, 1))
    return 1 - error / np.maximum(((truth - truth.mean(axis=(0, 1))) ** 2).sum(axis=(0, 1)), 1e-12)


def _none(codes: np.ndarray, reason: str) -> Probe:
    return Probe(value=None, chance=None, high=None, clips=len(codes), reason=reason)


def _probe(
    codes: np.ndarray,
    target: np.ndarray,
    groups: Sequence[str],
    score: Callable[[np.ndarray, np.ndarray], float],
    config: ProbeConfig,
) -> Probe:
    folds = _folds(codes, groups, config.ridge)
    rng = np.random.default_rng(config.seed)
    shuffled = []
    for _ in range(config.shuffles):
        other = target[rng.permutation(len(target))]
        shuffled.append(score(_predict(folds, other), other))
    return Probe(
        value=score(_predict(folds, target), target),
        chance=float(np.mean(shuffled)),
        high=float(np.quantile(shuffled, CHANCE_TAIL)),
        clips=len(codes),
    )


def _folds(codes: np.ndarray, groups: Sequence[str], ridge: float) -> list[tuple[np.ndarray, np.ndarray]]:
    """Per group: which clips are held out, and the matrix that turns the others' targets into their predictions."""
    groups = np.asarray(groups)
    held = [groups == group for group in np.unique(groups)]
    return [(mask, _hat(codes[~mask], codes[mask], ridge)) for mask in held]


def _hat(train: np.ndarray, test: np.ndarray, ridge: float) -> np.ndarray:
    """(test rows, train rows): ridge regression is linear in its targets, so shuffling them needs no new fit."""
    train, test = (part.reshape(-1, part.shape[-1]).astype(np.float64) for part in (train, test))
    mean, scale = train.mean(axis=0), train.std(axis=0) + 1e-9
    train, test = (train - mean) / scale, (test - mean) / scale
    penalty = ridge * len(train)
    if train.shape[1] <= len(train):
        return test @ np.linalg.solve(train.T @ train + penalty * np.eye(train.shape[1]), train.T)
    return test @ train.T @ np.linalg.inv(train @ train.T + penalty * np.eye(len(train)))


def _predict(folds: list[tuple[np.ndarray, np.ndarray]], target: np.ndarray) -> np.ndarray:
    """Held-out predictions (N, F, K) for targets (N, F, K)."""
    guess = np.empty(target.shape)
    for held, hat in folds:
        known = target[~held].reshape(-1, target.shape[-1])
        mean = known.mean(axis=0)
        guess[held] = (hat @ (known - mean) + mean).reshape(guess[held].shape)
    return guess
