"""One file from a server that misbehaves: the right bytes, or a reason of the right kind."""

import json
from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from loopback import says, status, stops_after
from one_film import CONTENT, HALF, SHA256, left_over

from speak.fetching.http import partial_of
from speak.fetching.wanted import Blocked, Failed


def test_the_bytes_as_they_are_and_nothing_beside_them(film, server):
    assert film(num_bytes=len(CONTENT), sha256=SHA256.upper()).read_bytes() == CONTENT
    assert left_over(film) == ["film.mp4"]
    assert server.asked == [("a/film.mp4", None)]


@pytest.mark.parametrize("reset", [False, True])
def test_a_dropped_connection_is_gone_on_with(film, server, reset):
    server.faults["a/film.mp4"] = [stops_after(HALF, reset=reset)]
    with pytest.raises(Failed, match="the connection broke") as caught:
        film()
    assert caught.value.after_s is None
    assert not film.target.exists()
    arrived = partial_of(film.target).stat().st_size
    assert 0 < arrived <= HALF
    assert film(sha256=SHA256).read_bytes() == CONTENT
    assert server.asked[1] == ("a/film.mp4", f"bytes={arrived}-")
    assert left_over(film) == ["film.mp4"]


def test_a_server_that_ignores_ranges_sends_all_of_it_again(film, server):
    server.faults["a/film.mp4"], server.ignore_ranges = [stops_after(HALF)], True
    with pytest.raises(Failed):
        film()
    assert film().read_bytes() == CONTENT


def test_a_file_without_a_version_is_not_continued(film, server):
    server.versions.clear()
    server.faults["a/film.mp4"] = [stops_after(HALF)]
    with pytest.raises(Failed):
        film()
    assert film().read_bytes() == CONTENT
    assert server.asked[1] == ("a/film.mp4", None)


@pytest.mark.parametrize("weak", ['W/"one"', "Last-Modified"])
def test_only_a_strong_version_is_trusted(film, server, weak):
    """A weak ETag says that two files mean the same, not that they are the same bytes; a date may stand in for it."""
    date = format_datetime(datetime(2020, 1, 1, tzinfo=UTC), usegmt=True)
    headers = {"ETag": weak} if weak.startswith("W/") else {"Last_Modified": date}
    server.faults["a/film.mp4"] = [says(CONTENT[:HALF], Content_Length=str(len(CONTENT)), **headers)]
    with pytest.raises(Failed):
        film()
    server.faults["a/film.mp4"] = [
        lambda handler: handler.answer(200, handler.headers.get("If-Range", "no condition").encode())
    ]
    assert film().read_bytes().decode() == ("no condition" if weak.startswith("W/") else date)


def test_a_file_that_changes_between_tries_is_never_glued(film, server):
    server.faults["a/film.mp4"] = [stops_after(HALF)]
    with pytest.raises(Failed):
        film()
    server.files["a/film.mp4"], server.versions["a/film.mp4"] = CONTENT[::-1], '"two"'
    assert film().read_bytes() == CONTENT[::-1]


@pytest.mark.parametrize("lie", ["version", "length", "start"])
def test_a_part_of_something_else_is_refused_and_all_of_it_asked_for_again(film, server, lie):
    """Servers that ignore If-Range, or answer with another range than the one asked for."""
    server.faults["a/film.mp4"] = [stops_after(HALF)]
    with pytest.raises(Failed):
        film()
    held = partial_of(film.target).stat().st_size
    start, total = held + (lie == "start"), len(CONTENT) + (lie == "length")
    headers = {"ETag": '"two"' if lie == "version" else '"one"', "Content-Range": f"bytes {start}-{total - 1}/{total}"}
    server.faults["a/film.mp4"] = [lambda handler: handler.answer(206, CONTENT[start:], headers)]
    with pytest.raises(Failed, match="another part" if lie == "start" else "changed at the server"):
        film()
    assert left_over(film) == []
    assert film().read_bytes() == CONTENT


def test_a_part_that_ends_early_is_not_taken_for_the_end(film, server):
    server.faults["a/film.mp4"] = [stops_after(1000)]
    with pytest.raises(Failed):
        film()
    held = partial_of(film.target).stat().st_size
    headers = {"ETag": '"one"', "Content-Range": f"bytes {held}-{held + 99}/{len(CONTENT)}"}
    server.faults["a/film.mp4"] = [lambda handler: handler.answer(206, CONTENT[held : held + 100], headers)]
    with pytest.raises(Failed, match=f"{held + 100} of {len(CONTENT)} bytes came"):
        film()
    assert film().read_bytes() == CONTENT


def test_all_bytes_but_not_renamed_are_not_asked_for_again(film, server):
    """Killed between the last byte and the new name."""
    partial = partial_of(film.target)
    partial.parent.mkdir(parents=True)
    partial.write_bytes(CONTENT)
    note = {"total_bytes": len(CONTENT), "validator": '"one"'}
    partial.with_name(".film.mp4.resume").write_text(json.dumps(note))
    assert film(sha256=SHA256).read_bytes() == CONTENT
    assert server.asked == []


def test_a_note_that_was_cut_short_is_none(film, server):
    server.faults["a/film.mp4"] = [stops_after(HALF)]
    with pytest.raises(Failed):
        film()
    note = film.target.with_name(".film.mp4.resume")
    note.write_text(note.read_text()[:-1])
    assert film().read_bytes() == CONTENT
    assert server.asked[1] == ("a/film.mp4", None)
    assert left_over(film) == ["film.mp4"]


def test_more_held_than_the_server_has(film, server):
    partial = partial_of(film.target)
    partial.parent.mkdir(parents=True)
    partial.write_bytes(CONTENT + b"more")
    partial.with_name(".film.mp4.resume").write_text(json.dumps({"total_bytes": None, "validator": '"one"'}))
    with pytest.raises(Failed, match="416"):
        film()
    assert film().read_bytes() == CONTENT


@pytest.mark.parametrize("stated, reason", [(HALF, f"{len(CONTENT)} bytes, the dataset states {HALF}")])
def test_another_size_than_the_dataset_states(film, server, stated, reason):
    with pytest.raises(Failed, match=reason):
        film(num_bytes=stated)
    assert not film.target.exists()


def test_a_server_that_states_no_length(film, server):
    """The end of the connection is the end of the file, for what it is worth; a size or a hash tells."""

    def unstated(content: bytes):
        def fault(handler):
            handler.send_response(200)
            handler.end_headers()
            handler.wfile.write(content)

        return fault

    server.faults["a/film.mp4"] = [unstated(CONTENT[:HALF]), unstated(CONTENT + b"x"), unstated(CONTENT)]
    with pytest.raises(Failed, match=f"{HALF} bytes came, the dataset states {len(CONTENT)}"):
        film(num_bytes=len(CONTENT))
    with pytest.raises(Failed, match="longer than"):
        film(num_bytes=len(CONTENT))
    assert film(num_bytes=len(CONTENT)).read_bytes() == CONTENT


@pytest.mark.parametrize("stated", [len(CONTENT) + 1, HALF])
def test_a_server_that_lies_about_the_length(film, server, stated):
    """Too long: the connection ends early. Too short: the rest never reaches us, so only the hash can tell."""
    server.faults["a/film.mp4"] = [says(CONTENT, Content_Length=str(stated))]
    with pytest.raises(Failed, match="connection broke" if stated > HALF else "wrong content"):
        film(sha256=SHA256)
    assert not film.target.exists()


def test_wrong_bytes_are_thrown_away(film, server):
    server.files["a/film.mp4"] = CONTENT[::-1]
    with pytest.raises(Failed, match="wrong content: sha256"):
        film(sha256=SHA256)
    assert left_over(film) == []


def test_chunks_that_end_early(film, server):
    def fault(handler):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")

    server.faults["a/film.mp4"] = [fault]
    with pytest.raises(Failed, match="connection broke"):
        film()


def test_redirects(film, server):
    server.faults["old.mp4"] = [status(302, Location="/a/film.mp4")]
    assert film(server.address("old.mp4")).read_bytes() == CONTENT


@pytest.mark.parametrize("elsewhere", ["file:///etc/passwd", "ftp://127.0.0.1/film.mp4", "/round"])
def test_redirects_that_lead_nowhere_good(film, server, elsewhere):
    server.faults["round"] = [status(302, Location=elsewhere)] * 50
    with pytest.raises(Failed if elsewhere == "/round" else Blocked, match="redirect"):
        film(server.address("round"))
    assert server.times("round") <= 12
    assert not film.target.exists()


@pytest.mark.parametrize("address", ["file:///etc/passwd", "ftp://127.0.0.1/x", "film.mp4", "http://", "http://[::1"])
def test_addresses_that_are_not_for_us(film, address):
    with pytest.raises(Blocked, match="not one of http"):
        film(address)


def test_nobody_there_and_no_secret_told(film):
    """The reason never comes from a library, whose messages hold whole addresses."""
    with pytest.raises(Failed) as caught:
        film("http://user:secret@127.0.0.1:9/film.mp4?token=secret")
    assert str(caught.value) == "the connection broke: Connection refused"


def test_a_full_disk_is_the_disks_error(film, server, monkeypatch):
    """Not taken for the network's, whose errors are OSErrors as well."""

    def full(*_: object):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("speak.fetching.http._note", full)
    with pytest.raises(OSError) as caught:
        film()
    assert caught.value.errno == 28
