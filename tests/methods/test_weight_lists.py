"""Every network has exactly the weights that its authors' files hold: same keys, types and shapes."""

import pytest
import torch
from weight_lists import MANIFESTS, NAMES, weight_list

from benchmarks.methods.networks import NETWORKS


@pytest.fixture(autouse=True)
def _no_memory():
    """Shapes only: nothing is drawn and nothing is stored."""
    with torch.device("meta"):
        yield


@pytest.mark.parametrize("name", NAMES)
def test_weights_are_the_authors(name):
    state = NETWORKS[name]().state_dict()
    ours = {key: (str(value.dtype).removeprefix("torch."), tuple(value.shape)) for key, value in state.items()}
    assert ours == weight_list(name)


def test_every_network_has_a_list():
    """In whichever form it is kept."""
    assert {path.name.split(".")[0] for path in MANIFESTS.iterdir()} == set(NETWORKS)


@pytest.mark.parametrize("name", [name for name in NAMES if name != "syncnet_s"])
def test_narrow_networks_have_the_same_keys(name):
    whole, narrow = weight_list(name), NETWORKS[name](width=4).state_dict()
    assert set(narrow) == set(whole)
    assert sum(value.numel() for value in narrow.values()) < 0.2 * sum(
        torch.empty(shape).numel() for _, shape in whole.values()
    )
