"""Training of EAMM: its clips, who gets which gradient, and a tiny training from drawn clips to a generated one."""

import dataclasses

import numpy as np
import pytest
import torch
from drawn_clips import drawn_clip

from benchmarks.methods import baseline
from benchmarks.methods.eamm import Eamm
from benchmarks.methods.eamm_pose import NUMBERS
from benchmarks.methods.plane_similarity import moved
from benchmarks.protocol import make_request
from benchmarks.training import eamm_faces
from benchmarks.training.baselines import PHASES, train_baseline
from benchmarks.training.clips import Clips
from benchmarks.training.config import MethodConfig, PhaseConfig, TrainingConfig
from benchmarks.training.looks import LooksConfig
from speak.assets import asset
from speak.data.pool import PoolConfig
from speak.data.samples import decoded_clips
from speak.data.shards import write_shards
from speak.errors import UserError
from speak.faces.landmarker import Landmarker
from speak.faces.mouth_view import fill_missing
from speak.faces.points68 import points68
from speak.losses.classification import UNLABELLED
from speak.media.video import VideoCodec, encode_video, read_frames
from speak.training import checkpoint, loop
from speak.training.loop import LoopConfig

LOOP = LoopConfig(
    steps=5, learning_rate=1e-3, warmup_steps=0, final_rate=1.0, clip_norm=float("inf"), ema_decay=None,
    checkpoint_every=1, log_every=1, sample_every=None, seed=0, prefetch=0, device="cpu", precision="full", workers=1,
)  # fmt: skip
STEPS = {"renderer": 2, "speech": 1, "finetune": 1, "emotion": 1}
OWN_PHASES = {name: PhaseConfig(steps=steps, batch=1, learning_rate=1e-3) for name, steps in STEPS.items()}
CONFIG = TrainingConfig(
    name="eamm",
    loop=LOOP,
    pool=PoolConfig(clips=2, steps=4, moments=3, stretch=20, fps=25.0),
    looks=LooksConfig(features="pixels", weights=None),
    method=MethodConfig(weights="trained", width=16, phases=OWN_PHASES),
)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """Person a: neutral and happy; person b: happy only; person c: no emotion known."""
    folder = tmp_path_factory.mktemp("eamm")
    clips = [
        drawn_clip("d/a/0", 0, person="a", emotion="happy", num_frames=36),
        drawn_clip("d/a/1", 1, person="a", emotion="neutral", num_frames=36),
        drawn_clip("d/b/0", 2, person="b", emotion="happy", num_frames=36),
        drawn_clip("d/c/0", 3, person="c", num_frames=36),
    ]
    write_shards(clips, folder, 1 << 26)
    return folder, [clip.clip_id for clip in clips]


@pytest.fixture(scope="module")
def clips(corpus) -> Clips:
    return Clips([corpus[0]], corpus[1], CONFIG.pool)


@pytest.fixture(scope="module")
def trained(corpus, tmp_path_factory):
    out = tmp_path_factory.mktemp("out")
    return out, train_baseline([corpus[0]], corpus[1], CONFIG, out / "baselines/eamm/0")


def tasks(clips: Clips) -> dict:
    """All phases without a step taken."""
    torch.manual_seed(0)
    before, made = {}, {}
    for name, make in PHASES["eamm"].items():
        made[name] = make(clips, CONFIG, before)
        before[name] = made[name].model.state_dict()
    return made


def test_template_is_where_the_faces_lie(clips):
    template = eamm_faces.mean_face(clips.places)
    assert template.shape == (68, 2)
    points = [points68(fill_missing(place.read(["landmarks"])["landmarks"])) for place in clips.places]
    np.testing.assert_allclose(
        template[:47].mean(axis=0), np.mean([own[:, :47].mean(axis=(0, 1)) for own in points], 0)
    )


def test_mean_of_one_face_in_several_places_is_that_face(clips, monkeypatch):
    """Clips that differ by similarities which cancel give the face between them."""
    face = np.random.default_rng(0).uniform(60, 200, (478, 3))
    angle = np.radians(10)
    for_sign = {
        sign: np.array([[np.cos(sign * angle), -np.sin(sign * angle), 5 * sign], [0, 0, 3 * sign]]) for sign in (-1, 1)
    }
    for sign, matrix in for_sign.items():
        matrix[1, :2] = np.sin(sign * angle), np.cos(sign * angle)
    shown = [np.concatenate([moved(face[:, :2], for_sign[sign]), face[:, 2:]], axis=1)[None] for sign in (-1, 1)]
    monkeypatch.setattr(eamm_faces, "_landmarks", lambda place: shown[place])
    wanted = points68(face)
    np.testing.assert_allclose(eamm_faces.mean_face([0, 1])[:47], wanted[:47] * np.cos(angle), atol=1e-6)


def test_pairs_are_two_moments_of_a_clip(clips):
    rng = np.random.default_rng([0, 0])
    pair = eamm_faces.pairs(clips, 2, eamm_faces.mean_face(clips.places), rng)
    assert pair.source.shape == pair.driving.shape == (2, 3, 256, 256) and pair.source.dtype == torch.uint8
    assert (pair.source != pair.driving).any()


def test_frames_sound_and_pose_are_of_one_moment(clips):
    template = eamm_faces.mean_face(clips.places)
    rng = np.random.default_rng([0, 0])
    (cut,) = clips.cuts(1, rng)
    first = cut.stretch.start + int(np.random.default_rng([0, 1]).integers(len(cut.stretch) - 16))
    batch = eamm_faces.spoken(clips, [cut], template, slice(1, None, 4), np.random.default_rng([0, 1]))
    assert batch.sound.shape == (1, 16, 28, 12) and batch.poses.shape == (1, 16, NUMBERS) and batch.emotion is None
    shown = eamm_faces.aligned(cut.pictures(np.arange(first, first + 17)), eamm_faces.alignment(cut, template))
    np.testing.assert_array_equal(batch.photo[0].permute(1, 2, 0), shown[0])
    np.testing.assert_array_equal(batch.frames[0].permute(0, 2, 3, 1), shown[[2, 6, 10, 14]])
    heard = eamm_faces.sound(cut)
    count = min(16, len(heard) - first - 1)
    np.testing.assert_array_equal(batch.sound[0, :count], heard[first + 1 : first + 1 + count])


def test_emotional_clips_come_with_a_neutral_photo_and_a_hidden_mouth(clips):
    template = eamm_faces.mean_face(clips.places)
    photos, track = eamm_faces.neutral_photos(clips.places, template), eamm_faces.PoseTrack(template)
    assert list(photos) == ["a"] and photos["a"].shape == (256, 256, 3)
    rng = np.random.default_rng([0, 0])
    cuts = clips.cuts(2, rng)
    batch = eamm_faces.emotional(clips, cuts, {cuts[0].place.person: photos["a"]}, track, slice(None), rng)
    np.testing.assert_array_equal(batch.photo[0].permute(1, 2, 0), photos["a"])
    assert batch.emotion.shape == batch.frames.shape == (2, 16, 3, 256, 256)
    deviations = batch.emotion.float().std(dim=(1, 2))
    assert deviations[:, 175:205, 115:155].mean() > 3 * deviations[:, :40].mean(), "noise about the mouth"


def test_only_clips_of_known_emotion_are_drawn_while_there_are_any(clips):
    known = clips.labelled()
    assert {place.person for place in known.places} == {place.person for place in clips.places} - {"c"}
    steps = [np.random.default_rng([0, step]) for step in range(20)]
    assert {cut.place.person for rng in steps for cut in known.cuts(2, rng)} <= {"a", "b"}
    known.places = [dataclasses.replace(place, emotion=UNLABELLED) for place in clips.places]
    assert known.labelled().places == known.places, "of none is it known"


def test_only_what_a_phase_trains_gets_a_gradient(clips):
    wanted = {
        "renderer": {"eamm_generator", "eamm_kp_detector"},
        "speech": {"eamm_audio_feature", "eamm_kp_detector_a"},
        "finetune": {"eamm_audio_feature", "eamm_kp_detector_a", "eamm_generator"},
        "emotion": {"eamm_emo_detector"},
    }
    for name, task in tasks(clips).items():
        task.model.train()
        torch.manual_seed(0)
        loss, figures = task.loss(task.draw(np.random.default_rng([0, 0])), np.random.default_rng(0))
        assert float(loss.detach()) == pytest.approx(sum(float(value) for value in figures.values()), rel=1e-5)
        loss.backward()
        parts = {**task.model, **task.frozen}
        got = {
            key for key, part in parts.items() if any(p.grad is not None and p.grad.any() for p in part.parameters())
        }
        assert got == wanted[name], name
        assert not any(part.training for part in task.frozen.values())


def test_sample_pictures(clips):
    for name, task in tasks(clips).items():
        task.model.eval()
        with torch.no_grad():
            picture = task.sample()
        rows, columns = (2, 3) if name == "renderer" else (4, 5)
        assert picture.shape == (4 + rows * 260, 4 + columns * 260, 3) and picture.dtype == np.uint8


@pytest.fixture
def real_clip(realdata):
    """Forty frames of a real recording."""
    frames = np.stack(
        [frame for _, frame in read_frames(realdata / "mead_crops256/M030_front_happy_level3_001.mp4")][:40]
    )
    with Landmarker(asset("face_landmarker")) as landmarker:
        landmarks = landmarker.detect(frames).landmarks
    drawn = drawn_clip("d/a/0", 0, person="a", num_frames=len(frames))
    video = encode_video(frames, VideoCodec(fps=30.0, crf=20, preset="ultrafast"))
    return dataclasses.replace(drawn, video=video, landmarks=landmarks)


def test_renderer_learns(corpus, tmp_path):
    """Pictures grow more alike on the few clips there are."""
    assert fall_of_looks(Clips([corpus[0]], corpus[1], CONFIG.pool), tmp_path) < 0.7


def test_renderer_learns_a_real_face(real_clip, tmp_path):
    write_shards([real_clip], tmp_path / "clips", 1 << 26)
    assert fall_of_looks(Clips([tmp_path / "clips"], [real_clip.clip_id], CONFIG.pool), tmp_path / "out") < 0.7


def fall_of_looks(clips: Clips, folder) -> float:
    """The perceptual loss of the last six of 24 steps, as a share of that of the first six."""
    phases = {**OWN_PHASES, "renderer": PhaseConfig(steps=24, batch=1, learning_rate=3e-3)}
    config = dataclasses.replace(CONFIG, method=dataclasses.replace(CONFIG.method, phases=phases))
    torch.manual_seed(0)
    task = PHASES["eamm"]["renderer"](clips, config, {})
    looks = [row["looks"] for row in loop.run(task, config.phase_loop("renderer"), folder)["log"]]
    return np.mean(looks[-6:]) / np.mean(looks[:6])


def test_trained_checkpoint_makes_a_clip(corpus, trained):
    out, figures = trained
    assert figures["clips"] == 4 and figures["steps"] == 5
    assert figures["parts"] == "networks of 1/16 of the published width, compared by pixels instead of VGG19"
    content = checkpoint.load(out / "baselines/eamm/0/checkpoint.pt", kind="eamm")
    assert [row["step"] for row in content["log"]] == [1, 2, 3, 4, 5]
    parts = {key.split(".")[0] for key in content["model"]}
    assert parts == {*Eamm.files, "arrays"}
    method = Eamm.load(out, 0)
    assert not method.switches.bgr and not method.switches.disturbance.turn
    (clip,) = decoded_clips([corpus[0]], ["d/a/0"], pictures=True)
    request = make_request(clip, clip)
    made = method.generate(request)
    assert made.shape == (36, 256, 256, 3) and made.dtype == np.uint8
    np.testing.assert_array_equal(made, Eamm.load(out, 0).generate(request))


def test_networks_are_those_of_the_last_phase_that_trained_them(trained):
    folder = trained[0] / "baselines/eamm/0"
    last = checkpoint.weights(checkpoint.load(folder / "checkpoint.pt", kind="eamm"))
    owners = {"renderer": ["eamm_kp_detector", "arrays"], "finetune": ["eamm_generator", "eamm_audio_feature"],
              "emotion": ["eamm_emo_detector"]}  # fmt: skip
    for name, keys in owners.items():
        own = checkpoint.weights(checkpoint.load(folder / name / "checkpoint.pt", kind=f"eamm_{name}"))
        for key in keys:
            for weight, value in baseline.part(own, key).items():
                assert torch.equal(value, last[f"{key}.{weight}"]), (name, key, weight)


def test_killed_and_resumed_gives_the_same_bytes(corpus, trained, tmp_path):
    def kill(done, log):
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_baseline([corpus[0]], corpus[1], CONFIG, tmp_path, kill)
    assert not (tmp_path / "checkpoint.pt").exists()
    train_baseline([corpus[0]], corpus[1], CONFIG, tmp_path)
    wanted = (trained[0] / "baselines/eamm/0/checkpoint.pt").read_bytes()
    assert (tmp_path / "checkpoint.pt").read_bytes() == wanted


def test_a_clip_without_a_face_is_named(tmp_path):
    blind = drawn_clip("d/a/0", 0, person="a", num_frames=36)
    blind.landmarks[:] = np.nan
    write_shards([blind], tmp_path, 1 << 26)
    with pytest.raises(UserError, match="d/a/0: cannot be trained on: no face"):
        train_baseline([tmp_path], ["d/a/0"], CONFIG, tmp_path / "out")
