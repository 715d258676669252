"""Who is there: the question that an SNMPv3 engine answers to anybody, and what its id tells of its maker.

No secret goes out with it: the request has no user (RFC 3414 section 4). It tells a living agent from silence.
"""

from wanmon.protocols.snmp.acceptance import discovered
from wanmon.protocols.snmp.message import Question, encode_pdu
from wanmon.protocols.snmp.reports import Report
from wanmon.protocols.snmp.secure_session import Sealed
from wanmon.protocols.snmp.transport import Target, Transport
from wanmon.protocols.snmp.types import Failure
from wanmon.protocols.snmp.usm import NOBODY

#: The first four octets of an id are the enterprise of its maker; their first bit tells how the rest is made.
_ENTERPRISE_OCTETS, _NOT_THE_FORM = 4, 0x7FFFFFFF
#: SnmpEngineID has 5 to 32 octets (RFC 3411 section 5).
_LEAST_OCTETS, _MOST_OCTETS = 5, 32


async def discover(transport: Transport, target: Target, deadline_s: float | None = None) -> Report | Failure:
    """Ask for engine id, boots and time; or why nothing was told."""
    request = Sealed(encode_pdu(Question.GET, ()), NOBODY, b"", (0, 0))
    return await transport.ask(target, request, discovered, deadline_s)


def enterprise(engine_id: bytes) -> int | None:
    """The enterprise number in an engine id (RFC 3411 section 5, SnmpEngineID); none where it holds none."""
    if not _LEAST_OCTETS <= len(engine_id) <= _MOST_OCTETS:
        return None
    return int.from_bytes(engine_id[:_ENTERPRISE_OCTETS], "big") & _NOT_THE_FORM or None
