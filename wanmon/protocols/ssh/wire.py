"""The connection under a session: how it is made, and what may still come over it, in seconds and bytes.

paramiko takes a `Wire` for a socket. It reads in slices of a tenth of a second, so that a limit is kept that nearly.
"""

import asyncio
import errno
import os
import socket
import time
from contextlib import suppress
from enum import StrEnum

from wanmon.model.reason import Reason
from wanmon.protocols.ssh.fault import SshFault

#: Enough to see who is there.
FIRST_BYTES = 80

_WORDS = {
    errno.ECONNREFUSED: "refuses connections",
    errno.ECONNRESET: "resets connections",
    errno.EHOSTUNREACH: "is unreachable: no route to the host",
    errno.ENETUNREACH: "is unreachable: no route to the network",
    errno.ETIMEDOUT: "does not answer",
    errno.EACCES: "may not be reached: the network prohibits it",
    errno.EPERM: "may not be reached: a local rule prohibits it",
}


class Ending(StrEnum):
    """Why nothing comes over a wire any more."""

    TIME = "time"  # not done in the time of the step
    FLOOD = "flood"  # more bytes than the step may have
    CLOSED = "closed"  # the far end has hung up
    CUT = "cut"  # we have


class WireEnded(EOFError):
    """Nothing can be read from or written to a wire any more; paramiko takes that for the end of the connection."""


async def dial(address: str, port: int, timeout_s: float) -> socket.socket:
    """A TCP connection, which the caller closes. Raises `SshFault` (TCP, or LOCAL where it is we who cannot)."""
    where = f"{address} port {port}"
    try:
        connection = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
    except OSError as error:
        raise SshFault(Reason.LOCAL, f"no socket can be opened: {error.strerror}") from None
    try:
        connection.setblocking(False)
        async with asyncio.timeout(timeout_s):
            await asyncio.get_running_loop().sock_connect(connection, (address, port))
    except BaseException as error:
        connection.close()
        if isinstance(error, TimeoutError):
            raise SshFault(Reason.TCP, f"{where} did not take a connection within {timeout_s:g} s") from None
        if isinstance(error, OSError):
            raise SshFault(Reason.TCP, f"{where} {_words(error)}") from None
        raise
    return connection


class Wire:
    """A connection that ends by itself when a step takes too long or brings too much; `ended` tells why, once it has.

    `first` is how the far end began, `FIRST_BYTES` at most. One thread reads, another may write, anyone may `cut`.
    Methods are those that paramiko asks of a socket.
    """

    def __init__(self, connection: socket.socket) -> None:
        self.ended: Ending | None = None
        self.first = b""
        self._connection = connection
        self._until_s = time.monotonic()
        self._room = 0

    def allow(self, seconds: float, room: int) -> None:
        """Begin another step: it may take so long from now, and bring so many bytes."""
        self._room = room
        self._until_s = time.monotonic() + seconds

    def cut(self) -> None:
        """End it from any thread: whoever reads or writes wakes up. The descriptor is closed by who reads."""
        self._end(Ending.CUT)
        with suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)

    def recv(self, size: int) -> bytes:
        """What has come, of at most `size` bytes; nothing when the far end has hung up."""
        self._still_open()
        data = self._connection.recv(size)
        self.first += data[: FIRST_BYTES - len(self.first)]
        self._room -= len(data)
        if not data:
            self._end(Ending.CLOSED)
        if self._room < 0:
            self._end(Ending.FLOOD)
            raise WireEnded(Ending.FLOOD.value)
        return data

    def send(self, data: bytes) -> int:
        """Write, and tell how much was taken."""
        self._still_open()
        return self._connection.send(data)

    def close(self) -> None:
        """Close the descriptor, as paramiko does when the far end has said goodbye."""
        self._end(Ending.CLOSED)
        self._connection.close()

    def settimeout(self, timeout_s: float | None) -> None:
        """How long one read or write may block."""
        self._connection.settimeout(timeout_s)

    @property
    def _closed(self) -> bool:
        """What paramiko looks at when it waits for its reading thread."""
        return self._connection.fileno() < 0

    def _still_open(self) -> None:
        if time.monotonic() >= self._until_s:
            self._end(Ending.TIME)
        if self.ended is not None:
            raise WireEnded(self.ended.value)

    def _end(self, ending: Ending) -> None:
        """The first reason is the one that counts."""
        if self.ended is None:
            self.ended = ending


def _words(error: OSError) -> str:
    number = error.errno or 0
    return _WORDS.get(number) or f"cannot be connected to: {os.strerror(number) if number else error}"
