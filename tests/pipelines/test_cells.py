"""Which stages and parameter sections lie behind a method, read from dvc.yaml."""

from pathlib import Path

import pytest

from pipelines.cells import training_stages
from pipelines.provenance import tracked_sections

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("model", "stages"),
    [
        ("speak/full/0", ["train_irfd", "train_speak"]),
        ("baselines/wav2lip/1", ["train_baselines"]),
        ("mouth", ["train_mouth"]),
    ],
)
def test_a_model_is_traced_to_what_it_starts_from(model, stages):
    assert training_stages(model, ROOT) == stages


def test_sections_are_those_that_dvc_tracks():
    assert tracked_sections("train_speak", ROOT) == ["split", "speak", "ablations"]
    assert tracked_sections("score@speak", ROOT) == ["split", "score", "sets", "ablations"]
