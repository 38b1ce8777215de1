"""Every metric, in the order of docs/metrics.md. Each is defined in its own module."""

from speak.metrics.blink_rate_error import BLINK_RATE_ERROR
from speak.metrics.emotion_accuracy import EMOTION_ACCURACY
from speak.metrics.expression_error import EXPRESSION_ERROR
from speak.metrics.frechet import FID
from speak.metrics.head_pose_error import HEAD_POSE_ERROR
from speak.metrics.identity_similarity import IDENTITY_SIMILARITY
from speak.metrics.kernel_distance import KID
from speak.metrics.landmark_distance import (
    F_LMD,
    F_LMD_ALIGNED,
    F_LMD_MISSFILL,
    F_LMD_NORMALISED,
    M_LMD,
    M_LMD_ALIGNED,
    M_LMD_MISSFILL,
    M_LMD_NORMALISED,
)
from speak.metrics.landmark_distance_ibug import F_LMD_IBUG68, M_LMD_IBUG20
from speak.metrics.landmark_jitter import LANDMARK_JITTER
from speak.metrics.lpips import LPIPS
from speak.metrics.measurement import Metric, SetMetric
from speak.metrics.mouth_sound_corr import MOUTH_SOUND_CORR
from speak.metrics.pose_error import POSE_ERROR
from speak.metrics.psnr import PSNR, PSNR_LUMA, PSNR_OF_MEAN, PSNR_WRAP8
from speak.metrics.sharpness import SHARPNESS
from speak.metrics.ssim import SSIM, SSIM_LUMA, SSIM_UNIFORM
from speak.metrics.sync_conf import SYNC_CONF, SYNC_CONF_OTHER
from speak.metrics.sync_official import SYNC_CONF_OFFICIAL, SYNC_DIST_OFFICIAL, SYNC_OFFSET_OFFICIAL
from speak.metrics.sync_search import SYNC_DIST, SYNC_GAP, SYNC_OFFSET
from speak.metrics.velocity_error import VELOCITY_ERROR

_ALL = (
    SSIM,
    PSNR,
    F_LMD,
    M_LMD,
    SYNC_CONF,
    SYNC_CONF_OTHER,
    POSE_ERROR,
    F_LMD_MISSFILL,
    M_LMD_MISSFILL,
    SSIM_UNIFORM,
    SSIM_LUMA,
    PSNR_LUMA,
    F_LMD_ALIGNED,
    M_LMD_ALIGNED,
    F_LMD_NORMALISED,
    M_LMD_NORMALISED,
    PSNR_OF_MEAN,
    PSNR_WRAP8,
    F_LMD_IBUG68,
    M_LMD_IBUG20,
    HEAD_POSE_ERROR,
    EXPRESSION_ERROR,
    LANDMARK_JITTER,
    VELOCITY_ERROR,
    BLINK_RATE_ERROR,
    SHARPNESS,
    SYNC_DIST,
    SYNC_OFFSET,
    SYNC_GAP,
    MOUTH_SOUND_CORR,
    IDENTITY_SIMILARITY,
    EMOTION_ACCURACY,
    SYNC_CONF_OFFICIAL,
    SYNC_DIST_OFFICIAL,
    SYNC_OFFSET_OFFICIAL,
    LPIPS,
)

METRICS: dict[str, Metric] = {metric.name: metric for metric in _ALL}
"""By name, which is the column name in tables and claims."""

SET_METRICS: dict[str, SetMetric] = {metric.name: metric for metric in (FID, KID)}
"""Numbers of all frames of a dataset together."""
