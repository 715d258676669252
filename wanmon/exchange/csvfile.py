"""One CSV file of one noun, read and checked cell by cell.

Every problem is told with its line, all of them at once. Nothing is guessed: not the encoding, not a column, not a
delimiter beyond `,` or `;`. A cell is data; what a spreadsheet would make a formula of stays the text it is.
"""

import csv
import io
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from pydantic import ValidationError

from wanmon.errors import InventoryError
from wanmon.exchange import encoding
from wanmon.exchange.wording import complaints, quoted, suggestion
from wanmon.model.inventory import Noun

MAX_FILE_BYTES = 16 * 1024 * 1024
MAX_ROWS = 100_000
MAX_COLUMNS = 100
MAX_CELL_BYTES = 4096

STDIN = "-"

_READER_WORDS = (  # what the csv module says, and what is meant
    ("field larger", f"a cell holds more than {MAX_CELL_BYTES} bytes"),
    (
        "unexpected end",
        'a quote " is opened here and never closed: close it, or write "" for one that belongs to the text',
    ),
    ("expected after", 'text stands behind a closing quote ": write "" for a quote that belongs to the text'),
)


@dataclass(frozen=True, slots=True)
class Row:
    """A row as the file has it: its cells by column, for the columns of the file alone; blank ones are ''."""

    noun: Noun
    key: str
    cells: Mapping[str, str]
    source: str
    line: int

    @property
    def place(self) -> str:
        """Where it stands: `sites.csv:12`."""
        return f"{self.source}:{self.line}"


def read(noun: Noun, path: str, *, stdin: BinaryIO | None = None) -> tuple[Row, ...]:
    """The rows of a file; `-` is standard input. Raises `InventoryError` with every problem found."""
    if path == STDIN:
        return parse(noun, (stdin or sys.stdin.buffer).read(MAX_FILE_BYTES + 1), "stdin")
    try:
        with Path(path).open("rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise InventoryError([f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}"]) from None
    return parse(noun, data, path)


def parse(noun: Noun, data: bytes, source: str) -> tuple[Row, ...]:
    """The rows in the bytes of a file named `source`. Raises `InventoryError` with every problem found."""
    text = _decoded(data, source)
    lines = _lines(text, source)
    header_line, header = next(lines, (1, ()))
    problems = [f"{source}:{header_line}: {problem}" for problem in _header_problems(noun, header)]
    if problems:
        raise InventoryError(problems)
    rows, problems = _collected(noun, header, lines, source)
    if problems:
        raise InventoryError(problems)
    return rows


def _collected(
    noun: Noun, header: Sequence[str], lines: Iterator[tuple[int, Sequence[str]]], source: str
) -> tuple[tuple[Row, ...], list[str]]:
    """The rows below the header, and what is wrong with any of them."""
    rows: dict[str, Row] = {}
    problems: list[str] = []
    try:
        for line, cells in lines:
            problems += [f"{source}:{line}: {problem}" for problem in _take(noun, header, cells, source, line, rows)]
            if len(rows) + len(problems) > MAX_ROWS:
                problems.append(f"{source}:{line}: more than {MAX_ROWS} rows or problems: split the file")
                break
    except InventoryError as broken:  # from here on nobody can tell where a row begins
        problems += broken.problems
    return tuple(rows.values()), problems


def _decoded(data: bytes, source: str) -> str:
    if len(data) > MAX_FILE_BYTES:
        raise InventoryError([f"{source}: is larger than {MAX_FILE_BYTES // 1024**2} MiB: split it"])
    if declared := encoding.byte_order_mark(data):
        raise InventoryError([f"{source}:1: is {declared}, not UTF-8: save it as `CSV UTF-8`"])
    if (nul := data.find(b"\0")) >= 0:
        raise InventoryError(
            [f"{source}:{_line_of(data, nul)}: holds a NUL byte, so it is no text: save it as `CSV UTF-8`"]
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        begin = data.rfind(b"\n", 0, error.start) + 1
        guessed = encoding.guess(data[begin:])
        found = f"is {guessed}, not UTF-8" if guessed else "is neither UTF-8 nor an encoding known here"
        raise InventoryError([f"{source}:{_line_of(data, begin)}: {found}: save it as `CSV UTF-8`"]) from None


def _line_of(data: bytes, position: int) -> int:
    return data.count(b"\n", 0, position) + 1


def _lines(text: str, source: str) -> Iterator[tuple[int, Sequence[str]]]:
    """The lines that hold anything, trimmed, each with the number of its first line in the file."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = [cell.strip() for cell in next(reader)]
        except StopIteration:
            return
        except csv.Error as error:
            raise InventoryError([f"{source}:{line}: {_reader_words(error)}"]) from None
        if any(cells):
            yield line, cells


def _delimiter(text: str) -> str:
    """What separates the names of the columns; the rows below may be full of the other sign."""
    header = text.lstrip().partition("\n")[0].partition("\r")[0]
    return ";" if header.count(";") > header.count(",") else ","


def _reader_words(error: csv.Error) -> str:
    return next((words for sign, words in _READER_WORDS if sign in str(error)), str(error))


def _header_problems(noun: Noun, header: Sequence[str]) -> Iterator[str]:
    if not header:
        yield f"is empty: the first line names the columns, {','.join(noun.columns)}"
        return
    if len(header) > MAX_COLUMNS:
        yield f"has {len(header)} columns: {','.join(noun.columns)} are all that a {noun.name} can have"
        return
    for number, column in enumerate(header, 1):
        if not column:
            yield f"column {number} has no name: delete it, or name it"
        elif column not in noun.columns:
            yield f"unknown column {quoted(column)}{suggestion(column, noun.columns)}"
        elif column in header[: number - 1]:
            yield f"column {quoted(column)} stands there twice"
    for column, field in noun.fields.model_fields.items():
        if field.is_required() and column not in header:
            yield f"column {column!r} is missing: every {noun.name} needs one"


def _take(
    noun: Noun, header: Sequence[str], cells: Sequence[str], source: str, line: int, rows: dict[str, Row]
) -> Iterator[str]:
    """Put one line among `rows`, or tell what is wrong with it."""
    if len(cells) != len(header):
        yield f"has {len(cells)} cells where the first line names {len(header)} columns"
        return
    values = dict(zip(header, cells, strict=True))
    key = values[noun.key]
    yield from _cell_problems(noun, values)
    if not key:
        return
    first = rows.setdefault(key, Row(noun, key, values, source, line))
    if first.line != line:
        yield f"{noun.key} {quoted(key)}: stands on line {first.line} already; a {noun.name} has one row"


def _cell_problems(noun: Noun, values: Mapping[str, str]) -> Iterator[str]:
    large = [column for column, cell in values.items() if len(cell.encode()) > MAX_CELL_BYTES]
    for column in large:
        yield f"{column} {quoted(values[column])}: a cell holds more than {MAX_CELL_BYTES} bytes"
    if large:
        return
    try:
        noun.fields.model_validate(values)
    except RecursionError:  # JSON of nothing but brackets, deeper than its parser goes
        yield f"{noun.key} {quoted(values[noun.key])}: a cell is nested too deep"
    except ValidationError as error:
        for column, words in complaints(noun.fields, error):
            if column:
                yield f"{column} {quoted(values[column])}: {words}"
            elif len(values) == len(noun.columns):  # else the rest of the row is in the database: the plan judges
                yield f"{noun.key} {quoted(values[noun.key])}: {words}"
