"""What a database says when it refuses, in words for an operator. No SQL and no parameter ever gets into a message."""

import sqlite3
from pathlib import Path

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from wanmon.errors import StoreError


class Unavailable(StoreError):
    """The database itself is in trouble: the same write may succeed later."""


#: What is said, after the path of the file, to a user who is not the service's.
FORBIDDEN = "cannot be read by this user: run as the service's user, like `sudo -u wanmon wanmon …`"

_NOT_OPENED = "cannot be opened: see that this user may write it and its folder, or use `sudo -u wanmon wanmon …`"

#: By the beginning of SQLite's name for the error; the first that fits. The text stands after the path of the file.
_TROUBLE = {
    "SQLITE_BUSY": "is locked by another process: end what holds it, or try again later",
    "SQLITE_LOCKED": "is locked by another process: end what holds it, or try again later",
    "SQLITE_FULL": "cannot grow, the disk is full: make room there",
    "SQLITE_READONLY": "cannot be written by this user: run wanmon as the service's user, `sudo -u wanmon wanmon …`",
    "SQLITE_CANTOPEN": _NOT_OPENED,
    "SQLITE_PERM": _NOT_OPENED,
    "SQLITE_NOTADB": "is not a SQLite database: see whether that is the right file",
    "SQLITE_CORRUPT": "is damaged: keep the file, and bring back a backup with `wanmon restore FILE DIR`",
    "SQLITE_IOERR": "could not be read or written: look at the disk, `dmesg` tells",
    "SQLITE_NOMEM": "needs more memory than there is",
    "SQLITE_PROTOCOL": "is locked by another process: end what holds it, or try again later",
}

_REFUSALS = {
    "SQLITE_CONSTRAINT_FOREIGNKEY": "refused a row that refers to another which is not there",
    "SQLITE_CONSTRAINT_UNIQUE": "refused a second row of the same key",
    "SQLITE_CONSTRAINT_PRIMARYKEY": "refused a second row of the same key",
    "SQLITE_CONSTRAINT_NOTNULL": "refused a row without a value that it must have",
    "SQLITE_CONSTRAINT_TRIGGER": "refused to alter the log of changes: it only grows",
    "SQLITE_ERROR": "does not have the tables of this program: run `wanmon db check`",
}


def reworded(error: DBAPIError | PoolTimeout | sqlite3.Error, path: Path) -> StoreError:
    """The one line that an operator reads instead of `error`: `Unavailable` where waiting may help."""
    if isinstance(error, PoolTimeout):
        return Unavailable(f"{path} is asked by too many at once: try again")
    cause = error.orig if isinstance(error, DBAPIError) else error
    name = getattr(cause, "sqlite_errorname", None) or "unknown error"
    for beginning, text in _TROUBLE.items():
        if name.startswith(beginning):
            return Unavailable(f"{path} {text}")
    return StoreError(f"{path} {_REFUSALS.get(name, f'refused ({name})')}")
