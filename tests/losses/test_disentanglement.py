import dataclasses

import pytest
import torch
from exchanges import codes, exchange, perfect

from speak.losses.disentanglement import TERMS, Pairs, Shown, disentanglement_terms
from speak.losses.emotion import emotion_loss
from speak.losses.identity import IdentityLossConfig
from speak.losses.pose import pose_loss
from speak.losses.self_reconstruction import self_loss
from speak.losses.weighting import weighted_sum

IDENTITY = IdentityLossConfig(form="triplet", margin=1.0)


def pairs(source: float, target: float, label: int) -> Pairs:
    frames = torch.tensor([[source]]), torch.tensor([[target]])
    both = torch.cat(frames)
    return Pairs(*frames, Shown(both, both, both), torch.tensor([label]), torch.tensor([label]), torch.tensor([True]))


def by_hand(factor: str):
    """S is (0, 1, 2), T is (10, 11, 12); what is seen in the generated faces."""
    return exchange(codes(0, 1.0, 2.0), codes(10, 11.0, 12.0), codes(0, 1.5, 2.25), codes(0, 9.0, 8.0), factor)


@pytest.mark.parametrize(
    ("factor", "pose", "emotion"),
    [
        # pose stays: 2.25 should be 2, 8 should be 12; emotion likewise 1.5 and 1, 9 and 11
        ("identity", 0.25 + 4.0, 0.5 + 2.0),
        # pose comes from the other clip: 2.25 should be 12, 8 should be 2
        ("pose", 9.75 + 6.0, 0.5 + 2.0),
        ("emotion", 0.25 + 4.0, 9.5 + 8.0),
    ],
)
def test_equations_3_and_4_by_hand(factor, pose, emotion):
    assert float(pose_loss(by_hand(factor))) == pytest.approx(pose)
    assert float(emotion_loss(by_hand(factor))) == pytest.approx(emotion)


def test_equations_5_to_7_by_hand():
    # the faces made of their own codes are 1 and 2; the original frames 1.5 and 5
    loss = self_loss(by_hand("pose"), torch.tensor([[1.5]]), torch.tensor([[5.0]]))
    assert float(loss) == pytest.approx(0.5 + 3.0)


def test_every_term_is_zero_at_perfect():
    for factor in ("identity", "emotion", "pose"):
        sure = torch.zeros(1, 8)
        sure[0, 3] = 200.0
        made = dataclasses.replace(perfect(factor), source_logits=sure, target_logits=sure)
        terms = disentanglement_terms(made, pairs(1.0, 2.0, label=3), IDENTITY)
        assert set(terms) == set(TERMS)
        assert all(float(term) == pytest.approx(0.0, abs=1e-6) for term in terms.values()), (factor, terms)


def test_equation_8_is_the_weighted_sum():
    terms = disentanglement_terms(by_hand("identity"), pairs(1.5, 5.0, label=0), IDENTITY)
    weights = dict(zip(TERMS, (1.0, 2.0, 3.0, 4.0, 5.0), strict=True))
    # exchanged identities: the face with S's identity is the target's (0), that with T's the source's (0):
    # S: 0 - 0 + 1; T: |10 - 0| - |10 - 0| + 1.  Even logits: log 8.
    expected = 1.0 * 2.0 + 2.0 * 2.0794415 + 3.0 * 4.25 + 4.0 * 2.5 + 5.0 * 3.5
    assert float(weighted_sum(terms, weights)) == pytest.approx(expected)


def test_weight_zero_leaves_a_term_out_even_if_it_is_not_a_number():
    terms = {"a": torch.tensor(2.0), "b": torch.tensor(float("nan"))}
    assert float(weighted_sum(terms, {"a": 1.5, "b": 0.0})) == 3.0
    assert float(weighted_sum({"a": torch.tensor(2.0)}, {"a": 1.5, "b": 0.0})) == 3.0


@pytest.mark.parametrize("weights", [{"a": 1.0, "b": 1.0}, {"b": 1.0}, {"a": 0.0}])
def test_terms_and_weights_must_belong_together(weights):
    with pytest.raises(ValueError):
        weighted_sum({"a": torch.tensor(2.0)}, weights)
