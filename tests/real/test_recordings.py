"""Real agents, recorded: what the poller reads of them is what an independent reading of the recording says.

Other recordings are tried the same way: put them into a folder and name it in WANMON_WALKS.
"""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.rigs import recordings, snmp_exporter
from tests.rigs.polling import expected, poll, polled, shown
from tests.rigs.recordings import SYS_DESCR, SYS_NAME, SYS_UP_TIME, each, independent, words
from wanmon.poller.jobs import PollResult, Task


@pytest.mark.parametrize("version", ["1", "2c", "3"])
@pytest.mark.parametrize("path", each())
def test_a_poll_reads_what_the_recording_says(path: Path, version: str) -> None:
    """Learnt by walks, read by GET, and looked at again by the slow poll. SNMPv1 cannot show 64-bit counters."""
    rows = independent(path)
    ports = expected(path, wide=version != "1")

    assert rows
    for result in polled(path, version, Task.FAST, Task.FAST, Task.SLOW):
        assert (None, "") == (result.reason, result.detail)
        assert ports == shown(result)
        assert words(rows.get(SYS_NAME)) == result.identity.system_name
        assert words(rows.get(SYS_DESCR)) == result.identity.description
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
