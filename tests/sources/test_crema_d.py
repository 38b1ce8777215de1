import csv
from collections import Counter

import pytest

from speak.errors import UserError
from speak.sources import FetchError, crema_d


@pytest.fixture
def small(tmp_path):
    """Two listed clips, one of them missing, one WAV with the old clones' single X."""
    for path in ("VideoFlash/1040_ITH_SAD_XX.flv", "AudioWAV/1040_ITH_SAD_X.wav"):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_bytes(b"x")
    rows = '"Stimulus_Number","Filename"\n1,"1040_IEO_HAP_MD"\n2,"1040_ITH_SAD_XX"\n'
    (tmp_path / "SentenceFilenames.csv").write_text(rows)
    people = '"ActorID","Age","Sex","Race","Ethnicity"\n1040,33,"Female","Caucasian","Hispanic"\n'
    (tmp_path / "VideoDemographics.csv").write_text(people)
    return tmp_path


def test_the_table_says_what_is_expected(small, tmp_path):
    happy, sad = crema_d.catalogue(small)
    assert (happy.emotion, happy.level, happy.sentence) == ("happy", 2, "It's eleven o'clock")
    assert (sad.emotion, sad.level, sad.sex, sad.person) == ("sad", None, "female", "1040")
    assert sad.audio == "AudioWAV/1040_ITH_SAD_X.wav"
    with pytest.raises(FetchError, match=r"missing: VideoFlash/1040_IEO_HAP_MD\.flv"):
        crema_d.fetch(happy, small, tmp_path / "raw")


def test_without_the_table_the_files_speak(small):
    (small / "SentenceFilenames.csv").unlink()
    (item,) = crema_d.catalogue(small)
    assert item.item_id == "crema_d/1040_ITH_SAD_XX"


def test_the_catalogue_survives_fetching(small, tmp_path):
    raw = tmp_path / "raw"
    crema_d.copy_metadata(small, raw)
    assert crema_d.catalogue(raw) == crema_d.catalogue(small)


def test_damaged_tables_are_named(small):
    (small / "SentenceFilenames.csv").write_text("Stimulus_Number,Name\n1,x\n")
    with pytest.raises(UserError, match=r"SentenceFilenames.csv: no column Filename"):
        crema_d.catalogue(small)
    (small / "SentenceFilenames.csv").write_text("Stimulus_Number,Filename\n1,../../x\n")
    with pytest.raises(UserError, match="no CREMA-D clip name"):
        crema_d.catalogue(small)


def test_the_real_tables(shared):
    items = crema_d.catalogue(shared / "metadata/cremad")
    assert len(items) == 7442
    counts = Counter(item.emotion for item in items)
    assert counts.pop("neutral") == 1087
    assert counts == dict.fromkeys(("angry", "disgusted", "fear", "happy", "sad"), 1271)
    clips = Counter(Counter(item.person for item in items).values())
    assert clips == {82: 86, 81: 2, 76: 3}
    assert {item.sex for item in items} == {"female", "male"}
    assert all(item.level is None or item.sentence == "It's eleven o'clock" for item in items)


def test_a_clone_without_lfs(realdata, tmp_path):
    (item,) = crema_d.catalogue(realdata / "cremad_lfs_pointers")
    assert item.item_id == "crema_d/1001_DFA_ANG_XX"
    with pytest.raises(FetchError, match="needs git-lfs"):
        crema_d.fetch(item, realdata / "cremad_lfs_pointers", tmp_path)


def listed(root, *names):
    rows = "".join(f'{k},"{name}"\n' for k, name in enumerate(names, start=1))
    (root / "SentenceFilenames.csv").write_text(f'"Stimulus_Number","Filename"\n{rows}')
    return {item.item_id.removeprefix("crema_d/"): item for item in crema_d.catalogue(root)}


@pytest.mark.parametrize("name", sorted(crema_d.BROKEN))
def test_clips_that_are_published_broken_are_not_obtained(name, tmp_path):
    item = listed(tmp_path, name)[name]
    for path in (item.video, item.audio):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_bytes(b"x")
    with pytest.raises(FetchError, match="broken as published: its video"):
        crema_d.fetch(item, tmp_path, tmp_path / "raw")
    assert crema_d.wanted(tmp_path, crema_d.PUBLISHED) == []


def test_a_sound_that_is_another_clips_is_not_used(tmp_path):
    items = listed(tmp_path, "1006_TIE_HAP_XX", "1006_TIE_SAD_XX")
    assert items["1006_TIE_HAP_XX"].audio is None
    assert items["1006_TIE_SAD_XX"].audio == "AudioWAV/1006_TIE_SAD_XX.wav"


def test_copied_sounds_and_broken_clips_are_those_of_the_real_index(shared):
    with open(shared / "metadata/cremad/lfs_index.csv", newline="") as stream:
        rows = list(csv.DictReader(stream))
    count = Counter(row["wav_sha256"] for row in rows)
    assert {row["clip"] for row in rows if count[row["wav_sha256"]] > 1} == crema_d.COPIED_SOUND
    assert {row["clip"] for row in rows} >= crema_d.BROKEN.keys()
    (longest,) = [row["clip"] for row in rows if int(row["flv_bytes"]) > 5_000_000]
    assert longest == "1064_IEO_DIS_MD"


def test_what_is_asked_of_the_repository(small):
    tables = crema_d.tables(crema_d.PUBLISHED)
    assert [one.path for one in tables] == ["SentenceFilenames.csv", "VideoDemographics.csv"]
    assert all(one.way == "http" and one.address == f"{crema_d.PUBLISHED}/{one.path}" for one in tables)
    wanted = crema_d.wanted(small, crema_d.PUBLISHED)
    assert {one.way for one in wanted} == {"lfs"}
    assert wanted[0].address == f"{crema_d.PUBLISHED}/VideoFlash/1040_IEO_HAP_MD.flv"
    assert [one.path for one in wanted][:2] == ["VideoFlash/1040_IEO_HAP_MD.flv", "AudioWAV/1040_IEO_HAP_MD.wav"]


def test_a_mirror_is_asked_by_http(small):
    wanted = crema_d.wanted(small, "http://127.0.0.1:8000/crema_d/")
    assert {one.way for one in wanted} == {"http"}
    assert wanted[0].address == "http://127.0.0.1:8000/crema_d/VideoFlash/1040_IEO_HAP_MD.flv"


def test_the_acted_emotion_counts_where_voters_tied(shared):
    with open(shared / "metadata/cremad/summaryTable.csv", newline="") as stream:
        ties = [row["FileName"] for row in csv.DictReader(stream) if ":" in row["MultiModalVote"]]
    items = {item.item_id.removeprefix("crema_d/"): item for item in crema_d.catalogue(shared / "metadata/cremad")}
    assert len(ties) == 420
    assert all(items[name].emotion == crema_d.EMOTION_OF[name.split("_")[2]] for name in ties)


def test_the_real_dataset_in_files(shared):
    wanted = crema_d.wanted(shared / "metadata/cremad", crema_d.PUBLISHED)
    assert len(wanted) == 2 * (7442 - len(crema_d.BROKEN)) - len(crema_d.COPIED_SOUND)
