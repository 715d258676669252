"""What a session puts around a PDU before it is sent, as far as it is the same every time.

For v1 and v2c that is the whole message. For v3 it is nothing yet: the message is sealed anew for each sending.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from wanmon.protocols.snmp.message import Question, Request, Version, encode_pdu, encode_request
from wanmon.protocols.snmp.packing import frame_bytes


class Envelope(Protocol):
    """How a question is written; two that are equal write the same."""

    @property
    def version(self) -> Version:
        """The version asked in."""
        ...

    @property
    def frame_bytes(self) -> int:
        """The bytes of a reply around its var-binds, at most."""
        ...

    def request(self, question: Question, oids: Sequence[bytes], max_repetitions: int = 0) -> Request:
        """A request for encoded OIDs. Raises `ValueError` for GETBULK in v1."""
        ...


@dataclass(frozen=True, slots=True)
class CommunityEnvelope:
    """A message of v1 or v2c."""

    version: Version
    community: bytes = field(repr=False)

    @property
    def frame_bytes(self) -> int:
        """The bytes of a reply around its var-binds, at most."""
        return frame_bytes(self.community)

    def request(self, question: Question, oids: Sequence[bytes], max_repetitions: int = 0) -> Request:
        """A whole message. Raises `ValueError` for GETBULK in v1."""
        return encode_request(question, self.version, self.community, oids, max_repetitions)


@dataclass(frozen=True, slots=True)
class BareEnvelope:
    """A PDU alone, to be sealed for a v3 engine."""

    frame_bytes: int
    version: Version = Version.V3

    def request(self, question: Question, oids: Sequence[bytes], max_repetitions: int = 0) -> Request:
        """A PDU and nothing around it."""
        return encode_pdu(question, oids, max_repetitions)
