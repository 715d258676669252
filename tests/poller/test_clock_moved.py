"""Our own clock is set forward while we live: nothing has happened in the time that was skipped."""

from datetime import UTC, datetime, timedelta

from wanmon.health.cause import silent_reboot
from wanmon.health.intervals import NOTHING
from wanmon.model.state import State
from wanmon.poller.instant import Instant
from wanmon.poller.jobs import PollResult, Task, Ticks
from wanmon.poller.seconds import SecondsCounter
from wanmon.poller.witnesses import Witnesses

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR_S = 3600.0


def poll(ticks: int, received_s: float) -> PollResult:
    return PollResult(Task.SLOW, 0.1, uptime=Ticks(ticks, received_s), host_uptime=Ticks(ticks + 2_000, received_s))


def test_a_machine_that_booted_a_while_ago_did_not_boot_again_because_our_clock_was_set_forward():
    """Found by the simulation: each router that had booted within the last hour got a reboot that never was."""
    witnesses = Witnesses()
    witnesses.take("R1", poll(60_000, 1000.0), {"wan0": 0}, Instant(NOON, 1000.0))
    witnesses.clock_moved(HOUR_S)
    before = witnesses.of("R1").about("wan0")
    later = Instant(NOON + timedelta(seconds=HOUR_S + 600), 1600.0)
    witnesses.take("R1", poll(120_000, 1600.0), {"wan0": 0}, later)

    assert silent_reboot(before, witnesses.of("R1").about("wan0")) is None


def test_of_the_time_that_our_clock_skipped_nothing_is_known():
    """As in the history, where the heartbeats have a gap: no counter says that it was up."""
    counter = SecondsCounter(State.UP, 1000.0)
    counter.settle(1010.0, NOTHING)
    counter.skip(HOUR_S, NOTHING)
    counter.settle(1010.0 + HOUR_S + 5.0, NOTHING)
    unknown, up, *_ = counter.counted().by_state

    assert (HOUR_S, 15.0, HOUR_S + 15.0) == (unknown, up, counter.counted().monitored)
