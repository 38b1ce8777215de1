import pytest
import torch
from exchanges import codes, exchange, perfect

from speak.losses.identity import IdentityLossConfig, identity_loss

TRIPLET = IdentityLossConfig(form="triplet", margin=1.0)
LITERAL = IdentityLossConfig(form="literal", margin=1.0)
DIFFERENT = torch.tensor([True])


def seen(own: float, others: float, factor: str):
    """S at 0 and T at 10; codes seen in the faces with S's and with T's identity."""
    pair = codes(own, 0.0, 0.0, grad=True), codes(others, 0.0, 0.0, grad=True)
    source_seen, target_seen = reversed(pair) if factor == "identity" else pair
    return exchange(codes(0.0, 1.0, 2.0), codes(10.0, 1.0, 2.0), source_seen, target_seen, factor), pair


@pytest.mark.parametrize("factor", ["identity", "emotion", "pose"])
def test_triplet_by_hand(factor):
    made, _ = seen(4.0, 3.0, factor)
    # S: own 4 away, other's 3 away: 4 - 3 + 1 = 2.  T: own 7 away, other's 6 away: 7 - 6 + 1 = 2.
    assert identity_loss(made, DIFFERENT, TRIPLET).item() == pytest.approx(4.0)


@pytest.mark.parametrize("factor", ["identity", "emotion", "pose"])
def test_equation_1_as_printed_by_hand(factor):
    made, _ = seen(4.0, 8.0, factor)
    # |0 - 4| - |10 - 8| + 1
    assert identity_loss(made, DIFFERENT, LITERAL).item() == pytest.approx(3.0)


@pytest.mark.parametrize("factor", ["identity", "emotion", "pose"])
def test_zero_at_perfect(factor):
    assert identity_loss(perfect(factor), DIFFERENT, TRIPLET).item() == 0.0


def test_equation_1_as_printed_pushes_the_second_distance_up():
    """Its fault: T's own reconstruction, 2 away from T, is driven away; the triplet pulls it in."""
    for config, sign in [(LITERAL, 1), (TRIPLET, -1)]:
        made, (_, others) = seen(9.0, 8.0, "pose")
        identity_loss(made, DIFFERENT, config).backward()
        after = others.identity.detach() - 0.1 * others.identity.grad
        change = (10.0 - after).abs() - 2.0
        assert torch.sign(change).item() == sign, config.form


def test_equation_1_as_printed_is_not_zero_at_perfect():
    assert identity_loss(perfect("pose"), DIFFERENT, LITERAL).item() == pytest.approx(1.0)


def test_pairs_of_one_person_do_not_count():
    made, (own, others) = seen(4.0, 3.0, "pose")
    loss = identity_loss(made, torch.tensor([False]), TRIPLET)
    loss.backward()
    assert loss.item() == 0.0 and own.identity.grad.item() == others.identity.grad.item() == 0.0


def test_gradient_is_finite_at_perfect():
    for config in (TRIPLET, LITERAL):
        made, (own, others) = seen(0.0, 10.0, "pose")
        identity_loss(made, DIFFERENT, config).backward()
        assert torch.isfinite(own.identity.grad).all() and torch.isfinite(others.identity.grad).all()
