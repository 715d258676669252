"""The machines in the place of a device: who is another, what is forgotten when one is replaced, and what stays."""

from datetime import timedelta

import pytest

from wanmon.model.change import Action
from wanmon.model.inventory import NOUN, Edit
from wanmon.model.life import CredentialProtocol, DeviceWitness
from wanmon.store import credentials, host_keys, inventory, life, machines, manners, replacement
from wanmon.store.machines import MOST_KEPT, Nameplate

ROUTER = "BN-0001-R1"
OLD = Nameplate("Cisco", "C891F", "15.9", "FCZ1")
SIGNED = {"author": "lan", "origin": "noc", "command": "device replace", "reason": "lightning"}
HOUR = timedelta(hours=1)


@pytest.fixture
def see(province, noon):
    """Take in a machine so many hours after noon; the serial number of the one that it took the place of."""

    def take(plate, hours=0.0):
        with province.write() as session:
            other = machines.seen(session, ROUTER, plate, noon + hours * HOUR)
            return other.serial if other else None

    return take


@pytest.fixture
def history(province, noon):
    """(serial, hours first seen, last seen, replaced) of the machines, the oldest first."""

    def hours(at):
        return None if at is None else (at - noon) / HOUR

    def load():
        with province.read() as session:
            rows = machines.of(session, ROUTER)[::-1]
        return [(m.serial, hours(m.first_seen_at), hours(m.last_seen_at), hours(m.replaced_at)) for m in rows]

    return load


@pytest.mark.parametrize(
    ("plate", "is_another"),
    [
        (OLD, False),
        (OLD._replace(serial="FCZ2"), True),
        (OLD._replace(os_version="17.1"), False),
        (OLD._replace(serial="", model="C1111"), True),
        (OLD._replace(serial=""), False),
        (Nameplate("Cisco"), False),
        (OLD._replace(model="C891FW"), False),
    ],
    ids=["same", "serial", "new software", "model without serial", "serial not told", "all but vendor", "model text"],
)
def test_another_serial_number_is_another_machine_and_a_model_where_there_is_none(see, history, plate, is_another):
    see(OLD)
    told = see(plate, 1)

    assert ("FCZ1" if is_another else None) == told
    assert (2 if is_another else 1) == len(history())


def test_a_machine_that_is_still_there_is_moved_on_once_an_hour(see, history):
    see(OLD)
    see(OLD, 0.9)
    assert [("FCZ1", 0, 0, None)] == history()

    see(OLD, 1)
    assert [("FCZ1", 0, 1, None)] == history()


def test_what_was_not_told_at_first_is_filled_in(see, history):
    see(Nameplate("Cisco"))
    see(OLD, 0.1)

    assert [("FCZ1", 0, 0.1, None)] == history()


def test_a_device_that_left_the_inventory_has_no_machines(province, noon):
    with province.write() as session:
        assert None is machines.seen(session, "BN-9999-R1", OLD, noon)
        assert [] == machines.of(session, "BN-9999-R1")


def test_an_agent_that_tells_another_serial_number_every_time_does_not_fill_the_disk(see, history):
    for number in range(MOST_KEPT + 3):
        see(OLD._replace(serial=f"S{number}"))

    assert MOST_KEPT == len(history())
    assert f"S{MOST_KEPT + 2}" == history()[-1][0]


def replaced(province, noon, *edits):
    with province.write() as session:
        return replacement.replace(session, ROUTER, edits, **SIGNED, at=noon + HOUR)


def test_the_old_machine_stays_in_history_and_the_next_one_is_another_whatever_it_says(province, see, history, noon):
    see(OLD)
    replaced(province, noon)
    see(OLD, 2)

    assert [("FCZ1", 0, 0, 1), ("FCZ1", 2, 2, None)] == history()


def test_a_replacement_is_a_change_even_where_no_column_changes(province, see, noon):
    """By the changeset a running `serve` sees it, and the log has who, why and what stood there."""
    see(OLD)
    changeset = replaced(province, noon)
    with province.read() as session:
        generations = replacement.generations(session)
        ((signed, change),) = inventory.changes(session, "device", ROUTER, limit=1)

    assert (2, {ROUTER: 2}) == (changeset, generations)
    assert ("lan", "lightning") == (signed.author, signed.reason)
    assert ("machine", "Cisco C891F serial FCZ1", "") == (change.field, change.old, change.new)


def test_edits_and_the_word_of_the_machine_are_one_change(province, noon):
    edit = Edit(Action.SET, NOUN["device"], ROUTER, {"address": "10.27.1.9"})
    changeset = replaced(province, noon, edit)
    with province.read() as session:
        fields = [change.field for signed, change in inventory.changes(session) if signed.id == changeset]

    assert ["machine", "address"] == fields


def test_what_was_learnt_of_the_old_one_is_forgotten_and_nothing_of_others(province, noon):
    with province.write() as session:
        for device in (ROUTER, "BN-0002-R1"):
            life.set_witness(session, DeviceWitness(device=device, agent_ticks=5))
            manners.keep(session, device, manners.Learnt(175))
            host_keys.trust(session, device, "ssh-rsa", "SHA256:x", "lan", noon)
            for protocol in CredentialProtocol:
                credentials.remember_winner(session, protocol, device, "old")
                credentials.refused(session, protocol, "other", device, noon)
    replaced(province, noon)
    with province.read() as session:
        assert ["BN-0002-R1"] == list(life.load_witnesses(session))
        assert ["BN-0002-R1"] == list(manners.learnt(session))
        assert (None, "SHA256:x") == (
            host_keys.trusted(session, ROUTER),
            host_keys.trusted(session, "BN-0002-R1").fingerprint,
        )
        for protocol in CredentialProtocol:
            assert {"BN-0002-R1": "old"} == credentials.winners(session, protocol)
