"""PC-AVS and EAMM make clips: tiny networks with drawn weights, on pictures without a meaning."""

import dataclasses

import cv2
import numpy as np
import pytest
import torch
from plain_layers import shaken

from benchmarks.methods import eamm, eamm_pictures, pc_avs, pc_avs_crop, pc_avs_sound, speech_cepstra
from benchmarks.methods.eamm import Eamm, EammNetworks, EammSwitches
from benchmarks.methods.eamm_driving import displaced, smooth_emotion, smooth_speech
from benchmarks.methods.eamm_pictures import Disturbance
from benchmarks.methods.networks import NETWORKS
from benchmarks.methods.pc_avs import PcAvs, PcAvsNetworks, PcAvsSwitches
from benchmarks.protocol import Request
from speak.errors import UserError
from speak.faces.points68 import points68

FRAMES = 18
SMALL = {"width": 16}


def picture(seed):
    noise = np.random.default_rng(seed).uniform(0, 255, (256, 256, 3))
    return cv2.GaussianBlur(noise, (0, 0), 3).clip(0, 255).astype(np.uint8)


def mesh(shift=0.0):
    """Landmarks spread over the middle of the picture, no two alike."""
    points = np.random.default_rng(0).uniform([70, 60, -30], [190, 210, 30], (478, 3))
    points[[33, 263, 152, 10, 234, 454]] = [
        *([90, 110, 0], [170, 112, 0], [130, 215, 0], [128, 40, 0], [70, 130, 40], [190, 130, 40])
    ]
    return (points + np.array([shift, 0, 0])).astype(np.float32)


@pytest.fixture
def request_() -> Request:
    return Request(
        clip_id="mead/M1/front/happy/level_1/001",
        identity_frame=picture(0),
        identity_landmarks=mesh(),
        audio=np.random.default_rng(1).normal(0, 0.1, 16_000 * FRAMES // 30).astype(np.float32),
        num_frames=FRAMES,
        fps=30.0,
        reference_frames=np.stack([picture(index) for index in range(FRAMES)]),
        reference_landmarks=np.stack([mesh(index) for index in range(FRAMES)]),
    )


@pytest.fixture(scope="module")
def pc_avs_networks() -> PcAvsNetworks:
    names = {"generator": "pcavs_netG", "identity": "pcavs_netV", "motion": "pcavs_netE", "speech": "pcavs_netA_sync"}
    networks = {key: shaken(NETWORKS[name](**SMALL), seed).float() for seed, (key, name) in enumerate(names.items())}
    return PcAvsNetworks(**networks)


@pytest.fixture(scope="module")
def eamm_networks() -> EammNetworks:
    names = [field.name for field in dataclasses.fields(EammNetworks)]
    networks = {name: shaken(NETWORKS[f"eamm_{name}"](**SMALL), seed).float() for seed, name in enumerate(names)}
    with torch.no_grad():
        for name, weight in networks["audio_feature"].named_parameters():
            if name.startswith(("audio_eocder_fc", "lstm.weight", "decon")) and weight.ndim > 1:
                weight.mul_(4)  # what is heard must show in the key points
    return EammNetworks(**networks)


@pytest.fixture
def template() -> np.ndarray:
    return points68(mesh()) * 0.9 + 10


def test_pc_avs_makes_a_clip_and_makes_it_again(request_, pc_avs_networks):
    method = PcAvs(pc_avs_networks)
    state = torch.random.get_rng_state()
    clips = [method.generate(request_) for _ in range(2)]
    assert clips[0].shape == (FRAMES, 256, 256, 3) and clips[0].dtype == np.uint8
    np.testing.assert_array_equal(clips[0], clips[1])
    assert torch.equal(torch.random.get_rng_state(), state), "noise of its own"
    np.testing.assert_array_equal(clips[0][:, :8, :8], np.repeat(request_.identity_frame[None, :8, :8], FRAMES, 0))
    assert (clips[0][0] != clips[0][-1]).any()


def test_pc_avs_render_is_the_published_chain(request_, pc_avs_networks):
    """One frame at a time, from the networks' own methods."""
    nets, method = pc_avs_networks, PcAvs(pc_avs_networks, PcAvsSwitches(fresh_noise=False))
    crops = np.stack([pc_avs_crop.crop(picture(index), np.eye(2, 3)) for index in range(4)])
    sound = pc_avs_sound.windows(pc_avs_sound.spectrogram(request_.audio))[:3]
    found = method.render(crops[0], sound, crops[1:])
    for index in range(3):
        with torch.no_grad():
            face, pose = (torch.from_numpy(crops[[at]] / 127.5 - 1).float().movedim(3, 1) for at in (0, index + 1))
            vector, features, _ = nets.identity(face)
            mouth = nets.motion.mouth_embed(nets.speech.forward_feature(torch.from_numpy(sound[[index]])) * 1.2)
            turn = nets.motion.headpose_embed(nets.motion.to_headpose(nets.motion.forward_feature(pose)))
            made, _ = nets.generator([torch.cat([vector, mouth, turn], 1)], features, randomize_noise=False)
        wanted = (made[0].permute(1, 2, 0).numpy() + 1) * 127.5
        assert np.abs(found[index] - wanted).max() < 0.6


def test_pc_avs_lag(request_, pc_avs_networks):
    """Published, the picture of frame 2 comes first; put right, frame k of 25 a second is shown at k / 25."""
    published, right = PcAvs(pc_avs_networks), PcAvs(pc_avs_networks, PcAvsSwitches(lag=False))
    assert published.times(request_, 100)[:7].tolist() == [0, 0, 1, 2, 3, 4, 5]
    assert right.times(request_, 100)[:7].tolist() == [0, 0, 0, 0, 1, 2, 3]


def test_pc_avs_pose_follows_the_clip_in_time(request_):
    """25 frames a second from 30, from frame 2 on, then back."""
    found = pc_avs.driving_poses(request_, 20)
    native = [0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 12, 13, 14, 15, 16]
    alignments = pc_avs_crop.alignments(request_.reference_landmarks[native])
    for index, step in ((0, 2), (12, 14), (13, 14), (14, 13)):
        wanted = pc_avs_crop.crop(request_.reference_frames[native[step]], alignments[step])
        np.testing.assert_array_equal(found[index], wanted)


def test_pc_avs_without_a_face_in_the_clip_keeps_the_head_still(request_, pc_avs_networks):
    faceless = dataclasses.replace(request_, reference_landmarks=np.full((FRAMES, 478, 3), np.nan, np.float32))
    assert pc_avs.driving_poses(faceless, 5) is None
    assert PcAvs(pc_avs_networks, PcAvsSwitches(on_canvas=False)).generate(faceless).shape == (FRAMES, 256, 256, 3)


def test_pc_avs_a_single_picture_is_a_still_head(request_, pc_avs_networks):
    """Looked at once, with the same result as when it is repeated."""
    first = {"reference_frames": request_.reference_frames[:1], "reference_landmarks": request_.reference_landmarks[:1]}
    still = dataclasses.replace(request_, **first)
    poses = pc_avs.driving_poses(still, 5)
    (alignment,) = pc_avs_crop.alignments(request_.reference_landmarks[:1])
    np.testing.assert_array_equal(poses, [pc_avs_crop.crop(request_.reference_frames[0], alignment)])
    twice = {name: np.repeat(values, 2, axis=0) for name, values in first.items()}
    repeated = PcAvs(pc_avs_networks).generate(dataclasses.replace(request_, **twice))
    assert np.abs(PcAvs(pc_avs_networks).generate(still).astype(int) - repeated).max() <= 1


def test_eamm_makes_a_clip_and_makes_it_again(request_, eamm_networks, template):
    method = Eamm(eamm_networks, template)
    clips = [method.generate(request_) for _ in range(2)]
    assert clips[0].shape == (FRAMES, 256, 256, 3) and clips[0].dtype == np.uint8
    np.testing.assert_array_equal(clips[0], clips[1])
    neutral = Eamm(eamm_networks, template, EammSwitches(emotion=False)).generate(request_)
    assert (neutral != clips[0]).any()


def test_eamm_render_is_the_published_chain(request_, eamm_networks, template):
    """Frame by frame, from the networks' own methods."""
    nets, steps = eamm_networks, 4
    method = Eamm(nets, template, EammSwitches(bgr=False))
    photo, sound = picture(3), speech_cepstra.windows(request_.audio)[:steps]
    poses = np.random.default_rng(4).normal(size=(steps, 6)).astype(np.float32)
    emotion = np.stack([picture(index) for index in range(steps)]).astype(np.float32) / 255
    found = method.render(photo, sound, poses, emotion)
    with torch.no_grad():
        image = torch.from_numpy(photo / 255).float().movedim(2, 0)[None]
        heard = nets.audio_feature(image, torch.from_numpy(sound)[None], torch.from_numpy(poses)[None], "cnn", 1.6)
        points, shifts = [], []
        for step in range(steps):
            points.append(nets.kp_detector_a(heard[:, step]))
            shown = torch.from_numpy(emotion[[step]]).movedim(3, 1)
            shifts.append(nets.emo_detector(shown, points[-1]["value"], points[-1]["jacobian"])[0])
        speech, feeling = (
            {key: torch.cat([entry[key] for entry in entries]) for key in ("value", "jacobian")}
            for entries in (points, shifts)
        )
        driving = displaced(smooth_speech(speech), smooth_emotion(feeling))
        found_driving = method.driving(image, torch.from_numpy(sound), torch.from_numpy(poses), emotion)
        for key, wanted in driving.items():
            torch.testing.assert_close(found_driving[key], wanted, rtol=1e-4, atol=1e-6)
        source = nets.kp_detector(image)
        for step in range(steps):
            wanted = nets.generator(image, {key: value[[step]] for key, value in driving.items()}, source)["prediction"]
            assert np.abs(found[step] - wanted[0].permute(1, 2, 0).numpy() * 255).max() < 0.6


def test_eamm_published_colours_are_exchanged(request_, eamm_networks, template):
    """With the switch on, a photo gives what its red-blue exchanged copy gives with the switch off."""
    photo, sound = picture(3), speech_cepstra.windows(request_.audio)[:2]
    poses = np.zeros((2, 6), np.float32)
    published = Eamm(eamm_networks, template).render(photo, sound, poses, None)
    right = Eamm(eamm_networks, template, EammSwitches(bgr=False)).render(photo[..., ::-1], sound, poses, None)
    np.testing.assert_array_equal(published, right)


def test_eamm_emotional_clip_is_repeated_from_its_start(request_, eamm_networks, template):
    calm = EammSwitches(disturbance=Disturbance(flip=False, turn=False, skew=False))
    frames, landmarks = eamm.native_driving(request_)
    assert len(frames) == 15
    shown = Eamm(eamm_networks, template, calm).emotional(frames, landmarks, 20)
    aligned = eamm_pictures.align_emotion(frames, landmarks)
    np.testing.assert_array_equal(shown[17, :150], aligned[2, :150])


def test_eamm_without_a_face_in_the_clip_is_neutral(request_, eamm_networks, template):
    faceless = dataclasses.replace(request_, reference_landmarks=np.full((FRAMES, 478, 3), np.nan, np.float32))
    frames, landmarks = eamm.native_driving(faceless)
    assert frames is None and landmarks.shape == (1, 478, 3)
    assert Eamm(eamm_networks, template).generate(faceless).shape == (FRAMES, 256, 256, 3)


def test_a_fraction_of_a_second_gives_a_clip(request_, eamm_networks, pc_avs_networks, template):
    short = dataclasses.replace(request_, audio=request_.audio[:4800], num_frames=9)
    assert len(Eamm(eamm_networks, template).generate(short)) == 9
    assert len(PcAvs(pc_avs_networks).generate(short)) == 9


def test_no_face_in_the_identity_frame_is_one_line(request_, eamm_networks, pc_avs_networks, template):
    faceless = dataclasses.replace(request_, identity_landmarks=np.full((478, 3), np.nan, np.float32))
    for method in (Eamm(eamm_networks, template), PcAvs(pc_avs_networks)):
        with pytest.raises(UserError, match="no face in the identity frame"):
            method.generate(faceless)


@pytest.mark.parametrize(("method", "first"), [(PcAvs, "latest_net_G.pth"), (Eamm, "124_52000.pth.tar")])
def test_missing_weights_are_named(method, first, tmp_path, monkeypatch):
    monkeypatch.setenv("SPEAK_CACHE", str(tmp_path))
    with pytest.raises(UserError, match="no such checkpoint"):
        method.load(tmp_path, 0)
    with pytest.raises(UserError, match=first):
        method.official()
