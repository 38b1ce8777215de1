"""One IRFD examined: what its codes hold (``benchmarks.probes``) and what they move (``benchmarks.swaps``).

A handful of frames of each clip is encoded once; everything else is linear algebra on the codes and decoding of a few
faces, so a report over all ablations costs seconds.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from benchmarks.disentanglement import Disentanglement
from benchmarks.instruments import Faces, InstrumentConfig, Instruments
from benchmarks.probes import Probe, ProbeConfig, probe_labels, probe_pose, r_squared
from benchmarks.statistics import StatisticsConfig
from benchmarks.swaps import FACTORS, Swap, SwapConfig, draw_pairs, measured, responses
from speak.models.irfd import Irfd

Draw = Callable[[Tensor], np.ndarray]
"""Decoded frames (N, *frame) to the landmarks (N, 478, 3) of the faces in them; rows of NaN where there is none."""


@dataclass(frozen=True, kw_only=True)
class DisentanglementConfig:
    """How codes are examined.

    Attributes:
        frames: frames of each clip, equally spaced.
    """

    frames: int
    probe: ProbeConfig
    instruments: InstrumentConfig
    swap: SwapConfig


@dataclass(frozen=True, kw_only=True, eq=False)
class ProbeClip:
    """Frames of one clip: F of them, the same number in every clip.

    Attributes:
        frames: (F, *frame) float32, as the encoders take them.
        landmarks: (F, 478, 3) pixels of the real frames, no NaN.
        pose: (F, 3) degrees: yaw, pitch, roll.
    """

    clip_id: str
    person: str
    emotion: str | None
    frames: np.ndarray
    landmarks: np.ndarray
    pose: np.ndarray


def examine(
    model: Irfd,
    clips: Sequence[ProbeClip],
    instruments: Instruments,
    draw: Draw,
    config: DisentanglementConfig,
    statistics: StatisticsConfig,
    *,
    measured_on: str,
) -> Disentanglement:
    """Examine one IRFD.

    Args:
        model: in evaluation mode.
        clips: of test persons, sorted by clip id.
        instruments: fitted on training persons (the same for every ablation).
        draw: what is seen in a decoded frame.
        config: see ``DisentanglementConfig``.
        statistics: how intervals are made.
        measured_on: e.g. "predicted landmarks" or "landmarks found in the decoded pictures".
    """
    with torch.inference_mode():
        codes = [model.encode(torch.from_numpy(clip.frames)) for clip in clips]
        pairs = draw_pairs([clip.person for clip in clips], config.swap)
        swaps, drawn = _swaps(model, clips, codes, pairs, instruments, draw)
    tables = {factor: np.stack([getattr(code, factor).double().numpy() for code in codes]) for factor in FACTORS}
    return Disentanglement(
        leakage={factor: _leakage(tables[factor], clips, config.probe) for factor in FACTORS},
        swaps=responses(swaps, statistics),
        instruments=check(instruments, clips),
        drawn=drawn,
        clips=len(clips),
        persons=len({clip.person for clip in clips}),
        measured_on=measured_on,
    )


def _leakage(codes: np.ndarray, clips: Sequence[ProbeClip], config: ProbeConfig) -> dict[str, Probe]:
    """What one code (N, F, C) says: of the person (clips held out), of emotion and pose (persons held out)."""
    persons = np.array([clip.person for clip in clips])
    names, counts = np.unique(persons, return_counts=True)
    known = np.isin(persons, names[counts > 1])
    felt = np.array([clip.emotion is not None for clip in clips])
    ids = np.array([clip.clip_id for clip in clips])
    emotions = np.array([clip.emotion or "" for clip in clips])
    return {
        "identity": probe_labels(codes[known], persons[known], ids[known], config),
        "emotion": probe_labels(codes[felt], emotions[felt], persons[felt], config),
        "pose": probe_pose(codes, np.stack([clip.pose for clip in clips]).astype(np.float64), persons, config),
    }


def _swaps(
    model: Irfd,
    clips: Sequence[ProbeClip],
    codes: Sequence,
    pairs: Sequence[tuple[int, int]],
    instruments: Instruments,
    draw: Draw,
) -> tuple[list[Swap], float]:
    """Decode every pair four times (own codes, each factor swapped); the swaps, and the share of frames with a face."""
    found, total, swaps = 0, 0, []
    for a, b in pairs:
        mixed = [codes[a], *(codes[a].swapped(codes[b], factor) for factor in FACTORS)]
        faces = [draw(model.decode(code)) for code in mixed]
        found += sum(int(np.isfinite(points[:, 1, 0]).sum()) for points in faces)
        total += sum(len(points) for points in faces)
        seen = measured([clips[a].landmarks, clips[b].landmarks, *faces], instruments.measure)
        if seen is None:
            continue
        if not _emotions_differ(clips[a], clips[b]):
            seen = [{name: value for name, value in view.items() if name != "emotion"} for view in seen]
        source, target, own, *swapped = seen
        swaps.append(
            Swap(
                source_person=clips[a].person,
                source=source,
                target=target,
                own=own,
                swapped=dict(zip(FACTORS, swapped, strict=True)),
            )
        )
    return swaps, found / total if total else 0.0


def _emotions_differ(one: ProbeClip, other: ProbeClip) -> bool:
    return one.emotion is not None and other.emotion is not None and one.emotion != other.emotion


def check(instruments: Instruments, clips: Sequence[ProbeClip]) -> dict[str, float | None]:
    """How far the instruments can be trusted: tried on the real frames of ``clips``."""
    seen = [instruments.measure(clip.landmarks) for clip in clips]
    persons = np.array([clip.person for clip in clips])
    places = np.stack([view["identity"] for view in seen])
    apart = np.linalg.norm(places[:, None] - places[None], axis=2) + np.diag(np.full(len(clips), np.inf))
    several = [i for i, person in enumerate(persons) if (persons == person).sum() > 1]
    felt = [i for i, clip in enumerate(clips) if clip.emotion and "emotion" in seen[i]]
    right = [instruments.emotion.nearest(seen[i]["emotion"]) == clips[i].emotion for i in felt]
    truth, guess = np.stack([clip.pose for clip in clips]), np.stack([view["pose"] for view in seen])
    return {
        "identity": float(np.mean([persons[apart[i].argmin()] == persons[i] for i in several])) if several else None,
        "emotion": float(np.mean(right)) if right else None,
        "pose": float(r_squared(guess - guess.mean(axis=(0, 1)), truth - truth.mean(axis=(0, 1))).mean()),
    }


def fit_instruments(clips: Sequence[ProbeClip], config: InstrumentConfig) -> Instruments:
    """Instruments from clips of training persons (their ``frames`` are not looked at)."""
    faces = [Faces(person=clip.person, emotion=clip.emotion, landmarks=clip.landmarks) for clip in clips]
    return Instruments.fit(faces, config)
