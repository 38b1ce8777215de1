import pytest

from speak.data.clip import EMOTIONS
from speak.errors import UserError
from speak.sources import mead


def put(root, *paths):
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(b"x")


def test_the_path_is_the_label(tmp_path):
    put(tmp_path, "M003/video/front/happy/level_1/001.mp4", "M003/audio/happy/level_1/001.m4a")
    put(tmp_path, "M003/video/left_30/happy/level_1/001.mp4", "W015/video/front/neutral/level_1/030.mp4")
    front, left, quiet = mead.catalogue(tmp_path)
    assert front.item_id == "mead/M003/front/happy/level_1/001"
    assert (front.person, front.emotion, front.level, front.sex) == ("M003", "happy", 1, "male")
    assert front.audio == left.audio == "M003/audio/happy/level_1/001.m4a"
    assert (quiet.audio, quiet.sex) == (None, "female")


@pytest.mark.parametrize(
    ("home", "person"),
    [
        ("M003/video/", "M003"),
        ("M003/", "M003"),
        ("W009/W009_video/video/", "W009"),
        ("W009_video/video/", "W009"),
        ("MEAD/part1/M012/video28/video/", "M012"),
        ("video28/video/", "video28"),
    ],
)
def test_archives_unpack_in_many_ways(tmp_path, home, person):
    root = tmp_path / "data"
    put(root, f"{home}top/sad/level_3/007.mp4")
    (item,) = mead.catalogue(root)
    assert (item.item_id, item.person) == (f"mead/{person}/top/sad/level_3/007", person)


def test_without_the_persons_folder_the_root_names_the_person(tmp_path):
    put(tmp_path / "M030", "video/front/sad/level_3/001.mp4", "audio/sad/level_3/001.m4a")
    (item,) = mead.catalogue(tmp_path / "M030")
    assert (item.person, item.audio) == ("M030", "audio/sad/level_3/001.m4a")


def test_another_naming_or_nothing_is_an_error(tmp_path):
    put(tmp_path, "M003_level_1_happy_001.mp4")
    with pytest.raises(UserError, match="no MEAD takes"):
        mead.catalogue(tmp_path)
    put(tmp_path, "M003/video/front/anger/level_1/001.mp4")
    with pytest.raises(UserError, match="unknown emotion folder 'anger'"):
        mead.catalogue(tmp_path)


def test_the_catalogue_survives_fetching(tmp_path):
    put(tmp_path / "mirror", "M003/video/front/happy/level_1/001.mp4", "M003/audio/happy/level_1/001.m4a")
    mead.copy_metadata(tmp_path / "mirror", tmp_path / "raw")
    items = mead.catalogue(tmp_path / "raw")
    assert items == mead.catalogue(tmp_path / "mirror")
    mead.fetch(items[0], tmp_path / "mirror", tmp_path / "raw")
    assert items == mead.catalogue(tmp_path / "raw")


def test_real_takes(realdata):
    items = mead.catalogue(realdata / "mead")
    assert len(items) == len(list((realdata / "mead").rglob("*.mp4"))) == 6
    assert {item.person for item in items} == {"M003", "M030", "W015", "W036"}
    assert all((realdata / "mead" / item.video).is_file() and item.emotion in EMOTIONS for item in items)
