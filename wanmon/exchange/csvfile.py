"""One CSV file of one noun, read and checked cell by cell.

Every problem is told with its line, all of them at once. Nothing is guessed: not the encoding, not a column, not a
delimiter beyond `,` or `;`. A cell is data; what a spreadsheet would make a formula of stays the text it is.
"""

import csv
import io
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
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


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a file was found to hold.

    `broken` are rows with something wrong in them, reduced to their sound cells: they stand there, so that whoever
    refers to them is not blamed. Where a part could not be read (`is_whole` is false) any row may have been there.
    """

    rows: tuple[Row, ...] = ()
    broken: tuple[Row, ...] = ()
    problems: tuple[str, ...] = ()
    is_whole: bool = True


def read(noun: Noun, path: str, *, stdin: BinaryIO | None = None) -> Sheet:
    """What a file holds, every problem included; `-` is standard input."""
    if path == STDIN:
        return parse(noun, (stdin or sys.stdin.buffer).read(MAX_FILE_BYTES + 1), "stdin")
    try:
        with Path(path).open("rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
    except FileNotFoundError:
        return Sheet(problems=(f"{path}: there is no such file or folder",), is_whole=False)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        words = getattr(error, "strerror", None) or error
        return Sheet(problems=(f"{path}: cannot be read: {words}",), is_whole=False)
    return parse(noun, data, path)


def parse(noun: Noun, data: bytes, source: str) -> Sheet:
    """What the bytes of a file named `source` hold, every problem included."""
    reading = _Reading(noun, source)
    try:
        reading.take_all(_lines(_decoded(data, source), source))
    except InventoryError as broken:  # from here on nobody can tell where a row begins
        reading.problems += broken.problems
        reading.is_whole = False
    return Sheet(tuple(reading.rows.values()), tuple(reading.broken), tuple(reading.problems), reading.is_whole)


class _Reading:
    """A file on its way to a sheet; what was found before a break is kept."""

    def __init__(self, noun: Noun, source: str) -> None:
        self.noun = noun
        self.source = source
        self.rows: dict[str, Row] = {}
        self.broken: list[Row] = []
        self.problems: list[str] = []
        self.is_whole = True
        self._header: Sequence[str] = ()
        self._line_of: dict[str, int] = {}

    def take_all(self, lines: Iterator[tuple[int, Sequence[str]]]) -> None:
        """Take the header and every line below it. Raises `InventoryError` where no row can be told any more."""
        line, self._header = next(lines, (1, ()))
        self._tell(line, _header_problems(self.noun, self._header))
        is_readable = 0 < len(self._header) <= MAX_COLUMNS
        self.is_whole = is_readable and self.noun.key in self._header
        if not is_readable:
            return
        for line, cells in lines:
            self._take(line, cells)
            if len(self._line_of) + len(self.problems) > MAX_ROWS:
                raise InventoryError([f"{self.source}:{line}: more than {MAX_ROWS} rows or problems: split the file"])

    def _take(self, line: int, cells: Sequence[str]) -> None:
        """Put one line among the rows, or among the broken ones; what is wrong with it is told."""
        values = self._known_cells(cells)
        if len(cells) != len(self._header):
            self._tell(line, [f"has {len(cells)} cells where the first line names {len(self._header)} columns"])
            self._set_aside(line, values.get(self.noun.key, ""), {})
            return
        found = list(_cell_problems(self.noun, values))
        self._tell(line, (f"{column} {quoted(values.get(column, ''))}: {words}" for column, words in found if words))
        key = values.get(self.noun.key, "")
        if found or not key:
            wrong = {column for column, _ in found}
            self._set_aside(line, key, {column: cell for column, cell in values.items() if column not in wrong})
        elif self._stands_alone(line, key):
            self.rows[key] = Row(self.noun, key, values, self.source, line)

    def _known_cells(self, cells: Sequence[str]) -> dict[str, str]:
        """The cells of the columns that the noun has; where a column stands twice, the first."""
        values: dict[str, str] = {}
        for column, cell in zip(self._header, cells, strict=False):
            if column in self.noun.columns:
                values.setdefault(column, cell)
        return values

    def _set_aside(self, line: int, key: str, sound: Mapping[str, str]) -> None:
        if key and self._stands_alone(line, key):
            self.broken.append(Row(self.noun, key, sound, self.source, line))

    def _stands_alone(self, line: int, key: str) -> bool:
        """Whether no line before has the key; told where one has."""
        first = self._line_of.setdefault(key, line)
        if first != line:
            said = f"stands on line {first} already; a {self.noun.name} has one row"
            self._tell(line, [f"{self.noun.key} {quoted(key)}: {said}"])
        return first == line

    def _tell(self, line: int, problems: Iterable[str]) -> None:
        self.problems += [f"{self.source}:{line}: {problem}" for problem in problems]


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


def _cell_problems(noun: Noun, values: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """(column, what is wrong with its cell); no words for a column that the header was found to lack."""
    large = [column for column, cell in values.items() if len(cell.encode()) > MAX_CELL_BYTES]
    if large:
        yield from ((column, f"a cell holds more than {MAX_CELL_BYTES} bytes") for column in large)
        return
    try:
        noun.fields.model_validate(values)
    except RecursionError:  # JSON of nothing but brackets, deeper than its parser goes
        yield noun.key, "a cell is nested too deep"
    except ValidationError as error:
        for column, words in complaints(noun.fields, error):
            if column:
                yield column, words if column in values else ""
            elif len(values) == len(noun.columns):  # else the rest of the row is in the database: the plan judges
                yield noun.key, words
