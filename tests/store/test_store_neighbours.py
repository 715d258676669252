"""Neighbours in the database: taken in, seen first and last, kept for a week, and never more than may be."""

from datetime import datetime, timedelta

import pytest

from wanmon.model.change import Action
from wanmon.model.inventory import NOUN, Edit
from wanmon.model.neighbour import Neighbour, NeighbourProtocol
from wanmon.store import neighbours
from wanmon.store.database import Database

ROUTER = "BN-0001-R1"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def heard(at: datetime, chassis: str = "02:00:00:00:00:01", **values: object) -> Neighbour:
    given = {"protocol": NeighbourProtocol.LLDP, "interface": "wan0", "port_id": "lan1", "system_name": "BN-DC1-R1"}
    row = {"device": ROUTER, "chassis_id": chassis, "first_seen_at": at, "last_seen_at": at, **given, **values}
    return Neighbour.model_validate(row)


@pytest.fixture
def keep(province: Database):
    """Take in what a router told at an instant."""

    def take(at: datetime, *rows: Neighbour, device: str = ROUTER) -> None:
        with province.write() as session:
            neighbours.keep(session, device, rows, at)

    return take


@pytest.fixture
def kept(province: Database):
    """All that is stored."""

    def load() -> list[Neighbour]:
        with province.read() as session:
            return neighbours.load(session)

    return load


def test_what_is_told_comes_back_whole(keep, kept, noon):
    told = heard(noon, port_description="to the communes", system_description="Ruijie, bản 11.4", address="10.27.0.1")
    keep(noon, told)

    assert [told.model_dump()] == [row.model_dump() for row in kept()]


def test_a_neighbour_keeps_when_it_was_seen_first(keep, kept, noon):
    keep(noon, heard(noon))
    keep(noon + HOUR, heard(noon + HOUR, system_name="renamed"))
    (row,) = kept()

    assert (noon, noon + HOUR, "renamed") == (row.first_seen_at, row.last_seen_at, row.system_name)


@pytest.mark.parametrize(
    "other",
    [{"protocol": NeighbourProtocol.CDP}, {"interface": "wan1"}, {"chassis": "sw2"}, {"port_id": "lan2"}],
    ids=lambda each: next(iter(each)),
)
def test_neighbours_are_told_apart_by_protocol_port_chassis_and_their_port(keep, kept, noon, other):
    keep(noon, heard(noon), heard(noon, **other))

    assert 2 == len(kept())


def test_one_that_is_told_twice_at_once_is_one(keep, kept, noon):
    keep(noon, heard(noon, address="10.0.0.1"), heard(noon, address="10.0.0.2"))

    assert ["10.0.0.2"] == [row.address for row in kept()]


def test_one_that_is_no_longer_told_stays_for_a_week_as_it_was_seen_last(keep, kept, noon):
    keep(noon, heard(noon))
    keep(noon + 6 * DAY, heard(noon + 6 * DAY, "another"))

    assert {noon, noon + 6 * DAY} == {row.last_seen_at for row in kept()}

    keep(noon + 8 * DAY)

    assert [noon + 6 * DAY] == [row.last_seen_at for row in kept()]


def test_an_agent_that_tells_others_every_hour_does_not_fill_the_disk(keep, kept, noon):
    for hour in range(6):
        at = noon + hour * HOUR
        keep(at, *(heard(at, f"{hour}-{number}") for number in range(256)))

    assert neighbours.MOST_KEPT == len(kept())
    assert {noon + 4 * HOUR, noon + 5 * HOUR} == {row.last_seen_at for row in kept()}


def test_others_are_left_alone(keep, kept, noon):
    keep(noon, heard(noon))
    keep(noon + 30 * DAY, device="BN-0002-R1")

    assert [ROUTER] == [row.device for row in kept()]


def test_a_device_that_has_left_the_inventory_is_passed_over(keep, kept, noon):
    keep(noon, heard(noon, device="BN-9999-R1"), device="BN-9999-R1")

    assert [] == kept()


def test_neighbours_go_with_their_device(keep, kept, noon, change):
    keep(noon, heard(noon, device="BN-0002-R1"), device="BN-0002-R1")
    change(Edit(Action.REMOVE, NOUN["device"], "BN-0002-R1", {}))

    assert [] == kept()
