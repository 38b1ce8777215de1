import dataclasses
from pathlib import Path

import numpy as np
import pytest
from drawn_clips import drawn_arrays, drawn_clip
from small_configs import irfd_config, speak_config

from speak.data.shards import write_shards
from speak.errors import UserError
from speak.faces import head_points
from speak.inference.drawing import Drawer
from speak.inference.talker import BLOCK, Driving, Talker
from speak.models.mouth_inside import MouthInside
from speak.training.irfd import train_irfd
from speak.training.speak import speak_fingerprint, train_speak

CONFIG = dataclasses.replace(speak_config(300), frozen_share=0.0, tuning_rate=1.0)


@pytest.fixture(scope="module")
def trained(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("talker")
    clips = [
        drawn_clip(f"mead/p{i // 2}/{i}", i, person=f"p{i // 2}", emotion="happy" if i % 2 else None) for i in range(8)
    ]
    for clip in clips:
        clip.__dict__["level"] = 2 if clip.emotion else None
    write_shards(clips, folder, 1 << 26)
    ids = [clip.clip_id for clip in clips]
    train_irfd([folder], ids, irfd_config(150), folder / "irfd")
    train_speak([folder], ids, CONFIG, folder / "speak", folder / "irfd" / "checkpoint.pt")
    return folder / "speak" / "checkpoint.pt"


@pytest.fixture(scope="module")
def talker(trained) -> Talker:
    return Talker(trained, speak_fingerprint(CONFIG))


@pytest.fixture(scope="module")
def clip() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return drawn_arrays(50)


def test_points_follow_the_leading_head(talker, clip, monkeypatch):
    frames, landmarks, audio = clip
    seen: list[np.ndarray] = []
    monkeypatch.setattr(Drawer, "draw", lambda self, points: seen.append(points) or self.warper.picture)
    for shift in (0.0, 10.0):
        lead = Driving(frames, landmarks + np.array([shift, 0, 0], np.float32))
        made = talker.generate(frames[0], landmarks[0], audio, len(frames), 30.0, lead, lead)
        assert made.shape == frames.shape and made.dtype == np.uint8
    there, moved = np.array(seen[: len(frames)]), np.array(seen[len(frames) :])
    way = (moved - there)[:, head_points.GROUPS["head"]].mean(axis=(0, 1))
    assert 5 < way[0] < 15 and abs(way[1]) < 5


def test_sound_moves_the_mouth_and_nothing_above_it(talker, clip):
    frames, landmarks, audio = clip
    lead = Driving(frames, landmarks)
    made, silent = (
        talker.generate(frames[0], landmarks[0], sound, len(frames), 30.0, lead, lead) for sound in (audio, audio * 0)
    )
    mouth = (slice(None), slice(140, 220), slice(90, 166))
    assert silent[mouth].std(axis=0).mean() < made[mouth].std(axis=0).mean()


def test_drawing_moves_the_picture_with_the_points(clip):
    frames, landmarks, _ = clip
    points = landmarks[0, head_points.USED].astype(np.float64)
    rng = np.random.default_rng(0)
    inside = MouthInside(speak_config().inside)
    drawer = Drawer(frames[0], landmarks[0], points + rng.normal(size=points.shape), inside)
    same, moved = drawer.draw(points), drawer.draw(points + np.array([6.0, 0.0, 0.0]))
    eye = landmarks[0, 33, :2].round().astype(int)
    still = frames[0][eye[1] - 8 : eye[1] + 9, eye[0] - 8 : eye[0] + 9].astype(int)
    for picture, shift in ((same, 0), (moved, 6)):
        part = picture[eye[1] - 8 : eye[1] + 9, eye[0] - 8 + shift : eye[0] + 9 + shift]
        assert np.abs(part - still).mean() < 8


def test_chunks_are_the_whole_bit_for_bit(talker, clip):
    frames, landmarks, audio = clip
    lead = Driving(frames, landmarks)
    whole = talker.generate(frames[0], landmarks[0], audio, len(frames), 30.0, lead, lead)
    stream = talker.stream(frames[0], landmarks[0], audio, len(frames), 30.0, lead, lead)
    assert len(frames) > BLOCK and all(np.array_equal(one, other) for one, other in zip(stream, whole, strict=True))
    longer = talker.generate(frames[0], landmarks[0], audio, len(frames), 30.0)
    assert np.array_equal(longer, talker.generate(frames[0], landmarks[0], audio, len(frames), 30.0))


def test_named_emotions_come_from_training(talker, clip):
    frames, landmarks, audio = clip
    happy = talker.named_emotion("happy", 1)
    assert talker.generate(frames[0], landmarks[0], audio, 5, 30.0, None, happy).shape == (5, 256, 256, 3)
    with pytest.raises(UserError, match="no training clip was angry"):
        talker.named_emotion("angry", 1)


def test_faces_that_are_not_found(talker, clip):
    frames, landmarks, audio = clip
    with pytest.raises(UserError, match="no face was found in the identity frame"):
        talker.generate(frames[0], np.full((478, 3), np.nan), audio, 3, 30.0)
    lost = Driving(frames, np.full_like(landmarks, np.nan))
    still = talker.generate(frames[0], landmarks[0], audio, 3, 30.0)
    assert np.array_equal(talker.generate(frames[0], landmarks[0], audio, 3, 30.0, lost, lost), still)
    with pytest.raises(ValueError, match="driving clip of 3 frames"):
        talker.generate(frames[0], landmarks[0], audio, 3, 30.0, Driving(frames, landmarks))
