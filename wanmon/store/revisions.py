"""The revisions of the schema that this program knows, by the names of their files: `0001_first.py` is `0001`.

Looking at names keeps alembic (a third of a second) out of every command that only opens the database.
"""

from pathlib import Path

from wanmon.errors import StoreError

MIGRATIONS = Path(__file__).parent / "migrations"


def known() -> tuple[str, ...]:
    """Every revision, the oldest first."""
    return tuple(sorted(path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*_*.py")))


def head() -> str:
    """The revision that this program works with."""
    return known()[-1]


def refuse_unfit(revision: str | None, path: Path) -> None:
    """Raise `StoreError` unless a database of `revision` fits this program."""
    refuse_newer(revision, path)
    if revision is None:
        raise StoreError(f"{path} has no tables yet: run `wanmon db upgrade`")
    if revision != head():
        raise StoreError(f"{path} has the older schema {revision}, not {head()}: run `wanmon db upgrade`")


def refuse_newer(revision: str | None, path: Path) -> None:
    """Raise `StoreError` for a revision that this program does not know."""
    if revision is not None and revision not in known():
        raise StoreError(
            f"{path} has the schema {revision}, newer than this wanmon knows ({head()}): "
            "install the wanmon that wrote it, or restore a backup made before its upgrade"
        )
