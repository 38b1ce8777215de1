"""Tables 3 and 4: what is left out, as changes of two configurations.

Table 3 leaves a term out of eq. 8: IRFD is trained without it, then SPEAK on that IRFD (paper notes, row 21). Table 4
leaves a term out of eq. 13, or trains the encoders from scratch with the generator ("w/o IRFD", row 22; L_vgg is
measured by the full IRFD's encoders all the same, so that one thing is changed at a time). Seeds, data and number of
steps are those of the full model.
"""

import dataclasses
from dataclasses import dataclass
from typing import Any, TypeVar

C = TypeVar("C")
Changes = dict[str, Any]


@dataclass(frozen=True)
class SpeakAblation:
    """What SPEAK is trained on and how its configuration is changed.

    Attributes:
        label: as printed in the tables.
        irfd: key in ``IRFD_ABLATIONS``.
        changes: of ``SpeakTrainConfig``.
    """

    label: str
    irfd: str
    changes: Changes


FULL = "full"

IRFD_ABLATIONS: dict[str, Changes] = {
    FULL: {},
    "no_identity": {"weights": {"identity": 0.0}},
    "no_cls": {"weights": {"cls": 0.0}},
    "no_pose": {"weights": {"pose": 0.0}},
    "no_emotion": {"weights": {"emotion": 0.0}},
    "no_self": {"weights": {"self": 0.0}},
}

SPEAK_ABLATIONS: dict[str, SpeakAblation] = {
    FULL: SpeakAblation("SPEAK", FULL, {}),
    "no_identity": SpeakAblation("w/o L_identity", "no_identity", {}),
    "no_cls": SpeakAblation("w/o L_cls", "no_cls", {}),
    "no_pose": SpeakAblation("w/o L_pose", "no_pose", {}),
    "no_emotion": SpeakAblation("w/o L_emotion", "no_emotion", {}),
    "no_self": SpeakAblation("w/o L_self", "no_self", {}),
    "no_irfd": SpeakAblation("w/o IRFD", FULL, {"adopt": False}),
    "no_gan": SpeakAblation("w/o L_GAN", FULL, {"weights": {"gan": 0.0}}),
    "no_vgg": SpeakAblation("w/o L_vgg", FULL, {"weights": {"vgg": 0.0}}),
    "no_sync": SpeakAblation("w/o L_sync", FULL, {"weights": {"sync": 0.0}}),
}


def apply(config: C, changes: Changes) -> C:
    """A copy of a frozen dataclass with some fields changed; a mapping inside is merged, key by key.

    Raises:
        KeyError: a change names what is not there.
    """
    values = {}
    for name, change in changes.items():
        present = getattr(config, name)
        if isinstance(present, dict):
            if not change.keys() <= present.keys():
                raise KeyError(f"{name}: {sorted(change.keys() - present.keys())}")
            change = {**present, **change}
        values[name] = change
    return dataclasses.replace(config, **values)
