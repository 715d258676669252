"""A device whose SNMPv3 user has changed lives on: no liveness probe calls it silent for longer than one slot."""

import asyncio
from typing import Any

import pytest

from tests.poller.scripted import Hands, library, ring, target
from tests.protocols.snmp.secured_agent import SecuredAgent, listening, usm
from wanmon.config.secrets import SnmpCredential
from wanmon.config.settings import SnmpSettings
from wanmon.model.reason import Reason
from wanmon.poller import execute
from wanmon.poller.execute import LocalExecutor
from wanmon.poller.jobs import Job, LivenessResult, Task
from wanmon.protocols.snmp.engine import SnmpEngine

CHANGED: dict[str, SnmpCredential] = {
    "user": usm(user="another"),
    "authentication password": usm(passwords=("something-else", "private-2026")),
    "authentication protocol": usm("SHA-512"),
    "privacy password": usm(passwords=("authentic-2026", "something-else")),
}


@pytest.mark.parametrize("theirs", CHANGED.values(), ids=CHANGED.keys())
def test_a_device_that_no_longer_takes_its_user_is_not_called_down(
    monkeypatch: pytest.MonkeyPatch, theirs: SnmpCredential
) -> None:
    """SNMP alone judges its life; what refuses us speaks, and what cannot decrypt says who it is."""
    monkeypatch.setattr(execute, "LIVENESS_TIMEOUT_S", 0.1)

    async def run() -> None:
        agent, snmp = await listening(SecuredAgent("edge", [usm()], boots=5)), SnmpEngine()
        engine: Any = snmp
        keys, _breaker = ring(engine, Hands(), usm())
        host, port = agent.address
        device = target(address=host, port=port, liveness="snmp", credentials=("lab",))
        keys.worked(device, "lab")
        executor = LocalExecutor(keys, library(), None, SnmpSettings())

        async def probed() -> LivenessResult:
            seen = await executor.execute(Job(Task.LIVENESS, device, 10))
            assert isinstance(seen, LivenessResult)
            return seen

        before = await probed()
        agent.credentials = [theirs]
        agent.restart("edge", 6)
        after = [await probed() for _ in range(6)]
        await snmp.close()
        agent.transport.close()

        assert (None, ()) == (before.observation.reason, before.refused)
        assert [None] * 5 == [seen.observation.reason for seen in after[1:]]
        assert after[0].observation.reason in (None, Reason.TIMEOUT)
        assert ("lab",) == after[-1].refused

    asyncio.run(run())
