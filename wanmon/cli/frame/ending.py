"""How every command ends: its exit status, and its error in one line on stderr. Tracebacks only with `--debug`."""

import os
import sys
import traceback
from collections.abc import Sequence

import typer
from typer.main import get_command

from wanmon.cli.frame.printable import printable
from wanmon.cli.frame.root import app
from wanmon.cli.frame.surroundings import Surroundings
from wanmon.errors import ConfigError, InventoryError, RecordingError, ScriptError, WanmonError

FAILED, USAGE, PARTLY, INTERRUPTED = 1, 2, 3, 130
_SHOWN_PROBLEMS = 50
_SHOWN_CHARACTERS = 500


def run(args: Sequence[str], here: Surroundings | None = None) -> int:
    """Do what `args` say; return the exit status. Never raises for what goes wrong."""
    here = here or Surroundings()
    if is_plugin(args):
        return _run_plugin(args, here)
    return _run(args, here)


def is_plugin(args: Sequence[str]) -> bool:
    """Whether a monitoring system asks: then every end is one line on stdout, and a status that it knows."""
    words = list(args)[: list(args).index("--")] if "--" in args else list(args)
    return "--plugin" in words and "check" in words and "run" in words


def _run(args: Sequence[str], here: Surroundings) -> int:
    try:
        status = get_command(app).main(list(args) or ["--help"], prog_name="wanmon", standalone_mode=False, obj=here)
        sys.stdout.flush()
        return status if isinstance(status, int) else 0
    except BrokenPipeError:
        return _reader_left()
    except SystemExit as ending:  # Typer's own way with a closed pipe
        return ending.code if isinstance(ending.code, int) else FAILED
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:
        if here.debug:
            traceback.print_exc()
        lines, status = told(error)
        for line in lines:
            typer.echo(f"wanmon: {line}", err=True)
        return status
    finally:
        here.close()


def _run_plugin(args: Sequence[str], here: Surroundings) -> int:
    """The same for a monitoring system: what goes wrong is UNKNOWN, usage and crashes included."""
    from wanmon.cli.frame import plugin

    lines = ["it was broken off"]
    try:
        status = get_command(app).main(list(args), prog_name="wanmon", standalone_mode=False, obj=here)
        sys.stdout.flush()
        if not status or status in plugin.STATUS.values():
            return status or 0
    except BrokenPipeError:
        _reader_left()
        return plugin.UNKNOWN
    except (KeyboardInterrupt, SystemExit):
        pass
    except Exception as error:
        if here.debug:
            traceback.print_exc()
        lines, _ = told(error)
    finally:
        here.close()
    typer.echo(plugin.unknown("; ".join(lines)))
    return plugin.UNKNOWN


def told(error: Exception) -> tuple[list[str], int]:
    """What to say of an error, line by line, and the exit status."""
    if isinstance(error, InventoryError | ConfigError | ScriptError | RecordingError):
        return _bounded([printable(problem) for problem in error.problems]), error.exit_status
    if isinstance(error, WanmonError):
        return [printable(str(error))], error.exit_status
    if isinstance(error, typer.Abort):
        return ["nothing was done"], FAILED
    if isinstance(error, typer.TyperException):
        return [_usage(error)], error.exit_code
    if isinstance(error, OSError) and error.filename is not None:
        return [printable(f"{error.filename}: {error.strerror}")], FAILED
    text = printable(str(error))[:_SHOWN_CHARACTERS]
    return [f"internal error: {type(error).__name__}: {text}; run again with --debug"], FAILED


def _usage(error: typer.TyperException) -> str:
    """Typer's words in our form, with the command that explains them."""
    words = printable(error.format_message()).rstrip(".").replace(": Value error, ", ": ")
    ctx = getattr(error, "ctx", None)
    words = words[:1].lower() + words[1:].replace(". Did you mean", ": did you mean")
    if not ctx:
        return words
    return (
        f"{words} See `{ctx.command_path} --help`"
        if words.endswith("?")
        else f"{words}: see `{ctx.command_path} --help`"
    )


def _bounded(lines: list[str]) -> list[str]:
    more = len(lines) - _SHOWN_PROBLEMS
    return lines if more <= 0 else [*lines[:_SHOWN_PROBLEMS], f"… and {more} more"]


def _reader_left() -> int:
    # What is still buffered has nowhere to go: the interpreter would complain of it at its end.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0
