"""The farm as net-snmp's tools see it, and the life of its process."""

import asyncio
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from wanmon.errors import WanmonError
from wanmon.lab.agents import AgentFarm
from wanmon.lab.faults import Fault, FaultKind
from wanmon.lab.spec import AgentSpec

COMMUNITY = "lab-community"
UPTIME = "1.3.6.1.2.1.1.3.0"
NAME = "1.3.6.1.2.1.1.5.0"
IF_TABLE = "1.3.6.1.2.1.2.2"
IF_NAME = "1.3.6.1.2.1.31.1.1.1.1"
IN_OCTETS = "1.3.6.1.2.1.31.1.1.1.6.2"
OPER_STATUS = "1.3.6.1.2.1.2.2.1.8.2"
WHO = "BN-0001-R1"
HIDDEN = ("-A", "authentic-lab", "-X", "private-lab")
V3 = ("-v3", "-l", "authPriv", "-u", "strong", "-a", "SHA-256", "-x", "AES", *HIDDEN)

real = pytest.mark.real


def rows(said):
    return [
        line.partition(" = ")[0] for line in said.splitlines() if " = No more" not in line and "End of MIB" not in line
    ]


def arcs(name):
    return tuple(int(arc) for arc in name.strip(".").split("."))


@real
def test_every_agent_answers_for_its_own_device(with_farm):
    async def conversation(bench):
        told = [await bench.value(NAME, agent=number) for number in (1, 2, 3)]

        assert ['STRING: "BN-0001-R1"', 'STRING: "BN-0002-R1"', 'STRING: "BN-0003-R1"'] == told

    with_farm(conversation)


@real
@pytest.mark.parametrize(
    ("program", "login", "hidden"),
    [
        ("snmpbulkwalk", ("-v2c", "-c", COMMUNITY), 0),
        ("snmpwalk", ("-v2c", "-c", COMMUNITY), 0),
        ("snmpwalk", ("-v1", "-c", COMMUNITY), 8 * 4),
        ("snmpbulkwalk", V3, 0),
    ],
    ids=["v2c bulk", "v2c next", "v1 next", "v3 bulk"],
)
def test_a_walk_is_ordered_and_complete(with_farm, user, program, login, hidden):
    """SNMPv1 cannot show the eight Counter64 columns of the four ports."""

    async def conversation(bench):
        status, said = await bench.run(program, "1", login=login)
        names = [arcs(name) for name in rows(said)]

        assert 0 == status
        assert sorted(set(names)) == names
        assert len(bench.farm.agents[WHO].device.store.instances) - hidden == len(names)

    with_farm(conversation, [user("strong", "SHA-256", "AES-128")])


@real
def test_what_is_not_there_is_said_to_be_missing(with_farm):
    async def conversation(bench):
        assert "No Such Instance" in (await bench.run("snmpget", f"{IF_TABLE}.1.2.99"))[1]
        assert "No Such Object" in (await bench.run("snmpget", f"{IF_TABLE}.1.99.1"))[1]
        assert "No more variables left" in (await bench.run("snmpgetnext", "1.3.7"))[1]

    with_farm(conversation)


@real
def test_a_getbulk_asks_non_repeaters_once(with_farm):
    async def conversation(bench):
        _, said = await bench.run("snmpbulkget", "-Cn1", "-Cr3", "1.3.6.1.2.1.1.3", IF_NAME, f"{IF_TABLE}.1.2")
        expected = [UPTIME, *(f"{column}.{row}" for row in (1, 2, 3) for column in (IF_NAME, f"{IF_TABLE}.1.2"))]

        assert [f".{name}" for name in expected] == rows(said)

    with_farm(conversation)


@real
@pytest.mark.parametrize(
    ("login", "reason"),
    [(("-v2c", "-c", COMMUNITY), "notWritable"), (("-v1", "-c", COMMUNITY), "noSuchName"), (V3, "notWritable")],
    ids=["v2c", "v1", "v3"],
)
def test_nothing_can_be_set(with_farm, user, login, reason):
    async def conversation(bench):
        status, said = await bench.run("snmpset", NAME, "s", "owned", login=login)

        assert status != 0
        assert reason in said
        assert f'STRING: "{WHO}"' == await bench.value(NAME)

    with_farm(conversation, [user("strong", "SHA-256", "AES-128")])


@real
def test_counters_and_uptime_rise_with_the_clock(with_farm):
    async def conversation(bench):
        octets, uptime = await bench.number(IN_OCTETS), await bench.number(UPTIME)

        assert octets == await bench.number(IN_OCTETS)

        bench.clock.move(30)

        assert uptime + 3_000 == await bench.number(UPTIME)
        assert 0 < await bench.number(IN_OCTETS) - octets <= 30 * 100_000_000 // 8

    with_farm(conversation)


@real
def test_a_wrong_community_meets_silence(with_farm):
    async def conversation(bench):
        _, said = await bench.run("snmpget", NAME, login=("-v2c", "-c", "public"), patience_s=0.3)

        assert "Timeout" in said

    with_farm(conversation)


@real
@pytest.mark.parametrize(
    ("auth", "priv", "options"),
    [
        (None, None, ("-l", "noAuthNoPriv")),
        ("MD5", None, ("-l", "authNoPriv", "-a", "MD5")),
        ("SHA", "DES", ("-l", "authPriv", "-a", "SHA", "-x", "DES")),
        ("SHA-224", "AES-192", ("-l", "authPriv", "-a", "SHA-224", "-x", "AES-192-C")),
        ("SHA-256", "AES-128", ("-l", "authPriv", "-a", "SHA-256", "-x", "AES")),
        ("SHA-384", "AES-256", ("-l", "authPriv", "-a", "SHA-384", "-x", "AES-256")),
        ("SHA-512", "AES-256", ("-l", "authPriv", "-a", "SHA-512", "-x", "AES-256")),
        ("SHA", "AES-256", ("-l", "authPriv", "-a", "SHA", "-x", "AES-256-C")),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, tuple) else str(value),
)
def test_v3_speaks_every_protocol_of_a_credential(with_farm, user, auth, priv, options):
    """SHA with AES-256 needs a key longer than the digest: extended as Cisco does."""

    async def conversation(bench):
        assert f'STRING: "{WHO}"' == await bench.value(NAME, login=("-v3", "-u", "someone", *options, *HIDDEN))

    with_farm(conversation, [user("someone", auth, priv)])


@real
@pytest.mark.parametrize(
    ("login", "said"),
    [
        (("-v3", "-u", "nobody", "-l", "authPriv", "-a", "SHA-256", "-x", "AES", *HIDDEN), "Unknown user name"),
        ((*V3, "-A", "not-this-one"), "Authentication failure"),
        (("-v3", "-u", "strong", "-l", "noAuthNoPriv"), "Unsupported security level"),
        (("-v3", "-u", "strong", "-l", "authNoPriv", "-a", "SHA-256", *HIDDEN), "Unsupported security level"),
    ],
    ids=["user", "password", "no authentication", "no privacy"],
)  # fmt: skip
def test_a_wrong_v3_login_is_reported(with_farm, user, login, said):
    async def conversation(bench):
        assert said in (await bench.run("snmpget", NAME, login=login))[1]

    with_farm(conversation, [user("strong", "SHA-256", "AES-128")])


@real
def test_agents_have_engine_ids_of_their_own_and_say_the_same_in_v3(with_farm, user):
    async def conversation(bench):
        for number in (1, 2, 3):
            assert await bench.value(IN_OCTETS, agent=number) == await bench.value(IN_OCTETS, agent=number, login=V3)
            assert "No Such Instance" in (await bench.run("snmpget", f"{IF_TABLE}.1.2.99", agent=number, login=V3))[1]

    with_farm(conversation, [user("strong", "SHA-256", "AES-128")])


@real
@pytest.mark.parametrize("login", [("-v2c", "-c", COMMUNITY), V3], ids=["v2c", "v3"])
def test_a_silent_agent_says_nothing_and_its_neighbours_go_on(with_farm, user, login):
    async def conversation(bench):
        bench.farm.set_fault(WHO, Fault(FaultKind.SILENT))

        assert "imeout" in (await bench.run("snmpget", NAME, patience_s=0.3, login=login))[1]
        assert 'STRING: "BN-0002-R1"' == await bench.value(NAME, agent=2, login=login)

        bench.farm.set_fault(WHO)

        assert f'STRING: "{WHO}"' == await bench.value(NAME, login=login)

    with_farm(conversation, [user("strong", "SHA-256", "AES-128")])


@real
def test_a_slow_agent_answers_late_and_holds_up_nobody(with_farm):
    async def conversation(bench):
        loop = asyncio.get_running_loop()
        bench.farm.set_fault(WHO, Fault(FaultKind.SLOW, delay_s=0.05))
        began = loop.time()
        slow = asyncio.create_task(bench.value(NAME))
        assert 'STRING: "BN-0002-R1"' == await bench.value(NAME, agent=2)

        assert f'STRING: "{WHO}"' == await slow
        assert loop.time() - began >= 0.05

        bench.farm.set_fault(WHO, Fault(FaultKind.SLOW, delay_s=3_000))

        assert "Timeout" in (await bench.run("snmpget", NAME, patience_s=0.3))[1]

    with_farm(conversation)


@real
def test_a_rebooted_agent_starts_uptime_counters_and_engine_anew(with_farm, user):
    """The engine's boots must grow, or a v3 poller would take the new engine for a replay of the old."""

    async def conversation(bench):
        await bench.value(UPTIME, login=V3)
        bench.farm.set_fault(WHO, Fault(FaultKind.REBOOTED))
        bench.clock.move(2)

        assert 200 == await bench.number(UPTIME)
        assert 200 == await bench.number(UPTIME, login=V3)
        assert await bench.number(IN_OCTETS) < 2 * 100_000_000 // 8

        bench.farm.set_fault(WHO, Fault(FaultKind.REBOOTED))

        assert 200 == await bench.number(UPTIME)

    with_farm(conversation, [user("strong", "SHA-256", "AES-128")])


@real
def test_reset_counters_do_not_touch_the_uptime(with_farm):
    async def conversation(bench):
        uptime = await bench.number(UPTIME)
        bench.farm.set_fault(WHO, Fault(FaultKind.COUNTERS_RESET))

        assert 0 == await bench.number(IN_OCTETS)
        assert uptime == await bench.number(UPTIME)
        assert uptime == await bench.number("1.3.6.1.2.1.31.1.1.1.19.2")

    with_farm(conversation)


@real
def test_shuffled_indexes_come_back_when_the_fault_is_lifted(with_farm):
    async def conversation(bench):
        assert 'STRING: "eth0"' == await bench.value(f"{IF_NAME}.2")
        bench.farm.set_fault(WHO, Fault(FaultKind.IFINDEX_SHUFFLED))

        assert 'STRING: "lo"' == await bench.value(f"{IF_NAME}.2")
        assert 'STRING: "eth0"' == await bench.value(f"{IF_NAME}.3")

        bench.farm.set_fault(WHO)

        assert 'STRING: "eth0"' == await bench.value(f"{IF_NAME}.2")

    with_farm(conversation)


@real
def test_a_port_goes_down_alone_and_says_when(with_farm):
    async def conversation(bench):
        bench.farm.set_fault(WHO, Fault(FaultKind.PORT_DOWN, port="eth0"))
        uptime = await bench.number(UPTIME)
        bench.clock.move(60)

        assert 2 == await bench.number(OPER_STATUS)
        assert 1 == await bench.number(OPER_STATUS[:-1] + "3")
        assert uptime == await bench.number("1.3.6.1.2.1.2.2.1.9.2")

    with_farm(conversation)


@real
def test_wrong_auth_refuses_what_was_right(with_farm, user):
    async def conversation(bench):
        assert f'STRING: "{WHO}"' == await bench.value(NAME, login=V3)
        bench.farm.set_fault(WHO, Fault(FaultKind.WRONG_AUTH))

        assert "Timeout" in (await bench.run("snmpget", NAME, patience_s=0.3))[1]
        assert "Unknown user name" in (await bench.run("snmpget", NAME, login=V3))[1]

        bench.farm.set_fault(WHO)

        assert f'STRING: "{WHO}"' == await bench.value(NAME)
        assert f'STRING: "{WHO}"' == await bench.value(NAME, login=V3)

    with_farm(conversation, [user("strong", "SHA-256", "AES-128")])


@real
def test_garbage_is_no_answer(with_farm):
    async def conversation(bench):
        bench.farm.set_fault(WHO, Fault(FaultKind.GARBAGE))
        said = [(await bench.run("snmpget", NAME, patience_s=0.3))[1] for _ in range(3)]

        assert any(f'"{WHO}"' not in text for text in said)

        bench.farm.set_fault(WHO)

        assert f'STRING: "{WHO}"' == await bench.value(NAME)

    with_farm(conversation)


def test_a_control_file_is_taken_when_it_changes_and_a_bad_one_is_a_warning(with_farm, tmp_path):
    control = tmp_path / "faults.yaml"
    control.write_text("BN-0002-R1: silent\n")

    async def conversation(bench):
        agents = bench.farm.agents
        silent = (Fault(FaultKind.SILENT),)
        assert ((), silent) == (agents[WHO].faults, agents["BN-0002-R1"].faults)

        control.write_text("BN-0001-R1: slow 2\nBN-0002-R1: nonsense\n")
        with capture_logs() as logged:
            bench.farm.reread_control_file()
            bench.farm.reread_control_file()

        assert ((), silent) == (agents[WHO].faults, agents["BN-0002-R1"].faults)
        assert ["warning"] == [event["log_level"] for event in logged]

        control.write_text("BN-0001-R1: slow 2\n")
        bench.farm.reread_control_file()

        assert (2.0, ()) == (agents[WHO].delay_s, agents["BN-0002-R1"].faults)

        control.unlink()
        bench.farm.reread_control_file()

        assert () == agents[WHO].faults

    with_farm(conversation, control_file=control)


def test_faults_of_unknown_devices_and_ports_are_refused(with_farm):
    async def conversation(bench):
        with pytest.raises(WanmonError, match="BN-9999-R1"):
            bench.farm.set_fault("BN-9999-R1", Fault(FaultKind.SILENT))
        with pytest.raises(WanmonError, match="eth9"):
            bench.farm.set_fault(WHO, Fault(FaultKind.PORT_DOWN, port="eth9"))

    with_farm(conversation)


@pytest.mark.parametrize("address", ["0.0.0.0", "10.27.0.1", "192.0.2.1", "::1", "localhost"])
def test_nothing_but_loopback_is_opened(hand_clock, address):
    with pytest.raises(WanmonError, match=r"loopback|no IP address"):
        AgentFarm([AgentSpec("d", address, 1161, "s")], [], hand_clock)


def test_two_agents_of_one_name_are_refused(hand_clock):
    with pytest.raises(WanmonError, match="two agents of one name: d"):
        AgentFarm([AgentSpec("d", "127.27.0.1", 1161, "s"), AgentSpec("d", "127.27.0.2", 1161, "s")], [], hand_clock)


def test_a_port_that_is_taken_is_one_line_and_leaves_nothing_open(hand_clock):
    async def start_beside(port):
        farm = AgentFarm(
            [AgentSpec("first", "127.27.0.1", port, "s"), AgentSpec("second", "127.0.0.1", port, "s")], [], hand_clock
        )
        before = len(list(Path("/proc/self/fd").iterdir()))
        with pytest.raises(WanmonError, match=rf"^127\.0\.0\.1:{port} \(UDP\) cannot be opened for second: .+$"):
            await farm.start()
        assert before == len(list(Path("/proc/self/fd").iterdir()))

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as holder:
        holder.bind(("127.0.0.1", 0))
        asyncio.run(start_beside(holder.getsockname()[1]))


CHILD = """
import asyncio, sys
from wanmon.clock import SystemClock
from wanmon.lab.agents import run_agents
from wanmon.lab.spec import AgentSpec
specs = [AgentSpec("d", "127.27.0.1", int(sys.argv[1]), "s")]
asyncio.run(run_agents(specs, [], SystemClock(), while_stdin_open=True, ready=lambda: print("ready", flush=True)))
"""


@pytest.fixture
def child(free_udp_port):
    root = Path(__file__).parents[2]
    process = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(free_udp_port)], cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        assert b"ready\n" == process.stdout.readline()
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
        process.stdin.close()


def test_agents_end_when_their_parent_is_gone(child):
    """A parent killed by signal 9 closes its end of the pipe as this does."""
    child.stdin.close()

    assert 0 == child.wait(timeout=10)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_agents_end_cleanly_when_told(child, number):
    child.send_signal(number)

    assert 0 == child.wait(timeout=10)
