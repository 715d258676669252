"""Real agents, recorded: what the poller reads of them is what an independent reading of the recording says.

Other recordings are tried the same way: put them into a folder and name it in WANMON_WALKS.
"""

import asyncio
from pathlib import Path

import pytest

from tests.rigs import recordings
from tests.rigs.recordings import SYS_DESCR, SYS_NAME, SYS_UP_TIME, credential, each, independent, interfaces, words
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


def polled(path: Path, version: str, *tasks: Task) -> list[PollResult]:
    """What the poller's own executor reads of a recording, over UDP."""

    async def run() -> list[PollResult]:
        engine, key = SnmpEngine(), credential(version)
        secrets, settings = Secrets(snmp={key.name: key}), SnmpSettings()
        keys = KeyRing(settings, secrets, engine, CredentialBreaker(SystemClock()))
        executor = LocalExecutor(keys, load([shipped("inventory") / "profiles"]), None, settings)
        async with recordings.played(path) as port:
            target = DeviceTarget(
                1, "sw", "s", DeviceRole.EDGE, "127.0.0.1", port, "snmp", (key.name,), "auto", 5, 30, 600
            )
            try:
                return [await executor.execute(Job(task, target, DEADLINE_S)) for task in tasks]
            finally:
                await engine.close()

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
    return {
        port.index: (port.name, port.alias, port.speed_bps, dict(sorted(port.values.items())))
        for port in interfaces(independent(path), wide=wide)
    }


@pytest.mark.parametrize("version", ["1", "2c", "3"])
@pytest.mark.parametrize("path", each())
def test_a_poll_reads_what_the_recording_says(path: Path, version: str) -> None:
    """Learnt by walks, read by GET, and looked at again by the slow poll. SNMPv1 cannot show 64-bit counters."""
    rows = independent(path)
    ports = expected(path, wide=version != "1")

    assert ports
    for result in polled(path, version, Task.FAST, Task.FAST, Task.SLOW):
        assert (None, "") == (result.reason, result.detail)
        assert ports == shown(result)
        assert words(rows.get(SYS_NAME)) == result.identity.system_name
        assert words(rows.get(SYS_DESCR))[:200].rstrip() == result.identity.description
        if result.task is Task.FAST:
            assert rows.get(SYS_UP_TIME) == (result.uptime.ticks if result.uptime else None)
