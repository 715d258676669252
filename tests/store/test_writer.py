"""The writer of `serve`: nobody waits, nothing is lost while there is room, one bad write fails alone."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session, text

from wanmon.errors import StoreError
from wanmon.model.life import SiteState
from wanmon.model.state import State
from wanmon.store import life
from wanmon.store.database import Database
from wanmon.store.writer import Writer

PATIENCE_S = 20.0


@pytest.fixture
def impatient(url: str) -> Iterator[Database]:
    """A database that does not wait for locks, so that tests need not either."""
    opened = Database(url, busy_timeout_s=0)
    yield opened
    opened.close()


@pytest.fixture
def make_writer(impatient: Database) -> Iterator[Callable[..., Writer]]:
    """Writers that are closed in the end."""
    made: list[Writer] = []

    def make(**options: Any) -> Writer:
        made.append(Writer(impatient, **{"retry_s": 0.01, **options}))
        return made[-1]

    yield make
    for writer in made:
        writer.close(PATIENCE_S)


@pytest.fixture
def locked(impatient: Database) -> Iterator[sqlite3.Connection]:
    """Somebody else within a write of their own, until it is committed."""
    with impatient.write():
        pass
    other = sqlite3.connect(impatient.path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    yield other
    other.close()


def note(name: str) -> Callable[[Session], str]:
    def write(session: Session) -> str:
        session.execute(
            text("INSERT INTO lease VALUES (:name, 't', 1, 'h', '2026-03-02 00:00:00', '2026-03-02 00:00:00')"),
            {"name": name},
        )
        return name

    return write


def names(database: Database) -> list[str]:
    with database.read() as session:
        return [name for (name,) in session.execute(text("SELECT name FROM lease ORDER BY name"))]


def counts(writer: Writer) -> tuple[int, int, int]:
    return writer.counters.written, writer.counters.failed, writer.counters.dropped


def blocked(writer: Writer) -> tuple[Future[None], threading.Event]:
    """Keep the thread busy inside a write until the event is set, so that what follows queues up."""
    inside, go_on = threading.Event(), threading.Event()

    def wait(session: Session) -> None:
        inside.set()
        go_on.wait(PATIENCE_S)

    future = writer.submit(wait)
    inside.wait(PATIENCE_S)
    return future, go_on


def until_trouble(writer: Writer) -> None:
    """Wait for the writer's first failed attempt."""
    with writer._changed:
        assert writer._changed.wait_for(lambda: writer.counters.errors, PATIENCE_S)


def test_a_write_is_committed_when_its_future_has_the_result(impatient: Database, make_writer: Callable[..., Writer]):
    writer = make_writer()

    assert "a" == writer.submit(note("a")).result(PATIENCE_S)
    assert ["a"] == names(impatient)


def test_what_waits_together_is_one_transaction(make_writer: Callable[..., Writer]):
    """A thousand fsyncs for a thousand notes would keep the disk busy for nothing."""
    writer = make_writer()
    _, go_on = blocked(writer)
    transactions: set[object] = set()

    def look(session: Session) -> None:
        transactions.add(session)

    for _ in range(100):
        writer.submit(look)
    go_on.set()

    assert writer.flush(PATIENCE_S)
    assert 1 == len(transactions)


def test_a_bad_write_fails_alone(impatient: Database, make_writer: Callable[..., Writer]):
    writer = make_writer()
    _, go_on = blocked(writer)
    bad: list[Callable[[Session], Any]] = [note("a"), lambda session: 1 / 0, lambda session: session.execute(text("x"))]
    good = writer.submit(note("a"))
    futures = [writer.submit(write) for write in bad]
    last = writer.submit(note("b"))
    go_on.set()

    assert writer.flush(PATIENCE_S)
    assert ("a", "b") == (good.result(0), last.result(0))
    assert [StoreError, ZeroDivisionError, StoreError] == [type(future.exception(0)) for future in futures]
    assert (["a", "b"], (3, 3, 0)) == (names(impatient), counts(writer))


def test_a_reference_into_nothing_fails_alone_though_it_shows_only_at_the_commit(
    impatient: Database, make_writer: Callable[..., Writer], noon: datetime
):
    writer = make_writer()
    _, go_on = blocked(writer)
    writer.submit(note("a"))
    bad = writer.submit(lambda session: session.add(SiteState(site="BN-9999", state=State.UP, since=noon)))
    writer.submit(note("b"))
    go_on.set()

    assert writer.flush(PATIENCE_S)
    assert isinstance(bad.exception(0), StoreError)
    assert (["a", "b"], (3, 1, 0)) == (names(impatient), counts(writer))


def test_while_the_database_is_locked_writes_wait_and_then_all_arrive_in_order(
    impatient: Database, make_writer: Callable[..., Writer], locked: sqlite3.Connection, noon: datetime
):
    writer = make_writer()
    for number in range(50):
        writer.submit(lambda session, number=number: life.beat(session, noon + timedelta(seconds=number)))
    until_trouble(writer)

    assert (50, True) == (writer.queued, "is locked" in writer.counters.trouble)
    locked.execute("COMMIT")
    assert writer.flush(PATIENCE_S)
    assert ((50, 0, 0), "", 0) == (counts(writer), writer.counters.trouble, writer.queued)
    with impatient.read() as session:
        assert noon + timedelta(seconds=49) == life.last_beat(session)


def test_a_full_queue_gives_up_the_oldest_and_counts_it(
    impatient: Database, make_writer: Callable[..., Writer], locked: sqlite3.Connection
):
    """The newest states are the ones worth keeping."""
    writer = make_writer(capacity=3, batch=1)
    first = writer.submit(note("0"))
    until_trouble(writer)
    futures = [writer.submit(note(str(number))) for number in range(1, 6)]
    locked.execute("COMMIT")

    assert writer.flush(PATIENCE_S)
    assert (["0", "3", "4", "5"], (4, 0, 2)) == (names(impatient), counts(writer))
    assert "0" == first.result(0)
    assert "not written: more than 3 writes wait for the database" == str(futures[0].exception(0))


def test_closing_writes_what_waits(impatient: Database, make_writer: Callable[..., Writer]):
    writer = make_writer()
    for number in range(20):
        writer.submit(note(f"{number:02}"))

    assert writer.close(PATIENCE_S)
    assert 20 == len(names(impatient))
    assert not writer._thread.is_alive()


def test_closing_does_not_wait_for_ever_for_a_database_that_is_away(
    make_writer: Callable[..., Writer], locked: sqlite3.Connection
):
    """SIGTERM leaves ten seconds."""
    writer = make_writer()
    futures = [writer.submit(note("a")), writer.submit(note("b"))]
    until_trouble(writer)

    assert not writer.close(0.05)
    assert ["not written: the service ended before the database came back"] * 2 == [
        str(future.exception(PATIENCE_S)) for future in futures
    ]


def test_a_closed_writer_takes_nothing_more(make_writer: Callable[..., Writer]):
    writer = make_writer()
    writer.close(PATIENCE_S)

    assert "not written: the writer is closed" == str(writer.submit(note("a")).exception(0))


def test_a_cancelled_wait_does_not_disturb_the_writer(impatient: Database, make_writer: Callable[..., Writer]):
    """An asyncio task that is cancelled while it awaits a write cancels the future with it."""
    writer = make_writer()
    _, go_on = blocked(writer)
    writer.submit(note("a")).cancel()
    go_on.set()

    assert writer.flush(PATIENCE_S)
    assert ["a"] == names(impatient)
