"""The database as a file: where it lies, how it is opened, how it comes into being. Knows nothing of its tables.

WAL lets readers go on beside the one writer. `synchronous=FULL` makes every commit reach the disk: with NORMAL a power
cut would take all that was written since the last checkpoint, which may be hours of a quiet province; FULL loses at
most what was not yet committed. The price is one fsync a transaction, and the service writes a few times a minute.
"""

import os
import sqlite3
import stat
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from wanmon.errors import NoDatabase, StoreError
from wanmon.store.trouble import FORBIDDEN, Unavailable, reworded

#: How long a connection waits for a lock that another process holds.
BUSY_TIMEOUT_S = 30.0

FILE_MODE = 0o640
_FOLDER_MODE = 0o750

#: The write-ahead log is cut back to this after a checkpoint.
_LOG_LIMIT_BYTES = 64 * 1024 * 1024


def path_of(url: str) -> Path:
    """The file that a database URL names. Raises `StoreError` for anything but `sqlite:///PATH`."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise StoreError("database is no URL: write it like sqlite:////var/lib/wanmon/wanmon.db") from None
    if parsed.get_backend_name() != "sqlite":
        raise StoreError(f"database {parsed.get_backend_name()}: only sqlite:///PATH is spoken here")
    if not parsed.database or parsed.database == ":memory:":
        raise StoreError("database sqlite:// names no file: write it like sqlite:////var/lib/wanmon/wanmon.db")
    return Path(parsed.database)


def existing(url: str) -> Path:
    """The file that `url` names. Raises `NoDatabase` where there is none, `Unavailable` where it may not be read."""
    path = path_of(url)
    try:
        is_file = stat.S_ISREG(path.stat().st_mode)
    except PermissionError:  # a folder above it is not for this user
        raise Unavailable(f"{path} {FORBIDDEN}") from None
    except OSError:
        is_file = False
    if is_file and not os.access(path, os.R_OK):
        raise Unavailable(f"{path} {FORBIDDEN}")
    if not is_file:
        raise NoDatabase(f"no database at {path}: run `wanmon init` or `wanmon db upgrade`")
    return path


def connect(path: Path, *, mode: str = "rw", timeout_s: float = BUSY_TIMEOUT_S) -> sqlite3.Connection:
    """A connection that begins no transaction by itself; `mode` is SQLite's, and never creates the file.

    Raises `sqlite3.Error`.
    """
    return sqlite3.connect(
        f"file:{quote(str(path.absolute()))}?mode={mode}",
        uri=True,
        timeout=timeout_s,
        isolation_level=None,  # transactions begin where we say BEGIN, not at sqlite3's first guess of a write
        check_same_thread=False,
    )


def connect_reader(path: Path, timeout_s: float = BUSY_TIMEOUT_S) -> sqlite3.Connection:
    """A connection that cannot write. Raises `sqlite3.Error`."""
    connection = connect(path, timeout_s=timeout_s)
    connection.execute("PRAGMA query_only=ON")
    return connection


def connect_writer(path: Path, timeout_s: float = BUSY_TIMEOUT_S) -> sqlite3.Connection:
    """A connection that writes durably and checks foreign keys. Raises `sqlite3.Error`."""
    connection = connect(path, timeout_s=timeout_s)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute(f"PRAGMA journal_size_limit={_LOG_LIMIT_BYTES}")
    return connection


def create(path: Path) -> None:
    """An empty file of mode 0640 where there is none yet, and the folders above it.

    Raises `StoreError`.
    """
    make_folder(path.parent)
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, FILE_MODE)
    except FileExistsError:
        return
    except OSError as error:
        raise StoreError(f"{path} cannot be created: {error.strerror}") from error
    os.fchmod(descriptor, FILE_MODE)
    os.close(descriptor)


def make_folder(folder: Path) -> None:
    """A folder, with those above it, for its owner and group. Raises `StoreError`."""
    try:
        folder.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"{folder} cannot be created: {error.strerror}") from error


def revision_of(path: Path) -> str | None:
    """The revision that the file says it has; none for an empty file. Raises `StoreError` for anything else."""
    try:
        with closing(connect(path)) as connection:
            tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            if tables and "alembic_version" not in tables:
                raise StoreError(f"{path} is the database of another program: see whether that is the right file")
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone() if tables else None
    except sqlite3.Error as error:
        raise reworded(error, path) from error
    return str(row[0]) if row else None
