"""ATVG's landmarks against scipy's Procrustes analysis and numpy's decomposition, and the arrays made of clips."""

import dataclasses

import numpy as np
import pytest
import scipy.spatial
from drawn_clips import drawn_clip, drawn_folder, landmarks_of

from benchmarks.methods.atvg import ALIGNED, alignment, landmarks
from benchmarks.training import atvg_shapes
from benchmarks.training.atvg_shapes import Shapes, arrays_of
from speak.data.places import places
from speak.data.pool import PoolConfig, cut_clip
from speak.data.shards import write_shards
from speak.errors import UserError
from speak.faces.points68 import points68

POOL = PoolConfig(clips=2, steps=4, moments=2, stretch=20, fps=25.0)
OPENINGS = np.linspace(0, 1, 9)


def turned(points: np.ndarray, degrees: float, scale: float, shift: tuple[float, float]) -> np.ndarray:
    angle = np.deg2rad(degrees)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return scale * points @ turn + shift


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    folder = tmp_path_factory.mktemp("drawn")
    return places([folder], drawn_folder(folder, 4))


def test_laid_on_a_shape_is_scipys_procrustes_analysis():
    rng = np.random.default_rng(0)
    target = rng.normal(size=(68, 2))
    target = (target - target.mean(axis=0)) / np.linalg.norm(target - target.mean(axis=0))
    shapes = np.stack([turned(target + rng.normal(0, 0.03, (68, 2)), 20 * k, 50 + k, (k, 128)) for k in range(4)])
    wanted = [scipy.spatial.procrustes(target, shape)[1] for shape in shapes]
    np.testing.assert_allclose(atvg_shapes.laid_on(shapes, target), wanted, atol=1e-12)


def test_neither_head_nor_person_is_left_over_but_the_mouth_is():
    """A clip turned, moved and enlarged frame by frame has the landmarks of the clip at rest; the last are the same."""
    rng = np.random.default_rng(1)
    identity = atvg_shapes.mean_shape(points68(landmarks_of(np.zeros(1))))
    still = points68(landmarks_of(OPENINGS))
    moving = np.stack([turned(points, *rng.uniform((-20, 0.8), (20, 1.2)), (9, -5)) for points in still])
    found = [atvg_shapes.moved_since_last(points, identity) for points in (still, moving)]
    np.testing.assert_allclose(found[0], found[1], atol=1e-9)
    other = still + rng.normal(0, 1.0, (68, 2))
    np.testing.assert_allclose(found[0][-1], 5 * identity.ravel(), atol=1e-12)
    changed = atvg_shapes.moved_since_last(other, identity)
    np.testing.assert_allclose(changed[-1], found[0][-1], atol=1e-12)
    assert np.abs(changed - found[0]).max() < 0.15 * np.abs(found[0] - found[0][-1]).max()
    lip = found[0].reshape(-1, 68, 2)
    assert (np.diff(lip[:, 57, 1] - lip[:, 51, 1]) > 0).all(), "the lower lip goes down as the mouth opens"


def test_mean_shape_is_found_again_level_and_of_norm_one():
    shape = points68(landmarks_of(np.full(1, 0.5)))[0]
    mean = atvg_shapes.mean_shape(np.stack([turned(shape, 15 + 10 * k, 1 + 0.2 * k, (k, -k)) for k in range(5)]))
    centred = shape - shape.mean(axis=0)
    np.testing.assert_allclose(mean, centred / np.linalg.norm(centred), atol=1e-3)
    assert np.linalg.norm(mean) == pytest.approx(1) and mean[36:42, 1].mean() == pytest.approx(mean[42:48, 1].mean())


def test_components_are_those_of_the_singular_value_decomposition():
    rng = np.random.default_rng(2)
    rows = rng.normal(size=(300, 136)) * np.linspace(3, 0.1, 136)
    rows -= rows.mean(axis=0)
    basis = atvg_shapes.components(rows)
    _, _, wanted = np.linalg.svd(rows, full_matrices=False)
    np.testing.assert_allclose(np.abs((basis * wanted[:6].T).sum(axis=0)), 1, atol=1e-9)
    assert (basis[np.abs(basis).argmax(axis=0), range(6)] > 0).all(), "no sign is left to chance"


def test_arrays_of_clips(drawn):
    arrays = arrays_of(drawn, 0)
    np.testing.assert_allclose(arrays.basis.T @ arrays.basis, np.eye(6), atol=1e-12)
    used = arrays.template[ALIGNED]
    np.testing.assert_allclose(used.mean(axis=0), [60, 52], atol=1e-9)
    assert np.sqrt(((used - [60, 52]) ** 2).sum(axis=1).mean()) == pytest.approx(25)
    cut = cut_clip(drawn[0], POOL, np.random.default_rng(0))
    shapes = Shapes(arrays)
    found = shapes.landmarks(cut)
    assert found.shape == (len(cut.landmarks), 136)
    again = landmarks(shapes.coefficients(cut), arrays)
    assert np.abs(again - found).max() < 0.02 * np.abs(found).max(), "drawn faces move in fewer than six ways"
    same = arrays_of(drawn, 0)
    assert all(np.array_equal(value, getattr(same, name)) for name, value in vars(arrays).items())


def test_faces_lie_on_the_template(drawn):
    """The drawn eyes, dark spots on skin, come to lie where the template has the inner eye corners."""
    arrays = arrays_of(drawn, 0)
    cut = cut_clip(drawn[0], POOL, np.random.default_rng(0))
    faces = Shapes(arrays).faces(cut)
    assert faces.shape == (len(cut.numbers), 128, 128, 3) and faces.dtype == np.uint8
    turn = alignment(cut.landmarks[cut.numbers[0]], arrays.template)[:, :2]
    assert turn[0, 1] == pytest.approx(0, abs=0.05), "upright faces stay upright"
    for corner in (39, 42):
        x, y = np.rint(arrays.template[corner] - 1).astype(int)
        around = faces[0][y - 2 : y + 3, x - 2 : x + 3].astype(int)
        assert around.min() < 80 < faces[0][y + 12, x].max()


def test_many_clips_are_sampled_and_one_without_a_face_is_named(drawn, tmp_path, monkeypatch):
    monkeypatch.setattr(atvg_shapes, "CLIPS", 2)
    few = arrays_of(drawn, 0)
    assert not np.array_equal(few.mean, arrays_of(drawn[:1], 0).mean)
    blind = drawn_clip("d/a/1", 1, person="a")
    blind = dataclasses.replace(blind, landmarks=np.full_like(blind.landmarks, np.nan))
    write_shards([blind], tmp_path, 1 << 26)
    with pytest.raises(UserError, match="d/a/1: cannot be trained on: no face"):
        arrays_of(places([tmp_path], ["d/a/1"]), 0)
