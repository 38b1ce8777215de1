"""The real landmarker, where its model can be had, and faces without speech."""

from collections.abc import Iterator

import numpy as np
import pytest

from speak.assets import asset
from speak.corpus.features import CONTROLS, INDEX
from speak.corpus.performance import Performance
from speak.corpus.render import Take, film
from speak.errors import UserError
from speak.faces.landmarker import Landmarker


@pytest.fixture(scope="session")
def landmarker() -> Iterator[Landmarker]:
    try:
        model = asset("face_landmarker")
    except UserError as error:
        pytest.skip(f"the landmarker's model cannot be had: {error}")
    with Landmarker(model) as landmarker:
        yield landmarker


@pytest.fixture(scope="session")
def new_take():
    """Makes a take; fields may be given by name."""

    def make(**changes) -> Take:
        who = {
            "person_seed": 5,
            "seed": 1,
            "scene_seed": 1,
            "sentence": "don't forget a jacket",
            "emotion": "neutral",
            "level": 2,
        }
        how = {"fps": 30.0, "duration_s": 2.0, "width": 256, "height": 256, "face_scale": 0.62, "motion": 1.0}
        return Take(**{**who, **how, "supersample": 1, **changes})

    return make


@pytest.fixture(scope="session")
def controls():
    """Makes a row of controls; those not given are 0."""

    def make(**values) -> np.ndarray:
        row = np.zeros(len(CONTROLS), np.float32)
        for name, value in values.items():
            row[INDEX[name]] = value
        return row

    return make


@pytest.fixture(scope="session")
def pictures():
    """Films given rows of controls and poses: frames, truth and the points' names."""

    def shoot(take: Take, rows, poses):
        rows, poses = np.asarray(rows, np.float32), np.asarray(poses, np.float32)
        still, silent = np.zeros((len(rows), 3), np.float32), np.zeros((len(rows), 4), np.float32)
        return film(take, Performance(rows, poses, still, silent))

    return shoot
