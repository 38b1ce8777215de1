"""Any folder of videos goes through the same path, and every file in it is accounted for."""

import pytest

from benchmarks.scores import read_scores
from speak.data.ledger import account, read_ledger

pytestmark = pytest.mark.dag


def test_a_folder_of_filmed_heads(smoke, fresh):
    videos = smoke.root / "work/smoke/mirror/hdtf/videos"
    (videos / "notes.txt").write_text("not a video, and not counted")
    result = fresh.run("pipelines.folder", "smoke", str(videos))
    page = fresh.root / "reports" / "folder" / "index.html"
    assert str(page) in result.stdout and page.exists()
    rows = read_ledger(fresh.root / "work/folder/clips/folder/expected.parquet")
    assert account(rows) == {"expected": 2, "clips": 2, "quarantined": 0, "missing": 0}
    scores = read_scores(sorted((fresh.root / "work/folder/scores").rglob("*.parquet")))
    means = scores.groupby(["method", "metric"]).value.mean()
    for metric in ("ssim-gauss11-rgb-v1", "psnr-rgb8-meandb-v1"):
        assert means["codec_ceiling", metric] > means["still", metric]
    for metric in ("f_lmd-px256-v1", "m_lmd-px256-v1"):
        assert means["ground_truth", metric] == 0 < means["codec_ceiling", metric] < means["still", metric]
    # No sync network was trained on these people: null, with that reason.
    sync = scores[scores.metric.str.startswith("sync_conf-corpus")]
    assert sync.value.isna().all() and set(sync.reason) == {"no sync network"}


def test_awkward_real_files(realdata, fresh):
    """Real files with every kind of trouble: nothing crashes, nothing hangs, nothing is dropped."""
    folder = realdata / "awkward"
    fresh.run("pipelines.folder", "smoke", str(folder))
    rows = {row.item.video: row for row in read_ledger(fresh.root / "work/folder/clips/folder/expected.parquet")}
    assert set(rows) == {path.name for path in folder.iterdir()}
    unusable = {name for name, row in rows.items() if row.status != "clip"}
    for name in ("empty_0_bytes.mp4", "audio_only.mp4", "corrupted_midstream.mp4", "no_face.mp4"):
        assert name in unusable and rows[name].reason
    assert "several_people_hamilton.mp4" not in unusable


def test_a_folder_without_videos_is_one_line(fresh, tmp_path_factory):
    empty = tmp_path_factory.mktemp("empty")
    result = fresh.run("pipelines.folder", "smoke", str(empty), check=False)
    assert result.returncode == 2
    assert str(empty) in result.stderr and "Traceback" not in result.stderr
