"""Recordings from end to end: what `lab agents --walk` plays is what `snmp walk --record` writes."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from wanmon.lab import snmprec
from wanmon.protocols.snmp.types import Syntax

ROOT = Path(__file__).parents[2]
WALK = """\
# a switch
1.0.8802.1.1.2.1.3.3.0|4|BN-SW1
1.3.6.1.2.1.1.1.0|4x|c4c3
1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.9.1.366
1.3.6.1.2.1.1.5.0|4|BN-SW1
1.3.6.1.2.1.2.2.1.8.7|2|2
1.3.6.1.2.1.4.20.1.1.10.27.0.1|64|10.27.0.1
1.3.6.1.4.1.9999.1.0|5|
1.3.6.1.4.1.9999.2.0|70|18446744073709551615
1.3.6.1.4.1.9999.3.0|68x|9f780441200000
1.3.6.1.4.1.9999.4.0|2|4294967295
"""
CREDENTIAL = """
[snmp.lab]
version = "2c"
community = "lab-community"
networks = ["127.0.0.0/8"]
"""
ADDRESSES = ["127.28.77.1", "127.28.77.2"]
SAID = 4


@pytest.fixture
def played(wanmon, province, tmp_path, free_udp_port):
    """Two recordings on loopback; what was said at their start, line by line."""
    (province / "secrets.toml").write_text(CREDENTIAL, encoding="utf-8")
    for name in ("one.snmprec", "two.snmprec"):
        (tmp_path / name).write_text(WALK, encoding="utf-8")
    words = ["lab", "agents", "--while-stdin-open", "--address", ADDRESSES[0], "--port", str(free_udp_port)]
    files = ["--walk", str(tmp_path / "one.snmprec"), "--walk", str(tmp_path / "two.snmprec")]
    process = subprocess.Popen(
        [sys.executable, "-m", "wanmon", *words, *files],
        cwd=province,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    try:
        yield [process.stderr.readline().strip() for _ in range(SAID + 1)]
    finally:
        process.communicate(timeout=20)


def test_what_is_played_is_what_is_recorded(wanmon, played, tmp_path, free_udp_port):
    file = tmp_path / "again.snmprec.bz2"
    ended = wanmon("snmp", "walk", ADDRESSES[1], "--port", free_udp_port, "--credential", "lab", "--record", file)

    assert (0, "", ["9 instances written to " + str(file)]) == (ended.status, ended.out, ended.errors)
    assert snmprec.read(tmp_path / "one.snmprec") == snmprec.read(file)


def test_at_the_start_it_is_told_who_answers_where_to_whom_and_how_to_ask(wanmon, played, tmp_path, free_udp_port):
    line = "'1.3.6.1.4.1.9999.4.0|2|4294967295'"
    note = f"{tmp_path}/one.snmprec:11: {line} has a number that no INTEGER can be: passed over"
    command = f"wanmon snmp walk 127.28.77.1 1.3.6.1.2.1.1 --port {free_udp_port} --credential lab"
    told = f"one: 9 instances on 127.28.77.1 port {free_udp_port}, credential lab: {command}"

    assert [note, told, "2 agents answer on loopback; Ctrl-C ends them"] == [played[0], played[2], played[4]]
    assert 0 == wanmon(*command.split()[1:]).status


def test_names_enums_and_raw_digits(wanmon, played, free_udp_port):
    where = ["--port", free_udp_port, "--credential", "lab"]
    told = wanmon("snmp", "get", ADDRESSES[0], "ifOperStatus.7", "sysDescr.0", *where)
    raw = json.loads(wanmon("snmp", "walk", ADDRESSES[0], "sysDescr", "--raw", "-o", "json", *where).out)

    assert ["ifOperStatus.7 = INTEGER: down(2)", "sysDescr.0 = Hex-STRING: C4 C3"] == told.out.splitlines()
    assert [{"oid": "1.3.6.1.2.1.1.1.0", "syntax": "octet_string", "value": "0xc4c3"}] == raw


def test_a_walk_must_say_of_what(wanmon, province):
    (province / "secrets.toml").write_text(CREDENTIAL, encoding="utf-8")
    ended = wanmon("snmp", "walk", "BN-0001-R1")

    assert (2, ["wanmon: say what to walk: OIDs or names; or --record FILE for everything that the agent has"]) == (
        ended.status,
        ended.errors,
    )


def test_a_record_that_is_there_is_never_written_over(wanmon, province, tmp_path):
    (tmp_path / "there").write_text("mine", encoding="utf-8")
    ended = wanmon("snmp", "walk", "BN-0001-R1", "--record", tmp_path / "there")

    assert 2 == ended.status
    assert "mine" == (tmp_path / "there").read_text(encoding="utf-8")


@pytest.mark.parametrize("address", ["10.27.0.1", "localhost", "127.255.255.255", "::1"])
def test_recordings_stay_on_loopback(wanmon, tmp_path, address):
    (tmp_path / "one").write_text(WALK, encoding="utf-8")
    ended = wanmon("lab", "agents", "--walk", tmp_path / "one", "--walk", tmp_path / "one", "--address", address)

    assert 2 == ended.status
    assert f"--address {address}: " in ended.err


def test_a_recording_that_cannot_be_read_is_told_line_by_line(wanmon, tmp_path):
    (tmp_path / "one").write_text("sysName.0 = STRING: a\n1.3.6.1|2|up\n", encoding="utf-8")
    ended = wanmon("lab", "agents", "--walk", tmp_path / "one")

    assert 1 == ended.status
    assert [f"{tmp_path}/one:1: ", f"{tmp_path}/one:2: "] == [
        line.removeprefix("wanmon: ").partition("'")[0] for line in ended.errors
    ]


def test_without_credentials_recordings_answer_to_public(tmp_path):
    from wanmon.cli.frame.recordings import public_credential, recordings, told

    (tmp_path / "sw.snmprec").write_text(WALK, encoding="utf-8")
    (recording,) = recordings([tmp_path / "sw.snmprec"], "127.28.0.1", 1161)

    assert Syntax.OCTET_STRING == recording.values[1, 3, 6, 1, 2, 1, 1, 5, 0][0]
    assert told(recording, [public_credential()]).endswith(": snmpbulkwalk -v2c -c public 127.28.0.1:1161 1")
