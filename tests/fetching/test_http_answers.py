"""Answers that are no file: gone, blocked, to be tried again, a web page, nothing, silence."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from loopback import drips, hangs, network, says, status
from one_film import left_over

from speak.fetching.http import download
from speak.fetching.wanted import Blocked, Failed, Gone, Wanted


@pytest.mark.parametrize("code", [404, 410])
def test_what_is_gone(film, server, code):
    server.faults["a/film.mp4"] = [status(code)]
    with pytest.raises(Gone, match=f"the server answered {code}"):
        film()


@pytest.mark.parametrize("code", [400, 401, 403, 451])
def test_what_is_blocked(film, server, code):
    server.faults["a/film.mp4"] = [status(code)]
    with pytest.raises(Blocked, match=f"the server answered {code}"):
        film()


@pytest.mark.parametrize("code", [408, 429, 500, 502, 503, 599])
def test_what_may_pass(film, server, code):
    server.faults["a/film.mp4"] = [status(code)]
    with pytest.raises(Failed, match=f"the server answered {code}") as caught:
        film()
    assert caught.value.after_s is None


@pytest.mark.parametrize("code", [403, 429, 503])
def test_a_pause_that_is_asked_for(film, server, code):
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=100), usegmt=True)
    server.faults["a/film.mp4"] = [status(code, Retry_After=text) for text in ("7", soon, "whenever")]
    with pytest.raises(Failed) as caught:
        film()
    assert caught.value.after_s == 7
    with pytest.raises(Failed) as caught:
        film()
    assert 60 < caught.value.after_s <= 100
    with pytest.raises(Blocked if code == 403 else Failed):
        film()


PAGE = b"\xef\xbb\xbf  <!DOCTYPE html><html><title>Sign in</title></html>"


@pytest.mark.parametrize("kind", ["text/html; charset=utf-8", "video/mp4"])
def test_a_web_page_in_place_of_a_video(film, server, kind):
    server.faults["a/film.mp4"] = [says(PAGE, Content_Type=kind)]
    with pytest.raises(Blocked, match="web page"):
        film()
    assert left_over(film) == []


def test_nothing_at_all(film, server):
    server.faults["a/film.mp4"] = [says(b"")]
    with pytest.raises(Failed, match="0 bytes"):
        film()


@pytest.mark.parametrize("fault, reason", [(hangs, "no answer within"), (drips, "slower than 1000 bytes a second")])
def test_silence_is_not_waited_for(server, tmp_path, fault, reason):
    server.faults["film.mp4"] = [fault]
    wanted = Wanted(path="film.mp4", address=server.address("film.mp4"), way="http")
    with pytest.raises(Failed, match=reason):
        download(wanted, tmp_path / "film.mp4", network(timeout_s=0.3, slowest_bytes_s=1000.0))
