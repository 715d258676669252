"""`device trust` against real SSH servers: a key is trusted by a person's word, and another one is an alarm."""

import json
import sys

import pytest

from tests.rigs.ssh_server import Behaviour, host_key, start_ssh_server
from wanmon.store import host_keys, inventory

ROUTER = "BN-0001-R1"
ADDRESS = "127.0.23.1"


@pytest.fixture
def server(wanmon, province):
    """The router's SSH, with one key; and its device pointed at it."""
    with start_ssh_server(address=ADDRESS) as running:
        assert 0 == wanmon("device", "set", ROUTER, "--address", ADDRESS, "--ssh", "routers").status
        assert 0 == wanmon("device", "set", ROUTER, "--ssh-port", str(running.port)).status
        yield running


@pytest.fixture
def held(database):
    """The row of the router's host key."""

    def load():
        with database.read() as session:
            return host_keys.trusted(session, ROUTER)

    return load


@pytest.fixture
def trusts(database, noon):
    """Let the router be trusted by a key."""

    def store(fingerprint):
        with database.write() as session:
            host_keys.trust(session, ROUTER, "ssh-ed25519", fingerprint, "lan", noon)

    return store


def record(ended) -> dict:
    return json.loads(ended.out)[0]


def other() -> str:
    return "SHA256:" + "o" * 42 + "A"


def test_the_key_that_is_shown_is_stored_with_who_trusts_it_and_why(wanmon, server, held, database):
    ended = wanmon("device", "trust", ROUTER, "--yes", "--author", "minh", "--reason", "console", "-o", "json")
    with database.read() as session:
        ((signed, change),) = inventory.changes(session, "device", ROUTER, limit=1)

    assert 0 == ended.status
    assert ("trusted", server.fingerprint) == (record(ended)["outcome"], record(ended)["fingerprint"])
    assert (server.algorithm, server.fingerprint, "minh") == (held().algorithm, held().fingerprint, held().trusted_by)
    assert ("host_key", "", server.fingerprint) == (change.field, change.old, change.new)
    assert ("minh", "console") == (signed.author, signed.reason)
    assert [] == server.seen.attempts, "nobody may log in to look at a key"


@pytest.mark.parametrize(("answer", "outcome", "status"), [("y\n", "trusted", 0), ("n\n", "not trusted", 1)])
def test_on_a_terminal_the_person_is_asked(wanmon, server, held, monkeypatch, answer, outcome, status):
    import io

    typed = io.StringIO(answer)
    typed.isatty = lambda: True
    monkeypatch.setattr(sys, "stdin", typed)
    ended = wanmon("device", "trust", ROUTER, "-o", "json")

    assert status == ended.status
    assert server.fingerprint in ended.err
    assert outcome == record(ended)["outcome"]
    assert (held() is not None) is (outcome == "trusted")


def test_without_a_terminal_nobody_is_asked_and_nothing_is_trusted(wanmon, server, held):
    ended = wanmon("device", "trust", ROUTER)

    assert (2, 1) == (ended.status, len(ended.errors))
    assert "no terminal to ask on" in ended.err
    assert 0 == server.seen.connections
    assert held() is None


def test_a_fingerprint_that_was_given_must_be_the_one_that_is_shown(wanmon, server, held):
    refused = wanmon("device", "trust", ROUTER, "--fingerprint", other())
    assert 1 == refused.status
    assert server.fingerprint in refused.err
    assert other() in refused.err
    assert held() is None

    assert 0 == wanmon("device", "trust", ROUTER, "--fingerprint", server.fingerprint).status
    assert server.fingerprint == held().fingerprint


def test_another_key_than_the_trusted_one_is_an_alarm_and_never_a_question(wanmon, server, held, trusts):
    """Whoever says yes to everything would say yes to whoever sits in between."""
    trusts(other())
    ended = wanmon("device", "trust", ROUTER, "--yes", "-o", "json")

    assert 1 == ended.status
    assert "CHANGED" == record(ended)["outcome"]
    for words in (server.fingerprint, other(), "console", "device replace"):
        assert words in record(ended)["detail"]
    assert (other(), server.fingerprint) == (held().fingerprint, held().changed_fingerprint)


def test_the_new_key_is_trusted_by_its_fingerprint_in_full(wanmon, server, held, trusts):
    trusts(other())
    wanmon("device", "trust", ROUTER, "--yes")
    ended = wanmon("device", "trust", ROUTER, "--fingerprint", server.fingerprint)

    assert 0 == ended.status
    assert (server.fingerprint, "") == (held().fingerprint, held().changed_fingerprint)


def test_a_key_that_is_right_again_ends_the_alarm(wanmon, server, held, trusts, database, noon):
    trusts(server.fingerprint)
    with database.write() as session:
        host_keys.changed(session, ROUTER, other(), noon)
    ended = wanmon("device", "trust", ROUTER, "--yes", "-o", "json")

    assert (0, "already trusted", "") == (ended.status, record(ended)["outcome"], held().changed_fingerprint)


def test_a_dry_run_stores_nothing(wanmon, server, held):
    assert 0 == wanmon("device", "trust", ROUTER, "--yes", "--dry-run").status
    assert held() is None


def test_all_are_those_with_a_login_and_no_key(wanmon, server, trusts, held):
    assert ROUTER == record(wanmon("device", "trust", "--all", "--yes", "-o", "json"))["device"]

    again = wanmon("device", "trust", "--all", "--yes")
    assert 1 == again.status
    assert "every device with a login has a trusted key already" in again.err


def test_some_that_answer_and_some_that_do_not_are_partly_done(wanmon, server):
    wanmon("device", "set", "BN-0002-R1", "--address", "127.0.23.2", "--ssh", "routers", "--ssh-port", "9")
    ended = wanmon("device", "trust", ROUTER, "BN-0002-R1", "--yes", "-o", "json")

    assert 3 == ended.status
    assert ["trusted", "failed"] == [row["outcome"] for row in json.loads(ended.out)]
    assert "tcp" in json.loads(ended.out)[1]["detail"]


def test_the_key_of_one_device_is_not_given_to_two(wanmon, server):
    ended = wanmon("device", "trust", ROUTER, "BN-0002-R1", "--fingerprint", other())

    assert (2, 0) == (ended.status, server.seen.connections)


def test_what_is_no_ssh_is_told_as_that(wanmon, province):
    with start_ssh_server(address=ADDRESS, behaviour=Behaviour.NOT_SSH, host_keys=[host_key("ecdsa")]) as odd:
        wanmon("device", "set", ROUTER, "--address", ADDRESS, "--ssh-port", str(odd.port))
        ended = wanmon("device", "trust", ROUTER, "--yes", "-o", "json")

    assert 1 == ended.status
    assert "banner" in record(ended)["detail"]
