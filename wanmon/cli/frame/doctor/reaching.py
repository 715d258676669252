"""Whether echoes come back from an address, and how large a packet passes on the way there: by the kinds of check."""

from wanmon.checks import registry
from wanmon.checks.result import Result, Target, Tools
from wanmon.cli.frame.doctor.finding import Finding, Mark, skipped
from wanmon.cli.frame.doctor.subject import Subject
from wanmon.model.finding import Verdict
from wanmon.protocols.icmp import EchoClient
from wanmon.protocols.snmp.engine import SnmpEngine

#: How an examination tells the verdict of a check.
_MARKS = {Verdict.OK: Mark.OK, Verdict.WARNING: Mark.WARNING, Verdict.CRITICAL: Mark.PROBLEM}
_ADVICE = {
    "icmp_echo": "see whether the line is up, and whether a filter on the way or the device itself drops echo",
    "mtu_path": "lower the MTU or clamp TCP MSS on the line that is too small, or let its ICMP errors through",
}


async def echo(subject: Subject, snmp: SnmpEngine) -> Finding:
    """Five echoes."""
    return await _checked("echo", "icmp_echo", subject, snmp)


async def mtu(subject: Subject, snmp: SnmpEngine) -> Finding:
    """The largest packet that passes whole."""
    return await _checked("MTU", "mtu_path", subject, snmp)


def judge(name: str, kind: str, result: Result) -> Finding:
    """A finding by the result of a check; of what a check could not tell nobody knows anything. Pure."""
    if result.verdict not in _MARKS:
        return skipped(name, result.text)
    mark = _MARKS[result.verdict]
    return Finding(name, mark, result.text, "" if mark is Mark.OK else _ADVICE[kind])


async def _checked(name: str, kind: str, subject: Subject, snmp: SnmpEngine) -> Finding:
    if kind not in registry.names():
        return skipped(name, f"this wanmon has no check {kind}")
    known = registry.kind(kind)
    target = Target(subject.target.name, subject.address)
    return judge(name, kind, await known.run(target, registry.parse_params(known, {}), Tools(EchoClient(), snmp)))
