"""A proposal: one CSV file, or a folder of them, each named for what its rows are. Reads; changes nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from wanmon.errors import InventoryError, UsageError
from wanmon.exchange import csvfile
from wanmon.exchange.csvfile import Row
from wanmon.exchange.wording import quoted, suggestion
from wanmon.model.inventory import NOUN, NOUNS, Noun

_SUFFIX = ".csv"
_NOUN_OF_PLURAL = {noun.plural: noun for noun in NOUNS}


@dataclass(frozen=True, slots=True)
class Proposal:
    """The rows of each noun for which there was a file, by the noun's name. An empty file is not a missing one."""

    rows: Mapping[str, tuple[Row, ...]]

    @property
    def nouns(self) -> tuple[Noun, ...]:
        """The nouns that it speaks of, each after those that it refers to."""
        return tuple(noun for noun in NOUNS if noun.name in self.rows)


def read(path: str, noun_name: str | None = None, *, stdin: BinaryIO | None = None) -> Proposal:
    """The proposal at `path`: a folder, a file, or `-`.

    `noun_name` (`site`) says what the rows of a single file are; without it the file's name does. Raises
    `InventoryError` with every problem of every file, `UsageError` where it cannot be known what the rows are.
    """
    noun = None if noun_name is None else _named(noun_name)
    if path != csvfile.STDIN and Path(path).is_dir():
        if noun:
            raise UsageError(f"{path} is a folder, whose files are named for what they hold: leave {noun.name!r} out")
        return _read_folder(Path(path))
    noun = noun or _noun_of_file(path)
    return Proposal({noun.name: csvfile.read(noun, path, stdin=stdin)})


def _named(name: str) -> Noun:
    if name not in NOUN:
        raise UsageError(f"unknown kind of row {quoted(name)}: one of {', '.join(NOUN)}{suggestion(name, NOUN)}")
    return NOUN[name]


def _noun_of_file(path: str) -> Noun:
    noun = _NOUN_OF_PLURAL.get(Path(path).stem)
    if noun is None:
        raise UsageError(f"cannot tell what the rows of {quoted(path)} are: say which of {', '.join(NOUN)}")
    return noun


def _read_folder(folder: Path) -> Proposal:
    files = _csv_files(folder)
    rows: dict[str, tuple[Row, ...]] = {}
    problems: list[str] = []
    for file in files:
        noun = _NOUN_OF_PLURAL.get(file.stem)
        if noun is None:
            problems.append(f"{file}: no kind of row has this name{suggestion(file.stem, _NOUN_OF_PLURAL)}")
            continue
        if noun.name in rows:  # `sites.csv` beside `sites.CSV`
            problems.append(f"{file}: a second file of {noun.plural}: keep one")
            continue
        try:
            rows[noun.name] = csvfile.read(noun, str(file))
        except InventoryError as error:
            problems.extend(error.problems)
    if not files:
        problems.append(f"{folder}: holds none of {', '.join(name + _SUFFIX for name in _NOUN_OF_PLURAL)}")
    if problems:
        raise InventoryError(problems)
    return Proposal(rows)


def _csv_files(folder: Path) -> list[Path]:
    """Its CSV files by name, without the hidden ones that editors leave."""
    try:
        return sorted(p for p in folder.iterdir() if p.suffix.casefold() == _SUFFIX and not p.name.startswith("."))
    except OSError as error:
        raise InventoryError([f"{folder}: cannot be read: {error.strerror}"]) from None
