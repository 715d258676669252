"""Polling what is played on loopback with the poller's own executor, and what came of it, port by port."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from tests.rigs import recordings
from tests.rigs.recordings import credential, independent, interfaces
from wanmon.clock import SystemClock
from wanmon.config.layout import shipped
from wanmon.config.secrets import Secrets
from wanmon.config.settings import SnmpSettings
from wanmon.model.device import DeviceRole
from wanmon.poller.breaker import CredentialBreaker
from wanmon.poller.execute import LocalExecutor
from wanmon.poller.jobs import Job, PollResult, Task
from wanmon.poller.keys import KeyRing
from wanmon.poller.targets import DeviceTarget
from wanmon.profiles.library import load
from wanmon.protocols.snmp.engine import SnmpEngine

DEADLINE_S = 120.0


async def poll(port: int, version: str, tasks: Sequence[Task]) -> list[PollResult]:
    """What the poller's own executor reads of the agent at a port."""
    engine, key = SnmpEngine(), credential(version)
    secrets, settings = Secrets(snmp={key.name: key}), SnmpSettings()
    keys = KeyRing(settings, secrets, engine, CredentialBreaker(SystemClock()))
    executor = LocalExecutor(keys, load([shipped("inventory") / "profiles"]), None, settings)
    target = DeviceTarget(1, "sw", "s", DeviceRole.EDGE, "127.0.0.1", port, "snmp", (key.name,), "auto", 5, 30, 600)
    try:
        return [await executor.execute(Job(task, target, DEADLINE_S)) for task in tasks]
    finally:
        await engine.close()


def polled(path: Path, version: str, *tasks: Task) -> list[PollResult]:
    """The same of a recording, over UDP."""

    async def run() -> list[PollResult]:
        async with recordings.played(path) as port:
            return await poll(port, version, tasks)

    return asyncio.run(run())


def shown(result: PollResult) -> dict[int, tuple[object, ...]]:
    """The ports of a poll by ifIndex: name, alias, speed, and every value that is there."""
    values: dict[int, dict[str, object]] = {port.if_index: {} for port in result.ports}
    for role, column in result.columns.items():
        for row, value in zip(column.rows, column.values, strict=True):
            values[result.ports[row].if_index][role] = value
    return {
        port.if_index: (port.name, port.alias, port.speed_bps, dict(sorted(values[port.if_index].items())))
        for port in result.ports
    }


def expected(path: Path, *, wide: bool) -> dict[int, tuple[object, ...]]:
    """The same ports by an independent reading of the recording; without `wide` as SNMPv1 shows them."""
    return {
        port.index: (port.name, port.alias, port.speed_bps, dict(sorted(port.values.items())))
        for port in interfaces(independent(path), wide=wide)
    }
