"""How the examinations of `wanmon doctor` judge what they see: plain values in, findings out."""

import shlex
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.poller.scripted import library, province
from wanmon.checks.result import Result
from wanmon.cli.frame.doctor import (
    agent,
    engine,
    keys,
    libraries,
    login,
    modes,
    naming,
    place,
    privileges,
    ready,
    storage,
    timekeeping,
)
from wanmon.cli.frame.doctor.agent import Agent, Outcome, Tried
from wanmon.cli.frame.doctor.finding import Mark, fine, problem, skipped, status, warning
from wanmon.cli.frame.doctor.subject import Subject
from wanmon.model.device import DeviceFields, DeviceRole
from wanmon.model.finding import Verdict
from wanmon.model.host_key import HostKey
from wanmon.model.reason import Reason
from wanmon.poller.jobs import DeviceIdentity, PollResult, Task
from wanmon.poller.targets import DeviceTarget
from wanmon.protocols.snmp.discovery import enterprise
from wanmon.protocols.snmp.reports import Complaint, Report, failure_of
from wanmon.protocols.snmp.types import Answer, Failure, Syntax, VarBind
from wanmon.protocols.ssh.host_key import Fingerprint

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
KEY, OTHER = Fingerprint("ssh-ed25519", "SHA256:one"), Fingerprint("ssh-ed25519", "SHA256:other")
HELD = HostKey(device="S1-R1", algorithm="ssh-ed25519", fingerprint="SHA256:one", trusted_at=NOON, trusted_by="lan")
TARGET = DeviceTarget(0, "10.27.9.9", "", DeviceRole.INNER, "10.27.9.9", 161, "snmp", ("wan",), "auto", 5, 30, 600)
STRANGER = Subject(TARGET, None)
KNOWN = Subject(
    replace(TARGET, name="S1-R1"), DeviceFields(name="S1-R1", site="S1", address="10.27.9.9", snmp="wan", ssh="routers")
)


@pytest.mark.parametrize(
    ("findings", "expected"),
    [
        ([], 0),
        ([fine("a", ""), skipped("b", "")], 0),
        ([fine("a", ""), warning("b", "", "")], 3),
        ([warning("a", "", ""), problem("b", "", "")], 1),
    ],
    ids=["nothing", "all well", "warnings", "a problem"],
)
def test_what_many_findings_come_to(findings, expected):
    assert expected == status(findings)


@pytest.mark.parametrize(
    ("bits", "barred", "verdict", "advice"),
    [
        (0o600, modes.GROUP_AND_OTHERS, Mark.OK, ""),
        (0o640, modes.GROUP_AND_OTHERS, Mark.WARNING, "chmod 0600 /x"),
        (0o644, modes.WRITABLE, Mark.OK, ""),
        (0o666, modes.WRITABLE, Mark.WARNING, "chmod 0644 /x"),
        (0o640, modes.OTHERS, Mark.OK, ""),
        (0o644, modes.OTHERS, Mark.WARNING, "chmod 0640 /x"),
        (None, modes.OTHERS, Mark.SKIPPED, ""),
    ],
)
def test_who_may_read_a_file(bits, barred, verdict, advice):
    found = modes.mode("file", Path("/x"), bits, barred)

    assert (verdict, advice) == (found.verdict, found.advice)


@pytest.mark.parametrize(
    ("kept", "verdict"),
    [
        (None, Mark.SKIPPED),
        (timekeeping.Kept(False, 16), Mark.WARNING),
        (timekeeping.Kept(True, 0.02), Mark.OK),
        (timekeeping.Kept(True, 5), Mark.WARNING),
    ],
    ids=["not told", "kept by nobody", "kept", "kept badly"],
)
def test_a_clock_that_nobody_keeps_is_told(kept, verdict):
    assert verdict is timekeeping.clock(kept).verdict


@pytest.mark.parametrize(("ago_s", "verdict"), [(None, Mark.SKIPPED), (8, Mark.OK), (-3, Mark.OK), (-60, Mark.PROBLEM)])
def test_a_heartbeat_from_the_future_was_written_by_another_clock(ago_s, verdict):
    beat = None if ago_s is None else NOON - timedelta(seconds=ago_s)

    assert verdict is storage.heartbeat(beat, NOON).verdict


@pytest.mark.parametrize(
    ("free_bytes", "verdict"), [(5 * 10**7, Mark.PROBLEM), (5 * 10**8, Mark.WARNING), (5 * 10**9, Mark.OK)]
)
def test_a_disk_is_told_before_it_is_full(free_bytes, verdict):
    assert verdict is storage.room(Path("/var/wanmon.db"), free_bytes).verdict


def test_capabilities_are_read_out_of_the_kernels_words():
    assert ["CAP_NET_RAW"] == privileges.effective("CapPrm:\t0\nCapEff:\t0000000000002000\n")
    assert [] == privileges.effective("")


@pytest.mark.parametrize(
    ("versions", "verdict", "words"),
    [
        ({"alembic": "1.20.1", "netmiko": "4.8.0"}, Mark.OK, "all 2 are within"),
        ({"alembic": "2.0", "netmiko": "4.8.0"}, Mark.PROBLEM, "alembic 2.0 is not <2,>=1.16"),
        ({"alembic": "1.16", "netmiko": "4.10rc1"}, Mark.OK, "all 2 are within"),
        ({"alembic": "1.20"}, Mark.PROBLEM, "netmiko is missing"),
    ],
    ids=["fits", "too new", "exactly the least, and a candidate", "missing"],
)
def test_a_library_outside_its_bounds_is_told(versions, verdict, words):
    wanted = ["alembic<2,>=1.16", "netmiko[par4]<5,>=4.6", "absent<1,>=0.7; sys_platform == 'plan9'", "x; extra == 'd'"]
    found = libraries.libraries(wanted, versions.get)

    assert verdict is found.verdict
    assert words in found.text


def test_names_are_taken_out_of_urls_and_targets_and_addresses_left_out():
    texts = ["https://noc.example.vn:8443/x", "", "10.27.0.1", "http://[fd00::1]/", "portal.example.vn", "http://[bad"]

    assert ["noc.example.vn", "portal.example.vn"] == naming.hosts(texts)


def test_credentials_that_are_missing_are_problems_and_unused_ones_are_warnings():
    found = keys.used("snmp", ["wan", "old"], ["wan", "core", "core"])

    assert [(Mark.PROBLEM, "snmp.core is named by 2 devices and is not in secrets.toml")] == [
        (each.verdict, each.text) for each in found[:1]
    ]
    assert [(Mark.WARNING, "snmp.old is used by no device")] == [(each.verdict, each.text) for each in found[1:]]


ENGINES = {
    "net-snmp, its own format": ("80001f8804706f6c", 8072),
    "Cisco": ("800000090300aabbccddee01", 9),
    "before SNMPv3 had a format": ("000000090a1b010100000000", 9),
    "too short": ("80001f88", None),
    "no enterprise": ("8000000001", None),
    "too long": ("80001f88" + "00" * 29, None),
}


@pytest.mark.parametrize(("engine_id", "number"), ENGINES.values(), ids=ENGINES)
def test_the_maker_of_an_engine_is_in_its_id(engine_id, number):
    assert number == enterprise(bytes.fromhex(engine_id))


def test_an_engine_tells_an_agent_from_silence_without_any_secret():
    report = Report(Complaint.ENGINE, bytes.fromhex("8000000903"), 7, 86_400, is_authentic=False)
    found = engine.judge(report, library(), NOON)

    assert Mark.OK is found.verdict
    assert "Cisco (enterprise 9)" in found.text
    assert "up 1 d, since 2026-03-01 19:00:00, 7 boots" in found.text
    assert Mark.SKIPPED is engine.judge(Failure(Reason.TIMEOUT, ""), library(), NOON).verdict


def answered(complaint: Complaint) -> Tried:
    failure = failure_of(complaint)
    return agent.told("core", "3", Answer((), failure.reason, failure.detail, failure.was_heard))


@pytest.mark.parametrize(
    ("complaint", "line"),
    [
        (Complaint.USER, "`user`"),
        (Complaint.DIGEST, "`auth`"),
        (Complaint.DECRYPTION, "`priv`"),
        (Complaint.LEVEL, "at another level"),
        (Complaint.CONTEXT, "`context`"),
        (Complaint.TIME, "clock does not hold"),
    ],
)
def test_the_wrong_parameter_of_a_v3_user_is_named(complaint, line):
    (found,) = agent.judge(Agent((answered(complaint),)), is_alive=True)

    assert Mark.PROBLEM is found.verdict
    assert line in found.advice


def test_a_refused_credential_beside_one_that_is_taken_is_a_warning():
    took = agent.told("new", "3", Answer((VarBind((1, 3), Syntax.INTEGER, 1),)))
    refused, taken = agent.judge(Agent((answered(Complaint.USER), took)), is_alive=True)

    assert (Mark.WARNING, Mark.OK) == (refused.verdict, taken.verdict)


@pytest.mark.parametrize(
    ("is_alive", "advice"), [(True, "access list"), (False, "bring the line and the device up")], ids=["lives", "dead"]
)
def test_silence_to_every_credential_is_judged_by_what_else_answers(is_alive, advice):
    silent = Tried("wan", "2c", Outcome.SILENT, "timeout")

    assert advice in agent.judge(Agent((silent,)), is_alive=is_alive)[-1].advice


def test_an_echo_that_is_filtered_is_no_reason_to_call_a_device_down():
    silence = problem("echo", "0 of 5 echoes answered", "")

    assert Mark.WARNING is place.filtered(silence).verdict
    assert "--liveness snmp" in place.filtered(silence).advice


@pytest.mark.parametrize(
    ("subject", "shown", "held", "verdict"),
    [
        (KNOWN, KEY, HELD, Mark.OK),
        (KNOWN, KEY, None, Mark.WARNING),
        (KNOWN, OTHER, HELD, Mark.PROBLEM),
        (STRANGER, KEY, None, Mark.OK),
    ],
    ids=["trusted", "trusted by nobody", "another key", "a stranger"],
)
def test_a_host_key_is_compared_with_the_trusted_one(subject, shown, held, verdict):
    assert verdict is login.judge(subject, shown, "SSH-2.0-Cisco-1.25", held).verdict


def test_a_check_that_could_not_be_made_says_nothing_of_the_device():
    from wanmon.cli.frame.doctor import reaching

    result = Result(Verdict.UNKNOWN, "echo is forbidden", Reason.LOCAL)

    assert Mark.SKIPPED is reaching.judge("echo", "icmp_echo", result).verdict


def polled(system_name: str = "", profile: str = "mikrotik-routeros") -> PollResult:
    return PollResult(Task.FAST, 0.1, profile=profile, identity=DeviceIdentity(system_name=system_name))


def commands(subject=STRANGER, name="", interface="ether1", is_filtered=False, took="wan"):
    here = province([], S1={})
    return ready.commands(here, subject, took, polled(name), interface, is_filtered=is_filtered)


def test_a_stranger_is_added_by_one_line_and_its_circuit_bound_by_another():
    assert [
        "wanmon device add S1-R1 --site S1 --address 10.27.9.9 --snmp wan --profile mikrotik-routeros",
        "wanmon circuit set S1/1 --device S1-R1 --interface ether1",
    ] == commands(name="s1-r1")


def test_what_nobody_told_is_left_for_the_person_to_fill_in():
    assert "wanmon device add NAME --site SITE" in commands()[0]
    assert "--snmp CREDENTIAL" in commands(took="given")[0]
    assert "--liveness snmp" in commands(is_filtered=True)[0]


HOSTILE = ["'; reboot; '", "$(reboot)", "`reboot`", "S1-R1 --site S2", "S1-R1\nreboot", "-rf", "x" * 60, "\u202eS1"]


@pytest.mark.parametrize("text", HOSTILE)
def test_whatever_a_device_calls_itself_the_command_has_our_words_alone(text):
    """A name from the wire that a person pastes into a shell must be a name of ours, or not be there."""
    lines = commands(name=text, interface=text)

    assert ["wanmon", "device", "add", "NAME", "--site", "SITE"] == shlex.split(lines[0])[:6]
    for line in lines[1:]:
        words = shlex.split(line)
        assert ["wanmon", "circuit", "set", "CIRCUIT", "--device", "NAME", "--interface", text] == words
        assert 1 == len(line.splitlines())


def test_a_device_that_takes_its_second_credential_first_gets_it_put_first():
    device = DeviceFields(name="S1-R1", site="S1", address="10.27.9.9", snmp="old,wan")

    assert ["wanmon device set S1-R1 --snmp wan,old"] == commands(replace(KNOWN, device=device), interface="")


def test_nothing_is_proposed_for_a_device_that_is_as_it_should_be():
    assert [] == commands(KNOWN, interface="")
