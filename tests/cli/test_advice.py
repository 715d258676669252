"""What to do next, by what is known."""

import pytest

from wanmon.cli.frame.advice import Plight, next_step, whom_to_call
from wanmon.cli.frame.causes import CAUSES, ROWS, reading_records
from wanmon.health.ailments import Ailment
from wanmon.health.cause import _TABLE
from wanmon.model.carrier import CircuitRole
from wanmon.model.cause import Cause
from wanmon.model.state import State

CALL = "call VNPT Bắc Ninh, 0000 000 001, about circuit VNPT-1"
ROOT = "BN-0002 UBND huyện Yên Phong"
LAST = "ask the site about its power, check cable and converter; then " + CALL
CASES = {
    "up": (State.UP, {}, ""),
    "up, whatever its last outage was": (State.UP, {"cause": Cause.HANDOFF}, ""),
    "unknown": (
        State.UNKNOWN,
        {},
        "nothing is known of it: see whether `wanmon serve` runs and has a way to the network",
    ),
    "down": (State.DOWN, {}, LAST),
    "cut off": (State.UNREACHABLE, {"roots": [ROOT]}, f"look at {ROOT} first"),
    "cut off by two": (State.UNREACHABLE, {"roots": ["A x", "B y"]}, "look at A x and B y first"),
    "cut off by nobody knows whom": (State.UNREACHABLE, {}, "look at the sites above it first"),
    "in maintenance": (State.DOWN, {"maintenance": "window 3 {x}"}, "wait: maintenance window 3 {x}"),
    "cut off in maintenance": (State.UNREACHABLE, {"maintenance": "window 3"}, "wait: maintenance window 3"),
    "up in maintenance": (State.UP, {"maintenance": "window 3"}, ""),
    "one other down": (State.DOWN, {"carrier_down": 1}, LAST),
    "others down": (State.DOWN, {"carrier_down": 5}, f"5 others on its carrier are down, too: {CALL}"),
    "a person knows": (State.DOWN, {"carrier_down": 5, "cause": Cause.POWER_OR_REBOOT}, "ask the site about its power"),
    "a person knows better": (State.UNREACHABLE, {"cause": Cause.POWER_OR_REBOOT}, "ask the site about its power"),
    "the carrier's": (State.DOWN, {"cause": Cause.CARRIER_PATH}, CALL),
    "an ailment": (State.DEGRADED, {"reason": "lossy"}, f"packets are lost: {CALL}"),
    "the weightiest of two ailments": (
        State.DEGRADED,
        {"reason": "agent_only,lossy"},
        "the line works: check the SNMP agent and its credential with `wanmon poll BN-0001`",
    ),
    "an ailment of tomorrow": (
        State.DEGRADED,
        {"reason": "rusty"},
        "the line works: see what is missing with `wanmon poll BN-0001`",
    ),
}


@pytest.mark.parametrize(("state", "known", "expected"), CASES.values(), ids=CASES)
def test_advice_follows_what_is_known(state, known, expected):
    assert expected == next_step(Plight("BN-0001", state, call=CALL, **known))


@pytest.mark.parametrize("cause", Cause)
def test_every_cause_has_words_and_advice(cause):
    assert CAUSES[cause]
    assert next_step(Plight("BN-0001", State.DOWN, cause=cause, call=CALL, roots=[ROOT]))


@pytest.mark.parametrize("ailment", Ailment)
def test_every_ailment_has_advice(ailment):
    partial = next_step(Plight("BN-0001", State.DEGRADED, reason="partial", call=CALL))

    assert (ailment is Ailment.PARTIAL) == (
        partial == next_step(Plight("BN-0001", State.DEGRADED, reason=ailment, call=CALL))
    )


def test_every_row_of_the_table_of_causes_has_words():
    assert {*_TABLE, 7, 8} == set(ROWS)


def circuit(code: str, role: CircuitRole = CircuitRole.PRIMARY, hotline: str = "0000 000 001") -> dict[str, str]:
    return {"circuit": code, "role": role, "carrier_name": "VNPT Bắc Ninh", "hotline": hotline}


@pytest.mark.parametrize(
    ("circuits", "expected"),
    [
        ([], "call its carrier (the inventory has no circuit of it)"),
        ([circuit("VNPT-1")], CALL),
        (
            [circuit("VNPT-2", CircuitRole.BACKUP), circuit("VNPT-1")],
            CALL + " or VNPT Bắc Ninh, 0000 000 001, about circuit VNPT-2",
        ),
        ([circuit("VNPT-1", hotline="")], "call VNPT Bắc Ninh, no hotline known, about circuit VNPT-1"),
    ],
    ids=["none", "one", "the primary first", "no hotline"],
)
def test_the_carrier_to_call_is_named_with_hotline_and_circuit(circuits, expected):
    assert expected == whom_to_call(circuits)


def test_readings_are_told_with_their_units_and_in_local_time():
    readings = {
        "source": "agent",
        "boot_s": 1772420400.0,
        "deviation_s": -3.5,
        "uptime_after_ticks": 7,
        "window_to_s": None,
    }

    assert [
        ("source", "agent"),
        ("boot", "2026-03-02 10:00:00"),
        ("deviation", "-3.5 s"),
        ("uptime after ticks", "7"),
        ("window to", ""),
    ] == [tuple(record.values()) for record in reading_records(readings)]
