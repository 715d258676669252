"""Leases: what one process at a time may hold, and how it passes on when its holder is gone."""

import os
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlmodel import Session

from wanmon.clock import shown
from wanmon.errors import LeaseHeld
from wanmon.model.life import Lease

#: A lease that was not renewed for so long is free.
TTL_S = 30.0

#: How it is told to who comes second.
_TOLD = {"serve": "the database is served"}


def process_is_alive(pid: int) -> bool:
    """Whether another process of that id runs here.

    Our own id in a lease of somebody else is that of a dead predecessor: in a container every `serve` is process 1.
    """
    if pid == os.getpid():
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def acquire(
    session: Session,
    name: str,
    *,
    token: str,
    pid: int,
    host: str,
    now: datetime,
    ttl_s: float = TTL_S,
    is_alive: Callable[[int], bool] = process_is_alive,
) -> None:
    """Take the lease `name` for the holder `token`, within a session of `Database.write`.

    A lease not renewed for `ttl_s`, or whose process on this `host` is no more, is taken over. Raises `LeaseHeld`.
    """
    held = session.get(Lease, name)
    if held is not None and held.token != token:
        if not _is_free(held, host, now, ttl_s, is_alive):
            raise LeaseHeld(_told(held))
        session.delete(held)
        session.flush()
        held = None
    if held is None:
        session.add(Lease(name=name, token=token, pid=pid, host=host, since=now, renewed_at=now))
    else:
        held.renewed_at = now
    session.flush()


def renew(session: Session, name: str, token: str, now: datetime) -> bool:
    """Keep the lease; False where another has taken it over: its holder must stop at once."""
    held = session.get(Lease, name)
    if held is None or held.token != token:
        return False
    held.renewed_at = now
    session.flush()
    return True


def release(session: Session, name: str, token: str) -> None:
    """Give the lease back, if it is still held by `token`."""
    held = session.get(Lease, name)
    if held is not None and held.token == token:
        session.delete(held)
        session.flush()


def holder(session: Session, name: str, now: datetime, ttl_s: float = TTL_S) -> Lease | None:
    """Who holds the lease; none where nobody does or it has run out."""
    held = session.get(Lease, name)
    return held if held is not None and not _has_run_out(held, now, ttl_s) else None


def _is_free(held: Lease, host: str, now: datetime, ttl_s: float, is_alive: Callable[[int], bool]) -> bool:
    return _has_run_out(held, now, ttl_s) or (held.host == host and not is_alive(held.pid))


def _has_run_out(held: Lease, now: datetime, ttl_s: float) -> bool:
    # A renewal far in the future was written before the clock was set back: it must not hold for that long.
    return abs(now - held.renewed_at) > timedelta(seconds=ttl_s)


def _told(held: Lease) -> str:
    told = _TOLD.get(held.name, f"{held.name} is held")
    return f"{told} by pid {held.pid} on host {held.host} since {shown(held.since)}: end that first"
