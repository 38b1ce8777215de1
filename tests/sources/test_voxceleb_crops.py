import shutil
from collections import Counter

import pytest

from speak.errors import UserError
from speak.sources import voxceleb
from speak.sources.voxceleb_crops import read_crops

HEAD = "video_id,start,end,bbox,fps,width,height,partition,person_id\n"
ROW = "-Mh3ye5tBsE,100,200,624-48-1318-553,25,1280,720,train,id10005\n"


@pytest.fixture
def small(tmp_path):
    rows = (
        "\ufeff",
        HEAD,
        ROW,
        ROW,
        "-Mh3ye5tBsE,150,250,0-0-300-299,25,640,360,train,id10005\n",
        "hgB5ziAudzU,10,90,420-96-781-444,25,1280,720,train,id10282\n",
        "hgB5ziAudzU,10,90,420-96-781-444,25,1280,720,test,id10282\n",
        "hgB5ziAudzU,95,190,420-96-781-444,25,1280,720,test,id10282\n",
    )
    (tmp_path / "vox-metadata.csv").write_text("".join(rows), encoding="utf-8")
    return tmp_path


def test_each_stretch_is_one_item_with_its_faults_noted(small):
    items = voxceleb.catalogue(small)
    assert [(item.item_id.removeprefix("voxceleb/"), item.partition, item.note) for item in items] == [
        ("id10005/-Mh3ye5tBsE/000100-000200", "train", "listed 2 times"),
        ("id10005/-Mh3ye5tBsE/000150-000250", "train", None),  # overlaps the first
        ("id10282/hgB5ziAudzU/000010-000090", None, "listed in test and train"),
        ("id10282/hgB5ziAudzU/000095-000190", "test", "id10282 is in test and train"),
    ]


def test_frames_become_seconds_and_boxes_stay_as_they_are(small):
    first = voxceleb.catalogue(small)[0]
    assert (first.video, first.start_s, first.end_s) == ("videos/-Mh3ye5tBsE.mp4", 4, 8)
    assert (first.box, first.box_height) == ((624, 48, 1318, 553), 720)  # leaves the frame on the right
    assert first.box_in(640, 360) == (312, 24, 659, 276.5)


def test_finished_clips_and_other_containers_are_found(small):
    (small / "train").mkdir()
    (small / "train/id10005#-Mh3ye5tBsE#000100#000200.mp4").write_bytes(b"x")
    (small / "videos").mkdir()
    (small / "videos/hgB5ziAudzU.webm").write_bytes(b"x")
    first, _, third, _ = voxceleb.catalogue(small)
    assert first.video == "train/id10005#-Mh3ye5tBsE#000100#000200.mp4"
    assert (first.start_s, first.box, first.box_height) == (None, None, None)
    assert third.video == "videos/hgB5ziAudzU.webm"


def test_the_catalogue_survives_fetching(small, tmp_path):
    voxceleb.copy_metadata(small, tmp_path / "raw")
    assert voxceleb.catalogue(tmp_path / "raw") == voxceleb.catalogue(small)


def test_the_lists_own_address_is_a_base(small):
    base = "https://host/video-preprocessing/vox-metadata.csv"
    (table,) = voxceleb.tables(base)
    assert (table.path, table.address, table.way) == ("vox-metadata.csv", base, "http")
    wanted = voxceleb.wanted(small, base)
    assert [(one.path, one.address, one.way) for one in wanted] == [
        ("videos/-Mh3ye5tBsE.mp4", "https://www.youtube.com/watch?v=-Mh3ye5tBsE", "youtube"),
        ("videos/hgB5ziAudzU.mp4", "https://www.youtube.com/watch?v=hgB5ziAudzU", "youtube"),
    ]


@pytest.mark.parametrize(
    "row",
    [
        ROW.replace("624-48-1318-553", "624-48-1318"),
        ROW.replace(",100,", ",200,"),
        ROW.replace("-Mh3ye5tBsE", "../../etc"),
        ROW.replace("id10005", "10005"),
        ROW.replace(",25,", ",0,"),
        ROW.replace(",720,", ",,"),
        "short\n",
    ],
)
def test_damaged_rows_are_named(tmp_path, row):
    (tmp_path / "vox-metadata.csv").write_text(HEAD + ROW + row)
    with pytest.raises(UserError, match=r"vox-metadata\.csv:3: not of the form"):
        voxceleb.catalogue(tmp_path)


def test_a_missing_column_is_named(tmp_path):
    (tmp_path / "vox-metadata.csv").write_text("video_id,start\n")
    with pytest.raises(UserError, match="no column bbox, end"):
        voxceleb.catalogue(tmp_path)


def test_the_real_sample(shared, tmp_path):
    shutil.copyfile(shared / "metadata/voxceleb1/vox-metadata.sample.csv", tmp_path / "vox-metadata.csv")
    shutil.copyfile(shared / "metadata/voxceleb1/vox1_meta.csv", tmp_path / "vox1_meta.csv")
    items = voxceleb.catalogue(tmp_path)
    assert len(items) == 1260 - 308 - 3  # exact duplicates, and stretches in both partitions
    lines = Counter((tmp_path / "vox-metadata.csv").read_text().splitlines())
    repeated = sum(count > 1 for count in lines.values())
    assert sum("times" in (item.note or "") for item in items) == repeated > 0
    both = [item for item in items if item.partition is None]
    assert {item.person for item in both} == {"id10282", "id10306"}
    assert {item.url[-11:] for item in both} == {"hgB5ziAudzU", "ST2JZXcyYkE"}
    noted = {item.person for item in items if item.note and "test and train" in item.note}
    assert noted == {"id10282", "id10306"}
    crops = read_crops(tmp_path / "vox-metadata.csv")
    wide = [crop for crop in crops if crop.box[3] > crop.height or crop.box[2] > 1280]
    assert wide  # boxes that leave the frame are kept
    assert {item.sex for item in items} == {"female", "male"}
