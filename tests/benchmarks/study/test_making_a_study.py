"""From generated videos to a study: opaque, equal in codec and loudness, fixed."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pyloudnorm
import pytest
from made_study import METHODS, ONSET_S, RATE, tiny_config, tiny_study, write_generated

from benchmarks.study.config import CONFIG, read_config
from benchmarks.study.design import read_design, to_json
from benchmarks.study.invitations import read_links, read_tokens
from benchmarks.study.loudness import at_loudness, loudness
from benchmarks.study.making import make_study
from speak.errors import UserError
from speak.files import sha256_of
from speak.media.audio import read_audio
from speak.media.container import opened
from speak.media.video import probe, read_clip


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made") / "study"
    return folder, tiny_study(folder)


def test_every_video_has_one_codec_one_form_and_no_telling_tags(made):
    folder, design = made
    forms = set()
    for path in sorted((folder / "videos").iterdir()):
        if path.stem == design.screen_check.item:
            continue
        with opened(path) as container:
            sound = container.streams.audio[0]
            tags = {
                key for key in container.metadata if key not in ("major_brand", "minor_version", "compatible_brands")
            }
            forms.add((replace(probe(path), duration_s=0), sound.codec_context.name, sound.rate, frozenset(tags)))
    assert len(forms) == 1 and not next(iter(forms))[-1]


def test_every_video_is_equally_loud_by_an_independent_meter(made):
    folder, design = made
    meter = pyloudnorm.Meter(RATE)
    for item in design.items:
        measured = meter.integrated_loudness(read_audio(folder / "videos" / f"{item.name}.mp4", RATE).astype(float))
        assert measured == pytest.approx(-23.0, abs=0.5) and item.loudness_lufs == pytest.approx(-23.0, abs=0.5)


@pytest.mark.parametrize("rate", [16_000, 48_000])
def test_the_meter_agrees_with_an_independent_one(rate):
    rng = np.random.default_rng(0)
    syllables = np.abs(np.sin(np.arange(3 * rate) / rate * 7))
    audio = (0.1 * syllables * rng.normal(size=3 * rate)).clip(-1, 1).astype(np.float32)
    assert loudness(audio, rate) == pytest.approx(pyloudnorm.Meter(rate).integrated_loudness(audio), abs=0.2)


def test_silence_stays_silence_and_has_no_loudness():
    silence = np.zeros(RATE, np.float32)
    assert loudness(silence, RATE) is None and not at_loudness(silence, RATE, -23.0).any()


def test_picture_and_sound_stay_together(made):
    folder, design = made
    for item in design.items:
        if item.name == design.screen_check.item:
            continue
        path = folder / "videos" / f"{item.name}.mp4"
        brightness = read_clip(path).max(axis=-1).mean(axis=(1, 2))
        audio = np.abs(read_audio(path, RATE))
        if item.method:
            assert np.argmax(brightness > 150) == round(ONSET_S * 10)
        assert np.argmax(audio > 0.5 * audio.max()) / RATE == pytest.approx(ONSET_S, abs=0.02)


def test_names_say_nothing_and_are_new_each_time(made, tmp_path):
    folder, design = made
    again = make_study(tmp_path / "again", folder.parent / "study-generated", tiny_config())
    names = [{item.name for item in one.items} for one in (design, again)]
    assert not names[0] & names[1] and all(len(name) == 24 for name in names[0])
    content = [{(i.dataset, i.method, i.clip_id, i.sha256) for i in one.items} for one in (design, again)]
    assert content[0] == content[1] and again.balance == design.balance
    kinds = [
        [(step.kind, one.by_name[step.item].method) for steps in one.sequences.values() for step in steps]
        for one in (design, again)
    ]
    assert kinds[0] == kinds[1]


def test_the_trap_shows_its_words_in_its_later_half(made):
    folder, design = made
    traps = {step.item for steps in design.sequences.values() for step in steps if step.kind == "trap"}
    unnamed = {item.name for item in design.items if item.method is None}
    assert traps and unnamed == traps | {design.screen_check.item}
    for name in traps:
        item = design.by_name[name]
        assert (item.dataset, item.clip_id, item.person) == (None, None, None)
        frames = read_clip(folder / "videos" / f"{name}.mp4").astype(int)
        inner = frames[:, :, :, 1]
        assert np.ptp(inner[1]) < 40 and np.ptp(inner[-1]) > 150


def test_the_design_is_read_back_and_cannot_be_changed(made):
    folder, design = made
    assert read_design(folder) == design
    content = json.loads(to_json(design))
    content["rules"]["min_gold_score"] = 1.0
    changed = folder.parent / "changed"
    changed.mkdir()
    (changed / "design.json").write_text(json.dumps(content))
    with pytest.raises(UserError, match="was changed after it was made"):
        read_design(changed)


def test_tokens_are_for_the_owners_eyes_and_kept_as_hashes(made):
    folder, design = made
    assert (folder / "invitations.csv").stat().st_mode & 0o777 == 0o600
    links = read_links(folder, "http://x")
    assert list(links) == [*design.sequences, "experimenter"] and len(set(links.values())) == 4
    tokens = read_tokens(folder)
    kept = (folder / "tokens.json").read_text() + (folder / "design.json").read_text()
    for name, link in links.items():
        token = link.rsplit("/", 1)[1]
        assert len(token) >= 43 and token not in kept and tokens.holder(token) == name
        assert tokens.holder(token[:-1]) is None and tokens.holder("") is None


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"methods": ("ground_truth", "absent")}, "no group has videos of 'absent'"),
        ({"datasets": ("mead", "hdtf")}, "hdtf: 0 clips have videos of all methods"),
        ({"model_seed": 7}, "seed 7"),
    ],
)
def test_what_is_missing_is_said_in_one_line(made, tmp_path, changes, message):
    with pytest.raises(UserError, match=message):
        make_study(tmp_path / "new", made[0].parent / "study-generated", tiny_config(**changes))


def test_no_videos_at_all_tells_what_to_run(tmp_path):
    with pytest.raises(UserError, match="no generated videos; run `make repro` first"):
        make_study(tmp_path / "new", tmp_path / "absent", tiny_config())


def test_a_study_is_never_overwritten(made):
    before = sha256_of(made[0] / "design.json")
    with pytest.raises(UserError, match="never overwritten"):
        make_study(made[0], made[0].parent / "study-generated", tiny_config())
    assert sha256_of(made[0] / "design.json") == before


def test_a_clip_that_one_method_lacks_is_not_rated(tmp_path):
    generated = write_generated(tmp_path / "generated", clips=5)
    index = generated / "group" / "speak" / "0" / "index.parquet"
    rows = pd.read_parquet(index)
    rows.loc[rows["clip_id"] == "mead/c0", ["file", "reason"]] = [None, "no face"]
    rows.to_parquet(index)
    design = make_study(tmp_path / "study", generated, tiny_config(clips_per_dataset=3))
    assert "mead/c0" not in {item.clip_id for item in design.items} and set(design.methods) == set(METHODS)


def test_the_papers_study_is_the_default():
    paper = read_config(CONFIG)
    assert (paper.participants, paper.videos, paper.datasets) == (20, 30, ("mead", "crema_d"))
    assert set(paper.methods) == {"ground_truth", "atvg", "eamm", "pc_avs", "wav2lip", "speak"}
