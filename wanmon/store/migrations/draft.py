"""Drafts the next revision: `python -m wanmon.store.migrations.draft` prints how to get from the last to the models.

A draft is to be read and mended before it becomes `versions/NNNN_name.py`: a column that may not be empty needs a value
for the rows that are there. A revision that has landed never changes.
"""

import sys
import tempfile
from typing import Any, Literal

from alembic.autogenerate import produce_migrations, render_python_code
from alembic.autogenerate.api import AutogenContext
from alembic.migration import MigrationContext
from sqlalchemy import Enum, String, create_engine
from sqlmodel import AutoString

from wanmon.model.fields import UtcDateTime
from wanmon.store import schema


def draft() -> str:
    """The body of `upgrade()`, as alembic sees it; it says `pass` where nothing differs."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/wanmon.db"
        schema.upgrade(url)
        engine = create_engine(url)
        with engine.connect() as connection:
            options = {**schema.migration_options(), "render_item": _plain_type}
            context = MigrationContext.configure(connection, opts=options)
            operations = produce_migrations(context, schema.metadata()).upgrade_ops
            assert operations is not None
            body = render_python_code(
                operations, render_as_batch=True, render_item=_plain_type, migration_context=context
            )
        engine.dispose()
    return "\n".join(line for line in body.splitlines() if not line.lstrip().startswith("#")) + "\n"


def _plain_type(kind: str, item: Any, context: AutogenContext) -> str | Literal[False]:
    """Types as they are in the database: a revision must not change when the model does."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime()"
    if kind == "type" and isinstance(item, Enum | AutoString | String):
        return f"sa.String(length={item.length})" if item.length else "sa.String()"
    return False


if __name__ == "__main__":
    sys.stdout.write(draft())
