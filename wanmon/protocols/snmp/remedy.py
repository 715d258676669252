"""What to ask next when an agent answered a GET with an error-status. Pure rules over positions in the PDU."""

from collections.abc import Sequence
from typing import NamedTuple

from wanmon.model.reason import Reason
from wanmon.protocols.snmp.message import ErrorStatus, Reply, error_name, read_varbinds


class ErrorReply(NamedTuple):
    """An error-status that is not noError; `position` is 1 for the first var-bind, 0 for none of them."""

    status: int
    position: int


def error_reply(reply: Reply) -> ErrorReply:
    """The error of a reply that has one. Its var-binds tell nothing, but must be sound; raises `MalformedMessage`."""
    read_varbinds(reply)
    return ErrorReply(reply.error_status, reply.error_index)


class Remedy(NamedTuple):
    """How a PDU of `count` var-binds goes on.

    `missing` are positions that do not exist at the agent, `again` the parts to ask anew, `refused` why the other
    positions have no value.
    """

    missing: tuple[int, ...] = ()
    again: tuple[Sequence[int], ...] = ()
    refused: Reason | None = None


def remedy(error: ErrorReply, count: int) -> Remedy:
    """The next step after `error` for a GET of `count` instances; every step asks for fewer, so that it ends.

    noSuchName (RFC 1157 section 4.1.2) names one missing instance; genErr names one that the agent cannot fetch, which
    is then asked alone; tooBig, or a culprit that is not named, halves.
    """
    if error.status not in (ErrorStatus.NO_SUCH_NAME, ErrorStatus.GEN_ERR, ErrorStatus.TOO_BIG):
        return Remedy(refused=Reason.REFUSED)
    if count == 1:
        return _alone(error.status)
    if error.status == ErrorStatus.TOO_BIG or not 1 <= error.position <= count:
        return Remedy(again=(range(count // 2), range(count // 2, count)))
    culprit = error.position - 1
    others = (*range(culprit), *range(culprit + 1, count))
    if error.status == ErrorStatus.NO_SUCH_NAME:
        return Remedy(missing=(culprit,), again=(others,))
    return Remedy(again=(others, (culprit,)))


def _alone(status: int) -> Remedy:
    if status == ErrorStatus.NO_SUCH_NAME:
        return Remedy(missing=(0,))
    return Remedy(refused=Reason.TOO_BIG if status == ErrorStatus.TOO_BIG else Reason.REFUSED)


def told(error: ErrorReply) -> str:
    """An error-status as an operator reads it."""
    return f"the agent answered {error_name(error.status)}" + (
        f" at position {error.position}" if error.position else ""
    )
