"""Landmark distances over iBUG's points: the table has the scheme's structure, and only its points count."""

import numpy as np
import pytest
from clip_pairs import CONFIG, landmarks, pair

from speak.faces.points68 import BROWS, EYES, JAW, MOUTH, NOSE, POINTS
from speak.metrics.landmark_distance import EYE_CORNERS, LIPS
from speak.metrics.landmark_distance_ibug import f_lmd_ibug68, m_lmd_ibug20

FRAMES = np.zeros((4, 8, 8, 3), np.uint8)


def test_the_table_has_the_scheme_of_68():
    assert [len(part) for part in (JAW, BROWS, NOSE, EYES, MOUTH)] == [17, 10, 9, 12, 20]
    assert len(set(POINTS)) == 68 and set(MOUTH) <= set(LIPS)
    assert (POINTS[36], POINTS[45]) == EYE_CORNERS and POINTS[8] == 152  # outer eye corners, chin


def test_left_and_right_of_the_table_mirror_each_other(realdata):
    mediapipe = pytest.importorskip("mediapipe")
    del mediapipe
    av = pytest.importorskip("av")
    from speak.assets import asset
    from speak.faces.landmarker import Landmarker

    with av.open(str(min((realdata / "mead_crops256").rglob("*neutral*.mp4")))) as container:
        frame = next(container.decode(video=0)).to_ndarray(format="rgb24")
    with Landmarker(asset("face_landmarker")) as landmarker:
        points = landmarker.detect([frame]).landmarks[0, POINTS, :2]
    width = np.ptp(points[:, 0])
    for row in (points[2:15], points[17:27], points[48:55]):  # jaw, brows and upper lip run rightwards
        assert (np.diff(row[:, 0]) > 0).all()
    middle = points[27:31, 0].mean()
    for left, right in [(0, 16), (17, 26), (36, 45), (39, 42), (48, 54), (31, 35), (60, 64)]:
        assert abs((points[left, 0] + points[right, 0]) / 2 - middle) < 0.1 * width


def test_only_these_points_count():
    moved = landmarks(4)
    moved[:, MOUTH[0], :2] += (3, 4)  # one of 20, by 5
    moved[:, POINTS[30], 0] += 8  # the tip of the nose
    moved[:, next(i for i in range(478) if i not in POINTS)] += 50
    clip = pair(FRAMES, FRAMES, generated_landmarks=moved)
    assert m_lmd_ibug20(clip, CONFIG).value == pytest.approx(5 / 20, abs=1e-5)
    assert f_lmd_ibug68(clip, CONFIG).value == pytest.approx(13 / 68, abs=1e-5)


def test_misses_are_treated_as_in_the_other_distances():
    clip = pair(FRAMES, FRAMES, generated_landmarks=landmarks(4, (3, 4), missing=(0,)))
    assert f_lmd_ibug68(clip, CONFIG).value == pytest.approx(5, abs=1e-4)
    assert f_lmd_ibug68(clip, CONFIG).found_share == 0.75
