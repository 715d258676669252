"""The SNMP agent: which credential it takes and what is wrong with the others, who it says it is, how much it bears.

Credentials are tried one after another, as `wanmon poll` does: only within their networks, never while they rest, and
what is refused counts towards their rest.
"""

import time
from dataclasses import dataclass, replace
from enum import StrEnum

from wanmon.cli.frame.asking import Asking
from wanmon.cli.frame.doctor.finding import Finding, fine, problem, skipped, warning
from wanmon.cli.frame.doctor.subject import Subject
from wanmon.cli.frame.poll_view import wan_port_record
from wanmon.config.secrets import SnmpCredential
from wanmon.model.reason import REFUSALS, Reason
from wanmon.poller.device.reader import GREETING
from wanmon.poller.execute import LocalExecutor
from wanmon.poller.jobs import Job, PollResult, Task
from wanmon.profiles.library import Library
from wanmon.protocols.snmp.manners import Manners
from wanmon.protocols.snmp.reports import Complaint
from wanmon.protocols.snmp.types import Answer

#: For one credential; for all of them together; for the poll that follows; for finding out about sizes.
_TIMEOUT_S, TRYING_S, READING_S, SIZING_S = 1.0, 6.0, 5.0, 2.5
#: Sizes of replies that are tried: what every agent must bear (RFC 3417 section 3.2.1), twice that, a full packet.
SIZES_BYTES = (484, 968, 1400)
#: A var-bind of sysUpTime in a reply: two headers, the OID, and up to five octets of ticks.
_UPTIME_BYTES = 18
_UPTIME = GREETING[-1]
#: An agent that started lately has shorter ticks: so much of the size is the size.
_WHOLE = 0.85
_FRAME_BYTES = 60

#: The line of secrets.toml that a complaint is about.
_LINES = {
    Complaint.USER: "`user`: the agent knows no such user",
    Complaint.DIGEST: "`auth`: password or protocol is not the agent's",
    Complaint.DECRYPTION: "`priv`: password or protocol is not the agent's",
    Complaint.LEVEL: "`auth` and `priv`: the agent wants the user at another level (with or without them)",
    Complaint.TIME: "nothing in it: the agent's own clock does not hold; restart its SNMP engine",
    Complaint.STALE: "nothing in it: the agent's own clock does not hold; restart its SNMP engine",
    Complaint.CONTEXT: "`context`: the agent has no such context",
}


class Outcome(StrEnum):
    """What became of one credential."""

    TOOK = "took"
    REFUSED = "refused"
    SILENT = "silent"
    NOT_SENT = "not sent"


@dataclass(frozen=True, slots=True)
class Tried:
    """One credential, and what the agent said to it."""

    credential: str
    version: str
    outcome: Outcome
    words: str = ""


@dataclass(frozen=True, slots=True)
class Agent:
    """All that was found of an agent; without a credential that it takes there is nothing beyond `tried`."""

    tried: tuple[Tried, ...]
    result: PollResult | None = None
    borne_bytes: int = 0

    @property
    def took(self) -> str:
        """The credential that it takes."""
        return next((each.credential for each in self.tried if each.outcome is Outcome.TOOK), "")

    @property
    def was_heard(self) -> bool:
        """Whether it said anything at all."""
        return any(each.outcome in (Outcome.TOOK, Outcome.REFUSED) for each in self.tried)


async def examine(subject: Subject, tools: Asking, library: Library) -> Agent:
    """Try the credentials, then read what the agent tells with the one that it takes."""
    tried = await _try_all(subject, tools)
    agent = Agent(tuple(tried))
    if not agent.took:
        return agent
    target = replace(subject.target, credentials=(agent.took,))
    executor = LocalExecutor(tools.keys, library, None, tools.settings)
    result = await executor.execute(Job(Task.FAST, target, READING_S))
    assert isinstance(result, PollResult)
    return replace(agent, result=result, borne_bytes=await _borne(subject, tools, agent.took))


async def _try_all(subject: Subject, tools: Asking) -> list[Tried]:
    """Each credential until one is taken; those that may not be sent are told as well."""
    tried: list[Tried] = []
    deadline_s = time.monotonic() + TRYING_S
    usable = {each.name: each for each in tools.keys.usable(subject.target)}
    for name in subject.target.credentials:
        if name not in usable:
            tried.append(Tried(name, "", Outcome.NOT_SENT, tools.why_not(subject.target, name)))
        elif time.monotonic() >= deadline_s:
            tried.append(Tried(name, usable[name].version, Outcome.NOT_SENT, "the time for trying was over"))
        else:
            tried.append(await _try(subject, tools, usable[name], deadline_s))
        if tried[-1].outcome is Outcome.TOOK:
            break
    return tried


async def _try(subject: Subject, tools: Asking, credential: SnmpCredential, deadline_s: float) -> Tried:
    name = credential.name
    async with tools.keys.trying(credential) as may:
        if not may:
            return Tried(name, credential.version, Outcome.NOT_SENT, tools.why_not(subject.target, name))
        session = tools.keys.open(subject.target, credential, timeout_s=_TIMEOUT_S, retries=1)
        answer = await session.get(GREETING, deadline_s)
        tools.judge(subject.target, credential, answer)
    return told(name, credential.version, answer)


def told(name: str, version: str, answer: Answer) -> Tried:
    """What an answer says of a credential. Pure."""
    if answer.varbinds:
        return Tried(name, version, Outcome.TOOK)
    words = answer.detail or (answer.reason.value if answer.reason else "an empty answer")
    if answer.reason is Reason.LOCAL:
        return Tried(name, version, Outcome.NOT_SENT, words)
    is_refusal = answer.reason in REFUSALS or answer.was_heard
    return Tried(name, version, Outcome.REFUSED if is_refusal else Outcome.SILENT, words)


async def _borne(subject: Subject, tools: Asking, name: str) -> int:
    """The largest reply that came whole, of sizes that double up to a full packet."""
    deadline_s, borne = time.monotonic() + SIZING_S, 0
    credential = next((each for each in tools.keys.usable(subject.target) if each.name == name), None)
    for size in SIZES_BYTES if credential else ():
        assert credential is not None
        manners = Manners(10 * size, _TIMEOUT_S)
        session = tools.keys.open(subject.target, credential, retries=0, manners=manners)
        answer = await session.get((_UPTIME,) * ((size - _FRAME_BYTES) // _UPTIME_BYTES), deadline_s)
        borne = max(borne, manners.borne_bytes)
        if answer.reason is not None or manners.limit_bytes < 10 * size:
            break
    return borne


def judge(agent: Agent, *, is_alive: bool) -> list[Finding]:
    """The findings on the credentials; `is_alive` tells whether anything else answers at the address. Pure."""
    if not agent.tried:
        advice = "add one to secrets.toml, name one with --snmp, or give a community on stdin with `--community -`"
        return [problem("SNMP", "no SNMP credential may be sent there", advice)]
    findings = [_on_one(tried, is_needed=not agent.took) for tried in agent.tried]
    if not agent.was_heard and any(each.outcome is Outcome.SILENT for each in agent.tried):
        words = "the host lives, and" if is_alive else "nothing answers at all, so"
        advice = (
            "compare the community, and the agent's access list with our address; is SNMP on, and at this port?"
            if is_alive
            else "first bring the line and the device up: no credential can be judged"
        )
        findings.append(problem("SNMP", f"{words} no credential got an answer", advice))
    return findings


def _on_one(tried: Tried, *, is_needed: bool) -> Finding:
    subject, name = "SNMP credential", f"snmp.{tried.credential}"
    if tried.outcome is Outcome.TOOK:
        return fine(subject, f"{name} is taken (v{tried.version})")
    if tried.outcome is Outcome.NOT_SENT:
        return skipped(subject, f"{name} was not sent: {tried.words}")
    if tried.outcome is Outcome.SILENT:
        words = f"{name}: no answer (v{tried.version})"
        return warning(subject, words, "v1 and v2c refuse by silence: the community may be wrong")
    line = next((line for each, line in _LINES.items() if each.value == tried.words), "")
    advice = f"in [snmp.{tried.credential}] see {line}" if line else "see what the agent's own log says of our address"
    return (problem if is_needed else warning)(subject, f"{name} is refused: {tried.words}", advice)


def describe(agent: Agent, library: Library) -> list[Finding]:
    """The findings on what an agent tells, once it takes a credential. Pure."""
    result = agent.result
    if result is None:
        return []
    if not result.profile:
        words = f"nothing more was read: {result.detail or result.reason}"
        return [problem("identity", words, "see `wanmon poll` with the same target, and the agent's view (VACM)")]
    found = [_identity(result), _profile(result, library), _size(agent.borne_bytes)]
    proposal = wan_port_record(result, library.profiles.get(result.profile))
    if proposal:
        found.append(fine("WAN port", f"{proposal['interface']}: {proposal['reason']}"))
    else:
        found.append(skipped("WAN port", f"nothing speaks for one of its {len(result.ports)} ports"))
    return found


def _identity(result: PollResult) -> Finding:
    identity = result.identity
    told = {"name": identity.system_name, "vendor": identity.vendor, "model": identity.model}
    told |= {"version": identity.os_version, "serial": identity.serial}
    words = ", ".join(f"{what} {value}" for what, value in told.items() if value)
    return fine("identity", words or "it tells nothing of itself")


def _profile(result: PollResult, library: Library) -> Finding:
    profile = library.profiles[result.profile]
    return fine("profile", f"{profile.profile} ({profile.title}), {len(result.ports)} ports")


def _size(borne_bytes: int) -> Finding:
    if borne_bytes >= _WHOLE * SIZES_BYTES[-1]:
        return fine("PDU size", f"replies of {borne_bytes} bytes come whole")
    if not borne_bytes:
        return skipped("PDU size", "no reply to the question about sizes")
    words = f"no reply larger than {borne_bytes} bytes came whole"
    return warning("PDU size", words, "polls learn it by themselves; look for a small MTU on the way")
