"""A session goes one way; what does not fit is refused with a clear status, stores nothing, and is logged."""

import http.client
import logging
import threading
from urllib.parse import quote

import pytest
import requests
from made_study import GOOD, Client, first_link, serving, tiny_study

from benchmarks.study.questions import QUESTIONS

EVIL = "<script>alert(1)</script>'\"; DROP TABLE ratings; --\u202e\r\nSet-Cookie: a=b"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("http") / "study"
    return folder, tiny_study(folder)


@pytest.fixture
def refusals(caplog):
    caplog.set_level(logging.WARNING, logger="speak.study")
    return caplog


@pytest.fixture
def begun(served):
    """The first participant at the first item: client, store, design, position and video."""
    store, links, design = served
    client = Client(links["p01"])
    client.begin(design)
    return client, store, design, *client.current()


def test_a_whole_session(served):
    store, links, design = served
    client = Client(links["p02"])
    assert "Before you begin" in client.page()
    client.begin(design)
    for expected, step in enumerate(design.sequences["p02"], start=1):
        position, video = client.current()
        assert (position, video) == (expected, step.item)
        assert client.rate(position, video).json() == {"stored": True}
    assert "Thank you" in client.page() and client.current() is None
    assert len(store.ratings()) == 3 * len(design.sequences["p02"])


def test_each_visit_by_the_link_is_a_session_of_its_own(begun):
    client, store, _, position, video = begun
    client.rate(position, video)
    client.http.get(client.link)
    client.rate(*client.current())
    assert len({row["session"] for row in store.ratings()}) == 2


def test_a_replayed_request_stores_one_rating(begun):
    client, store, _, position, video = begun
    assert client.rate(position, video).json() == {"stored": True}
    for _ in range(3):
        again = client.rate(position, video)
        assert (again.status_code, again.json()) == (200, {"stored": False})
    assert len(store.ratings()) == len(QUESTIONS)


def test_a_double_click_stores_one_rating(begun):
    client, store, _, position, video = begun
    gate, replies = threading.Barrier(6), []

    def click():
        gate.wait()
        replies.append(Client(client.link).rate(position, video))

    threads = [threading.Thread(target=click) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [reply.status_code for reply in replies] == [200] * 6
    assert sum(reply.json()["stored"] for reply in replies) == 1 and len(store.ratings()) == len(QUESTIONS)


def test_answers_cannot_be_changed(begun, refusals):
    client, store, _, position, video = begun
    client.rate(position, video)
    reply = client.rate(position, video, dict.fromkeys(QUESTIONS, 1))
    assert reply.status_code == 409 and "cannot be changed" in reply.json()["error"]
    assert {row["score"] for row in store.ratings()} == {4}
    assert "refused 409: POST /study/{token}/rating of p01" in refusals.text


def test_a_video_that_was_not_watched_cannot_be_rated(tmp_path, refusals):
    design = tiny_study(tmp_path / "study", seconds=5.0, min_watched_share=0.95, participants=1)
    with serving(tmp_path / "study") as (store, links):
        client = Client(links["p01"])
        client.begin(design)
        reply = client.rate(*client.current())
        assert reply.status_code == 409 and "watched to its end" in reply.json()["error"]
        assert store.ratings() == [] and "refused 409" in refusals.text


def test_nobody_gets_ahead(served, refusals):
    store, links, design = served
    client, steps = Client(links["p01"]), design.sequences["p01"]
    assert client.rate(1, steps[0].item).status_code == 403  # no consent
    assert client.post("instructions", {}).status_code == 409
    client.begin(design)
    assert client.rate(1, steps[0].item).status_code == 409  # never shown
    client.page()
    assert client.rate(2, steps[1].item).status_code == 409
    assert store.ratings() == [] and refusals.text.count("refused") == 4


@pytest.mark.parametrize("token", ["nobody", "a" * 43, quote(EVIL, safe=""), "%2e%2e", "..%2f..%2fdesign.json"])
def test_a_guessed_token_opens_nothing(served, refusals, token):
    store, links, _ = served
    origin = first_link(links).split("/study/")[0]
    for area in ("study", "experimenter"):
        reply = requests.get(f"{origin}/{area}/{token}", timeout=30)
        assert reply.status_code == 404 and "script>alert" not in reply.text and token not in reply.text
    client = Client(f"{origin}/study/{token}")
    assert client.post("consent", {}).status_code == 404 and client.rate(1, "x").status_code == 404
    assert store.ratings() == [] and "refused 404" in refusals.text and token not in refusals.text


def test_tokens_open_only_their_own_doors(served, refusals):
    _, links, _ = served
    origin, secret = links["experimenter"].split("/experimenter/")
    for link in (f"{origin}/study/{secret}", links["p01"].replace("/study/", "/experimenter/")):
        assert requests.get(link, timeout=30).status_code == 404
        assert requests.get(f"{link}/ratings.csv", timeout=30).status_code == 404
    assert secret not in refusals.text and links["p01"].rsplit("/", 1)[1] not in refusals.text


def test_another_participants_video_cannot_be_rated_or_seen(begun, served, refusals):
    client, store, design, position, video = begun
    foreign = next(item.name for item in design.items if item.name != design.sequences["p01"][position - 1].item)
    assert client.rate(position, foreign).status_code == 403
    assert client.http.get(f"{client.link}/video/{foreign}").status_code == 404
    other = Client(served[1]["p02"])
    assert other.rate(position, video).status_code == 403  # before consent, and not theirs
    other.begin(design)
    other.page()
    reply = other.rate(position + 1, video)
    assert reply.status_code == 403 or design.sequences["p02"][position].item == video
    assert store.ratings() == [] and "refused 403" in refusals.text and "refused 404" in refusals.text


@pytest.mark.parametrize("score", [0, 6, -1, 3.5, "3", "", None, True, [3], EVIL, 10**30])
def test_only_scores_from_one_to_five_count(begun, refusals, score):
    client, store, _, position, video = begun
    reply = client.rate(position, video, GOOD | {"lip_sync": score})
    assert reply.status_code == 422 and store.ratings() == [] and "refused 422" in refusals.text


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        {"position": 1},
        {"position": EVIL, "video": EVIL, "scores": EVIL},
        {"position": 1, "video": EVIL, "scores": GOOD},
        {"position": 10**18, "video": "x", "scores": GOOD},
        {"position": -1, "video": "x", "scores": GOOD},
        {"position": 1, "video": "x", "scores": {EVIL: 3}},
        {"position": 1, "video": "x", "scores": GOOD, "participant": "p02"},
        {"position": 1, "video": "x", "scores": {"lip_sync": 3}},
    ],
)
def test_hostile_and_broken_posts_are_refused(begun, refusals, body):
    client, store, *_ = begun
    reply = client.post("rating", body)
    assert reply.status_code in (403, 422) and set(reply.json()) == {"error"}
    assert store.ratings() == [] and "refused" in refusals.text and "DROP" not in refusals.text + reply.text


def test_posts_that_are_no_json_or_too_long_are_refused(begun, refusals):
    client, store, *_ = begun
    headers = {"Origin": client.origin}
    form = client.http.post(f"{client.link}/rating", data={"position": 1}, headers=headers)
    assert form.status_code == 415
    assert client.post("rating", {"position": 1, "video": "x" * 10_000, "scores": GOOD}).status_code == 413
    headers["Content-Type"] = "application/json"
    assert client.http.post(f"{client.link}/rating", data=iter([b"{}"]), headers=headers).status_code == 411
    assert client.http.post(f"{client.link}/rating", data="{", headers=headers).status_code == 422
    assert client.http.put(f"{client.link}/rating", json={}, headers=headers).status_code == 405
    assert store.ratings() == [] and refusals.text.count("refused") == 5


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1", ""])
def test_a_post_from_another_site_is_refused(begun, refusals, origin):
    client, store, _, position, video = begun
    reply = client.rate(position, video, Origin=origin)
    assert reply.status_code == 403 and "own pages" in reply.json()["error"]
    assert store.ratings() == [] and "refused 403" in refusals.text


@pytest.mark.parametrize(
    "name",
    [
        "../design.json",
        "..%2fdesign.json",
        "%2e%2e/design.json",
        "..%5cdesign.json",
        "/etc/passwd",
        "%2fetc%2fpasswd",
        ".",
        "x%00",
    ],
)
def test_videos_cannot_be_used_to_walk_the_disk(begun, refusals, name):
    client, *_ = begun
    host, path = client.link.removeprefix("http://").split("/", 1)
    link = http.client.HTTPConnection(host, timeout=30)
    link.request("GET", f"/{path}/video/{name}")
    reply = link.getresponse()
    body = reply.read()
    assert reply.status == 404 and b"sequences" not in body and b"root:" not in body and "refused 404" in refusals.text
    link.close()


def test_static_files_are_only_those_named(begun):
    client, *_ = begun
    for name in ("study.css", "page.css", "session.js", "experimenter.js"):
        assert client.http.get(f"{client.origin}/static/{name}").status_code == 200
    for name in ("..%2fapp.py", "consent.html.j2", "%2e%2e%2f%2e%2e%2fpyproject.toml"):
        assert client.http.get(f"{client.origin}/static/{name}").status_code == 404


def test_videos_come_in_ranges(begun):
    client, _, _, _, video = begun
    url = f"{client.link}/video/{video}"
    whole = client.http.get(url)
    part = client.http.get(url, headers={"Range": "bytes=10-19"})
    assert (whole.status_code, part.status_code) == (200, 206) and part.content == whole.content[10:20]
    assert whole.headers["Content-Type"] == "video/mp4" and whole.headers["Accept-Ranges"] == "bytes"
    assert client.http.get(url, headers={"Range": f"bytes={10**9}-"}).status_code == 416


def test_every_answer_carries_the_headers_of_safety(begun):
    client, *_ = begun
    for url in (client.link + "/now", client.origin + "/nothing", client.origin + "/static/study.css"):
        headers = client.http.get(url).headers
        assert "default-src 'none'" in headers["Content-Security-Policy"] and "unsafe" not in str(headers)
        assert headers["Referrer-Policy"] == "no-referrer" and headers["X-Content-Type-Options"] == "nosniff"
        assert "Set-Cookie" not in headers


def test_no_page_names_a_method_or_asks_another_site(served):
    _, links, design = served
    client = Client(links["p01"])
    client.begin(design)
    pages = []
    while (found := client.current()) is not None:
        pages.append(client.page())
        client.rate(*found)
    for page in pages:
        assert "http" not in page.replace("http-equiv", "")
        for secret in (*design.methods, *design.datasets, "gold", "trap", "repeat"):
            assert secret not in page


def test_a_wrong_answer_to_the_screen_check_is_told(served):
    _, links, design = served
    client = Client(links["p01"])
    client.http.get(client.link)
    for action in ("consent", "instructions"):
        client.post(action, {})
    wrong = client.post("screen", {"digit": design.screen_check.digit, "beeps": design.screen_check.beeps % 5 + 1})
    assert wrong.status_code == 422 and "sound" in wrong.json()["error"] and "Picture and sound" in client.page()
    assert client.http.get(f"{client.link}/video/{design.screen_check.item}").status_code == 200


def test_the_experimenter_sees_progress_exclusions_means_and_takes_the_ratings(served):
    _, links, design = served
    for name, score in (("p01", 4), ("p02", 1)):
        client = Client(links[name])
        client.begin(design)
        while (found := client.current()) is not None:
            client.rate(*found, dict.fromkeys(QUESTIONS, score))
    page = requests.get(links["experimenter"], timeout=30).text
    assert "10 of 10" in page and "0 of 10" in page and "a real video rated too low" in page
    csv = requests.get(links["experimenter"] + "/ratings.csv", timeout=30)
    assert len(csv.text.splitlines()) == 61 and csv.headers["Content-Type"].startswith("text/csv")
    assert requests.get(links["experimenter"] + "/ratings.parquet", timeout=30).content[:4] == b"PAR1"
    assert requests.get(links["experimenter"] + "/ratings.exe", timeout=30).status_code == 404


def test_who_has_withdrawn_cannot_go_on(begun):
    client, store, _, position, video = begun
    client.rate(position, video)
    found = client.current()
    store.withdraw("p01", "2026-01-01")
    assert client.rate(*found).status_code == 403 and "answers were deleted" in client.page()
    assert store.ratings() == []
