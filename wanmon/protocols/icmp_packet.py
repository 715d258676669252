"""ICMP echo messages as bytes, for IPv4 (RFC 792) and IPv6 (RFC 4443): written and read. Pure, no socket.

What is read comes from outside: whatever is too short, of another type or with a wrong checksum is no echo.
"""

import struct
from dataclasses import dataclass

#: type, code, checksum, identifier, sequence
_HEADER = struct.Struct("!BBHHH")
HEADER_BYTES = _HEADER.size

_REQUEST = {4: 8, 6: 128}
_REPLY = {4: 0, 6: 129}
#: What IP itself takes of a packet without options.
IP_HEADER_BYTES = {4: 20, 6: 40}


@dataclass(frozen=True, slots=True)
class EchoMessage:
    """An echo request or reply: by identifier and sequence it is known, the payload comes back as it was sent."""

    identifier: int
    sequence: int
    payload: bytes


def request(version: int, message: EchoMessage) -> bytes:
    """The bytes of an echo request; for IPv6 the kernel fills in the checksum, which covers its addresses too."""
    head = (_REQUEST[version], 0)
    bare = _HEADER.pack(*head, 0, message.identifier, message.sequence) + message.payload
    if version == 6:
        return bare
    return _HEADER.pack(*head, checksum(bare), message.identifier, message.sequence) + message.payload


def reply(version: int, data: bytes) -> EchoMessage | None:
    """The echo reply that an ICMP message is, or None."""
    message = _read(_REPLY[version], data)
    # The kernel gives IPv4 datagrams to raw sockets before it looks at the checksum; over all of a sound one it is 0.
    return None if version == 4 and message and checksum(data) else message


def replied(version: int, data: bytes) -> int | None:
    """The sequence of the echo reply that an ICMP message seems to be; whether it is one, `is_reply` tells."""
    if len(data) < HEADER_BYTES or data[0] != _REPLY[version] or data[1] != 0:
        return None
    return int.from_bytes(data[6:8], "big")


def is_reply(data: bytes, to: bytes, *, is_identifier_known: bool) -> bool:
    """Whether a message with the right type brings back just what a request had.

    With that the checksum proves nothing more. Linux rewrites the identifier on unprivileged sockets, and keeps others'
    replies out.
    """
    begin = 4 if is_identifier_known else 6
    return data[begin:] == to[begin:]


def quoted_request(version: int, data: bytes) -> EchoMessage | None:
    """The echo request that an ICMP error quotes, its payload mostly cut, or None."""
    return _read(_REQUEST[version], data)


def without_ip_header(datagram: bytes) -> bytes:
    """What an IPv4 datagram carries, as raw sockets give it; nothing where its header is none."""
    if len(datagram) < IP_HEADER_BYTES[4] or datagram[0] >> 4 != 4:
        return b""
    length = 4 * (datagram[0] & 0x0F)
    return datagram[length:] if length >= IP_HEADER_BYTES[4] else b""


def checksum(data: bytes) -> int:
    """The Internet checksum (RFC 1071)."""
    number = int.from_bytes(data if len(data) % 2 == 0 else data + b"\0", "big")
    # 2^16 is 1 modulo 2^16 - 1: the ones' complement sum of the words is the rest of the whole, where 0 is written as
    # all ones unless every word is 0.
    return ~(number % 0xFFFF or (number and 0xFFFF)) & 0xFFFF


def _read(kind: int, data: bytes) -> EchoMessage | None:
    if len(data) < HEADER_BYTES:
        return None
    its_kind, code, _, identifier, sequence = _HEADER.unpack_from(data)
    return EchoMessage(identifier, sequence, data[HEADER_BYTES:]) if (its_kind, code) == (kind, 0) else None
