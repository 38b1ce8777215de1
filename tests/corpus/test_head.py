"""The head: people, geometry, expressions, and what a face landmarker sees of them."""

import json

import numpy as np
import pytest
from skimage.draw import polygon

from speak.corpus.expression import expression
from speak.corpus.features import CONTROLS, brow, eye, lips
from speak.corpus.figure import figure
from speak.corpus.head import rest_head
from speak.corpus.identity import SHAPE_DRAWS, identity
from speak.corpus.pose import rotation
from speak.corpus.raster import SOLID, Buffer, draw, vertex_normals
from speak.data.clip import EMOTIONS

REST = dict.fromkeys(CONTROLS, 0.0)


def test_a_seed_is_a_person_and_people_differ():
    assert identity(11) == identity(11)
    crowd = [identity(seed) for seed in range(300)]
    assert 0.4 < np.mean([person.sex == "f" for person in crowd]) < 0.6
    assert len({tuple(person.shape.values()) for person in crowd}) == 300
    assert len({person.hair_style for person in crowd}) >= 10
    assert np.ptp([person.melanin for person in crowd]) > 0.8
    assert all(person.shape.keys() == SHAPE_DRAWS.keys() for person in crowd)
    json.dumps(crowd[0].describe())


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_proportions_are_those_of_people(seed):
    person = identity(seed)
    points = rest_head(person).points
    top, chin = points[..., 1].max(), points[..., 1].min()
    right = eye(person, REST, 1.0)
    assert abs(right.iris[1] - (top + chin) / 2) < 0.04 * (top - chin)  # eyes half-way up the head
    width = np.ptp(points[..., 0][np.abs(points[..., 1]) < 0.05])
    assert 0.18 < np.ptp(right.upper[:, 0]) / width < 0.26  # a face is about five eyes wide
    mouth = lips(person, REST)
    assert np.ptp(mouth.outer_upper[:, 0]) == pytest.approx(2 * person.shape["eye_spacing"], rel=0.25)
    assert brow(person, REST, 1.0)[:, 1].min() > right.upper[:, 1].max()
    assert (mouth.outer_lower[:, 1] > chin).all()


def test_head_is_mirror_symmetric_and_faces_outwards():
    grid = rest_head(identity(3))
    mirrored = grid.points[:, ::-1] * [-1, 1, 1]
    np.testing.assert_allclose(grid.points, mirrored, atol=1e-5)
    points = grid.points.reshape(-1, 3)
    normals = np.zeros_like(points)
    vertex_normals(points, grid.faces, normals)
    inner = slice(1, -1)  # the poles belong to no triangle with an area
    np.testing.assert_allclose(np.linalg.norm(normals[inner], axis=1), 1.0, atol=1e-3)
    outwards = (normals * (points - points.mean(0))).sum(1)
    assert (outwards > 0).mean() > 0.97


def test_jaw_opens_the_lips_and_pressing_shuts_them():
    person = identity(8)

    def gap(**state):
        curves = lips(person, {**REST, **state})
        return (curves.inner_upper - curves.inner_lower)[11, 1] / (2 * person.shape["eye_spacing"])

    assert gap() == pytest.approx(0.0, abs=1e-6)
    assert 0.24 < gap(jaw=1.0) < 0.32
    assert gap(jaw=0.6) > gap(jaw=0.3) > 0.05
    assert gap(jaw=0.3, press=1.0) == pytest.approx(0.0, abs=1e-6)
    assert gap(upper=0.4, lower=0.3, press=1.0) == pytest.approx(0.0, abs=1e-6)
    round_lips, wide_lips = (np.ptp(lips(person, {**REST, "wide": w}).inner_upper[:, 0]) for w in (-1.0, 1.0))
    assert round_lips < 0.75 * wide_lips


def test_blink_shuts_the_eye():
    shut = eye(identity(8), {**REST, "blink": 1.0}, -1.0)
    assert np.abs(shut.upper - shut.lower).max() < 0.02
    assert (shut.upper[:, 1] >= shut.lower[:, 1] - 1e-9).all()


def test_levels_grow_and_unknown_emotions_are_refused():
    for emotion in EMOTIONS:
        size = [np.abs(expression(emotion, level)).sum() for level in (1, 2, 3)]
        assert size == sorted(size)
        assert (size[0] == 0) == (emotion == "neutral")
    with pytest.raises(ValueError, match="bored"):
        expression("bored", 1)


def test_rotation_turns_as_documented():
    nose = np.array([0.0, 0.0, 1.0])
    assert (rotation(np.array([20.0, 0.0, 0.0])) @ nose)[0] > 0  # to the image's right
    assert (rotation(np.array([0.0, 20.0, 0.0])) @ nose)[1] < 0  # down
    assert (rotation(np.array([0.0, 0.0, 20.0])) @ [0.0, 1.0, 0.0])[0] > 0  # clockwise
    turn = rotation(np.array([13.0, -7.0, 5.0]))
    np.testing.assert_allclose(turn @ turn.T, np.eye(3), atol=1e-6)


def test_rasteriser_covers_the_pixels_another_library_covers():
    rng = np.random.default_rng(4)
    for _ in range(30):
        corners = rng.uniform(2, 58, (3, 2))
        (ax, ay), (bx, by), (cx, cy) = corners
        if (bx - ax) * (cy - ay) - (by - ay) * (cx - ax) > 0:
            corners = corners[::-1]
        screen = np.c_[corners, np.array([1.0, 2.0, 3.0])].astype(np.float32)
        buffer = Buffer.empty(60, 60)
        draw(screen, np.array([[0, 1, 2]], np.int32), buffer.depth, buffer.face, buffer.weights, screen[:, :2], SOLID)
        expected = np.zeros((60, 60), bool)
        expected[polygon(corners[:, 1] - 0.5, corners[:, 0] - 0.5, (60, 60))] = True
        assert ((buffer.face >= 0) != expected).sum() <= 2
        hidden = Buffer.empty(60, 60)
        draw(screen, np.array([[2, 1, 0]], np.int32), hidden.depth, hidden.face, hidden.weights, screen[:, :2], SOLID)
        assert (hidden.face < 0).all()


def test_nearer_triangles_hide_farther_ones():
    screen = np.array([[0, 0, 1], [0, 40, 1], [40, 0, 1], [0, 0, 2], [0, 40, 2], [40, 0, 2]], np.float32)
    buffer = Buffer.empty(40, 40)
    draw(
        screen,
        np.array([[3, 4, 5], [0, 1, 2]], np.int32),
        buffer.depth,
        buffer.face,
        buffer.weights,
        screen[:, :2],
        SOLID,
    )
    assert set(np.unique(buffer.face)) == {-1, 0}
    np.testing.assert_allclose(buffer.depth[buffer.face >= 0], 2.0, atol=1e-5)


def test_figure_is_a_sound_mesh():
    built = figure(1, 2)
    assert np.isfinite(built.points).all()
    for faces in (built.faces, built.hair_faces):
        assert faces.size == 0 or (faces.min() >= 0 and faces.max() < len(built.points))
    assert built.fields.shape[1] == built.num_head
    assert ((built.follow >= 0) & (built.follow <= 1)).all()


def test_landmarker_finds_faces_in_all_poses_and_emotions(landmarker, pictures, new_take, controls):
    found = []
    for person in range(7000, 7006):
        rng = np.random.default_rng(person)
        rows = [expression(e, int(rng.integers(1, 4))) + controls(jaw=rng.uniform(0, 0.7)) for e in EMOTIONS]
        poses = rng.uniform([-30, -20, -10], [30, 20, 10], (len(rows), 3))
        frames, _, _ = pictures(new_take(person_seed=person, seed=person), rows, poses)
        found.append(landmarker.detect(frames).found)
    assert np.mean(found) >= 0.99


def test_linear_classifier_reads_emotions_of_unseen_people(landmarker, pictures, new_take, controls):
    samples, labels = [], []
    for person in range(8000, 8012):
        rng = np.random.default_rng(person)
        rows = [expression("neutral", 1)] + [
            expression(e, level) for e in EMOTIONS for level in rng.permutation([1, 2, 3])[:2]
        ]
        rows = [row + controls(jaw=max(0.15 + 0.1 * rng.standard_normal(), 0)) for row in rows]
        poses = rng.uniform(-8, 8, 3) + 2 * rng.standard_normal((len(rows), 3))
        track = landmarker.detect(pictures(new_take(person_seed=person, seed=person), rows, poses)[0])
        faces = np.stack([_upright(*face) for face in zip(track.landmarks, track.head_pose, strict=True)])
        samples.append(faces[1:] - faces[0])
        labels.append(np.repeat(np.arange(8), 2))
    train, test = (slice(0, 8), slice(8, None))
    right = _classify(np.stack(samples), np.stack(labels), train, test)
    assert right >= 0.75


def _upright(landmarks: np.ndarray, pose: np.ndarray) -> np.ndarray:
    """Frontal x and y of the landmarks in units of the distance between the eyes' outer corners."""
    centred = (landmarks - landmarks[[33, 263, 1]].mean(0)) * [1, -1, -1]
    frontal = centred @ rotation(pose)
    return (frontal / np.linalg.norm(frontal[33] - frontal[263]))[:, :2].ravel()


def _classify(samples, labels, train, test) -> float:
    """Ridge regression to one-hot labels on 20 principal components; share of correct answers."""
    x, y = np.concatenate(samples[train]), np.concatenate(labels[train])
    mean = x.mean(0)
    _, scale, axes = np.linalg.svd(x - mean, full_matrices=False)

    def reduce(values):
        return np.c_[(values - mean) @ axes[:20].T / scale[:20] * np.sqrt(len(x)), np.ones(len(values))]

    weights = np.linalg.solve(reduce(x).T @ reduce(x) + 5 * np.eye(21), reduce(x).T @ np.eye(8)[y])
    guess = (reduce(np.concatenate(samples[test])) @ weights).argmax(1)
    return float((guess == np.concatenate(labels[test])).mean())
