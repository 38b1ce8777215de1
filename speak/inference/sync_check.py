"""Can the sync network be trusted? What it says about clips whose truth is known.

Discrimination: for every window of unseen persons, the matching sound must be nearer than the sound 5 frames earlier
or later (25 fps), in the share of cases called accuracy. Confidence is then measured where it should be high (the
clip itself; the clip with its sound 5 frames late, which the offset search must find) and where it should vanish (the
mouth frozen at the first frame; another clip's sound).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from speak.data.samples import decoded_clips, sync_track
from speak.inference.interval import interval
from speak.inference.offset_search import sync_confidence
from speak.inference.sync import SyncScorer
from speak.models.syncnet import MEL_PER_FRAME

SHIFT = 5
"""Frames at 25 fps: 0.2 s, clearly visible to a viewer."""
SPEECH_RANGE = 3.0
"""A mel frame is speech when its mean log magnitude lies within this of the clip's loudest (26 dB)."""
SPEECH_SHARE = 0.25
"""A window holds speech when at least this share of its mel frames is speech."""
CONDITIONS = ("ground truth", "shifted", "frozen mouth", "other clip")


@dataclass(frozen=True, kw_only=True)
class CheckedClip:
    """Embeddings of one clip: video, audio (N, D) each, and of its first mouth view repeated.

    ``speech`` (N,) bool: whether a window's sound holds speech.
    """

    clip_id: str
    person: str
    video: np.ndarray
    audio: np.ndarray
    frozen: np.ndarray
    speech: np.ndarray


def evaluate_sync(scorer: SyncScorer, folders: Iterable[Path], clip_ids: Iterable[str]) -> dict[str, Any]:
    """Discrimination and confidence on the named clips (of persons unseen in training).

    Returns:
        JSON-able: ``accuracy`` with ``low`` and ``high`` (95 % interval over persons), ``n`` comparisons,
        ``accuracy_speech`` and ``n_speech`` for those in which either sound holds speech, ``shift``,
        ``clips``, ``persons``, ``skipped`` ({clip id: reason}) and ``conditions``: in the order of ``CONDITIONS``
        ``name``, ``sync_conf`` (mean), ``low``, ``high``, ``offset`` (median, frames), ``n`` clips.
    """
    clips, skipped = [], {}
    for clip in decoded_clips(folders, clip_ids, pictures=True):
        try:
            clips.append(_embedded(scorer, clip))
        except ValueError as error:
            skipped[clip.clip_id] = str(error)
    if not clips:
        return {"accuracy": None, "n": 0, "clips": 0, "skipped": skipped, "conditions": [], "reason": "no usable clip"}
    persons = [clip.person for clip in clips]
    right = [told_apart(clip.video, clip.audio, SHIFT) for clip in clips]
    low, high = interval([r.mean() for r in right], persons, [len(r) for r in right])
    audible = np.concatenate([np.tile(clip.speech[:-SHIFT] | clip.speech[SHIFT:], 2) for clip in clips])
    heard = np.concatenate(right)[audible]
    return {
        "accuracy": float(np.concatenate(right).mean()),
        "accuracy_speech": float(heard.mean()) if len(heard) else None,
        "n_speech": len(heard),
        "low": low,
        "high": high,
        "n": int(sum(len(r) for r in right)),
        "shift": SHIFT,
        "clips": len(clips),
        "persons": len(set(persons)),
        "skipped": skipped,
        "conditions": [_condition(name, clips) for name in CONDITIONS],
    }


def told_apart(video: np.ndarray, audio: np.ndarray, shift: int) -> np.ndarray:
    """Per window and direction, whether the matching sound is nearer than the one ``shift`` windows away: (n,) bool."""
    matching = np.linalg.norm(video - audio, axis=1)
    later = np.linalg.norm(video[:-shift] - audio[shift:], axis=1) > matching[:-shift]
    earlier = np.linalg.norm(video[shift:] - audio[:-shift], axis=1) > matching[shift:]
    return np.concatenate([later, earlier])


def speech_windows(mel: np.ndarray, window: int) -> np.ndarray:
    """Which windows of ``window`` video frames hold speech: (4 T, bands) log-mel to (T - window + 1,) bool."""
    level = mel.mean(axis=1)
    loud = (level > level.max() - SPEECH_RANGE).astype(float)
    length = window * MEL_PER_FRAME
    return np.convolve(loud, np.ones(length) / length, mode="valid")[::MEL_PER_FRAME] >= SPEECH_SHARE


def _embedded(scorer: SyncScorer, clip: Any) -> CheckedClip:
    track = sync_track(clip, scorer.config)
    least = scorer.config.window + 2 * SHIFT
    if len(track.views) < least:
        raise ValueError(f"{len(track.views)} frames at 25 fps, {least} needed")
    frozen = np.repeat(track.views[:1], len(track.views), axis=0)
    return CheckedClip(
        clip_id=clip.clip_id,
        person=clip.person,
        video=scorer.embed_views(track.views),
        audio=scorer.embed_sound(clip.audio, len(track.views)),
        frozen=scorer.embed_views(frozen),
        speech=speech_windows(track.mel, scorer.config.window),
    )


def _condition(name: str, clips: list[CheckedClip]) -> dict[str, Any]:
    found = [sync_confidence(*_pair(name, clips, index)) for index in range(len(clips))]
    confidences = [confidence for confidence, _, _ in found]
    low, high = interval(confidences, [clip.person for clip in clips], [1] * len(clips))
    offset = float(np.median([offset for _, _, offset in found]))
    mean = float(np.mean(confidences))
    return {"name": name, "sync_conf": mean, "low": low, "high": high, "offset": offset, "n": len(clips)}


def _pair(name: str, clips: list[CheckedClip], index: int) -> tuple[np.ndarray, np.ndarray]:
    clip = clips[index]
    if name == "ground truth":
        return clip.video, clip.audio
    if name == "shifted":
        return clip.video[SHIFT:], clip.audio[:-SHIFT]
    if name == "frozen mouth":
        return clip.frozen, clip.audio
    other = _other(clips, index)
    length = min(len(clip.video), len(other.audio))
    return clip.video[:length], other.audio[:length]


def _other(clips: list[CheckedClip], index: int) -> CheckedClip:
    """The next clip of another person, else the next clip (the clip itself when it is alone)."""
    following = clips[index + 1 :] + clips[:index]
    others = [clip for clip in following if clip.person != clips[index].person]
    return (others or following or [clips[index]])[0]
