import torch

from speak.faces.mouth_shape import POINTS
from speak.models.mouth import MouthNet, MouthNetConfig

CONFIG = MouthNetConfig(
    bands=20, window=16, channels=8, hidden=16, shapes=4, pictures=3, picture_width=10, picture_height=6
)


def test_shapes_and_ranges():
    model = MouthNet(CONFIG)
    model.picture_basis += 1000.0
    shape, picture = model(torch.randn(7, 16, 20), torch.rand(7, 5))
    assert shape.shape == (7, 4) and picture.shape == (7, 3)
    assert model.displacement(shape).shape == (7, len(POINTS), 2)
    pictures = model.picture(picture)
    assert pictures.shape == (7, 6, 10, 3) and pictures.dtype == torch.uint8


def test_bases_travel_with_the_weights():
    names = MouthNet(CONFIG).state_dict().keys()
    assert {"shape_basis", "picture_mean", "picture_basis", "traits_mean", "traits_scale"} <= names
