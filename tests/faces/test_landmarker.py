"""Landmarks of real faces: signs of the pose, and no memory from frame to frame."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from speak.errors import UserError
from speak.faces.landmarker import Landmarker, pose_angles
from speak.media.video import read_clip, read_frames


@pytest.fixture(scope="module")
def faces(realdata: Path) -> np.ndarray:
    """(8, 256, 256, 3): four looks at each of two people."""
    crops = [realdata / "mead_crops256" / f"{name}_level3_001.mp4" for name in ("M030_front_happy", "W011_front_sad")]
    return np.concatenate([read_clip(path)[10:90:20] for path in crops])


def test_shapes_ranges_and_faces_in_every_frame(landmarker, faces):
    track = landmarker.detect(iter(faces))
    assert track.landmarks.shape == (8, 478, 3)
    assert track.head_pose.shape == (8, 3)
    assert track.blendshapes.shape == (8, 52)
    assert {array.dtype for array in (track.landmarks, track.head_pose, track.blendshapes)} == {np.dtype("f4")}
    assert track.found.all()
    assert 0 <= track.blendshapes.min() <= track.blendshapes.max() <= 1
    assert np.abs(track.head_pose).max() < 20


def test_a_frame_depends_on_itself_alone(landmarker, faces):
    whole = landmarker.detect(faces)
    order = np.random.default_rng(0).permutation(8)
    shuffled = landmarker.detect(faces[order])
    with Landmarker(landmarker._model) as other:
        half = other.detect(faces[4:])
    for name in ("landmarks", "head_pose", "blendshapes"):
        np.testing.assert_array_equal(getattr(shuffled, name), getattr(whole, name)[order])
        np.testing.assert_array_equal(getattr(half, name), getattr(whole, name)[4:])


def test_signs_of_yaw_and_roll(landmarker, faces, realdata):
    turned = next(read_frames(realdata / "wild/smirk_dafoe.mp4"))[1][None]
    track, mirrored = landmarker.detect(turned), landmarker.detect(turned[:, :, ::-1])
    nose, cheeks = track.landmarks[0, 1, 0], track.landmarks[0, [234, 454], 0].mean()
    assert nose > cheeks  # the nose points to the right of the picture
    assert track.head_pose[0, 0] > 15
    assert mirrored.head_pose[0, 0] == pytest.approx(-track.head_pose[0, 0], abs=5)
    clockwise = [cv2.warpAffine(face, cv2.getRotationMatrix2D((128, 128), -15, 1), (256, 256)) for face in faces]
    difference = landmarker.detect(clockwise).head_pose - landmarker.detect(faces).head_pose
    np.testing.assert_allclose(difference[:, 2], 15, atol=3)


def test_no_face_is_nan(landmarker, faces):
    noise = np.random.default_rng(0).integers(0, 255, (256, 256, 3)).astype(np.uint8)
    track = landmarker.detect([np.zeros_like(noise), faces[0], noise])
    assert track.found.tolist() == [False, True, False]
    for array in (track.landmarks, track.head_pose, track.blendshapes):
        assert np.isnan(array[[0, 2]]).all()
        assert np.isfinite(array[1]).all()
    assert landmarker.faces(noise) == []
    assert landmarker.detect([]).landmarks.shape == (0, 478, 3)


def test_several_faces_come_largest_first(landmarker, faces):
    scene = np.full((256, 512, 3), 127, np.uint8)
    scene[:, 256:] = faces[0]
    scene[40:200, 40:200] = cv2.resize(faces[4], (160, 160), interpolation=cv2.INTER_AREA)
    found = landmarker.faces(scene)
    assert [points[:, 0].mean() > 256 for points in found] == [True, False]


@pytest.mark.parametrize("angles", [(0, 0, 0), (30, 0, 0), (0, -20, 0), (0, 0, 15), (-40, 25, -30)])
def test_pose_angles_against_another_library(angles):
    yaw, pitch, roll = angles
    matrix = np.eye(4)
    matrix[:3, :3] = 1.7 * Rotation.from_euler("YXZ", [yaw, pitch, -roll], degrees=True).as_matrix()
    np.testing.assert_allclose(pose_angles(matrix), angles, atol=1e-4)
    nose = matrix[:3, :3] @ [0, 0, 1]
    assert np.sign(round(nose[0], 6)) == np.sign(yaw)
    if yaw == 0:
        assert np.sign(round(nose[1], 6)) == -np.sign(pitch)  # y is up here: a positive pitch looks down


def test_a_missing_system_library_is_one_line(monkeypatch, tmp_path):
    from mediapipe.tasks.python import vision

    def fail(options):
        raise OSError("libEGL.so.1: cannot open shared object file: No such file or directory")

    monkeypatch.setattr(vision.FaceLandmarker, "create_from_options", fail)
    with pytest.raises(UserError, match=r"libEGL\.so\.1.*apt-get install libegl1 libgles2"):
        Landmarker(tmp_path / "face_landmarker.task")
