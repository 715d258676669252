"""Writes `versions/0001_first.py` from `wanmon.model`: `python -m wanmon.store.migrations.draft`, then `ruff format`.

For the time before the first release, while there is but one revision; afterwards a revision never changes, and this
refuses.
"""

import re
import sys
from typing import Any, Literal

from alembic.autogenerate import produce_migrations, render_python_code
from alembic.autogenerate.api import AutogenContext
from alembic.migration import MigrationContext
from sqlalchemy import Enum, String, create_engine
from sqlmodel import AutoString

from wanmon.model.fields import UtcDateTime
from wanmon.store import revisions
from wanmon.store.schema import TRIGGERS, metadata, migration_options

_HEAD = '''\
"""The first schema. Drafted by `python -m wanmon.store.migrations.draft`."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make every table, and the triggers that keep the log of changes as it was written."""
'''


def draft() -> str:
    """The text of the first revision."""
    with create_engine("sqlite://").connect() as connection:
        options = {**migration_options(), "render_item": _plain_type, "render_as_batch": False}
        context = MigrationContext.configure(connection, opts=options)
        operations = produce_migrations(context, metadata()).upgrade_ops
        assert operations is not None
        body = render_python_code(
            operations,
            render_as_batch=False,
            render_item=_plain_type,
            migration_context=context,
        )
    statements = [line for line in body.splitlines() if not line.lstrip().startswith("#")]
    triggers = [f"    op.execute({_quoted(sql)})" for sql in TRIGGERS.values()]
    return _HEAD + "\n".join([*statements, *triggers]).strip("\n") + "\n"


def _plain_type(kind: str, item: Any, context: AutogenContext) -> str | Literal[False]:
    """Types as they are in the database: a revision must not change when the model does."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime()"
    if kind == "type" and isinstance(item, Enum | AutoString | String):
        return f"sa.String(length={item.length})" if item.length else "sa.String()"
    return False


def _quoted(sql: str) -> str:
    """A literal for each clause: the lines stay short."""
    return "".join(f'\n        "{clause}"' for clause in re.split(r"(?<= )(?=WHEN |BEGIN SELECT )", sql)) + "\n    "


def main() -> None:
    """Write the file, unless there are later revisions."""
    if revisions.known() not in ((), ("0001",)):
        sys.exit("there are later revisions: the first one is history now")
    (revisions.MIGRATIONS / "versions" / "0001_first.py").write_text(draft(), encoding="utf-8")


if __name__ == "__main__":
    main()
