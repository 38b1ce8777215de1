import hashlib
import json

import pytest
from answering import NETWORK, Answer, serving

from speak.fetching import lfs
from speak.fetching.wanted import Blocked, Failed, Gone, Wanted

MEDIA = b"FLV\x01" + bytes(range(256)) * 40
OID = hashlib.sha256(MEDIA).hexdigest()
POINTER = f"version https://git-lfs.github.com/spec/v1\noid sha256:{OID}\nsize {len(MEDIA)}\n".encode()
PATH = "VideoFlash/1001_DFA_ANG_XX.flv"


class Repository:
    """A git server with LFS: raw files, the batch interface, a media store."""

    def __init__(self):
        self.pointer, self.media = Answer(POINTER), Answer(MEDIA)
        self.found = {"oid": OID, "size": len(MEDIA), "actions": {"download": {"href": "{address}/store?token=secret"}}}
        self.status = 200

    def __call__(self, asked):
        if asked.path == f"/owner/crema/raw/master/{PATH}":
            return self.pointer
        if asked.path.startswith("/store"):
            return self.media
        if asked.path == "/owner/crema.git/info/lfs/objects/batch" and asked.method == "POST":
            text = json.dumps({"transfer": "basic", "objects": [self.found]} if self.status == 200 else self.found)
            body = text.replace("{address}", f"http://{asked.headers['Host']}").encode()
            return Answer(body, self.status, {"Content-Type": "application/vnd.git-lfs+json"})
        return Answer(status=404)


@pytest.fixture
def repository():
    return Repository()


@pytest.fixture
def fetched(repository, tmp_path):
    target = tmp_path / "raw" / PATH

    def fetch():
        with serving(repository) as server:
            wanted = Wanted(path=PATH, address=f"{server.address}/owner/crema/raw/master/{PATH}", way="lfs")
            try:
                return lfs.download(wanted, target, NETWORK), server.asked
            finally:
                left = [path.name for path in tmp_path.rglob("*.pointer")]
                assert not left

    return fetch, target


def test_a_pointer_becomes_the_file(fetched):
    fetch, target = fetched
    size, asked = fetch()
    assert (size, target.read_bytes()) == (len(MEDIA), MEDIA)
    (batch,) = [one for one in asked if one.method == "POST"]
    question = json.loads(batch.body)
    assert question["operation"] == "download"
    assert question["objects"] == [{"oid": OID, "size": len(MEDIA)}]
    assert batch.headers["Accept"] == batch.headers["Content-Type"] == "application/vnd.git-lfs+json"


def test_wrong_bytes_are_refused(fetched, repository):
    fetch, target = fetched
    repository.media = Answer(MEDIA[:-1] + b"x")
    with pytest.raises(Failed, match="sha256"):
        fetch()
    repository.media = Answer(MEDIA[:-1])
    with pytest.raises(Failed, match=str(len(MEDIA))):
        fetch()
    assert not target.exists()


@pytest.mark.parametrize("content", [b"FLV" * 600, b"version 2\n", POINTER[:-9], b"<html>no</html>"])
def test_what_is_no_pointer_is_said_so(fetched, repository, content):
    repository.pointer = Answer(content)
    with pytest.raises((Failed, Blocked), match=r"gives no Git LFS pointer|web page"):
        fetched[0]()


@pytest.mark.parametrize(
    ("status", "found", "kind", "reason"),
    [
        (200, {"oid": OID, "error": {"code": 404, "message": "Object does not exist"}}, Gone, "404 Object does not"),
        (200, {"oid": OID, "error": {"code": 410, "message": "removed"}}, Gone, "410 removed"),
        (200, {"oid": OID, "error": {"code": 422, "message": "odd"}}, Failed, "422 odd"),
        (403, {"message": "This repository exceeded its LFS budget."}, Blocked, "403 This repository exceeded"),
        (404, {"message": "Not Found"}, Gone, "404 Not Found"),
        (503, {"message": "Unicorn"}, Failed, "503 Unicorn"),
        (200, {"oid": OID, "size": 1}, Failed, "names no download"),
        (200, {"oid": OID, "actions": {"download": {"href": "{address}/x", "header": {"a": "b"}}}}, Blocked, "login"),
        (200, {"oid": OID, "actions": {"download": {"href": "file:///etc/passwd"}}}, Blocked, "http"),
    ],
)
def test_what_the_batch_interface_says(fetched, repository, status, found, kind, reason):
    repository.status, repository.found = status, found
    with pytest.raises(kind, match=reason):
        fetched[0]()


def test_no_json_and_no_server(fetched, repository, tmp_path):
    repository.status, repository.found = 500, "a page"
    with pytest.raises(Failed, match="Git LFS: 500"):
        fetched[0]()
    repository.pointer = Answer(status=404)
    with pytest.raises(Gone, match="404"):
        fetched[0]()


def test_signatures_stay_out_of_reasons(fetched, repository):
    repository.media = Answer(status=403)
    with pytest.raises(Blocked) as refused:
        fetched[0]()
    assert "secret" not in str(refused.value)


def test_where_repositories_answer():
    github = "https://raw.githubusercontent.com/CheyneyComputerScience/CREMA-D/master/AudioWAV/1001_DFA_ANG_XX.wav"
    assert lfs.endpoint(github) == (
        "https://github.com/CheyneyComputerScience/CREMA-D.git/info/lfs/objects/batch"  # as `git lfs env` says
    )
    assert lfs.endpoint("http://h/o/r/raw/v1/a/raw/b") == "http://h/o/r.git/info/lfs/objects/batch"
    with pytest.raises(Failed, match="names no repository"):
        lfs.endpoint("https://host/a.flv")


def test_real_pointers_are_read(shared):
    pointers = list((shared / "metadata/cremad/lfs_pointers").rglob("*.txt"))
    assert pointers
    for pointer in pointers:
        assert lfs.POINTER.fullmatch(pointer.read_bytes())
