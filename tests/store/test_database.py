"""Opening a database, reading it and writing it; what is refused, and in which words."""

import os
import sqlite3
import stat
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import insert
from sqlmodel import select, text

from wanmon.errors import StoreError
from wanmon.model.life import Heartbeat, SiteState
from wanmon.model.state import State
from wanmon.store import life, schema
from wanmon.store.database import Database
from wanmon.store.trouble import Unavailable

LIVES = Heartbeat(began_at=datetime(2026, 3, 2, tzinfo=UTC), last_at=datetime(2026, 3, 2, tzinfo=UTC))

PRAGMAS = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "defer_foreign_keys": 1, "busy_timeout": 30_000}


def path_in(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


def test_a_missing_database_is_told_with_the_two_commands_that_make_one(tmp_path: Path):
    with pytest.raises(StoreError) as told:
        Database.open(f"sqlite:///{tmp_path}/wanmon.db")

    assert f"no database at {tmp_path}/wanmon.db: run `wanmon init` or `wanmon db upgrade`" == str(told.value)
    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("wanmon.db", "is no URL"),
        ("sqlite://", "names no file"),
        ("sqlite:///:memory:", "names no file"),
        ("postgresql://u:s3cret@db/wanmon", "database postgresql: only sqlite:///PATH"),
    ],
)
def test_an_url_that_names_no_file_is_refused_without_telling_its_password(url: str, told: str):
    with pytest.raises(StoreError, match=told) as error:
        Database.open(url)

    assert "s3cret" not in str(error.value)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "has no tables yet: run `wanmon db upgrade`"),
        (b"code,name\nBN-0001,Ninh Xa\n" * 200, "is not a SQLite database"),
        (b"SQLite format 3\0" + b"\0" * 84, "is not a SQLite database|is damaged"),
    ],
    ids=["empty", "text", "cut"],
)
def test_a_file_that_is_no_database_is_one_line(tmp_path: Path, content: bytes, told: str):
    (tmp_path / "wanmon.db").write_bytes(content)

    with pytest.raises(StoreError, match=told) as error:
        Database.open(f"sqlite:///{tmp_path}/wanmon.db")

    assert "\n" not in str(error.value)


def test_the_database_of_another_program_is_left_alone(tmp_path: Path):
    with sqlite3.connect(tmp_path / "other.db") as other:
        other.execute("CREATE TABLE photos (id INTEGER)")
    url = f"sqlite:///{tmp_path}/other.db"

    for attempt in (Database.open, schema.upgrade):
        with pytest.raises(StoreError, match="is the database of another program"):
            attempt(url)


def test_a_newer_schema_is_refused_by_open_and_upgrade(url: str):
    with sqlite3.connect(path_in(url)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")

    for attempt in (Database.open, schema.upgrade):
        with pytest.raises(StoreError, match=r"newer than this wanmon knows.*install the wanmon that wrote it"):
            attempt(url)


def test_an_older_schema_is_told_with_the_command_that_upgrades_it(url: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("wanmon.store.revisions.known", lambda: ("0001", "0002", "0003", "0004", "9998"))

    with pytest.raises(StoreError, match="older schema 0004, not 9998: run `wanmon db upgrade`"):
        Database.open(url)


def test_opening_does_not_import_alembic(url: str):
    """It costs a third of a second, in every command."""
    code = f"import sys, wanmon.store.database as d; d.Database.open({url!r}); sys.exit('alembic' in sys.modules)"

    assert 0 == subprocess.run([sys.executable, "-c", code], check=False).returncode


def test_a_write_is_committed_whole_or_not_at_all(database: Database):
    def write_and_fail() -> None:
        with database.write() as session:
            life.beat(session, LIVES.began_at)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_and_fail()

    with database.read() as session:
        assert [] == session.exec(select(Heartbeat)).all()


def test_a_read_cannot_write(database: Database):
    with pytest.raises(StoreError), database.read() as session:
        life.beat(session, LIVES.began_at)


def test_a_read_sees_one_instant_however_long_it_lasts(database: Database):
    with database.read() as reading:
        before = reading.exec(select(Heartbeat)).all()
        with database.write() as session:
            life.beat(session, LIVES.began_at)

        assert before == reading.exec(select(Heartbeat)).all()
    with database.read() as session:
        assert LIVES.began_at == life.last_beat(session)


def test_a_write_takes_the_lock_before_its_first_statement(url: str, database: Database):
    """BEGIN IMMEDIATE must truly be sent: drivers like to begin at the first INSERT."""
    second = Database(url, busy_timeout_s=0)
    with database.write(), pytest.raises(Unavailable, match="is locked by another process"), second.write():
        pass
    second.close()


def test_one_thread_at_a_time_writes_and_the_others_are_told_in_the_end(url: str):
    impatient = Database(url, busy_timeout_s=0)

    with impatient.write(), ThreadPoolExecutor(1) as other:
        refused = other.submit(lambda: impatient.write().__enter__()).exception()
    impatient.close()

    assert isinstance(refused, Unavailable)
    assert f"{impatient.path} is being written by another thread: try again" == str(refused)


def test_the_file_is_safe_against_a_power_cut(database: Database):
    with database.write() as session:
        pragmas = {name: session.execute(text(f"PRAGMA {name}")).scalar() for name in PRAGMAS}

    assert PRAGMAS == pragmas


def test_the_file_is_for_its_owner_and_group(url: str):
    assert 0o640 == stat.S_IMODE(path_in(url).stat().st_mode)


def test_a_reference_into_nothing_fails_when_the_write_ends_and_not_before(database: Database):
    """Rows may come in any order, as long as they fit at the end."""
    orphan = SiteState(site="BN-9999", state=State.UP, since=LIVES.began_at)

    reached_the_end = False

    def write() -> None:
        nonlocal reached_the_end
        with database.write() as session:
            session.execute(insert(SiteState), [orphan.model_dump()])
            reached_the_end = True

    with pytest.raises(StoreError, match="refers to another which is not there"):
        write()
    assert reached_the_end


def test_errors_carry_neither_sql_nor_values(database: Database):
    with pytest.raises(StoreError) as told, database.write() as session:
        session.execute(text("INSERT INTO lease (name, token) VALUES ('serve', :token)"), {"token": "s3cret"})

    assert f"{database.path} refused a row without a value that it must have" == str(told.value)
    assert "s3cret" not in str(told.value.__cause__)


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everything")
def test_a_read_only_file_is_told_with_the_user_to_run_as(url: str):
    path_in(url).chmod(0o440)
    database = Database.open(url)

    with pytest.raises(StoreError, match="run wanmon as the service's user"), database.write():
        pass


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
@pytest.mark.parametrize("closed", ["file", "folder"])
def test_a_database_that_this_user_may_not_read_is_not_told_as_missing(url: str, closed: str):
    forbidden = path_in(url) if closed == "file" else path_in(url).parent
    forbidden.chmod(0)
    try:
        with pytest.raises(StoreError, match="cannot be read by this user: run as the service's user"):
            Database.open(url)
    finally:
        forbidden.chmod(0o700)


def test_a_folder_that_this_user_may_not_enter_is_not_told_as_a_missing_database(monkeypatch: pytest.MonkeyPatch):
    """The same for the root of a test machine, who may enter everything."""

    def forbid(path: Path) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "stat", forbid)

    with pytest.raises(StoreError, match=r"/srv/wanmon.db cannot be read by this user: .*sudo -u wanmon wanmon"):
        Database.open("sqlite:////srv/wanmon.db")


def test_instants_come_back_in_utc_whatever_their_offset_was(database: Database):
    hanoi = datetime(2026, 3, 2, 19, 0, tzinfo=timezone(timedelta(hours=7)))

    with database.write() as session:
        life.beat(session, hanoi)
    with database.read() as session:
        found = life.last_beat(session)

    assert (hanoi, timedelta(0)) == (found, found.utcoffset() if found else None)


def test_choices_are_stored_by_value(province: Database):
    with province.read() as session:
        assert "peoples_committee" == session.execute(text("SELECT kind FROM site WHERE code = 'BN-0001'")).scalar()


def test_two_threads_that_read_and_then_write_never_meet_a_lock(database: Database, noon: datetime):
    """WAL alone answers "database is locked" at once when a transaction that has read wants to write."""
    together = threading.Barrier(2)

    def lengthen(_: int) -> None:
        together.wait()
        for _ in range(20):
            with database.write() as session:
                last = life.last_beat(session) or noon
                life.beat(session, last + timedelta(seconds=1))

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(lengthen, range(2)))
    with database.read() as session:
        assert noon + timedelta(seconds=40) == life.last_beat(session)
