"""Many writers at once, and processes that die while they write."""

import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from sqlmodel import text

from wanmon.store import schema
from wanmon.store.database import Database

PROCESSES, THREADS, WRITES = 4, 8, 200

READS_THEN_WRITES = """
import sys
from concurrent.futures import ThreadPoolExecutor
from sqlmodel import text
from wanmon.store.database import Database

url, threads, writes = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
database = Database.open(url)

def count(_):
    for _ in range(writes):
        with database.write() as session:
            pid = session.execute(text("SELECT pid FROM lease")).scalar()
            session.execute(text("UPDATE lease SET pid = :pid"), {"pid": pid + 1})
        with database.read() as session:
            assert session.execute(text("SELECT pid FROM lease")).scalar() > pid

with ThreadPoolExecutor(threads) as pool:
    list(pool.map(count, range(threads)))
"""

WRITES_UNTIL_KILLED = """
import os, signal, sys
from sqlmodel import text
from wanmon.store.database import Database

url, rounds, point = sys.argv[1], int(sys.argv[2]), sys.argv[3]
database = Database.open(url)
for number in range(1, rounds + 2):
    with database.write() as session:
        session.execute(text("UPDATE lease SET pid = :pid"), {"pid": number})
        if number > rounds and point == "middle":
            session.execute(text("UPDATE lease SET host = 'half'"))
            os.kill(os.getpid(), signal.SIGKILL)
    if number > rounds:
        os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def counted(database: Database, noon) -> Database:
    """A database with a counter in it."""
    with database.write() as session:
        session.execute(text("INSERT INTO lease VALUES ('counter', 't', 0, 'whole', :at, :at)"), {"at": str(noon)})
    return database


def count_in(database: Database) -> tuple[int, str]:
    with database.read() as session:
        pid, host = session.execute(text("SELECT pid, host FROM lease")).one()
    return pid, host


def test_no_writer_ever_meets_a_lock_and_no_write_is_lost(url: str, counted: Database):
    """4 processes of 8 threads, each reading and then writing in one transaction."""
    arguments = [sys.executable, "-c", READS_THEN_WRITES, url, str(THREADS), str(WRITES)]
    children = [subprocess.Popen(arguments, stderr=subprocess.PIPE) for _ in range(PROCESSES)]
    errors = [child.communicate(timeout=120)[1] for child in children]

    assert [b""] * PROCESSES == errors
    assert PROCESSES * THREADS * WRITES == count_in(counted)[0]


@pytest.mark.parametrize(
    ("point", "kept"), [("middle", (25, "whole")), ("end", (26, "whole"))], ids=["in a write", "after a write"]
)
def test_a_kill_loses_the_write_it_hits_and_nothing_else(
    url: str, counted: Database, point: str, kept: tuple[int, str]
):
    arguments = [sys.executable, "-c", WRITES_UNTIL_KILLED, url, "25", point]

    assert -signal.SIGKILL == subprocess.run(arguments, check=False).returncode
    assert kept == count_in(counted)
    assert [] == schema.check(url)


def test_a_log_cut_anywhere_still_opens_with_whole_transactions(url: str, counted: Database, tmp_path: Path):
    """A power cut tears the write-ahead log: what comes back is some earlier commit, never half of one."""
    for number in range(1, 6):
        with counted.write() as session:
            session.execute(text("UPDATE lease SET pid = :n, host = 'h' || :n"), {"n": number})
    main, log = (Path(f"{counted.path}{ending}").read_bytes() for ending in ("", "-wal"))

    for length in range(0, len(log), 1777):
        torn = tmp_path / "torn.db"
        torn.write_bytes(main)
        Path(f"{torn}-wal").write_bytes(log[:length])
        Path(f"{torn}-shm").unlink(missing_ok=True)
        connection = sqlite3.connect(torn)

        assert [("ok",)] == connection.execute("PRAGMA integrity_check").fetchall()
        assert all(f"h{pid}" == host for pid, host in connection.execute("SELECT pid, host FROM lease") if pid)
        connection.close()
