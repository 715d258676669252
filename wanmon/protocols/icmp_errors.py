"""What the network says of a packet that it did not deliver: ICMP errors, as Linux keeps them for a socket. Pure.

The layout is that of `struct sock_extended_err` (ip(7), IP_RECVERR) with the address of the offender behind it.
"""

import struct
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address

from wanmon.model.reason import Reason

#: errno, origin, type, code, padding, info (an MTU), data
_EXTENDED = struct.Struct("@IBBBBII")
_ORIGIN_LOCAL, _ORIGIN_ICMP, _ORIGIN_ICMP6 = 1, 2, 3
_FAMILY_4, _FAMILY_6 = 2, 10


class Refusal(StrEnum):
    """What an ICMP error says."""

    UNREACHABLE = "unreachable"
    PROHIBITED = "prohibited"
    EXPIRED = "time exceeded"
    TOO_BIG = "too big"

    @property
    def reason(self) -> Reason:
        """The reason that it is to a check; a packet that expired was going in circles."""
        return _REASONS.get(self, Reason.UNREACHABLE)


_REASONS = {Refusal.PROHIBITED: Reason.PROHIBITED, Refusal.TOO_BIG: Reason.TOO_BIG}

_UNREACHABLE_4, _EXPIRED_4, _PARAMETER_4 = 3, 11, 12  # RFC 792
_UNREACHABLE_6, _TOO_BIG_6, _EXPIRED_6, _PARAMETER_6 = 1, 2, 3, 4  # RFC 4443
_FRAGMENTATION_NEEDED = 4
#: Codes of "unreachable" by which an administrator said no: RFC 1812 section 5.2.7.1, RFC 4443 section 3.1.
_PROHIBITED_4 = frozenset({9, 10, 13})
_PROHIBITED_6 = frozenset({1, 5, 6})


@dataclass(frozen=True, slots=True)
class IcmpError:
    """Who refused a packet and how; `offender` is empty where it was this machine, `mtu` 0 where none was told."""

    refusal: Refusal
    offender: str = ""
    mtu: int = 0


def read(extended: bytes) -> IcmpError | None:
    """The error in the data that comes along in a socket's error queue, or None where it is of another kind."""
    if len(extended) < _EXTENDED.size:
        return None
    _, origin, kind, code, _, info, _ = _EXTENDED.unpack_from(extended)
    if origin == _ORIGIN_LOCAL:
        return IcmpError(Refusal.TOO_BIG, mtu=info) if info else None
    saying = {_ORIGIN_ICMP: _saying_4, _ORIGIN_ICMP6: _saying_6}.get(origin)
    refusal = saying(kind, code) if saying else None
    if refusal is None:
        return None
    mtu = info if refusal is Refusal.TOO_BIG else 0
    return IcmpError(refusal, _address(extended[_EXTENDED.size :]), mtu)


def _saying_4(kind: int, code: int) -> Refusal | None:
    if kind == _UNREACHABLE_4 and code == _FRAGMENTATION_NEEDED:
        return Refusal.TOO_BIG
    if kind == _UNREACHABLE_4:
        return Refusal.PROHIBITED if code in _PROHIBITED_4 else Refusal.UNREACHABLE
    return {_EXPIRED_4: Refusal.EXPIRED, _PARAMETER_4: Refusal.UNREACHABLE}.get(kind)


def _saying_6(kind: int, code: int) -> Refusal | None:
    if kind == _UNREACHABLE_6:
        return Refusal.PROHIBITED if code in _PROHIBITED_6 else Refusal.UNREACHABLE
    return {_TOO_BIG_6: Refusal.TOO_BIG, _EXPIRED_6: Refusal.EXPIRED, _PARAMETER_6: Refusal.UNREACHABLE}.get(kind)


def _address(sockaddr: bytes) -> str:
    """The address in a sockaddr_in or sockaddr_in6."""
    if len(sockaddr) < 8:
        return ""
    (family,) = struct.unpack_from("@H", sockaddr)
    if family == _FAMILY_4:
        return str(IPv4Address(sockaddr[4:8]))
    if family == _FAMILY_6 and len(sockaddr) >= 24:
        return str(IPv6Address(sockaddr[8:24]))
    return ""
