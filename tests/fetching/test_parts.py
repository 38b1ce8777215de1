import io

import pytest
from hypothesis import given
from hypothesis import strategies as some

from speak.fetching.parts import PartsReader

MOVES = some.tuples(some.sampled_from((io.SEEK_SET, io.SEEK_CUR, io.SEEK_END)), some.integers(-60, 60))


@given(
    pieces=some.lists(some.binary(max_size=12), min_size=1, max_size=6),
    steps=some.lists(some.one_of(MOVES, some.integers(0, 40)), max_size=12),
)
def test_parts_read_as_the_whole_file_does(tmp_path_factory, pieces, steps):
    folder = tmp_path_factory.mktemp("parts")
    paths = [folder / str(index) for index in range(len(pieces))]
    for path, piece in zip(paths, pieces, strict=True):
        path.write_bytes(piece)
    (folder / "whole").write_bytes(b"".join(pieces))
    with io.BufferedReader(PartsReader(paths)) as parts, open(folder / "whole", "rb") as whole:
        for step in steps:
            if isinstance(step, int):
                assert parts.read(step) == whole.read(step)
                continue
            way, offset = step
            try:
                place = whole.seek(offset, way)
            except (OSError, ValueError) as error:
                with pytest.raises(type(error)):
                    parts.seek(offset, way)
            else:
                assert parts.seek(offset, way) == place
            assert parts.tell() == whole.tell()
