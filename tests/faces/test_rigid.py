import numpy as np
from scipy.spatial.transform import Rotation

from speak.faces.rigid import STEADY, apply, rigid_motions, undo


def head(rng: np.random.Generator) -> np.ndarray:
    return rng.normal(size=(478, 3)) * (40, 50, 30) + (128, 120, 0)


def test_a_known_motion_is_found_again():
    rng = np.random.default_rng(0)
    source = head(rng)
    turns = Rotation.from_euler("yxz", rng.uniform(-30, 30, (6, 3)), degrees=True).as_matrix()
    scales = rng.uniform(0.7, 1.4, 6)[:, None, None]
    shifts = rng.uniform(-20, 20, (6, 3))
    targets = source @ (scales * turns).transpose(0, 2, 1) + shifts[:, None]
    matrices, found = rigid_motions(source, targets)
    assert np.allclose(matrices, scales * turns, atol=1e-9) and np.allclose(found, shifts, atol=1e-7)
    assert np.allclose(apply(matrices, found, source), targets, atol=1e-7)
    assert np.allclose(undo(matrices, found, targets), source, atol=1e-7)


def test_a_mirrored_head_is_not_reached_by_mirroring():
    source = head(np.random.default_rng(1))
    matrices, _ = rigid_motions(source, (source * (-1, 1, 1))[None])
    assert np.linalg.det(matrices[0]) > 0


def test_the_mouth_has_no_say():
    source = head(np.random.default_rng(2))
    moved = np.repeat(source[None], 2, axis=0)
    others = np.setdiff1d(np.arange(478), STEADY)
    moved[:, others] += 17.0
    matrices, shifts = rigid_motions(source, moved)
    assert np.allclose(matrices, np.eye(3), atol=1e-9) and np.allclose(shifts, 0, atol=1e-7)
    assert not set(STEADY) & {0, 13, 14, 17, 61, 291, 152, 199, 78, 308}
