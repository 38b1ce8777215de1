import numpy as np
import pytest
import torch
from drawn_clips import drawn_clip, drawn_folder
from small_configs import AUGMENT, FRAME

from speak.data import features
from speak.data.batches import CENTRE, SmallSource, fit_basis
from speak.data.features import Change, cut_audio, draw_change, placed, read_bank, rotation
from speak.data.shards import write_shards
from speak.errors import UserError
from speak.faces import head_points
from speak.models.small_frame import VIEWS, FrameBasis, SmallFrameConfig

UNCHANGED = Change(np.zeros((len(head_points.USED), 3)), np.eye(3), np.zeros(3))


def random_heads(count: int, seed: int = 0) -> np.ndarray:
    """(count, K, 3): one random solid head with a moving mouth, turned and shifted."""
    rng = np.random.default_rng(seed)
    head = rng.normal(size=(len(head_points.USED), 3)) * 40
    points = []
    for _ in range(count):
        shape = head.copy()
        shape[head_points.GROUPS["mouth"], 1] += rng.normal() * 4
        points.append(shape @ rotation(rng.normal(size=3) * 0.1).T * rng.uniform(0.9, 1.1) + rng.normal(size=3) * 8)
    return np.array(points) + np.array([128, 128, 0])


@pytest.fixture(scope="module")
def bank(tmp_path_factory) -> features.Bank:
    folder = tmp_path_factory.mktemp("bank")
    return read_bank([folder], drawn_folder(folder, 6))


def test_points_are_distinct_and_their_groups_disjoint():
    assert len(set(head_points.USED)) == len(head_points.USED)
    assert sum(part.stop - part.start for part in head_points.GROUPS.values()) == len(head_points.USED)


def test_a_head_taken_apart_and_put_together_is_the_same():
    points = random_heads(5)
    placement = head_points.motions(points[0] - CENTRE, points)
    shapes = head_points.to_head(*placement, points)
    assert np.allclose(head_points.to_canvas(*placement, shapes), points)
    assert np.allclose(shapes[:, head_points.GROUPS["head"]], shapes[0, head_points.GROUPS["head"]], atol=1e-8)


def test_bank_without_changes_gives_the_clip_back(bank, tmp_path):
    (clip,) = [clip for clip in bank.clips if clip.clip_id == "drawn/p0/00"]
    drawn = drawn_clip("drawn/p0/00", 0, person="p0").landmarks[:, head_points.USED]
    back = placed(clip, np.arange(45), UNCHANGED, CENTRE, calm=False)
    assert np.allclose(back, drawn, atol=1e-3)
    calm = placed(clip, np.arange(45), UNCHANGED, CENTRE, calm=True)
    mouth = head_points.GROUPS["mouth"]
    assert np.allclose(calm[:, : mouth.start], back[:, : mouth.start]) and calm[:, mouth].std(axis=0).max() < 0.3


def test_changes_turn_about_the_centre(bank):
    clip, quarter = bank.clips[0], rotation(np.array([0, 0, np.pi / 2]))
    one = placed(clip, np.array([0]), UNCHANGED, CENTRE, calm=False)[0] - CENTRE
    other = placed(clip, np.array([0]), Change(UNCHANGED.offset, quarter, np.zeros(3)), CENTRE, calm=False)[0] - CENTRE
    assert np.allclose(other[:, :2], np.stack([-one[:, 1], one[:, 0]], axis=1))
    same = [draw_change(bank, AUGMENT, np.random.default_rng(3)) for _ in range(2)]
    assert np.array_equal(same[0].offset, same[1].offset) and np.array_equal(same[0].matrix, same[1].matrix)


def test_sound_is_cut_to_the_frame_and_padded_with_silence(bank):
    clip = bank.clips[0]
    assert np.array_equal(cut_audio(clip, 3, 6), clip.audio[1600:4800])
    late = cut_audio(clip, 42, 6)
    assert len(late) == 3200 and np.array_equal(late[:1600], clip.audio[-1600:]) and not late[1600:].any()


def test_basis_is_exact_where_it_is_complete_and_its_blocks_are_blind():
    points = random_heads(400)
    config = SmallFrameConfig(
        head=40, upper=30, mouth=30, pose=8, emotion=8, power=0.5, mouth_weight=2.0, calm_weight=1.0
    )
    basis = FrameBasis(config)
    basis.fit(points[0], points)
    heads = torch.from_numpy(random_heads(20)[1:].astype(np.float32))
    frames = basis.encode(heads, heads)
    assert frames.shape == (19, 130) and torch.allclose(basis.decode(frames), heads, atol=0.05)
    spoken = heads.clone()
    spoken[:, head_points.GROUPS["mouth"]] += 5
    changed = (basis.encode(spoken, heads) != frames).any(dim=0)
    assert changed[config.block("mouth")].any() and not changed[: config.block("mouth").start].any()
    assert not changed[config.block("calm")].any()
    assert all("mouth" not in blocks for blocks in VIEWS.values())
    assert config.view("pose") == list(range(8)) and len(config.view("emotion")) == 8 + 30


def test_batches_repeat_and_keep_the_mouth_from_the_codes(bank):
    basis = FrameBasis(FRAME)
    fit_basis(basis, bank, AUGMENT, 0)
    source = SmallSource(bank, AUGMENT, basis)
    one, other = (source.spoken(3, 12, np.random.default_rng(5)) for _ in range(2))
    assert torch.equal(one.target, other.target) and torch.equal(one.audio, other.audio)
    assert one.target.shape == (3, 12, FRAME.size) and one.audio.shape == (3, 6400)
    calm = one.target[..., FRAME.block("calm")]
    mouth = one.target[..., FRAME.block("mouth")]
    assert calm.std(dim=1).mean() < 0.2 * mouth.std(dim=1).mean()
    pairs = source.pairs(8, np.random.default_rng(5), another=False)
    assert pairs.source.shape == (8, FRAME.size) and (pairs.source_emotion == features.UNLABELLED).all()


def test_clips_without_a_face_are_named(tmp_path):
    blind = drawn_clip("d/b/1", 3, person="b")
    blind.landmarks[:] = np.nan
    write_shards([drawn_clip("d/a/1", 1, person="a", emotion="happy"), blind], tmp_path, 1 << 26)
    bank = read_bank([tmp_path], ["d/a/1", "d/b/1"])
    assert [clip.clip_id for clip in bank.clips] == ["d/a/1"] and "no face" in bank.skipped["d/b/1"]
    assert bank.clips[0].emotion == 4
    with pytest.raises(UserError, match="no clip with a face"):
        read_bank([tmp_path], ["d/b/1"])
