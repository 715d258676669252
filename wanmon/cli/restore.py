"""Bring a backup back into a folder; never over a database."""

from pathlib import Path
from typing import Annotated

import typer

from wanmon.cli.frame.output import say

app = typer.Typer()


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `wanmon backup` wrote.")],
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="Where the database goes, as wanmon.db.")],
) -> None:
    """Bring FILE back as DIR/wanmon.db; a database that is there already is never overwritten."""
    from wanmon.store.backup import restore as bring_back

    path = bring_back(file, directory)
    typer.echo(str(path))
    say(f"point `database` of wanmon.toml at sqlite:///{path.resolve()} and run `wanmon db upgrade`")
