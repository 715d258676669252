"""The database: whether it opens, is whole and can be written, how much room it has, and who serves it."""

import shutil
import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

from wanmon.cli.frame.amounts import duration, instant
from wanmon.cli.frame.doctor.finding import Finding, fine, problem, skipped, warning
from wanmon.cli.frame.surroundings import Surroundings
from wanmon.errors import WanmonError
from wanmon.store import leases, life, revisions
from wanmon.store.sqlite_file import connect, path_of, revision_of

#: Less room than this is a problem, less than the other a warning: a month of 177 sites takes some 100 MB.
SCARCE_BYTES, LITTLE_BYTES = 100_000_000, 1_000_000_000
#: A look at a large database may take so long; what is not done then is told.
_LOOK_S = 10.0
_SERVE = "serve"


def examine(here: Surroundings) -> list[Finding]:
    """Everything about the database; without one there is one finding only."""
    try:
        url = here.database_url
        revision = revision_of(path_of(url))
        revisions.refuse_unfit(revision, path_of(url))
    except WanmonError as error:
        text, _, advice = str(error).rpartition(": ")
        return [problem("database", text or str(error), advice if text else "see `wanmon config show`")]
    path = path_of(url)
    found = [fine("database", f"{path} opens, schema {revision}"), integrity(path), writable(path)]
    return [*found, room(path, shutil.disk_usage(path.parent).free), *_serving(here)]


def integrity(path: Path) -> Finding:
    """Look for damage; pages alone, since rows are looked at by `wanmon db check`."""
    damage: list[str] = []
    try:
        with closing(connect(path, mode="ro", timeout_s=_LOOK_S)) as connection:
            damage = [str(row[0]) for row in connection.execute("PRAGMA quick_check(5)")]
    except sqlite3.Error as error:
        damage = [str(error)]
    if damage == ["ok"]:
        return fine("integrity", "the quick check finds nothing")
    return problem("integrity", "; ".join(damage), "stop serve and restore the last backup: `wanmon restore --help`")


def writable(path: Path) -> Finding:
    """Begin a write and take it back: nothing is changed by it."""
    try:
        with closing(connect(path, timeout_s=_LOOK_S)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")
    except sqlite3.Error as error:
        return problem("writing", f"{path}: {error}", f"see who owns {path.parent} and whether its disk is read-only")
    return fine("writing", "a write can begin")


def room(path: Path, free_bytes: int) -> Finding:
    """Judge the free bytes of the disk. Pure."""
    words = f"{free_bytes / 1e9:.1f} GB are free beside {path.name}"
    if free_bytes < SCARCE_BYTES:
        return problem("disk", words, f"make room on the disk of {path.parent}")
    if free_bytes < LITTLE_BYTES:
        return warning("disk", words, f"make room on the disk of {path.parent} before it is full")
    return fine("disk", words)


def _serving(here: Surroundings) -> list[Finding]:
    now = here.clock.now()
    with here.database.read() as session:
        holder = leases.holder(session, _SERVE, now)
        beat = life.last_beat(session)
    words = f"pid {holder.pid} on {holder.host} since {instant(holder.since)}" if holder else ""
    return [serving(words), heartbeat(beat, now)]


def serving(holder: str) -> Finding:
    """Judge who serves. Pure."""
    if holder:
        return fine("serve", f"served by {holder}")
    return warning("serve", "nobody serves this database", "start it: `systemctl start wanmon`, or `wanmon serve`")


def heartbeat(beat: datetime | None, now: datetime) -> Finding:
    """Judge when a poller lived last; one from the future was written by another clock. Pure."""
    if beat is None:
        return skipped("heartbeat", "no poller has lived yet")
    if beat - now > timedelta(seconds=5):
        ahead = duration((beat - now).total_seconds())
        words = f"the last heartbeat lies {ahead} in the future"
        return problem("heartbeat", words, "the clock was set back: set it right, then start serve anew")
    return fine("heartbeat", f"the poller lived {duration(max(0.0, (now - beat).total_seconds()))} ago")
