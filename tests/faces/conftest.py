"""The real landmarker, where its model can be had."""

from collections.abc import Iterator

import pytest

from speak.assets import asset
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
