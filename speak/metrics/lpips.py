"""LPIPS (Zhang et al. 2018), the distance of ``speak.models.lpips``, frame by frame."""

from speak.metrics.measurement import ClipPair, Measurement, Metric, MetricConfig, Missing


def clip_lpips(pair: ClipPair, _config: MetricConfig) -> Measurement:
    """Mean over the clip's frames."""
    judge = pair.judges.lpips
    if isinstance(judge, Missing):
        return Measurement(None, judge.reason)
    return Measurement(float(judge(pair.reference_frames, pair.generated_frames).mean()))


LPIPS = Metric(
    name="lpips",
    id="lpips-alex-v0.1-256-v1",
    title="LPIPS",
    unit="",
    higher_is_better=False,
    decimals=3,
    summary="Distance of AlexNet's features, weighted by human judgements (version 0.1, linear), on the 256×256 frame; "
    "mean over frames.",
    inputs="frames, LPIPS network",
    source="Zhang et al. 2018",
    null_when="its weights are not on this machine (docs/metrics.md says how to get them)",
    compute=clip_lpips,
)
