"""SNMP: whether the agent answers for its system group, and under which credential."""

import time

from pydantic import Field

from wanmon.checks.result import CheckParams, Result, Target, Tools, rtt, unable
from wanmon.model.finding import Verdict
from wanmon.model.reason import NO_OBSERVATION, OF_CHECKS, REFUSALS, Reason
from wanmon.profiles.text import text
from wanmon.protocols.snmp.types import Answer

SYS_DESCR = (1, 3, 6, 1, 2, 1, 1, 1, 0)
SYS_UP_TIME = (1, 3, 6, 1, 2, 1, 1, 3, 0)
SYS_NAME = (1, 3, 6, 1, 2, 1, 1, 5, 0)

_TICKS_A_MINUTE = 6000

#: What it can give as a reason.
REASONS = tuple(reason for reason in Reason if reason not in OF_CHECKS and reason is not Reason.ISOLATED)


class Params(CheckParams):
    """How long to wait for each credential."""

    timeout_s: float = Field(default=2.0, gt=0, le=30)
    retries: int = Field(default=1, ge=0, le=5)


async def run(target: Target, params: Params, tools: Tools) -> Result:
    """Ask for sysDescr, sysUpTime and sysName; the next credential is tried only after a refusal."""
    if not target.credentials:
        return unable(Reason.LOCAL, f"{target.name} has no SNMP credential that is in secrets.toml")
    result = unable(Reason.LOCAL, "not asked")
    for credential in target.credentials:
        session = tools.snmp.session(
            target.address, target.port, credential, timeout_s=params.timeout_s, retries=params.retries
        )
        began_s = time.monotonic()
        answer = await session.get((SYS_DESCR, SYS_UP_TIME, SYS_NAME))
        result = judge(answer, credential.name, time.monotonic() - began_s)
        if result.reason not in REFUSALS and result.reason is not Reason.TIMEOUT:
            break
    return result


def judge(answer: Answer, credential: str, took_s: float) -> Result:
    """The verdict on one answer. Pure."""
    if answer.reason in NO_OBSERVATION:
        return Result(
            Verdict.UNKNOWN, f"credential {credential}: {answer.detail or answer.reason}", answer.reason, took_s
        )
    values = {varbind.oid: varbind.value for varbind in answer.varbinds if not varbind.is_missing}
    uptime = values.get(SYS_UP_TIME)
    if not isinstance(uptime, int):
        reason = answer.reason or Reason.NO_SUCH
        return Result(Verdict.CRITICAL, f"credential {credential}: {answer.detail or reason}", reason, took_s)
    name = values.get(SYS_NAME)
    shown = text(name) if isinstance(name, bytes) else "an agent without a name"
    words = f"{shown} answers, up for {_told(uptime // _TICKS_A_MINUTE)} (credential {credential})"
    return Result(Verdict.OK, words, duration_s=took_s, measures=(rtt(took_s),))


def _told(minutes: int) -> str:
    """A time as people say it: days and hours, hours and minutes, or minutes alone."""
    hours, rest = divmod(minutes, 60)
    if hours >= 24:
        return f"{hours // 24} d {hours % 24} h"
    return f"{hours} h {rest} min" if hours else f"{rest} min"
