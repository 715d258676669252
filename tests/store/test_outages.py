"""Outages made from transitions: when one opens, closes or goes on, why it was, and what people said of it."""

import json
import math
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete
from sqlmodel import select

from wanmon.clock import LOCAL
from wanmon.errors import AlreadyOver, NotFound, UsageError
from wanmon.health.cause import Finding, Shared, Tie
from wanmon.model.carrier import Circuit
from wanmon.model.cause import Cause
from wanmon.model.change import Action
from wanmon.model.inventory import NOUN, Edit
from wanmon.model.life import Transition
from wanmon.model.outage import Handling, Outage
from wanmon.model.state import State
from wanmon.store import life, outages
from wanmon.store.database import Database

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
UNKNOWN, UP, DEGRADED, DOWN, UNREACHABLE = State
SITE, CIRCUIT = ("BN-0001", None), ("BN-0001", "VNPT-MW-7")
OTHER = ("BN-0002", None)


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def turned(new: State, at_s: float, subject: tuple[str, str | None] = SITE, **more) -> Transition:
    site, circuit = subject
    times = {"at": after(at_s), "decided_at": after(at_s + 9.5)}
    return Transition(site=site, circuit=circuit, old=UNKNOWN, new=new, **times, **more)


def record(database: Database, *rows: Transition) -> None:
    """In their order, as the poller does."""
    with database.write() as session:
        for row in rows:
            session.add(row)
            session.flush()


def process(database: Database, at_s: float = 1000) -> int:
    with database.write() as session:
        return outages.process(session, after(at_s))


def made(database: Database) -> list[Outage]:
    with database.read() as session:
        return list(session.exec(select(Outage).order_by(Outage.id)))


def told(rows: Iterable[Outage]) -> list[tuple]:
    """(state, began, ended, which one it goes on from), in seconds and by place."""
    rows = list(rows)
    place = {row.id: number for number, row in enumerate(rows)}
    return [
        (
            row.state,
            (row.began_at - NOON).total_seconds(),
            None if row.ended_at is None else (row.ended_at - NOON).total_seconds(),
            None if row.previous is None else place[row.previous],
        )
        for row in rows
    ]


@pytest.fixture
def active(province, change):
    """The smallest province with every site active."""
    change(*(Edit(Action.SET, NOUN["site"], code, {"status": "active"}) for code in ("BN-DC1", "BN-0001", "BN-0002")))
    return province


SEQUENCES = [
    ("nothing lost", [(UP, 0), (DEGRADED, 10), (UP, 20)], []),
    ("down", [(DOWN, 0)], [(DOWN, 0, None, None)]),
    ("down and up", [(DOWN, 0), (UP, 60)], [(DOWN, 0, 60, None)]),
    ("down and degraded", [(DOWN, 0), (DEGRADED, 60), (UP, 70)], [(DOWN, 0, 60, None)]),
    ("cut off and back", [(UNREACHABLE, 0), (UP, 60)], [(UNREACHABLE, 0, 60, None)]),
    ("twice", [(DOWN, 0), (UP, 60), (DOWN, 90), (UP, 99)], [(DOWN, 0, 60, None), (DOWN, 90, 99, None)]),
    ("unknown goes on", [(DOWN, 0), (UNKNOWN, 10)], [(DOWN, 0, None, None)]),
    ("down after unknown is the same", [(DOWN, 0), (UNKNOWN, 10), (DOWN, 50), (UP, 60)], [(DOWN, 0, 60, None)]),
    ("up after unknown ends it", [(DOWN, 0), (UNKNOWN, 10), (UP, 50)], [(DOWN, 0, 50, None)]),
    ("unknown first", [(UNKNOWN, 0), (DOWN, 10), (UP, 50)], [(DOWN, 10, 50, None)]),
    (
        "cut off and then down itself",
        [(UNREACHABLE, 0), (DOWN, 40), (UP, 60)],
        [(UNREACHABLE, 0, 40, None), (DOWN, 40, 60, 0)],
    ),
    (
        "the other one after unknown",
        [(DOWN, 0), (UNKNOWN, 10), (UNREACHABLE, 50), (UP, 60)],
        [(DOWN, 0, 50, None), (UNREACHABLE, 50, 60, 0)],
    ),
    (
        "to and fro",
        [(DOWN, 0), (UNREACHABLE, 10), (DOWN, 20), (UP, 30)],
        [(DOWN, 0, 10, None), (UNREACHABLE, 10, 20, 0), (DOWN, 20, 30, 1)],
    ),
    ("an end dated before its beginning", [(DOWN, 50), (UP, 40)], [(DOWN, 50, 50, None)]),
    (
        "a silence dated back before what was held of it",
        [(UNREACHABLE, 50), (DOWN, 40), (UP, 90)],
        [(UNREACHABLE, 50, 50, None), (DOWN, 40, 90, 0)],
    ),
]


@pytest.mark.parametrize(("steps", "expected"), [case[1:] for case in SEQUENCES], ids=[case[0] for case in SEQUENCES])
@pytest.mark.parametrize("subject", [SITE, CIRCUIT], ids=["a site", "a circuit"])
def test_transitions_make_outages(active: Database, subject, steps, expected):
    record(active, *(turned(new, at_s, subject) for new, at_s in steps))

    assert len(steps) == process(active)
    assert expected == told(made(active))
    assert {subject} >= {(row.site, row.circuit) for row in made(active)}


def test_an_outage_keeps_what_its_transitions_said(active: Database):
    record(
        active,
        turned(UNREACHABLE, 0, uncertain_s=5.0, roots="BN-0002,BN-DC1"),
        turned(UP, 60, uncertain_s=1.5),
    )
    process(active)
    (row,) = made(active)

    assert (5.0, 1.5, after(9.5)) == (row.began_uncertain_s, row.ended_uncertain_s, row.decided_at)
    assert "BN-0002,BN-DC1" == row.roots


def test_a_site_and_its_circuits_have_outages_of_their_own(active: Database):
    record(active, turned(DOWN, 0), turned(DOWN, 0, CIRCUIT), turned(DOWN, 5, OTHER), turned(UP, 9, CIRCUIT))
    process(active)
    with active.read() as session:
        held = outages.current(session)

    assert {SITE, OTHER} == set(held)
    assert after(0) == held[SITE].began_at
    assert 3 == len(made(active))


def test_processing_again_changes_nothing(active: Database):
    record(active, turned(DOWN, 0), turned(UP, 60))
    first = process(active), told(made(active))

    assert (0, first[1]) == (process(active), told(made(active)))


def test_processed_transitions_say_when(active: Database):
    record(active, turned(DOWN, 0))
    process(active, 12)
    with active.read() as session:
        assert [after(12)] == [row.processed_at for row in life.transitions(session)]


@pytest.mark.parametrize("status", ["planned", "retired"])
def test_a_site_that_is_not_active_opens_no_outage_and_closes_an_open_one(active: Database, change, status: str):
    record(active, turned(DOWN, 0), turned(UNREACHABLE, 0, OTHER))
    process(active)
    change(*(Edit(Action.SET, NOUN["site"], code, {"status": status}) for code in ("BN-0001", "BN-0002")))
    record(active, turned(UP, 60), turned(DOWN, 70), turned(DOWN, 80, OTHER))
    process(active)

    assert [(DOWN, 0, 60, None), (UNREACHABLE, 0, 80, None)] == told(made(active))


def test_outages_of_sites_that_are_no_longer_watched_can_be_ended(active: Database, change):
    """Nobody polls a retired site: its outage would stay open for ever."""
    record(active, turned(DOWN, 0), turned(DOWN, 0, OTHER))
    process(active)
    change(Edit(Action.SET, NOUN["site"], "BN-0001", {"status": "retired"}))
    with active.write() as session:
        assert 1 == outages.end_unwatched(session, after(90))

    assert [(DOWN, 0, 90, None), (DOWN, 0, None, None)] == told(made(active))


@pytest.mark.parametrize(("last_day", "is_over"), [(-1, True), (0, False), (None, False)], ids=str)
def test_an_open_outage_of_a_circuit_ends_with_its_contract(active: Database, last_day: int | None, is_over: bool):
    """Nobody watches it any more, and the site may be well for years."""
    record(active, turned(DOWN, 0, CIRCUIT), turned(DOWN, 0))
    process(active)
    with active.write() as session:
        circuit = session.exec(select(Circuit)).one()
        today = after(90).astimezone(LOCAL).date()
        circuit.ends_on = None if last_day is None else today + timedelta(days=last_day)
        session.add(circuit)
        session.flush()

        assert is_over == outages.end_unwatched(session, after(90))

    assert {CIRCUIT[1]: 90 if is_over else None, None: None} == {
        row.circuit: told_row[2] for row, told_row in zip(made(active), told(made(active)), strict=True)
    }


STEPS = st.lists(
    st.tuples(st.sampled_from(list(State)), st.integers(0, 300), st.sampled_from([SITE, CIRCUIT, OTHER])), max_size=25
)


def replay(database: Database, steps: Sequence[tuple], sizes: Iterable[int]) -> list[tuple]:
    """The outages when the transitions of `steps` come in portions of these sizes, the rest at the end."""
    with database.write() as session:
        session.execute(delete(Outage))
        session.execute(delete(Transition))
    rows = [turned(new, at_s, subject) for new, at_s, subject in steps]
    for size in sizes:
        record(database, *rows[:size])
        process(database)
        rows = rows[size:]
    record(database, *rows)
    process(database)
    found = made(database)
    return [(row.site, row.circuit, *told_row) for row, told_row in zip(found, told(found), strict=True)]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS, st.lists(st.integers(0, 6), max_size=8))
def test_in_whatever_portions_transitions_come_the_outages_are_the_same(active: Database, steps, sizes):
    whole = replay(active, steps, [])

    assert whole == replay(active, steps, sizes)
    for subject in (SITE, CIRCUIT, OTHER):
        spans = [(began, ended) for *whose, _, began, ended, _ in whole if tuple(whose) == subject]
        assert all(ended is None or ended >= began for began, ended in spans)
        assert [] == [1 for _, ended in spans[:-1] if ended is None]


def test_a_transition_is_claimed_by_one_of_two(active: Database):
    record(active, turned(DOWN, 0))
    with active.write() as session:
        (row,) = outages._unprocessed(session)

        assert outages._claim(session, row, after(1))
        assert not outages._claim(session, row, after(2))


def test_two_that_process_at_once_make_each_outage_once(active: Database, url: str):
    steps = [(DOWN if number % 2 else UP, number) for number in range(60)]
    record(active, *(turned(new, at_s) for new, at_s in steps))
    beside = Database.open(url)
    with ThreadPoolExecutor(2) as pool:
        counts = list(pool.map(process, (active, beside, active, beside)))
    beside.close()

    assert 60 == sum(counts)
    assert 30 == len(made(active))


@pytest.fixture
def one_down(active: Database) -> Database:
    """BN-0001 down from noon on, outage 1, and BN-0002 ten seconds later, outage 2."""
    record(active, turned(DOWN, 0), turned(DOWN, 10, OTHER))
    process(active)
    return active


CARRIER_PATH = Finding(Cause.CARRIER_PATH, 6, {"if_last_change_ticks": 7, "window_to_s": math.inf})
TOGETHER = [Shared(Tie("carrier", "VNPT"), 3, 14)]


def test_a_cause_is_stored_with_its_row_its_readings_and_who_fell_together(one_down: Database):
    with one_down.write() as session:
        counts = outages.conclude(session, *SITE, NOON, CARRIER_PATH, TOGETHER)
    row = made(one_down)[0]

    assert Cause.CARRIER_PATH == counts == row.cause == row.final_cause
    assert (6, {"if_last_change_ticks": 7, "window_to_s": None}) == (row.row, json.loads(row.readings))
    assert [["carrier", "VNPT", 3, 14]] == json.loads(row.together)


def test_the_cause_that_counts_is_a_persons_word_where_there_is_one(one_down: Database):
    with one_down.write() as session:
        outages.rule(session, 1, "lan", after(20), Cause.POWER_OR_REBOOT, "the site called")

        assert Cause.POWER_OR_REBOOT == outages.conclude(session, *SITE, NOON, CARRIER_PATH, TOGETHER)
    row = made(one_down)[0]

    assert (Cause.CARRIER_PATH, Cause.POWER_OR_REBOOT) == (row.cause, row.ruled_cause)


@pytest.mark.parametrize(
    ("subject", "at_s"), [(CIRCUIT, 0), (SITE, 1), (("BN-DC1", None), 0)], ids=["circuit", "beginning", "site"]
)
def test_an_outage_that_is_not_there_is_given_no_cause(one_down: Database, subject, at_s):
    with one_down.write() as session:
        assert outages.conclude(session, *subject, after(at_s), CARRIER_PATH, TOGETHER) is None
    assert [None, None] == [row.cause for row in made(one_down)]


def test_a_computed_cause_stays(one_down: Database):
    with one_down.write() as session:
        outages.conclude(session, *SITE, NOON, CARRIER_PATH, TOGETHER)

        assert outages.conclude(session, *SITE, NOON, Finding(Cause.UNKNOWN, 8, {}), []) is None
    assert Cause.CARRIER_PATH == made(one_down)[0].cause


def test_falls_are_those_of_whole_sites_in_a_span(one_down: Database):
    record(one_down, turned(DOWN, 5, CIRCUIT))
    process(one_down)
    with one_down.read() as session:
        assert [("BN-0001", NOON), ("BN-0002", after(10))] == outages.falls(session, NOON, after(10))
        assert [("BN-0002", after(10))] == outages.falls(session, after(1), after(60))


@pytest.fixture
def several(active: Database) -> Database:
    """Outage 1 of BN-0001 from 0 to 60 s, by a power cut; 2 of BN-0002 from 30 s on; 3 of the circuit from 100 s on."""
    record(active, turned(DOWN, 0), turned(DOWN, 30, OTHER), turned(UP, 60), turned(DOWN, 100, CIRCUIT))
    process(active)
    with active.write() as session:
        outages.conclude(session, *SITE, NOON, CARRIER_PATH, [])
        outages.rule(session, 1, "lan", after(20), Cause.POWER_OR_REBOOT, "the site called")
    return active


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({}, [3, 2, 1]),
        ({"site": "BN-0001"}, [3, 1]),
        ({"sites": ["BN-0002", "BN-DC1"]}, [2]),
        ({"sites": []}, []),
        ({"only_open": True}, [3, 2]),
        ({"since": after(60)}, [3, 2]),
        ({"since": after(59)}, [3, 2, 1]),
        ({"until": after(30)}, [1]),
        ({"until": after(31)}, [2, 1]),
        ({"cause": Cause.POWER_OR_REBOOT}, [1]),
        ({"cause": Cause.CARRIER_PATH}, []),
        ({"limit": 1}, [3]),
    ],
    ids=str,
)
def test_outages_are_listed_newest_first_and_narrowed(several: Database, wanted, expected):
    with several.read() as session:
        assert expected == [row.id for row in outages.listed(session, **wanted)]


def test_linked_outages_are_told_in_the_order_of_time(active: Database):
    record(
        active, *(turned(new, at_s) for new, at_s in [(DOWN, 0), (UNREACHABLE, 10), (DOWN, 20), (UP, 30), (DOWN, 40)])
    )
    process(active)
    with active.read() as session:
        found = [[row.id for row in outages.linked(session, outages.find(session, id))] for id in (1, 2, 3, 4)]

    assert [[2, 3], [1, 3], [1, 2], []] == found


@pytest.mark.parametrize("id", [3, 0, -1, 2**63], ids=str)
def test_an_outage_that_is_not_there_is_not_found(one_down: Database, id: int):
    with one_down.read() as session, pytest.raises(NotFound) as error:
        outages.find(session, id)

    assert f"there is no outage '{id}': see `wanmon outage list`" == str(error.value)


def test_the_first_to_acknowledge_stands_and_another_ticket_takes_its_place(one_down: Database):
    with one_down.write() as session:
        outages.acknowledge(session, 1, "lan", after(20), ticket="T-1", text="called the carrier")
        outages.acknowledge(session, 1, "minh", after(30))
        outages.acknowledge(session, 1, "minh", after(40), ticket="T-2")
    row = made(one_down)[0]
    with one_down.read() as session:
        said = [(note.author, note.handling, note.ticket, note.text) for note in outages.notes(session, 1)]

    assert ("lan", after(20), "T-2") == (row.acknowledged_by, row.acknowledged_at, row.ticket)
    assert [
        ("lan", Handling.ACK, "T-1", "called the carrier"),
        ("minh", Handling.ACK, "", ""),
        ("minh", Handling.ACK, "T-2", ""),
    ] == said


def test_an_outage_that_has_ended_takes_notes_and_no_acknowledgement(several: Database):
    with several.write() as session:
        outages.note(session, 1, "lan", after(99), "the fuse was changed")
    with several.write() as session, pytest.raises(AlreadyOver) as error:
        outages.acknowledge(session, 1, "lan", after(99))
    with several.read() as session:
        said = outages.notes(session, 1)

    assert str(error.value).startswith("outage 1 ended at 2026-03-02T19:01:00+07:00: only an open one")
    assert [(Handling.SET, Cause.POWER_OR_REBOOT), (Handling.NOTE, None)] == [(n.handling, n.cause) for n in said]
    assert made(several)[0].acknowledged_at is None


def test_what_people_say_never_changes_what_is_reckoned(several: Database):
    before = told(made(several)), [row.cause for row in made(several)]
    with several.write() as session:
        outages.note(session, 2, "lan", after(200), "waiting for the carrier")
        outages.acknowledge(session, 2, "lan", after(201), ticket="T-9")

    assert before == (told(made(several)), [row.cause for row in made(several)])
    assert [None, None] == [row.ruled_cause for row in made(several)[1:]]


@pytest.mark.parametrize("words", ["", "  "], ids=["nothing", "blanks"])
def test_a_note_without_words_and_a_cause_without_a_reason_are_refused(one_down: Database, words: str):
    with one_down.write() as session:
        with pytest.raises(UsageError):
            outages.note(session, 1, "lan", after(20), words)
        with pytest.raises(UsageError):
            outages.rule(session, 1, "lan", after(20), Cause.HANDOFF, words)

        assert [] == outages.notes(session, 1)
    assert made(one_down)[0].ruled_cause is None


def test_an_outage_goes_with_its_site(one_down: Database):
    with one_down.write() as session:
        outages.note(session, 1, "lan", after(20), "x")
    with one_down.write() as session:
        session.execute(delete(NOUN["circuit"].table))
        session.execute(delete(NOUN["device"].table))
        session.execute(delete(NOUN["site"].table).where(NOUN["site"].table.code == "BN-0001"))

    assert [OTHER] == [(row.site, row.circuit) for row in made(one_down)]
