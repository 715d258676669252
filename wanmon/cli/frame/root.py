"""The root command: the global options, and the commands found by looking at the folder.

`wanmon --help` reads the first line of each file as text; only the command that is invoked gets imported.
"""

import importlib
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

from wanmon.cli.frame.surroundings import Surroundings

_FOLDER = Path(__file__).parent.parent

#: Options that Typer adds to every application that is a command of its own.
_COMPLETION = ("install_completion", "show_completion")


def summaries() -> dict[str, str]:
    """Every command and what it does in one line, by name."""
    files = (file for file in sorted(_FOLDER.glob("*.py")) if file.stem != "__init__")
    return {file.stem: _first_line(file) for file in files}


def _first_line(file: Path) -> str:
    with file.open(encoding="utf-8") as text:
        return text.readline().strip().strip('"').rstrip(".")


class Commands(TyperGroup):
    """A group whose commands are the files of the folder, each imported when it is invoked."""

    def list_commands(self, ctx: Any) -> list[str]:
        """The names of all commands."""
        return list(summaries())

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of that name; none where there is no such file."""
        if cmd_name not in summaries():
            return None
        module = importlib.import_module(f"wanmon.cli.{cmd_name}")
        module.app.rich_markup_mode = None  # plain help: a pipe and a screen reader get the same words
        command = get_command(module.app)
        command.name = cmd_name
        command.params = [each for each in command.params if each.name not in _COMPLETION]
        command.help = command.help or summaries()[cmd_name]
        return command

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """The commands in `--help`, from the files' first lines."""
        with formatter.section("Commands"):
            rows = list(summaries().items())
            if rows:
                formatter.write_dl(rows)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """As Typer does, with suggestions from all commands."""
        self.commands = dict.fromkeys(summaries(), self)  # Typer looks here for names like the one mistyped
        return super().resolve_command(ctx, args)


def _show_version(value: bool) -> None:
    if not value:
        return
    from importlib import metadata

    try:
        number = metadata.version("wanmon")
    except metadata.PackageNotFoundError:
        number = "from a checkout that is not installed"
    typer.echo(f"wanmon {number}")
    raise typer.Exit


app = typer.Typer(
    cls=Commands,
    rich_markup_mode=None,
    add_completion=False,
    help="Inventory and monitor of an intra-provincial WAN.",
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def _root(
    ctx: typer.Context,
    config: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The configuration; else $WANMON_CONFIG, ./wanmon.toml, /etc/wanmon."),
    ] = None,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and end.")
    ] = False,
) -> None:
    here: Surroundings = ctx.obj
    here.config, here.debug = config, debug
