"""Real agents, recorded: what the poller reads of them is what an independent reading of the recording says.

Other recordings are tried the same way: put them into a folder and name it in WANMON_WALKS.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from tests.rigs import recordings, snmp_exporter
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


#: Role of a port -> the exporter's metrics that show it, the better one first.
METRICS = {
    "admin_status": ["ifAdminStatus"],
    "oper_status": ["ifOperStatus"],
    "last_change": ["ifLastChange"],
    "discontinuity": ["ifCounterDiscontinuityTime"],
    "receive_bytes": ["ifHCInOctets", "ifInOctets"],
    "transmit_bytes": ["ifHCOutOctets", "ifOutOctets"],
    "receive_packets": ["ifHCInUcastPkts", "ifInUcastPkts"],
    "transmit_packets": ["ifHCOutUcastPkts", "ifOutUcastPkts"],
    "receive_errors": ["ifInErrors"],
    "transmit_errors": ["ifOutErrors"],
    "receive_discards": ["ifInDiscards"],
    "transmit_discards": ["ifOutDiscards"],
}


@pytest.fixture(scope="module")
def exporter(need: Callable[[str], str]) -> Iterator[int]:
    """The port of a running snmp_exporter."""
    module = snmp_exporter.module_file()
    if module is None:
        pytest.skip("no module for snmp_exporter: name its file in WANMON_SNMP_EXPORTER_YML")
    with snmp_exporter.running(need("prometheus-snmp-exporter"), module) as port:
        yield port


@pytest.mark.real
@pytest.mark.parametrize("path", each())
def test_a_poll_reads_what_snmp_exporter_reads(path: Path, exporter: int) -> None:
    async def run() -> tuple[snmp_exporter.Samples, PollResult]:
        async with recordings.played(path) as port:
            theirs = await asyncio.to_thread(snmp_exporter.scraped, exporter, f"127.0.0.1:{port}")
            return theirs, (await poll(port, "2c", [Task.FAST]))[0]

    theirs, ours = asyncio.run(run())
    ports = {index: values for index, (_, _, _, values) in shown(ours).items()}
    wrapped = {
        index: {role: value % snmp_exporter.WRAPS_AT for role, value in values.items()}
        for index, values in ports.items()
    }

    assert {index for _, index in theirs} - {0} == set(ports)
    assert {index: exported(theirs, index) for index in ports} == wrapped
    for port in ours.ports:
        labels = theirs["ifOperStatus", port.if_index][1]
        assert labels.get("ifAlias", "") == port.alias
        assert (labels.get("ifName") or labels["ifDescr"]) == port.name


def exported(samples: snmp_exporter.Samples, index: int) -> dict[str, int]:
    """The roles of a port as the exporter's metrics show them."""
    found = {
        role: [samples[name, index][0] for name in names if (name, index) in samples] for role, names in METRICS.items()
    }
    return {role: values[0] for role, values in found.items() if values}
