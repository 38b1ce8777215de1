"""Files appear whole or not at all."""

import hashlib

import pytest

from speak.files import atomic_path, sha256_of, write_text


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "table.csv"
    write_text(path, "old")
    with pytest.raises(RuntimeError, match="stop"), atomic_path(path) as temporary:
        temporary.write_text("half of the n")
        raise RuntimeError("stop")
    assert path.read_text() == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["table.csv"]


def test_temporary_name_keeps_the_suffix_and_the_folder(tmp_path):
    path = tmp_path / "deep" / "clip.mp4"
    with atomic_path(path) as temporary:
        assert temporary.suffix == ".mp4"
        assert temporary.parent == path.parent
        assert not path.exists()
        temporary.write_bytes(b"x")
    assert path.read_bytes() == b"x"


def test_sha256_agrees_with_hashlib_over_several_blocks(tmp_path):
    content = bytes(range(256)) * 10_000
    (tmp_path / "f").write_bytes(content)
    assert sha256_of(tmp_path / "f") == hashlib.sha256(content).hexdigest()
