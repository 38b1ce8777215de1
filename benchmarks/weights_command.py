"""``speak weights``: what the baselines' authors publish, what lies on this machine, and whether it fits."""

from pathlib import Path
from typing import Annotated

import typer

from benchmarks.official_weights import OFFICIAL_FILES, by_hand, download, files_called, pinned, weights_folder
from speak.errors import UserError
from speak.files import sha256_of

weights = typer.Typer(help="The weight files of the baselines' authors.", no_args_is_help=True)


@weights.command("list")
def list_files() -> None:
    """List the published files: networks, licence, SHA-256, where published, and whether they lie here."""
    for official in OFFICIAL_FILES:
        path = weights_folder() / official.name
        state = str(path) if path.is_file() else "missing"
        digest = pinned(official.name) or "sha256 unknown, pinned at first use"
        page = official.page if not official.note else f"{official.page} ({official.note})"
        print("\t".join((official.name, ", ".join(official.networks), official.licence, digest, page, state)))


@weights.command()
def verify(
    file: Annotated[Path, typer.Argument(help="A weight file, wherever it lies.")],
    network: Annotated[str, typer.Option(help="Which network it must hold, e.g. wav2lip_generator.")],
) -> None:
    """Load a file into a network of the official size; every key, shape and type must fit."""
    left = _load(file, network)
    digest = sha256_of(file)
    kept = f"; not in the file and not needed: {', '.join(left)}" if left else ""
    pin = "pinned" if pinned(file.name) == digest else "not one of the authors' file names, so not pinned"
    print(f"{file}: {network} fits; sha256 {digest}, {pin}{kept}")


@weights.command()
def fetch(name: Annotated[str, typer.Argument(help="A published file's name, or a network's.")]) -> None:
    """Fetch a file into the cache, or say where to get it by hand (exit code 2)."""
    files = files_called(name)
    paths = [weights_folder() / official.name for official in files]
    present = [index for index, path in enumerate(paths) if path.is_file()]
    direct = [index for index, official in enumerate(files) if official.url]
    if not present and not direct:
        ways = "; or ".join(by_hand(official, path) for official, path in zip(files, paths, strict=True))
        raise UserError(f"{name}: its authors publish it on a page only: {ways}")
    index = (present or direct)[0]
    if not present:
        download(files[index], paths[index])
    try:
        for network in files[index].networks:
            _load(paths[index], network)
    except UserError:
        if not present:
            paths[index].unlink()
        raise
    print(paths[index])


def _load(path: Path, name: str) -> list[str]:
    """Keys that kept the constructor's values. Raises UserError when there is no such network or it does not fit."""
    from benchmarks.methods.networks import NETWORKS  # takes seconds to import
    from benchmarks.methods.weights import load_weights

    if name not in NETWORKS:
        raise UserError(f"no network {name!r}; known networks are {', '.join(NETWORKS)}")
    return load_weights(NETWORKS[name](), path, name)
