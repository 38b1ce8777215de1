"""No person is ever on both sides."""

from hypothesis import given
from hypothesis import strategies as st

from speak.data.split import TEST, TRAIN, SplitConfig, split_persons

CONFIG = SplitConfig(seed=1, roles={"voxceleb": "train", "mead": "mixed", "hdtf": "test"}, test_share=0.3)
rows_of = st.lists(
    st.tuples(st.sampled_from(["voxceleb", "mead", "hdtf"]), st.integers(0, 12)), min_size=1, max_size=60
).map(
    lambda pairs: (
        [{"clip_id": f"{d}/{p}/{i}", "dataset": d, "person": f"p{p}"} for i, (d, p) in enumerate(pairs)]
        + [{"clip_id": f"mead/extra{i}", "dataset": "mead", "person": f"extra{i}"} for i in range(2)]
    )
)


@given(rows_of)
def test_sides_are_disjoint_by_person_across_datasets(rows):
    sides = split_persons(rows, CONFIG)
    persons = {side: {r["person"] for r in rows if sides[r["clip_id"]] == side} for side in (TRAIN, TEST)}
    assert not persons[TRAIN] & persons[TEST]
    assert all(sides[r["clip_id"]] == TEST for r in rows if r["dataset"] == "hdtf")


def test_share_of_a_mixed_dataset_and_stability_when_persons_join():
    rows = [{"clip_id": f"c{i}", "dataset": "mead", "person": f"M{i:03d}"} for i in range(10)]
    sides = split_persons(rows, CONFIG)
    assert sum(side == TEST for side in sides.values()) == 3
    more = split_persons([*rows, {"clip_id": "v", "dataset": "voxceleb", "person": "id1"}], CONFIG)
    assert {key: more[key] for key in sides} == sides
    assert more["v"] == TRAIN
