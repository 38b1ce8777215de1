import torch

from speak.models.codes import FACTORS, Codes, join


def some(seed: int, batch: int = 3) -> Codes:
    generator = torch.Generator().manual_seed(seed)
    return Codes(*(torch.randn(batch, 4, generator=generator) for _ in FACTORS))


def test_one_factor_is_exchanged_and_the_others_stay():
    own, other = some(0), some(1)
    for factor in FACTORS:
        mixed = own.swapped(other, factor)
        for name in FACTORS:
            assert torch.equal(getattr(mixed, name), getattr(other if name == factor else own, name))


def test_every_sample_exchanges_its_own_factor():
    own, other = some(0), some(1)
    mixed = own.swapped_each(other, torch.tensor([2, 0, 1]))
    for row, factor in enumerate(("pose", "identity", "emotion")):
        for name in FACTORS:
            expected = other if name == factor else own
            assert torch.equal(getattr(mixed, name)[row], getattr(expected, name)[row])


def test_split_undoes_join():
    parts = [some(0, 2), some(1, 2)]
    for before, after in zip(parts, join(parts).split(2), strict=True):
        assert all(torch.equal(getattr(before, name), getattr(after, name)) for name in FACTORS)
