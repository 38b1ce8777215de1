import pytest
import torch

from speak.models.codes import Codes
from speak.models.editing import Editing, EditingConfig, adain
from speak.models.fusion import Fusion

CONFIG = EditingConfig(audio=5, hidden=24, channels=6, style=7)


def some_codes(batch: int, size: int = 8) -> Codes:
    return Codes(*torch.randn(3, batch, size).unbind())


def test_adain_is_the_formula_sample_by_sample():
    torch.manual_seed(0)
    hidden, scale, shift = torch.randn(3, 4, 50, dtype=torch.float64), torch.randn(3, 4), torch.randn(3, 4)
    result = adain(hidden, scale.double(), shift.double())
    for n in range(3):
        for c in range(4):
            row = hidden[n, c].numpy()
            expected = float(scale[n, c]) * (row - row.mean()) / (row.var() + 1e-5) ** 0.5 + float(shift[n, c])
            assert torch.allclose(result[n, c], torch.from_numpy(expected), atol=1e-6)


def test_adain_gives_each_channel_the_wanted_mean_and_deviation():
    result = adain(10 + 3 * torch.randn(2, 3, 4000), torch.full((2, 3), 2.0), torch.full((2, 3), -1.0))
    assert torch.allclose(result.mean(2), torch.full((2, 3), -1.0), atol=1e-3)
    assert torch.allclose(result.std(2), torch.full((2, 3), 2.0), atol=1e-2)


@pytest.mark.parametrize("fusion", ["mlp", "sum"])
def test_one_style_for_every_layer_of_the_generator(fusion):
    editing = Editing(CONFIG, 8, fusion, layers=9)
    assert editing(some_codes(4), torch.randn(4, 5)).shape == (4, 9, 7)


def test_noise_in_training_none_in_evaluation():
    torch.manual_seed(0)
    editing = Editing(CONFIG, 8, "mlp", layers=3)
    for level in editing.levels:
        level.noise_strength.data.fill_(1.0)
    codes, audio = some_codes(2), torch.randn(2, 5)
    assert not torch.allclose(editing(codes, audio), editing(codes, audio))
    editing.eval()
    assert torch.equal(editing(codes, audio), editing(codes, audio))


def test_sound_and_every_code_reach_every_level():
    torch.manual_seed(0)
    editing = Editing(CONFIG, 8, "mlp", layers=3).eval()
    codes, audio = some_codes(1), torch.randn(1, 5)
    before = editing(codes, audio)
    changes = [(codes.swapped(some_codes(1), factor), audio) for factor in ("identity", "emotion", "pose")]
    for changed in [*changes, (codes, audio + 1)]:
        assert ((editing(*changed) - before).abs().amax(2) > 1e-5).all()


def test_fusion_by_sum_is_equation_5():
    codes = some_codes(3)
    fused = Fusion(("identity", "emotion", "pose"), 8, "sum")(codes)
    assert torch.equal(fused, codes.identity + codes.emotion + codes.pose)
    assert not list(Fusion(("identity", "pose"), 8, "sum").parameters())
    assert Fusion(("identity", "pose"), 8, "mlp")(codes).shape == (3, 8)


def test_fusion_takes_only_its_factors():
    fusion, codes = Fusion(("identity", "pose"), 8, "mlp"), some_codes(2)
    assert torch.equal(fusion(codes), fusion(codes.swapped(some_codes(2), "emotion")))
