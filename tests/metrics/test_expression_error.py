"""Expression error by hand, and which blendshapes there are."""

import numpy as np
import pytest
from clip_pairs import CONFIG, face, landmarks, pair

from speak.metrics.blink_rate_error import EYE_BLINKS
from speak.metrics.expression_error import FIRST_SHAPE, expression_error

FRAMES = np.zeros((4, 8, 8, 3), np.uint8)


def error(missing=(), **shapes):
    generated = face(landmarks(4, missing=missing))
    for number, value in shapes.items():
        generated.blendshapes[:, int(number[1:])] += value
    return expression_error(pair(FRAMES, FRAMES, generated_face=generated), CONFIG)


def test_by_hand():
    assert error().value == 0
    assert error(_1=0.51, _51=0.51).value == pytest.approx(2 * 0.51 / 51)
    assert error(_0=1.0).value == 0  # _neutral
    assert error(missing=(1,), _3=0.5).value == pytest.approx(0.5 / 51)
    assert error(missing=(1,), _3=0.5).found_share == 0.75
    assert error(missing=(0, 1, 2)).value is None


def test_the_order_is_mediapipes():
    module = pytest.importorskip("mediapipe.tasks.python.vision.face_landmarker")
    names = {shape.value: shape.name for shape in module.Blendshapes}
    assert len(names) == 52 and names[FIRST_SHAPE - 1] == "NEUTRAL"
    assert [names[number] for number in EYE_BLINKS] == ["EYE_BLINK_LEFT", "EYE_BLINK_RIGHT"]
