"""Crops, rates, smoothing and head pose of PC-AVS and EAMM, against other libraries and constructed cases."""

import itertools
import shutil

import cv2
import numpy as np
import pytest
import skimage.transform
import torch

from benchmarks.methods import eamm_pictures, pc_avs_crop
from benchmarks.methods.eamm_driving import displaced, smooth_emotion, smooth_speech
from benchmarks.methods.eamm_pictures import Disturbance
from benchmarks.methods.eamm_pose import head_poses, pose_track
from benchmarks.methods.frame_rate import shown_at, to_and_fro
from benchmarks.methods.one_euro import one_euro
from benchmarks.methods.plane_similarity import inverse, laid_on, looked_up, moved, similarity
from speak.assets import asset
from speak.faces.landmarker import Landmarker
from speak.faces.points68 import POINTS, points68
from speak.media.video import read_frames

RANDOM = np.random.default_rng(0)
UNMOVED = np.eye(2, 3)


def landmarks_of(points, count=1):
    """(count, 478, 3) landmarks whose 68 points are the given (68, 2) or (count, 68, 2)."""
    result = RANDOM.uniform(60, 200, (count, 478, 3))
    result[:, POINTS, :2] = points
    return result


def smooth_picture(seed, size=256):
    noise = np.random.default_rng(seed).uniform(0, 255, (size, size, 3))
    return cv2.GaussianBlur(noise, (0, 0), 4).clip(0, 255).astype(np.uint8)


def test_similarity_is_that_of_scikit_image():
    source, target = RANDOM.normal(size=(12, 2)), RANDOM.normal(size=(12, 2))
    target += source @ [[3, 1], [-1, 3]]
    wanted = skimage.transform.SimilarityTransform.from_estimate(source, target).params[:2]
    np.testing.assert_allclose(similarity(source, target), wanted, atol=1e-10)
    back = inverse(wanted)
    np.testing.assert_allclose(moved(moved(source, wanted), back), source, atol=1e-12)


def test_rates():
    assert shown_at(7, 30.0, 25.0, 100).tolist() == [0, 0, 1, 2, 3, 4, 5]
    assert shown_at(6, 25.0, 30.0, 100).tolist() == [0, 1, 2, 3, 4, 6]
    assert shown_at(5, 30.0, 25.0, 2).tolist() == [0, 0, 1, 1, 1]
    assert to_and_fro(8, 3).tolist() == [0, 1, 2, 2, 1, 0, 0, 1]


def test_pc_avs_alignment_brings_eyes_and_mouth_to_their_places():
    turn = np.array([[1.3, -0.4, 20.0], [0.4, 1.3, -30.0]])
    points = np.zeros((68, 2))
    for part, place in ((slice(36, 42), (87, 59)), (slice(42, 48), (137, 59)), (slice(60, 68), (112, 120))):
        points[part] = moved(np.array(place, float), inverse(turn)) + RANDOM.normal(size=(part.stop - part.start, 2))
        points[part] -= points[part].mean(axis=0) - moved(np.array(place, float), inverse(turn))
    (found,) = pc_avs_crop.alignments(landmarks_of(points))
    np.testing.assert_allclose(found, turn, atol=1e-9)


def test_pc_avs_mouth_is_held_with_a_fifth_of_the_shift_before():
    points = np.tile(RANDOM.uniform(80, 180, (68, 2)), (3, 1, 1))
    points[1] += [10, 0]
    first, second, third = pc_avs_crop.alignments(landmarks_of(points, 3))
    mouths = [
        moved(own[60:68].mean(axis=0), matrix) for own, matrix in zip(points, (first, second, third), strict=True)
    ]
    np.testing.assert_allclose(mouths[0], [112, 120], atol=1e-9)
    step = first[:, :2] @ [10, 0]
    np.testing.assert_allclose(second[:, 2] - first[:, 2], -0.8 * step, atol=1e-9)
    np.testing.assert_allclose(third[:, 2] - first[:, 2], 0.2 * -0.8 * step, atol=1e-9)
    np.testing.assert_array_equal(first[:, :2], third[:, :2])


def test_pc_avs_crop_keeps_192_pixels():
    """Unmoved, the crop shows rows 0 to 191 and columns 16 to 207, enlarged by 7/6."""
    frame = smooth_picture(1, 224)
    found = pc_avs_crop.crop(frame, UNMOVED)
    wanted = skimage.transform.resize(
        frame[:192, 16:208], (224, 224), order=1, preserve_range=True, anti_aliasing=False
    )
    assert np.abs(found - wanted).max() < 2


def test_pc_avs_crop_laid_back_is_the_frame():
    frame = smooth_picture(2)
    alignment = np.array([[1.1, -0.1, -20.0], [0.1, 1.1, -15.0]])
    laid = laid_on(np.zeros_like(frame), pc_avs_crop.crop(frame, alignment), pc_avs_crop.to_crop(alignment))
    inside = laid.any(axis=2)
    assert 0.3 < inside.mean() < 1
    assert np.abs(laid[inside].astype(int) - frame[inside]).mean() < 1.5


def test_pc_avs_tensors_are_between_minus_and_plus_one():
    frames = np.array([0, 51, 255], np.uint8).reshape(1, 1, 1, 3)
    np.testing.assert_allclose(pc_avs_crop.to_tensor_range(frames).ravel(), [-1, -0.6, 1], atol=1e-6)


def euro_by_hand(values, cutoff, beta):
    """One number at a time, with smoothing factors as 2π·cutoff / (2π·cutoff + rate)."""
    shown, speed, results = values[0], 0.0, [values[0]]
    for before, now in itertools.pairwise(values):
        weight = 2 * np.pi / (2 * np.pi + 100)
        speed = weight * 100 * (now - before) + (1 - weight) * speed
        turns = 2 * np.pi * (cutoff + beta * abs(speed))
        shown = shown + (now - shown) * turns / (turns + 100)
        results.append(shown)
    return np.array(results)


def test_one_euro_filter():
    track = np.cumsum(RANDOM.normal(size=(40, 3, 2)), axis=0)
    found = one_euro(track, 0.05, 8.0)
    for index in np.ndindex(3, 2):
        np.testing.assert_allclose(found[(slice(None), *index)], euro_by_hand(track[(slice(None), *index)], 0.05, 8.0))
    np.testing.assert_array_equal(one_euro(np.full((5, 2), 3.0), 1.0, 1.0), 3.0)


def test_eamm_smoothing_scales_key_points_first():
    points = {"value": torch.randn(9, 10, 2), "jacobian": torch.randn(9, 10, 2, 2)}
    for smooth, scale, cutoff, beta in ((smooth_speech, 10, 0.05, 8.0), (smooth_emotion, 100, 1.0, 0.2)):
        found = smooth(points)["jacobian"][:, 3, 1, 0]
        track = points["jacobian"][:, 3, 1, 0].double().numpy()
        np.testing.assert_allclose(found, euro_by_hand(track * scale, cutoff, beta) / scale, rtol=1e-4, atol=1e-6)


def test_eamm_displaces_three_key_points():
    points = {"value": torch.zeros(2, 10, 2), "jacobian": torch.zeros(2, 10, 2, 2)}
    shift = {"value": torch.arange(16.0).reshape(2, 4, 2), "jacobian": torch.arange(32.0).reshape(2, 4, 2, 2)}
    found = displaced(points, shift)
    changed = {index for index in range(10) if found["value"][:, index].any() or found["jacobian"][:, index].any()}
    assert changed == {1, 4, 6} and not points["value"].any()
    torch.testing.assert_close(found["value"][:, 1], 0.2 * shift["value"][:, 0])
    torch.testing.assert_close(found["jacobian"][:, 6], shift["jacobian"][:, 2])


def head(yaw, pitch, roll, size=60.0):
    """A mesh whose named points lie on a box, turned by R = R_z(roll) R_y(-yaw) R_x(pitch), in picture axes."""
    points = np.random.default_rng(1).uniform(-0.5, 0.5, (478, 3))
    points[[33, 263, 152, 10, 234, 454]] = [
        *([-0.5, 0.3, 0.4], [0.5, 0.3, 0.4], [0, -1, 0.4], [0, 1, 0.4]),
        *([-0.75, 0, -0.3], [0.75, 0, -0.3]),
    ]
    x, y, z = (np.radians(angle) for angle in (pitch, -yaw, roll))
    turn_x = np.array([[1, 0, 0], [0, np.cos(x), -np.sin(x)], [0, np.sin(x), np.cos(x)]])
    turn_y = np.array([[np.cos(y), 0, np.sin(y)], [0, 1, 0], [-np.sin(y), 0, np.cos(y)]])
    turn_z = np.array([[np.cos(z), -np.sin(z), 0], [np.sin(z), np.cos(z), 0], [0, 0, 1]])
    turned = size * points @ (turn_z @ turn_y @ turn_x).T
    return turned * [1, -1, -1] + [128, 128, 0]


@pytest.mark.parametrize("angles", [(0, 0, 0), (20, 0, 0), (0, -15, 0), (0, 0, 10), (-25, 12, -8)])
def test_eamm_pose_angles(angles):
    found = head_poses(head(*angles)[None], UNMOVED)
    np.testing.assert_allclose(found[0, :3], angles, atol=1e-9)


def test_eamm_pose_scale_and_place():
    """Upright, the face is 90 wide and 120 high: the box is 1.58 times their mean, lowered by 0.14 of it."""
    found = head_poses(head(0, 0, 0)[None], UNMOVED)[0]
    side = 1.58 * 105
    assert found[3] == pytest.approx(90 / 1.5e5 * 120 / side)
    assert found[4:].tolist() == pytest.approx([60, 60 + 0.14 * 105 / side * 120])
    larger = head_poses(2 * head(10, 5, 0)[None], UNMOVED)
    np.testing.assert_allclose(larger, head_poses(head(10, 5, 0)[None], 2 * UNMOVED), atol=1e-9)
    np.testing.assert_allclose(larger, head_poses(head(10, 5, 0)[None], UNMOVED), atol=1e-9)


@pytest.fixture(scope="module")
def real_landmarks(realdata) -> np.ndarray:
    _, frame = next(read_frames(realdata / "mead_crops256/M030_front_neutral_level1_001.mp4"))
    with Landmarker(asset("face_landmarker")) as landmarker:
        return landmarker.detect([frame]).landmarks


def test_eamm_pose_of_a_real_face_is_in_the_range_of_3ddfa(real_landmarks):
    (pose,) = head_poses(real_landmarks, UNMOVED)
    assert abs(pose[0]) < 15 and abs(pose[1]) < 30 and abs(pose[2]) < 10
    assert 3e-4 < pose[3] < 8e-4 and abs(pose[4] - 60) < 15 and abs(pose[5] - 60) < 25


def test_the_68_points_of_a_real_face_lie_in_their_order(real_landmarks):
    (points,) = points68(real_landmarks)
    assert len(set(POINTS)) == 68
    for run in (slice(2, 15), slice(17, 27), slice(31, 36), slice(48, 55), slice(60, 65)):
        assert (np.diff(points[run, 0]) > 0).all(), f"points {run} run from left to right"
    steps = np.linalg.norm(np.diff(points[:17], axis=0), axis=1)
    assert steps.max() < 3.5 * steps.min(), "the jaw is walked in about equal steps"
    assert (np.diff(points[27:31, 1]) > 0).all(), "the bridge of the nose runs down"
    brows, eyes, nose, mouth = (points[run, 1].mean() for run in (slice(17, 27), slice(36, 48), 33, slice(48, 68)))
    assert brows < eyes < nose < mouth < points[8, 1]
    for eye in (points[36:42], points[42:48]):
        assert eye[0, 0] < eye[[1, 2], 0].min() and eye[3, 0] > eye[[1, 2], 0].max()
        assert eye[[1, 2], 1].max() < eye[[4, 5], 1].min()


def test_eamm_pose_track():
    poses = RANDOM.normal(size=(5, 6))
    smooth = np.stack([euro_by_hand(poses[:, index], 0.004, 0.7) for index in range(6)], axis=1)
    wanted = [smooth[index] for index in (0, 1, 2, 3, 4, 4, 3, 2, 1, 0, 0, 1)]
    np.testing.assert_allclose(pose_track(poses, 12), wanted, rtol=1e-5)
    np.testing.assert_allclose(pose_track(poses, 3), smooth[:3], rtol=1e-5)
    for count in (7, 250):
        np.testing.assert_allclose(pose_track(poses[:1], count), np.repeat(poses[:1], count, axis=0), rtol=1e-6)


def test_eamm_photo_is_brought_to_the_template():
    """A picture moved by a similarity comes back."""
    original, there = smooth_picture(3), np.array([[0.9, 0.15, 5.0], [-0.15, 0.9, 25.0]])
    template = RANDOM.uniform(60, 200, (68, 2))
    frame = cv2.warpAffine(original, there, (256, 256))
    alignment = eamm_pictures.photo_alignment(landmarks_of(moved(template, there))[0], template)
    np.testing.assert_allclose(alignment, there, atol=1e-9)
    photo = eamm_pictures.align_photo(frame, alignment)
    middle = slice(80, 176)
    assert np.abs(photo[middle, middle].astype(float) - original[middle, middle]).mean() < 2


def test_eamm_only_points_0_to_46_align_the_photo():
    template = RANDOM.uniform(60, 200, (68, 2))
    points = template.copy()
    points[47:] += RANDOM.normal(size=(21, 2)) * 30
    np.testing.assert_allclose(eamm_pictures.photo_alignment(landmarks_of(points)[0], template), UNMOVED, atol=1e-9)


def test_eamm_emotion_frames_follow_the_first():
    points = np.tile(RANDOM.uniform(60, 200, (68, 2)), (2, 1, 1))
    points[1] += [7, -4]
    frames = np.stack([smooth_picture(4), np.roll(smooth_picture(4), (-4, 7), axis=(0, 1))])
    aligned = eamm_pictures.align_emotion(frames, landmarks_of(points, 2))
    assert aligned.dtype == np.float32 and aligned.shape == frames.shape
    middle = slice(20, 236)
    np.testing.assert_allclose(aligned[1, middle, middle], aligned[0, middle, middle], atol=1e-5)
    np.testing.assert_allclose(aligned[0], frames[0] / 255, atol=1e-6)


def test_eamm_mouth_is_noise_and_nothing_else_changes():
    frames = np.full((3, 256, 256, 3), 0.5, np.float32)
    found = eamm_pictures.disturb(frames, Disturbance(flip=False, turn=False, skew=False))
    rows, columns = np.nonzero((found != frames).all(axis=(0, 3)))
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (160, 219, 85, 184)
    noise = found[:, 160:220, 85:185]
    assert 0 <= noise.min() < 0.01 and 0.99 < noise.max() < 1 and abs(noise.mean() - 0.5) < 0.01
    assert (frames == 0.5).all()


def test_eamm_disturbance_is_the_same_for_a_seed():
    frames = np.stack([smooth_picture(seed) for seed in (5, 6)]).astype(np.float32) / 255
    found = [eamm_pictures.disturb(frames, Disturbance(seed=seed)) for seed in (1, 1, 2)]
    np.testing.assert_array_equal(found[0], found[1])
    assert not np.allclose(found[0], found[2])
    flipped = [eamm_pictures.disturb(frames, Disturbance(seed=seed, turn=False, skew=False)) for seed in range(20)]
    share = np.mean([np.array_equal(clip[:, :100], frames[:, :100, ::-1]) for clip in flipped])
    assert 0.2 < share < 0.8
    assert all(
        np.array_equal(clip[:, :100], frames[:, :100, ::-1]) or np.array_equal(clip[:, :100], frames[:, :100])
        for clip in flipped
    )


def test_eamm_turn_is_that_of_scikit_image():
    frame = smooth_picture(8).astype(np.float32) / 255
    found = eamm_pictures.disturb(frame[None], Disturbance(flip=False, skew=False))[0]
    random = np.random.default_rng(0)
    random.random((1, 60, 100, 3))
    wanted = skimage.transform.rotate(frame, random.uniform(-30, 30), preserve_range=True)
    assert np.abs(found - wanted)[40:150, 40:216].max() < 0.01


def test_eamm_template_is_an_asset(shared, tmp_path, monkeypatch):
    monkeypatch.setenv("SPEAK_CACHE", str(tmp_path))
    shutil.copy(shared / "baselines/data/eamm_M003_template.npy", tmp_path / "eamm_M003_template.npy")
    points = eamm_pictures.template()
    assert points.shape == (68, 2) and points.min() > 60 and points.max() < 256


def test_looked_up_reads_at_the_mapped_place():
    picture = smooth_picture(7)
    found = looked_up(picture, np.array([[1.0, 0, 10], [0, 1.0, 20]]), 100)
    np.testing.assert_allclose(found, picture[20:120, 10:110] / 255, atol=1e-12)
