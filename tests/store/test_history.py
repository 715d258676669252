"""What is loaded of a span: histories with their causes, where nobody watched, and the windows."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event

from wanmon.health.figures import Past
from wanmon.health.history import Run
from wanmon.health.intervals import NOTHING, Intervals
from wanmon.health.period import named
from wanmon.model.cause import Cause
from wanmon.model.life import Heartbeat, Transition
from wanmon.model.maintenance import Maintenance, Scope
from wanmon.model.outage import Outage
from wanmon.model.state import State
from wanmon.store import history
from wanmon.store.database import Database

MARCH = named("2026-03").span
START, END = (datetime.fromtimestamp(second, UTC) for second in MARCH)
UP, DOWN, UNKNOWN, UNREACHABLE = State.UP, State.DOWN, State.UNKNOWN, State.UNREACHABLE


def at(hour: float) -> datetime:
    return START + timedelta(hours=hour)


def second(hour: float) -> float:
    return at(hour).timestamp()


def turned(new: State, hour: float, site: str = "BN-0001", circuit: str | None = None) -> Transition:
    """A transition; what was before it is not asked for."""
    decided = at(hour) + timedelta(seconds=9)
    return Transition(site=site, circuit=circuit, old=UNKNOWN, new=new, at=at(hour), decided_at=decided)


def outage(first: float, last: float | None, cause: Cause | None, state: State = DOWN, **values) -> Outage:
    ended_at = None if last is None else at(last)
    given = {"site": "BN-0001", "decided_at": at(first), **values}
    return Outage(state=state, began_at=at(first), ended_at=ended_at, cause=cause, **given)


@pytest.fixture
def keep(province: Database):
    """Add rows in this order."""

    def add(*rows) -> None:
        with province.write() as session:
            for row in rows:
                session.add(row)
                session.flush()

    return add


@pytest.fixture
def load(province: Database):
    """What is known of March at an hour of it."""

    def ask(hour: float = 744) -> Past:
        with province.read() as session:
            return history.load(session, MARCH, at(hour))

    return ask


@pytest.fixture
def watched(keep) -> None:
    keep(Heartbeat(began_at=at(-999), last_at=at(9999)))


def test_the_state_at_the_start_is_that_of_the_last_transition_before_it(keep, load, watched):
    keep(turned(DOWN, -200), turned(UP, -100), turned(DOWN, 50), turned(UP, 60))

    assert [
        Run(UP, second(-100), second(50)),
        Run(DOWN, second(50), second(60)),
        Run(UP, second(60)),
    ] == load().sites["BN-0001"]


def test_a_silence_dated_back_over_the_start_overrides_what_was_held_at_it(keep, load, watched):
    """At the start it was still called up; a moment later it turned out to be down since before."""
    keep(turned(UP, -100), turned(State.DEGRADED, -0.5), turned(DOWN, -1), turned(UP, 5))

    assert [Run(DOWN, second(-1), second(5)), Run(UP, second(5))] == load().sites["BN-0001"]


def test_what_was_decided_last_holds_at_the_start_and_not_what_is_dated_last(keep, load, watched):
    keep(turned(UP, -100), turned(UNKNOWN, 1), turned(DOWN, -2))

    assert [Run(DOWN, second(-2))] == load().sites["BN-0001"]


def test_what_happens_after_the_span_is_not_loaded(keep, load, watched):
    keep(turned(UP, -100), turned(DOWN, 800))

    assert [Run(UP, second(-100))] == load().sites["BN-0001"]


def test_a_circuit_has_a_history_of_its_own_where_it_has_transitions(keep, load, watched):
    keep(turned(UP, -9), turned(UP, -8, circuit="VNPT-MW-7"), turned(DOWN, 5, circuit="VNPT-MW-7"))
    past = load()

    assert {"BN-0001": [Run(UP, second(-9))]} == past.sites
    assert {"VNPT-MW-7": [Run(UP, second(-8), second(5)), Run(DOWN, second(5))]} == past.circuits


@pytest.mark.parametrize(
    ("told", "cause"),
    [
        (outage(50, 60, Cause.HANDOFF), Cause.HANDOFF),
        (outage(50, None, Cause.HANDOFF), Cause.HANDOFF),
        (outage(50, 60, Cause.HANDOFF, ruled_cause=Cause.POWER_OR_REBOOT), Cause.POWER_OR_REBOOT),
        (outage(50, 60, None, ruled_cause=Cause.PLANNED), Cause.PLANNED),
        (outage(49, 55, Cause.HANDOFF), Cause.HANDOFF),
        (outage(50, 60, None), None),
        (outage(40, 50, Cause.HANDOFF), None),
        (outage(51, 60, Cause.HANDOFF), None),
        (outage(50, 60, Cause.UPSTREAM, UNREACHABLE), None),
        (outage(50, 60, Cause.HANDOFF, site="BN-0002"), None),
        (outage(50, 60, Cause.HANDOFF, circuit="VNPT-MW-7"), None),
    ],
    ids=[
        "computed", "open", "a person's word", "a person's word alone", "of the outage it goes on with",
        "not known yet", "of one that ended before", "of one that began later", "of another state", "of another site",
        "of its circuit",
    ],
)  # fmt: skip
def test_why_it_was_down_is_told_by_the_outage_that_it_belongs_to(keep, load, watched, told: Outage, cause: Cause):
    keep(turned(UP, -9), turned(DOWN, 50), turned(UP, 60), told)

    assert Run(DOWN, second(50), second(60), cause) == load().sites["BN-0001"][1]


def test_the_unknown_within_an_outage_leaves_both_parts_their_cause(keep, load, watched):
    keep(turned(DOWN, -5), turned(UNKNOWN, 10), turned(DOWN, 12), turned(UP, 20), outage(-5, 20, Cause.CARRIER_PATH))

    assert [Cause.CARRIER_PATH, None, Cause.CARRIER_PATH, None] == [run.cause for run in load().sites["BN-0001"]]


def test_an_outage_begun_before_the_span_tells_the_cause_of_its_rest(keep, load, watched):
    keep(turned(DOWN, -50), turned(UP, 10), outage(-50, 10, Cause.POWER_OR_REBOOT))

    assert Run(DOWN, second(-50), second(10), Cause.POWER_OR_REBOOT) == load().sites["BN-0001"][0]


def test_down_and_unreachable_that_touch_have_a_cause_each(keep, load, watched):
    keep(turned(DOWN, 5), turned(UNREACHABLE, 6), turned(UP, 7))
    keep(outage(5, 6, Cause.HANDOFF), outage(6, 7, Cause.UPSTREAM, UNREACHABLE))

    assert [Cause.HANDOFF, Cause.UPSTREAM, None] == [run.cause for run in load().sites["BN-0001"]]


def test_a_poller_that_was_killed_for_ten_minutes_leaves_a_gap(keep, load):
    keep(Heartbeat(began_at=at(-9), last_at=at(100)), Heartbeat(began_at=at(100) + timedelta(minutes=10), last_at=END))

    assert Intervals.of([(second(100), second(100) + 600)]) == load().gaps


def test_a_restart_within_half_a_minute_leaves_none(keep, load):
    """A gap begins a new row only then, but rows may lie closer after a clock that was set."""
    keep(Heartbeat(began_at=at(-9), last_at=at(100)))
    keep(Heartbeat(began_at=at(100) + timedelta(seconds=30), last_at=END))

    assert NOTHING == load().gaps


def test_nobody_watched_before_the_first_sign_of_life_nor_after_the_last(keep, load):
    keep(Heartbeat(began_at=at(10), last_at=at(20)))

    assert Intervals.of([(second(0), second(10)), (second(20), second(21))]) == load(21).gaps


def test_a_sign_of_life_a_moment_ago_is_enough(keep, load):
    keep(Heartbeat(began_at=at(-10), last_at=at(20)))

    assert NOTHING == load(20 + 29 / 3600).gaps


def test_where_no_poller_ever_ran_nothing_is_known(load):
    assert Intervals.of([(second(0), second(744))]) == load().gaps


def test_windows_are_loaded_unless_they_begin_after_the_span(keep, load):
    def window(hour: float) -> Maintenance:
        values = {"scope": Scope.SITE, "target": "BN-0001", "author": "lan", "created_at": START}
        return Maintenance(starts_at=at(hour), ends_at=at(hour + 1), **values)

    keep(window(-5000), window(5), window(743), window(744))

    assert [at(-5000), at(5), at(743)] == [row.starts_at for row in load().windows]


def test_a_province_is_loaded_in_four_questions(province: Database, keep, load, watched):
    """However many sites there are: figures are asked for every minute."""
    keep(*(turned(UP, -9, site) for site in ("BN-DC1", "BN-0001", "BN-0002")), outage(5, 6, None))
    asked = []
    event.listen(province._reader, "before_cursor_execute", lambda *given: asked.append(given[2]))
    load()

    assert 4 == len([statement for statement in asked if statement.startswith("SELECT")])
