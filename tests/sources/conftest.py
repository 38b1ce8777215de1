"""An item of which only some fields matter."""

from collections.abc import Callable

import pytest

from speak.sources import Item


@pytest.fixture
def make() -> Callable[..., Item]:
    def item(**changes) -> Item:
        names = dict.fromkeys(Item.__dataclass_fields__)
        plain = {"item_id": "x/1", "dataset": "x", "person": "p", "video": "1.mp4", "box_unit": "pixels"}
        return Item(**names | plain | changes)

    return item
