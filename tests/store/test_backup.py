"""Backups of a database in use, and bringing them back."""

import shutil
import sqlite3
import stat
from pathlib import Path

import pytest

from wanmon.errors import StoreError
from wanmon.store import backup, inventory, schema
from wanmon.store.database import Database


def sites_in(database: Database) -> set[str]:
    with database.read() as session:
        return set(inventory.load(session).sites)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def renumber(path: Path, revision: str) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (revision,))
    connection.close()


def test_a_backup_restored_is_the_database_as_it_was(province: Database, url: str, tmp_path: Path):
    backup.backup(url, tmp_path / "backup.db")
    restored = backup.restore(tmp_path / "backup.db", tmp_path / "new" / "var")
    again = Database.open(f"sqlite:///{restored}")

    assert sites_in(province) == sites_in(again)
    assert [] == schema.check(f"sqlite:///{restored}")
    assert (0o600, 0o640) == (mode(tmp_path / "backup.db"), mode(restored))
    again.close()


def test_a_backup_is_made_while_somebody_writes_and_has_only_what_was_committed(
    province: Database, url: str, tmp_path: Path
):
    with province.write() as session:
        session.connection().exec_driver_sql("UPDATE site SET name = 'half' WHERE code = 'BN-0001'")
        backup.backup(url, tmp_path / "backup.db")

    with sqlite3.connect(tmp_path / "backup.db") as copy:
        assert [("UBND phường Ninh Xá",)] == copy.execute("SELECT name FROM site WHERE code = 'BN-0001'").fetchall()


def test_a_backup_is_one_file(province: Database, url: str, tmp_path: Path):
    """No log beside it that could be left behind when it is copied away."""
    (tmp_path / "backups").mkdir()
    backup.backup(url, tmp_path / "backups" / "monday.db")

    assert ["monday.db"] == [path.name for path in (tmp_path / "backups").iterdir()]
    with sqlite3.connect(tmp_path / "backups" / "monday.db") as copy:
        assert ("delete",) == copy.execute("PRAGMA journal_mode").fetchone()


def test_a_backup_is_overwritten_only_when_asked_to(province: Database, url: str, tmp_path: Path):
    target = tmp_path / "backup.db"
    target.write_text("precious")

    with pytest.raises(StoreError, match="exists already"):
        backup.backup(url, target)
    assert "precious" == target.read_text()
    backup.backup(url, target, overwrite=True)
    assert target.read_bytes().startswith(b"SQLite format 3")


def test_a_backup_without_a_folder_or_a_database_is_one_line(url: str, tmp_path: Path):
    with pytest.raises(StoreError, match="cannot be written: No such file"):
        backup.backup(url, tmp_path / "nowhere" / "backup.db")
    with pytest.raises(StoreError, match="no database at"):
        backup.backup(f"sqlite:///{tmp_path}/other.db", tmp_path / "backup.db")


def test_a_restore_never_overwrites_a_database(province: Database, url: str, tmp_path: Path):
    backup.backup(url, tmp_path / "backup.db")

    with pytest.raises(StoreError, match="exists already"):
        backup.restore(tmp_path / "backup.db", tmp_path)
    assert {"BN-DC1", "BN-0001", "BN-0002"} == sites_in(province)


def test_a_restore_beside_the_log_of_a_lost_database_is_refused(province: Database, url: str, tmp_path: Path):
    """SQLite would replay that log into the restored file."""
    backup.backup(url, tmp_path / "backup.db")
    (tmp_path / "new").mkdir()
    shutil.copy(f"{province.path}-wal", tmp_path / "new" / "wanmon.db-wal")

    with pytest.raises(StoreError, match="is left of another database"):
        backup.restore(tmp_path / "backup.db", tmp_path / "new")


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda path: path.write_bytes(b"no database at all" * 100), "is not a SQLite database"),
        (lambda path: path.write_bytes(b""), "is empty"),
        (lambda path: path.write_bytes(path.read_bytes()[:-30_000]), "is damaged"),
        (lambda path: path.unlink(), "no backup at"),
        (lambda path: renumber(path, "9999"), "newer than this wanmon knows"),
    ],
    ids=["text", "empty", "cut", "missing", "newer"],
)
def test_a_bad_backup_leaves_nothing_behind(url: str, tmp_path: Path, spoil, told: str):
    file = tmp_path / "backup.db"
    backup.backup(url, file)
    spoil(file)

    with pytest.raises(StoreError, match=told) as error:
        backup.restore(file, tmp_path / "new")
    assert str(file) in str(error.value)
    assert [] == list((tmp_path / "new").glob("*"))
