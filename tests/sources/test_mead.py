import io
import tarfile

import pytest

from speak.data.clip import EMOTIONS
from speak.errors import UserError
from speak.fetching.unpack import unpack
from speak.sources import FetchError, mead


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


@pytest.mark.parametrize(
    ("name", "take"),
    [
        ("M003_level_1_disgusted_015", "M003/front/disgusted/level_1/015"),
        ("M030_sad_3_001", "M030/front/sad/level_3/001"),
        ("M030_front_angry_level3_001", "M030/front/angry/level_3/001"),
        ("W036_left_30_neutral_level_1_030", "W036/left_30/neutral/level_1/030"),
        ("M030_right_60_level_2_fear_004", "M030/right_60/fear/level_2/004"),
    ],
)
def test_other_peoples_names_of_a_take(tmp_path, name, take):
    put(tmp_path, f"crops/{name}.mp4", f"crops/{name}.wav")
    (item,) = mead.catalogue(tmp_path)
    assert item.item_id == f"mead/{take}"
    assert (item.person, item.audio) == (take[:4], f"crops/{name}.wav")


def test_one_take_under_two_names_is_refused(tmp_path):
    put(tmp_path, "M003_level_1_happy_015.mp4", "M003/video/front/happy/level_1/015.mp4")
    with pytest.raises(UserError, match="claimed by 2 files"):
        mead.catalogue(tmp_path)


def test_another_naming_or_nothing_is_an_error(tmp_path):
    put(tmp_path, "M003/M003_01_1_output_01/000.jpg")
    with pytest.raises(UserError, match="no MEAD takes"):
        mead.catalogue(tmp_path)
    put(tmp_path, "M003/video/front/anger/level_1/001.mp4")
    with pytest.raises(UserError, match="unknown emotion 'anger'"):
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


def archived(path, takes):
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w") as archive:
        for take in takes:
            info = tarfile.TarInfo(take)
            info.size = 1
            archive.addfile(info, io.BytesIO(b"x"))


def test_an_archive_is_one_missing_item_until_it_is_unpacked(tmp_path):
    archived(tmp_path / "M003/video.tar", ["video/front/happy/level_1/001.mp4", "video/top/sad/level_3/002.mp4"])
    archived(tmp_path / "M003/audio.tar", ["audio/happy/level_1/001.m4a"])
    archived(tmp_path / "W009.tar", ["W009_video/video/front/sad/level_1/001.mp4"])
    packed = mead.catalogue(tmp_path)
    assert [(item.item_id, item.person) for item in packed] == [
        ("mead/M003/video.tar", "M003"),
        ("mead/W009.tar", "W009"),
    ]
    with pytest.raises(FetchError, match=r"not unpacked: M003/video\.tar"):
        mead.fetch(packed[0], tmp_path, tmp_path)
    for archive in ("M003/video.tar", "M003/audio.tar", "W009.tar"):
        unpack(tmp_path / archive, (tmp_path / archive).parent)
    takes = {item.item_id: item for item in mead.catalogue(tmp_path)}
    assert set(takes) == {
        "mead/M003/front/happy/level_1/001",
        "mead/M003/top/sad/level_3/002",
        "mead/W009/front/sad/level_1/001",
    }
    assert takes["mead/M003/front/happy/level_1/001"].audio == "M003/audio/happy/level_1/001.m4a"


def test_an_archive_that_was_unpacked_by_hand_is_no_item(tmp_path):
    put(tmp_path, "M003/video.tar", "M003/video/front/happy/level_1/001.mp4", "M005/video.tar")
    assert [item.item_id for item in mead.catalogue(tmp_path)] == [
        "mead/M003/front/happy/level_1/001",
        "mead/M005/video.tar",
    ]


def test_the_drive_folders_table_says_what_is_wanted(tmp_path):
    (table,) = mead.tables(mead.PUBLISHED)
    assert (table.path, table.address, table.way) == ("drive.csv", mead.PUBLISHED, "drive")
    rows = "path,address\nM003/video.tar,https://drive.google.com/uc?id=a\nM003/audio.tar,https://drive.google.com/uc?id=b\n"
    (tmp_path / "drive.csv").write_text(rows + "Terms.pdf,https://drive.google.com/uc?id=c\n")
    assert [item.item_id for item in mead.catalogue(tmp_path)] == ["mead/M003/video.tar"]
    wanted = mead.wanted(tmp_path, mead.PUBLISHED)
    assert [(one.path, one.way, one.archive) for one in wanted] == [
        ("M003/video.tar", "drive", "tar"),
        ("M003/audio.tar", "drive", "tar"),
    ]
    (tmp_path / "drive.csv").write_text("path,address\n../x.tar,https://drive.google.com/uc?id=a\n")
    with pytest.raises(UserError, match=r"'\.\./x\.tar' leads out"):
        mead.catalogue(tmp_path)


def test_a_mirror_offers_takes_or_archives(tmp_path):
    (table,) = mead.tables("http://127.0.0.1:1/mead")
    assert (table.path, table.address, table.way) == ("listing.txt", "http://127.0.0.1:1/mead/listing.txt", "http")
    listing = (
        "./M003/video.tar\n./M005/video/front/happy/level_1/001.mp4\n./M005/audio/happy/level_1/001.m4a\n./README\n"
    )
    (tmp_path / "listing.txt").write_text(listing)
    assert [item.item_id for item in mead.catalogue(tmp_path)] == [
        "mead/M003/video.tar",
        "mead/M005/front/happy/level_1/001",
    ]
    assert [one.path for one in mead.wanted(tmp_path, "http://127.0.0.1:1/mead")] == [
        "M003/video.tar",
        "M005/video/front/happy/level_1/001.mp4",
        "M005/audio/happy/level_1/001.m4a",
    ]
