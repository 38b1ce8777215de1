"""``speak baseline``: the options of the command.

The work is done in ``benchmarks.own_files``, which is imported when the command runs: it takes seconds.
"""

from pathlib import Path
from typing import Annotated

import typer

from speak.inference.command import profile_models


def baseline(
    method: Annotated[str, typer.Argument(help="atvg, eamm, pc_avs or wav2lip.")],
    identity: Annotated[Path, typer.Option(help="Picture of the face that shall speak (PNG, JPEG).")],
    audio: Annotated[Path, typer.Option(help="What is said: any sound or video file, up to a minute.")],
    output: Annotated[Path, typer.Option("--out", "-o", help="The video to make (.mp4).")],
    driving: Annotated[
        Path | None, typer.Option(help="Video that leads head (eamm, pc_avs) and emotion (eamm); else the picture.")
    ] = None,
    models: Annotated[
        Path | None, typer.Option(help="Folder of trained models; the profile's own if not given.")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Of the training that is taken; the profile's first.")] = None,
) -> None:
    """Make a talking head with a baseline. The file says that it is synthetic; use it with consent."""
    from benchmarks.own_files import OwnFiles, make_video

    folder, first = (models, 0) if models else profile_models(Path.cwd(), "--models")
    files = OwnFiles(
        method=method,
        identity=identity,
        audio=audio,
        output=output,
        driving=driving,
        models=folder,
        seed=first if seed is None else seed,
    )
    for note in make_video(files):
        typer.echo(f"note: {note}", err=True)
    print(output)
