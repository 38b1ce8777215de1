"""Every metric with its versioned id, unit and direction. The key is the column name in tables and claims."""

from speak.metrics.landmark_distance import (
    f_lmd,
    f_lmd_aligned,
    f_lmd_missfill,
    f_lmd_normalised,
    m_lmd,
    m_lmd_aligned,
    m_lmd_missfill,
    m_lmd_normalised,
)
from speak.metrics.measurement import Metric
from speak.metrics.pose_error import pose_error
from speak.metrics.psnr import clip_psnr, clip_psnr_luma
from speak.metrics.ssim import clip_ssim, clip_ssim_luma, clip_ssim_uniform
from speak.metrics.sync_conf import clip_sync_conf, clip_sync_conf_other

METRICS: dict[str, Metric] = {
    "ssim": Metric(
        name="ssim",
        id="ssim-gauss11-rgb-v1",
        title="SSIM",
        unit="",
        higher_is_better=True,
        decimals=3,
        summary="Structural similarity (Wang et al. 2004) with an 11×11 Gaussian window of sigma 1.5, per "
        "RGB channel on the 256×256 frame; mean over frames.",
        compute=clip_ssim,
    ),
    "psnr": Metric(
        name="psnr",
        id="psnr-rgb8-meandb-v1",
        title="PSNR",
        unit="dB",
        higher_is_better=True,
        decimals=2,
        summary="Peak signal-to-noise ratio on 8-bit RGB, per frame; mean of the frames' dB. Identical "
        "frames have none.",
        compute=clip_psnr,
    ),
    "f_lmd": Metric(
        name="f_lmd",
        id="f_lmd-px256-v1",
        title="F-LMD",
        unit="px",
        higher_is_better=False,
        decimals=2,
        summary="Mean distance of the 468 face-mesh points from the reference's, in pixels of the "
        "256×256 frame, over frames in which both faces are found.",
        compute=f_lmd,
    ),
    "m_lmd": Metric(
        name="m_lmd",
        id="m_lmd-px256-v1",
        title="M-LMD",
        unit="px",
        higher_is_better=False,
        decimals=2,
        summary="The same distance over the mesh's 40 lip points.",
        compute=m_lmd,
    ),
    "sync_conf": Metric(
        name="sync_conf",
        id="sync_conf-corpus-25fps-v1",
        title="Sync_conf",
        unit="",
        higher_is_better=True,
        decimals=2,
        summary="Sync confidence at 25 fps: median minus minimum, over offsets of ±15 frames, of the mean "
        "distance between video and audio embeddings. The network is trained on this run's own training "
        "clips, so the number is not on the scale of the official SyncNet.",
        compute=clip_sync_conf,
    ),
    "sync_conf_other": Metric(
        name="sync_conf_other",
        id="sync_conf-corpus-25fps-othersound-v1",
        title="Sync_conf, other sound",
        unit="",
        higher_is_better=False,
        decimals=2,
        summary="The control: Sync_conf of the same video with the sound of another person's clip. What is left is not "
        "owed to the sound.",
        compute=clip_sync_conf_other,
    ),
    "pose_error": Metric(
        name="pose_error",
        id="pose_error-deg-steady-v1",
        title="Pose error",
        unit="°",
        higher_is_better=False,
        decimals=2,
        summary="Mean angle between the generated head and the reference's, from the least-squares rotation over "
        "landmarks that neither speech nor expression moves, over frames in which both faces are found.",
        compute=pose_error,
    ),
    "f_lmd_missfill": Metric(
        name="f_lmd_missfill",
        id="f_lmd-px256-missfill-v1",
        title="F-LMD, misses filled",
        unit="px",
        higher_is_better=False,
        decimals=2,
        summary="F-LMD in which a frame without a detectable face counts at the still method's error for that frame.",
        compute=f_lmd_missfill,
    ),
    "m_lmd_missfill": Metric(
        name="m_lmd_missfill",
        id="m_lmd-px256-missfill-v1",
        title="M-LMD, misses filled",
        unit="px",
        higher_is_better=False,
        decimals=2,
        summary="M-LMD in which a frame without a detectable face counts at the still method's error for that frame.",
        compute=m_lmd_missfill,
    ),
    "ssim_uniform": Metric(
        name="ssim_uniform",
        id="ssim-uniform7-rgb-v1",
        title="SSIM, uniform window",
        unit="",
        higher_is_better=True,
        decimals=3,
        summary="SSIM with a 7×7 window of equal weights and sample covariance (scikit-image's default), per RGB "
        "channel.",
        compute=clip_ssim_uniform,
    ),
    "ssim_luma": Metric(
        name="ssim_luma",
        id="ssim-gauss11-luma601-v1",
        title="SSIM, luma",
        unit="",
        higher_is_better=True,
        decimals=3,
        summary="SSIM with the 11×11 Gaussian window, on luma (ITU-R BT.601 Y of 8-bit RGB, full range, not rounded).",
        compute=clip_ssim_luma,
    ),
    "psnr_luma": Metric(
        name="psnr_luma",
        id="psnr-luma601-meandb-v1",
        title="PSNR, luma",
        unit="dB",
        higher_is_better=True,
        decimals=2,
        summary="PSNR on the same luma.",
        compute=clip_psnr_luma,
    ),
    "f_lmd_aligned": Metric(
        name="f_lmd_aligned",
        id="f_lmd-px256-aligned3d-v1",
        title="F-LMD, aligned",
        unit="px",
        higher_is_better=False,
        decimals=2,
        summary="F-LMD after each generated face is laid on its reference by the best rotation, scale and shift in "
        "three dimensions of the points that neither speech nor expression moves.",
        compute=f_lmd_aligned,
    ),
    "m_lmd_aligned": Metric(
        name="m_lmd_aligned",
        id="m_lmd-px256-aligned3d-v1",
        title="M-LMD, aligned",
        unit="px",
        higher_is_better=False,
        decimals=2,
        summary="M-LMD after the same alignment, in which the mouth has no part.",
        compute=m_lmd_aligned,
    ),
    "f_lmd_normalised": Metric(
        name="f_lmd_normalised",
        id="f_lmd-interocular-v1",
        title="F-LMD, normalised",
        unit="",
        higher_is_better=False,
        decimals=4,
        summary="F-LMD divided, frame by frame, by the distance between the reference's outer eye corners.",
        compute=f_lmd_normalised,
    ),
    "m_lmd_normalised": Metric(
        name="m_lmd_normalised",
        id="m_lmd-interocular-v1",
        title="M-LMD, normalised",
        unit="",
        higher_is_better=False,
        decimals=4,
        summary="M-LMD divided by the same distance.",
        compute=m_lmd_normalised,
    ),
}
