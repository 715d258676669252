"""Answers on stdout: tables for people, JSON and CSV for programs. Everything else that is said goes to stderr.

A table is fitted and coloured on a terminal only; into a pipe it is neither cut nor wrapped.
"""

import csv
import io
import json
import os
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Literal

import typer

from wanmon.cli.frame.amounts import duration, instant, percent, rate
from wanmon.cli.frame.options import Output
from wanmon.cli.frame.printable import printable, printable_json, width
from wanmon.clock import shown

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

Record = Mapping[str, Any]

#: What a spreadsheet would take for a formula; a tab or CR at the beginning is written out as text before.
_FORMULA = ("=", "+", "-", "@")
_STYLES = {
    "up": "green", "ok": "green", "degraded": "yellow", "warning": "yellow", "unknown": "bright_black",
    "down": "bold red", "critical": "bold red", "unreachable": "magenta", "met": "green", "missed": "bold red",
}  # fmt: skip
#: Columns whose name tells a program more than a person.
_HEADINGS = {"is_known": "in secrets", "is_in_maintenance": "maintenance", "is_verified": "verified"}
_STYLED = {"state", "verdict", "oper_status", "parent_state"}


def say(text: str) -> None:
    """Tell the person at the keyboard something that is not the answer."""
    typer.echo(printable(text), err=True)


def show_json(value: Any) -> None:
    """One JSON value; instants with their offset, diacritics as they are."""
    typer.echo(printable_json(json.dumps(value, ensure_ascii=False, indent=2, default=_json_value)))


def show_records(
    records: Sequence[Record],
    columns: Sequence[str],
    output: Output,
    *,
    table: Collection[str] | None = None,
    none: str = "nothing to list",
) -> None:
    """A list of things with the same columns; a table has only those of `table`, if given.

    Of an empty list a person is told `none`, on stderr.
    """
    if output is Output.JSON:
        show_json([{column: record[column] for column in columns} for record in records])
    elif output is Output.CSV:
        show_csv(records, columns)
    elif records:
        show_table(records, [column for column in columns if table is None or column in table])
    else:
        say(none)


def show_record(record: Record, output: Output) -> None:
    """One thing: a JSON object, a CSV of one row, or a line for each of its values and a table for each list in it."""
    lists = {name: value for name, value in record.items() if _is_list(value)}
    fields = {name: value for name, value in record.items() if name not in lists}
    if output is Output.JSON:
        show_json(dict(record))
    elif output is Output.CSV:
        show_csv([fields], list(fields))
    else:
        show_fields(fields)
        for name, records in lists.items():
            typer.echo(f"\n{_heading(name)}:")
            show_table(records, list(records[0]))


def show_csv(records: Iterable[Record], columns: Sequence[str]) -> None:
    """Comma-separated with a header, and no cell that a spreadsheet would run."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_csv_cell(record[column]) for column in columns] for record in records)
    typer.echo(text.getvalue(), nl=False)


def show_table(records: Sequence[Record], columns: Sequence[str]) -> None:
    """Columns under their names; nothing at all where there are no records."""
    if not records:
        return
    if sys.stdout.isatty():
        console().print(table(records, columns))
    else:  # without rich, whose import and drawing cost more than all the rest of a listing
        typer.echo("\n".join(_aligned(records, columns)))


def table(records: Sequence[Record], columns: Sequence[str]) -> "Table":
    """The same for a terminal: fitted to its width, states in their colours."""
    from rich.table import Table
    from rich.text import Text

    drawn = Table(box=None, pad_edge=False)
    for column in columns:
        justify: Literal["left", "right"] = "right" if _is_numeric(records, column) else "left"
        drawn.add_column(_heading(column), justify=justify, overflow="fold")
    for record in records:
        drawn.add_row(*(Text(_cell(column, record[column]), _style(column, record[column])) for column in columns))
    return drawn


def _aligned(records: Sequence[Record], columns: Sequence[str]) -> Iterator[str]:
    cells = [[_cell(column, record[column]) for column in columns] for record in records]
    rows = [[_heading(column) for column in columns], *cells]
    widths = [max(width(row[at]) for row in rows) for at in range(len(columns))]
    right = [_is_numeric(records, column) for column in columns]
    for row in rows:
        parts = (_padded(text, room, right=to_right) for text, room, to_right in zip(row, widths, right, strict=True))
        yield "  ".join(parts).rstrip()


def _padded(text: str, room: int, *, right: bool) -> str:
    blank = " " * (room - width(text))
    return blank + text if right else text + blank


def _heading(column: str) -> str:
    """What stands above a column: its amounts bring their own units."""
    return _HEADINGS.get(column) or column.removesuffix("_bps").removesuffix("_s").removesuffix("_ratio").replace(
        "_", " "
    )


def _is_numeric(records: Sequence[Record], column: str) -> bool:
    return any(isinstance(record[column], int | float) and not isinstance(record[column], bool) for record in records)


def show_fields(record: Record) -> None:
    """A line for each value that is not empty, under one another."""
    filled = {_heading(name): _cell(name, value) for name, value in record.items() if value not in (None, "", [], ())}
    room = max(map(len, filled), default=0)
    for name, text in filled.items():
        typer.echo(f"{name:{room}}  {text}")


def console(*, stderr: bool = False) -> "Console":
    """A console that keeps to NO_COLOR, takes no markup and guesses no highlights."""
    from rich.console import Console

    return Console(
        stderr=stderr,
        color_system=None if os.environ.get("NO_COLOR") else "auto",
        markup=False,
        highlight=False,
        emoji=False,
    )


def _cell(column: str, value: Any) -> str:
    """A value as a table has it, with its unit where the name of the column tells one."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        if column.endswith("_bps"):
            return rate(value)
        if column.endswith("_s"):
            return duration(value)
        if column.endswith("_ratio"):
            return percent(value)
    return instant(value) if isinstance(value, datetime) else cell_text(value)


def cell_text(value: Any) -> str:
    """A value as text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.6f}".rstrip("0").rstrip(".")
    if isinstance(value, list | tuple):
        return ", ".join(cell_text(each) for each in value)
    if isinstance(value, Mapping):
        return json.dumps(dict(value), ensure_ascii=False, default=_json_value)
    if isinstance(value, datetime):
        return shown(value)
    return printable(str(value))


def _is_list(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], Mapping)


def _csv_cell(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(value)
    text = cell_text(value)
    return f"'{text}" if text.startswith(_FORMULA) and not isinstance(value, int) else text


def _json_value(value: Any) -> Any:
    if isinstance(value, datetime):
        return shown(value)
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def _style(column: str, value: Any) -> str:
    return _STYLES.get(str(value), "") if column in _STYLED else ""
