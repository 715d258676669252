"""The schema: bringing a database up to this program's revision, and judging one.

Imports alembic, a third of a second: import this module where it is used.
"""

import importlib
import pkgutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, MetaData, NullPool, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel

from wanmon import model
from wanmon.errors import StoreError
from wanmon.store import revisions
from wanmon.store.sqlite_file import connect, connect_writer, create, existing, path_of, revision_of
from wanmon.store.trouble import reworded

_SELECT_TRIGGERS = "SELECT name FROM sqlite_master WHERE type = 'trigger'"

#: What keeps the log of changes as it was written, by name. INSERT is watched because REPLACE deletes without a word.
TRIGGERS = {
    f"{table}_refuses_{event}": (
        f"CREATE TRIGGER {table}_refuses_{event} BEFORE {event.upper()} ON {table} {condition}"
        f"BEGIN SELECT RAISE(ABORT, '{table} only grows'); END"
    )
    for table in ("changeset", "change")
    for event, condition in (
        ("update", ""),
        ("delete", ""),
        ("insert", f"WHEN EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id) "),  # noqa: S608 - our own two names
    )
}


def upgrade(url: str) -> str:
    """Bring the database to this program's revision, creating it where there is none; return that revision.

    All of the steps happen in one transaction: a kill leaves the old schema or the new one. Raises `StoreError`.
    """
    path = path_of(url)
    create(path)
    revisions.refuse_newer(revision_of(path), path)
    with _alone(path) as connection:
        config = Config()
        config.set_main_option("script_location", str(revisions.MIGRATIONS).replace("%", "%%"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        _refuse_broken_references(connection, path)
    return revisions.head()


def current(url: str) -> str | None:
    """The revision of the database; none for an empty file. Raises `StoreError`."""
    return revision_of(existing(url))


def check(url: str) -> list[str]:
    """Everything that is wrong with the file: damage, broken references, a schema unlike this program's. Or nothing.

    Raises `StoreError` where there is no file.
    """
    path = existing(url)
    found: list[str] = []
    try:
        found += _damage(path)
        revisions.refuse_unfit(revision_of(path), path)
        found += _differences(path)
    except sqlite3.Error as error:
        found.append(str(reworded(error, path)))
    except StoreError as error:
        found.append(str(error))
    return found


def metadata() -> MetaData:
    """Every table of `wanmon.model`: whatever lies in that folder belongs to the schema."""
    for module in pkgutil.iter_modules(model.__path__):
        importlib.import_module(f"{model.__name__}.{module.name}")
    return SQLModel.metadata


def migration_options() -> dict[str, Any]:
    """How alembic looks at our tables, the same for migrating, comparing and drafting."""
    return {
        "target_metadata": metadata(),
        "render_as_batch": True,  # SQLite cannot alter a table, only build it anew
        "compare_type": True,
        "compare_server_default": True,
    }


@contextmanager
def _alone(path: Path) -> Iterator[Connection]:
    """A connection within BEGIN IMMEDIATE, committed at the end. Foreign keys rest: a table may be built anew."""

    def opened() -> sqlite3.Connection:
        connection = connect_writer(path)
        connection.execute("PRAGMA foreign_keys=OFF")
        return connection

    engine = create_engine("sqlite://", creator=opened, poolclass=NullPool, hide_parameters=True)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    try:
        with engine.begin() as connection:
            yield connection
    except DBAPIError as error:
        raise reworded(error, path) from error
    finally:
        engine.dispose()


def _refuse_broken_references(connection: Connection, path: Path) -> None:
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
    if broken:
        raise StoreError(f"{path} was not upgraded: {len(broken)} rows of {broken[0][0]} refer to rows not there")


def _damage(path: Path) -> list[str]:
    with closing(connect(path)) as connection:
        found = [str(text) for (text,) in connection.execute("PRAGMA integrity_check") if text != "ok"]
        broken = connection.execute("PRAGMA foreign_key_check").fetchall()
    return [f"damaged: {text}" for text in found] + [
        f"row {row} of {table} refers to a row of {other} that is not there" for table, row, other, _ in broken
    ]


def _differences(path: Path) -> list[str]:
    """Where the tables of the file are unlike those of `wanmon.model`."""
    engine = create_engine("sqlite://", creator=lambda: connect(path), poolclass=NullPool)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts=migration_options())
        found = compare_metadata(context, metadata())
        triggers = {name for (name,) in connection.exec_driver_sql(_SELECT_TRIGGERS)}
    return [f"schema differs: {_described(difference)}" for difference in found] + [
        f"schema differs: trigger {name} is missing" for name in TRIGGERS if name not in triggers
    ]


def _described(difference: Any) -> str:
    """`add column site.fax` for alembic's nested tuples."""
    first = difference[0] if isinstance(difference, list) else difference
    words = [getattr(part, "name", part) for part in first[1:4]]
    return f"{first[0].replace('_', ' ')} {'.'.join(str(word) for word in words if isinstance(word, str))}"
