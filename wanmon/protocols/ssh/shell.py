"""The shell of a router as netmiko reads it: bounded in time and bytes, and never silent about its end.

netmiko asks `recv_ready` a hundred times a second and takes "nothing there" for "not yet": a shell that has ended
raises instead.
"""

import codecs
import math
import re
import time
from typing import Any

from wanmon.protocols.ssh.plain import one_line
from wanmon.protocols.ssh.wire import Ending, Wire

#: netmiko's patterns are tried on all that came, and some of them take the square of the longest line. No terminal is
#: told to be wider than 511.
LINE_BYTES = 1_024
_READ_BYTES = 4_096
#: What may come over the wire for each byte of text: a packet for a single byte takes up to 68.
_OVERHEAD = 80

_END_OF_LINE = re.compile(rb"[\r\n]")


class ShellEnded(Exception):
    """Nothing more is read from this shell."""


class Shell:
    """A channel with a shell on it; `ended` tells why nothing more can be read. Methods are those netmiko asks for."""

    def __init__(self, channel: Any, wire: Wire) -> None:
        self.ended: Ending | None = None
        self._channel, self._wire = channel, wire
        self._decoder = codecs.getincrementaldecoder("utf-8")("backslashreplace")
        self._waiting = b""
        self._until_s = time.monotonic()
        self._room = 0
        self._line = 0
        self._tail = b""

    def allow(self, seconds: float, room: int) -> None:
        """Begin another step: it may take so long from now, and bring so many bytes."""
        self._until_s = time.monotonic() + seconds
        self._room, self._line, self._tail = room, 0, b""
        self._wire.allow(seconds, room * _OVERHEAD)

    def rest(self) -> None:
        """Between two steps: there is no hurry, and next to nothing to be said."""
        self.allow(math.inf, _READ_BYTES)

    @property
    def last_words(self) -> str:
        """The end of what came in this step, as one line."""
        return one_line(self._tail.decode("utf-8", "backslashreplace"))

    def recv_ready(self) -> bool:
        """Whether text waits. Raises `ShellEnded` when there is none and never will be, or there was too much."""
        if time.monotonic() >= self._until_s:
            self._end(Ending.TIME)
        if self._channel.recv_ready():
            self._take(self._channel.recv(_READ_BYTES))
        elif not self._waiting and self._is_over():
            self._end(self._wire.ended or Ending.CLOSED)
        return bool(self._waiting)

    def recv(self, size: int) -> bytes:
        """The text that waits, as UTF-8 whatever came."""
        taken, self._waiting = self._waiting[:size], self._waiting[size:]
        return taken

    def sendall(self, data: bytes) -> None:
        """Type something."""
        try:
            self._channel.sendall(data)
        except OSError:
            self._end(self._wire.ended or Ending.CLOSED)

    def settimeout(self, timeout_s: float) -> None:
        """How long typing may block."""
        self._channel.settimeout(timeout_s)

    def close(self) -> None:
        """Nothing: who holds the line ends it."""

    def _is_over(self) -> bool:
        """Whether nothing will come; what came last may have come since it was asked for."""
        return (self._channel.closed or self._channel.eof_received) and not self._channel.recv_ready()

    def _take(self, data: bytes) -> None:
        self._room -= len(data)
        self._tail = (self._tail + data)[-400:]
        pieces = _END_OF_LINE.split(data)
        longest = max(self._line + len(pieces[0]), *(len(piece) for piece in pieces))
        self._line = len(pieces[-1]) + (self._line if len(pieces) == 1 else 0)
        if self._room < 0 or longest > LINE_BYTES:
            self._end(Ending.FLOOD)
        self._waiting += self._decoder.decode(data).encode()

    def _end(self, ending: Ending) -> None:
        self.ended = self.ended or ending
        raise ShellEnded(ending.value)
