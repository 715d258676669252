"""What an SNMPv3 engine tells of itself to whoever asks: that an agent lives, its maker, and since when it is up."""

from datetime import datetime, timedelta

from wanmon.cli.frame.amounts import duration, instant
from wanmon.cli.frame.doctor.finding import Finding, fine, skipped
from wanmon.cli.frame.doctor.subject import Subject
from wanmon.model.reason import Reason
from wanmon.profiles.library import Library
from wanmon.protocols.snmp.discovery import enterprise
from wanmon.protocols.snmp.engine import SnmpEngine
from wanmon.protocols.snmp.reports import Report
from wanmon.protocols.snmp.types import Failure

_SUBJECT = "SNMPv3 engine"
_ENTERPRISES = (1, 3, 6, 1, 4, 1)


async def examine(subject: Subject, snmp: SnmpEngine, library: Library, now: datetime) -> tuple[Finding, bool]:
    """The finding, and whether an agent was heard."""
    told = await snmp.discover(subject.address, subject.target.port)
    return judge(told, library, now), isinstance(told, Report)


def judge(told: Report | Failure, library: Library, now: datetime) -> Finding:
    """What discovery says. Silence is no fault: v1 and v2c agents have no engine to tell of. Pure."""
    if isinstance(told, Report):
        up = f"up {duration(told.time_s)}, since {instant(now - timedelta(seconds=told.time_s))}"
        words = f"an agent lives: engine {told.engine_id.hex()} by {maker(told.engine_id, library)}"
        return fine(_SUBJECT, f"{words}, {up}, {told.boots} boots")
    if told.reason is Reason.REFUSED:
        return skipped(_SUBJECT, f"the host lives, and no agent listens at this port: {told.detail}")
    return skipped(_SUBJECT, f"no word of SNMPv3 ({told.detail or told.reason}): no agent, a filter, or one without v3")


def maker(engine_id: bytes, library: Library) -> str:
    """Whose agents have such an engine id, as the profiles know enterprises. Pure."""
    number = enterprise(engine_id)
    if number is None:
        return "nobody knows whom"
    prefix = (*_ENTERPRISES, number)
    titles = {
        profile.identity.vendor[0].text or profile.title if profile.identity.vendor else profile.title
        for profile in library.profiles.values()
        for known in profile.match.sys_object_id
        if known[: len(prefix)] == prefix
    }
    return f"{' or '.join(sorted(titles))} (enterprise {number})" if titles else f"enterprise {number}"
