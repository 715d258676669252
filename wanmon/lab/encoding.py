"""BER as an agent writes it: lengths, OIDs, numbers and whole var-binds (X.690; RFC 3417 section 8).

The lab's own, so that it can contradict the poller's codec. Encodes only; reading is in `agent_wire`.
"""

from wanmon.protocols.snmp.types import Oid, Syntax

_BYTES = tuple(bytes((number,)) for number in range(256))


def length(octets: int) -> bytes:
    """A definite length in its shortest form."""
    if octets < 0x80:
        return _BYTES[octets]
    digits = octets.to_bytes((octets.bit_length() + 7) // 8, "big")
    return _BYTES[0x80 | len(digits)] + digits


def tlv(tag: int, content: bytes) -> bytes:
    """Tag, length, content."""
    return _BYTES[tag] + length(len(content)) + content


def oid_content(oid: Oid) -> bytes:
    """The content of an OBJECT IDENTIFIER of two arcs at least."""
    arcs = (oid[0] * 40 + oid[1], *oid[2:])
    return b"".join(_arc(arc) for arc in arcs)


def number_content(number: int) -> bytes:
    """The shortest two's complement; an unsigned number with its top bit set gets a leading zero."""
    bits = number.bit_length() if number >= 0 else (number + 1).bit_length()
    return number.to_bytes((bits >> 3) + 1, "big", signed=True)


def varbind(oid: Oid, syntax: Syntax, content: bytes) -> bytes:
    """A whole VarBind: SEQUENCE of name and value."""
    return tlv(0x30, tlv(Syntax.OBJECT_IDENTIFIER, oid_content(oid)) + tlv(syntax, content))


def _arc(arc: int) -> bytes:
    """One sub-identifier, seven bits to the octet, all but the last marked."""
    if arc < 0x80:
        return _BYTES[arc]
    digits = [arc & 0x7F]
    while arc := arc >> 7:
        digits.append(arc & 0x7F | 0x80)
    return bytes(reversed(digits))
