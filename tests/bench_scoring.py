"""What scoring costs: all metrics that need no network, beside a plain loop over the usual libraries.

The plain loop does what a script in this field does: frames to scikit-image for each SSIM and PSNR, both videos through
MediaPipe's landmarker, then distances with numpy. It computes eleven numbers a clip; ours are all that need no network.
"""

import math

import numpy as np
from scipy.spatial.transform import Rotation
from skimage.color import rgb2ycbcr
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from speak.assets import asset
from speak.corpus.render import Take, render
from speak.faces.landmarker import FaceTrack, Landmarker
from speak.metrics import METRICS, ClipPair, MetricConfig
from speak.metrics.landmark_distance import FACE, LIPS
from tests.cpu_time import cpu_seconds

CLIPS, FPS, DURATION_S = 30, 30.0, 3.0
HEADS = 3
"""Different clips; they are scored in turn, since filming thirty takes minutes."""
CONFIG = MetricConfig(min_found_share=0.5, sync_min_windows=25)
GAUSSIAN = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}


def film(person: int) -> tuple[np.ndarray, np.ndarray]:
    """A clip and a worse version of it: the frame before, two grey levels brighter."""
    frames = np.stack(
        render(
            Take(
                person_seed=person, seed=1, scene_seed=1, sentence="I think I've seen this before", emotion="happy",
                level=2, fps=FPS, duration_s=DURATION_S, width=256, height=256, face_scale=0.62, motion=1.0,
                supersample=1,
            )
        ).frames
    )  # fmt: skip
    worse = np.clip(np.roll(frames, 1, axis=0).astype(np.int16) + 2, 0, 255).astype(np.uint8)
    return frames, worse


def plain(reference: np.ndarray, generated: np.ndarray, landmarker: Landmarker) -> list[float]:
    """Eleven numbers of a clip by the usual libraries."""
    frames = list(zip(reference, generated, strict=True))
    luma = [(rgb2ycbcr(a)[..., 0], rgb2ycbcr(b)[..., 0]) for a, b in frames]
    numbers = [
        np.mean([structural_similarity(a, b, channel_axis=2, data_range=255, **GAUSSIAN) for a, b in frames]),
        np.mean([structural_similarity(a, b, channel_axis=2, data_range=255) for a, b in frames]),
        np.mean([structural_similarity(a, b, data_range=255, **GAUSSIAN) for a, b in luma]),
        np.mean([peak_signal_noise_ratio(a, b, data_range=255) for a, b in frames]),
        np.mean([peak_signal_noise_ratio(a, b, data_range=255) for a, b in luma]),
    ]
    mine, theirs = landmarker.detect(reference), landmarker.detect(generated)
    for points in (FACE, LIPS):
        gap = mine.landmarks[:, list(points), :2] - theirs.landmarks[:, list(points), :2]
        numbers.append(float(np.nanmean(np.linalg.norm(gap, axis=2))))
        numbers.append(float(np.nanmean(np.linalg.norm(gap, axis=2) / interocular(mine.landmarks))))
    turns = [Rotation.from_euler("YXZ", np.nan_to_num(face.head_pose), degrees=True) for face in (mine, theirs)]
    numbers.append(math.degrees(np.mean((turns[0].inv() * turns[1]).magnitude())))
    numbers.append(float(np.nanmean(np.abs(mine.blendshapes - theirs.blendshapes))))
    return numbers


def interocular(landmarks: np.ndarray) -> np.ndarray:
    """(T, 1) pixels between the outer eye corners."""
    return np.linalg.norm(landmarks[:, 33, :2] - landmarks[:, 263, :2], axis=1)[:, None]


def ours(reference: np.ndarray, face: FaceTrack, generated: np.ndarray, landmarker: Landmarker) -> int:
    """All metrics that need no network, as the score stage computes them; returns how many have a value.

    The reference's landmarks are known: they are stored with the clip.
    """
    pair = ClipPair(
        reference_frames=reference,
        generated_frames=generated,
        reference_face=face,
        generated_face=landmarker.detect(generated),
        fps=FPS,
        audio=np.random.default_rng(0).normal(0, 0.1, int(DURATION_S * 16_000)).astype(np.float32),
    )
    return sum(metric.compute(pair, CONFIG).value is not None for metric in METRICS.values())


def main() -> None:
    """Print one line."""
    clips = [film(person) for person in range(HEADS)]
    with Landmarker(asset("face_landmarker")) as landmarker:
        faces = [landmarker.detect(reference) for reference, _ in clips]
        order = [number % HEADS for number in range(CLIPS)]
        numbers = ours(clips[0][0], faces[0], clips[0][1], landmarker)
        mine = cpu_seconds(lambda: [ours(clips[i][0], faces[i], clips[i][1], landmarker) for i in order], 1, warm=False)
        usual = cpu_seconds(lambda: [plain(*clips[i], landmarker) for i in order], 1, warm=False)
    frames = CLIPS * len(clips[0][0])
    print(
        f"scoring      {frames / mine:10.1f} frames per CPU-s   {usual / mine:.1f} × a plain loop "
        f"({CLIPS} clips of {DURATION_S:g} s; {numbers} numbers a clip, the loop 11)"
    )


if __name__ == "__main__":
    main()
