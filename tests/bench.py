"""``make bench``: CPU time of the hot paths, each as a ratio to something measured in the same run; then scoring,
the networks, and preprocessing on several workers.

Absolute times depend on the machine and on what else runs there; ratios to a reference on the same machine carry over.
Nothing here is asserted: figures are for the log, not for the tests.
"""

from skimage.metrics import structural_similarity

from speak.assets import asset
from speak.corpus.render import Take, render
from speak.corpus.speech import say
from speak.corpus.voice import voice_for
from speak.faces.landmarker import Landmarker
from speak.media.video import read_clip
from speak.media.writing import VideoCodec, encode_video
from speak.metrics.ssim import ssim
from tests import bench_ingest_scaling, bench_networks, bench_scoring
from tests.cpu_time import cpu_seconds

TAKE = Take(
    person_seed=11, seed=1, scene_seed=1, sentence="I think I've seen this before", emotion="happy", level=2, fps=30.0,
    duration_s=3.0, width=256, height=256, face_scale=0.62, motion=1.0, supersample=1,
)  # fmt: skip


def main() -> None:
    """Print one line per hot path."""
    clip = render(TAKE)
    frames, count = clip.frames, len(clip.frames)
    codec = VideoCodec(fps=30.0, crf=16, preset="veryfast")
    video = encode_video(frames, codec)
    decoded = read_clip(video)
    voice = voice_for(11, "female")

    def scikit_image() -> None:
        for a, b in zip(frames[:20], decoded[:20], strict=True):
            structural_similarity(
                a, b, channel_axis=2, data_range=255, gaussian_weights=True, sigma=1.5, use_sample_covariance=False
            )

    def ours() -> None:
        for a, b in zip(frames[:20], decoded[:20], strict=True):
            ssim(a, b)

    with Landmarker(asset("face_landmarker")) as landmarker:
        landmarks = cpu_seconds(lambda: landmarker.detect(decoded), 1)
    reference = cpu_seconds(scikit_image)
    filming = cpu_seconds(lambda: render(TAKE), 1)
    speaking = cpu_seconds(lambda: say(TAKE.sentence, voice, emotion="happy", level=2, seed=1))
    encoding = cpu_seconds(lambda: encode_video(frames, codec))
    decoding = cpu_seconds(lambda: read_clip(video))
    comparing = cpu_seconds(ours)
    rows = [
        ("SSIM", 20 / comparing, "frames", f"{reference / comparing:.1f} × scikit-image"),
        ("film a head", count / filming, "frames", f"{TAKE.duration_s / filming:.2f} × real time"),
        ("speech", 1 / speaking, "sentences", f"{filming / speaking:.0f} × filming"),
        ("encode", count / encoding, "frames", f"{landmarks / encoding:.1f} × landmarks"),
        ("decode", count / decoding, "frames", f"{landmarks / decoding:.1f} × landmarks"),
        ("landmarks", count / landmarks, "frames", "reference"),
    ]
    for name, rate, unit, ratio in rows:
        print(f"{name:12s} {rate:10.1f} {unit} per CPU-s   {ratio}")
    bench_scoring.main()
    bench_networks.main()
    bench_ingest_scaling.main()


if __name__ == "__main__":
    main()
