"""Profiles of vendors' devices: list."""

import typer

from wanmon.cli.frame.options import Output, OutputOption
from wanmon.cli.frame.output import say, show_records
from wanmon.cli.frame.surroundings import Surroundings

app = typer.Typer()


@app.callback()
def _profile() -> None:
    """Profiles: what is known of the devices of each vendor."""


@app.command("list")
def list_profiles(ctx: typer.Context, output: OutputOption = Output.TABLE) -> None:
    """List the profiles that can be used; exit 3 where some file cannot."""
    here: Surroundings = ctx.obj
    records = [
        {"profile": profile.profile, "title": profile.title, "verified": profile.verified}
        for _, profile in sorted(here.library.profiles.items())
    ]
    show_records(records, ("profile", "title", "verified"), output)
    for problem in here.library.problems:
        say(problem)
    if here.library.problems:
        raise typer.Exit(3)
