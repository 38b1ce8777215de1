import shutil
import zipfile

import pytest

from speak.errors import UserError
from speak.fetching.unpack import unpack
from speak.sources import FetchError, voxceleb
from speak.sources.voxceleb_files import read_speakers
from speak.sources.voxceleb_text import read_utterance

PIXELS = (
    "Identity  : \tid10001\nReference : \t1zcIwhmdeo4\nOffset    : \t-5\nFV Conf   : \t15.224\n"
    "ASD Conf  : \t7.857\n\nFRAME \tX \tY \tW \tH \n"
    "000368 \t47 \t48 \t269 \t268 \n000369 \t40 \t50 \t269 \t270 \n"
)
FRACTIONS = (
    "Identity  : \tid00012\nReference : \t_raOc3-IRsw\nOffset    : \t2\nFV Conf   : \t20.230\t(1)\n"
    "ASD Conf  : \t2.765\n\nFRAME \tX \tY \tW \tH \n000349 \t0.319 \t0.067 \t0.424 \t0.753 \n"
)
NAMES = "Name \tVoxCeleb2 ID \tVGGFace2 ID \tGender \tSet \nSome_Body \tid00012 \tn000012 \tf \tdev \n"


def put(root, path, content="x"):
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(content)


def test_pixels_and_fractions(tmp_path):
    put(tmp_path, "1.txt", PIXELS)
    put(tmp_path, "2.txt", FRACTIONS)
    one, two = read_utterance(tmp_path / "1.txt"), read_utterance(tmp_path / "2.txt")
    assert (one.person, one.video_id, one.first, one.last, one.unit) == (
        "id10001",
        "1zcIwhmdeo4",
        368,
        369,
        "pixels",
    )
    assert one.rows[0] == (368 / 25, 47, 48, 47 + 269, 48 + 268)
    assert (two.video_id, two.unit, two.rows[0][1:3]) == ("_raOc3-IRsw", "fraction", (0.319, 0.067))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("no table", "no VoxCeleb text file"),
        (PIXELS.split("000368")[0], "the FRAME table is empty"),
        (PIXELS + "000370 \t1 \t2 \n", r"1.txt:10: expected FRAME X Y W H"),
    ],
)
def test_damage_is_named(tmp_path, text, message):
    put(tmp_path, "1.txt", text)
    with pytest.raises(UserError, match=message):
        read_utterance(tmp_path / "1.txt")


def test_release_crops_need_no_box_and_missing_ones_are_expected(tmp_path):
    put(tmp_path, "dev/mp4/id00012/_raOc3-IRsw/00110.mp4")
    put(tmp_path, "dev/txt/id00012/_raOc3-IRsw/00110.txt", FRACTIONS)
    put(tmp_path, "dev/txt/id00012/_raOc3-IRsw/00111.txt", FRACTIONS)
    put(tmp_path, "vox2_meta.csv", NAMES)
    here, gone = voxceleb.catalogue(tmp_path)
    assert here.item_id == "voxceleb/id00012/_raOc3-IRsw/00110"
    assert (here.box, here.start_s, here.partition, here.sex) == (None, None, "dev", "female")
    assert gone.video == "dev/mp4/id00012/_raOc3-IRsw/00111.mp4"
    voxceleb.copy_metadata(tmp_path, tmp_path / "raw")
    assert voxceleb.catalogue(tmp_path / "raw") == [here, gone]


def test_whole_sources_are_cut_with_the_last_frame_included(tmp_path):
    put(tmp_path, "txt/id10001/1zcIwhmdeo4/00001.txt", PIXELS)
    (item,) = voxceleb.catalogue(tmp_path)
    assert (item.video, item.start_s, item.end_s) == ("videos/1zcIwhmdeo4.mp4", 368 / 25, 370 / 25)
    assert (item.box, item.box_height) == ((40, 48, 316, 320), 360)
    assert item.boxes[0][0] == 368 / 25
    put(tmp_path, "videos/1zcIwhmdeo4.webm")
    assert voxceleb.catalogue(tmp_path)[0].video == "videos/1zcIwhmdeo4.webm"


def test_whole_sources_of_voxceleb2(tmp_path):
    put(tmp_path, "txt/id00012/_raOc3-IRsw/00110.txt", FRACTIONS)
    put(tmp_path, "videos/_raOc3-IRsw.mp4")
    (item,) = voxceleb.catalogue(tmp_path)
    assert (item.start_s, item.box_unit, item.box_height) == (349 / 25, "fraction", None)
    assert item.box_in(1000, 1000) == pytest.approx((319, 67, 743, 820))


def test_overlapping_chunks_stay_two_items(tmp_path):
    for name in ("QanuGhOhb9A#00017#60976-61079", "QanuGhOhb9A#00018#61066-61165"):
        put(tmp_path, f"id10002/QanuGhOhb9A/chunk_videos/{name}.mp4")
    items = voxceleb.catalogue(tmp_path)
    assert [item.item_id.rsplit("/", 1)[1] for item in items] == ["00017", "00018"]


def test_nothing_is_an_error(tmp_path):
    with pytest.raises(UserError, match="no VoxCeleb here"):
        voxceleb.catalogue(tmp_path)


def test_real_chunks_with_their_text(realdata, shared, tmp_path):
    shutil.copytree(realdata / "voxceleb1", tmp_path, dirs_exist_ok=True)
    shutil.copytree(shared / "metadata/voxceleb1/txt", tmp_path / "txt")
    shutil.copyfile(shared / "metadata/voxceleb1/vox1_meta.csv", tmp_path / "vox1_meta.csv")
    items = voxceleb.catalogue(tmp_path)
    assert len(items) == 6
    first = items[0]
    assert first.item_id == "voxceleb/id10001/1zcIwhmdeo4/00001"
    assert len(first.boxes) == 204
    assert (first.boxes[0][0], first.boxes[-1][0]) == (0, pytest.approx(203 / 25))
    assert first.box_in(854, 480) == pytest.approx([value * 480 / 360 for value in first.box])
    assert all((item.partition, item.sex) == ("dev", "male") for item in items)


def test_real_tables_and_release(realdata, shared, tmp_path):
    (item,) = voxceleb.catalogue(realdata / "voxceleb2")
    assert item.item_id == "voxceleb/id04030/7mXUMuo5_NE/00002"
    for table in ("voxceleb1/vox1_meta.csv", "voxceleb2/vox2_meta.csv"):
        shutil.copyfile(shared / "metadata" / table, tmp_path / table.split("/")[1])
    speakers = read_speakers(tmp_path, ["vox1_meta.csv", "vox2_meta.csv"])
    assert len(speakers) == 1251 + 6114
    assert {row["Set"] for row in speakers.values()} == {"dev", "test"}


def test_every_listed_chunk_is_found(shared, tmp_path):
    names = (shared / "metadata/voxceleb1/chunk_names.txt").read_text()
    (tmp_path / "listing.txt").write_text(names)
    assert len(voxceleb.catalogue(tmp_path)) == len(names.splitlines())


def test_texts_alone_mean_whole_videos(tmp_path):
    put(tmp_path, "vox2/dev/txt/id00012/_raOc3-IRsw/00110.txt", FRACTIONS)
    (item,) = voxceleb.catalogue(tmp_path)
    assert (item.video, item.box_unit) == ("videos/_raOc3-IRsw.mp4", "fraction")


def test_what_is_asked_of_the_publisher_and_of_youtube(tmp_path):
    tables = {one.path: one for one in voxceleb.tables(voxceleb.PUBLISHED)}
    texts = tables.pop("vox2/dev/vox2_dev_txt.zip")
    assert (texts.address, texts.archive) == (f"{voxceleb.PUBLISHED}/data/vox2_dev_txt.zip", "zip")
    assert tables["vox1_meta.csv"].address == f"{voxceleb.PUBLISHED}/meta/vox1_meta.csv"
    assert len(tables) == 5
    put(tmp_path, "vox1/dev/txt/id10001/1zcIwhmdeo4/00001.txt", PIXELS)
    put(tmp_path, "vox1/dev/txt/id10001/1zcIwhmdeo4/00002.txt", PIXELS)
    put(tmp_path, "vox2/dev/txt/id00012/_raOc3-IRsw/00110.txt", FRACTIONS)
    wanted = voxceleb.wanted(tmp_path, voxceleb.PUBLISHED)
    assert [(one.path, one.address, one.way) for one in wanted] == [
        ("videos/1zcIwhmdeo4.mp4", "https://www.youtube.com/watch?v=1zcIwhmdeo4", "youtube"),
        ("videos/_raOc3-IRsw.mp4", "https://www.youtube.com/watch?v=_raOc3-IRsw", "youtube"),
    ]


def test_a_mirror_offers_archives_or_files(tmp_path):
    base = "http://127.0.0.1:8000/vox"
    assert [one.path for one in voxceleb.tables(base)] == ["listing.txt"]
    files = (
        "./vox2_dev_mp4_partaa",
        "./vox2_dev_mp4_partab",
        "./vox2_test_mp4.zip",
        "./vox2_meta.csv",
        "./mp4/id00012/-raOc3-IRsw/00110.mp4",
        "./txt/id10001/1zcIwhmdeo4/00001.txt",
        "./id10001/1zcIwhmdeo4/chunk_videos/1zcIwhmdeo4#00001#368-571.mp4",
        "./thesis.pdf",
    )
    put(tmp_path, "listing.txt", "\n".join(files))
    wanted = {one.path: one for one in voxceleb.wanted(tmp_path, base)}
    assert list(wanted) == [name.removeprefix("./") for name in files[:-1]]
    assert [one.path for one in wanted.values() if one.archive] == ["vox2_dev_mp4_partaa", "vox2_test_mp4.zip"]
    assert wanted["mp4/id00012/-raOc3-IRsw/00110.mp4"].address == f"{base}/mp4/id00012/-raOc3-IRsw/00110.mp4"
    (chunk,) = [one for path, one in wanted.items() if "#" in path]
    assert chunk.address.endswith("/chunk_videos/1zcIwhmdeo4%2300001%23368-571.mp4")


def test_a_text_that_is_listed_but_missing_is_what_its_item_lacks(tmp_path):
    text = "txt/id10001/1zcIwhmdeo4/00001.txt"
    put(tmp_path, "listing.txt", f"{text}\nvideos/1zcIwhmdeo4.mp4\n")
    put(tmp_path, "videos/1zcIwhmdeo4.mp4")
    (item,) = voxceleb.catalogue(tmp_path)
    assert item.video == text
    with pytest.raises(FetchError, match="missing: txt/"):
        voxceleb.fetch(item, tmp_path, tmp_path)


def test_official_parts_become_items(tmp_path):
    put(tmp_path, "x/vox2_meta.csv", NAMES)
    with zipfile.ZipFile(tmp_path / "whole.zip", "w") as archive:
        for number in ("00110", "00111"):
            archive.writestr(f"dev/mp4/id00012/_raOc3-IRsw/{number}.mp4", b"m" * 700)
    content = (tmp_path / "whole.zip").read_bytes()
    for letter, start in zip("abc", range(0, len(content), 600), strict=True):
        (tmp_path / f"x/vox2_dev_mp4_parta{letter}").write_bytes(content[start : start + 600])
    (packed,) = voxceleb.catalogue(tmp_path / "x")
    assert packed.item_id == "voxceleb/vox2_dev_mp4_partaa"
    with pytest.raises(FetchError, match="not unpacked: vox2_dev_mp4_partaa"):
        voxceleb.fetch(packed, tmp_path / "x", tmp_path / "x")
    unpack(tmp_path / "x/vox2_dev_mp4_partaa", tmp_path / "x")
    items = voxceleb.catalogue(tmp_path / "x")
    assert [item.video for item in items] == [f"dev/mp4/id00012/_raOc3-IRsw/0011{k}.mp4" for k in (0, 1)]
    assert {item.sex for item in items} == {"female"}
