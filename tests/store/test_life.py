"""States, transitions, heartbeats, leases and refused credentials as the database keeps them."""

import os
from datetime import datetime, timedelta

import pytest
from sqlmodel import select

from wanmon.errors import LeaseHeld
from wanmon.model.life import CredentialProtocol, DeviceState, Heartbeat, Lease, SiteState, Transition
from wanmon.model.state import State
from wanmon.store import credentials, leases, life
from wanmon.store.database import Database

SNMP = CredentialProtocol.SNMP


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


def fell(site: str, at: datetime, decided_s: float = 9.5) -> Transition:
    return Transition(
        site=site, old=State.UP, new=State.DOWN, reason="timeout", at=at, decided_at=at + seconds(decided_s)
    )


def test_a_transition_is_a_row_and_the_new_state_since_it_happened(province: Database, noon: datetime):
    with province.write() as session:
        session.add(SiteState(site="BN-0001", state=State.UP, since=noon - seconds(60)))
        life.record_transitions(session, [fell("BN-0001", noon)])
    with province.read() as session:
        state = life.load_states(session).sites["BN-0001"]
        (kept,) = life.transitions(session)

    assert (State.DOWN, noon, "timeout") == (state.state, state.since, state.reason)
    assert (State.UP, State.DOWN, noon, noon + seconds(9.5), None) == (
        kept.old,
        kept.new,
        kept.at,
        kept.decided_at,
        kept.processed_at,
    )


def test_of_several_transitions_of_one_site_the_last_is_its_state(province: Database, noon: datetime):
    back = Transition(
        site="BN-0001", old=State.DOWN, new=State.UP, at=noon + seconds(60), decided_at=noon + seconds(63)
    )
    with province.write() as session:
        life.record_transitions(session, [fell("BN-0001", noon), fell("BN-0002", noon), back])
    with province.read() as session:
        sites = life.load_states(session).sites

        assert (State.UP, State.DOWN) == (sites["BN-0001"].state, sites["BN-0002"].state)
        assert ["BN-0001", "BN-0002", "BN-0001"] == [row.site for row in life.transitions(session)]
        assert [back.at] == [row.at for row in life.transitions(session, site="BN-0001", since=noon + seconds(1))]


def test_states_of_devices_are_stored_in_bulk_again_and_again(province: Database, noon: datetime):
    names = ("BN-0001-R1", "BN-0002-R1")
    for number, state in enumerate((State.UP, State.DEGRADED)):
        with province.write() as session:
            rows = [DeviceState(device=name, state=state, since=noon + seconds(number)) for name in names]
            life.set_device_states(session, rows)
    with province.read() as session:
        devices = life.load_states(session).devices

    assert {name: (State.DEGRADED, noon + seconds(1)) for name in names} == {
        name: (row.state, row.since) for name, row in devices.items()
    }


def test_what_is_said_of_a_site_that_has_left_is_passed_over(province: Database, noon: datetime):
    """The poller learns of a removal seconds later; it must not lose the others' states by it."""
    with province.write() as session:
        life.record_transitions(session, [fell("BN-9999", noon), fell("BN-0001", noon)])
        life.set_device_states(session, [DeviceState(device="BN-9999-R1", state=State.UP, since=noon)])
    with province.read() as session:
        states = life.load_states(session)

    assert (["BN-0001"], []) == (list(states.sites), list(states.devices))


@pytest.mark.parametrize(
    ("gap_s", "rows"),
    [(10, 1), (30, 1), (30.5, 2), (86_400, 2), (-1, 2), (0, 1)],
    ids=["next", "just", "gap", "a day", "clock set back", "at once"],
)
def test_a_heartbeat_moves_on_or_begins_a_new_row_after_a_gap(
    database: Database, noon: datetime, gap_s: float, rows: int
):
    with database.write() as session:
        life.beat(session, noon)
        life.beat(session, noon + seconds(gap_s))
        kept = session.exec(select(Heartbeat)).all()

        assert noon + seconds(gap_s) == life.last_beat(session)
    assert rows == len(kept)


def test_before_the_first_heartbeat_there_is_none(database: Database):
    with database.read() as session:
        assert life.last_beat(session) is None


ALIVE, DEAD = (lambda pid: True), (lambda pid: False)


@pytest.fixture
def served(database: Database, noon: datetime) -> Database:
    """A database served by pid 1234 on host noc-1 since noon."""
    with database.write() as session:
        leases.acquire(session, "serve", token="first", pid=1234, host="noc-1", now=noon)
    return database


def test_a_second_holder_is_told_who_holds_it_since_when(served: Database, noon: datetime):
    with pytest.raises(LeaseHeld) as told, served.write() as session:
        leases.acquire(session, "serve", token="second", pid=5, host="noc-1", now=noon + seconds(30), is_alive=ALIVE)

    assert "the database is served by pid 1234 on host noc-1 since 2026-03-02T19:00:00+07:00: end that first" == str(
        told.value
    )


@pytest.mark.parametrize(
    ("host", "after_s", "is_alive", "taken"),
    [
        ("noc-1", 10, ALIVE, False),
        ("noc-1", 10, DEAD, True),
        ("noc-1", 31, ALIVE, True),
        ("noc-2", 10, DEAD, False),
        ("noc-2", 31, DEAD, True),
        ("noc-1", -3600, ALIVE, True),
    ],
    ids=["alive", "dead here", "silent", "elsewhere", "silent elsewhere", "clock set back"],
)
def test_a_lease_passes_on_when_its_holder_is_gone(
    served: Database, noon: datetime, host: str, after_s: float, is_alive, taken: bool
):
    try:
        with served.write() as session:
            leases.acquire(
                session, "serve", token="second", pid=5, host=host, now=noon + seconds(after_s), is_alive=is_alive
            )
    except LeaseHeld:
        pass
    with served.read() as session:
        held = session.get(Lease, "serve")

    assert held
    assert ("second", noon + seconds(after_s)) == (held.token, held.since) if taken else "first" == held.token


def test_a_renewed_lease_holds_on(served: Database, noon: datetime):
    with served.write() as session:
        assert leases.renew(session, "serve", "first", noon + seconds(25))
    with pytest.raises(LeaseHeld), served.write() as session:
        leases.acquire(session, "serve", token="second", pid=5, host="noc-2", now=noon + seconds(50))
    with served.read() as session:
        held = leases.holder(session, "serve", noon + seconds(50))

        assert held
        assert ("first", noon) == (held.token, held.since)
        assert leases.holder(session, "serve", noon + seconds(56)) is None


def test_who_lost_the_lease_learns_it_and_cannot_give_back_what_is_anothers(served: Database, noon: datetime):
    with served.write() as session:
        leases.acquire(session, "serve", token="second", pid=5, host="noc-2", now=noon + seconds(31))

        assert not leases.renew(session, "serve", "first", noon + seconds(32))
        leases.release(session, "serve", "first")
        assert leases.renew(session, "serve", "second", noon + seconds(32))


def test_a_lease_given_back_is_free_at_once(served: Database, noon: datetime):
    with served.write() as session:
        leases.release(session, "serve", "first")
        leases.acquire(session, "serve", token="second", pid=5, host="noc-2", now=noon)

        assert not leases.renew(session, "serve", "first", noon)


def test_acquiring_what_one_holds_renews_it(served: Database, noon: datetime):
    with served.write() as session:
        leases.acquire(session, "serve", token="first", pid=1234, host="noc-1", now=noon + seconds(29))
        held = leases.holder(session, "serve", noon + seconds(50))

    assert held
    assert noon == held.since


def test_our_own_process_id_in_a_lease_is_a_dead_predecessors():
    """In a container `serve` is process 1, and so was the one before it."""
    assert not leases.process_is_alive(os.getpid())
    assert leases.process_is_alive(os.getppid())
    assert not leases.process_is_alive(2**22 + 1)


def test_the_winner_of_a_device_is_kept(province: Database):
    with province.write() as session:
        for name in ("old", "new"):
            credentials.remember_winner(session, SNMP, "BN-0001-R1", name)
        credentials.remember_winner(session, CredentialProtocol.SSH, "BN-0001-R1", "routers")
    with province.read() as session:
        assert {"BN-0001-R1": "new"} == credentials.winners(session, SNMP)


def test_three_devices_that_refuse_a_credential_pause_it_until_it_works(database: Database, noon: datetime):
    with database.write() as session:
        for number, device in enumerate(("R1", "R1", "R2", "R3")):
            assert credentials.paused_until(session, SNMP, "wan", noon + seconds(number)) is None
            credentials.refused(session, SNMP, "wan", device, noon + seconds(number))
        credentials.refused(session, SNMP, "other", "R1", noon)

        assert noon + seconds(603) == credentials.paused_until(session, SNMP, "wan", noon + seconds(3))
        assert {"wan": noon + seconds(603)} == credentials.pauses(session, SNMP, noon + seconds(3))
        assert {} == credentials.pauses(session, CredentialProtocol.SSH, noon + seconds(3))
        credentials.worked(session, SNMP, "wan")
        assert credentials.paused_until(session, SNMP, "wan", noon + seconds(3)) is None
