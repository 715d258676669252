"""Sessions: the only way to the database. A read sees one instant and cannot write; a write is all or nothing.

A write says BEGIN IMMEDIATE at once: WAL alone would still answer "database is locked" to a transaction that reads
first and writes later. Foreign keys are judged when it commits, so that rows may come in any order.
"""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, QueuePool, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlmodel import Session

from wanmon.store import revisions
from wanmon.store.sqlite_file import (
    BUSY_TIMEOUT_S,
    connect_reader,
    connect_writer,
    existing,
    path_of,
    revision_of,
)
from wanmon.store.trouble import Unavailable, reworded

_BEGIN_READ = ("BEGIN",)
_BEGIN_WRITE = ("BEGIN IMMEDIATE", "PRAGMA defer_foreign_keys=ON")

#: Readers at the same moment, before one has to wait.
_READERS = 8


class Database:
    """An open database. Threads may share it: many read at a time, one writes."""

    def __init__(self, url: str, *, busy_timeout_s: float = BUSY_TIMEOUT_S) -> None:
        self.path = path_of(url)
        self._busy_timeout_s = busy_timeout_s
        self._writing = threading.Lock()
        self._reader = self._engine(lambda: connect_reader(self.path, busy_timeout_s), _BEGIN_READ, _READERS)
        self._writer = self._engine(lambda: connect_writer(self.path, busy_timeout_s), _BEGIN_WRITE, 1)

    @classmethod
    def open(cls, url: str, *, busy_timeout_s: float = BUSY_TIMEOUT_S) -> "Database":
        """The database at `url`.

        Raises `StoreError` where there is none, where it cannot be used, and where its schema is older or newer than
        the one that this program works with.
        """
        path = existing(url)
        revisions.refuse_unfit(revision_of(path), path)
        return cls(url, busy_timeout_s=busy_timeout_s)

    @property
    def version(self) -> str | None:
        """The revision of its schema."""
        return revision_of(self.path)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that sees the database as it is at its first question, and cannot write."""
        with self._reworded(), Session(self._reader, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session whose work is committed at its end, or undone by any exception.

        Raises `StoreError`; of these `Unavailable` where the same may succeed later.
        """
        with (
            self._one_at_a_time(),
            self._reworded(),
            Session(self._writer, expire_on_commit=False) as session,
            session.begin(),
        ):
            session.connection()  # sends BEGIN IMMEDIATE now, not at the first statement
            yield session

    def close(self) -> None:
        """Close every connection. Sessions still open end with errors."""
        self._reader.dispose()
        self._writer.dispose()

    def _engine(self, connect: Callable[[], sqlite3.Connection], beginning: tuple[str, ...], size: int) -> Engine:
        engine = create_engine(
            "sqlite://",
            creator=connect,
            poolclass=QueuePool,
            pool_size=size,
            max_overflow=0,
            pool_timeout=self._busy_timeout_s,
            hide_parameters=True,
        )

        @event.listens_for(engine, "begin")
        def begin(connection: Connection) -> None:
            for statement in beginning:
                connection.exec_driver_sql(statement)

        return engine

    @contextmanager
    def _one_at_a_time(self) -> Iterator[None]:
        if not self._writing.acquire(timeout=self._busy_timeout_s):
            raise Unavailable(f"{self.path} is being written by another thread: try again")
        try:
            yield
        finally:
            self._writing.release()

    @contextmanager
    def _reworded(self) -> Iterator[None]:
        try:
            yield
        except (DBAPIError, PoolTimeout) as error:
            raise reworded(error, self.path) from error
