import dataclasses
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch
from drawn_clips import drawn_clip

from speak.data import pool as pools
from speak.data.pictures import PicturesConfig, PictureSource, open_pictures, usable
from speak.data.places import Place
from speak.data.pool import Pool, PoolConfig, on_timeline, step_of
from speak.data.shards import read_rows, write_shards
from speak.errors import UserError
from speak.faces.mouth_blank import GREY, blank_mouths, mouth_regions
from speak.media.audio import decode_flac
from speak.media.video import read_clip, read_some

POOL = PoolConfig(clips=4, steps=8, moments=3, stretch=10, fps=30.0)
SPOKEN = PicturesConfig(pool=POOL, pose="whole", emotion="same", emotion_clips=1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Four clips of person a, two of b, one of c (labelled), one too short."""
    folder = tmp_path_factory.mktemp("pictures")
    clips = [drawn_clip(f"d/{who}/{i}", i, person=who, num_frames=24) for i, who in enumerate("aaaabb")]
    clips.append(drawn_clip("d/c/6", 6, person="c", emotion="happy", num_frames=24))
    clips.append(drawn_clip("d/c/7", 7, person="c", num_frames=8))
    write_shards(clips, folder, 1 << 26)
    return folder


@pytest.fixture(scope="module")
def clips(folder) -> list[Place]:
    return usable([folder], [f"d/{who}/{i}" for i, who in enumerate("aaaabbcc")], 11, 30.0)[0]


@pytest.fixture(scope="module")
def videos(folder) -> dict[str, np.ndarray]:
    return {row["clip_id"]: read_clip(row["video"]) for row in read_rows([folder], ["video"])}


def at_step(step: int, seed: int = 0) -> np.random.Generator:
    return np.random.default_rng([seed, step, 0])


def picture(frame: torch.Tensor) -> np.ndarray:
    return ((frame.permute(1, 2, 0) + 1) * 127.5).round().to(torch.uint8).numpy()


def owner(videos: dict[str, np.ndarray], frame: torch.Tensor) -> tuple[str, int]:
    """Clip and frame number that a picture is taken from."""
    shown = picture(frame)
    return next((name, t) for name, video in videos.items() for t in range(len(video)) if (video[t] == shown).all())


def test_chosen_frames_are_those_of_the_whole_clip(folder):
    (row,) = read_rows([folder], ["video"], {"d/a/0"})
    wanted = np.array([0, 3, 4, 23])
    assert np.array_equal(read_some(row["video"], wanted), read_clip(row["video"])[wanted])


def test_pairs_are_real_frames_and_identity_is_another_moment(clips, videos):
    source = PictureSource(clips, dataclasses.replace(POOL, stretch=0))
    pairs = source.pairs(2, at_step(3), apart=True)
    assert pairs.source.shape == (2, 3, 256, 256) and pairs.source.dtype == torch.float32
    assert float(pairs.source.min()) >= -1 and float(pairs.source.max()) <= 1
    for face, identity in zip(pairs.source, pairs.shown.identity[:2], strict=True):
        (clip, moment), (same, other) = owner(videos, face), owner(videos, identity)
        assert clip == same and moment != other
    own = source.pairs(2, at_step(3), apart=False)
    assert torch.equal(own.source, pairs.source) and torch.equal(own.shown.identity[2:], own.target)
    people = [[owner(videos, face)[0].split("/")[1] for face in part] for part in (pairs.source, pairs.target)]
    assert pairs.different.tolist() == [one != other for one, other in zip(*people, strict=True)]


def test_labels_belong_to_their_frames(clips, videos):
    source, seen = PictureSource(clips, dataclasses.replace(POOL, stretch=0)), set()
    for step in range(0, 64, 8):
        pairs = source.pairs(2, at_step(step), apart=False)
        for face, emotion in zip(pairs.source, pairs.source_emotion, strict=True):
            seen.add((owner(videos, face)[0] == "d/c/6", int(emotion)))
    assert seen == {(True, 4), (False, -1)}


def test_a_step_sees_the_same_whatever_came_before(clips):
    fresh, used = (PictureSource(clips, POOL, SPOKEN, (32, 32)) for _ in range(2))
    for step in range(20):
        used.spoken(2, 8, at_step(step), apart=False)
    one, other = (source.spoken(3, 8, at_step(20), apart=False) for source in (fresh, used))
    for field in dataclasses.fields(one):
        assert torch.equal(getattr(one, field.name), getattr(other, field.name))
    assert not torch.equal(one.target, fresh.spoken(3, 8, at_step(20, seed=1), apart=False).target)


def test_threads_change_nothing(clips):
    shared, alone = (PictureSource(clips, POOL, SPOKEN) for _ in range(2))
    with ThreadPoolExecutor(4) as threads:
        drawn = list(threads.map(lambda step: shared.spoken(2, 8, at_step(step), apart=False), range(12)))
    for step, batch in enumerate(drawn):
        assert torch.equal(batch.target, alone.spoken(2, 8, at_step(step), apart=False).target)


def test_clips_stay_for_some_steps_and_leave_in_turn(clips, monkeypatch):
    filled = []
    cut_clip = pools.cut_clip
    monkeypatch.setattr(pools, "cut_clip", lambda place, *rest: filled.append(place) or cut_clip(place, *rest))
    pool = Pool(clips, POOL)
    counts = []
    for step in range(24):
        before = len(filled)
        cuts = [pool.cut(slot, at_step(step)) for slot in range(POOL.clips)]
        counts.append(len(filled) - before)
        assert all(len(cut.frames) <= POOL.moments + POOL.stretch for cut in cuts)
    # all at first; then one of the four every second step
    assert counts == [4, 0] + [1, 0] * 11
    assert {place.person for place in filled} == {"a", "b", "c"}


def test_stretches_are_consecutive_and_sound_is_theirs(folder, clips, videos):
    source = PictureSource(clips, POOL, SPOKEN, (32, 32))
    batch = source.spoken(4, 8, at_step(5), apart=False)
    sound = {row["clip_id"]: decode_flac(row["audio"])[0] for row in read_rows([folder], ["audio"])}
    assert batch.view.shape == (4, 8, 2, 3) and batch.audio.shape == (4, 4267)
    for identity, target, audio in zip(batch.identity, batch.target, batch.audio, strict=True):
        clip, first = owner(videos, target[0])
        assert np.array_equal(np.stack([picture(frame) for frame in target]), videos[clip][first : first + 8])
        start = round(first / 30 * 16000)
        assert np.array_equal(audio.numpy(), sound[clip][start : start + 4267])
        same, moment = owner(videos, identity)
        assert same == clip and not first <= moment < first + 8
    assert batch.pose is batch.emotion or torch.equal(batch.pose, batch.emotion)


def test_switches_hide_the_mouth_and_move_the_emotion(clips):
    hidden = dataclasses.replace(SPOKEN, pose="blank_mouth", emotion="another")
    plain, other = (
        PictureSource(clips, POOL, config).spoken(2, 8, at_step(1), apart=False) for config in (SPOKEN, hidden)
    )
    assert torch.equal(plain.target, other.target) and plain.view is None
    changed = (plain.pose != other.pose).any(dim=2).float().mean(dim=(0, 1))
    # drawn faces: eyes at 100, mouth at 168, each moved by up to 8 pixels; 80 pixels are one face unit
    assert changed[160:180, 100:156].min() == 1 and changed[:130].max() == 0
    assert (other.emotion == other.emotion[:, :1]).all() and not (plain.emotion == plain.emotion[:, :1]).all()


def test_blank_covers_what_moves_with_speech(videos, folder):
    (row,) = read_rows([folder], ["landmarks"], {"d/a/1"})
    landmarks = row["landmarks"].copy()
    landmarks[5] = np.nan
    blank = blank_mouths(videos["d/a/1"], mouth_regions(landmarks))
    for frame, points in zip(blank, row["landmarks"], strict=True):
        x, y = points[[61, 291, 13, 14, 152, 17], :2].round().astype(int).T
        assert (frame[y, x] == GREY).all()
    assert np.array_equal(blank[:, :140], videos["d/a/1"][:, :140])
    with pytest.raises(ValueError, match="no face"):
        mouth_regions(np.full((3, 478, 3), np.nan))


def test_another_rate_is_brought_to_the_time_line(tmp_path):
    clip = drawn_clip("d/e/1", 3, person="e", num_frames=25)
    write_shards([dataclasses.replace(clip, fps=25.0)], tmp_path, 1 << 26)
    source, figures = open_pictures([tmp_path], ["d/e/1"], POOL, 30)
    assert figures == {"clips": 1, "persons": 1, "skipped": {}}
    assert on_timeline(25, 25.0, 30.0)[:13].tolist() == [0, 0, 1, 2, 3, 4, 5, 5, 6, 7, 8, 9, 10]
    frames = read_clip(clip.video)
    cut = source.pool.cut(0, at_step(0))
    assert np.array_equal(cut.pictures(cut.moments), frames[on_timeline(25, 25.0, 30.0)[cut.moments]])


def test_clips_too_short_are_named(folder):
    kept, skipped = usable([folder], ["d/c/6", "d/c/7"], 11, 30.0)
    assert [place.clip_id for place in kept] == ["d/c/6"] and skipped == {"d/c/7": "8 frames at 30 fps, 11 needed"}
    with pytest.raises(UserError, match="no clip lasts"):
        usable([folder], ["d/c/7"], 11, 30.0)


def test_a_damaged_clip_is_named(folder, clips, monkeypatch):
    source = PictureSource(clips[:1], dataclasses.replace(POOL, stretch=0))
    monkeypatch.setattr(Place, "read", lambda self, columns: {"video": b"not a video"})
    with pytest.raises(UserError, match="d/a/0: cannot be trained on"):
        source.pairs(1, at_step(0), apart=False)


def test_a_generator_knows_its_step():
    assert step_of(np.random.default_rng([7, 123, 0])) == (123, (7, 0))
    assert step_of(np.random.default_rng(7)) == (0, (7,))
