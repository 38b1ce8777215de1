"""Faces as landmarks with known person, emotion and head pose, and decoders made by hand: for probes and swaps."""

import numpy as np
import torch
from scipy.spatial.transform import Rotation

from benchmarks.examination import ProbeClip
from benchmarks.instruments import EXPRESSION, SHAPE
from speak.models.codes import Codes

MEAN = np.random.default_rng(0).normal(0, 40, (478, 3))
MOVES = [index for index in EXPRESSION if index not in SHAPE]
KEEPS = [index for index in SHAPE if index not in EXPRESSION]
PERSON, EMOTION = 4, 3
FRAMES = 6
FEELINGS = ("angry", "happy", "neutral", "sad")


def directions(count: int, points: list[int], size: float, seed: int) -> np.ndarray:
    """(count, 478, 3): orthogonal moves of some points in the picture's plane."""
    moves = np.zeros((count, 478, 3))
    draws = np.linalg.qr(np.random.default_rng(seed).normal(size=(2 * len(points), count)))[0].T
    moves[:, points, :2] = size * draws.reshape(count, -1, 2)
    return moves


# Persons differ where no head pose is read from, so that the factors are separable by construction.
SHAPES = directions(PERSON, [i for i in KEEPS if i not in {*KEEPS[:35]}], 30.0, 1)
SMILES = directions(EMOTION, MOVES, 30.0, 2)


def face(person: np.ndarray, emotion: np.ndarray, pose: np.ndarray) -> np.ndarray:
    """(F, P), (F, E) and (F, 3) degrees of yaw, pitch, roll to landmarks (F, 478, 3)."""
    shape = MEAN + np.tensordot(person, SHAPES, 1) + np.tensordot(emotion, SMILES, 1)
    yaw, pitch, roll = pose.T
    turn = Rotation.from_euler("YXZ", np.stack([yaw, pitch, -roll], 1), degrees=True).as_matrix()
    flip = np.diag([1.0, -1.0, -1.0])
    return shape @ (flip @ turn @ flip).transpose(0, 2, 1) + 128.0


def clips(persons: int, seed: int, per_person: int = 4) -> list[ProbeClip]:
    """Clips whose "frame" is the vector of truths (person, emotion, pose in tens of degrees)."""
    rng = np.random.default_rng(seed)
    feelings = {name: rng.normal(size=EMOTION) for name in FEELINGS} if seed == 0 else FELT
    made = []
    for index in range(persons):
        who = rng.normal(size=PERSON)
        for take in range(per_person):
            name = FEELINGS[take % len(FEELINGS)]
            emotion = np.repeat(feelings[name][None] + 0.05 * rng.normal(size=(1, EMOTION)), FRAMES, axis=0)
            pose = rng.normal(0, [10, 6, 4], (FRAMES, 3))
            person = np.repeat(who[None], FRAMES, axis=0)
            made.append(
                ProbeClip(
                    clip_id=f"s{seed}/p{index}/{take}",
                    person=f"s{seed}p{index}",
                    emotion=name,
                    frames=np.concatenate([person, emotion, pose / 10], axis=1).astype(np.float32),
                    landmarks=face(person, emotion, pose),
                    pose=pose,
                )
            )
    return made


FELT = dict(zip(FEELINGS, np.random.default_rng(9).normal(size=(4, EMOTION)) * 1.5, strict=True))


def draw(frames: torch.Tensor) -> np.ndarray:
    """The landmarks of "frames" of truths."""
    rows = frames.double().numpy()
    person, emotion, pose = np.split(rows, [PERSON, PERSON + EMOTION], axis=1)
    return face(person, emotion, 10 * pose)


class Perfect:
    """Each code holds its factor and nothing else; decoding is exact."""

    def encode(self, frames: torch.Tensor) -> Codes:
        person, emotion, pose = torch.split(frames, [PERSON, EMOTION, 3], dim=1)
        return Codes(identity=person, emotion=emotion, pose=pose)

    def decode(self, codes: Codes) -> torch.Tensor:
        return torch.cat([codes.identity, codes.emotion, codes.pose], dim=1)


class Leaky(Perfect):
    """Every code holds everything; the decoder listens to the identity code alone."""

    def encode(self, frames: torch.Tensor) -> Codes:
        return Codes(identity=frames, emotion=frames, pose=frames)

    def decode(self, codes: Codes) -> torch.Tensor:
        return codes.identity
