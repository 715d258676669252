"""How long to wait for a reply, by the replies before."""

import pytest

from wanmon.protocols.snmp.pace import LONGEST_S, SHORTEST_S, FixedPace, LearntPace


def heard(*times_s: float) -> LearntPace:
    pace = LearntPace(2.0)
    for time_s in times_s:
        pace.heard(time_s)
    return pace


CASES = {
    "nothing known": ((), 2.0),
    "one reply: srtt + 4 x srtt/2": ((0.4,), 1.2),
    "steady replies": ((0.4,) * 60, SHORTEST_S),
    "steady and slow": ((3.0,) * 60, 3.0),
    "quick: not below half a second": ((0.001,) * 5, SHORTEST_S),
    "slow: not above five": ((9.0,) * 5, LONGEST_S),
}


@pytest.mark.parametrize(("times_s", "timeout_s"), CASES.values(), ids=CASES.keys())
def test_the_timeout_follows_the_replies(times_s: tuple[float, ...], timeout_s: float) -> None:
    assert pytest.approx(timeout_s, rel=0.01) == heard(*times_s).timeout_s


def test_silence_doubles_the_timeout_until_the_next_reply() -> None:
    """An agent that has become slow is waited for in the end."""
    pace = heard(*[0.01] * 20)
    waited_s = []
    for _ in range(5):
        waited_s.append(pace.timeout_s)
        pace.missed()
    pace.heard(0.01)

    assert [0.5, 1.0, 2.0, 4.0, 5.0] == waited_s
    assert SHORTEST_S == pace.timeout_s


def test_a_fixed_pace_learns_nothing() -> None:
    pace = FixedPace(1.0)
    pace.heard(4.0)
    pace.missed()

    assert 1.0 == pace.timeout_s
