import shutil

import pytest

from speak.errors import UserError
from speak.sources import hdtf

NO_CROP = {
    *(
        "RD_Radio6_000",
        "RD_Radio15_000",
        "WDA_ByronDorgan0_000",
        "WDA_DeanPhillips_000",
        "WDA_JeffMerkley0_000",
    ),
    *("WDA_JimMcGovern_000", "WDA_JimMcGovern1_000", "WDA_LindaSnchez_000", "WRA_BillCassidy_000"),
    *("WRA_CandiceMiller_000", "WRA_DuncanHunter_001", "WRA_JaimeHerreraBeutler_000", "WRA_KevinBrady0_000"),
    *("WRA_MittRomney_001", "WRA_RudyGiuliani_000"),
}


@pytest.fixture
def small(tmp_path):
    """Made-up records with every fault of the real ones."""
    tables = {
        "WDA_video_url.txt": "\ufeffAnnaBerg0 https://www.youtube.com/watch?v=aaaaaaaaaaa&t=6s\n"
        "AnnaBerg1 https://www.youtube.com/watch?v=bbbbbbbbbbb\n"
        "GovernorBerg https://www.youtube.com/watch?v=bbbbbbbbbbb",
        "WDA_resolution.txt": "AnnaBerg0.mp4 720\nAnnaBerg1.mp4 0\nGovernorBerg.mp4 1080\n",
        "WDA_annotion_time.txt": "AnnaBerg0.mp4 08:10-08:30 00:33-08:53 \nAnnaBerg1.mp4 00:05-62:00\n"
        "GovernorBerg.mp4 00:05-00:09",
        "WDA_crop_wh.txt": "AnnaBerg0_0.mp4 342 591 200 591\nAnnaBerg1_0.mp4 1 2 3 2\n",
        "WDA_crop_ratio.txt": "AnnaBerg0_0.mp4 1.2\n",
        "RD_video_url.txt": "Radio1 https://www.youtube.com/watch?v=ccccccccccc\nRadio2 https://www.youtube.com/x\n",
        "RD_annotion_time.txt": "Radio1.mp4 00:00-00:04\n",
    }
    for name, text in tables.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_intervals_crops_and_people_of_faulty_tables(small):
    items = {item.item_id.removeprefix("hdtf/"): item for item in hdtf.catalogue(small)}
    assert len(items) == 5
    first, second = items["WDA_AnnaBerg0_000"], items["WDA_AnnaBerg0_001"]
    assert (first.start_s, first.end_s, second.start_s, second.end_s) == (490, 510, 33, 533)
    assert (first.box, first.box_height) == ((342, 200, 933, 791), 720)  # leaves the frame below
    assert first.url == "https://www.youtube.com/watch?v=aaaaaaaaaaa"
    assert (second.box, second.box_height) == (None, None)
    assert items["WDA_AnnaBerg1_000"].box is None  # its video's height is unknown
    assert items["WDA_AnnaBerg1_000"].end_s == 3720
    assert {item.person for name, item in items.items() if name.startswith("WDA")} == {"AnnaBerg"}
    assert items["RD_Radio1_000"].person == "Radio1"


def test_a_video_without_interval_is_known_but_not_expected(small):
    radio = {video.name: video for video in hdtf.videos(small)}["Radio2"]
    assert (radio.intervals, radio.youtube_id, radio.height) == ((), None, None)


def test_finished_clips_take_the_place_of_sources(small):
    (small / "clips").mkdir()
    (small / "clips/WDA_AnnaBerg0_000.mp4").write_bytes(b"x")
    items = {item.item_id: item for item in hdtf.catalogue(small)}
    clip = items["hdtf/WDA_AnnaBerg0_000"]
    assert (clip.video, clip.start_s, clip.end_s, clip.box) == (
        "clips/WDA_AnnaBerg0_000.mp4",
        None,
        None,
        None,
    )
    assert items["hdtf/WDA_AnnaBerg0_001"].video == "videos/AnnaBerg0.mp4"


@pytest.mark.parametrize(
    ("table", "line", "message"),
    [
        ("WDA_crop_wh.txt", "AnnaBerg0_0.mp4 1 2 3\n", "WDA_crop_wh.txt:1: expected 4 fields"),
        ("WDA_annotion_time.txt", "AnnaBerg0.mp4 5-9\n", "'5-9' is not MM:SS-MM:SS"),
        ("WDA_resolution.txt", "AnnaBerg0.mp4 high\n", "WDA_resolution.txt:1: 'high' is no number"),
    ],
)
def test_damage_is_named(small, table, line, message):
    (small / table).write_text(line)
    with pytest.raises(UserError, match=message):
        hdtf.catalogue(small)


def test_the_catalogue_survives_fetching(small, tmp_path):
    hdtf.copy_metadata(small, tmp_path / "raw")
    assert hdtf.catalogue(tmp_path / "raw") == hdtf.catalogue(small)


def test_the_real_tables(shared):
    videos = hdtf.videos(shared / "metadata/hdtf")
    assert [sum(video.subset == name for video in videos) for name in hdtf.SUBSETS] == [57, 183, 130]
    intervals = [interval for video in videos for interval in video.intervals]
    assert len(intervals) == 436
    assert sum(interval.box is not None for interval in intervals) == 421
    assert round(sum(interval.end_s - interval.start_s for interval in intervals) / 3600, 1) == 17.1
    assert [video.name for video in videos if not video.intervals] == ["Radio24"]
    assert all(video.youtube_id for video in videos)
    assert all(box[2] - box[0] == box[3] - box[1] for interval in intervals if (box := interval.box) is not None)


def test_the_real_catalogue(shared):
    items = {item.item_id.removeprefix("hdtf/"): item for item in hdtf.catalogue(shared / "metadata/hdtf")}
    assert len(items) == 436
    unknown_height = {"WRA_KevinMcCarthy1_000", "WRA_KevinMcCarthy1_001"}
    assert {name for name, item in items.items() if item.box is None} == NO_CROP | unknown_height
    assert items["WDA_WhipJimClyburn_000"].person == items["WDA_JamesClyburn1_000"].person == "JamesClyburn"
    assert items["WDA_AmyKlobuchar0_000"].person == items["WDA_AmyKlobuchar1_000"].person == "AmyKlobuchar"
    assert items["WDA_CarolynMaloney2_000"].url == "https://www.youtube.com/watch?v=RApGxN-O9Qc"
    leaving = {"WDA_MaggieHassan_000", "WDA_MazieHirono1_000", "WRA_PeterKing_000"}
    assert {n for n, i in items.items() if i.box is not None and i.box_in(0, i.box_height)[3] > i.box_height} == leaving


def test_real_finished_clips(realdata, shared, tmp_path):
    alone = hdtf.catalogue(realdata / "hdtf")
    assert [item.person for item in alone] == ["Radio34", "AlexandriaOcasioCortez", "KatieHill"]
    for file in [*(shared / "metadata/hdtf").iterdir(), *(realdata / "hdtf").iterdir()]:
        shutil.copyfile(file, tmp_path / file.name)
    present = [item for item in hdtf.catalogue(tmp_path) if (tmp_path / item.video).is_file()]
    assert [item.item_id for item in present] == [item.item_id for item in alone]
    assert all(item.url for item in present)


def test_what_is_asked_of_the_repository_and_of_youtube(small):
    tables = hdtf.tables(hdtf.PUBLISHED)
    assert len(tables) == 15
    assert tables[0].address == "https://raw.githubusercontent.com/MRzzm/HDTF/main/HDTF_dataset/RD_video_url.txt"
    wanted = {one.path: one for one in hdtf.wanted(small, hdtf.PUBLISHED)}
    assert set(wanted) == {"videos/AnnaBerg0.mp4", "videos/AnnaBerg1.mp4", "videos/Radio1.mp4"}
    assert {one.way for one in wanted.values()} == {"youtube"}
    assert wanted["videos/AnnaBerg0.mp4"].address == "https://www.youtube.com/watch?v=aaaaaaaaaaa"


def test_one_video_under_two_names_is_one_file(small):
    items = {item.item_id.removeprefix("hdtf/"): item for item in hdtf.catalogue(small)}
    assert items["WDA_GovernorBerg_000"].video == items["WDA_AnnaBerg1_000"].video == "videos/AnnaBerg1.mp4"
    (small / "videos").mkdir()
    (small / "videos/GovernorBerg.mp4").write_bytes(b"x")
    items = {item.item_id.removeprefix("hdtf/"): item for item in hdtf.catalogue(small)}
    assert items["WDA_GovernorBerg_000"].video == "videos/GovernorBerg.mp4"


def test_a_mirror_is_asked_for_its_videos(small):
    (small / "WDA_AnnaBerg0_000.mp4").write_bytes(b"x")
    wanted = hdtf.wanted(small, "http://127.0.0.1:8000/hdtf")
    assert [one.address for one in wanted] == [
        f"http://127.0.0.1:8000/hdtf/videos/{name}.mp4" for name in ("AnnaBerg0", "AnnaBerg1", "Radio1")
    ]
    assert {one.way for one in wanted} == {"http"}
    (small / "WDA_AnnaBerg0_001.mp4").write_bytes(b"x")
    assert len(hdtf.wanted(small, hdtf.PUBLISHED)) == 2  # both intervals of the first video are there


def test_the_real_dataset_in_files(shared):
    wanted = hdtf.wanted(shared / "metadata/hdtf", hdtf.PUBLISHED)
    assert len(wanted) == 370 - 1 - 1  # Radio24 has no interval, one video has two names
    assert all("&" not in one.address for one in wanted)
    items = hdtf.catalogue(shared / "metadata/hdtf")
    romney = [(item.start_s, item.end_s) for item in items if item.item_id.startswith("hdtf/WRA_MittRomney_")]
    assert romney == [(490, 510), (33, 533)]  # out of order, one inside the other: two items
    odd = {"WRA_KevinMcCarthy1": None, "WDA_DanKildee": 360, "WDA_RaulRuiz": 700, "WRA_GregWalden": 714}
    videos = {f"{video.subset}_{video.name}": video for video in hdtf.videos(shared / "metadata/hdtf")}
    assert {name: videos[name].height for name in odd} == odd
    assert videos["RD_Radio56"].height == 2160
    assert "WDA_LindaSnchez" in videos
