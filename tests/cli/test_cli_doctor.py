"""`wanmon doctor`: this machine, real agents and servers, and places where nobody answers."""

import io
import json
import re
import shlex
import socket
import sqlite3
import sys
import time

import pytest

from tests.cli.conftest import CANARY, SECRETS
from tests.rigs import snmpd
from tests.rigs.netns import namespaces
from tests.rigs.ssh_server import start_ssh_server
from wanmon.store import host_keys

ADDRESS, STRANGER = "127.0.24.1", "127.0.24.9"
V3 = """
[snmp.{name}]
version = "3"
user = "{user}"
auth = {{ protocol = "SHA-256", password = "{auth}" }}
priv = {{ protocol = "AES-128", password = "{priv}" }}
networks = ["127.0.0.0/8"]
"""


def keyed(name, user=snmpd.USER, auth=snmpd.AUTH_PASSWORD, priv=snmpd.PRIV_PASSWORD) -> str:
    return V3.format(name=name, user=user, auth=auth, priv=priv)


CREDENTIALS = f"""
[snmp.v2]
version = "2c"
community = "{snmpd.COMMUNITY}"
networks = ["127.0.0.0/8"]
[snmp.wrong]
version = "2c"
community = "{CANARY}-wrong"
networks = ["127.0.0.0/8"]
[snmp.far]
version = "2c"
community = "{CANARY}-far"
networks = ["10.99.0.0/16"]
{keyed("v3")}
{keyed("bad-user", user="nobody-here")}
{keyed("bad-auth", auth=f"{CANARY}-auth")}
{keyed("bad-priv", priv=f"{CANARY}-priv")}
"""


def findings(ended) -> dict[str, dict]:
    """The last finding of each subject."""
    return {row["subject"]: row for row in json.loads(ended.out)}


def all_of(ended, subject) -> list[tuple[str, str]]:
    return [(row["verdict"], row["text"]) for row in json.loads(ended.out) if row["subject"] == subject]


@pytest.fixture(scope="module")
def agent(tmp_path_factory, need):
    binary = need("snmpd")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((ADDRESS, 0))
        port = int(probe.getsockname()[1])
    folder = tmp_path_factory.mktemp("doctor-snmpd")
    with snmpd.start_snmpd(folder, [ADDRESS, STRANGER], port, binary) as running:
        yield running


@pytest.fixture
def here(province):
    (province / "secrets.toml").write_text(CREDENTIALS, encoding="utf-8")
    return province


def test_a_new_deployment_is_whole_and_tells_what_is_missing_yet(wanmon, province):
    ended = wanmon("doctor", "-o", "json")
    found = findings(ended)

    assert {"ok"} == {
        found[each]["verdict"] for each in ("integrity", "writing", "database file", "libraries", "profiles")
    }
    assert "warning" == found["serve"]["verdict"]
    assert "skipped" == found["DNS"]["verdict"]
    assert all(row["advice"] for row in json.loads(ended.out) if row["verdict"] in ("warning", "problem"))


DAMAGES = {
    "a secret that others read": ("secrets", "chmod 0600"),
    "a database that others read": ("database file", "chmod 0640"),
    "a credential that nobody knows": ("snmp credentials", "add [snmp."),
    "no database": ("database", "wanmon init"),
    "a database that is torn": ("integrity", "restore"),
    "a setting that is none": ("configuration", "wanmon config check"),
}


def damage(folder, what) -> None:
    database, secrets = folder / "var" / "wanmon.db", folder / "secrets.toml"
    if what == "a secret that others read":
        secrets.chmod(0o644)
    elif what == "a database that others read":
        database.chmod(0o644)
    elif what == "a credential that nobody knows":
        secrets.write_text("")
    elif what == "no database":
        database.unlink()
    elif what == "a setting that is none":
        (folder / "wanmon.toml").write_text("colour = 3\n")
    else:
        with sqlite3.connect(database) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        content = bytearray(database.read_bytes())
        for start in range(len(content) // 4096 * 3072 // 4096 * 4096, len(content), 4096):
            content[start : start + 64] = b"\xff" * 64
        database.write_bytes(content)


@pytest.mark.parametrize(("what", "expected"), DAMAGES.items(), ids=DAMAGES)
def test_what_is_wrong_here_is_told_with_what_to_do(wanmon, province, what, expected):
    subject, advice = expected
    damage(province, what)
    ended = wanmon("doctor", "-o", "json")
    row = next(row for row in json.loads(ended.out) if row["subject"] == subject)

    assert row["verdict"] in ("warning", "problem")
    assert advice in row["advice"]
    assert ended.status in (1, 3)


@pytest.mark.real
def test_a_stranger_is_named_read_and_ready_to_be_added(wanmon, here, agent, untouched):
    ended = wanmon("doctor", STRANGER, "--port", str(agent.port), "--snmp", "v3", "-o", "json")
    found = findings(ended)

    assert "ok" == found["echo"]["verdict"]
    assert "an agent lives: engine 80001f88" in found["SNMPv3 engine"]["text"]
    assert [("ok", "snmp.v3 is taken (v3)")] == all_of(ended, "SNMP credential")
    assert snmpd.SYS_NAME in found["identity"]["text"]
    assert found["profile"]["text"].startswith("net-snmp") or found["profile"]["text"].startswith("if-mib")
    assert 1190 <= int(re.search(r"([0-9]+) bytes", found["PDU size"]["text"])[1]) <= 1472
    words = shlex.split(found["ready"]["advice"] if "device" in found["ready"]["advice"] else "")
    assert "wanmon" == words[0]
    assert untouched()


@pytest.mark.real
def test_the_ready_command_adds_the_device(wanmon, here, agent, stored):
    ended = wanmon("doctor", STRANGER, "--port", str(agent.port), "--snmp", "v3")
    line = next(line for line in ended.out.splitlines() if line.startswith("wanmon device add"))
    words = shlex.split(line.replace("NAME", "BN-0001-R9").replace("SITE", "BN-0001"))

    assert 0 == wanmon(*words[1:]).status
    assert (STRANGER, agent.port, "v3") == (
        stored().devices["BN-0001-R9"].address,
        stored().devices["BN-0001-R9"].port,
        stored().devices["BN-0001-R9"].snmp,
    )


@pytest.mark.real
@pytest.mark.parametrize(
    ("name", "words", "line"),
    [
        ("bad-user", "unknown user", "`user`"),
        ("bad-auth", "wrong authentication password or protocol", "`auth`"),
        ("bad-priv", "wrong privacy password or protocol", "`priv`"),
    ],
)
def test_the_wrong_parameter_of_a_v3_user_is_named(wanmon, here, agent, name, words, line):
    ended = wanmon("doctor", STRANGER, "--port", str(agent.port), "--snmp", name, "-o", "json")
    found = findings(ended)["SNMP credential"]

    assert (1, "problem") == (ended.status, found["verdict"])
    assert words in found["text"]
    assert line in found["advice"]
    assert CANARY not in ended.out + ended.err


@pytest.mark.real
def test_credentials_are_tried_in_their_order_and_never_outside_their_networks(wanmon, here, agent):
    ended = wanmon("doctor", STRANGER, "--port", str(agent.port), "--snmp", "far,wrong,v2", "-o", "json")

    assert [
        ("skipped", f"snmp.far was not sent: {STRANGER} is outside the networks of far (10.99.0.0/16)"),
        ("warning", "snmp.wrong: no answer (v2c)"),
        ("ok", "snmp.v2 is taken (v2c)"),
    ] == all_of(ended, "SNMP credential")


@pytest.mark.real
@pytest.mark.parametrize(
    ("community", "verdict"), [(snmpd.COMMUNITY, "ok"), (f"{CANARY}-typed", "warning")], ids=["right", "wrong"]
)
def test_a_community_is_read_from_stdin_and_shown_nowhere(wanmon, here, agent, monkeypatch, community, verdict):
    monkeypatch.setattr(sys, "stdin", io.StringIO(community + "\n"))
    ended = wanmon("doctor", STRANGER, "--port", str(agent.port), "--community", "-", "-o", "json")
    with sqlite3.connect(here / "var" / "wanmon.db") as connection:
        stored = "\n".join(connection.iterdump())

    assert verdict == all_of(ended, "SNMP credential")[0][0]
    assert community not in ended.out + ended.err + stored


def test_a_community_is_never_taken_from_the_command_line(wanmon, here):
    ended = wanmon("doctor", STRANGER, "--community", "public")

    assert (2, 1) == (ended.status, len(ended.errors))
    assert "public" not in ended.err


@pytest.mark.real
def test_wrong_passwords_of_one_credential_let_it_rest_as_polls_do(wanmon, here, agent):
    """Three refusals on different devices open its breaker, whoever asked."""
    for number, address in enumerate((ADDRESS, STRANGER, "127.0.24.1"), 1):
        device = f"BN-{number:04}-R1"
        port = agent.port
        wanmon("device", "set", device, "--address", "10.27.250." + str(number))
        if number < 3:
            wanmon("device", "set", device, "--address", address, "--port", str(port), "--snmp", "bad-auth")
            wanmon("doctor", device)
    with sqlite3.connect(here / "var" / "wanmon.db") as connection:
        refusals = connection.execute("SELECT device FROM credential_refusal ORDER BY device").fetchall()

    assert [("BN-0001-R1",), ("BN-0002-R1",)] == refusals


@pytest.mark.real
def test_a_device_is_examined_with_its_host_key(wanmon, here, agent, database, noon):
    device = "BN-0001-R1"
    with start_ssh_server(address=ADDRESS) as server:
        row = {
            "--address": ADDRESS,
            "--port": agent.port,
            "--snmp": "v2",
            "--ssh": "routers",
            "--ssh-port": server.port,
        }
        wanmon("device", "set", device, *[str(word) for pair in row.items() for word in pair])
        unknown = findings(wanmon("doctor", device, "-o", "json"))["SSH"]
        with database.write() as session:
            host_keys.trust(session, device, server.algorithm, server.fingerprint, "lan", noon)
        trusted = findings(wanmon("doctor", device, "-o", "json"))["SSH"]
        with database.write() as session:
            host_keys.trust(session, device, "ssh-rsa", "SHA256:" + "o" * 42 + "A", "lan", noon)
        changed = findings(wanmon("doctor", device, "-o", "json"))["SSH"]

    assert ["warning", "ok", "problem"] == [unknown["verdict"], trusted["verdict"], changed["verdict"]]
    assert server.fingerprint in unknown["text"]
    assert f"wanmon device trust {device}" in unknown["advice"]
    assert [] == server.seen.attempts


def test_a_place_that_is_silent_is_told_from_one_that_is_dead(wanmon, here):
    """Something holds the port and never answers: the host lives, and nothing of SNMP is known."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.24.30", 0))
        ended = wanmon("doctor", "127.0.24.30", "--port", str(silent.getsockname()[1]), "--snmp", "v2", "-o", "json")
    found = findings(ended)

    assert 1 == ended.status
    assert ("ok", "skipped") == (found["echo"]["verdict"], found["SNMPv3 engine"]["verdict"])
    assert found["SNMP"]["text"].startswith("the host lives")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["NOWHERE-9"], "NOWHERE-9"),
        (["BN-0001-R1", "--snmp", "nobody"], "no credential snmp.nobody"),
        (["--port", "161"], "say of which device or address"),
        (["BN-0001-R1", "--ssh", "nobody"], "no credential ssh.nobody"),
    ],
    ids=["unknown target", "unknown credential", "no target", "unknown login"],
)
def test_what_cannot_be_asked_is_one_line_and_nothing_is_run(wanmon, here, words, message):
    ended = wanmon("doctor", *words)

    assert ended.status in (1, 2)
    assert 1 == len(ended.errors)
    assert message in ended.err
    assert "" == ended.out


@pytest.mark.real
def test_a_dead_address_takes_less_than_fifteen_seconds(wanmon, here, need_namespaces, tmp_path):
    """An address on a link where nobody is: every probe runs into its own deadline."""
    import subprocess
    from pathlib import Path

    text = CREDENTIALS.replace('["127.0.0.0/8"]', '["10.98.0.0/24"]').replace("10.99", "10.97")
    (here / "secrets.toml").write_text(text, encoding="utf-8")
    program = Path(sys.executable).parent / "wanmon"
    with namespaces("doctor") as made:
        (inside,) = made.values()
        inside.ip(
            "link add away type veth peer name nobody",
            "link set nobody up",
            "addr add 10.98.0.1/24 dev away",
            "link set away up",
            "link set lo up",
        )
        began_s = time.monotonic()
        ended = subprocess.run(
            [*inside.before, str(program), "doctor", "10.98.0.77", "-o", "json"],
            cwd=here, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        took_s = time.monotonic() - began_s
    rows = {row["subject"]: row for row in json.loads(ended.stdout)}

    assert 1 == ended.returncode
    assert 15 > took_s
    assert "problem" == rows["echo"]["verdict"]
    assert "bring the line and the device up" in rows["SNMP"]["advice"]
    assert CANARY not in ended.stdout + ended.stderr


def test_the_secrets_of_a_deployment_are_in_no_output_of_its_examination(wanmon, province):
    assert CANARY in SECRETS
    for form in ("table", "json", "csv"):
        ended = wanmon("doctor", "-o", form)
        assert CANARY not in ended.out + ended.err
