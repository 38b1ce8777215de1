"""The finished clip's figures, against the frames and samples that come out of it, and limits that name themselves."""

import dataclasses
import re

import numpy as np
import pytest
from green_faces import GreenFinder
from made_videos import CONFIG, NO_LIMITS, SOUND_RATE, face, item_of, texture, write_timed
from PIL import Image
from scipy.ndimage import laplace

from speak.config import build
from speak.data.clip import Clip, to_row
from speak.errors import UserError
from speak.media.audio import decode_flac
from speak.media.video import read_clip
from speak.preprocess import PreprocessConfig, QualityConfig, process, recipe_hash


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two seconds of a face in front of a pattern, with a tone in bursts; the same without sound."""
    folder = tmp_path_factory.mktemp("quality")
    times = np.arange(60) / 30
    tone = np.sin(2 * np.pi * 700 * np.arange(2 * SOUND_RATE) / SOUND_RATE)
    bursts = np.where(np.arange(2 * SOUND_RATE) % SOUND_RATE < 0.6 * SOUND_RATE, 0.4 * tone, 0.001 * tone)
    frames = [face(texture(1))] * 60
    write_timed(folder / "a.mp4", frames, times, bursts)
    write_timed(folder / "mute.mp4", frames, times, None)
    return folder


def limited(**limits) -> PreprocessConfig:
    return dataclasses.replace(CONFIG, quality=QualityConfig(**{**NO_LIMITS, **limits}))


def made(folder, config=CONFIG, name="a.mp4", sync=None) -> Clip:
    return process(item_of(name), folder, config, GreenFinder(), sync)


def late_by(frames: int):
    """A sync network's stand-in: random sound, and the same for the picture some frames later."""

    def embed(pictures, audio, landmarks, fps):
        assert len(pictures) == len(landmarks) == round(len(audio) / 16_000 * fps)
        sound = np.random.default_rng(0).normal(size=(50, 8)).astype(np.float32)
        return np.roll(sound, frames, axis=0), sound

    return embed


def test_figures_are_those_of_the_finished_clip(folder):
    clip = made(folder)
    grey = [np.asarray(Image.fromarray(frame).convert("L"), float) for frame in read_clip(clip.video)]
    assert clip.sharpness == pytest.approx(np.median([laplace(each, mode="mirror").var() for each in grey]), rel=0.02)
    assert clip.brightness == pytest.approx(np.mean(grey), abs=0.5)
    sound, _ = decode_flac(clip.audio)
    assert clip.audio_dbfs == pytest.approx(10 * np.log10(np.mean(sound.astype(float) ** 2)), abs=0.01)
    assert clip.speech_share == pytest.approx(0.6, abs=0.05)
    assert clip.face_share == 1.0
    assert (clip.sync_offset, clip.sync_conf, clip.unmeasured) == (None, None, "sync: no sync network")
    assert to_row(clip)["audio_dbfs"] == clip.audio_dbfs


def test_without_sound_its_figures_are_null_with_a_reason(folder):
    clip = made(folder, dataclasses.replace(CONFIG, missing_audio="silence"), "mute.mp4")
    assert (clip.audio_dbfs, clip.speech_share, clip.sync_offset) == (None, None, None)
    assert clip.unmeasured == "audio: digitally silent; sync: digitally silent"


@pytest.mark.parametrize("late", [-4, 0, 7])
def test_a_sync_network_measures_offset_and_confidence(late, folder):
    clip = made(folder, sync=late_by(late))
    assert (clip.sync_offset, clip.unmeasured) == (late, None)
    assert clip.sync_conf > 0.5
    few = made(folder, limited(min_sync_windows=51), sync=late_by(late))
    assert (few.sync_offset, few.unmeasured) == (None, "sync: 50 windows with a face, 51 needed")


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        ({"min_sharpness": 1e5}, r"sharpness is \d+\.\d, at least 100000\.0 needed"),
        ({"min_brightness": 250.0}, r"brightness is \d+\.\d, at least 250\.0 needed"),
        ({"max_brightness": 10.0}, r"brightness is \d+\.\d, at most 10\.0 allowed"),
        ({"min_audio_dbfs": -3.0}, r"the sound's level in dBFS is -1\d\.\d, at least -3\.0 needed"),
        ({"min_speech_share": 0.9}, r"the share of speech is 0\.\d\d, at least 0\.90 needed"),
        ({"min_sync_conf": 50.0, "sync_network": "x.pt"}, r"sync confidence is \d\.\d\d, at least 50\.00 needed"),
        ({"max_sync_offset": 3, "sync_network": "x.pt"}, r"the sync offset in frames is 5, at most 3 allowed"),
    ],
)
def test_each_limit_rejects_with_value_and_limit(limits, reason, folder):
    rejected = made(folder, limited(**limits), sync=late_by(5))
    assert rejected.stage == "quality"
    assert re.fullmatch(reason, rejected.reason), rejected.reason


def test_limits_that_are_kept_reject_nothing(folder):
    lax = {"min_sharpness": 1.0, "min_brightness": 20.0, "max_brightness": 230.0, "min_audio_dbfs": -40.0}
    assert isinstance(made(folder, limited(**lax, min_speech_share=0.3)), Clip)


def test_a_limit_on_what_cannot_be_measured_rejects(folder):
    config = dataclasses.replace(limited(min_speech_share=0.1), missing_audio="silence")
    assert made(folder, config, "mute.mp4").reason == (
        "the share of speech cannot be measured (audio: digitally silent; sync: digitally silent)"
    )


def test_sync_limits_need_a_network_and_its_weights_are_part_of_the_recipe(tmp_path):
    values = dataclasses.asdict(CONFIG)
    values["quality"]["max_sync_offset"] = 3
    with pytest.raises(UserError, match=r"preprocess.quality: min_sync_conf and max_sync_offset need a sync_network"):
        build(PreprocessConfig, values, "preprocess")
    network = tmp_path / "sync.pt"
    config = limited(sync_network=str(network))
    with pytest.raises(UserError, match=r"sync_network: .*sync\.pt: no such checkpoint"):
        recipe_hash(config)
    hashes = set()
    for content in (b"one", b"two"):
        network.write_bytes(content)
        hashes.add(recipe_hash(config))
    assert len(hashes) == 2
