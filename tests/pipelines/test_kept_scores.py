"""What is kept comes back exactly, or not at all."""

import numpy as np
import pytest

from benchmarks.set_scores import Features
from pipelines.kept_scores import KeptScores, Seen
from speak.metrics import Measurement

MEASURED = {
    "ssim-v1": Measurement(0.1 + 0.2),
    "f_lmd-v1": Measurement(1e-17, None, 2 / 3),
    "sync-v1": Measurement(None, "no “sync” network"),
}


@pytest.fixture
def kept(tmp_path):
    return KeptScores(tmp_path / "kept", "code")


def test_what_is_kept_comes_back_to_the_last_bit(kept):
    key = kept.key(["video", None])
    assert kept.read(key) is None
    kept.write(key, Seen(measured=MEASURED))
    assert kept.read(key) == Seen(measured=MEASURED)


def test_features_come_back_with_their_dataset(kept):
    arrays = np.random.default_rng(0).normal(size=(2, 3, 5)).astype(np.float32)
    kept.write(
        "a", Seen(measured=MEASURED, features=Features(dataset="mead", reference=arrays[0], generated=arrays[1]))
    )
    found = kept.read("a").features
    assert found.dataset == "mead" and found.reference.dtype == np.float32
    np.testing.assert_array_equal([found.reference, found.generated], arrays)
    (kept.folder / "a.npz").unlink()
    assert kept.read("a") is None


def test_the_key_is_of_all_that_matters(tmp_path, kept):
    keys = {kept.key(parts) for parts in (["v", "c"], ["v", None], [None, "c"], ["vc"], ["v", "c", None])}
    assert len({*keys, KeptScores(tmp_path, "other code").key(["v", "c"])}) == 6


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"dataset": null, "measured": {"a": {"value": 1, "reason": "x"}}}', "\0"]
)
def test_a_damaged_file_counts_as_nothing(kept, content):
    kept.write("a", Seen(measured=MEASURED))
    (kept.folder / "a.json").write_text(content)
    assert kept.read("a") is None


def test_what_is_no_longer_asked_for_goes(kept):
    for key in ("a", "b"):
        kept.write(key, Seen(measured=MEASURED))
    kept.forget_others(["b"])
    assert kept.read("a") is None and kept.read("b") is not None
