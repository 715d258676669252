"""`check run --plugin` as a monitoring system reads it: one line and a status it knows, whatever happens.

The reader below is our own, after the Monitoring Plugins Development Guidelines, and knows nothing of the writer.
"""

import json
import re
from dataclasses import dataclass, field

import pytest

from wanmon.checks.registry import names
from wanmon.checks.result import Measure, Result, Target, loss, rtt
from wanmon.cli.frame import check_run, plugin
from wanmon.cli.frame.checking import Asked
from wanmon.model.change import Action
from wanmon.model.finding import Verdict
from wanmon.model.inventory import NOUN, Edit
from wanmon.model.reason import Reason
from wanmon.poller.checking.questions import Question
from wanmon.store import inventory as store
from wanmon.store.database import Database

STATES = {"OK": 0, "WARNING": 1, "CRITICAL": 2, "UNKNOWN": 3}
NUMBER = r"-?[0-9]+(?:\.[0-9]+)?"
RANGE = rf"(?:@?(?:{NUMBER}:)?(?:{NUMBER})?)"
DATUM = rf"'([^'=|]+)'=({NUMBER})(s|%|B|c)?(?:;({RANGE}))?(?:;({RANGE}))?(?:;({NUMBER})?)?(?:;({NUMBER})?)?"
LINE = re.compile(rf"WAN (OK|WARNING|CRITICAL|UNKNOWN) - ([^|\x00-\x1f\x7f]+?)(?: \| ({DATUM}(?: {DATUM})*))?")


@dataclass(frozen=True)
class Read:
    """What a monitoring system makes of it."""

    state: str
    text: str
    data: dict[str, tuple[str, ...]] = field(default_factory=dict)


def read(out: str, status: int) -> Read:
    """Exactly one line, which agrees with the status, and no label twice."""
    assert out.endswith("\n")
    assert 1 == len(out.splitlines())
    match = LINE.fullmatch(out.removesuffix("\n"))
    assert match, out
    assert STATES[match[1]] == status
    found = re.findall(DATUM, match[3] or "")
    assert len(found) == len({label for label, *_ in found})
    return Read(match[1], match[2], {label: tuple(rest) for label, *rest in found})


def told(*many: tuple[str, Result], site: str = "BN-0001") -> Read:
    asked = [Asked(Question(site, code, "icmp_echo", Target("BN-0001-R1", "127.0.0.1")), made) for code, made in many]
    line, status = plugin.told(asked)
    return read(line + "\n", status)


def ok(*measures: Measure, text: str = "5 of 5 echoes answered") -> Result:
    return Result(Verdict.OK, text, measures=measures)


def test_the_line_of_the_contract():
    found = told(("echo", ok(rtt(0.012, 0.1, 0.2), loss(0.0, 0.05, 0.2))))

    assert (
        Read(
            "OK",
            "5 of 5 echoes answered",
            {"rtt": ("0.012", "s", "0.1", "0.2", "0", ""), "loss": ("0", "%", "5", "20", "0", "100")},
        )
        == found
    )
    assert (
        "WAN OK - x | 'rtt'=0.012s;0.1;0.2;0 'loss'=0%;5;20;0;100"
        == plugin.told(
            [Asked(Question("S", "c", "k", Target("t", "")), ok(rtt(0.012, 0.1, 0.2), loss(0.0, 0.05, 0.2), text="x"))]
        )[0]
    )


def test_of_several_checks_the_worst_decides_and_their_labels_stay_apart():
    bad = Result(Verdict.CRITICAL, "no answer", Reason.TIMEOUT, measures=(loss(1.0),))
    found = told(
        ("echo", ok(rtt(0.01))), ("snmp", Result(Verdict.UNKNOWN, "no credential", Reason.LOCAL)), ("far", bad)
    )

    assert ("CRITICAL", "far: no answer; snmp: no credential") == (found.state, found.text)
    assert {"echo.rtt", "far.loss"} == found.data.keys()
    assert "2 checks ok" == told(("a", ok()), ("b", ok())).text


@pytest.mark.parametrize(
    ("verdicts", "state"),
    [
        ((Verdict.OK, Verdict.UNKNOWN), "UNKNOWN"),
        ((Verdict.UNKNOWN, Verdict.WARNING), "WARNING"),
        ((Verdict.WARNING, Verdict.CRITICAL), "CRITICAL"),
    ],
)
def test_what_we_could_not_tell_is_less_bad_than_what_is_wrong(verdicts, state):
    assert state == told(*((f"c{n}", Result(verdict, "x", None)) for n, verdict in enumerate(verdicts))).state


def test_two_devices_of_one_check_and_two_sites_have_labels_of_their_own():
    asked = [
        Asked(Question(site, "echo", "icmp_echo", Target(target, "127.0.0.1")), ok(rtt(0.01)))
        for site, target in (("BN-1", "A"), ("BN-1", "B"), ("BN-2", "A"))
    ]
    line, status = plugin.told(asked)

    assert {"BN-1.echo.A.rtt", "BN-1.echo.B.rtt", "BN-2.echo.rtt"} == read(line + "\n", status).data.keys()


@pytest.mark.parametrize(
    "text", ["a|b", "two\nlines", "\x1b[31mred\x1b[0m", "", " | ", "x" * 9000, "Cổng\u2028dịch vụ"]
)
def test_no_text_breaks_the_line(text):
    """It comes from routers, from certificates, from web servers."""
    assert "OK" == told(("echo", ok(rtt(0.1), text=text))).state


@pytest.mark.parametrize(
    ("measure", "datum"),
    [
        (Measure("days", 12.0, "", 14, 3), ("12", "", "14:", "3:", "", "")),
        (Measure("mtu", 1500, "B"), ("1500", "B", "", "", "", "")),
        (Measure("rtt", 1e-9, "s"), ("0", "s", "", "", "", "")),
        (Measure("rtt", 1e22, "s", maximum=float("inf")), ("10000000000000000000000", "s", "", "", "", "")),
        (Measure("x", -0.0, "ell", None, 5), ("0", "", "", "5", "", "")),
    ],
    ids=["a floor", "bytes", "tiny", "huge", "an odd unit"],
)
def test_numbers_are_plain_digits(measure, datum):
    assert [datum] == list(told(("c", ok(measure))).data.values())


def test_a_measure_without_a_number_is_left_out_and_a_label_keeps_to_its_letters():
    odd = ok(Measure("a'=b c|d", 1), Measure("nan", float("nan")))

    assert ["a__b_c_d"] == list(told(("c", odd)).data)


@pytest.fixture
def every_kind(province, noon):
    """One check of each kind for BN-0001, about this machine."""
    add = {"site": "BN-0001", "site_class": None, "target": "127.0.0.1", "interval_s": 60, "params": "{}"}
    edits = [
        Edit(Action.ADD, NOUN["check"], f"a-{name}", {**add, "code": f"a-{name}", "kind": name}) for name in names()
    ]
    database = Database.open("sqlite:///var/wanmon.db")
    with database.write() as session:
        store.apply(session, edits, author="Nam", origin="", command="test", reason="", at=noon)
        inventory = store.load(session)
        old = [Edit(Action.REMOVE, NOUN["check"], code, {}) for code in inventory.checks if not code.startswith("a-")]
        store.apply(session, old, author="Nam", origin="", command="test", reason="", at=noon)
    database.close()


@pytest.mark.parametrize("kind", names())
def test_every_kind_obeys(wanmon, every_kind, kind, monkeypatch):
    monkeypatch.setattr(check_run, "DEADLINE_S", 2.0)
    ended = wanmon("check", "run", "BN-0001", "--kind", kind, "--plugin")

    assert read(ended.out, ended.status).text


def test_a_kind_that_crashes_is_unknown(wanmon, every_kind, monkeypatch):
    async def broken(*_, **__):
        raise RuntimeError("a | b\nc")

    monkeypatch.setattr("wanmon.checks.tcp_connect.run", broken)
    ended = wanmon("check", "run", "BN-0001", "--kind", "tcp_connect", "--plugin")

    assert "internal error (RuntimeError): see the log" == read(ended.out, ended.status).text


RUN = ("check", "run")


@pytest.mark.parametrize(
    "words",
    [
        (*RUN, "BN-9999"), (*RUN,), (*RUN, "--all"), (*RUN, "BN-0001", "--watch"), (*RUN, "BN-0001", "-o", "json"),
        (*RUN, "BN-0001", "--kind", "icmp"), (*RUN, "BN-0001", "--colour"), (*RUN, "Ninh"), (*RUN, "BN-0001\n|x"),
        (*RUN, "BN-0001", "-o", "xml"), (*RUN, "BN-0001", "--every"), ("--config", "not-there.toml", *RUN, "BN-0001"),
    ],
    ids=" ".join,
)  # fmt: skip
def test_wrong_usage_is_unknown_in_one_line(wanmon, province, words):
    ended = wanmon(*words, "--plugin")

    assert ("UNKNOWN", "") == (read(ended.out, ended.status).state, ended.err)


def test_without_configuration_or_database_it_is_unknown(wanmon, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    without = wanmon("check", "run", "BN-0001", "--plugin")
    (tmp_path / "wanmon.toml").write_text('databas = "x"\nlisten = 7\n', encoding="utf-8")
    broken = wanmon("check", "run", "BN-0001", "--plugin")

    assert "no configuration found" in read(without.out, without.status).text
    assert "databas" in read(broken.out, broken.status).text


def test_a_crash_of_our_own_is_unknown(wanmon, province, monkeypatch):
    def broken(*_, **__):
        raise MemoryError("too\nmuch | of it")

    monkeypatch.setattr("wanmon.cli.check._questions", broken)
    ended = wanmon("check", "run", "BN-0001", "--plugin")

    assert read(ended.out, ended.status).text.startswith("internal error: MemoryError: too")


def test_an_interruption_is_unknown(wanmon, province, monkeypatch):
    def broken(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("wanmon.cli.check._questions", broken)
    ended = wanmon("check", "run", "BN-0001", "--plugin")

    assert ("UNKNOWN", "it was broken off") == (read(ended.out, ended.status).state, read(ended.out, ended.status).text)


def test_other_commands_end_as_ever(wanmon, province):
    """Only `check run --plugin` speaks to a monitoring system."""
    assert (2, "") == (wanmon("check", "list", "--plugin").status, wanmon("check", "list", "--plugin").out)
    assert [] == json.loads(wanmon("outage", "list", "-o", "json").out)
