"""The fetch stage over a network: CREMA-D's layout on a loopback server, every item accounted for."""

import random
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest
from mirror_site import LEDGER, NAMES, RAW, TABLE, Site, media_of, reasons, remote_form, run, take_from

from pipelines import fetch, remote
from pipelines import stage as stages
from speak.errors import UserError
from speak.fetching.attempts import read_attempts
from speak.fetching.network import NetworkConfig
from speak.fetching.wanted import Failed, Wanted
from speak.sources import SOURCES, crema_d


@pytest.fixture
def site(tmp_path, monkeypatch):
    """A site with four clips, a project in which the smoke profile takes CREMA-D from it, and CREMA-D's remote form."""
    folder = tmp_path / "site"
    rng = random.Random(0)
    for name in NAMES:
        for path in media_of(name):
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(rng.randbytes(5000))
    lines = "".join(f'{i},"{name}"\n' for i, name in enumerate(NAMES, start=1))
    (folder / TABLE).write_text(f'"Stimulus_Number","Filename"\n{lines}')
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    site = Site(folder)
    project = tmp_path / "project"
    (project / "profiles").mkdir(parents=True)
    monkeypatch.chdir(project)
    take_from(site.base)
    monkeypatch.setitem(SOURCES, "crema_d", SimpleNamespace(**vars(crema_d) | remote_form()))
    yield site
    site.server.shutdown()
    site.server.server_close()


def test_the_same_files_and_nothing_is_asked_for_twice(site):
    rows = run()
    assert reasons(rows) == dict.fromkeys(NAMES)
    for path in site.folder.rglob("*.*"):
        assert (RAW / path.relative_to(site.folder)).read_bytes() == path.read_bytes()
    assert site.media() == sorted(path for name in NAMES for path in media_of(name))
    site.asked.clear()
    before = LEDGER.read_bytes()
    assert run() == rows
    assert site.asked == [] and LEDGER.read_bytes() == before


def test_as_from_a_mirror_on_this_machine(site):
    """Where everything is there, the ledger does not say how it came."""
    far = run()
    shutil.rmtree(RAW)
    take_from("mirror")
    shutil.copytree(site.folder, "work/smoke/mirror/crema_d")
    assert run() == far


def test_every_item_has_the_reason_of_the_file_it_lies_in(site):
    gone, pointer = media_of(NAMES[0])[0], media_of(NAMES[1])[0]
    (site.folder / gone).unlink()
    (site.folder / pointer).write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n")
    rows = run()
    assert reasons(rows) == {
        NAMES[0]: "gone: the server answered 404 Not Found",
        NAMES[1]: f"needs git-lfs: {pointer} is a pointer text; run `git lfs pull` at the origin",
        NAMES[2]: None,
        NAMES[3]: None,
    }
    site.asked.clear()
    assert run() == rows and site.asked == []
    run(again=True)
    assert site.asked == [gone]


def test_only_some_items_and_later_the_rest(site):
    first = run(limit=1)
    assert site.media() == sorted(media_of(NAMES[0]))
    assert reasons(first) == {NAMES[0]: None} | dict.fromkeys(NAMES[1:], "not asked for")
    site.asked.clear()
    assert [row.status for row in run(only="crema_d/*_IEO_*", limit=1)] == [
        "obtained",
        "obtained",
        "missing",
        "missing",
    ]
    assert site.media() == sorted(media_of(NAMES[1]))
    site.asked.clear()
    assert reasons(run()) == dict.fromkeys(NAMES)
    assert site.media() == sorted([*media_of(NAMES[2]), *media_of(NAMES[3])])
    with pytest.raises(UserError, match="no item's id fits; one is crema_d/1001_DFA_ANG_XX"):
        run(only="1001*")


def test_a_dry_run_says_what_would_come(site, capsys, monkeypatch):
    sized = remote_form()["wanted"]

    def some_known(root: Path, base: str) -> list[Wanted]:
        return [
            Wanted(path=one.path, address=one.address, way="http", num_bytes=5000 if i < 3 else None)
            for i, one in enumerate(sized(root, base))
        ]

    monkeypatch.setattr(SOURCES["crema_d"], "wanted", some_known)
    run(limit=1)
    before = LEDGER.read_bytes()
    site.asked.clear()
    capsys.readouterr()
    run(dry_run=True)
    host = site.base.removeprefix("http://")
    assert capsys.readouterr().out == (
        "crema_d: 4 items expected; 8 files chosen\n"
        f"{host}: 8 files, 2 obtained, 6 to ask for: 5,000 bytes in 1 of known size, 5 of unknown size\n"
    )
    assert site.asked == [] and LEDGER.read_bytes() == before


def test_archives_are_unpacked_beside_themselves(site, monkeypatch):
    """What lies in an archive that is damaged has that as its reason."""

    def packed(root: Path, base: str) -> list[Wanted]:
        files = [f"{folder}/all.tar" for folder in ("VideoFlash", "AudioWAV")]
        return [Wanted(path=path, address=f"{base}/{path}", way="http", archive="tar") for path in files]

    def unpack(archive: Path, folder: Path) -> None:
        if archive.read_bytes() == b"damaged":
            raise Failed("it ends too early")
        shutil.copytree(site.folder / folder.name, folder, dirs_exist_ok=True)

    monkeypatch.setattr(SOURCES["crema_d"], "wanted", packed)
    monkeypatch.setattr(remote, "unpack", unpack)
    (site.folder / "VideoFlash/all.tar").write_bytes(b"good")
    (site.folder / "AudioWAV/all.tar").write_bytes(b"damaged")
    assert reasons(run()) == dict.fromkeys(NAMES, "not unpacked: it ends too early")
    (RAW / "AudioWAV/all.tar").unlink()
    (site.folder / "AudioWAV/all.tar").write_bytes(b"good")
    assert reasons(run(only="*/1001_*")) == dict.fromkeys(NAMES)


def test_without_its_tables_a_dataset_is_not_fetched(site):
    (site.folder / TABLE).unlink()
    with pytest.raises(
        UserError, match=f"no {TABLE}, which says what there is to fetch .gone: the server answered 404"
    ):
        run()
    assert not LEDGER.exists()


def test_the_files_of_two_origins_never_mix(site, monkeypatch):
    Path("work/smoke/raw/crema_d").mkdir(parents=True)
    (RAW / "of the mirror.flv").touch()
    run(limit=1)
    assert not (RAW / "of the mirror.flv").exists()
    monkeypatch.setattr(SOURCES["crema_d"], "PUBLISHED", "http://127.0.0.1:9", raising=False)
    for other in (site.base.replace("127.0.0.1", "localhost"), "published", "mirror", "none"):
        take_from(other)
        with pytest.raises(UserError, match=f"holds what was fetched from {site.base}; move or delete it"):
            run()
    assert (RAW / media_of(NAMES[0])[0]).exists()
    shutil.rmtree(RAW)
    take_from("none")
    assert run() == [] and list(RAW.iterdir()) == []
    take_from(site.base)
    site.asked.clear()
    run(limit=1)
    assert site.media() == sorted(media_of(NAMES[0]))


def test_files_that_came_from_another_machine_are_not_asked_for_again(site):
    """Pulled from a DVC remote, they come without the ledger of attempts."""
    rows = run()
    shutil.rmtree("work/smoke/attempts")
    site.asked.clear()
    assert run() == rows and site.asked == []


def test_what_the_source_publishes(site, monkeypatch):
    take_from("published")
    monkeypatch.setattr(SOURCES["crema_d"], "PUBLISHED", site.base, raising=False)
    assert reasons(run()) == dict.fromkeys(NAMES)


@pytest.mark.parametrize(
    "origin, dataset, message",
    [
        ("http://me:secret@127.0.0.1:9", "crema_d", "keep user and password out of the profile"),
        ("http://", "crema_d", "names no server"),
        ("published", "folder", "folder is not fetched over a network"),
        ("published", "teapot", "teapot: no such dataset"),
    ],
)
def test_origins_that_cannot_be(site, origin, dataset, message):
    text = Path("profiles/smoke.yaml").read_text()
    text = text.replace("origins: {", f"origins: {{teapot: '{origin}', ").replace("folder: none", f"folder: '{origin}'")
    Path("profiles/smoke.yaml").write_text(text.replace(site.base, origin))
    stage = stages.load(f"fetch@{dataset}", "smoke", fetch.SECTIONS)
    with pytest.raises(UserError, match=message) as caught:
        fetch.run(stage, dataset)
    assert "secret" not in str(caught.value)
    assert not Path("work").exists()


def test_flags_are_for_networks(site):
    take_from("mirror")
    with pytest.raises(UserError, match=r"fetch\.origins\.crema_d is mirror: --limit"):
        run(limit=1)


def test_a_dataset_in_the_pipelines_own_folder_is_not_deleted(site):
    shutil.copytree(site.folder, RAW)
    take_from(str(RAW))
    with pytest.raises(UserError, match="the pipeline empties this folder"):
        run()
    assert (RAW / media_of(NAMES[0])[0]).exists()


def test_the_command_line(site, capsys):
    fetch.main(["smoke", "crema_d", "--only", "*/1002_*", "--limit", "1"])
    assert site.media() == sorted(media_of(NAMES[2]))
    assert capsys.readouterr().out == "crema_d: 8 files: 6 not asked for, 2 obtained\n"
    assert Path("work/smoke/timings/fetch@crema_d.json").is_file()
    for wrong in (["smoke", "crema_d", "--limit", "0"], ["smoke"], ["smoke", "crema_d", "--all"]):
        with pytest.raises(SystemExit) as caught:
            fetch.main(wrong)
        assert caught.value.code == 2


def test_ctrl_c_is_one_line(site, monkeypatch, capsys):
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(remote, "fetch_all", interrupted)
    with pytest.raises(SystemExit) as caught:
        fetch.main(["smoke", "crema_d"])
    assert caught.value.code == 130
    assert capsys.readouterr().err == ("fetch: stopped; what is there is kept, the same command goes on from here\n")


def test_settings_of_the_network_are_checked_and_never_shown(site):
    profile = Path("profiles/smoke.yaml")
    profile.write_text(profile.read_text().replace("youtube: {}", "youtube: {cookiefile: secret.txt, quiet: true}"))
    config = fetch.network_of("smoke")
    assert config.youtube == {"cookiefile": "secret.txt", "quiet": True} and "secret" not in repr(config)
    assert isinstance(config, NetworkConfig)
    profile.write_text(profile.read_text().replace("  tries: 5", "  tires: 5"))
    with pytest.raises(UserError, match=r"profiles/smoke\.yaml:network\.tires: unknown key"):
        run()


def test_a_host_that_is_down_is_said_so_in_the_ledger(site, capsys):
    run(limit=1)
    site.server.shutdown()
    site.server.server_close()
    profile = Path("profiles/smoke.yaml")
    for old, new in (("give_up_after: 40", "give_up_after: 3"), ("tries: 5", "tries: 1"), ("at_once: 4", "at_once: 1")):
        profile.write_text(profile.read_text().replace(old, new, 1))
    rows = reasons(run())
    host = site.base.removeprefix("http://")
    assert rows[NAMES[0]] is None
    assert "failed: the connection broke: Connection refused" in rows.values()
    assert f"not asked for: 3 tries in a row went wrong at {host}" in rows.values()
    assert f"3 tries in a row went wrong at {host}" in capsys.readouterr().out
    assert {row.outcome for row in read_attempts(Path("work/smoke/attempts/crema_d"))} == {"obtained", "failed"}
