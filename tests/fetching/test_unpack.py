import io
import os
import signal
import stat
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from speak.fetching import unpack as unpacking
from speak.fetching.unpack import Limits, archives_under, note_of, parts_of, unpack
from speak.fetching.wanted import Blocked, Failed
from speak.sources import mead

CONTENT = {"video/front/happy/level_1/001.mp4": b"picture" * 50, "video/top/sad/level_3/-x#2.mp4": b"y" * 3000}


def tar(path, content, *infos):
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w") as archive:
        for name, data in content.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
        for info in infos:
            archive.addfile(info)
    return path


def zipped(path, content, compression=zipfile.ZIP_STORED):
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    return path


def tree(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    }


def hidden(folder):
    return [path.name for path in folder.rglob(".*")] if folder.is_dir() else []


@pytest.mark.parametrize("make", [lambda p: tar(p / "a.tar", CONTENT), lambda p: zipped(p / "a.zip", CONTENT)])
def test_what_is_in_comes_out(make, tmp_path):
    archive = make(tmp_path)
    unpack(archive, tmp_path / "out")
    assert tree(tmp_path / "out") == CONTENT
    assert hidden(tmp_path / "out") == [note_of(archive, tmp_path / "out").name]


def test_two_archives_share_a_folder(tmp_path):
    unpack(tar(tmp_path / "video.tar", {"video/1.mp4": b"v", "./readme": b"r"}), tmp_path)
    unpack(tar(tmp_path / "more.tar", {"video/2.mp4": b"w", "audio/1.m4a": b"a"}), tmp_path)
    unpacked = {name: data for name, data in tree(tmp_path).items() if not name.endswith(".tar")}
    assert unpacked == {"video/1.mp4": b"v", "video/2.mp4": b"w", "audio/1.m4a": b"a", "readme": b"r"}


def link(name, target, kind):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


@pytest.mark.parametrize(
    ("content", "infos"),
    [
        ({"../outside.mp4": b"x"}, ()),
        ({"a/../../outside.mp4": b"x"}, ()),
        ({"/tmp/outside.mp4": b"x"}, ()),
        ({"a\\..\\..\\outside.mp4": b"x"}, ()),
        ({}, (link("a", "/etc", tarfile.SYMTYPE),)),
        ({}, (link("a", "inside", tarfile.SYMTYPE),)),
        ({"b": b"x"}, (link("a", "b", tarfile.LNKTYPE),)),
        ({}, (link("a", "", tarfile.CHRTYPE),)),
        ({}, (link("a", "", tarfile.FIFOTYPE),)),
        ({"bad.tar": b"x"}, ()),
    ],
)
def test_unsafe_tars_leave_nothing(content, infos, tmp_path):
    archive = tar(tmp_path / "in/bad.tar", {"good.mp4": b"good"} | content, *infos)
    with pytest.raises(Blocked, match="unsafe archive"):
        unpack(archive, tmp_path / "in/out")
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["bad.tar", "in", "out"]


@pytest.mark.parametrize("name", ["../outside.mp4", "/tmp/outside.mp4", "a/../../x"])
def test_unsafe_zips_leave_nothing(name, tmp_path):
    archive = zipped(tmp_path / "in/bad.zip", {"good.mp4": b"good", name: b"x"})
    with pytest.raises(Blocked, match="leads out of the folder"):
        unpack(archive, tmp_path / "in/out")
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["bad.zip", "in", "out"]


def test_a_link_in_a_zip_is_refused(tmp_path):
    info = zipfile.ZipInfo("a")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "bad.zip", "w") as archive:
        archive.writestr(info, "/etc/passwd")
    with pytest.raises(Blocked, match="'a' is a link"):
        unpack(tmp_path / "bad.zip", tmp_path / "out")


def test_bombs_are_refused(tmp_path):
    bomb = zipped(tmp_path / "bomb.zip", {"a.txt": bytes(10_000_000)}, zipfile.ZIP_DEFLATED)
    assert bomb.stat().st_size < 20_000
    with pytest.raises(Blocked, match="unpacks to more than"):
        unpack(bomb, tmp_path / "out")
    with pytest.raises(Blocked, match="more than 1000 bytes"):
        unpack(tar(tmp_path / "big.tar", CONTENT), tmp_path / "out", Limits(total_bytes=1000))
    assert tree(tmp_path / "out") == {}
    unpack(bomb, tmp_path / "out", Limits(ratio=2000))
    assert tree(tmp_path / "out") == {"a.txt": bytes(10_000_000)}


def test_an_archive_of_nothing_is_nothing(tmp_path):
    for archive in (tar(tmp_path / "a.tar", {}), zipped(tmp_path / "a.zip", {})):
        unpack(archive, tmp_path / "out")
    assert tree(tmp_path / "out") == {}


@pytest.mark.parametrize("content", [b"", b"x", b"PK\x05\x06"])
def test_too_short_to_be_an_archive(content, tmp_path):
    for name in ("a.tar", "a.zip", "a_partaa"):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(Failed, match="cannot be unpacked"):
            unpack(tmp_path / name, tmp_path / "out")


@pytest.mark.parametrize("kept", [0.02, 0.3, 0.5, 0.7])
@pytest.mark.parametrize("kind", ["tar", "zip"])
def test_an_archive_that_ends_early_leaves_nothing(kept, kind, tmp_path):
    make = {"tar": tar, "zip": zipped}[kind]
    archive = make(tmp_path / f"a.{kind}", CONTENT | {"last": os.urandom(9000)})
    content = archive.read_bytes()
    archive.write_bytes(content[: int(kept * len(content))])
    with pytest.raises(Failed, match=r"a\.(tar|zip) cannot be unpacked"):
        unpack(archive, tmp_path / "out")
    assert tree(tmp_path / "out") == {}
    assert hidden(tmp_path / "out") == []


def test_a_tar_that_was_cut_between_two_files_is_not_taken_for_whole(tmp_path):
    archive = tar(tmp_path / "a.tar", {"1": bytes([1]) * 512, "2": bytes([2]) * 512})
    archive.write_bytes(archive.read_bytes()[:1024])
    with pytest.raises(Failed, match="ends too early"):
        unpack(archive, tmp_path / "out")


def test_other_things_under_the_name_are_damage(tmp_path):
    for name in ("a.tar", "a.zip"):
        (tmp_path / name).write_bytes(b"<html>Sorry</html>" * 200)
        with pytest.raises(Failed, match="cannot be unpacked"):
            unpack(tmp_path / name, tmp_path / "out")


def test_a_flipped_byte_in_a_zip_is_damage(tmp_path):
    archive = zipped(tmp_path / "a.zip", {"a": b"x" * 5000})
    content = bytearray(archive.read_bytes())
    content[2000] ^= 1
    archive.write_bytes(content)
    with pytest.raises(Failed, match="Bad CRC"):
        unpack(archive, tmp_path / "out")


def test_done_is_done_until_the_archive_changes(tmp_path):
    archive = tar(tmp_path / "a.tar", {"x": b"old"})
    unpack(archive, tmp_path / "out")
    (tmp_path / "out/x").write_bytes(b"mine")
    unpack(archive, tmp_path / "out")
    assert tree(tmp_path / "out") == {"x": b"mine"}
    tar(archive, {"x": b"newer"})
    unpack(archive, tmp_path / "out")
    assert tree(tmp_path / "out") == {"x": b"newer"}


@pytest.fixture
def split(tmp_path):
    """A zip archive of 40 kB in parts of 7 kB; boundaries fall anywhere."""
    whole = zipped(tmp_path / "whole.zip", {f"dev/mp4/{k}.mp4": os.urandom(2000) for k in range(20)}).read_bytes()
    for k, start in enumerate(range(0, len(whole), 7000)):
        (tmp_path / f"vox2_dev_mp4_parta{chr(ord('a') + k)}").write_bytes(whole[start : start + 7000])
    return tmp_path / "vox2_dev_mp4_partaa"


def test_parts_are_read_as_one(split, tmp_path):
    unpack(split, tmp_path / "parts")
    unpack(tmp_path / "whole.zip", tmp_path / "whole")
    assert tree(tmp_path / "parts") == tree(tmp_path / "whole")
    assert len(tree(tmp_path / "parts")) == 20


def test_missing_parts_are_named(split, tmp_path):
    parts = parts_of(split)
    parts[2].rename(tmp_path / "elsewhere")
    with pytest.raises(Failed, match="vox2_dev_mp4_partac is missing"):
        unpack(split, tmp_path / "out")
    (tmp_path / "elsewhere").rename(parts[2])
    parts[-1].unlink()
    with pytest.raises(Failed, match=rf"parts vox2_dev_mp4_partaa to {parts[-2].name}; are there more"):
        unpack(split, tmp_path / "out")
    assert tree(tmp_path / "out") == {}


def test_a_killed_unpacking_leaves_nothing_half_and_is_gone_on_with(tmp_path):
    archive = tar(tmp_path / "a.tar", {f"{k}.mp4": bytes([k]) * 10_000 for k in range(100)})
    code = (
        "import os, signal; from pathlib import Path; from speak.fetching import unpack as u\n"
        "stop = u._merge\n"
        "u._merge = lambda *a: os.kill(os.getpid(), signal.SIGKILL)\n"
        f"u.unpack(Path({str(archive)!r}), Path({str(tmp_path / 'out')!r}))"
    )
    root = Path(unpacking.__file__).parents[2]
    killed = subprocess.run([sys.executable, "-c", code], env=os.environ | {"PYTHONPATH": str(root)}, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert tree(tmp_path / "out") == {}
    assert not note_of(archive, tmp_path / "out").exists()
    unpack(archive, tmp_path / "out")
    assert len(tree(tmp_path / "out")) == 100
    assert hidden(tmp_path / "out") == [".a.tar.unpacked"]


def test_one_killed_while_moving_is_not_taken_for_done(tmp_path):
    archive = tar(tmp_path / "M003/video.tar", {f"video/front/sad/level_1/00{k}.mp4": b"x" for k in range(5)})
    (tmp_path / "M003/video/front/sad/level_1").mkdir(parents=True)  # so that files are moved one by one
    code = (
        "import os, signal; from pathlib import Path; from speak.fetching import unpack as u\n"
        "moved, replace = [], os.replace\n"
        "def stop(*names):\n"
        "    moved.append(names) if len(moved) < 2 else os.kill(os.getpid(), signal.SIGKILL)\n"
        "    replace(*names)\n"
        "os.replace = stop\n"
        f"u.unpack(Path({str(archive)!r}), Path({str(archive.parent)!r}))"
    )
    root = Path(unpacking.__file__).parents[2]
    subprocess.run([sys.executable, "-c", code], env=os.environ | {"PYTHONPATH": str(root)}, check=False)
    assert len(list(tmp_path.rglob("level_1/*.mp4"))) == 5  # some moved, some not
    items = {item.item_id for item in mead.catalogue(tmp_path)}
    assert "mead/M003/video.tar" in items
    assert len(items) == 3
    unpack(archive, archive.parent)
    assert len(mead.catalogue(tmp_path)) == 5


def test_a_name_that_is_taken_is_said_so(tmp_path):
    (tmp_path / "video").write_bytes(b"a file")
    with pytest.raises(Failed, match="needs the name video"):
        unpack(tar(tmp_path / "a.tar", CONTENT), tmp_path)
    with pytest.raises(Failed, match="cannot be unpacked"):
        unpack(tar(tmp_path / "b.tar", {"x": b"1", "x/y": b"2"}), tmp_path)


def test_all_archives_under_a_folder(tmp_path, capsys, monkeypatch):
    tar(tmp_path / "M003/video.tar", {"video/front/happy/level_1/001.mp4": b"x"})
    (tmp_path / "M005").mkdir()
    (tmp_path / "M005/video.tar").write_bytes(b"half")
    (tmp_path / "M003/.hidden.tar").write_bytes(b"half")
    assert [path.parent.name for path in archives_under(tmp_path)] == ["M003", "M005"]
    monkeypatch.setattr(sys, "argv", ["unpack", str(tmp_path)])
    with pytest.raises(SystemExit) as ended:
        unpacking.main()
    assert ended.value.code == 2
    assert "M005/video.tar cannot" not in capsys.readouterr().out
    assert (tmp_path / "M003/video/front/happy/level_1/001.mp4").read_bytes() == b"x"
    monkeypatch.setattr(sys, "argv", ["unpack", str(tmp_path / "nowhere")])
    with pytest.raises(SystemExit) as ended:
        unpacking.main()
    assert ended.value.code == 2
    assert "no such folder" in capsys.readouterr().err
