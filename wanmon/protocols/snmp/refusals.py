"""What the network answers instead of a reply: ICMP errors from the kernel's queue, and errors of `sendto`.

Linux keeps ICMP errors of an unconnected socket only when asked to (IP_RECVERR, ip(7)); elsewhere there are none, and a
closed port looks like silence.
"""

import errno
import socket
import struct
from typing import Any, NamedTuple

from wanmon.model.reason import Reason

# Python 3.11 does not name these; linux/in.h, linux/in6.h, linux/errqueue.h.
_IP_RECVERR = 11
_IPV6_RECVERR = 25
_MSG_ERRQUEUE = 0x2000
_EXTENDED_ERROR = struct.Struct("=IBBBBII")
_MOST_QUOTED = 512
_ORIGIN_ICMP = 2
_ORIGIN_ICMP6 = 3

# (origin, ICMP type, code) of RFC 792, RFC 1812 section 5.2.7.1 and RFC 4443 section 3.1
_MEANINGS = {
    (_ORIGIN_ICMP, 3, 3): Reason.REFUSED,
    (_ORIGIN_ICMP, 3, 9): Reason.PROHIBITED,
    (_ORIGIN_ICMP, 3, 10): Reason.PROHIBITED,
    (_ORIGIN_ICMP, 3, 13): Reason.PROHIBITED,
    (_ORIGIN_ICMP6, 1, 4): Reason.REFUSED,
    (_ORIGIN_ICMP6, 1, 1): Reason.PROHIBITED,
    (_ORIGIN_ICMP6, 1, 5): Reason.PROHIBITED,
    (_ORIGIN_ICMP6, 1, 6): Reason.PROHIBITED,
}
_WORDS = {
    Reason.REFUSED: "port unreachable (no agent listens there)",
    Reason.PROHIBITED: "a filter on the way forbids it ({})",
    Reason.UNREACHABLE: "no way there ({})",
}
# No route and no link are our own: nothing was sent, and nothing is known of the device.
_UNREACHABLE = {errno.EHOSTUNREACH, errno.EHOSTDOWN}


class Refusal(NamedTuple):
    """An error of the network about datagrams to `address` (as `recvfrom` writes addresses).

    `quoted` is as much of the datagram as the error brought back: 0 to 512 bytes (RFC 792, RFC 1812 section 4.3.2.3).
    """

    address: tuple[Any, ...]
    reason: Reason
    detail: str
    quoted: bytes


def listen_for_refusals(sock: socket.socket) -> None:
    """Ask the kernel to queue ICMP errors, where it can."""
    level, option = (
        (socket.IPPROTO_IPV6, _IPV6_RECVERR) if sock.family == socket.AF_INET6 else (socket.IPPROTO_IP, _IP_RECVERR)
    )
    try:
        sock.setsockopt(level, option, 1)
    except OSError:
        return  # not Linux: closed ports will look silent


def queued_refusals(sock: socket.socket, limit: int = 64) -> list[Refusal]:
    """Take up to `limit` errors from the kernel's queue."""
    found = []
    for _ in range(limit):
        try:
            quoted, ancillary, _flags, address = sock.recvmsg(_MOST_QUOTED, 512, _MSG_ERRQUEUE)
        except OSError:
            break  # empty, which is how it always ends
        for _level, _kind, contents in ancillary:
            if len(contents) >= _EXTENDED_ERROR.size:
                found.append(_understood(address, contents, quoted))
    return found


def _understood(address: tuple[Any, ...], contents: bytes, quoted: bytes) -> Refusal:
    number, origin, kind, code, _, _, _ = _EXTENDED_ERROR.unpack_from(contents)
    if origin not in (_ORIGIN_ICMP, _ORIGIN_ICMP6):
        return Refusal(address, reason_of(number), errno.errorcode.get(number, str(number)), quoted)
    reason = _MEANINGS.get((origin, kind, code), Reason.UNREACHABLE)
    return Refusal(address, reason, _WORDS.get(reason, "{}").format(f"ICMP type {kind} code {code}"), quoted)


def reason_of(number: int | None) -> Reason:
    """What an errno of `socket` or `sendto` means: the network's word, or our own fault."""
    return Reason.UNREACHABLE if number in _UNREACHABLE else Reason.LOCAL
