"""TCP connections: whether a port takes one, and how soon."""

import asyncio
import errno
import os
import time
from dataclasses import dataclass

from wanmon.model.reason import Reason

_REASONS = {
    errno.ECONNREFUSED: Reason.REFUSED,
    errno.ECONNRESET: Reason.REFUSED,
    errno.EHOSTUNREACH: Reason.UNREACHABLE,
    errno.ENETUNREACH: Reason.UNREACHABLE,
    errno.ETIMEDOUT: Reason.TIMEOUT,
    errno.EACCES: Reason.PROHIBITED,
    errno.EPERM: Reason.PROHIBITED,
}


@dataclass(frozen=True, slots=True)
class Connection:
    """How one attempt to connect went; the connection is closed again."""

    duration_s: float
    reason: Reason | None = None
    detail: str = ""


async def connect(address: str, port: int, timeout_s: float) -> Connection:
    """Open a connection and close it at once."""
    began_s = time.monotonic()
    try:
        async with asyncio.timeout(timeout_s):
            _, writer = await asyncio.open_connection(address, port)
    except TimeoutError:
        return Connection(timeout_s, Reason.TIMEOUT, f"no connection within {timeout_s:g} s")
    except OSError as error:
        return Connection(time.monotonic() - began_s, reason_of(error), words_of(error))
    duration_s = time.monotonic() - began_s
    writer.transport.abort()
    return Connection(duration_s)


def reason_of(error: OSError) -> Reason:
    """What an error of a connection says of the far end; whatever else it may be is our own fault."""
    # asyncio tells of a far end that hangs up within a TLS handshake without a number.
    hung_up = isinstance(error, ConnectionError) and not error.errno
    return Reason.REFUSED if hung_up else _REASONS.get(error.errno or 0, Reason.LOCAL)


def words_of(error: OSError) -> str:
    """The error in words; asyncio's own are "Connect call failed" whatever happened."""
    return os.strerror(error.errno) if error.errno in _REASONS else error.strerror or str(error) or "it hangs up"
