"""The schema: migrations against models, damage, upgrades that are cut short."""

import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config

from wanmon.errors import StoreError
from wanmon.store import revisions, schema, sqlite_file
from wanmon.store.migrations.draft import draft

DIES_WITHIN = """
import os, signal, sqlite3, sys
from wanmon.store import schema, sqlite_file

url, allowed = sys.argv[1], int(sys.argv[2])
connect_writer = sqlite_file.connect_writer

def counted(path):
    connection = connect_writer(path)
    seen = 0
    def trace(statement):
        nonlocal seen
        seen += 1
        if seen > allowed or statement == 'COMMIT':
            os.kill(os.getpid(), signal.SIGKILL)
    connection.set_trace_callback(trace)
    return connection

schema.connect_writer = counted
schema.upgrade(url)
"""


def path_in(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


def test_the_migrations_lead_to_the_models(url: str):
    """`python -m wanmon.store.migrations.draft` drafts the revision that mends this."""
    assert [] == schema.check(url)


def test_the_draft_of_the_next_revision_is_empty_while_nothing_differs():
    assert "pass" == draft().strip()


def test_rows_of_the_first_revision_are_kept_and_take_the_defaults(tmp_path: Path):
    """Whoever ran the first schema loses nothing and need not fill anything in."""
    url = f"sqlite:///{tmp_path}/wanmon.db"
    at_revision(url, "0001")
    with sqlite3.connect(path_in(url)) as connection:
        connection.executescript(OLD_ROWS)
    schema.upgrade(url)
    with sqlite3.connect(path_in(url)) as connection:
        classes = connection.execute("SELECT slow_ms, service_hours, availability_target FROM site_class").fetchall()
        kept = connection.execute("SELECT site, new, uncertain_s, roots, circuit FROM transition").fetchall()
        circuits = connection.execute("SELECT code, excused FROM circuit").fetchall()

    assert [] == schema.check(url)
    assert [(150, "24x7", 0.995)] == classes
    assert [("BN-DC1", "up", 0.0, "", None)] == kept
    assert [("C-1", "")] == circuits


def at_revision(url: str, revision: str) -> None:
    """A database as an older program made it."""
    path = path_in(url)
    sqlite_file.create(path)
    with schema._alone(path) as connection:
        config = Config()
        config.set_main_option("script_location", str(revisions.MIGRATIONS))
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


OLD_ROWS = """
INSERT INTO unit (id, code, official_code, name, kind, level) VALUES (1, '27', '27', 'Bắc Ninh', 'tỉnh', 'province');
INSERT INTO site_class (id, code, name, liveness_interval_s, fast_interval_s, slow_interval_s)
    VALUES (1, 'hub', 'Hub', 5, 30, 600);
INSERT INTO site (id, code, name, unit, kind, site_class, status, street)
    VALUES (1, 'BN-DC1', 'Hub', '27', 'datacenter', 'hub', 'active', '');
INSERT INTO carrier (id, code, name, hotline, email) VALUES (1, 'VNPT', 'VNPT', '', '');
INSERT INTO circuit (id, code, site, carrier, contract, role, receive_bps, transmit_bps, interface)
    VALUES (1, 'C-1', 'BN-DC1', 'VNPT', '', 'primary', 1000, 1000, '');
INSERT INTO transition (id, site, old, new, reason, at, decided_at)
    VALUES (1, 'BN-DC1', 'unknown', 'up', '', '2026-03-02 00:00:00', '2026-03-02 00:00:00');
"""


def test_upgrading_twice_changes_nothing(url: str):
    before = path_in(url).read_bytes()

    assert revisions.head() == schema.upgrade(url)
    assert before == path_in(url).read_bytes()
    assert revisions.head() == schema.current(url)


def test_an_upgrade_makes_the_folders_above(tmp_path: Path):
    url = f"sqlite:///{tmp_path}/var/lib/100%/wanmon.db"

    assert revisions.head() == schema.upgrade(url)
    assert [] == schema.check(url)


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path):
    (tmp_path / "file").touch()

    with pytest.raises(StoreError, match="cannot be created"):
        schema.upgrade(f"sqlite:///{tmp_path}/file/wanmon.db")


def test_a_column_too_many_a_missing_index_and_a_missing_trigger_are_named(url: str):
    with sqlite3.connect(path_in(url)) as connection:
        connection.execute("ALTER TABLE site ADD COLUMN fax VARCHAR")
        connection.execute("DROP INDEX ix_device_site")
        connection.execute("DROP TRIGGER change_refuses_update")

    assert [
        "schema differs: add index ix_device_site",
        "schema differs: remove column site.fax",
        "schema differs: trigger change_refuses_update is missing",
    ] == sorted(schema.check(url))


def test_a_reference_into_nothing_is_found(url: str):
    with sqlite3.connect(path_in(url)) as connection:
        connection.execute("INSERT INTO site_state VALUES ('BN-9999', 'up', '2026-03-02 00:00:00', '', '')")

    assert ["row 1 of site_state refers to a row of site that is not there"] == schema.check(url)


def test_damage_is_found(url: str):
    path = path_in(url)
    content = bytearray(path.read_bytes())
    content[4096:20480] = bytes(16384)
    path.write_bytes(content)

    assert schema.check(url)


def test_a_file_cut_short_is_found(url: str):
    path_in(url).write_bytes(path_in(url).read_bytes()[:-5000])

    assert schema.check(url)


@pytest.mark.parametrize(
    "allowed", [1, 2, 5, 20, 40, 1000], ids=lambda allowed: f"after {allowed} statements or at the commit"
)
def test_a_kill_within_an_upgrade_leaves_the_old_schema_or_the_new(tmp_path: Path, allowed: int):
    """SQLite's DDL is transactional, as long as nobody commits between two statements."""
    url = f"sqlite:///{tmp_path}/wanmon.db"
    child = subprocess.run([sys.executable, "-c", DIES_WITHIN, url, str(allowed)], check=False)
    tables = list(sqlite3.connect(path_in(url)).execute("SELECT name FROM sqlite_master"))

    assert (-signal.SIGKILL, None, []) == (child.returncode, schema.current(url), tables)
    assert revisions.head() == schema.upgrade(url)
    assert [] == schema.check(url)
