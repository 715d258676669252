"""`poll`, `snmp` and `check` against real agents: what is printed is what net-snmp's own tools say."""

import csv
import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.rigs import snmpd

pytestmark = pytest.mark.real

COUNTERS = {
    "receive_bytes": "1.3.6.1.2.1.31.1.1.1.6",
    "transmit_bytes": "1.3.6.1.2.1.31.1.1.1.10",
    "receive_packets": "1.3.6.1.2.1.31.1.1.1.7",
    "transmit_packets": "1.3.6.1.2.1.31.1.1.1.11",
    "receive_errors": "1.3.6.1.2.1.2.2.1.14",
    "transmit_errors": "1.3.6.1.2.1.2.2.1.20",
    "receive_discards": "1.3.6.1.2.1.2.2.1.13",
    "transmit_discards": "1.3.6.1.2.1.2.2.1.19",
}
CONSTANTS = {
    "interface": "1.3.6.1.2.1.31.1.1.1.1",
    "alias": "1.3.6.1.2.1.31.1.1.1.18",
    "description": "1.3.6.1.2.1.2.2.1.2",
}
STATUS = {"admin_status": "1.3.6.1.2.1.2.2.1.7", "oper_status": "1.3.6.1.2.1.2.2.1.8"}
STATUS_WORDS = {1: "up", 2: "down", 3: "testing", 4: "unknown", 5: "dormant", 6: "notPresent", 7: "lowerLayerDown"}
SECRETS = f"""
[snmp.wan-v2c]
version = "2c"
community = "{snmpd.COMMUNITY}"
networks = ["127.0.0.0/8"]
[snmp.wrong]
version = "2c"
community = "wrong"
networks = ["127.0.0.0/8"]
[snmp.core-v3]
version = "3"
user = "{snmpd.USER}"
auth = {{ protocol = "SHA-256", password = "{snmpd.AUTH_PASSWORD}" }}
priv = {{ protocol = "AES-128", password = "{snmpd.PRIV_PASSWORD}" }}
networks = ["127.0.0.0/8"]
[snmp.bad-v3]
version = "3"
user = "{snmpd.USER}"
auth = {{ protocol = "SHA-256", password = "not the password" }}
priv = {{ protocol = "AES-128", password = "{snmpd.PRIV_PASSWORD}" }}
networks = ["127.0.0.0/8"]
"""
ADDRESSES = [f"127.0.21.{number}" for number in range(1, 5)]


@pytest.fixture(scope="module")
def agent(tmp_path_factory):
    """One net-snmp agent on four addresses."""
    import shutil
    import socket

    binary = shutil.which("snmpd", path="/usr/sbin:/usr/local/sbin:/usr/bin")
    if binary is None:
        yield None
        return
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((ADDRESSES[0], 0))
        port = int(probe.getsockname()[1])
    with snmpd.start_snmpd(tmp_path_factory.mktemp("snmpd"), ADDRESSES, port, binary) as running:
        yield running


@pytest.fixture
def asked(agent, need, wanmon, province):
    """The province with its first four sites' routers answered by the agent."""
    need("snmpd")
    (province / "secrets.toml").write_text(SECRETS, encoding="utf-8")
    (province / "wanmon.toml").write_text("[snmp]\ntimeout_s = 0.5\nretries = 1\n", encoding="utf-8")
    for number, address in enumerate(ADDRESSES, 1):
        device = f"BN-{number:04}-R1"
        assert 0 == wanmon("device", "set", device, "--address", address, "--port", str(agent.port)).status
    return agent


def walked(need, agent, oid: str) -> dict[int, str]:
    """What net-snmp's own snmpbulkwalk reads below an OID, by ifIndex."""
    command = [need("snmpbulkwalk"), "-v2c", "-c", snmpd.COMMUNITY, "-Onqe", f"{ADDRESSES[0]}:{agent.port}", oid]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = re.findall(r"^\S*\.([0-9]+) ?(.*)$", text, flags=re.MULTILINE)
    return {int(index): value.strip('"') for index, value in found}


def test_a_poll_prints_the_health_that_the_machine_itself_tells(wanmon, asked):
    """The kernel is the judge: its processors, its memory, and the port of its default route."""
    told = dict(line.split(":") for line in Path("/proc/meminfo").read_text().splitlines())
    total = int(told["MemTotal"].split()[0]) * 1024
    [device] = json.loads(wanmon("poll", "BN-0001-R1", "-o", "json").out)
    sensors = device["sensors"]

    assert ["Physical memory"] == [pool["pool"] for pool in sensors["memory"]]
    assert total == sensors["memory"][0]["size_bytes"]
    assert 0 < sensors["memory"][0]["used_bytes"] < total
    # net-snmp tells the load of a processor from its second minute on.
    assert all(0 <= processor["utilization_ratio"] <= 1 for processor in sensors["cpu"])
    assert None is sensors["on_battery"]


@pytest.mark.parametrize("credential", ["wan-v2c", "core-v3"])
@pytest.mark.parametrize("engine", ["native", "pysnmp"])
def test_a_poll_prints_what_net_snmp_reads(wanmon, asked, need, engine, credential):
    """The counters move on: each lies between one reading before and one after."""
    wanmon("device", "set", "BN-0001-R1", "--snmp", credential)
    before = {name: walked(need, asked, oid) for name, oid in COUNTERS.items()}
    ended = wanmon("poll", "BN-0001-R1", "--engine", engine, "-o", "json")
    after = {name: walked(need, asked, oid) for name, oid in COUNTERS.items()}
    [device] = json.loads(ended.out)

    assert 0 == ended.status
    assert "VNPT-BN-0001-1 ends on 'wan0', and BN-0001-R1 has no such port" in ended.err
    assert (credential, None, "BN-0001", "net-snmp") == tuple(
        device[key] for key in ("credential", "reason", "site", "profile")
    )
    assert snmpd.SYS_NAME == device["identity"]["system_name"]
    ports = {port["if_index"]: port for port in device["interfaces"]}
    assert set(before["receive_bytes"]) == set(ports)
    for name in COUNTERS:
        for index, port in ports.items():
            assert int(before[name][index]) <= port[name] <= int(after[name][index]), (name, index)
    for name, oid in CONSTANTS.items():
        assert walked(need, asked, oid) == {index: port[name] for index, port in ports.items()}
    for name, oid in STATUS.items():
        words = {index: STATUS_WORDS[int(value)] for index, value in walked(need, asked, oid).items()}
        assert words == {index: port[name] for index, port in ports.items()}


def test_speeds_are_those_of_the_agent(wanmon, asked, need):
    high = walked(need, asked, "1.3.6.1.2.1.31.1.1.1.15")
    [device] = json.loads(wanmon("poll", "BN-0001-R1", "-o", "json").out)

    assert {index: int(value) * 10**6 or None for index, value in high.items()} == {
        port["if_index"]: port["speed_bps"] for port in device["interfaces"]
    }


def test_a_poll_as_table_and_csv_has_the_same_ports(wanmon, asked):
    table, rows = (
        wanmon("poll", "BN-0001"),
        list(csv.DictReader(wanmon("poll", "BN-0001", "-o", "csv").out.splitlines())),
    )

    assert 0 == table.status
    assert snmpd.SYS_NAME in table.out
    for row in rows:
        assert re.search(rf"^{re.escape(row['interface'])} ", table.out, flags=re.MULTILINE)


def test_a_poll_that_fails_on_some_is_partly_done_and_on_all_failed(wanmon, asked):
    wanmon("device", "set", "BN-0002-R1", "--snmp", "wrong")
    some, every = wanmon("poll", "BN-0001", "BN-0002", "-o", "json"), wanmon("poll", "BN-0002", "-o", "json")

    assert (3, 1) == (some.status, every.status)
    assert [None, "timeout"] == [device["reason"] for device in json.loads(some.out)]


def test_the_credential_that_works_is_found_and_remembered(wanmon, asked):
    wanmon("device", "set", "BN-0001-R1", "--snmp", "wrong,wan-v2c")
    [device] = json.loads(wanmon("poll", "BN-0001", "-o", "json").out)
    assert "wan-v2c" == device["credential"]

    shown = json.loads(wanmon("device", "show", "BN-0001-R1", "-o", "json").out)
    assert "wan-v2c" == shown["credential"]


def test_a_wrong_password_is_tried_on_three_devices_and_no_more(wanmon, asked):
    """Devices lock accounts: a province must not be asked with a password that three have refused."""
    for number in range(1, 5):
        wanmon("device", "set", f"BN-{number:04}-R1", "--snmp", "bad-v3")
    ended = wanmon("credential", "test", "bad-v3", "-o", "json")
    tried = json.loads(ended.out)

    assert 1 == ended.status
    assert ["refused"] * 3 == [row["outcome"] for row in tried]
    assert ended.errors[0].startswith(
        "stopped after 3 of 4 devices: credential bad-v3 rests until 2026-03-02 19:10:00, "
    )

    [polled] = json.loads(wanmon("poll", "BN-0004-R1", "-o", "json").out)
    assert "local" == polled["reason"]


def test_a_credential_test_tells_who_took_it(wanmon, asked):
    for number in range(1, 5):
        wanmon("device", "set", f"BN-{number:04}-R1", "--snmp", "core-v3")
    ended = wanmon("credential", "test", "core-v3", "-o", "json")

    assert 0 == ended.status
    assert [("BN-0001-R1", "took"), ("BN-0004-R1", "took")] == [
        (row["device"], row["outcome"]) for row in json.loads(ended.out)
    ][::3]


NET_SNMP_OBJECTS = ["1.3.6.1.2.1.1.5.0", "1.3.6.1.2.1.1.2.0", "1.3.6.1.2.1.2.2.1.3.1", "1.3.6.1.2.1.99.1.0"]


@pytest.mark.parametrize("oid", NET_SNMP_OBJECTS)
def test_a_value_is_written_as_net_snmp_writes_it(wanmon, asked, need, oid):
    command = [need("snmpget"), "-v2c", "-c", snmpd.COMMUNITY, "-Onqe", f"{ADDRESSES[0]}:{asked.port}", oid]
    theirs = subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    ended = wanmon("snmp", "get", "BN-0001", oid)
    told = re.sub(r"^\S+ = (\w+: )?", "", ended.out.strip())
    ours = re.sub(r"^\w+\(([0-9]+)\)$", r"\1", told)  # net-snmp has no MIB here, and no names of numbers

    assert theirs.partition(" ")[2].strip('"').lstrip(".") == ours


def test_a_walk_goes_by_name_and_gives_typed_json(wanmon, asked, need):
    ended = wanmon("snmp", "walk", "BN-0001-R1", "ifName", "-o", "json")
    names = walked(need, asked, CONSTANTS["interface"])

    assert 0 == ended.status
    assert [
        {
            "oid": f"1.3.6.1.2.1.31.1.1.1.1.{index}",
            "name": f"ifName.{index}",
            "syntax": "octet_string",
            "value": name,
            "text": name,
        }
        for index, name in names.items()
    ] == json.loads(ended.out)


def test_an_address_outside_the_inventory_is_asked_with_a_named_credential(wanmon, asked):
    words = ["snmp", "get", "127.0.0.1", "sysName.0", "--port", str(asked.port), "--credential", "core-v3"]
    ended = wanmon(*words)

    # The agent does not listen there: what matters is that it was asked, and over v3.
    assert 1 == ended.status
    assert ended.errors[0].startswith("wanmon: ")


def test_what_is_not_there_is_told_with_status_1(wanmon, asked):
    ended = wanmon("snmp", "get", "BN-0001", "1.3.6.1.2.1.99.1.0")

    assert (1, "") == (ended.status, ended.err)
    assert "No Such Object available on this agent at this OID" in ended.out


def test_an_agent_that_does_not_answer_is_one_line(wanmon, asked):
    wanmon("device", "set", "BN-0001-R1", "--snmp", "wrong")
    ended = wanmon("snmp", "get", "BN-0001", "sysName.0")

    assert (1, "", 1) == (ended.status, ended.out, len(ended.errors))
    assert "timeout" in ended.err or "did not answer" in ended.err


def test_checks_are_run_with_the_verdict_of_each(wanmon, asked):
    ended = wanmon("check", "run", "BN-0001", "--kind", "snmp_system", "-o", "json")
    [result] = json.loads(ended.out)

    assert 0 == ended.status
    assert ("BN-0001", "snmp-districts", "BN-0001-R1", "ok") == tuple(
        result[key] for key in ("site", "check", "target", "verdict")
    )
    assert snmpd.SYS_NAME in result["text"]


def test_where_no_check_is_ok_the_status_is_1_whether_it_failed_or_could_not_be_made(wanmon, asked):
    wanmon("device", "set", "BN-0001-R1", "--snmp", "wrong")
    wanmon("device", "set", "BN-0002-R1", "--snmp", "nobody-has-it")
    failed = wanmon("check", "run", "BN-0001", "--kind", "snmp_system")
    unable = wanmon("check", "run", "BN-0002", "--kind", "snmp_system")

    assert (1, 1) == (failed.status, unable.status)
    assert "critical" in failed.out
    assert "unknown" in unable.out


def test_a_check_of_a_service_goes_to_its_address_and_port(wanmon, asked, free_tcp_port):
    Path("services.csv").write_text(
        f"code,name,site,address,port\ndc-portal,Cổng,BN-DC1,127.0.0.1,{free_tcp_port}\n", encoding="utf-8"
    )
    wanmon("inventory", "apply", "services.csv", "--yes")
    ended = wanmon("check", "run", "BN-DC1", "--kind", "tcp_connect", "-o", "json")
    [result] = json.loads(ended.out)

    assert (1, "dc-portal", "critical", "refused") == (
        ended.status,
        result["target"],
        result["verdict"],
        result["reason"],
    )
    assert f"127.0.0.1 port {free_tcp_port}" in result["text"]
