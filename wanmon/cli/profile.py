"""Profiles of vendors' devices: list, test."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wanmon.cli.frame.options import Output, OutputOption
from wanmon.cli.frame.output import say, show_fields, show_json, show_records, show_table
from wanmon.cli.frame.surroundings import Surroundings
from wanmon.errors import UsageError

if TYPE_CHECKING:
    from wanmon.profiles.library import Library
    from wanmon.profiles.profile import Profile

app = typer.Typer()

_COLUMNS = ("profile", "title", "verified", "gives")
_PORT_COLUMNS = ("interface", "if_index", "alias", "speed_bps", "admin_status", "oper_status")


@app.callback()
def _profile() -> None:
    """Profiles: what is known of the devices of each vendor."""


@app.command("list")
def list_profiles(ctx: typer.Context, output: OutputOption = Output.TABLE) -> None:
    """List the profiles that can be used, and what each can read; exit 3 where some file cannot.

    A profile is verified when a recording of a real device was read by it.
    """
    from wanmon.cli.frame.profile_view import profile_record

    here: Surroundings = ctx.obj
    show_records([profile_record(each) for _, each in sorted(here.library.profiles.items())], _COLUMNS, output)
    for problem in here.library.problems:
        say(problem)
    if here.library.problems:
        raise typer.Exit(3)


@app.command("test")
def try_profile(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="The YAML of a profile; it may include the shipped ones.")],
    replay: Annotated[
        Path, typer.Option(help="A recorded walk: .snmprec, plain or packed (wanmon snmp walk --record).")
    ],
    output: OutputOption = Output.TABLE,
) -> None:
    """Read a recorded walk by a profile as the poller would. Exit 1 if something that it promises is not there."""
    from wanmon.cli.frame.profile_view import tested
    from wanmon.lab.replay_reading import read_once
    from wanmon.lab.snmprec import read

    library, profile = _loaded(ctx.obj, file)
    recorded = read(replay, say)
    record = tested(profile, library, read_once(recorded, library, profile.profile), recorded)
    _show(record, output)
    for missing in record["missing"]:
        say(missing)
    if record["missing"]:
        raise typer.Exit(1)


def _loaded(here: Surroundings, file: Path) -> "tuple[Library, Profile]":
    """All profiles that this one may include, with it among them, and this one. Raises `ConfigError`."""
    from wanmon.config.layout import shipped
    from wanmon.errors import ConfigError
    from wanmon.profiles.library import load_with

    own = here.settings.profiles
    folders = [shipped("inventory") / "profiles", *([here.settings.beside(own)] if own else [])]
    library, name = load_with(folders, file)
    problems = [problem for problem in library.problems if problem.startswith(f"{file}:")]
    if problems or name is None:
        raise ConfigError("\n".join(dict.fromkeys(problems)))
    return library, library.named(name)


def _show(record: dict[str, Any], output: Output) -> None:
    from wanmon.cli.frame.health_view import health_lines

    if output is Output.JSON:
        show_json(record)
    elif output is Output.CSV:
        raise UsageError("-o csv: a device is no table: take -o json")
    else:
        proposal = record["wan_port"]
        said = f"{proposal['interface']}: {proposal['reason']}" if proposal else None
        matches = {"profile": record["profile"], "would_match": record["would_match"], "wan_port": said}
        show_fields({**matches, **record["identity"]})
        show_table(record["interfaces"], _PORT_COLUMNS)
        show_table(health_lines(record["sensors"]), ("sensor", "name", "value"))
