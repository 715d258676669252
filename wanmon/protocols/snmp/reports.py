"""What a Report says is wrong (RFC 3414 section 3.2, RFC 3413 section 3.2), and what it means to us."""

from enum import Enum
from typing import NamedTuple

from wanmon.model.reason import Reason
from wanmon.protocols.snmp.types import Failure, Oid


class Complaint(Enum):
    """What an agent, or we ourselves, find wrong with a message."""

    LEVEL = "the agent does not take the user at this security level"
    TIME = "the agent says again and again that the time in our requests is not its own"
    USER = "unknown user"
    ENGINE = "the agent says again and again that its engine id is another"
    DIGEST = "wrong authentication password or protocol"
    DECRYPTION = "wrong privacy password or protocol"
    CONTEXT = "the agent has no such context"
    STALE = "the agent's replies are old by its own clock"
    OTHER = "the agent refused the message"


_USM_STATS: Oid = (1, 3, 6, 1, 6, 3, 15, 1, 1)
_TARGET: Oid = (1, 3, 6, 1, 6, 3, 12, 1)
#: usmStats* and snmpUnavailableContexts, snmpUnknownContexts, without the instance: some agents leave it out.
_COMPLAINTS = {
    (*_USM_STATS, 1): Complaint.LEVEL,
    (*_USM_STATS, 2): Complaint.TIME,
    (*_USM_STATS, 3): Complaint.USER,
    (*_USM_STATS, 4): Complaint.ENGINE,
    (*_USM_STATS, 5): Complaint.DIGEST,
    (*_USM_STATS, 6): Complaint.DECRYPTION,
    (*_TARGET, 4): Complaint.CONTEXT,
    (*_TARGET, 5): Complaint.CONTEXT,
}
_REASONS = {
    Complaint.LEVEL: Reason.AUTH,
    Complaint.USER: Reason.AUTH,
    Complaint.DIGEST: Reason.AUTH,
    Complaint.DECRYPTION: Reason.PRIVACY,
    Complaint.TIME: Reason.TIME_WINDOW,
    Complaint.STALE: Reason.TIME_WINDOW,
    Complaint.ENGINE: Reason.MISMATCHED,
    Complaint.CONTEXT: Reason.REFUSED,
    Complaint.OTHER: Reason.REFUSED,
}


class Report(NamedTuple):
    """A Report that was accepted; the engine says who it is and what its clock shows."""

    complaint: Complaint
    engine_id: bytes
    boots: int
    time_s: int
    is_authentic: bool


def complaint_of(oid: Oid) -> Complaint:
    """What the counter in a Report stands for."""
    return _COMPLAINTS.get(oid) or _COMPLAINTS.get(oid[:-1], Complaint.OTHER)


def failure_of(complaint: Complaint) -> Failure:
    """The end of a request whose complaint cannot be mended; the agent lives, since it said so."""
    return Failure(_REASONS[complaint], complaint.value, was_heard=True)
