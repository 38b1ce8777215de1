"""Submissions are strangers' files: what fits is read, everything else is one line and exit code 2."""

import copy
import hashlib
import json

import pytest
from fake_scores import frame, row

from benchmarks.leaderboard.submission import CARD_BYTES, read_submission, read_submissions
from benchmarks.scores import SCHEMA
from speak.errors import UserError

CARD = {
    "name": "mine",
    "revision": "2026-11",
    "authors": ["Ada Example"],
    "notes": "First try.\nNothing special.",
    "links": {"code": "https://example.org/mine"},
    "trained_with": [],
    "training_data": {"datasets": ["mead"], "persons": None, "saw_test": False},
    "profile": "demo",
    "split": "b",
    "metrics": ["psnr-rgb8-meandb-v1"],
}


def write(folder, card=CARD, rows=None, **changes):
    """A submission's two files, with the right hash unless ``changes`` says otherwise; returns the card's path."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = folder / "mine" / "2026-11.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    table = pa.Table.from_pandas(frame(rows or [row("mine", "a1", 20.0)]), SCHEMA, preserve_index=False)
    pq.write_table(table.replace_schema_metadata(None), path.with_suffix(".parquet"))
    digest = hashlib.sha256(path.with_suffix(".parquet").read_bytes()).hexdigest()
    path.write_text(json.dumps({**card, "scores_sha256": digest, **changes}))
    return path


def test_a_submission_is_read_as_it_was_written(tmp_path):
    write(tmp_path)
    (found,) = read_submissions(tmp_path)
    assert (found.card.name, found.card.links.code, found.card.links.video) == ("mine", CARD["links"]["code"], None)
    assert found.scores["value"].tolist() == [20.0]
    assert read_submissions(tmp_path / "absent") == []


@pytest.mark.parametrize("place", [("name",), ("authors",), ("training_data", "saw_test"), ("trained_with",)])
def test_missing_and_unknown_keys_are_named(tmp_path, place):
    card = copy.deepcopy(CARD)
    inner = card if len(place) == 1 else card[place[0]]
    del inner[place[-1]]
    with pytest.raises(UserError, match=r"\.".join(place) + ": missing"):
        read_submission(write(tmp_path, card))
    inner.update({place[-1]: CARD[place[0]] if len(place) == 1 else False, "surprise": 1})
    with pytest.raises(UserError, match="surprise: unknown key"):
        read_submission(write(tmp_path, card))


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "../up"},
        {"name": ".hidden"},
        {"name": "a/b"},
        {"name": "x" * 65},
        {"name": "mine\n"},
        {"name": "<script>"},
        {"name": ""},
        {"name": 3},
        {"revision": "1\u202e2"},
        {"revision": ".."},
        {"authors": []},
        {"authors": ["\x1b[2J"]},
        {"authors": [" "]},
        {"authors": "Ada"},
        {"notes": "a\u2066b"},
        {"notes": "x" * 5000},
        {"notes": "\ud800"},
        {"links": {"code": "javascript:alert(1)"}},
        {"links": {"code": 'https://a.b/" onclick="x'}},
        {"links": {"code": "https://user:word@example.org/"}},
        {"links": {"code": "https://"}},
        {"links": {"code": "https://[::1/"}},
        {"links": {"home": "https://example.org"}},
        {"trained_with": ["sync\u0000conf"]},
        {"training_data": []},
        {"scores_sha256": "0" * 64},
    ],
)
def test_hostile_fields_are_refused_in_one_printable_line(tmp_path, changes):
    with pytest.raises(UserError) as caught:
        read_submission(write(tmp_path, **changes))
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"\xff\xfe",
        b'{"name": NaN}',
        b'{"name": "a", "name": "b"}',
        b'{"\\u001b[2J": 1}',
        b"[" * 20_000,
        b"1" * 6000,
        b'"' + b" " * CARD_BYTES + b'"',
    ],
)
def test_what_is_no_card_is_refused(tmp_path, content):
    path = write(tmp_path)
    path.write_bytes(content)
    with pytest.raises(UserError) as caught:
        read_submission(path)
    assert str(caught.value).isprintable()


def test_scores_that_are_absent_links_or_no_parquet_are_refused(tmp_path):
    path = write(tmp_path)
    scores = path.with_suffix(".parquet")
    elsewhere = tmp_path / "elsewhere.parquet"
    scores.rename(elsewhere)
    with pytest.raises(UserError, match="no such file"):
        read_submission(path)
    scores.symlink_to(elsewhere)
    with pytest.raises(UserError, match="no such file"):
        read_submission(path)
    scores.unlink()
    scores.write_bytes(b"PAR1 not quite PAR1")
    digest = hashlib.sha256(scores.read_bytes()).hexdigest()
    path.write_text(json.dumps({**CARD, "scores_sha256": digest}))
    with pytest.raises(UserError, match="not a readable score file"):
        read_submission(path)
