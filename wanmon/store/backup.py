"""Backups of a database in use, and bringing one back. Nothing is overwritten unasked, nothing appears by halves."""

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from wanmon.errors import StoreError
from wanmon.store import revisions
from wanmon.store.sqlite_file import FILE_MODE, connect, existing, make_folder, revision_of
from wanmon.store.trouble import reworded

_BACKUP_MODE = 0o600


def backup(url: str, path: Path, *, overwrite: bool = False) -> None:
    """Copy the database, as it is at one instant, into the single file `path` of mode 0600. The service goes on.

    Raises `StoreError`.
    """
    source = existing(url)
    with _appearing(path, _BACKUP_MODE, overwrite=overwrite) as copy:
        _copy(source, copy)
        _verify(copy, source)


def restore(file: Path, directory: Path, name: str = "wanmon.db") -> Path:
    """Bring a backup back as `directory/name` and return that path; an older schema is then upgraded by `db upgrade`.

    Raises `StoreError`, also where there is a database already.
    """
    if not file.is_file():
        raise StoreError(f"no backup at {file}")
    target = directory / name
    _refuse_existing(target)
    for leftover in (target.with_name(f"{name}-wal"), target.with_name(f"{name}-shm")):
        if leftover.exists():
            # SQLite would take the log of a lost database for that of the restored one.
            raise StoreError(f"{leftover} is left of another database: move it away first")
    make_folder(directory)
    with _appearing(target, FILE_MODE, overwrite=False) as copy:
        _copy(file, copy)
        _verify(copy, file)
    return target


def _copy(source: Path, target: Path) -> None:
    try:
        with closing(connect(source)) as read, closing(connect(target)) as written:
            read.execute("PRAGMA query_only=ON")
            read.backup(written)
            written.execute("PRAGMA journal_mode=DELETE")  # one file, readable from a read-only medium
    except sqlite3.Error as error:
        raise reworded(error, source) from error


def _verify(copy: Path, source: Path) -> None:
    revision = revision_of(source)
    if revision is None:
        raise StoreError(f"{source} is empty")
    revisions.refuse_newer(revision, source)
    with closing(connect(copy)) as connection:
        found = [str(text) for (text,) in connection.execute("PRAGMA integrity_check") if text != "ok"]
    if found:
        raise StoreError(f"{source} is damaged: {found[0]}")


@contextmanager
def _appearing(path: Path, mode: int, *, overwrite: bool) -> Iterator[Path]:
    """An empty file to fill, which is on the disk and stands at `path` once all is well, or never does."""
    if not overwrite:
        _refuse_existing(path)
    try:
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError as error:
        raise StoreError(f"{path} cannot be written: {error.strerror}") from error
    temporary = Path(name)
    try:
        yield temporary
        os.fchmod(descriptor, mode)
        os.fsync(descriptor)
        _publish(temporary, path, overwrite=overwrite)
    except OSError as error:
        raise StoreError(f"{path} cannot be written: {error.strerror}") from error
    finally:
        os.close(descriptor)
        temporary.unlink(missing_ok=True)


def _publish(temporary: Path, path: Path, *, overwrite: bool) -> None:
    if overwrite or not _linked(temporary, path):
        temporary.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _linked(temporary: Path, path: Path) -> bool:
    """Give the file its name unless that is taken; False where the file system knows no links (a Windows share)."""
    try:
        path.hardlink_to(temporary)
    except FileExistsError:
        _refuse_existing(path)
        raise
    except OSError:
        return False
    return True


def _refuse_existing(path: Path) -> None:
    if path.exists():
        raise StoreError(f"{path} exists already: choose another name, or move it away")
