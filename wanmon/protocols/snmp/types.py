"""What every SNMP engine here takes and gives: OIDs, values, answers, readings."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

from wanmon.model.reason import Reason

Oid = tuple[int, ...]


class Syntax(IntEnum):
    """The type of a value, by its BER tag (RFC 2578 section 7, RFC 3416 section 3)."""

    INTEGER = 0x02
    OCTET_STRING = 0x04
    NULL = 0x05
    OBJECT_IDENTIFIER = 0x06
    IP_ADDRESS = 0x40
    COUNTER32 = 0x41
    GAUGE32 = 0x42
    TIMETICKS = 0x43
    OPAQUE = 0x44
    COUNTER64 = 0x46
    NO_SUCH_OBJECT = 0x80
    NO_SUCH_INSTANCE = 0x81
    END_OF_MIB_VIEW = 0x82


#: A decoded value: numbers for the numeric types, bytes for strings, IpAddress and Opaque, an `Oid` for
#: OBJECT IDENTIFIER, None for NULL and the three exceptions.
Value = int | bytes | Oid | None


class VarBind(NamedTuple):
    """One object instance and what the agent says of it."""

    oid: Oid
    syntax: Syntax
    value: Value

    @property
    def is_missing(self) -> bool:
        """Whether the agent said that there is no such instance."""
        return self.syntax >= Syntax.NO_SUCH_OBJECT


class Failure(NamedTuple):
    """Why a request has no reply, or a walk did not end well; and whether the agent was heard nevertheless."""

    reason: Reason
    detail: str
    was_heard: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: all of it (`reason` is None), or as much as came before it failed.

    `was_heard` tells whether the agent itself answered anything, if only with an error-status: it lives.
    """

    varbinds: tuple[VarBind, ...]
    reason: Reason | None = None
    detail: str = ""
    was_heard: bool = False


class Reading:
    """A prepared question for known instances, asked again and again; the latest answer is kept in place.

    `values[i]` is the value of `oids[i]` (int or bytes), or None where the agent has no such instance or none has come
    yet. An engine may hang whatever it prepares (encoded requests, last raw bytes) on `prepared`.
    """

    __slots__ = ("oids", "prepared", "values")

    def __init__(self, oids: Sequence[Oid]) -> None:
        self.oids = tuple(oids)
        self.values: list[Value] = [None] * len(self.oids)
        self.prepared: object = None


@dataclass(frozen=True, slots=True)
class Readout:
    """How one asking of a `Reading` went.

    `changed` are the indexes whose value differs from the one before; `answered` those asked in the PDUs that
    were answered (None = all of them). `received_at_s` is when the PDU with the first value came (monotonic): whatever
    is dated by it is asked first.
    """

    changed: Sequence[int]
    received_at_s: float
    reason: Reason | None = None
    detail: str = ""
    answered: Sequence[int] | None = None
