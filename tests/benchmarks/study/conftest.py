"""A study that is being served; each module makes the study itself (``made``)."""

import pytest
from made_study import serving


@pytest.fixture
def served(made, tmp_path):
    """A fresh database each time: store, links, design."""
    folder, design = made
    with serving(folder, f"sqlite:///{tmp_path}/ratings.sqlite") as (store, links):
        yield store, links, design
