"""The configuration: show what is in force, check that it can be used."""

import os
import tomllib
from typing import Annotated, Any

import typer

from wanmon.cli.frame.amounts import number
from wanmon.cli.frame.options import Output, OutputOption
from wanmon.cli.frame.output import say, show_json, show_records
from wanmon.cli.frame.surroundings import Surroundings
from wanmon.errors import ConfigError, StoreError

app = typer.Typer()


@app.command()
def show(ctx: typer.Context, output: OutputOption = Output.TABLE) -> None:
    """Show every setting in force and where it comes from; never a secret."""
    here: Surroundings = ctx.obj
    settings = here.settings
    say(f"read from {settings.file}" if settings.file else "no configuration file: defaults and the environment")
    values = settings.model_dump(mode="json")
    if output is Output.JSON:
        show_json({"file": str(settings.file) if settings.file else None, "settings": values})
        return
    written = _written(here)
    records = [
        {"key": key, "value": "" if value is None else str(value), "from": _source(key, written)}
        for key, value in _flat(values)
    ]
    show_records(records, ("key", "value", "from"), output)


@app.command()
def check(
    ctx: typer.Context,
    database: Annotated[bool, typer.Option("--database/--no-database", help="Open the database, too.")] = True,
) -> None:
    """Check wanmon.toml, secrets.toml, the profiles and that the database can be opened; exit 1 if not."""
    here: Surroundings = ctx.obj
    problems = _file_problems(here) or [
        *here.library.problems,
        *(_database_problems(here) if database else []),
    ]
    if problems:
        for problem in problems:
            say(problem)
        raise ConfigError(f"{_name(here)}: {number(len(problems), 'problem')}")
    found = f"{len(here.secrets.snmp) + len(here.secrets.ssh)} credentials, {len(here.library.profiles)} profiles"
    typer.echo(f"ok: {here.settings.file or 'defaults'}, {found}")


def _name(here: Surroundings) -> str:
    from wanmon.config.settings import find_file

    return str(find_file(here.config) or "the configuration")


def _file_problems(here: Surroundings) -> list[str]:
    """Everything that is wrong with wanmon.toml and with secrets.toml, the one as well as the other."""
    from wanmon.config.secrets import load_secrets
    from wanmon.config.settings import secrets_beside

    problems: list[str] = []
    try:
        secrets = here.settings.secrets_file
    except ConfigError as error:
        problems += error.problems
        secrets = secrets_beside(here.config)
    try:
        load_secrets(secrets)
    except ConfigError as error:
        problems += error.problems
    return problems


def _database_problems(here: Surroundings) -> list[str]:
    """That it cannot be opened, or that its devices name credentials which are not in secrets.toml."""
    try:
        inventory = here.inventory()
    except (ConfigError, StoreError) as error:
        return [str(error)]
    named: dict[str, int] = {}
    for device in inventory.devices.values():
        for name in device.snmp.split(",") if device.snmp != "none" else ():
            named[name] = named.get(name, 0) + 1
    file = here.settings.secrets_file
    return [
        f"{file}: no credential snmp.{name}, which {number(count, 'device')} name{'s' if count == 1 else ''}"
        for name, count in named.items()
        if name not in here.secrets.snmp
    ]


def _flat(values: dict[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    pairs = []
    for key, value in values.items():
        pairs += _flat(value, f"{key}.") if isinstance(value, dict) else [(prefix + key, value)]
    return pairs


def _written(here: Surroundings) -> set[str]:
    """The keys that stand in the file."""
    file = here.settings.file
    return {key for key, _ in _flat(tomllib.loads(file.read_text(encoding="utf-8")))} if file else set()


def _source(key: str, written: set[str]) -> str:
    """What decided a key: the environment, the file, or nobody."""
    section = key.partition(".")[0]
    deciding = {f"WANMON_{name.upper().replace('.', '__')}" for name in (key, section)}
    if any(name.upper() in deciding for name in os.environ):
        return "environment"
    return "file" if key in written else "default"
