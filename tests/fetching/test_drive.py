import gdown
import pytest
import requests
from answering import NETWORK
from gdown.exceptions import DownloadError, FileURLRetrievalError

from speak.fetching import drive
from speak.fetching.wanted import Blocked, Failed, Gone, Wanted

FOLDER = "https://drive.google.com/drive/folders/1GwXP-KpWOxOenOxITTsURJZQ_1pkd4-j"
A, B, C, PERSON = ("1" * 33, "2" * 33, "3" * 33, "4" * 33)


def page(title, *links):
    """As Drive's embedded folder view has it: a title, and a link a file or folder."""
    rows = "".join(f'<div class="flip-entry"><a href="{href}" target="_blank">{name}</a></div>' for href, name in links)
    return f"<html><head><title>{title}</title></head><body>{rows}</body></html>"


PAGES = {
    FOLDER.rsplit("/", 1)[1]: page(
        "MEAD",
        (f"https://drive.google.com/drive/folders/{PERSON}", "M003"),
        (f"https://drive.google.com/file/d/{C}/view?usp=drive_web", "Terms, of use.pdf"),
    ),
    PERSON: page(
        "M003",
        (f"https://drive.google.com/file/d/{A}/view?usp=drive_web", "video.tar"),
        (f"https://drive.google.com/file/d/{B}/view?usp=drive_web", "audio.tar"),
    ),
}


@pytest.fixture
def answering(monkeypatch):
    """Let no request out: what ``requests`` would get is what the test says."""

    def put(answers):
        def get(self, url, **_):
            return answers(url)

        monkeypatch.setattr(requests.Session, "get", get)

    return put


def response(status, body, **headers):
    made = requests.Response()
    made.status_code, made._content, made.url = status, body, "https://drive.google.com/uc?id=x"
    made.headers.update(
        {"Content-Type": "text/html"} | {name.replace("_", "-"): text for name, text in headers.items()}
    )
    return made


def test_a_folder_becomes_a_table_of_its_files(answering, tmp_path):
    answering(lambda url: response(200, PAGES[url.rsplit("id=", 1)[1]].encode()))
    size = drive.download(Wanted(path="drive.csv", address=FOLDER, way="drive"), tmp_path / "drive.csv", NETWORK)
    lines = (tmp_path / "drive.csv").read_text().splitlines()
    assert lines == [
        "path,address",
        f"M003/audio.tar,https://drive.google.com/uc?id={B}",
        f"M003/video.tar,https://drive.google.com/uc?id={A}",
        f'"Terms, of use.pdf",https://drive.google.com/uc?id={C}',
    ]
    assert size == (tmp_path / "drive.csv").stat().st_size


def file(num_bytes=None, sha256=None):
    address = f"https://drive.google.com/uc?id={A}"
    return Wanted(path="video.tar", address=address, way="drive", num_bytes=num_bytes, sha256=sha256)


@pytest.fixture
def giving(monkeypatch):
    def put(content):
        def download(url, output, quiet, use_cookies, resume, timeout):
            assert (url, quiet, use_cookies, resume) == (file().address, True, False, True)
            if isinstance(content, Exception):
                raise content
            with open(output, "wb") as stream:
                stream.write(content)
            return output

        monkeypatch.setattr(gdown, "download", download)

    return put


def test_a_file_arrives_whole(giving, tmp_path):
    giving(b"tar" * 100)
    assert drive.download(file(300), tmp_path / "M003/video.tar", NETWORK) == 300
    assert [path.name for path in (tmp_path / "M003").iterdir()] == ["video.tar"]


def test_another_file_than_published_is_refused(giving, tmp_path):
    giving(b"tar" * 100)
    with pytest.raises(Failed, match="300 bytes came"):
        drive.download(file(301), tmp_path / "video.tar", NETWORK)
    with pytest.raises(Failed, match="not the file"):
        drive.download(file(300, "0" * 64), tmp_path / "video.tar", NETWORK)
    assert list(tmp_path.iterdir()) == []


def http_error(status):
    return requests.HTTPError(response=response(status, b""))


@pytest.mark.parametrize(
    ("error", "kind", "reason"),
    [
        (FileURLRetrievalError("Cannot retrieve the public link of the file."), Blocked, "not public, or too many"),
        (http_error(404), Gone, "404"),
        (http_error(403), Blocked, "403"),
        (http_error(503), Failed, "503"),
        (DownloadError("Download is incomplete: received 3 bytes"), Failed, "broke off"),
        (DownloadError("Failed to retrieve folder contents (status code 404). You may"), Gone, "404"),
        (requests.ConnectTimeout("http://user:password@proxy"), Failed, "ConnectTimeout$"),
        (KeyError("Content-Type"), Failed, "does not understand"),
    ],
)
def test_gdowns_errors_by_kind(giving, tmp_path, error, kind, reason):
    giving(error)
    with pytest.raises(kind, match=reason) as told:
        drive.download(file(), tmp_path / "video.tar", NETWORK)
    assert "password" not in str(told.value)
    assert not (tmp_path / "video.tar").exists()


def test_a_page_that_says_no_is_blocked(answering, tmp_path):
    body = (
        b'<html><p class="uc-error-subcaption">Too many users have viewed or downloaded this file recently.</p></html>'
    )
    answering(lambda url: response(200, body))
    with pytest.raises(Blocked, match="too many asked for it today"):
        drive.download(file(), tmp_path / "video.tar", NETWORK)


def test_a_folder_that_is_gone(answering, tmp_path):
    answering(lambda url: response(404, b""))
    with pytest.raises(Gone, match="404"):
        drive.download(Wanted(path="drive.csv", address=FOLDER, way="drive"), tmp_path / "drive.csv", NETWORK)
