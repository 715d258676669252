"""When a v3 message is the reply to a request: the rules of RFC 3414 section 3.2 and RFC 3412 section 7.2 for who asks.

The transport has matched its address and msgID already. What is left: engine id, user, security level, digest, time,
context, request id; and what a Report may do. A Report without authentication can be forged by whoever sees our
requests, and such a one could drop them as well: it may end a request, but it never sets a clock back.
"""

from wanmon.protocols.snmp.ber import MalformedMessage
from wanmon.protocols.snmp.message import REPORT, RESPONSE, MismatchedReply, Reply, read_varbinds
from wanmon.protocols.snmp.message_v3 import AUTH, LEVEL, MAX_ID_BYTES, PRIV, ScopedPdu, SecuredFrame, read_scoped
from wanmon.protocols.snmp.remotes import Remote
from wanmon.protocols.snmp.reports import Complaint, Report, complaint_of
from wanmon.protocols.snmp.usm import LocalUser


def accepted(frame: SecuredFrame, local: LocalUser, context: bytes, remote: Remote, now_s: float) -> Reply | Report:
    """The response in a message for `local`, or what it complains of; `context` is the name that was asked.

    Raises `MalformedMessage` or `MismatchedReply` for what is no reply to it.
    """
    is_authentic = bool(frame.flags & AUTH)
    if is_authentic:
        local.verify(frame)
        if remote.engine_id != local.engine_id:
            raise MismatchedReply("another engine answers at this address now")
    scoped = _scoped(frame, local.opened(frame))
    if scoped.tag == REPORT:
        return _report(frame, scoped, local, is_authentic=is_authentic, remote=remote, now_s=now_s)
    _check_response(frame, scoped, local, context)
    if is_authentic and not remote.hear(frame.boots, frame.time_s, now_s):
        return _told(Complaint.STALE, frame, is_authentic=True)
    if frame.flags & PRIV:
        remote.proven, remote.mute = local, 0
    return scoped.reply


def discovered(frame: SecuredFrame) -> Report:
    """What any answer to the question of discovery says of the engine that gave it.

    Raises `MalformedMessage` or `MismatchedReply`.
    """
    if frame.flags & LEVEL:
        raise MismatchedReply("a protected reply to the question who is there")
    scoped = _scoped(frame, frame.data[frame.start : frame.stop])
    if not 1 <= len(frame.engine_id) <= MAX_ID_BYTES or scoped.tag not in (REPORT, RESPONSE):
        raise MismatchedReply("no engine id in the reply to the question who is there")
    return _told(Complaint.ENGINE, frame, is_authentic=False)


def _scoped(frame: SecuredFrame, plain: bytes) -> ScopedPdu:
    return read_scoped(plain, len(frame.data), is_padded=bool(frame.flags & PRIV))


def _check_response(frame: SecuredFrame, scoped: ScopedPdu, local: LocalUser, context: bytes) -> None:
    if scoped.tag != RESPONSE:
        raise MalformedMessage(f"a PDU with tag {scoped.tag:#04x} where a response belongs")
    if frame.flags & LEVEL != local.level:
        raise MismatchedReply("the reply has another security level")
    if frame.engine_id != local.engine_id or frame.user != local.name:
        raise MismatchedReply("the reply is from another engine or for another user")
    if scoped.engine_id != local.engine_id or scoped.context != context:
        raise MismatchedReply("the reply is from another context")
    if scoped.reply.request_id != frame.request_id:
        raise MismatchedReply("the reply has another request id inside")


def _report(
    frame: SecuredFrame, scoped: ScopedPdu, local: LocalUser, *, is_authentic: bool, remote: Remote, now_s: float
) -> Report:
    varbinds = read_varbinds(scoped.reply)
    complaint = complaint_of(varbinds[0].oid) if varbinds else Complaint.OTHER
    if is_authentic:
        remote.hear(frame.boots, frame.time_s, now_s)
    elif complaint is Complaint.TIME and local.level & AUTH:
        raise MismatchedReply("a notInTimeWindow without authentication")
    return _told(complaint, frame, is_authentic=is_authentic)


def _told(complaint: Complaint, frame: SecuredFrame, *, is_authentic: bool) -> Report:
    return Report(complaint, frame.engine_id, frame.boots, frame.time_s, is_authentic)
