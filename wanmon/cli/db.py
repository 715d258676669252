"""The database: upgrade its schema, tell its revision, check it."""

import typer

from wanmon.cli.frame.amounts import number
from wanmon.cli.frame.output import say
from wanmon.cli.frame.surroundings import Surroundings
from wanmon.errors import StoreError

app = typer.Typer()


@app.command()
def upgrade(ctx: typer.Context) -> None:
    """Bring the schema up to this program, in one transaction; creates the database where there is none."""
    from wanmon.store import schema

    here: Surroundings = ctx.obj
    typer.echo(schema.upgrade(here.settings.database_url))


@app.command()
def current(ctx: typer.Context) -> None:
    """Tell the revision of the schema."""
    from wanmon.store import revisions
    from wanmon.store.sqlite_file import path_of, revision_of

    here: Surroundings = ctx.obj
    revision = revision_of(path_of(here.database_url))
    typer.echo(revision or "none")
    if revision != revisions.head():
        say(f"this wanmon works with {revisions.head()}")


@app.command()
def check(ctx: typer.Context) -> None:
    """Look for damage, broken references, and a schema unlike this program's; exit 1 where there are any."""
    from wanmon.store import schema

    here: Surroundings = ctx.obj
    url = here.database_url
    problems = schema.check(url)
    for problem in problems:
        say(problem)
    if problems:
        raise StoreError(f"{url}: {number(len(problems), 'problem')}")
    typer.echo("ok")
