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
