"""`device replace`, and what lists tell of host keys: nothing is left of the old machine but its history."""

import json
from datetime import timedelta

import pytest

from wanmon.store import host_keys, inventory, machines
from wanmon.store.machines import Nameplate

ROUTER = "BN-0001-R1"
KEY = "SHA256:" + "k" * 42 + "A"
OTHER = "SHA256:" + "o" * 42 + "A"


@pytest.fixture
def seen(database, noon):
    """The router as a poller has read it."""
    with database.write() as session:
        machines.seen(session, ROUTER, Nameplate("MikroTik", "RB4011", "6.49", "OLD-1"), noon - timedelta(days=100))


@pytest.fixture
def trusted(database, noon):
    with database.write() as session:
        host_keys.trust(session, ROUTER, "ssh-rsa", KEY, "lan", noon)


def shown(wanmon) -> dict:
    return json.loads(wanmon("device", "show", ROUTER, "-o", "json").out)


def circuits(stored) -> dict[str, str]:
    return {code: row.interface for code, row in stored().circuits.items() if row.device == ROUTER}


def test_the_old_serial_number_stays_in_the_history_of_the_device(wanmon, seen, stored):
    ended = wanmon(
        "device", "replace", ROUTER, "--address", "10.27.200.1", "--profile", "cisco-ios", "--reason", "storm"
    )
    device = shown(wanmon)

    assert 0 == ended.status
    assert "MikroTik RB4011 serial OLD-1 is in its history" in ended.err
    assert ("10.27.200.1", "cisco-ios") == (device["address"], device["profile"])
    assert [("OLD-1", "2026-03-02T19:00:00+07:00")] == [(m["serial"], m["replaced_at"]) for m in device["machines"]]


def test_circuits_are_bound_to_the_ports_of_the_new_machine(wanmon, province, stored):
    new = {old: f"GigabitEthernet0/{number}" for number, old in enumerate(circuits(stored).values())}
    expected = {code: new[old] for code, old in circuits(stored).items()}
    rebound = [word for pair in new.items() for word in ("--interface", "=".join(pair))]
    ended = wanmon("device", "replace", ROUTER, *rebound)

    assert 0 == ended.status
    assert expected == circuits(stored)
    assert "still ends on" not in ended.err


def test_a_circuit_that_is_not_bound_anew_is_told(wanmon, province, stored):
    code, old = next(iter(circuits(stored).items()))
    ended = wanmon("device", "replace", ROUTER)

    assert f"{code} still ends on {old!r} of {ROUTER}" in ended.err


@pytest.mark.parametrize(
    ("flags", "status", "words"),
    [
        (["--interface", "nowhere9=x"], 2, "no circuit of BN-0001-R1 ends there"),
        (["--interface", "ether1"], 2, "is not OLD=NEW"),
        (["--fingerprint", "SHA256:short"], 2, "is not SHA256: and 43 digits"),
        (["--address", "10.27.2.1"], 1, "10.27.2.1"),
        (["--port", "99999"], 2, "--port"),
        (["--platform", "No Such"], 2, "--platform"),
    ],
    ids=["no such port", "no new name", "no fingerprint", "address of another", "no port", "no platform"],
)
def test_whatever_is_wrong_nothing_is_replaced(wanmon, seen, untouched, flags, status, words):
    ended = wanmon("device", "replace", ROUTER, *flags)

    assert status == ended.status
    assert 1 == len(ended.errors)
    assert words in ended.err
    assert untouched()
    assert None is shown(wanmon)["machines"][0]["replaced_at"]


def test_a_dry_run_shows_the_replacement_and_makes_none(wanmon, seen, untouched):
    ended = wanmon("device", "replace", ROUTER, "--address", "10.27.200.1", "--dry-run")

    assert 0 == ended.status
    assert "10.27.200.1" in ended.out
    assert "would be forgotten" in ended.err
    assert untouched()


def test_the_key_of_the_old_machine_is_forgotten_or_gives_way_to_the_one_that_was_read_at_the_console(
    wanmon, province, trusted
):
    wanmon("device", "set", ROUTER, "--ssh", "routers")
    assert "trusted" == shown(wanmon)["host_key"]

    wanmon("device", "replace", ROUTER, "--author", "minh", "--fingerprint", f"ssh-ed25519 {OTHER}")
    device = shown(wanmon)
    assert ("trusted", f"ssh-ed25519 {OTHER}") == (device["host_key"], device["host_key_fingerprint"])
    assert "minh" == device["host_key_trusted_by"]

    wanmon("device", "replace", ROUTER)
    assert "not trusted" == shown(wanmon)["host_key"]


def test_the_log_tells_who_replaced_what_and_why(wanmon, seen, database):
    wanmon("device", "replace", ROUTER, "--author", "minh", "--reason", "lightning")
    with database.read() as session:
        ((signed, change),) = inventory.changes(session, "device", ROUTER, limit=1)

    assert ("minh", "lightning", f"device replace {ROUTER}") == (signed.author, signed.reason, signed.command)
    assert ("machine", "MikroTik RB4011 serial OLD-1") == (change.field, change.old)


def test_a_list_tells_whose_host_key_is_trusted_and_whose_has_changed(wanmon, database, trusted, noon):
    wanmon("device", "set", "BN-0003-R1", "--ssh", "none")
    wanmon("device", "set", "BN-0004-R1", "--ssh", "routers")
    with database.write() as session:
        host_keys.trust(session, "BN-0002-R1", "ssh-rsa", KEY, "lan", noon)
        host_keys.changed(session, "BN-0002-R1", OTHER, noon)
    heading, *lines = wanmon("device", "list").out.splitlines()
    rows = {line.split()[0]: line[heading.index("host key") :] for line in lines}

    assert {"BN-0001-R1": "trusted", "BN-0002-R1": "CHANGED", "BN-0003-R1": "", "BN-0004-R1": "not trusted"} == {
        name: rows[name] for name in sorted(rows)[:4]
    }
    assert OTHER == json.loads(wanmon("device", "show", "BN-0002-R1", "-o", "json").out)["host_key_changed_to"]
