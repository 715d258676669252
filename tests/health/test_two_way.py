"""The verdict from both ends: one table, the same for the code and for people."""

import re
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from wanmon.health.two_way import RULES, Judgement, Rule, Seen, Voice, Way, ends_at, judge
from wanmon.model.finding import TwoWay
from wanmon.model.path import Hop
from wanmon.model.reason import Reason

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "verdicts.md").read_text(encoding="utf-8")
R1 = "BN-0001-R1"
ROUTE, BARRED = Reason.UNREACHABLE, Reason.PROHIBITED
TO_HOP_3 = (Hop(1, "10.27.0.1", (0.001,)), Hop(2, "10.27.1.1", (0.002,)), Hop(3), Hop(4))


def judged(**values: Any) -> Judgement | None:
    return judge(Seen(R1, "10.27.9.1", "dc-portal", **values))


@pytest.mark.parametrize(
    ("expected", "seen"),
    [
        (TwoWay.OK, {"echo_loss": 0.0, "snmp_answers": True, "back_loss": 0.0}),
        (TwoWay.OK, {"echo_loss": 0.0}),
        (TwoWay.OK, {"echo_loss": 0.2, "snmp_answers": True, "back_loss": 0.2}),
        (TwoWay.OK, {"echo_loss": 0.4, "snmp_answers": True, "back_loss": 0.4}),
        (TwoWay.OK, {"snmp_answers": True}),
        (TwoWay.OK, {"ssh_answers": True}),
        (TwoWay.OK, {"echo_loss": 0.0, "ssh_answers": False}),
        (TwoWay.AGENT_ONLY, {"echo_loss": 0.0, "snmp_answers": False}),
        (TwoWay.AGENT_ONLY, {"echo_loss": 0.0, "snmp_answers": False, "back_loss": 0.0}),
        (TwoWay.AGENT_ONLY, {"snmp_answers": False, "ssh_answers": True}),
        (TwoWay.RETURN_ROUTE, {"echo_loss": 0.0, "back_loss": 1.0, "back_reason": ROUTE}),
        (TwoWay.RETURN_ROUTE, {"echo_loss": 1.0, "snmp_answers": True, "back_reason": ROUTE}),
        (TwoWay.ONE_WAY_LOSS, {"echo_loss": 0.0, "snmp_answers": True, "back_loss": 1.0}),
        (TwoWay.ONE_WAY_LOSS, {"echo_loss": 0.0, "back_loss": 0.4}),
        (TwoWay.ONE_WAY_LOSS, {"echo_loss": 0.4, "back_loss": 1.0}),
        (TwoWay.ONE_WAY_LOSS, {"echo_loss": 0.4, "back_loss": 0.0}),
        (TwoWay.ONE_WAY_LOSS, {"snmp_answers": True, "back_loss": 1.0}),
        (TwoWay.FILTERED, {"echo_loss": 1.0, "snmp_answers": True}),
        (TwoWay.FILTERED, {"echo_loss": 1.0, "snmp_answers": False, "ssh_answers": True}),
        (TwoWay.FILTERED, {"echo_loss": 1.0, "back_loss": 0.0}),
        (TwoWay.FILTERED, {"echo_loss": 0.0, "back_loss": 1.0, "back_reason": BARRED}),
        (TwoWay.DOWN_AT_HOP, {"echo_loss": 1.0, "snmp_answers": False, "ssh_answers": False}),
        (TwoWay.DOWN_AT_HOP, {"echo_loss": 1.0}),
        (TwoWay.DOWN_AT_HOP, {"snmp_answers": False, "ssh_answers": False}),
        (None, {}),
        (None, {"ssh_answers": False}),
    ],
)
def test_what_both_ends_see_makes_the_verdict(expected, seen):
    found = judged(**seen)

    assert expected is (found.verdict if found else None)


def test_the_page_has_the_table_of_the_code():
    """A technician who reads the page must find what the program did."""
    rows = re.findall(r"^\| (\d+) \| (.*) \| `([a-z_]+)` \|$", PAGE, re.MULTILINE)
    written = [
        (int(number), [column.strip() for column in middle.split("|")], verdict) for number, middle, verdict in rows
    ]

    assert [(number, _columns(rule), rule.verdict.value) for number, rule in enumerate(RULES, 1)] == written


def _columns(rule: Rule) -> list[str]:
    columns = [", ".join(column) or "-" for column in (rule.echo, rule.snmp, rule.ssh, rule.back, rule.direction)]
    columns[3] += " *" if rule.compared else ""
    return columns


def test_the_page_has_an_example_of_each_verdict_in_the_words_of_the_code():
    examples = {
        TwoWay.OK: {"echo_loss": 0.0, "back_loss": 0.0},
        TwoWay.ONE_WAY_LOSS: {"echo_loss": 0.0, "back_loss": 1.0},
        TwoWay.RETURN_ROUTE: {"echo_loss": 0.0, "back_reason": ROUTE},
        TwoWay.FILTERED: {"echo_loss": 1.0, "snmp_answers": True},
        TwoWay.AGENT_ONLY: {"echo_loss": 0.0, "snmp_answers": False},
        TwoWay.DOWN_AT_HOP: {"echo_loss": 1.0, "path": TO_HOP_3},
    }
    shown = dict(re.findall(r"^- `([a-z_]+)`: .*?\n\s+\*(.*?)\*$", PAGE, re.MULTILINE | re.DOTALL))

    assert {each.value for each in TwoWay} == set(shown)
    for verdict, seen in examples.items():
        found = judged(**seen)
        assert found is not None
        assert (verdict, found.text) == (found.verdict, " ".join(shown[verdict].split()))


def test_every_rule_decides_something():
    """A row that another one hides would be a mistake in the table."""
    losses, told = (None, 0.0, 0.5, 1.0), (None, True, False)
    backs = [(loss, None) for loss in losses] + [(1.0, ROUTE), (1.0, BARRED)]
    counts: list[dict[str, float]] = [{}, {"lost_there": 0.4, "lost_back": 0.0}]
    found = {
        made.rule
        for echo, snmp, ssh, (back, why), counted in product(losses, told, told, backs, counts)
        if (
            made := judged(
                echo_loss=echo, snmp_answers=snmp, ssh_answers=ssh, back_loss=back, back_reason=why, **counted
            )
        )
    }

    assert set(range(1, len(RULES) + 1)) == found


@pytest.mark.parametrize(
    ("hop", "path"),
    [
        (3, TO_HOP_3),
        (4, (*TO_HOP_3[:2], Hop(3, "10.27.2.1", (0.1,), Reason.UNREACHABLE))),
        (3, (*TO_HOP_3[:2], Hop(3, "10.27.1.1", (3.0,), Reason.UNREACHABLE))),
        (4, (Hop(1), Hop(2), Hop(3, "10.27.2.1"), Hop(4))),
        (1, (Hop(1), Hop(2))),
        (1, ()),
        (None, None),
        (None, (*TO_HOP_3, Hop(5, "10.27.9.1"))),
    ],
    ids=[
        "silent from 3 on",
        "3 has no route",
        "2 tells of 3",
        "silent between",
        "silent",
        "empty",
        "no trace",
        "arrived",
    ],
)
def test_the_way_ends_at_the_first_hop_that_does_not_answer_any_more(hop, path):
    assert hop == ends_at(path, "10.27.9.1")


@pytest.mark.parametrize(
    ("told", "path"),
    [
        ("the way there was not traced", None),
        ("look at our own gateway first", (Hop(1), Hop(2))),
        ("a trace arrives again", (Hop(1, "10.27.9.1"),)),
        ("behind 10.27.1.1, which says that it has no way on", (Hop(2, "10.27.1.1", (), Reason.UNREACHABLE),)),
    ],
)
def test_a_verdict_comes_with_or_without_a_trace_and_says_so(told, path):
    found = judged(echo_loss=1.0, path=path)

    assert found is not None
    assert TwoWay.DOWN_AT_HOP is found.verdict
    assert told in found.text


def test_the_words_say_why_the_way_back_was_not_tried():
    found = judged(echo_loss=0.0, untried="no host key is trusted yet")

    assert found is not None
    assert (
        "BN-0001-R1 answers the hub's echoes; the way back was not tried from its side (no host key is trusted yet)"
        == (found.text)
    )


def test_a_ping_from_the_site_means_that_ssh_answered():
    assert (Way.OK, Voice.ANSWERS) == (Seen(R1, back_loss=0.0).back, Seen(R1, back_loss=0.0).ssh)


@pytest.mark.parametrize(
    ("expected", "echo", "back"),
    [
        (TwoWay.ONE_WAY_LOSS, (0.0, 5), (1.0, 5)),
        (TwoWay.OK, (0.0, 5), (0.4, 5)),
        (TwoWay.ONE_WAY_LOSS, (0.0, 60), (0.4, 20)),
        (TwoWay.OK, (0.3, 60), (0.0, 5)),
        (TwoWay.ONE_WAY_LOSS, (0.3, 60), (0.0, 30)),
        (TwoWay.OK, (0.0, 3), (1.0, 5)),
    ],
    ids=["five of five", "two of five", "eight of twenty", "a lucky five", "none of thirty", "hardly begun"],
)
def test_a_handful_of_echoes_tells_no_direction(expected: TwoWay, echo: tuple[float, int], back: tuple[float, int]):
    """A line that loses a third both ways lets five echoes through one time in seven."""
    found = judged(echo_loss=echo[0], echo_sent=echo[1], back_loss=back[0], back_sent=back[1])

    assert found is not None
    assert expected is found.verdict


@pytest.mark.parametrize(
    ("expected", "there", "back"),
    [(TwoWay.ONE_WAY_LOSS, 0.3, 0.02), (TwoWay.ONE_WAY_LOSS, 0.0, 0.5), (TwoWay.OK, 0.3, 0.2), (TwoWay.OK, 0.02, 0.0)],
    ids=["there", "back", "both", "neither"],
)
def test_the_routers_own_count_tells_the_direction(expected: TwoWay, there: float, back: float):
    found = judged(echo_loss=max(there, back), echo_sent=60, snmp_answers=True, lost_there=there, lost_back=back)

    assert found is not None
    assert expected is found.verdict
