"""Small leaderboards from made-up scores, with real videos, for tests of the numbers and of the pages."""

import numpy as np
import pandas as pd
from fake_scores import CONFIG, frame, row

from benchmarks.leaderboard.board import make_board
from benchmarks.leaderboard.entries import run_entry
from benchmarks.leaderboard.guests import guest_entry, guest_rows
from benchmarks.leaderboard.site import Site, write_site
from benchmarks.leaderboard.submission import Card, Links, Submission, TrainingData
from benchmarks.leaderboard.videos import copy_videos
from speak.data.clip import file_stem
from speak.media.video import VideoCodec, encode_video
from speak.metrics import METRICS

SHOWN = ("ssim", "psnr", "m_lmd", "sync_conf")
FURTHER = "ssim_uniform"
CLIPS = tuple(f"{person}{number}" for person in "abcd" for number in (1, 2))
METHODS = ("ground_truth", "still", "atvg", "wav2lip", "speak", "speak_no_pose", "mine")
CODEC = VideoCodec(fps=30.0, crf=30, preset="ultrafast")
SPLIT = "b"  # as in fake_scores' hashes


def run_scores(datasets=("mead", "hdtf"), methods=METHODS, seed=3):
    """Scores of every method by five metrics; one clip of wav2lip and each PSNR of the ground truth are null."""
    rng = np.random.default_rng(seed)
    rows = []
    for dataset in datasets:
        for method in methods:
            for name in (*SHOWN, FURTHER):
                level = rng.uniform(1, 5)
                for clip in CLIPS:
                    value = float(level + rng.normal(0, 0.3))
                    reason = "identical frames" if (method, name) == ("ground_truth", "psnr") else None
                    reason = "no face" if (method, name, clip) == ("wav2lip", "m_lmd", "b2") else reason
                    value = None if reason else value
                    rows.append(row(method, clip, value, metric=METRICS[name].id, dataset=dataset, reason=reason))
    return frame(rows)


def submission(scores, name="guest", revision="1", **changes):
    """A submission with the scores of ATVG, each a little better, and texts as given."""
    mine = scores[scores["method"] == "atvg"].assign(method=name)
    mine["value"] += 0.1
    facts = {
        "authors": ("Ada Example",),
        "notes": "Our first try",
        "links": Links(code="https://example.org/code"),
        "trained_with": ("sync_conf",),
        "training_data": TrainingData(datasets=("mead",), persons=None, saw_test=False),
    }
    card = Card(
        name=name,
        revision=revision,
        profile="test",
        split=SPLIT,
        metrics=tuple(METRICS[metric].id for metric in SHOWN),
        scores_sha256="0" * 64,
        **(facts | changes),
    )
    return Submission(card, mine)


def board_of(scores, submissions=(), entries=None):
    """The board of a run and its submissions."""
    entries = entries or [run_entry(method) for method in dict.fromkeys(scores["method"])]
    guests = [guest_entry(one.card) for one in submissions]
    expected = scores.groupby("dataset")["clip_id"].nunique().to_dict()
    return make_board(scores, guest_rows(submissions), [*entries, *guests], CONFIG, expected)


def write_videos(folder, methods, clips, seconds=2.0):
    """A folder of videos with its index for each method: a square that grows, at 30 fps, with a tone."""
    sound = np.sin(np.arange(int(seconds * 16_000)) / 8).astype(np.float32) / 4
    sources = {}
    for place, method in enumerate(methods):
        frames = np.zeros((int(seconds * 30), 64, 64, 3), np.uint8)
        for time, picture in enumerate(frames):
            picture[: time + 1, : time + 1, place % 3] = 200
        content = encode_video(frames, CODEC, audio=sound, sample_rate=16_000)
        sources[method] = folder / file_stem(method)
        sources[method].mkdir(parents=True)
        rows = []
        for dataset, clip in clips:
            name = f"{file_stem(clip)}.mp4"
            (sources[method] / name).write_bytes(content)
            rows.append({"clip_id": clip, "dataset": dataset, "file": name, "reason": None})
        pd.DataFrame(rows).to_parquet(sources[method] / "index.parquet")
    return sources


def build_site(
    folder, scores, submissions=(), *, videos=(), clips=(), left_out=None, entries=None, stamp="only a test"
):
    """A whole site in ``folder / "site"``; returns its root and its board."""
    board, root = board_of(scores, submissions, entries), folder / "site"
    index = pd.DataFrame(clips, columns=["dataset", "clip_id"])
    copied = copy_videos(root, write_videos(folder / "made", videos, clips), index, None)
    site = Site(profile="test", stamp=stamp, level=CONFIG.level, origins={"commit": "abc"}, left_out=left_out or {})
    write_site(root, site, board, pd.concat([scores, guest_rows(submissions)]), copied)
    return root, board
