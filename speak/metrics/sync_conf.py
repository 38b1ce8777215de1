"""Sync confidence (Chung and Zisserman 2016): does the mouth move with the sound, and better so than when
shifted?

Embeddings of the clip's windows go through the offset search of ``speak.inference.offset_search``. The network behind
a number is part of the metric's id: values of two networks are never comparable.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from speak.inference.offset_search import sync_confidence
from speak.metrics.measurement import ClipPair, Embeddings, Measurement, Metric, MetricConfig, Missing


def clip_sync_conf(pair: ClipPair, config: MetricConfig) -> Measurement:
    """Confidence of the generated clip with the driving speech; null when the clip is too short."""
    return over_windows(pair.generated_sync, config, lambda found: found[0])


def clip_sync_conf_other(pair: ClipPair, config: MetricConfig) -> Measurement:
    """The control: confidence of the generated clip with speech that does not belong to it."""
    return over_windows(pair.other_sync, config, lambda found: found[0])


def over_windows(
    embedded: Embeddings | Missing,
    config: MetricConfig,
    read: Callable[[tuple[float, float, int]], float],
) -> Measurement:
    """What ``read`` takes from the offset search; null without a network or with too few windows that show a face.

    Args:
        embedded: video and audio embeddings of a clip, or why there are none.
        config: says how many windows are needed.
        read: from the result of ``sync_confidence`` to one number.
    """
    if isinstance(embedded, Missing):
        return Measurement(None, embedded.reason)
    video, audio = embedded
    found = np.isfinite(video).all(axis=1)
    share = float(found.mean()) if len(found) else None
    if found.sum() < config.sync_min_windows:
        reason = f"{int(found.sum())} sync windows with a face, at least {config.sync_min_windows} needed"
        return Measurement(None, reason, share)
    return Measurement(read(sync_confidence(video, audio)), None, share)


SYNC_CONF = Metric(
    name="sync_conf",
    id="sync_conf-corpus-25fps-v1",
    title="Sync_conf",
    unit="",
    higher_is_better=True,
    decimals=2,
    summary="Sync confidence at 25 fps: median minus minimum, over offsets of ±15 frames, of the mean "
    "distance between video and audio embeddings. The network is trained on this run's own training "
    "clips, so the number is not on the scale of the official SyncNet.",
    inputs="frames, landmarks, sound, sync network",
    source="Chung and Zisserman 2016",
    null_when="there is no sync network, or too few windows of the clip show a face",
    compute=clip_sync_conf,
)
SYNC_CONF_OTHER = replace(
    SYNC_CONF,
    name="sync_conf_other",
    id="sync_conf-corpus-25fps-othersound-v1",
    title="Sync_conf, other sound",
    higher_is_better=False,
    summary="The control: Sync_conf of the same video with the sound of another person's clip. What is left is not "
    "owed to the sound.",
    inputs="frames, landmarks, sound of another person's clip, sync network",
    null_when="as Sync_conf, or no other person was tested",
    compute=clip_sync_conf_other,
    ranked=False,
)
