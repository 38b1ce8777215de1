import numpy as np
import pytest
from drawn_clips import drawn_clip, drawn_folder

from benchmarks.methods.method import model_folders
from benchmarks.methods.registry import METHODS
from benchmarks.protocol import ProtocolConfig, make_request, pairings, requests, spread
from speak.data.samples import decoded_clips
from speak.data.shards import write_shards
from speak.errors import UserError


def row(clip_id: str, emotion: str | None) -> dict:
    dataset, person, *_ = clip_id.split("/")
    return {"clip_id": clip_id, "dataset": dataset, "person": person, "emotion": emotion}


ROWS = [
    row("mead/M1/front/happy/level_1/001", "happy"),
    row("mead/M1/front/neutral/level_1/001", "neutral"),
    row("mead/M1/front/neutral/level_1/002", "neutral"),
    row("mead/M1/left_30/happy/level_1/001", "happy"),
    row("mead/M1/left_30/neutral/level_1/001", "neutral"),
    row("mead/M2/front/sad/level_1/001", "sad"),
    row("hdtf/P1/0", None),
    row("hdtf/P1/1", None),
]
ALL = {entry["clip_id"] for entry in ROWS}


def chosen(count: int | None = None, datasets: tuple[str, ...] = ("mead", "hdtf"), ids: set[str] = ALL) -> dict:
    config = ProtocolConfig(datasets=datasets, ablations=(), clips_per_dataset=count)
    return {pairing.clip_id: pairing.identity_clip_id for pairing in pairings(ROWS, ids, config)}


def test_identity_is_another_neutral_clip_of_the_same_person_and_view():
    picks = chosen()
    assert picks["mead/M1/front/happy/level_1/001"] == "mead/M1/front/neutral/level_1/001"
    assert picks["mead/M1/left_30/happy/level_1/001"] == "mead/M1/left_30/neutral/level_1/001"
    assert picks["mead/M1/front/neutral/level_1/001"] == "mead/M1/front/neutral/level_1/002"


def test_without_neutral_clip_the_clip_itself():
    picks = chosen()
    assert picks["mead/M2/front/sad/level_1/001"] == "mead/M2/front/sad/level_1/001"
    assert picks["hdtf/P1/1"] == "hdtf/P1/1"


def test_only_test_clips_of_the_named_datasets_in_order():
    assert list(chosen(datasets=("hdtf",))) == ["hdtf/P1/0", "hdtf/P1/1"]
    assert list(chosen(datasets=("hdtf", "mead"), ids={"mead/M2/front/sad/level_1/001", "hdtf/P1/0"})) == [
        "hdtf/P1/0",
        "mead/M2/front/sad/level_1/001",
    ]


def test_few_clips_are_spread_over_persons_and_emotions():
    picks = [entry["person"] for entry in spread([entry for entry in ROWS if entry["dataset"] == "mead"], 2)]
    assert picks == ["M1", "M2"]
    emotions = {entry["emotion"] for entry in spread([entry for entry in ROWS if entry["person"] == "M1"], 2)}
    assert emotions == {"happy", "neutral"}
    assert spread(ROWS, 100) == ROWS and len(spread(ROWS, 5)) == 5


def test_request_takes_the_first_frame_with_a_face(tmp_path):
    neutral = drawn_clip("mead/M1/front/neutral/level_1/001", 1, person="M1", emotion="neutral")
    neutral.landmarks[:2] = np.nan
    happy = drawn_clip("mead/M1/front/happy/level_1/001", 2, person="M1", emotion="happy", num_frames=30)
    write_shards([happy, neutral], tmp_path, 1 << 26)
    config = ProtocolConfig(datasets=("mead",), ablations=(), clips_per_dataset=None)
    rows = [row(happy.clip_id, "happy"), row(neutral.clip_id, "neutral")]
    (request,) = requests([tmp_path], pairings(rows, {happy.clip_id, neutral.clip_id}, config)[:1])
    decoded = {
        clip.clip_id: clip for clip in decoded_clips([tmp_path], [happy.clip_id, neutral.clip_id], pictures=True)
    }
    assert request.clip_id == happy.clip_id and request.num_frames == 30 and request.fps == 30.0
    assert np.array_equal(request.identity_frame, decoded[neutral.clip_id].frames[2])
    assert np.array_equal(request.identity_landmarks, neutral.landmarks[2])
    assert np.array_equal(request.reference_frames, decoded[happy.clip_id].frames) and len(request.audio) == 16_000


@pytest.fixture
def request_of_a_clip(tmp_path):
    drawn_folder(tmp_path, 2)
    clip, identity = decoded_clips([tmp_path], {"drawn/p0/00", "drawn/p0/01"}, pictures=True)
    return make_request(clip, identity)


def test_reference_methods(request_of_a_clip, tmp_path):
    request = request_of_a_clip
    truth, ceiling = (METHODS[name].load(tmp_path, 0) for name in ("ground_truth", "codec_ceiling"))
    assert np.array_equal(truth.generate(request), request.reference_frames) and not truth.encoded
    assert np.array_equal(ceiling.generate(request), request.reference_frames) and ceiling.encoded
    still = METHODS["still"].load(tmp_path, 0).generate(request)
    assert still.shape == (45, 256, 256, 3) and (still == request.identity_frame).all()


def test_every_method_is_fully_described():
    for name, method in METHODS.items():
        assert method.name == name and method.label and isinstance(method.models, tuple)
        assert isinstance(method.trained_with_metric, bool) and isinstance(method.encoded, bool)
        assert isinstance(method.seeded, bool) and (method.models or not method.seeded)


def test_a_seeded_method_reads_the_checkpoint_of_its_seed(tmp_path):
    assert model_folders(METHODS["speak_no_gan"], 3) == ("speak/no_gan/3",)
    assert model_folders(METHODS["mouth"], 3) == ("mouth",)
    with pytest.raises(UserError, match=r"speak/no_gan/3/checkpoint.pt: no such checkpoint"):
        METHODS["speak_no_gan"].load(tmp_path, 3)


def test_mouth_without_checkpoint_names_the_file(tmp_path):
    with pytest.raises(UserError, match=r"mouth/checkpoint.pt: no such checkpoint"):
        METHODS["mouth"].load(tmp_path, 0)
