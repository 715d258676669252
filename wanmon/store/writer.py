"""The one writer of a running service: a queue that never keeps anybody waiting, and a thread that empties it.

What waits together is committed together. One bad write fails alone. While the database is locked, full or away the
queue is kept and tried again; when it is full itself, the oldest goes, for the newest states are the ones to keep.
"""

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from wanmon.errors import StoreError
from wanmon.log import log
from wanmon.store.database import Database
from wanmon.store.trouble import Unavailable, reworded

Result = TypeVar("Result")

#: Writes kept while the database is away: more than a day of a province at its usual pace.
CAPACITY = 20_000

#: Writes in one transaction.
BATCH = 500

#: The pause after trouble, on top of the wait for a lock.
RETRY_S = 1.0


@dataclass(slots=True)
class WriterCounters:
    """What became of the writes, for the metrics. Only the writer changes them."""

    written: int = 0
    failed: int = 0  # the write's own fault
    dropped: int = 0  # for want of room in the queue, or at the end
    errors: int = 0  # attempts that the database refused and that are made again
    trouble: str = ""  # why the last attempt failed; empty once one succeeds

    @property
    def settled(self) -> int:
        """Writes that need no more attention."""
        return self.written + self.failed + self.dropped


@dataclass(slots=True)
class _Write:
    make: Callable[[Session], Any]
    future: Future[Any] = field(default_factory=Future)
    settled: bool = False


class Writer:
    """The queue and its thread. Any thread, and the event loop, may submit."""

    def __init__(
        self, database: Database, *, capacity: int = CAPACITY, batch: int = BATCH, retry_s: float = RETRY_S
    ) -> None:
        self.counters = WriterCounters()
        self._database = database
        self._capacity = capacity
        self._batch = batch
        self._retry_s = retry_s
        self._queue: deque[_Write] = deque()
        self._submitted = 0
        self._changed = threading.Condition()
        self._closing = threading.Event()
        self._abandoned = threading.Event()
        self._thread = threading.Thread(target=self._run, name="database writer", daemon=True)
        self._thread.start()

    @property
    def queued(self) -> int:
        """Writes that are not settled yet."""
        return self._submitted - self.counters.settled

    def submit(self, make: Callable[[Session], Result]) -> Future[Result]:
        """Have `make(session)` done soon, without waiting; after trouble it may be called again.

        The future has what it returned once that is committed, or why it never will be: its own exception, or
        `StoreError` when it was dropped. A future nobody looks at is fine.
        """
        write = _Write(make)
        with self._changed:
            self._submitted += 1
            if self._closing.is_set():
                self._drop(write, "the writer is closed")
                return write.future
            if len(self._queue) >= self._capacity:
                self._drop(self._queue.popleft(), f"more than {self._capacity} writes wait for the database")
            self._queue.append(write)
            self._changed.notify_all()
        return write.future

    def flush(self, timeout_s: float) -> bool:
        """Wait until all that was submitted so far is settled; False when that takes longer than `timeout_s`."""
        with self._changed:
            goal = self._submitted
            return self._changed.wait_for(lambda: self.counters.settled >= goal, timeout_s)

    def close(self, timeout_s: float) -> bool:
        """Take no more, write what waits, end the thread; False when something had to be dropped for it."""
        with self._changed:
            self._closing.set()
            self._changed.notify_all()
        done = self.flush(timeout_s)
        self._abandoned.set()
        with self._changed:
            while self._queue:
                self._drop(self._queue.popleft(), "the service ended before the database came back")
        if done:
            self._thread.join(timeout_s)
        return done

    def _run(self) -> None:
        while batch := self._next_batch():
            while remaining := [write for write in batch if not write.settled]:
                if self._abandoned.is_set():
                    with self._changed:
                        for write in remaining:
                            self._drop(write, "the service ended before the database came back")
                    break
                self._try(remaining)

    def _next_batch(self) -> list[_Write]:
        """What waits, once there is something; nothing at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._queue or self._closing.is_set())
            return [self._queue.popleft() for _ in range(min(self._batch, len(self._queue)))]

    def _try(self, writes: list[_Write]) -> None:
        """Settle `writes`, or count the trouble and pause."""
        try:
            self._commit(writes)
        except Exception as error:  # whatever it is, the thread must live and the writes wait
            self._note_trouble(error)
            self._abandoned.wait(self._retry_s)
        else:
            self.counters.trouble = ""

    def _commit(self, writes: list[_Write]) -> None:
        """Make all of `writes` in one transaction; where that cannot be committed, each in its own.

        Raises `Unavailable`.
        """
        try:
            with self._database.write() as session:
                outcomes = [_attempt(session, write, self._database) for write in writes]
        except Unavailable:
            raise
        except Exception as error:  # a reference into nothing shows only at the commit
            if len(writes) == 1:
                self._settle(writes, [error])
                return
            for write in writes:
                self._commit([write])
        else:
            self._settle(writes, outcomes)

    def _settle(self, writes: list[_Write], outcomes: list[Any]) -> None:
        failures = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
        for failure in failures:
            log.error("a write to the database failed", reason=str(failure))
        for write, outcome in zip(writes, outcomes, strict=True):
            write.settled = True
            _tell(write.future, outcome)
        with self._changed:
            self.counters.failed += len(failures)
            self.counters.written += len(writes) - len(failures)
            self._changed.notify_all()

    def _drop(self, write: _Write, why: str) -> None:
        """Give a write up; the lock is held."""
        write.settled = True
        self.counters.dropped += 1
        _tell(write.future, StoreError(f"not written: {why}"))
        self._changed.notify_all()

    def _note_trouble(self, error: Exception) -> None:
        if not self.counters.trouble:
            log.warning("the database is in trouble, writes wait", reason=str(error), queued=self.queued)
        with self._changed:
            self.counters.errors += 1
            self.counters.trouble = str(error) or type(error).__name__
            self._changed.notify_all()


def _attempt(session: Session, write: _Write, database: Database) -> Any:
    """What the write returned, or the exception that is its own fault. Raises `Unavailable`."""
    try:
        with session.begin_nested():
            return write.make(session)
    except DBAPIError as error:
        told = reworded(error, database.path)
        if isinstance(told, Unavailable):
            raise told from error
        return told
    except Unavailable:
        raise
    except Exception as error:
        return error


def _tell(future: Future[Any], outcome: Any) -> None:
    """Hand over what came of a write; whoever asked may have gone."""
    with suppress(InvalidStateError):
        if isinstance(outcome, Exception):
            future.set_exception(outcome)
        else:
            future.set_result(outcome)
