import os

import pytest

from speak.errors import UserError
from speak.files import stays_inside
from speak.sources import FetchError, folder
from speak.sources.tree import LISTING, address_in, copy_tables, fetch, files_of, mirrored


@pytest.fixture
def mirror(tmp_path):
    (tmp_path / "mirror/a").mkdir(parents=True)
    (tmp_path / "mirror/a/1.mp4").write_bytes(b"moving pictures")
    (tmp_path / "mirror/a/1.wav").write_bytes(b"sound")
    (tmp_path / "mirror/.hidden").mkdir()
    (tmp_path / "mirror/.hidden/2.mp4").write_bytes(b"not data")
    return tmp_path / "mirror"


def test_fetch_copies_video_and_sound(make, mirror, tmp_path):
    fetch(make(video="a/1.mp4", audio="a/1.wav"), mirror, tmp_path / "raw")
    assert (tmp_path / "raw/a/1.mp4").read_bytes() == b"moving pictures"
    assert (tmp_path / "raw/a/1.wav").read_bytes() == b"sound"
    assert sorted(path.name for path in (tmp_path / "raw/a").iterdir()) == ["1.mp4", "1.wav"]


def test_fetch_replaces_a_torn_file_and_keeps_a_whole_one(make, mirror, tmp_path):
    target = tmp_path / "raw/a/1.mp4"
    target.parent.mkdir(parents=True)
    target.write_bytes(b"moving pic")
    fetch(make(video="a/1.mp4"), mirror, tmp_path / "raw")
    assert target.read_bytes() == b"moving pictures"
    before = target.stat().st_ino
    fetch(make(video="a/1.mp4"), mirror, tmp_path / "raw")
    assert target.stat().st_ino == before


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "missing: x.flv is not at the origin"),
        (b"", "empty: x.flv has 0 bytes"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n", "needs git-lfs: x.flv"),
    ],
)
def test_fetch_says_why_not(make, mirror, tmp_path, content, reason):
    if content is not None:
        (mirror / "x.flv").write_bytes(content)
    with pytest.raises(FetchError, match=reason):
        fetch(make(video="x.flv"), mirror, tmp_path / "raw")
    assert not (tmp_path / "raw/x.flv").exists()


def test_a_real_lfs_pointer_is_recognised(make, realdata, tmp_path):
    item = make(video="VideoFlash/1001_DFA_ANG_XX.flv")
    with pytest.raises(FetchError, match="needs git-lfs"):
        fetch(item, realdata / "cremad_lfs_pointers", tmp_path)


@pytest.mark.parametrize("path", ["../x.mp4", "/etc/passwd", "a/../../x.mp4", "", "a\\..\\x.mp4"])
def test_paths_cannot_leave_the_root(make, mirror, tmp_path, path):
    assert not stays_inside(path)
    if path:
        with pytest.raises(FetchError, match="unsafe path"):
            fetch(make(video=path), mirror, tmp_path / "raw")


@pytest.mark.parametrize("path", ["a/1.mp4", "id1/-x_..y/b#00001#3-4.mp4", "..a/b"])
def test_odd_names_are_no_danger(path):
    assert stays_inside(path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every file")
def test_an_unreadable_file_is_a_reason(make, mirror, tmp_path):
    (mirror / "a/1.mp4").chmod(0)
    with pytest.raises(FetchError, match="Permission denied"):
        fetch(make(video="a/1.mp4"), mirror, tmp_path / "raw")


def test_the_listing_stands_for_the_tree(mirror, tmp_path):
    raw = tmp_path / "raw"
    copy_tables(mirror, raw, [])
    assert files_of(raw) == files_of(mirror) == ["a/1.mp4", "a/1.wav"]
    again = tmp_path / "again"
    copy_tables(raw, again, [])
    assert files_of(again) == files_of(mirror)
    (raw / "a").mkdir()
    (raw / "a/2.mp4").write_bytes(b"unpacked since")
    assert files_of(raw) == ["a/1.mp4", "a/1.wav", "a/2.mp4"]
    (raw / LISTING).write_text("../../secret.mp4\n")
    with pytest.raises(UserError, match="leads out of"):
        folder.catalogue(raw)


def test_a_missing_root_is_one_clear_line(tmp_path):
    with pytest.raises(UserError, match="no such folder"):
        files_of(tmp_path / "nowhere")


def test_addresses_escape_what_urls_do_not_hold():
    address = address_in("http://127.0.0.1:8000/mirror/", "id1/-x_y/chunk videos/-x_y#00001#3-4.mp4")
    assert address == "http://127.0.0.1:8000/mirror/id1/-x_y/chunk%20videos/-x_y%2300001%233-4.mp4"


def test_a_mirror_offers_what_its_listing_names(tmp_path):
    lines = ("./a/1.mp4", "notes.txt", "M003/video.tar", "dev_parta", "dev_partaa", "dev_partab", "b.zip", "")
    (tmp_path / LISTING).write_text("\n".join(lines))
    wanted = mirrored(tmp_path, "http://host/x", lambda path: path.endswith(".mp4"))
    kinds = {one.path: one.archive for one in wanted}
    assert kinds == {"a/1.mp4": None, "M003/video.tar": "tar", "dev_partaa": "zip", "dev_partab": None, "b.zip": "zip"}
    assert {one.way for one in wanted} == {"http"}
    assert wanted[0].address == "http://host/x/a/1.mp4"
