"""Credentials are known by name; no output of any command ever holds a value."""

import base64
import json
from datetime import timedelta

from wanmon.cli.frame.ending import run
from wanmon.model.life import CredentialProtocol
from wanmon.store import credentials

SNMP = CredentialProtocol.SNMP
CANARY = "kanari-9f31"  # the beginning of every secret of the province in conftest.py


def rows(ended) -> dict[str, dict]:
    return {row["credential"]: row for row in json.loads(ended.out)}


def test_credentials_are_listed_by_name_with_who_uses_them(wanmon, province):
    listed = rows(wanmon("credential", "list", "-o", "json"))

    assert {"wan-v2c", "core-v3", "routers"} == set(listed)
    assert ("2c", 178, True) == tuple(listed["wan-v2c"][key] for key in ("version", "device_count", "is_known"))
    assert ("wanmon", "SHA-256", "AES-128") == tuple(
        listed["core-v3"][key] for key in ("user", "auth_protocol", "priv_protocol")
    )
    assert ["127.0.0.0/8"] == listed["routers"]["networks"]


def test_a_credential_that_devices_name_and_nobody_has_is_listed_as_unknown(wanmon, province):
    wanmon("device", "set", "BN-0001-R1", "--snmp", "gone,wan-v2c")
    listed = rows(wanmon("credential", "list", "-o", "json"))

    assert (1, False) == (listed["gone"]["device_count"], listed["gone"]["is_known"])


def test_a_credential_that_three_devices_refused_is_listed_as_resting(wanmon, database, noon):
    with database.write() as session:
        for number in (1, 2, 3):
            credentials.refused(session, SNMP, "core-v3", f"BN-000{number}-R1", noon - timedelta(minutes=number))
        credentials.remember_winner(session, SNMP, "BN-0009-R1", "wan-v2c")
    listed = rows(wanmon("credential", "list", "-o", "json"))
    status = rows(wanmon("credential", "status", "-o", "json"))

    assert "2026-03-02T19:09:00+07:00" == listed["core-v3"]["paused_until"] == status["core-v3"]["paused_until"]
    assert ("rests", "took") == (status["core-v3"]["outcome"], status["wan-v2c"]["outcome"])


def test_a_resting_credential_is_not_tried(wanmon, database, noon):
    with database.write() as session:
        for number in (1, 2, 3):
            credentials.refused(session, SNMP, "core-v3", f"BN-000{number}-R1", noon - timedelta(minutes=number))
    wanmon("device", "set", "BN-0001-R1", "--snmp", "core-v3", "--address", "127.0.0.1", "--port", "9")
    polled = wanmon("poll", "BN-0001-R1", "-o", "json")
    tried = wanmon("credential", "test", "core-v3")

    assert (1, "local") == (polled.status, json.loads(polled.out)[0]["reason"])
    assert (1, "") == (tried.status, tried.out)
    line = (
        "credential core-v3 rests until 2026-03-02 19:09:00, because devices refused it: see `wanmon credential status`"
    )
    assert f"stopped after 0 of 1 device: {line}" == tried.errors[0]

    asked = wanmon("snmp", "get", "BN-0001", "sysName.0")
    assert (1, [f"wanmon: {line}"]) == (asked.status, asked.errors)


def test_a_credential_goes_only_where_its_networks_allow(wanmon, province):
    """10.27.1.1 is outside 127.0.0.0/8: nothing is sent, whoever asks."""
    polled = wanmon("poll", "BN-0001", "-o", "json")
    asked = wanmon("snmp", "get", "192.0.2.7", "sysName.0", "--credential", "wan-v2c")

    assert "local" == json.loads(polled.out)[0]["reason"]
    assert (1, "") == (asked.status, asked.out)
    tried = json.loads(wanmon("credential", "test", "wan-v2c", "BN-0001", "-o", "json").out)
    assert "10.27.1.1 is outside the networks of wan-v2c (127.0.0.0/8)" == tried[0]["detail"]


def forms(text: str) -> list[bytes]:
    """A text as it might leak: as it is, in hex, and in base64 at any of three alignments."""
    raw = text.encode()
    shifted = (base64.b64encode(b"x" * shift + raw)[4 if shift else 0 : -4] for shift in range(3))
    return [raw, raw.hex().encode(), raw.hex().upper().encode(), raw.hex(" ").encode(), *shifted]


LOUD = [
    ["credential", "list"], ["credential", "status"], ["credential", "test", "wan-v2c", "BN-0001"],
    ["config", "show"], ["config", "check"], ["poll", "BN-0001", "BN-0002"],
    ["poll", "BN-0001", "--engine", "pysnmp"], ["snmp", "get", "BN-0003", "sysName.0"],
    ["snmp", "walk", "BN-0003", "ifName", "--credential", "core-v3"],
    ["check", "run", "BN-0001", "--kind", "snmp_system"],
    ["device", "show", "BN-0001-R1"], ["site", "show", "BN-0001"], ["status", "BN-0001"],
    ["device", "set", "BN-0001-R1", "--snmp", "core-v3", "--dry-run"],
]  # fmt: skip


def test_no_secret_is_in_any_output_not_even_with_debug(wanmon, province):
    (province / "wanmon.toml").write_text("[snmp]\ntimeout_s = 0.1\nretries = 0\n", encoding="utf-8")
    for number in (1, 2, 3):  # a closed port of the loopback: asked, and refused by the kernel
        wanmon("device", "set", f"BN-000{number}-R1", "--address", f"127.0.0.{number}", "--port", "9")
    said = b""
    for words in LOUD:
        for form in ("table", "json") if words[:2] not in (["config", "check"], ["device", "set"]) else ("",):
            ended = wanmon("--debug", *words, *(["-o", form] if form else []))
            said += ended.out.encode() + ended.err.encode()

    assert b"wan-v2c" in said
    assert [] == [form for form in forms(CANARY) if form in said]


def test_no_secret_is_in_the_complaints_about_the_secrets(wanmon, province):
    path = province / "secrets.toml"
    good = path.read_text(encoding="utf-8")
    for broken in (
        good + f'\n[snmp.x]\nversion = "2c"\ncommunity = "{CANARY}',
        good.replace('version = "2c"', 'version = "4"'),
        good.replace('protocol = "SHA-256"', 'protocol = "none"'),
        good + f"\n[snmp.{CANARY}-as-name-is-fine]\n".replace(CANARY, "y") + f'version = "2c"\ncomunity = "{CANARY}"\n',
        good + f'\n[snmp.z]\nversion = "3"\nuser = "u"\ncommunity = "{CANARY}"\nnetworks = ["127.0.0.0/8"]\n',
    ):
        path.write_text(broken, encoding="utf-8")
        ended = wanmon("--debug", "config", "check")
        assert 1 == ended.status
        assert [] == [form for form in forms(CANARY) if form in (ended.out + ended.err).encode()]


def test_the_database_holds_names_of_credentials_only(wanmon, province):
    wanmon("device", "set", "BN-0001-R1", "--address", "127.0.0.1", "--port", "9")
    wanmon("poll", "BN-0001")
    held = b"".join(file.read_bytes() for file in (province / "var").iterdir())

    assert b"wan-v2c" in held
    assert [] == [form for form in forms(CANARY) if form in held]


def test_run_never_raises(province):
    assert 2 == run(["credential", "test"])
