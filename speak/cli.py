"""The ``speak`` command."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from speak.assets import ASSETS, asset
from speak.config import read_yaml
from speak.errors import UserError
from speak.inference.command import generate

app = typer.Typer(help="Speech-driven talking heads, and numbers that can be trusted.", no_args_is_help=True)
app.command()(generate)


@app.command()
def report(
    profile: Annotated[str | None, typer.Option(help="Whose report; the profile in params.yaml if not given.")] = None,
    path_only: Annotated[bool, typer.Option("--path-only", help="Print the path and do not open a browser.")] = False,
) -> None:
    """Open the report in a browser, or print where it is."""
    profile = profile or read_yaml(Path("params.yaml"))["profile"]
    page = Path("reports") / profile / "index.html"
    if not page.is_file():
        raise UserError(f"{page}: no report yet; run `make repro` first")
    print(page.resolve())
    opener = shutil.which("xdg-open") or shutil.which("open")
    if opener and not path_only and os.environ.get("DISPLAY"):
        subprocess.run([opener, str(page)], check=False)


@app.command()
def assets(fetch: Annotated[bool, typer.Option("--fetch", help="Fetch what is missing.")] = False) -> None:
    """List the external model files: licence, size, and where each lies on this machine."""
    for name, entry in ASSETS.items():
        state = asset(name) if fetch else "fetched when needed"
        print(f"{name}\t{entry.licence}\t{entry.size:,} bytes\t{state}")


def run(command: typer.Typer, name: str) -> None:
    """Run a command line; a user's mistake is one line that begins with ``name``, and exit code 2."""
    try:
        command(standalone_mode=True)
    except UserError as error:
        print(f"{name}: {' '.join(str(error).split())}", file=sys.stderr)
        sys.exit(2)


def main() -> None:
    """Entry point."""
    run(app, "speak")


if __name__ == "__main__":
    main()
