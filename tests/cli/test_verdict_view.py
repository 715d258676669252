"""The verdicts below the table of `check run`: which results they are made of, and which of them are shown."""

import asyncio

from tests.poller.scripted import province
from wanmon.checks.result import Result, RouterTarget, Target, loss
from wanmon.cli.frame.checking import Asked
from wanmon.cli.frame.verdict_view import Told, fields, lines, verdicts
from wanmon.health.two_way import Judgement
from wanmon.model.finding import TwoWay, Verdict
from wanmon.model.path import Hop
from wanmon.model.reason import Reason
from wanmon.poller.checking.questions import Question

R1, R2, HUB = "10.27.0.1", "10.27.0.2", "10.27.0.254"
DEVICES = [
    {"name": "S1-R1", "site": "S1"},
    {"name": "S1-R2", "site": "S1"},
    {"name": "S2-R1", "site": "S2", "address": "127.0.0.1"},
]
WELL = Result(Verdict.OK, "5 of 5", measures=(loss(0.0),))
LOST = Result(Verdict.CRITICAL, "0 of 5", Reason.TIMEOUT, measures=(loss(1.0),))
DEAF = Result(Verdict.CRITICAL, "no answer", Reason.TIMEOUT)


def of(kind: str, result: Result, address: str = R1, site: str = "S1", router: str = "") -> Asked:
    """What came of one check; with a router it was asked from there."""
    login = RouterTarget(site, router, address, 22, "linux", ("routers",)) if router else None
    target = Target("dc-portal", HUB, router=login) if login else Target("x", address)
    return Asked(Question(site, kind, kind, target), result)


def judged(*asked: Asked) -> dict[str, tuple[TwoWay, int | None]]:
    made = province(DEVICES, S1={}, S2={}, S3={})
    found = asyncio.run(verdicts(made, asked))
    return {told.site: (told.judgement.verdict, told.judgement.hop) for told in found}


def test_what_the_hub_asks_of_the_sites_router_counts():
    assert {"S1": (TwoWay.AGENT_ONLY, None)} == judged(of("icmp_echo", WELL), of("snmp_system", DEAF))
    assert {"S1": (TwoWay.FILTERED, None)} == judged(of("icmp_echo", LOST), of("snmp_system", WELL))


def test_checks_of_another_host_say_nothing_of_the_router():
    """A dead printer behind it, or its second router, must not make the site look cut off."""
    asked = [of("icmp_echo", WELL), of("icmp_echo", LOST, R2), of("snmp_system", DEAF, R2)]

    assert {"S1": (TwoWay.OK, None)} == judged(*asked)
    assert {} == judged(of("icmp_echo", LOST, "10.27.0.77"))


def test_a_check_from_the_site_counts_where_the_judged_router_was_logged_in_to():
    assert {"S1": (TwoWay.ONE_WAY_LOSS, None)} == judged(of("icmp_echo", WELL), of("ssh_path", LOST, router="S1-R1"))
    assert {"S1": (TwoWay.OK, None)} == judged(of("icmp_echo", WELL), of("ssh_path", LOST, R2, router="S1-R2"))


def test_a_trace_that_was_just_made_is_not_made_again():
    """Nobody is asked here: the hop can come from the result alone."""
    path = Result(Verdict.CRITICAL, "ends", Reason.TIMEOUT, hops=(Hop(1, "10.27.9.1", (0.001,)), Hop(2, "", ())))

    assert {"S1": (TwoWay.DOWN_AT_HOP, 2)} == judged(of("icmp_echo", LOST), of("path_trace", path))


def test_a_way_that_ends_is_traced_and_one_that_is_open_again_has_no_hop():
    """The trace goes to loopback, which answers."""
    assert {"S2": (TwoWay.DOWN_AT_HOP, None)} == judged(of("icmp_echo", LOST, "127.0.0.1", "S2"))


def test_each_site_has_its_own_verdict_and_one_without_a_router_or_a_word_has_none():
    asked = [
        of("icmp_echo", WELL, "127.0.0.1", "S2"),
        of("icmp_echo", LOST),
        of("snmp_system", WELL),
        of("icmp_echo", LOST, "10.27.0.77", "S3"),
        of("tcp_connect", LOST, HUB, "DC1"),
    ]

    assert [("S2", (TwoWay.OK, None)), ("S1", (TwoWay.FILTERED, None))] == list(judged(*asked).items())


def told(site: str, verdict: TwoWay, hop: int | None = None) -> Told:
    return Told(site, f"Site {site}", Judgement(verdict, f"words of {site}", 1, hop))


def test_of_several_sites_those_alone_are_shown_where_something_is_amiss():
    many = [told("S1", TwoWay.OK), told("S2", TwoWay.DOWN_AT_HOP, 3), told("S3", TwoWay.ONE_WAY_LOSS)]

    assert ["S2 Site S2: down at hop 3: words of S2", "S3 Site S3: one way loss: words of S3"] == lines(many)
    assert [] == lines([told("S1", TwoWay.OK), told("S2", TwoWay.OK)])


def test_of_one_site_it_is_told_that_all_is_well():
    assert ["S1 Site S1: ok: words of S1"] == lines([told("S1", TwoWay.OK)])


def test_a_way_that_ends_nobody_knows_where_names_no_hop():
    assert ["S2 Site S2: down: words of S2"] == lines([told("S2", TwoWay.DOWN_AT_HOP)])


def test_json_has_the_verdict_in_three_fields_and_null_where_there_is_none():
    many = [told("S1", TwoWay.OK), told("S2", TwoWay.DOWN_AT_HOP, 3)]
    none = {"site_verdict": None, "site_verdict_hop": None, "site_verdict_text": None}

    expected = {"site_verdict": "down_at_hop", "site_verdict_hop": 3, "site_verdict_text": "words of S2"}
    assert expected == fields(many, "S2")
    assert none == fields(many, "S3")
