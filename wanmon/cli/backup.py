"""Copy the database, at one instant, into one file, while the service goes on."""

from pathlib import Path
from typing import Annotated

import typer

from wanmon.cli.frame.output import say
from wanmon.cli.frame.surroundings import Surroundings

app = typer.Typer()


@app.command()
def backup(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where the copy goes, with mode 0600.")],
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a file of that name.")] = False,
) -> None:
    """Copy the database, at one instant, into FILE; the copy is checked before it appears."""
    from wanmon.store.backup import backup as copy

    here: Surroundings = ctx.obj
    copy(here.database_url, file, overwrite=overwrite)
    say(f"{file} holds the database; secrets.toml and wanmon.toml are not in it")
