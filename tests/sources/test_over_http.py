"""Each dataset over HTTP, in its own layout: the same catalogue as on the disk, and the same bytes."""

import contextlib
import functools
import http.server
import tarfile
import threading
import zipfile

import pytest
from answering import NETWORK

from speak.fetching.unpack import unpack
from speak.fetching.wanted import Gone
from speak.fetching.ways import WAYS
from speak.sources import SOURCES, FetchError

TEXT = (
    "Identity  : \tid10001\nReference : \t-zcIwhmdeo4\nOffset    : \t-5\nFV Conf   : \t15.224\nASD Conf  : \t7.857\n\n"
    "FRAME \tX \tY \tW \tH \n000368 \t47 \t48 \t269 \t268 \n"
)
LAYOUTS = {
    "crema_d": {
        "SentenceFilenames.csv": 'Stimulus_Number,Filename\n1,"1001_IEO_HAP_MD"\n2,"1001_ITH_SAD_XX"\n',
        "VideoDemographics.csv": "ActorID,Age,Sex\n1001,33,Male\n",
        "VideoFlash/1001_IEO_HAP_MD.flv": "v",
        "AudioWAV/1001_IEO_HAP_MD.wav": "a",
        "VideoFlash/1001_ITH_SAD_XX.flv": "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n",
        "AudioWAV/1001_ITH_SAD_XX.wav": "b",
    },
    "hdtf": {
        **{f"{s}_{t}.txt": "\n" for s in ("RD", "WDA", "WRA") for t in ("resolution", "crop_wh", "crop_ratio")},
        "RD_video_url.txt": "Radio1 https://www.youtube.com/watch?v=ccccccccccc\n",
        "RD_annotion_time.txt": "Radio1.mp4 00:00-00:04 00:05-00:07\n",
        "WDA_video_url.txt": "\ufeffAnnaBerg0 https://www.youtube.com/watch?v=aaaaaaaaaaa&t=6s",
        "WDA_annotion_time.txt": "AnnaBerg0.mp4 00:33-08:53 \n",
        "WRA_video_url.txt": "\n",
        "WRA_annotion_time.txt": "\n",
        "videos/Radio1.mp4": "v",
    },
    "mead": {
        "M003/video/front/happy/level_1/001.mp4": "v",
        "M003/audio/happy/level_1/001.m4a": "a",
        "M003/video/left_30/sad/level_2/007.mp4": "w",
    },
    "voxceleb": {
        "txt/id10001/-zcIwhmdeo4/00001.txt": TEXT,
        "id10001/-zcIwhmdeo4/chunk_videos/-zcIwhmdeo4#00001#368-368.mp4": "v",
        "mp4/id00012/_raOc3-IRsw/00110.mp4": "c",
        "vox2_meta.csv": "Name \tVoxCeleb2 ID \tGender \tSet \nA \tid00012 \tf \tdev \n",
    },
}


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture
def mirror(tmp_path):
    """The address of a plain file server over ``tmp_path/mirror``."""
    handler = functools.partial(Quiet, directory=tmp_path / "mirror")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def put(root, files):
    for path, content in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(content, encoding="utf-8")
    (root / "listing.txt").write_text("".join(f"./{path}\n" for path in files))


def fetched(source, base, root):
    """What the fetch stage does, without its care: all files, each archive unpacked beside itself."""
    root.mkdir()
    for files in (lambda: source.tables(base), lambda: source.wanted(root, base)):
        for one in files():
            with contextlib.suppress(Gone):
                WAYS[one.way](one, root / one.path, NETWORK)
        for one in files():
            if one.archive:
                unpack(root / one.path, (root / one.path).parent)
    return {item.item_id: item for item in source.catalogue(root)}


def missing(source, items, root):
    reasons = {}
    for item in items:
        try:
            source.fetch(item, root, root)
        except FetchError as error:
            reasons[item.item_id] = str(error)
    return reasons


@pytest.mark.parametrize("dataset", LAYOUTS)
def test_a_dataset_comes_over_http_as_it_is(dataset, mirror, tmp_path):
    put(tmp_path / "mirror", LAYOUTS[dataset])
    source = SOURCES[dataset]
    items = fetched(source, mirror, tmp_path / "raw")
    local = source.catalogue(tmp_path / "mirror")
    assert list(items.values()) == local
    assert missing(source, local, tmp_path / "raw") == missing(source, local, tmp_path / "mirror")
    present = [path for path in LAYOUTS[dataset] if (tmp_path / "raw" / path).is_file()]
    assert present == list(LAYOUTS[dataset])
    assert all((tmp_path / "raw" / p).read_bytes() == (tmp_path / "mirror" / p).read_bytes() for p in present)


def test_what_a_mirror_lacks_is_missing_by_name(mirror, tmp_path):
    put(tmp_path / "mirror", LAYOUTS["hdtf"])
    fetched(SOURCES["hdtf"], mirror, tmp_path / "raw")
    reasons = missing(SOURCES["hdtf"], SOURCES["hdtf"].catalogue(tmp_path / "raw"), tmp_path / "raw")
    assert reasons == {"hdtf/WDA_AnnaBerg0_000": "missing: videos/AnnaBerg0.mp4 is not at the origin"}


def test_archives_come_over_http_and_are_unpacked(mirror, tmp_path):
    put(tmp_path / "loose", LAYOUTS["mead"])
    (tmp_path / "mirror/M003").mkdir(parents=True)
    for kind in ("video", "audio"):
        with tarfile.open(tmp_path / f"mirror/M003/{kind}.tar", "w") as archive:
            archive.add(tmp_path / f"loose/M003/{kind}", kind)
    (tmp_path / "mirror/listing.txt").write_text("M003/audio.tar\nM003/video.tar\n")
    items = fetched(SOURCES["mead"], mirror, tmp_path / "raw")
    assert list(items.values()) == SOURCES["mead"].catalogue(tmp_path / "loose")
    assert missing(SOURCES["mead"], items.values(), tmp_path / "raw") == {}


def test_official_parts_come_over_http_and_are_read_as_one(mirror, tmp_path):
    (tmp_path / "mirror").mkdir()
    with zipfile.ZipFile(tmp_path / "whole.zip", "w") as archive:
        for number in range(5):
            archive.writestr(f"dev/mp4/id00012/-raOc3-IRsw/0000{number}.mp4", bytes([number]) * 900)
    content = (tmp_path / "whole.zip").read_bytes()
    for letter, start in zip("abcdef", range(0, len(content), 1000), strict=True):
        (tmp_path / f"mirror/vox2_dev_mp4_parta{letter}").write_bytes(content[start : start + 1000])
    names = sorted(path.name for path in (tmp_path / "mirror").iterdir())
    (tmp_path / "mirror/listing.txt").write_text("\n".join(names))
    items = fetched(SOURCES["voxceleb"], mirror, tmp_path / "raw")
    assert list(items) == [f"voxceleb/id00012/-raOc3-IRsw/0000{number}" for number in range(5)]
    assert missing(SOURCES["voxceleb"], items.values(), tmp_path / "raw") == {}
