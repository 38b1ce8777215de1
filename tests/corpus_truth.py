"""What landmarks recover of the corpus's exact truth, after the whole ingest.

``python -m tests.corpus_truth work/demo`` prints it.

For every clip of a profile: the share of frames with a face, the correlation of the lip gap (landmarks 13 and 14) with
the true one, and of head yaw with the true one. A clip in which the head hardly turns (true deviation under 2 degrees)
has no yaw to correlate and is left out of the within-clip figure; the pooled figure has every frame.
"""

import json
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from speak.corpus.truth import truth_path
from speak.data.shards import METADATA_COLUMNS, read_rows
from speak.media.video import span

UPPER_LIP, LOWER_LIP = 13, 14
LEAST_YAW_DEG = 2.0


@dataclass(frozen=True)
class Recovered:
    """One clip: share of frames with a face, correlations within the clip, and (true, found) yaw in degrees."""

    clip_id: str
    found: float
    lip_gap_r: float
    yaw_r: float | None
    yaw_deg: np.ndarray


def recovered(work: Path) -> list[Recovered]:
    """Compare the clips of a profile's work folder with the truth beside its mirror."""
    columns = [*METADATA_COLUMNS, "landmarks", "head_pose"]
    return [_compare(row, work / "mirror") for row in read_rows(sorted((work / "clips").iterdir()), columns)]


def _compare(row: dict, mirror: Path) -> Recovered:
    path = truth_path(mirror, row["clip_id"])
    rate = json.loads(path.with_suffix(".json").read_text())["fps"]
    first_s, _ = span(mirror / row["dataset"] / row["source_file"])  # truth begins with the first picture
    times = row["source_start_s"] - first_s + (np.arange(row["num_frames"]) + 0.5) / row["fps"]  # shown: its middle
    with np.load(path) as truth:
        index = np.minimum((times * rate + 1e-6).astype(int), len(truth["lip_gap"]) - 1)
        gap, yaw = truth["lip_gap"][index], truth["pose_deg"][index, 0]
    found = np.isfinite(row["landmarks"]).all(axis=(1, 2))
    lips = row["landmarks"][:, [UPPER_LIP, LOWER_LIP]]
    seen = np.linalg.norm(lips[:, 1] - lips[:, 0], axis=1)
    turns = yaw[found].std() >= LEAST_YAW_DEG
    return Recovered(
        clip_id=row["clip_id"],
        found=float(found.mean()),
        lip_gap_r=float(np.corrcoef(gap[found], seen[found])[0, 1]),
        yaw_r=float(np.corrcoef(yaw[found], row["head_pose"][found, 0])[0, 1]) if turns else None,
        yaw_deg=np.stack([yaw[found], row["head_pose"][found, 0]]),
    )


def pooled_yaw_r(clips: list[Recovered]) -> float:
    """Correlation of yaw over all frames of all clips."""
    return float(np.corrcoef(np.concatenate([clip.yaw_deg for clip in clips], axis=1))[0, 1])


def main(work: Path) -> None:
    """Print the figures and the worst clips."""
    clips = recovered(work)
    lips = np.array([clip.lip_gap_r for clip in clips])
    yaws = np.array([clip.yaw_r for clip in clips if clip.yaw_r is not None])
    print(f"clips {len(clips)}, faces found in {np.mean([clip.found for clip in clips]):.2%} of frames")
    print(f"lip gap r within clips: mean {lips.mean():.3f}, least {lips.min():.3f}")
    print(f"yaw r: pooled {pooled_yaw_r(clips):.3f}")
    print(f"yaw r within {len(yaws)} clips: mean {yaws.mean():.3f}, least {yaws.min():.3f}")
    for clip in sorted(clips, key=lambda clip: clip.lip_gap_r)[:3]:
        print(f"  {clip.clip_id}: lip gap r {clip.lip_gap_r:.3f}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
