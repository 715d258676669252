"""A recording played: as recorded at first, and then only what would move moves."""

import asyncio
from itertools import pairwise

import pytest

from tests.lab.conftest import AUTH_PASSWORD, COMMUNITY, PRIV_PASSWORD, Bench, credential
from wanmon.errors import WanmonError
from wanmon.lab.agent import Agent
from wanmon.lab.agents import AgentFarm
from wanmon.lab.faults import Fault, FaultKind
from wanmon.lab.replay import Recording, ReplayedDevice
from wanmon.lab.timeline import Timeline
from wanmon.protocols.snmp.types import Syntax

SYS_UP_TIME, HR_UPTIME = (1, 3, 6, 1, 2, 1, 1, 3, 0), (1, 3, 6, 1, 2, 1, 25, 1, 1, 0)
IF, IFX = (1, 3, 6, 1, 2, 1, 2, 2, 1), (1, 3, 6, 1, 2, 1, 31, 1, 1, 1)
OPER, LAST_CHANGE = (*IF, 8), (*IF, 9)
IN_OCTETS, HC_IN_OCTETS, IN_PACKETS, DISCONTINUITY = (*IF, 10), (*IFX, 6), (*IF, 11), (*IFX, 19)
NOON_MS = 1_772_452_800_000  # 2026-03-02, a Monday, 19:00 in Vietnam
HOUR_MS = 3_600_000

WALK = {
    (1, 0, 8802, 1, 1, 2, 1, 3, 3, 0): (Syntax.OCTET_STRING, b"BN-0001"),
    (1, 3, 6, 1, 2, 1, 1, 2, 0): (Syntax.OBJECT_IDENTIFIER, (1, 3, 6, 1, 4, 1, 9)),
    SYS_UP_TIME: (Syntax.TIMETICKS, 500_000),
    (1, 3, 6, 1, 2, 1, 1, 8, 0): (Syntax.TIMETICKS, 77),
    (*IF, 2, 7): (Syntax.OCTET_STRING, b"Fa0/7"),
    (*IF, 2, 9): (Syntax.OCTET_STRING, b"Fa0/7"),
    (*IF, 5, 7): (Syntax.GAUGE32, 100_000_000),
    (*OPER, 7): (Syntax.INTEGER, 1),
    (*OPER, 9): (Syntax.INTEGER, 2),
    (*OPER, 11): (Syntax.INTEGER, 6),
    (*LAST_CHANGE, 7): (Syntax.TIMETICKS, 1_000),
    (*IN_OCTETS, 7): (Syntax.COUNTER32, 2**32 - 1_000),
    (*IN_OCTETS, 9): (Syntax.COUNTER32, 5),
    (*IN_PACKETS, 7): (Syntax.COUNTER32, 3),
    (1, 3, 6, 1, 2, 1, 4, 20, 1, 1, 10, 27, 0, 1): (Syntax.IP_ADDRESS, b"\x0a\x1b\x00\x01"),
    HR_UPTIME: (Syntax.TIMETICKS, 600_000),
    (*HC_IN_OCTETS, 7): (Syntax.COUNTER64, 2**40),
    (*DISCONTINUITY, 7): (Syntax.TIMETICKS, 0),
    (1, 3, 6, 1, 4, 1, 2021, 10, 1, 6, 1): (Syntax.OPAQUE, b"\x9f\x78\x04\x41\x20\x00\x00"),
    (1, 3, 6, 1, 4, 1, 9999, 1, 0): (Syntax.NULL, None),
    (1, 3, 6, 1, 4, 1, 9999, 2, 0): (Syntax.COUNTER32, 8),
}


def device(at_ms=NOON_MS, *, moving=True, seed=0):
    return ReplayedDevice(Recording("sw", "127.28.0.1", 1161, WALK, moving), seed, at_ms)


def shown(played, at_ms):
    return {each.oid: (each.syntax, each.value(at_ms)) for each in played.store.instances}


def value(played, oid, at_ms):
    return played.store.get(oid).value(at_ms)


@pytest.mark.parametrize("moving", [True, False], ids=["moving", "still"])
def test_at_first_everything_is_as_recorded(moving):
    assert list(WALK.items()) == list(shown(device(moving=moving), NOON_MS).items())


def test_what_stands_still_never_moves():
    assert WALK == shown(device(moving=False), NOON_MS + HOUR_MS)


def test_only_what_would_move_moves():
    later = shown(device(), NOON_MS + HOUR_MS)

    assert {SYS_UP_TIME, HR_UPTIME, (*IN_OCTETS, 7), (*IN_PACKETS, 7), (*HC_IN_OCTETS, 7)} == {
        oid for oid in WALK if WALK[oid] != later[oid]
    }


def test_the_uptimes_run_on_and_wrap():
    played = device()
    around_ms = NOON_MS + 10 * (2**32 - 500_000 + 50)

    assert [500_000 + 360_000, 600_000 + 360_000] == [
        value(played, oid, NOON_MS + HOUR_MS) for oid in (SYS_UP_TIME, HR_UPTIME)
    ]
    assert [50, 100_050] == [value(played, oid, around_ms) for oid in (SYS_UP_TIME, HR_UPTIME)]


def test_counters_of_both_widths_count_the_same_and_wrap_at_their_own():
    played = device()
    grown = value(played, (*HC_IN_OCTETS, 7), NOON_MS + HOUR_MS) - 2**40

    assert grown > 1_000
    assert (2**32 - 1_000 + grown) % 2**32 == value(played, (*IN_OCTETS, 7), NOON_MS + HOUR_MS)


@pytest.mark.parametrize("seed", range(5))
def test_a_port_never_carries_more_than_it_can(seed):
    played = device(seed=seed)
    octets = [value(played, (*HC_IN_OCTETS, 7), NOON_MS + step * 30_000) for step in range(2_880)]

    assert all(0 < after - before <= 30 * 100_000_000 // 8 for before, after in pairwise(octets))


def test_another_seed_is_another_traffic():
    at_ms = NOON_MS + HOUR_MS

    assert shown(device(seed=1), at_ms) == shown(device(seed=1), at_ms)
    assert shown(device(seed=1), at_ms) != shown(device(seed=2), at_ms)


def test_ports_are_called_by_name_else_description_else_index():
    assert ("Fa0/7", "Fa0/7@9", "if11") == device().port_names


def agent(clock, *, moving=True):
    return Agent(Recording("sw", "127.28.0.1", 1161, WALK, moving), [], 0, Timeline(clock))


def test_a_port_taken_down_says_so_and_counts_no_more(hand_clock):
    played = agent(hand_clock)
    at_ms = Timeline(hand_clock).at_ms()
    hand_clock.move(60)
    played.set_faults([Fault(FaultKind.PORT_DOWN, port="Fa0/7")])
    standing = value(played.device, (*HC_IN_OCTETS, 7), at_ms + 60_000)

    assert (2, 506_000, standing) == tuple(
        value(played.device, (*column, 7), at_ms + HOUR_MS) for column in (OPER, LAST_CHANGE, HC_IN_OCTETS)
    )

    hand_clock.move(60)
    played.set_faults([])

    assert (1, 512_000) == tuple(value(played.device, (*column, 7), at_ms + HOUR_MS) for column in (OPER, LAST_CHANGE))
    assert standing < value(played.device, (*HC_IN_OCTETS, 7), at_ms + HOUR_MS)
    assert (2, 6) == tuple(value(played.device, (*OPER, index), at_ms + HOUR_MS) for index in (9, 11))


def test_a_machine_that_starts_anew_counts_from_zero(hand_clock):
    played = agent(hand_clock)
    at_ms = Timeline(hand_clock).at_ms()
    hand_clock.move(60)
    played.set_faults([Fault(FaultKind.REBOOTED)])
    told = [value(played.device, oid, at_ms + 60_000) for oid in (SYS_UP_TIME, HR_UPTIME)]

    assert [0, 2_000] == told
    assert [0, 0, 0, 0] == [
        value(played.device, (*column, 7), at_ms + 60_000)
        for column in (IN_OCTETS, HC_IN_OCTETS, LAST_CHANGE, DISCONTINUITY)
    ]
    assert at_ms + 60_000 == played.device.booted_at_ms


def test_counters_set_to_zero_are_said_to_be(hand_clock):
    played = agent(hand_clock)
    at_ms = Timeline(hand_clock).at_ms()
    played.set_faults([Fault(FaultKind.COUNTERS_RESET)])

    assert [0, 0, 500_000, 1_000] == [
        value(played.device, (*column, 7), at_ms) for column in (IN_OCTETS, HC_IN_OCTETS, DISCONTINUITY, LAST_CHANGE)
    ]


@pytest.mark.parametrize(
    ("kind", "moving"),
    [
        (FaultKind.IFINDEX_SHUFFLED, True),
        (FaultKind.REBOOTED, False),
        (FaultKind.COUNTERS_RESET, False),
        (FaultKind.PORT_DOWN, False),
    ],
)
def test_what_cannot_befall_a_recording_is_refused(hand_clock, kind, moving):
    fault = Fault(kind, port="Fa0/7" if kind is FaultKind.PORT_DOWN else "")
    with pytest.raises(WanmonError, match=f"sw: {kind} cannot befall"):
        agent(hand_clock, moving=moving).set_faults([fault])


def test_a_control_file_that_asks_for_it_is_not_taken(hand_clock, tmp_path, free_udp_port):
    """One device that cannot must not end the watch over all the others."""
    file = tmp_path / "faults.yaml"
    file.write_text("sw: [silent, ifindex_shuffled]\n", encoding="utf-8")

    async def live():
        parts = [Recording("sw", "127.28.0.1", free_udp_port, WALK)]
        farm = AgentFarm(parts, [], hand_clock, control_file=file)
        await farm.start()
        await farm.close()
        return farm.agents["sw"].faults

    assert () == asyncio.run(live())


HIDDEN = ("-A", AUTH_PASSWORD, "-X", PRIV_PASSWORD)
LOGINS = {
    "v1": ("-v1", "-c", COMMUNITY),
    "v2c": ("-v2c", "-c", COMMUNITY),
    "v3": ("-v3", "-l", "authPriv", "-u", "strong", "-a", "SHA-256", "-x", "AES", *HIDDEN),
}


@pytest.mark.real
@pytest.mark.parametrize("version", LOGINS)
def test_net_snmp_reads_a_recording_in_every_version(hand_clock, free_udp_port, need, user, version):
    """The one Counter64 is not for SNMPv1."""

    async def live():
        accepted = [credential(version="2c", community=COMMUNITY), user("strong", "SHA-256", "AES-128")]
        farm = AgentFarm([Recording("sw", "127.27.0.1", free_udp_port, WALK)], accepted, hand_clock)
        await farm.start()
        try:
            program = "snmpwalk" if version == "v1" else "snmpbulkwalk"
            return await Bench(farm, hand_clock, free_udp_port, need).run(
                program, "-Oent", "-Ox", "-Cc", "1", login=LOGINS[version]
            )
        finally:
            await farm.close()

    status, said = asyncio.run(live())
    rows = dict(line.split(" = ", 1) for line in said.splitlines() if " = No more" not in line and " = " in line)

    assert 0 == status, said
    assert [
        "." + ".".join(map(str, oid)) for oid, (s, _) in WALK.items() if version != "v1" or s != Syntax.COUNTER64
    ] == list(rows)
    assert "IpAddress: 10.27.0.1" == rows[".1.3.6.1.2.1.4.20.1.1.10.27.0.1"]
    assert "Opaque: Float: 10.000000" == rows[".1.3.6.1.4.1.2021.10.1.6.1"]
    assert "NULL" == rows[".1.3.6.1.4.1.9999.1.0"]
    assert "500000" == rows[".1.3.6.1.2.1.1.3.0"]
    assert "Counter32: 4294966296" == rows[".1.3.6.1.2.1.2.2.1.10.7"]
