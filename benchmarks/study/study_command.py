"""``speak-bench study``: make a study, serve it, take its ratings out."""

from pathlib import Path
from typing import Annotated

import typer

from benchmarks.study.commands_analysis import analyse, plan

study = typer.Typer(help="The user study: videos rated by people.", no_args_is_help=True)
study.command()(analyse)
study.command()(plan)
Folder = Annotated[Path, typer.Argument(help="The study's folder.")]
Database = Annotated[
    str | None, typer.Option(help="postgresql+psycopg://USER:PASSWORD@HOST/NAME; SQLite in the folder if none.")
]


@study.command()
def new(
    folder: Folder,
    generated: Annotated[Path, typer.Option(help="Generated videos of a run.")] = Path("work/demo/generated"),
    config: Annotated[Path | None, typer.Option(help="Methods, numbers, rules; the paper's study if none.")] = None,
    participants: Annotated[int | None, typer.Option(help="Instead of the number in the config.", min=1)] = None,
    videos: Annotated[int | None, typer.Option(help="For each participant; instead of the config's.", min=2)] = None,
) -> None:
    """Make a study: videos under opaque names, the design, and an invitation for each participant."""
    import dataclasses

    from benchmarks.study.config import CONFIG, read_config
    from benchmarks.study.invitations import INVITATIONS
    from benchmarks.study.making import make_study

    changes = {"participants": participants, "videos": videos}
    wanted = dataclasses.replace(
        read_config(config or CONFIG), **{name: value for name, value in changes.items() if value is not None}
    )
    design = make_study(folder, generated, wanted)
    print(f"study {design.study}: {len(design.sequences)} participants, {len(design.items)} videos in {folder}")
    for what, (least, most) in design.balance.items():
        print(f"  {what}: {least}" + (f" to {most}" if most != least else ""))
    print(f"invitations, for your eyes only: {folder / INVITATIONS}")


@study.command()
def serve(
    folder: Folder,
    host: Annotated[str, typer.Option(help="Address to listen at; 0.0.0.0 for all.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen at.", min=0, max=65535)] = 8000,
    url: Annotated[str | None, typer.Option(help="Where participants see it, e.g. https://study.example.org.")] = None,
    database: Database = None,
    show_links: Annotated[bool, typer.Option(help="Print every link, the experimenter's, too.")] = False,
) -> None:
    """Serve a study until Ctrl-C; start it again at any time, nothing that was saved is lost."""
    from benchmarks.study.invitations import read_links
    from benchmarks.study.serving import origin_of, serve_study

    public = origin_of(url or f"http://{host}:{port}")
    if show_links:
        for name, link in read_links(folder, public).items():
            print(f"{name}: {link}")
    print(f"{folder} is served at {public}; Ctrl-C ends it", flush=True)
    serve_study(folder, host, port, public, database)


@study.command()
def export(
    folder: Folder,
    file: Annotated[Path, typer.Argument(help="To be written: .parquet or .csv.")],
    database: Database = None,
) -> None:
    """Write the ratings so far; a study that is being served may go on."""
    from benchmarks.study.export import ratings_table, write_ratings
    from benchmarks.study.serving import opened

    with opened(folder, database) as (design, store):
        ratings = ratings_table(design, store)
    write_ratings(file, ratings)
    print(f"{file}: {len(ratings)} answers of {ratings['participant'].nunique()} participants")


@study.command()
def withdraw(
    folder: Folder,
    participant: Annotated[str, typer.Argument(help="Whose answers are to be deleted, e.g. p03.")],
    database: Database = None,
) -> None:
    """Delete all answers of a participant who has asked for it; the link ends with that."""
    from datetime import UTC, datetime

    from benchmarks.study.serving import opened
    from speak.errors import UserError

    with opened(folder, database) as (design, store):
        if participant not in design.sequences:
            raise UserError(f"{participant}: not in this study; participants are {', '.join(design.sequences)}")
        count = store.withdraw(participant, datetime.now(UTC).isoformat(timespec="seconds"))
    print(f"{participant}: {count} answers deleted")
