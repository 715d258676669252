"""What the devices said last of their own past, and that it survives a restart of ours."""

from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from wanmon.health.witness import PortReading, Uptime, Witness
from wanmon.poller.instant import Instant
from wanmon.poller.jobs import PollResult, Task, Ticks
from wanmon.poller.witnesses import Testimony as Said
from wanmon.poller.witnesses import Witnesses

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
NOON_S = NOON.timestamp()
NOW = Instant(NOON, 1000.0)


def told(
    witnesses: Witnesses, *, at_s: float = 0, ticks: int | None = 5000, port: int | None = None, **more: Any
) -> None:
    """R1 is polled `at_s` seconds after noon."""
    uptime = None if ticks is None else Ticks(ticks, 1000.0 + at_s)
    changes = {} if port is None else {"wan0": port}
    witnesses.take("R1", PollResult(Task.FAST, 0.1, uptime=uptime, **more), changes, NOW)


def test_what_was_said_is_dated_by_when_it_was_received():
    witnesses = Witnesses()
    told(witnesses, at_s=-3, ticks=5000, port=700, host_uptime=Ticks(9000, 996.0))

    assert Witness(
        Uptime(9000, NOON_S - 4), Uptime(5000, NOON_S - 3), None, PortReading(700, 5000, NOON_S - 3)
    ) == witnesses.of("R1").about("wan0")  # fmt: skip
    assert None is witnesses.of("R1").about("wan9").port


def test_a_poll_without_an_uptime_says_nothing_but_of_the_machine():
    """What a port says is only worth something beside the uptime of the same PDU."""
    witnesses = Witnesses()
    told(witnesses, ticks=5000, port=700)
    told(witnesses, at_s=30, ticks=None, port=900, host_uptime=Ticks(9000, 1030.0))
    about = witnesses.of("R1").about("wan0")

    assert (Uptime(5000, NOON_S), PortReading(700, 5000, NOON_S)) == (about.agent, about.port)
    assert Uptime(9000, NOON_S + 30) == about.machine


def test_what_was_read_before_is_left_out_where_only_later_counts():
    witnesses = Witnesses()
    told(witnesses, ticks=5000, port=700, host_uptime=Ticks(9000, 1000.0))
    told(witnesses, at_s=60, ticks=11_000)

    assert Witness(None, Uptime(11_000, NOON_S + 60)) == witnesses.of("R1").about("wan0", since_s=NOON_S + 30)


def test_who_never_said_anything_has_said_nothing():
    assert Witness() == Witnesses().of("R1").about("wan0")
    assert not Witnesses().of("R1").tells_change


def test_once_another_value_than_0_was_seen_a_0_tells_that_nothing_changed():
    witnesses = Witnesses()
    told(witnesses, port=0)
    assert not witnesses.of("R1").tells_change

    told(witnesses, port=700)
    told(witnesses, port=0)
    assert witnesses.of("R1").tells_change


def test_its_profile_may_say_so_too():
    witnesses = Witnesses()
    told(witnesses, port=0, tells_change=True)

    assert witnesses.of("R1").tells_change


def test_who_is_gone_is_forgotten():
    witnesses = Witnesses()
    told(witnesses)
    witnesses.forget("R1")
    witnesses.forget("R9")

    assert Said() == witnesses.of("R1")


TICKS = st.integers(0, 2**32 - 1)
#: A datetime of the database has whole microseconds.
SECONDS = st.integers(0, 2_000_000_000 * 10**3).map(lambda milliseconds: milliseconds / 1000)
UPTIME = st.none() | st.builds(Uptime, TICKS, SECONDS)


@given(
    st.builds(
        Said,
        UPTIME,
        UPTIME,
        st.dictionaries(st.text(max_size=8), st.builds(PortReading, TICKS, TICKS, st.floats(0, 2e9)), max_size=4),
        st.booleans(),
    )
)
def test_what_was_stored_is_what_was_said(testimony: Said):
    """To the last digit: a restart of ours must not look like one of theirs."""
    first, second = Witnesses(), Witnesses()
    first._held["R1"] = testimony
    second.restore({"R1": first.row("R1")})

    assert testimony == second.of("R1")
