"""``speak generate``: the options of the command.

The work is done in ``speak.inference.talk``, which is imported when the command runs: it takes seconds.
"""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Fit(StrEnum):
    """How a driving video is brought to the sound's length."""

    loop = "loop"
    stretch = "stretch"


def generate(  # noqa: PLR0913 - one parameter an option
    identity: Annotated[Path, typer.Option(help="Picture of the face that shall speak (PNG, JPEG).")],
    audio: Annotated[Path, typer.Option(help="What is said: any sound or video file, any length.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The video to make (.mp4).")],
    pose: Annotated[
        Path | None, typer.Option(help="Video that leads the head; without it the head keeps still.")
    ] = None,
    emotion: Annotated[
        str | None, typer.Option(help="Video that leads the expression, or an emotion's name; neutral without it.")
    ] = None,
    level: Annotated[int, typer.Option(min=1, max=3, help="Intensity of a named emotion.")] = 2,
    fit: Annotated[Fit, typer.Option(help="Play driving videos to and fro, or stretch them to the sound.")] = Fit.loop,
    size: Annotated[int, typer.Option(min=64, max=2048, help="Side of the video in pixels, even.")] = 256,
    fps: Annotated[float, typer.Option(min=1, max=120, help="Frames a second.")] = 30.0,
    checkpoint: Annotated[Path | None, typer.Option(help="Trained SPEAK; the profile's own if not given.")] = None,
) -> None:
    """Make a talking head from a picture and a sound. The file says that it is synthetic; use it with consent."""
    from speak.inference.talk import TalkRequest, talk

    request = TalkRequest(
        identity=identity,
        audio=audio,
        output=output,
        pose=pose,
        emotion=emotion,
        level=level,
        fit=fit.value,
        size=size,
        fps=fps,
        checkpoint=checkpoint or profile_checkpoint(Path.cwd()),
    )
    for note in talk(request):
        typer.echo(f"note: {note}", err=True)
    print(output)


def profile_checkpoint(root: Path) -> Path:
    """Where the full model of the profile named in ``root/params.yaml`` lies, of its first seed. Raises UserError."""
    models, seed = profile_models(root, "--checkpoint")
    return models / "speak" / "full" / str(seed) / "checkpoint.pt"


def profile_models(root: Path, option: str) -> tuple[Path, int]:
    """Where the models of the profile named in ``root/params.yaml`` lie, and its first seed.

    Args:
        root: of the project.
        option: with which the user can name a model instead, for the error's advice.

    Raises:
        UserError: this is not a project's root.
    """
    from speak.config import read_yaml
    from speak.errors import UserError

    if not (root / "params.yaml").is_file():
        raise UserError(f"not in a project's root: name the trained model with {option}")
    profile = str(read_yaml(root / "params.yaml")["profile"])
    seed = read_yaml(root / "profiles" / f"{profile}.yaml")["ablations"]["seeds"][0]
    return root / "work" / profile / "models", seed
