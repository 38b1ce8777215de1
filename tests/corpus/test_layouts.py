"""What the layouts write, the sources read: names, labels, people, boxes and faults.

Heads are not needed for that: a stand-in for ``render`` films a bright square that moves over a dark ground.
"""

import csv
import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from speak.config import build, read_yaml
from speak.corpus import plan as corpus
from speak.corpus.identity import identity
from speak.corpus.layouts import LAYOUTS
from speak.corpus.plan import CorpusConfig, plan, write_metadata, write_shot
from speak.corpus.sentences import CREMA_D_SENTENCES
from speak.corpus.shot import people
from speak.corpus.truth import truth_path
from speak.data.clip import EMOTIONS
from speak.errors import UserError
from speak.media.audio import read_audio
from speak.media.video import probe, read_clip
from speak.sources import SOURCES, FetchError

CONFIG = build(CorpusConfig, read_yaml(Path(__file__).with_name("small_corpus.yaml")), "small_corpus.yaml")


def film_square(take):
    """A rendered take without a head: a white square of a quarter of the height is the face."""
    num_frames = round(take.duration_s * take.fps)
    frames = np.full((num_frames, take.height, take.width, 3), 20, np.uint8)
    side, boxes = take.height // 4, []
    for k, frame in enumerate(frames):
        x, y = 8 + k % 40, 16 + k % 7
        frame[y : y + side, x : x + side] = 230
        boxes.append((x, y, x + side, y + side))
    wave = np.random.default_rng(take.seed).normal(0, 0.1, round(take.duration_s * 16000)).astype(np.float32)
    truth = {"face_box": np.array(boxes, np.float32)}
    meta = {"emotion": take.emotion, "seed": take.seed}
    return SimpleNamespace(frames=frames, speech=SimpleNamespace(wave=wave), truth=truth, meta=meta)


@pytest.fixture(scope="module")
def mirror(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mirror")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(corpus, "render", film_square)
        shots = plan(CONFIG)
        for shot in shots:
            write_shot(shot, folder)
        for dataset in LAYOUTS:
            write_metadata(dataset, shots, folder)
    return folder


@pytest.fixture
def shots():
    return plan(CONFIG)


@pytest.mark.parametrize("dataset", LAYOUTS)
def test_the_source_expects_exactly_what_was_planned(mirror, shots, dataset):
    items = SOURCES[dataset].catalogue(mirror / dataset)
    planned = {clip_id: shot for shot in shots if shot.dataset == dataset for clip_id in shot.clip_ids}
    assert [item.item_id for item in items] == sorted(planned)
    for item in items:
        shot = planned[item.item_id]
        assert (item.person, item.video, item.audio) == (shot.person, shot.video, shot.audio)
        if item.emotion is not None:
            assert item.emotion == shot.take.emotion
        if item.level is not None:
            assert item.level == shot.take.level
        if item.sentence is not None:
            assert item.sentence == shot.take.sentence
        if item.sex is not None:
            assert item.sex[0] == identity(shot.take.person_seed).sex[0]


@pytest.mark.parametrize("dataset", LAYOUTS)
def test_everything_but_the_faults_can_be_fetched(mirror, shots, dataset, tmp_path):
    source, raw = SOURCES[dataset], tmp_path / "raw"
    source.copy_metadata(mirror / dataset, raw)
    items = source.catalogue(raw)
    assert items == source.catalogue(mirror / dataset)
    failed = {}
    for item in items:
        try:
            source.fetch(item, mirror / dataset, raw)
        except FetchError as error:
            failed[item.item_id] = str(error).split(":")[0]
    reasons = {"git_lfs_pointer": "needs git-lfs", "dead_link": "missing"}
    faults = {shot.clip_ids[0]: reasons[shot.fault] for shot in shots if shot.fault in reasons}
    assert failed == {name: reason for name, reason in faults.items() if name.startswith(dataset)}


@pytest.mark.parametrize("dataset", LAYOUTS)
def test_media_have_the_datasets_rates_and_sizes(mirror, shots, dataset):
    expected = {
        "voxceleb": (25, "h264"),
        "mead": (30, "h264"),
        "crema_d": (29.97, "flv"),
        "hdtf": (25, "h264"),
    }
    shot = next(shot for shot in shots if shot.dataset == dataset and shot.fault is None)
    info = probe(mirror / dataset / shot.video)
    assert (info.width, info.height, info.has_audio) == (96, 64, True)
    assert info.fps == pytest.approx(expected[dataset][0], rel=1e-3)
    assert info.codec == expected[dataset][1]
    assert len(read_clip(mirror / dataset / shot.video)) == round(shot.take.duration_s * shot.take.fps)


@pytest.mark.parametrize("dataset", ["mead", "crema_d"])
def test_separate_sound_agrees_with_the_take(mirror, shots, dataset):
    shot = next(shot for shot in shots if shot.dataset == dataset)
    true = film_square(shot.take).speech.wave
    read = read_audio(mirror / dataset / shot.audio)[: len(true)]
    assert np.corrcoef(read, true[: len(read)])[0, 1] > 0.9


def test_hdtf_crops_hold_the_true_face(mirror, shots):
    by_id = {shot.clip_ids[0]: shot for shot in shots}
    items = SOURCES["hdtf"].catalogue(mirror / "hdtf")
    boxed = [item for item in items if item.box and by_id[item.item_id].fault != "dead_link"]
    assert len(boxed) == 2
    for item in boxed:
        left, top, right, bottom = item.box_in(96, 64)
        assert right - left == bottom - top
        assert min(left, top) >= 0 and right <= 96 and bottom <= 64
        first, last = round(item.start_s * 25), round(item.end_s * 25)
        boxes = np.load(truth_path(mirror, item.item_id))["face_box"][first:last]
        assert left <= boxes[:, 0].min() and boxes[:, 2].max() <= right
        assert top <= boxes[:, 1].min() and boxes[:, 3].max() <= bottom
    (bare,) = [item for item in items if by_id[item.item_id].fault == "no_crop"]
    assert bare.box is None and (bare.start_s, bare.end_s) == (1, 2)


def test_voxceleb_text_places_the_true_face_in_a_source_video(mirror, shots, tmp_path):
    """With a whole source video in the crops' place, the boxes are the true ones moved and scaled as one."""
    shot = next(shot for shot in shots if shot.dataset == "voxceleb")
    text = shot.video.replace("mp4", "txt")
    (tmp_path / text).parent.mkdir(parents=True)
    (tmp_path / text).write_bytes((mirror / "voxceleb" / text).read_bytes())
    (tmp_path / "videos").mkdir()
    (tmp_path / "videos" / f"{shot.video.split('/')[2]}.mp4").write_bytes(b"x")
    (item,) = SOURCES["voxceleb"].catalogue(tmp_path)
    boxes = np.array([box for _, box in item.boxes_in(1280, 720)])
    truth = np.load(truth_path(mirror, shot.clip_ids[0]))["face_box"]
    assert len(boxes) == len(truth) == round((item.end_s - item.start_s) * 25)
    for axis in (0, 1):
        scale, shift = np.polyfit(truth[:, axis], boxes[:, axis], 1)
        assert np.abs(truth[:, axis] * scale + shift - boxes[:, axis]).max() < 2
    assert boxes.min() >= 0 and boxes[:, 2].max() <= 1280 and boxes[:, 3].max() <= 720


def test_every_person_has_a_neutral_clip_and_every_emotion_is_there(shots):
    for dataset, emotions in (
        ("mead", set(EMOTIONS)),
        ("crema_d", set(EMOTIONS) - {"contempt", "surprised"}),
    ):
        good = [shot for shot in shots if shot.dataset == dataset and shot.fault is None]
        assert {shot.person for shot in good if shot.take.emotion == "neutral"} == {s.person for s in good}
        assert {shot.take.emotion for shot in good} == emotions


def test_people_are_disjoint_and_of_both_sexes(shots):
    seeds = {name: {shot.take.person_seed for shot in shots if shot.dataset == name} for name in LAYOUTS}
    assert sum(map(len, seeds.values())) == len(set.union(*seeds.values()))
    assert not set.union(*seeds.values()) & {shot.take.person_seed for shot in plan(replace(CONFIG, seed=4))}
    assert [sex for _, sex in people(0, 0, 6)] == ["f", "m"] * 3


def test_a_plan_is_a_function_of_its_configuration(shots):
    assert shots == plan(CONFIG)
    assert shots != plan(replace(CONFIG, seed=4))
    assert len({clip_id for shot in shots for clip_id in shot.clip_ids}) == len(shots)


def test_the_same_shot_gives_the_same_bytes(mirror, shots, tmp_path, monkeypatch):
    monkeypatch.setattr(corpus, "render", film_square)
    for dataset in LAYOUTS:
        shot = next(shot for shot in shots if shot.dataset == dataset and shot.fault is None)
        write_shot(shot, tmp_path)
    for path in (path for path in tmp_path.rglob("*") if path.is_file()):
        assert path.read_bytes() == (mirror / path.relative_to(tmp_path)).read_bytes(), path


def test_a_shot_of_a_real_head(shots, tmp_path):
    shot = next(shot for shot in shots if shot.dataset == "mead")
    write_shot(shot, tmp_path)
    frames = read_clip(tmp_path / "mead" / shot.video)
    with np.load(truth_path(tmp_path, shot.clip_ids[0])) as truth:
        assert len(truth["face_box"]) == len(frames) == round(shot.take.duration_s * 30)
        assert np.all(truth["face_box"][:, :2] < truth["face_box"][:, 2:])
    assert frames.std() > 10


def test_truth_stands_beside_each_good_clip(mirror, shots):
    good = [shot for shot in shots if shot.fault in (None, "no_crop")]
    assert len(list((mirror / "truth").glob("*.npz"))) == len(good)
    for shot in good:
        meta = json.loads(truth_path(mirror, shot.clip_ids[0]).with_suffix(".json").read_text())
        assert (meta["person"], meta["emotion"]) == (shot.person, shot.take.emotion)
        assert (mirror / meta["video"]).is_file()


def test_crema_d_tables_have_the_real_form(mirror, shared):
    ours, real = mirror / "crema_d", shared / "metadata/cremad"
    for table in ("SentenceFilenames", "VideoDemographics", "summaryTable", "tabulatedVotes"):
        sample = real / f"{table}.csv" if (real / f"{table}.csv").is_file() else real / f"{table}.sample.csv"
        assert _shape(ours / f"{table}.csv") == _shape(sample)
    votes = list(csv.reader((ours / "tabulatedVotes.csv").open()))[1:]
    assert len(votes) == 3 * (2 * 7 + 2)
    assert all(sum(map(int, row[1:7])) == int(row[8]) for row in votes)


def _shape(table: Path) -> tuple:
    """Heading, and which columns are quoted, in the first row."""
    heading, row = table.read_text().splitlines()[:2]
    return heading, [cell.startswith('"') for cell in row.split(",")]


def test_voxceleb_and_hdtf_files_have_the_real_form(mirror, shared):
    ours, real = mirror / "voxceleb/vox2_meta.csv", shared / "metadata/voxceleb2/vox2_meta.csv"
    assert ours.read_text().splitlines()[0] == real.read_text().splitlines()[0]
    text = next((mirror / "voxceleb/txt").rglob("*.txt")).read_text().splitlines()
    excerpt = next((shared / "metadata/voxceleb2").glob("excerpt*")).read_text().splitlines()
    for mine, theirs in zip(text, excerpt, strict=False):
        assert [part.count("\t") for part in mine.split("\n")] == [theirs.count("\t")]
        assert mine.split("\t")[0].rstrip("0123456789 ") == theirs.split("\t")[0].rstrip("0123456789 ")
    assert {path.name for path in (mirror / "hdtf").glob("*.txt")} == {
        path.name for path in (shared / "metadata/hdtf").glob("*.txt")
    }
    assert (mirror / "hdtf/WDA_video_url.txt").read_bytes().startswith(b"\xef\xbb\xbf")


def test_sentences_are_the_same_for_source_and_voice():
    assert SOURCES["crema_d"].SENTENCES == CREMA_D_SENTENCES


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"camera": {"width": 97}}, r"mead.camera: frame size 97x64 is odd"),
        ({"camera": {"duration_s": [2.0, 1.0]}}, r"mead.camera: duration_s: expected \[shortest, longest\]"),
        ({"camera": {"face_scale": [0.5, 1.5]}}, r"mead.camera: face_scale"),
        ({"takes": "four"}, r"mead.takes: expected int"),
    ],
)
def test_wrong_parameters_are_named(change, message):
    values = read_yaml(Path(__file__).with_name("small_corpus.yaml"))
    values["mead"] |= change | {"camera": values["mead"]["camera"] | change.get("camera", {})}
    with pytest.raises(UserError, match=message):
        build(CorpusConfig, values, "x")
