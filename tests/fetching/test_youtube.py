import errno

import numpy as np
import pytest
import yt_dlp
from answering import NETWORK, Answer, serving
from yt_dlp.extractor.common import InfoExtractor
from yt_dlp.utils import DownloadError, ExtractorError, GeoRestrictedError, UnsupportedError

from speak.errors import UserError
from speak.fetching import youtube
from speak.fetching.network import NetworkConfig
from speak.fetching.wanted import Blocked, Failed, Gone, Wanted
from speak.media.audio import read_audio
from speak.media.video import probe
from speak.media.writing import write_audio, write_media

FRAMES = [np.full((64, 96, 3), level, np.uint8) for level in range(50)]
SOUND = (np.sin(np.arange(32000) * 0.2) * 0.3).astype(np.float32)


@pytest.fixture(scope="module")
def media(tmp_path_factory):
    folder = tmp_path_factory.mktemp("media")
    write_media(folder / "whole.mp4", FRAMES, fps=25, audio=SOUND, sample_rate=16000)
    write_media(folder / "picture.mp4", FRAMES, fps=25)
    write_audio(folder / "sound.m4a", SOUND, 16000)
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def site(media):
    def answer(asked):
        name = asked.path.rsplit("/", 1)[1]
        kind = "video/mp4" if name.endswith(".mp4") else "audio/mp4"
        return Answer(media[name], headers={"Content-Type": kind}) if name in media else Answer(status=404)

    with serving(answer) as server:
        yield server


class TwoFormats(InfoExtractor):
    """A site that, like YouTube, has the better qualities as picture and sound apart."""

    _VALID_URL = r"http://127\.0\.0\.1:\d+/watch\?v=(?P<id>\w+)"

    def _real_extract(self, url):
        base = url.split("/watch")[0]
        plain = {"ext": "mp4", "url": f"{base}/whole.mp4"}
        return {
            "id": self._match_id(url),
            "title": "t",
            "formats": [
                plain | {"format_id": "18", "height": 360, "vcodec": "avc1.42", "acodec": "mp4a", "quality": -9},
                plain | {"format_id": "299", "height": 2160, "vcodec": "avc1.64", "acodec": "none"},
                plain | {"format_id": "399", "height": 1080, "vcodec": "av01", "acodec": "none"},
                {
                    "format_id": "137",
                    "ext": "mp4",
                    "height": 1080,
                    "vcodec": "avc1.64",
                    "acodec": "none",
                    "url": f"{base}/picture.mp4",
                },
                {
                    "format_id": "140",
                    "ext": "m4a",
                    "vcodec": "none",
                    "acodec": "mp4a",
                    "url": f"{base}/sound.m4a",
                },
            ],
        }


@pytest.fixture
def apart(monkeypatch):
    class WithTwoFormats(yt_dlp.YoutubeDL):
        def __init__(self, params):
            super().__init__(params, auto_init=False)
            self.add_info_extractor(TwoFormats(self))

    monkeypatch.setattr(yt_dlp, "YoutubeDL", WithTwoFormats)


def wanted(address):
    return Wanted(path="videos/-Abc.mp4", address=address, way="youtube")


def test_one_file_with_sound_is_taken_as_it_is(site, media, tmp_path):
    target = tmp_path / "videos/-Abc.mp4"
    assert youtube.download(wanted(f"{site.address}/whole.mp4"), target, NETWORK) == len(media["whole.mp4"])
    assert target.read_bytes() == media["whole.mp4"]
    assert [path.name for path in target.parent.iterdir()] == ["-Abc.mp4"]


def test_picture_and_sound_are_joined(site, apart, tmp_path):
    target = tmp_path / "a.mp4"
    size = youtube.download(wanted(f"{site.address}/watch?v=x"), target, NETWORK)
    assert {asked.path for asked in site.asked} == {"/picture.mp4", "/sound.m4a"}  # H.264, not above 1080 lines
    assert size == target.stat().st_size
    info = probe(target)
    assert info.has_audio
    assert (info.width, info.height) == (96, 64)
    alone = tmp_path / "alone.m4a"
    write_audio(alone, SOUND, 16000)
    joined, expected = read_audio(target, 16000), read_audio(alone, 16000)
    np.testing.assert_allclose(joined[:30000], expected[:30000], atol=1e-6)


def test_the_format_is_the_users_to_choose(site, apart, tmp_path):
    chosen = NetworkConfig(**vars(NETWORK) | {"youtube": {"format": "18"}})
    youtube.download(wanted(f"{site.address}/watch?v=x"), tmp_path / "a.mp4", chosen)
    assert [asked.path for asked in site.asked] == ["/whole.mp4"]
    none = NetworkConfig(**vars(NETWORK) | {"youtube": {"format": "17"}})
    with pytest.raises(Blocked, match="format is not available"):
        youtube.download(wanted(f"{site.address}/watch?v=x"), tmp_path / "b.mp4", none)


def test_what_is_missing_at_the_server_is_gone(site, tmp_path):
    with pytest.raises(Gone, match="404"):
        youtube.download(wanted(f"{site.address}/none.mp4"), tmp_path / "a.mp4", NETWORK)
    assert not (tmp_path / "a.mp4").exists()


@pytest.mark.parametrize(("body", "kind"), [(b"<html>hello</html>", "text/html"), (bytes(5000), "video/mp4")])
def test_what_comes_may_be_no_video(tmp_path, body, kind):
    with serving(lambda _: Answer(body, headers={"Content-Type": kind})) as server, pytest.raises((Gone, Failed)):
        youtube.download(wanted(f"{server.address}/x.mp4"), tmp_path / "a.mp4", NETWORK)
    assert list(tmp_path.iterdir()) == []


def failing(error):
    return DownloadError(f"ERROR: {error}", (type(error), error, None))


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (ExtractorError("Video unavailable", expected=True), Gone),
        (ExtractorError("Video unavailable. This video has been removed by the uploader", expected=True), Gone),
        (
            ExtractorError(
                "Video unavailable. This video is no longer available because the YouTube account associated with "
                "this video has been terminated.",
                expected=True,
            ),
            Gone,
        ),
        (ExtractorError("This live stream recording is not available.", expected=True), Gone),
        (ExtractorError("This video isn’t available anymore", expected=True), Gone),
        (ExtractorError("Incomplete YouTube ID abc. URL looks truncated.", expected=True), Gone),
        (UnsupportedError("https://host/x"), Gone),
        (ExtractorError("Private video. Sign in if you've been granted access to this video.", expected=True), Blocked),
        (ExtractorError("Sign in to confirm you’re not a bot. Use --cookies-from-browser", expected=True), Blocked),
        (ExtractorError("Sign in to confirm your age. This video may be inappropriate.", expected=True), Blocked),
        (ExtractorError("Join this channel to get access to members-only content", expected=True), Blocked),
        (GeoRestrictedError("The uploader has not made this video available in your country"), Blocked),
        (ExtractorError("This video is DRM protected", expected=True), Blocked),
        (ExtractorError("unable to download video data: HTTP Error 403: Forbidden"), Blocked),
        (ExtractorError("This content isn't available, try again later. The session has been rate-limited"), Failed),
        (ExtractorError("Unable to download API page: HTTP Error 429: Too Many Requests"), Failed),
        (ExtractorError("Unable to download webpage: HTTP Error 503: Service Unavailable"), Failed),
        (ExtractorError("Unable to download webpage: The read operation timed out"), Failed),
        (ExtractorError("Something never heard of"), Failed),
    ],
    ids=lambda value: str(value)[:60],
)
def test_errors_by_kind(monkeypatch, tmp_path, error, kind):
    def fail(self, address):
        raise failing(error)

    monkeypatch.setattr(yt_dlp.YoutubeDL, "extract_info", fail)
    with pytest.raises(kind) as told:
        youtube.download(wanted("https://www.youtube.com/watch?v=-Abc"), tmp_path / "a.mp4", NETWORK)
    assert type(told.value) is kind
    assert "--cookies" not in str(told.value)
    assert "please report" not in str(told.value)


def test_a_full_disk_is_not_the_networks_fault(monkeypatch, tmp_path):
    def fail(self, address):
        raise failing(OSError(errno.ENOSPC, "No space left on device"))

    monkeypatch.setattr(yt_dlp.YoutubeDL, "extract_info", fail)
    with pytest.raises(OSError, match="No space left"):
        youtube.download(wanted("https://www.youtube.com/watch?v=-Abc"), tmp_path / "a.mp4", NETWORK)
    assert list(tmp_path.iterdir()) == []


def test_passwords_stay_out_of_reasons(tmp_path):
    secret = {"proxy": "http://someone:secret@127.0.0.1:1"}
    through = NetworkConfig(**vars(NETWORK) | {"youtube": secret | {"retries": 0, "extractor_retries": 0}})
    with pytest.raises(Failed) as told:
        youtube.download(wanted("http://127.0.0.1:1/x.mp4"), tmp_path / "a.mp4", through)
    assert "secret" not in str(told.value)


@pytest.mark.parametrize("option", ["outtmpl", "postprocessors", "ffmpeg_location", "download_archive"])
def test_options_that_are_not_the_users(tmp_path, option):
    mine = NetworkConfig(**vars(NETWORK) | {"youtube": {option: "x"}})
    with pytest.raises(UserError, match=rf"network\.youtube\.{option}"):
        youtube.options(mine, tmp_path)


def test_options_reach_yt_dlp(tmp_path):
    mine = NetworkConfig(**vars(NETWORK) | {"youtube": {"cookiefile": "cookies.txt", "socket_timeout": 9}})
    options = youtube.options(mine, tmp_path / "50%")
    assert (options["cookiefile"], options["socket_timeout"]) == ("cookies.txt", 9)
    with yt_dlp.YoutubeDL(options | {"cookiefile": None}) as downloader:
        name = downloader.prepare_filename({"id": "x", "format_id": "137", "ext": "mp4"})
    assert name == str(tmp_path / "50%/137.mp4")
