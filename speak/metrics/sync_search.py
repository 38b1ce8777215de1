"""What else the offset search of ``sync_conf`` tells, from the same embeddings of the same network.

- Sync distance: the least mean distance between video and sound embeddings (LSE-D in Prajwal et al. 2020).
- Sync offset: how many frames of 1/25 s the picture is off, whichever way. Where the confidence is near 0 the
  offset is random, and large.
- Sync gap: how far the confidence is from the reference clip's own. A method trained with a sync network may pass the
  real clip's confidence, which is no virtue; here it counts against it.
"""

from dataclasses import replace

from speak.metrics.measurement import ClipPair, Measurement, MetricConfig
from speak.metrics.sync_conf import SYNC_CONF, clip_sync_conf, over_windows


def clip_sync_dist(pair: ClipPair, config: MetricConfig) -> Measurement:
    """Least mean distance over offsets."""
    return over_windows(pair.generated_sync, config, lambda found: found[1])


def clip_sync_offset(pair: ClipPair, config: MetricConfig) -> Measurement:
    """|offset| in frames at 25 fps."""
    return over_windows(pair.generated_sync, config, lambda found: float(abs(found[2])))


def clip_sync_gap(pair: ClipPair, config: MetricConfig) -> Measurement:
    """|confidence - the reference clip's confidence|; null where either has none."""
    generated = clip_sync_conf(pair, config)
    reference = over_windows(pair.reference_sync, config, lambda found: found[0])
    if generated.value is None:
        return generated
    if reference.value is None:
        return Measurement(None, f"the reference: {reference.reason}", generated.found_share)
    return replace(generated, value=abs(generated.value - reference.value))


SYNC_DIST = replace(
    SYNC_CONF,
    name="sync_dist",
    id="sync_dist-corpus-25fps-v1",
    title="Sync distance",
    higher_is_better=False,
    decimals=3,
    summary="Least mean distance between video and sound embeddings over offsets of ±15 frames at 25 fps, by the "
    "network of Sync_conf.",
    source="Chung and Zisserman 2016; LSE-D of Prajwal et al. 2020",
    compute=clip_sync_dist,
)
SYNC_OFFSET = replace(
    SYNC_DIST,
    name="sync_offset",
    id="sync_offset-corpus-25fps-v1",
    title="Sync offset",
    unit="frames",
    decimals=1,
    summary="Absolute offset, in frames of 1/25 s, at which sound and picture match best, by the same network.",
    source="Chung and Zisserman 2016",
    compute=clip_sync_offset,
)
SYNC_GAP = replace(
    SYNC_DIST,
    name="sync_gap",
    id="sync_gap-corpus-25fps-v1",
    title="Sync gap",
    decimals=2,
    summary="Absolute difference between the generated clip's Sync_conf and the reference clip's.",
    source="this project",
    null_when="Sync_conf of the generated or of the reference clip is null",
    compute=clip_sync_gap,
)
