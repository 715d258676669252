"""Writes that somebody waits for: through the one writer of `serve`, or by a thread of our own."""

import asyncio
from collections.abc import Callable
from typing import Protocol, TypeVar

from sqlmodel import Session

from wanmon.store.database import Database
from wanmon.store.writer import Writer

Written = TypeVar("Written")


class Writes(Protocol):
    """Has something written, and answers once it is committed. Raises `StoreError` where it never will be."""

    async def __call__(self, make: Callable[[Session], Written]) -> Written:
        """What `make(session)` returned."""
        ...


class Through:
    """Through the writer of a running service: in its turn, and kept while the database is away."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    async def __call__(self, make: Callable[[Session], Written]) -> Written:
        """What `make(session)` returned."""
        return await asyncio.wrap_future(self._writer.submit(make))


class Directly:
    """By a thread of our own, beside whoever serves the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def __call__(self, make: Callable[[Session], Written]) -> Written:
        """What `make(session)` returned."""
        return await asyncio.to_thread(self._make, make)

    def _make(self, make: Callable[[Session], Written]) -> Written:
        with self._database.write() as session:
            return make(session)
