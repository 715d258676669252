"""One device or address from the first echo to the command that adds it: who is asked in which order, and until when.

What needs no answer of the agent goes on side by side; then the credentials, one after another.
"""

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any

from wanmon.cli.frame.asking import Asking
from wanmon.cli.frame.doctor import agent as agents
from wanmon.cli.frame.doctor import engine, login, reaching, ready
from wanmon.cli.frame.doctor.agent import Agent
from wanmon.cli.frame.doctor.finding import Finding, Mark, fine, problem, skipped
from wanmon.cli.frame.doctor.subject import Subject
from wanmon.cli.frame.poll_view import wan_port_record
from wanmon.cli.frame.surroundings import Surroundings
from wanmon.errors import WanmonError
from wanmon.model.host_key import HostKey
from wanmon.model.inventory import Inventory

#: Each examination ends by itself; these are for one that does not.
_ECHO_S, _MTU_S, _ENGINE_S, _LOGIN_S = 4.0, 5.0, 4.0, 5.0
_AGENT_S = 1 + agents.TRYING_S + agents.READING_S + agents.SIZING_S
READY = "ready"


async def examine(
    here: Surroundings, tools: Asking, inventory: Inventory, subject: Subject, held: HostKey | None
) -> list[Finding]:
    """All findings on one place; the last are the commands to run next."""
    echo, mtu, (v3, is_there), ssh = await asyncio.gather(
        _within(_ECHO_S, "echo", reaching.echo(subject, tools.snmp)),
        _within(_MTU_S, "MTU", reaching.mtu(subject, tools.snmp)),
        _discovered(here, tools, subject),
        _within(_LOGIN_S, "SSH", login.examine(subject, held, here.secrets.hidden_of_logins)),
    )
    found = await _agent(here, tools, subject)
    is_heard = is_there or found.was_heard
    # What refuses a connection is a host that lives, as the poller has it.
    is_alive = echo.verdict in (Mark.OK, Mark.WARNING) or is_heard
    told = [*_credentials(subject, found, is_alive=is_alive), *agents.describe(found, here.library)]
    profile = found.result.profile if found.result else subject.device.profile if subject.device else ""
    findings = [filtered(echo) if is_heard else echo, mtu, v3, *told, ssh, login.platform(subject, profile)]
    findings += _next(here, inventory, subject, found, findings, is_filtered=is_heard and echo.verdict is Mark.PROBLEM)
    return [replace(finding, target=subject.target.name) for finding in findings]


def filtered(echo: Finding) -> Finding:
    """An echo without answer of whoever answers otherwise: filtered, and no reason to call it down. Pure."""
    if echo.verdict is not Mark.PROBLEM:
        return echo
    advice = "let echo through to the device, or judge its life by SNMP: `--liveness snmp`"
    return replace(echo, verdict=Mark.WARNING, text=f"{echo.text}, and its agent answers", advice=advice)


async def _discovered(here: Surroundings, tools: Asking, subject: Subject) -> tuple[Finding, bool]:
    asking = engine.examine(subject, tools.snmp, here.library, here.clock.now())
    try:
        return await asyncio.wait_for(asking, _ENGINE_S)
    except TimeoutError:
        return skipped("SNMPv3 engine", f"not told within {_ENGINE_S:g} s"), False


async def _agent(here: Surroundings, tools: Asking, subject: Subject) -> Agent:
    try:
        return await asyncio.wait_for(agents.examine(subject, tools, here.library), _AGENT_S)
    except TimeoutError:
        return Agent(())


async def _within(seconds: float, subject: str, examination: Coroutine[Any, Any, Finding]) -> Finding:
    try:
        return await asyncio.wait_for(examination, seconds)
    except TimeoutError:
        return problem(subject, f"not done within {seconds:g} s", "try again; something on the way holds answers back")
    except WanmonError as error:
        return skipped(subject, str(error))


def _credentials(subject: Subject, found: Agent, *, is_alive: bool) -> list[Finding]:
    if subject.device is not None and not subject.target.credentials:
        return [skipped("SNMP", "SNMP is not spoken with it, on purpose (snmp = none)")]
    return agents.judge(found, is_alive=is_alive)


def _next(
    here: Surroundings,
    inventory: Inventory,
    subject: Subject,
    found: Agent,
    findings: list[Finding],
    *,
    is_filtered: bool,
) -> list[Finding]:
    """What to run next: the commands that are ready, or what is to be mended before there are any."""
    result = found.result
    if result is None or not result.profile:
        mend = ready.first_to_mend(findings)
        return [problem("next", "mend this first", mend)] if mend else []
    proposal = wan_port_record(result, here.library.profiles.get(result.profile))
    interface = proposal["interface"] if proposal else ""
    lines = ready.commands(inventory, subject, found.took, result, interface, is_filtered=is_filtered)
    return [replace(fine(READY, "run next"), advice=line) for line in lines]
