"""Windows of maintenance as the database keeps them."""

from datetime import datetime, timedelta

import pytest
from sqlmodel import Session

from wanmon.errors import AlreadyOver, NotFound
from wanmon.health.intervals import Span
from wanmon.model.maintenance import Maintenance, Repeat, Scope
from wanmon.store import maintenance
from wanmon.store.database import Database

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def window(start: datetime, length: timedelta | None = HOUR, **values: object) -> Maintenance:
    row = {"scope": Scope.SITE, "target": "BN-0001", "reason": "thay cáp", "author": "lan", "created_at": start}
    return Maintenance.model_validate({**row, "starts_at": start, "ends_at": length and start + length, **values})


def kept(database: Database, *rows: Maintenance) -> list[int]:
    with database.write() as session:
        return [maintenance.add(session, row) for row in rows]


def ids(rows: list[Maintenance]) -> list[int | None]:
    return [row.id for row in rows]


@pytest.fixture
def session(database: Database):
    with database.write() as opened:
        yield opened


def test_a_window_is_given_back_as_it_was_added(database: Database, noon: datetime):
    row = window(noon, repeats=Repeat.WEEKLY, repeats_until=noon + 30 * DAY, excludes=False)
    told = row.model_dump(exclude={"id"})
    (number,) = kept(database, row)
    with database.read() as session:
        (found,) = maintenance.everything(session)

    assert {**told, "id": number} == found.model_dump()


NIGHTLY = {"repeats": Repeat.DAILY}


@pytest.mark.parametrize(
    ("begins", "length", "values", "is_touching", "is_to_come"),
    [
        (-HOUR / 2, HOUR, {}, True, True),
        (-400 * DAY, None, {}, True, True),
        (5 * HOUR, HOUR, {}, True, True),
        (DAY, HOUR, {}, False, True),
        (-HOUR, HOUR, {}, False, False),
        (-400 * DAY, None, {"ended_at": 0 * HOUR}, False, False),
        (-400 * DAY, None, {"ended_at": HOUR}, True, True),
        (5 * HOUR, HOUR, {"ended_at": HOUR}, False, False),
        (-400 * DAY + 5 * HOUR, HOUR, {**NIGHTLY}, True, True),
        (-400 * DAY + 5 * HOUR, HOUR, {**NIGHTLY, "repeats_until": -HOUR}, False, False),
        (-40 * DAY - HOUR, 2 * HOUR, {**NIGHTLY, "repeats_until": -HOUR / 2}, True, True),
        (-8 * DAY, 7 * DAY, {"repeats": Repeat.WEEKLY, "repeats_until": -6 * HOUR}, True, True),
        (-58 * DAY, 28 * DAY, {"repeats": Repeat.MONTHLY, "repeats_until": -26 * DAY}, True, True),
        (-5 * DAY, HOUR, {"repeats": Repeat.WEEKLY}, False, True),
    ],
    ids=[
        "in force",
        "in force until it is ended",
        "later today",
        "from where one stops looking",
        "just over",
        "just ended",
        "to be ended",
        "called off",
        "every night",
        "no more nights",
        "the last night",
        "the last week",
        "the last month",
        "another day of the week",
    ],
)
def test_windows_are_found_while_anything_of_them_is_left(
    database: Database, noon: datetime, begins, length, values, is_touching, is_to_come
):
    instants = {name: noon + value for name, value in values.items() if isinstance(value, timedelta)}
    found = kept(database, window(noon + begins, length, **{**values, **instants}))
    today = Span(int(noon.timestamp()), int((noon + DAY).timestamp()))
    with database.read() as session:
        assert (found if is_touching else []) == ids(maintenance.touching(session, today))
        assert (found if is_to_come else []) == ids(maintenance.to_come(session, noon))
        assert found == ids(maintenance.everything(session))


def test_windows_come_in_the_order_in_which_they_begin(database: Database, noon: datetime):
    late, early, same = kept(database, window(noon + HOUR), window(noon), window(noon))
    with database.read() as session:
        assert [early, same, late] == ids(maintenance.everything(session)) == ids(maintenance.to_come(session, noon))


def test_who_ended_a_window_when_and_why_is_kept(database: Database, noon: datetime):
    (number,) = kept(database, window(noon, None))
    with database.write() as session:
        maintenance.end(session, number, noon + HOUR, "bình", "xong sớm")
    with database.read() as session:
        (row,) = maintenance.everything(session)

    assert (noon + HOUR, "bình", "xong sớm") == (row.ended_at, row.ended_by, row.ended_reason)
    assert (noon, None, "lan", "thay cáp") == (row.starts_at, row.ends_at, row.author, row.reason)


def refused(session: Session, number: int, at: datetime) -> str:
    with pytest.raises((AlreadyOver, NotFound)) as told:
        maintenance.end(session, number, at, "bình")
    return str(told.value)


def test_a_window_is_ended_once(session: Session, noon: datetime):
    """Who ends it a second time would move its end into time that counts already."""
    number = maintenance.add(session, window(noon, None))
    maintenance.end(session, number, noon + HOUR, "lan")

    assert f"maintenance window {number} was ended already, at 2026-03-02T20:00:00+07:00 by lan" == refused(
        session, number, noon + 2 * HOUR
    )


def test_what_is_over_cannot_be_ended(session: Session, noon: datetime):
    number = maintenance.add(session, window(noon))

    assert f"maintenance window {number} is over: see `wanmon maintenance list --all`" == refused(
        session, number, noon + HOUR
    )


def test_a_window_that_nobody_added_cannot_be_ended(session: Session, noon: datetime):
    words = "there is no maintenance window '7': see `wanmon maintenance list --all`"

    assert words == refused(session, 7, noon)


@pytest.mark.parametrize("repeats", [Repeat.ONCE, Repeat.DAILY], ids=["once", "daily"])
def test_a_window_to_come_is_called_off(session: Session, noon: datetime, repeats: Repeat):
    number = maintenance.add(session, window(noon + HOUR, repeats=repeats))
    maintenance.end(session, number, noon, "lan")

    assert [] == maintenance.to_come(session, noon)


def test_a_window_added_or_ended_is_told_by_two_numbers_and_nothing_else_is(session: Session, noon: datetime):
    assert (0, 0) == maintenance.generation(session)

    numbers = [maintenance.add(session, window(noon)) for _ in range(2)]
    assert (2, 0) == maintenance.generation(session)

    maintenance.end(session, numbers[0], noon, "lan")
    assert (2, 1) == maintenance.generation(session)
