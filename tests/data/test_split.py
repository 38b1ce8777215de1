"""No person is ever on both sides."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from speak.data.split import TEST, TRAIN, SplitConfig, split_persons

CONFIG = SplitConfig(seed=1, roles={"voxceleb": "train", "mead": "mixed", "hdtf": "test"}, test_share=0.3)
pairs_of = st.lists(
    st.tuples(st.sampled_from(["voxceleb", "mead", "hdtf"]), st.integers(0, 12).map("p{}".format)), max_size=60
).map(lambda pairs: [*pairs, ("mead", "extra0"), ("mead", "extra1")])


@given(pairs_of)
def test_a_person_has_one_side_and_test_datasets_only_test(pairs):
    sides = split_persons(pairs, CONFIG)
    assert sides.keys() == {person for _, person in pairs}
    assert all(sides[person] == TEST for dataset, person in pairs if dataset == "hdtf")
    in_mead = {person for dataset, person in pairs if dataset == "mead"}
    only_train = {person for dataset, person in pairs if dataset == "voxceleb"} - in_mead
    only_train -= {person for dataset, person in pairs if dataset == "hdtf"}
    assert all(sides[person] == TRAIN for person in only_train)


def test_share_of_a_mixed_dataset_and_stability_when_persons_join():
    pairs = [("mead", f"M{i:03d}") for i in range(10)]
    sides = split_persons(pairs, CONFIG)
    assert sum(side == TEST for side in sides.values()) == 3
    more = split_persons([*pairs, ("voxceleb", "id1")], CONFIG)
    assert {key: more[key] for key in sides} == sides
    assert more["id1"] == TRAIN


def test_order_and_repetition_of_clips_change_nothing():
    pairs = [("mead", f"M{i:03d}") for i in range(10)] + [("hdtf", "M001"), ("voxceleb", "M001")]
    assert split_persons([*reversed(pairs), *pairs], CONFIG) == split_persons(pairs, CONFIG)


def test_a_dataset_without_a_role_is_refused():
    with pytest.raises(ValueError, match="no role for crema_d"):
        split_persons([("crema_d", "1001")], CONFIG)
