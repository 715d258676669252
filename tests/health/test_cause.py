"""Why a site went down, told from what its device says of itself afterwards."""

import math
from dataclasses import dataclass, replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from wanmon.health.cause import Evidence, Fall, Interval, Shared, Tie, judge, siblings, silent_reboot
from wanmon.health.uptime import WRAP
from wanmon.health.witness import Outage, PortReading, Uptime, Witness
from wanmon.model.cause import Cause

MINUTE_S, HOUR_S, DAY_S = 60, 3600, 86_400
#: The instant of the first miss; the scenarios count from it.
CUT_S = 1_750_000_000.0


@dataclass(frozen=True)
class Device:
    """A device as it truly was, in seconds from the cut: it can be asked for its readings at any instant.

    `boots_s` are those of the machine, which restart its agent too; `agent_starts_s` those of its agent alone;
    `port_changes_s` those of its WAN port by themselves.
    """

    boots_s: tuple[float, ...] = (-40 * DAY_S,)
    agent_starts_s: tuple[float, ...] = ()
    port_changes_s: tuple[float, ...] = (-39 * DAY_S,)
    has_host: bool = True
    has_boots: bool = False
    port_comes_up_after_s: float | None = 20.0

    def at(self, instant_s: float) -> Witness:
        booted_s = max(boot for boot in self.boots_s if boot <= instant_s)
        started_s = max(start for start in (*self.boots_s, *self.agent_starts_s) if start <= instant_s)
        received_s = CUT_S + instant_s
        agent = Uptime(self._ticks(started_s, instant_s), received_s)
        machine = Uptime(self._ticks(booted_s, instant_s), received_s) if self.has_host else None
        begun = sum(start <= instant_s for start in (*self.boots_s, *self.agent_starts_s))
        port = PortReading(self._last_change(started_s, instant_s), agent.ticks, received_s)
        return Witness(machine, agent, begun if self.has_boots else None, port)

    def _last_change(self, started_s: float, instant_s: float) -> int:
        changes = list(self.port_changes_s)
        if self.port_comes_up_after_s is not None:
            changes += [boot + self.port_comes_up_after_s for boot in self.boots_s]
        since = [change for change in changes if started_s < change <= instant_s]
        return self._ticks(started_s, max(since)) if since else 0

    @staticmethod
    def _ticks(since_s: float, instant_s: float) -> int:
        return round((instant_s - since_s) * 100) % WRAP


def outage(lasts_s: float, *, uncertain_s: float = 5.0) -> Outage:
    return Outage(CUT_S, CUT_S + lasts_s, uncertain_s, 1.0)


def evidence(device: Device, lasts_s: float, *, read_after_s: float = 2.0, tells_change: bool = True) -> Evidence:
    """Polled 20 s before the cut, and soon after the return."""
    return Evidence(outage(lasts_s), device.at(-20), device.at(lasts_s + read_after_s), tells_change=tells_change)


STEADY = Device()
OLD_BOOT_S = STEADY.boots_s[0]


def booted(*boots_s: float, **more: object) -> Device:
    return replace(STEADY, boots_s=(OLD_BOOT_S, *boots_s), **more)  # type: ignore[arg-type]


def changed(*changes_s: float, **more: object) -> Device:
    return replace(STEADY, port_changes_s=(*STEADY.port_changes_s, *changes_s), **more)  # type: ignore[arg-type]


SCENARIOS = {
    "cut behind the bridge": (Cause.CARRIER_PATH, 6, HOUR_S, STEADY),
    "no change since the agent started": (
        Cause.CARRIER_PATH, 6, HOUR_S, Device(port_comes_up_after_s=None, port_changes_s=()),
    ),
    "port changed an hour before": (Cause.CARRIER_PATH, 6, HOUR_S, changed(-HOUR_S)),
    "own port pulled": (Cause.HANDOFF, 5, HOUR_S, changed(-3, HOUR_S - 1)),
    "port fell in the slot before the first miss": (Cause.HANDOFF, 5, 20, changed(-4)),
    "converter off in the middle": (Cause.HANDOFF, 5, HOUR_S, changed(20 * MINUTE_S)),
    "change noticed late by the agent": (Cause.HANDOFF, 5, HOUR_S, changed(HOUR_S + 1.5)),
    "power cut": (Cause.POWER_OR_REBOOT, 4, 3 * HOUR_S, booted(3 * HOUR_S - 90)),
    "power cut, slow machine": (Cause.POWER_OR_REBOOT, 4, 3 * HOUR_S, booted(3 * HOUR_S - 9.9 * MINUTE_S)),
    "crash and reboot": (Cause.POWER_OR_REBOOT, 4, 150, booted(40)),
    "rebooted, then long without its line": (Cause.POWER_OR_REBOOT, 4, 5 * HOUR_S, booted(60)),
    "boot between the last reply and the first miss": (Cause.POWER_OR_REBOOT, 4, 5 * HOUR_S, booted(-3)),
    "switched off and on in the middle": (Cause.CARRIER_PATH, 6, 8 * HOUR_S, booted(2 * HOUR_S)),
    "switched off and on twice": (Cause.CARRIER_PATH, 6, 8 * HOUR_S, booted(2 * HOUR_S, 3 * HOUR_S)),
    "switched off and on, port up at once": (
        Cause.CARRIER_PATH, 6, 8 * HOUR_S, booted(2 * HOUR_S, port_comes_up_after_s=None),
    ),
    "switched off and on, no word of the machine": (
        Cause.CARRIER_PATH, 6, 8 * HOUR_S, booted(2 * HOUR_S, has_host=False),
    ),
    "switched off and on, line came later": (
        Cause.HANDOFF, 5, 8 * HOUR_S, booted(2 * HOUR_S, port_changes_s=(-39 * DAY_S, 8 * HOUR_S - 5)),
    ),
    "power cut, no word of the machine": (Cause.POWER_OR_REBOOT, 4, HOUR_S, booted(HOUR_S - 60, has_host=False)),
    "agent restarted alone at the end": (
        Cause.UNKNOWN, 8, HOUR_S, Device(agent_starts_s=(HOUR_S - 60,)),
    ),
    "agent restarted alone in the middle": (Cause.CARRIER_PATH, 6, HOUR_S, Device(agent_starts_s=(HOUR_S / 2,))),
    "agent restarted alone, then the port": (
        Cause.HANDOFF, 5, HOUR_S, changed(HOUR_S - 1, agent_starts_s=(HOUR_S / 2,)),
    ),
    "rebooted after its return": (Cause.UNKNOWN, 8, HOUR_S, booted(HOUR_S + 1)),
    "up for 497 days and wrapped meanwhile": (
        Cause.CARRIER_PATH, 6, HOUR_S, Device(boots_s=(HOUR_S / 2 - WRAP / 100,), port_changes_s=(-DAY_S,)),
    ),
    "the same, no word of the machine": (
        Cause.CARRIER_PATH, 6, HOUR_S,
        Device(boots_s=(HOUR_S / 2 - WRAP / 100,), port_changes_s=(-DAY_S,), has_host=False),
    ),
    "a change so old that its date has wrapped into the outage": (
        Cause.CARRIER_PATH, 6, HOUR_S,
        Device(boots_s=(-600 * DAY_S,), port_changes_s=(HOUR_S / 2 - WRAP / 100,), port_comes_up_after_s=None),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("cause", "row", "lasts_s", "device"), SCENARIOS.values(), ids=SCENARIOS)
def test_the_device_tells_why_it_was_away(cause: Cause, row: int, lasts_s: float, device: Device):
    finding = judge(evidence(device, lasts_s))

    assert (cause, row) == (finding.cause, finding.row)


def test_the_readings_of_the_row_are_kept():
    finding = judge(evidence(booted(HOUR_S - 60), HOUR_S))

    assert "machine" == finding.readings["source"]
    assert CUT_S + HOUR_S - 60 == finding.readings["boot_s"]
    assert 6200 == finding.readings["uptime_after_ticks"]
    assert STEADY.at(-20).machine == Uptime(int(finding.readings["uptime_before_ticks"]), CUT_S - 20)

    told = judge(evidence(changed(300), HOUR_S)).readings
    assert CUT_S + 300 == pytest.approx(told["last_change_s"])
    assert {"if_last_change_ticks", "uptime_ticks", "last_change_s"} == set(told)


@pytest.mark.parametrize(
    ("boot_s", "cause"),
    [
        (119, Cause.POWER_OR_REBOOT),
        (149, Cause.CARRIER_PATH),
        (8 * HOUR_S - 602, Cause.CARRIER_PATH),
        (8 * HOUR_S - 599, Cause.POWER_OR_REBOOT),
    ],
)
def test_a_boot_explains_an_outage_at_its_beginning_or_in_its_last_ten_minutes(boot_s: float, cause: Cause):
    """Its date is known to 0.1 % of its age: half a minute in eight hours."""
    assert cause is judge(evidence(booted(boot_s), 8 * HOUR_S)).cause


@pytest.mark.parametrize(("after_boot_s", "cause"), [(119, Cause.CARRIER_PATH), (121, Cause.HANDOFF)])
def test_a_port_that_comes_up_within_two_minutes_of_a_boot_came_up_with_it(after_boot_s: float, cause: Cause):
    assert cause is judge(evidence(booted(2 * HOUR_S, port_comes_up_after_s=after_boot_s), 8 * HOUR_S)).cause


@pytest.mark.parametrize(
    ("tells_change", "seen_before", "cause"),
    [
        (False, False, Cause.UNKNOWN),
        (True, False, Cause.CARRIER_PATH),
        (False, True, Cause.CARRIER_PATH),
    ],
    ids=["never another", "profile says so", "another before"],
)
def test_an_if_last_change_of_0_counts_where_the_agent_is_known_to_tell(
    tells_change: bool, seen_before: bool, cause: Cause
):
    """Some agents answer 0 whatever happens."""
    device = Device(port_comes_up_after_s=None, port_changes_s=(-39 * DAY_S,) if seen_before else ())
    cut = evidence(device, HOUR_S, tells_change=tells_change)
    if seen_before:  # and its agent has begun anew between its last reading and the cut
        cut = replace(cut, after=replace(device, agent_starts_s=(-15,)).at(HOUR_S + 2))

    assert cause is judge(cut).cause


@pytest.mark.parametrize("ticks", [0, None], ids=["zero", "missing"])
@pytest.mark.parametrize("side", ["before", "after"])
def test_an_uptime_that_tells_nothing_is_no_reboot(ticks: int | None, side: str):
    """And what is not known to have gone on counting dates nothing either."""
    cut = evidence(booted(HOUR_S - 60, has_host=False), HOUR_S)
    blank = replace(getattr(cut, side), agent=None if ticks is None else Uptime(0, CUT_S))

    assert Cause.UNKNOWN is judge(replace(cut, **{side: blank})).cause


def test_without_any_reading_the_cause_is_unknown():
    finding = judge(Evidence(outage(HOUR_S)))

    assert (Cause.UNKNOWN, 8, {}) == (finding.cause, finding.row, finding.readings)


def test_an_agent_whose_number_of_boots_rose_has_restarted_though_its_uptime_fits():
    """The one reboot in a thousand that leaves the uptime where it would stand anyway."""
    young = Device(boots_s=(-40.0, 20.0), has_host=False, has_boots=True)
    before, after = young.at(-20), young.at(62)
    fitting = replace(after, agent=Uptime(before.agent.ticks + 8200, after.agent.received_s))

    assert Cause.POWER_OR_REBOOT is judge(Evidence(outage(60), before, after)).cause
    assert Cause.POWER_OR_REBOOT is judge(Evidence(outage(60, uncertain_s=50), before, fitting)).cause
    assert (
        Cause.POWER_OR_REBOOT
        is not judge(Evidence(outage(60, uncertain_s=50), replace(before, engine_boots=None), fitting)).cause
    )


@pytest.mark.parametrize(
    ("from_s", "to_s", "is_ours"),
    [
        (-600, -2, True),
        (-600, math.inf, True),
        (-1, 3, True),
        (0, 60, True),
        (-600, -5, False),
        (1, 60, False),
    ],
    ids=["until the first miss", "still", "around", "from then on", "over before the last reply", "begun later"],
)
def test_a_silence_that_began_while_we_were_away_is_ours(from_s: float, to_s: float, is_ours: bool):
    away = Interval(CUT_S + from_s, CUT_S + to_s, "poller stopped")
    finding = judge(replace(evidence(STEADY, HOUR_S), faults=(away,)))

    assert ((Cause.MONITOR, 1) if is_ours else (Cause.CARRIER_PATH, 6)) == (finding.cause, finding.row)


@pytest.mark.parametrize(
    ("from_s", "to_s", "is_planned"),
    [
        (-60, HOUR_S + 60, True),
        (0, HOUR_S, True),
        (-60, HOUR_S - 1, True),
        (-60, HOUR_S - 2, False),
        (1, HOUR_S + 60, False),
        (-60, math.inf, True),
        (60, 360, False),
    ],
    ids=["around", "exactly", "ends with the last miss", "outlasted", "begun before", "open", "five minutes inside"],
)
def test_only_an_outage_wholly_inside_a_window_is_planned(from_s: float, to_s: float, is_planned: bool):
    window = Interval(CUT_S + from_s, CUT_S + to_s, "W-7")
    finding = judge(replace(evidence(STEADY, HOUR_S), windows=(window,)))

    assert ((Cause.PLANNED, 2) if is_planned else (Cause.CARRIER_PATH, 6)) == (finding.cause, finding.row)
    assert not is_planned or "W-7" == finding.readings["window"]


def test_an_unreachable_site_names_its_roots():
    finding = judge(replace(evidence(booted(HOUR_S - 60), HOUR_S), is_unreachable=True, roots=("BN-2", "BN-3")))

    assert (Cause.UPSTREAM, 3, {"roots": "BN-2,BN-3"}) == (finding.cause, finding.row, finding.readings)


def test_the_first_row_that_holds_decides():
    everything = replace(
        evidence(booted(HOUR_S - 60), HOUR_S),
        faults=(Interval(CUT_S - 9, CUT_S + 9),),
        windows=(Interval(CUT_S - 9, CUT_S + DAY_S),),
        is_unreachable=True,
        roots=("BN-2",),
    )

    assert Cause.MONITOR is judge(everything).cause
    assert Cause.PLANNED is judge(replace(everything, faults=())).cause
    assert Cause.UPSTREAM is judge(replace(everything, faults=(), windows=())).cause
    assert Cause.POWER_OR_REBOOT is judge(replace(everything, faults=(), windows=(), is_unreachable=False)).cause


def test_a_reboot_that_nobody_missed_is_found():
    device = booted(5)
    finding = silent_reboot(device.at(-20), device.at(10))

    assert finding is not None
    assert (Cause.SILENT_REBOOT, 7) == (finding.cause, finding.row)
    assert CUT_S + 5 == finding.readings["boot_s"]
    assert CUT_S - 20 == finding.readings["last_poll_s"]


def test_a_reboot_inside_a_window_was_planned():
    device = booted(5)
    finding = silent_reboot(device.at(-20), device.at(10), [Interval(CUT_S, CUT_S + 60, "W-7")])

    assert finding is not None
    assert (Cause.PLANNED, "W-7") == (finding.cause, finding.readings["window"])


@pytest.mark.parametrize(
    "device",
    [
        STEADY,
        Device(agent_starts_s=(5,)),
        Device(agent_starts_s=(5,), has_boots=True),
        Device(boots_s=(-WRAP / 100,)),
        Device(boots_s=(-WRAP / 100,), has_host=False),
    ],
    ids=["nothing", "agent alone", "agent alone, told by its boots", "wrap", "wrap of the agent"],
)
def test_what_is_no_reboot_is_none(device: Device):
    assert silent_reboot(device.at(-20), device.at(10)) is None


def test_an_uptime_that_jumped_ahead_is_no_boot_since_the_last_poll():
    """Some agents begin with their own time and go over to that of the machine."""
    before = Witness(agent=Uptime(500, CUT_S - 20))
    after = Witness(agent=Uptime(DAY_S * 100, CUT_S + 10))

    assert silent_reboot(before, after) is None


@given(
    lasts_s=st.integers(20, DAY_S),
    boot_s=st.none() | st.integers(-DAY_S, DAY_S),
    change_s=st.none() | st.integers(-DAY_S, DAY_S),
    age_s=st.integers(2 * DAY_S, 1200 * DAY_S),
    has_host=st.booleans(),
)
def test_whatever_happened_the_cause_is_what_the_truth_says(
    lasts_s: int, boot_s: int | None, change_s: int | None, age_s: int, has_host: bool
):
    """Any one boot and any one change of the port, at any age of the machine, told from the truth and not the ticks.

    Left out is what lies within the uncertainty of a bound, and what readings cannot know: a port that changed before
    the boot.
    """
    assume(boot_s is None or not -20 <= boot_s < 0)
    assume(boot_s is None or change_s is None or change_s > boot_s + 5)
    near_s = 0.001 * (lasts_s + DAY_S) + 10
    for instant_s, bounds_s in ((boot_s, (0, 120, lasts_s - 600, lasts_s)), (change_s, (0, lasts_s + 30))):
        assume(instant_s is None or all(abs(instant_s - bound_s) > near_s for bound_s in bounds_s))
    assume(change_s is None or boot_s is None or abs(change_s - boot_s - 120) > 1)
    boots_s = (-age_s,) if boot_s is None else (-age_s, boot_s)
    changes_s = () if change_s is None else (change_s,)
    device = Device(boots_s, (), changes_s, has_host, port_comes_up_after_s=None)

    boot_inside = boot_s is not None and 0 <= boot_s <= lasts_s
    with_boot = boot_inside and change_s is not None and change_s <= boot_s + 120
    if boot_inside and (boot_s <= 120 or boot_s >= lasts_s - 600):
        expected = Cause.POWER_OR_REBOOT
    elif change_s is not None and 0 <= change_s <= lasts_s and not with_boot:
        expected = Cause.HANDOFF
    else:
        expected = Cause.CARRIER_PATH

    assert expected is judge(evidence(device, lasts_s)).cause


TIES = {
    "A": [Tie("carrier", "VNPT"), Tie("parent", "HUB"), Tie("unit", "U1")],
    "B": [Tie("carrier", "VNPT"), Tie("parent", "HUB")],
    "C": [Tie("carrier", "VNPT"), Tie("parent", "D2")],
    "D": [Tie("carrier", "Viettel"), Tie("parent", "HUB")],
}


def test_those_that_fell_within_a_minute_are_counted_by_what_they_share():
    falls = [Fall("A", 100), Fall("A", 130), Fall("B", 40), Fall("C", 160.5), Fall("D", 155), Fall("gone", 100)]

    assert (
        Shared(Tie("carrier", "VNPT"), 2, 3),
        Shared(Tie("parent", "HUB"), 3, 3),
        Shared(Tie("unit", "U1"), 1, 1),
    ) == siblings(Fall("A", 100), falls, TIES)


def test_a_site_that_fell_alone_is_one_of_many():
    assert Shared(Tie("carrier", "VNPT"), 1, 3) == siblings(Fall("C", 5), [], TIES)[0]
    assert () == siblings(Fall("gone", 5), [], TIES)
