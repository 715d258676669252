"""A proposal: one CSV file, or a folder of them, each named for what its rows are. Reads; changes nothing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from wanmon.errors import InventoryError, UsageError
from wanmon.exchange import csvfile
from wanmon.exchange.csvfile import Row, Sheet
from wanmon.exchange.wording import quoted, suggestion
from wanmon.model.inventory import NOUN, NOUNS, Noun

_SUFFIX = ".csv"
_NOUN_OF_PLURAL = {noun.plural: noun for noun in NOUNS}


@dataclass(frozen=True, slots=True)
class Proposal:
    """The rows of each noun for which there was a file, by the noun's name. An empty file is not a missing one.

    With `problems` it cannot be taken; what stands in it can still be judged. `broken` are the rows left out, reduced
    to their sound cells; of the nouns in `unread` there may be rows that nobody could read.
    """

    rows: Mapping[str, tuple[Row, ...]]
    problems: tuple[str, ...] = ()
    broken: tuple[Row, ...] = ()
    unread: frozenset[str] = frozenset()

    @property
    def nouns(self) -> tuple[Noun, ...]:
        """The nouns that it speaks of, each after those that it refers to."""
        return tuple(noun for noun in NOUNS if noun.name in self.rows)


def joined(proposals: Iterable[Proposal]) -> Proposal:
    """Several proposals as one; a row that stands in two of them is a problem."""
    parts = list(proposals)
    rows: dict[str, tuple[Row, ...]] = {}
    problems = [problem for part in parts for problem in part.problems]
    for name in dict.fromkeys(name for part in parts for name in part.rows):
        first: dict[str, Row] = {}
        for row in (row for part in parts for row in part.rows.get(name, ())):
            if first.setdefault(row.key, row) is not row:
                said = f"stands in {first[row.key].place} already"
                problems.append(f"{row.place}: {row.noun.key} {quoted(row.key)}: {said}")
        rows[name] = tuple(first.values())
    broken = tuple(row for part in parts for row in part.broken)
    return Proposal(rows, tuple(problems), broken, frozenset().union(*(part.unread for part in parts)))


def read(path: str, noun_name: str | None = None, *, stdin: BinaryIO | None = None) -> Proposal:
    """The proposal at `path`: a folder, a file, or `-`.

    `noun_name` (`site`) says what the rows of a single file are; without it the file's name does. Every problem of
    every file is part of the answer. Raises `UsageError` where it cannot be known what the rows are, `InventoryError`
    for a folder that cannot be listed.
    """
    noun = None if noun_name is None else _named(noun_name)
    if path != csvfile.STDIN and Path(path).is_dir():
        if noun:
            raise UsageError(f"{path} is a folder, whose files are named for what they hold: leave {noun.name!r} out")
        return _read_folder(Path(path))
    noun = noun or _noun_of_file(path)
    return _of_sheet(noun, csvfile.read(noun, path, stdin=stdin))


def _of_sheet(noun: Noun, sheet: Sheet) -> Proposal:
    unread = frozenset() if sheet.is_whole else frozenset({noun.name})
    return Proposal({noun.name: sheet.rows}, sheet.problems, sheet.broken, unread)


def _named(name: str) -> Noun:
    if name not in NOUN:
        raise UsageError(f"unknown kind of row {quoted(name)}: one of {', '.join(NOUN)}{suggestion(name, NOUN)}")
    return NOUN[name]


def _noun_of_file(path: str) -> Noun:
    noun = _NOUN_OF_PLURAL.get(Path(path).stem)
    if noun is None and path != csvfile.STDIN and not Path(path).exists():
        raise InventoryError([f"{path}: there is no such file or folder"])
    if noun is None:
        raise UsageError(f"cannot tell what the rows of {quoted(path)} are: say it with --noun {'|'.join(NOUN)}")
    return noun


def _read_folder(folder: Path) -> Proposal:
    files = _csv_files(folder)
    parts: list[Proposal] = []
    problems: list[str] = []
    for file in files:
        noun = _NOUN_OF_PLURAL.get(file.stem)
        if noun is None:
            problems.append(f"{file}: no kind of row has this name{suggestion(file.stem, _NOUN_OF_PLURAL)}")
        elif any(noun.name in part.rows for part in parts):  # `sites.csv` beside `sites.CSV`
            problems.append(f"{file}: a second file of {noun.plural}: keep one")
        else:
            parts.append(_of_sheet(noun, csvfile.read(noun, str(file))))
    if not files:
        problems.append(f"{folder}: holds none of {', '.join(name + _SUFFIX for name in _NOUN_OF_PLURAL)}")
    # A file with a wrong name holds rows, too: of which noun, nobody knows.
    unread = frozenset(NOUN).difference(*(part.rows for part in parts)) if problems else frozenset()
    return joined([*parts, Proposal({}, tuple(problems), unread=unread)])


def _csv_files(folder: Path) -> list[Path]:
    """Its CSV files by name, without the hidden ones that editors leave."""
    try:
        return sorted(p for p in folder.iterdir() if p.suffix.casefold() == _SUFFIX and not p.name.startswith("."))
    except OSError as error:
        raise InventoryError([f"{folder}: cannot be read: {error.strerror}"]) from None
