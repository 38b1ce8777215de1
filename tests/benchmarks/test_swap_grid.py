"""Figure 5's pictures: small parts bend real pictures to decoded landmarks; paper parts show what they decode."""

import numpy as np
import pytest
import torch
from drawn_clips import drawn_arrays
from irfd_parts import irfd_config
from torch import nn

from benchmarks.figures_irfd import figure5
from benchmarks.swap_grid import shown, swap_row
from speak.data.samples import DecodedClip
from speak.faces.head_points import USED
from speak.faces.mouth_view import face_transforms
from speak.faces.track import FaceTrack
from speak.inference.drawing import Drawer
from speak.models.codes import Codes
from speak.models.mouth_inside import InsideConfig, MouthInside
from speak.training.irfd import IrfdModel


def clip(seed):
    frames, landmarks, audio = drawn_arrays(seed, 12)
    face = FaceTrack(landmarks=landmarks, head_pose=np.zeros((12, 3)), blendshapes=np.zeros((12, 52)))
    names = {"clip_id": f"drawn/{seed}", "person": f"p{seed}", "emotion": None}
    return DecodedClip(**names, fps=30.0, frames=frames, face=face, audio=audio)


class Whole(nn.Module):
    """Holds the frame in one code and decodes that code: nothing is lost, everything hangs on one factor."""

    def __init__(self, factor):
        super().__init__()
        self.factor = factor

    def encode(self, frame):
        return Codes(identity=frame, emotion=frame, pose=frame)

    def decode(self, codes):
        return getattr(codes, self.factor)


@pytest.fixture(scope="module")
def model():
    torch.manual_seed(0)
    model = IrfdModel(irfd_config())
    noise = np.random.default_rng(0)
    points = np.concatenate([clip(seed).landmarks[:, USED] for seed in range(4)]).astype(np.float64)
    model.basis.fit(points.mean(axis=0) - [128, 128, 0], points + noise.normal(0, 1, points.shape))
    return model.eval()


@pytest.fixture
def inside():
    inside = MouthInside(InsideConfig(width=8, height=6, components=2, clips=1, every=1, ridge=0.1))
    inside.fit(np.zeros((0, 53, 2)), np.zeros((0, 144), np.uint8))
    return inside


def test_a_picture_is_bent_to_the_decoded_landmarks_of_the_factor_that_matters(model, inside):
    a, b = shown(model, clip(0), 2), shown(model, clip(1), 5)
    model.irfd = Whole("pose")
    row = swap_row(model, inside, a, b)
    assert (row.source == a.picture).all() and (row.target == b.picture).all()
    assert np.array_equal(row.swapped["emotion"], row.rebuilt)
    assert not np.array_equal(row.swapped["pose"], row.rebuilt)
    skin = (128, 150)  # between the eyes and the mouth, where nothing is drawn
    assert np.abs(row.rebuilt[skin].astype(int) - a.picture[skin]).max() < 8
    assert np.abs(row.swapped["identity"][skin].astype(int) - b.picture[skin]).max() < 8
    assert figure5([row], size=32) == figure5([swap_row(model, inside, a, b)], size=32)


def test_the_drawer_gives_the_picture_back_where_nothing_moves(model, inside):
    a = shown(model, clip(0), 2)
    points = a.landmarks[USED, :].astype(np.float64)
    drawer = Drawer(a.picture, a.landmarks, model.basis.template.double().numpy(), inside)
    mouth = face_transforms(a.landmarks[None]) is not None
    drawn = drawer.draw(points)
    assert mouth and np.abs(drawn[:120].astype(int) - a.picture[:120]).max() <= 1


def test_paper_parts_show_what_they_decode(model):
    a, b = (
        shown(type("Paper", (), {"basis": None, "irfd": None})(), clip(seed), index) for seed, index in ((0, 2), (1, 5))
    )
    paper = type("Paper", (), {"basis": None, "irfd": Whole("identity")})()
    row = swap_row(paper, None, a, b)
    assert np.array_equal(row.rebuilt, a.picture) and np.array_equal(row.swapped["identity"], b.picture)
    assert np.array_equal(row.swapped["pose"], a.picture)
