"""Sockets for ICMP echo as Linux has them: opened, prepared, and what comes along with a packet, read.

Whose packet it is, and what it means, is told by who uses them: `echo_wire` for all hosts, `echo_probe` for one.
"""

import errno
import os
import socket
import struct
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from wanmon.errors import WanmonError
from wanmon.protocols import icmp_errors
from wanmon.protocols.icmp_errors import IcmpError

#: What `recvmsg` may bring along: a time stamp, and an error with the address of its sender.
ANCILLARY_ROOM = 256
MOST_READ = 64  # messages in one go, so that a flood does not starve the event loop

# Of <linux/in.h>, <linux/in6.h>, <linux/icmp.h>, <linux/icmpv6.h> and <asm-generic/socket.h>; Python names few of them.
_IP_RECVERR, _IPV6_RECVERR = 11, 25
_SOL_RAW, _ICMP_FILTER, _ICMPV6_FILTER = 255, 1, 1
_SO_TIMESTAMPNS = 35
_TIMESPEC = struct.Struct("@ll")

#: Only echo replies wake us: the bits of the types that are kept out.
_ONLY_REPLIES_4 = struct.pack("@I", ~1 & 0xFFFFFFFF)
_ONLY_REPLIES_6 = struct.pack(
    "@8I", *(~(1 << 129 % 32) & 0xFFFFFFFF if at == 129 // 32 else 0xFFFFFFFF for at in range(8))
)
_QUOTED_ROOM = 512
_NO_WAY = frozenset({errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EADDRNOTAVAIL})


class EchoForbidden(WanmonError):
    """The system does not let this process send echo requests."""

    def __init__(self) -> None:
        super().__init__(
            "echo is forbidden to this process: give it CAP_NET_RAW (systemd: AmbientCapabilities=CAP_NET_RAW), "
            "or put its group into the sysctl net.ipv4.ping_group_range"
        )


def opened(version: int) -> tuple[socket.socket, bool]:
    """A socket for the echoes of an IP version, and whether it is a raw one; errors are kept, packets are stamped.

    A ping socket needs no privilege, and sees only its own. Raises `EchoForbidden` where the system allows neither.
    """
    family = socket.AF_INET if version == 4 else socket.AF_INET6
    protocol = socket.IPPROTO_ICMP if version == 4 else socket.IPPROTO_ICMPV6
    for kind in (socket.SOCK_DGRAM, socket.SOCK_RAW):
        try:
            made = socket.socket(family, kind | socket.SOCK_NONBLOCK, protocol)
        except PermissionError:
            continue
        is_raw = kind == socket.SOCK_RAW
        try:
            _prepare(made, version, raw=is_raw)
        except BaseException:
            made.close()
            raise
        return made, is_raw
    raise EchoForbidden


def _prepare(made: socket.socket, version: int, *, raw: bool) -> None:
    if version == 4:
        made.setsockopt(socket.IPPROTO_IP, _IP_RECVERR, 1)
    else:
        made.setsockopt(socket.IPPROTO_IPV6, _IPV6_RECVERR, 1)
    if raw and version == 4:
        made.setsockopt(_SOL_RAW, _ICMP_FILTER, _ONLY_REPLIES_4)
    elif raw:
        made.setsockopt(socket.IPPROTO_ICMPV6, _ICMPV6_FILTER, _ONLY_REPLIES_6)
    made.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)


def place(version: int, address: str) -> Any:
    """What sockets call an address that is written in digits. Raises OSError for anything else."""
    family = socket.AF_INET if version == 4 else socket.AF_INET6
    return socket.getaddrinfo(address, 0, family, flags=socket.AI_NUMERICHOST)[0][4]


@dataclass(frozen=True, slots=True)
class Returned:
    """A packet that the network did not deliver: as it is quoted, and the place that it was sent to.

    `error` is None where it is of a kind that tells nothing.
    """

    quoted: bytes
    error: IcmpError | None
    sent_to: Any
    ancillary: list[Any]


def returned(made: socket.socket) -> Iterator[Returned]:
    """What lies in the error queue."""
    for _ in range(MOST_READ):
        try:
            quoted, ancillary, _, sent_to = made.recvmsg(_QUOTED_ROOM, 2 * ANCILLARY_ROOM, socket.MSG_ERRQUEUE)
        except OSError:
            return
        yield Returned(quoted, _error_in(ancillary), sent_to, ancillary)


def round_trip_s(sent_s: float, ancillary: list[Any]) -> float:
    """From the sending to when the kernel took the answer in: the time it then waited for us is not the network's."""
    took_s = time.monotonic() - sent_s
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == _SO_TIMESTAMPNS and len(data) >= _TIMESPEC.size:
            seconds, nanoseconds = _TIMESPEC.unpack_from(data)
            lay_s = (time.time_ns() - seconds * 1_000_000_000 - nanoseconds) / 1e9
            # A clock that was set meanwhile tells nothing.
            return took_s - lay_s if 0 <= lay_s <= took_s else took_s
    return took_s


def has_no_way(error: OSError) -> bool:
    """Whether a packet did not leave because this machine has no way to where it should go."""
    return error.errno in _NO_WAY


def why_not(error: OSError) -> str:
    """Why a packet did not leave, in words."""
    words = os.strerror(error.errno) if error.errno else str(error)
    if error.errno == errno.EPERM:
        return f"{words}: a firewall of this machine's own may forbid it"
    return f"{words}: this machine has no way there" if has_no_way(error) else words


def _error_in(ancillary: list[Any]) -> IcmpError | None:
    places = {(socket.IPPROTO_IP, _IP_RECVERR), (socket.IPPROTO_IPV6, _IPV6_RECVERR)}
    return next((icmp_errors.read(data) for level, kind, data in ancillary if (level, kind) in places), None)
