"""Sync confidence, distance and offset by the official SyncNet: the search of ``sync_conf``, another network.

Its values are on the scale of published tables, and never stand in one column with those of this run's own network.
"""

from dataclasses import replace

from speak.metrics.measurement import ClipPair, Measurement, MetricConfig
from speak.metrics.sync_conf import SYNC_CONF, over_windows


def clip_sync_conf_official(pair: ClipPair, config: MetricConfig) -> Measurement:
    """Median minus minimum of the mean distances over offsets."""
    return over_windows(pair.official_sync, config, lambda found: found[0])


def clip_sync_dist_official(pair: ClipPair, config: MetricConfig) -> Measurement:
    """The least mean distance over offsets."""
    return over_windows(pair.official_sync, config, lambda found: found[1])


def clip_sync_offset_official(pair: ClipPair, config: MetricConfig) -> Measurement:
    """|offset| in frames at 25 fps."""
    return over_windows(pair.official_sync, config, lambda found: float(abs(found[2])))


SYNC_CONF_OFFICIAL = replace(
    SYNC_CONF,
    name="sync_conf_official",
    id="sync_conf-syncnet_v2-25fps-v1",
    title="Sync_conf, official",
    summary="Sync confidence by the official SyncNet (syncnet_v2) at 25 fps, on 224×224 crops around the landmarks' "
    "box: median minus minimum, over offsets of ±15 frames, of the mean distance between video and audio embeddings.",
    inputs="frames, landmarks, sound, official SyncNet",
    null_when="its weights are not on this machine, or too few windows of the clip show a face",
    compute=clip_sync_conf_official,
)
SYNC_DIST_OFFICIAL = replace(
    SYNC_CONF_OFFICIAL,
    name="sync_dist_official",
    id="sync_dist-syncnet_v2-25fps-v1",
    title="Sync_dist, official",
    higher_is_better=False,
    summary="The least of the same mean distances over offsets (LSE-D of Wav2Lip).",
    compute=clip_sync_dist_official,
)
SYNC_OFFSET_OFFICIAL = replace(
    SYNC_CONF_OFFICIAL,
    name="sync_offset_official",
    id="sync_offset-syncnet_v2-25fps-v1",
    title="Sync offset, official",
    unit="frames",
    higher_is_better=False,
    decimals=1,
    summary="At how many frames of 25 a second, either way, the least mean distance lies.",
    compute=clip_sync_offset_official,
)
