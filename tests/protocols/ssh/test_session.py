"""Sessions on a router that means well, and logins that are refused."""

import asyncio
import socket
import subprocess
import sys

import pytest

from tests.protocols.ssh.logins import DEADLINE_S, answer, credential, fault_of_login, login, with_client
from tests.rigs.ssh_server import PASSWORD, USER, host_key, start_ssh_server
from wanmon.config.secrets import SshCredential
from wanmon.errors import UsageError
from wanmon.model.reason import Reason
from wanmon.protocols.ssh.fault import HostKeyChanged
from wanmon.protocols.ssh.host_key import Fingerprint
from wanmon.protocols.ssh.session import Login, greet

CLOCK = "12:00:00.000 UTC Mon Mar 2 2026"
BASH_PROMPT = "wanmon@r1:~$"


def show_clock(line):
    return CLOCK if line == "show clock" else ""


@pytest.mark.parametrize("method", ["password", "keyboard-interactive"])
def test_a_line_is_answered_whichever_way_the_password_is_asked_for(method):
    """Many routers, and Debian with PAM, ask for the password as a question."""
    with start_ssh_server(show_clock, prompt="r1#", methods=(method,)) as server:
        answered = answer(login(server, device_type="cisco_ios"), "show clock")

        assert answered == CLOCK
        assert server.seen.attempts == [(USER, "none"), (USER, method)]
        assert "terminal length 0" in server.seen.commands
        assert "show clock" == server.seen.commands[-1]


@pytest.mark.parametrize(
    ("device_type", "prompt", "before"),
    [
        ("cisco_xe", "r1>", ["terminal width 511", "terminal length 0"]),
        ("huawei_vrp", "<r1>", ["screen-length 0 temporary"]),
        ("hp_comware", "<r1>", ["screen-length disable"]),
        ("mikrotik_routeros", "[wanmon@r1] > ", []),
        ("linux", BASH_PROMPT, []),
    ],
)
def test_paging_is_turned_off_as_each_platform_has_it_and_nothing_else_is_said(device_type, prompt, before):
    """Read-only: what a platform is told before its first command is known, line by line."""
    names = {USER: "router-2026", f"{USER}+ct511w4098h": "router-2026"}  # RouterOS takes options in the name
    with start_ssh_server(lambda line: CLOCK if "ping" in line else "", prompt=prompt, users=names) as server:
        answered = answer(login(server, device_type=device_type), "ping 10.27.0.1")

        assert CLOCK == answered
        assert [*before, "ping 10.27.0.1"] == server.seen.commands


def test_a_juniper_is_spoken_to_without_touching_its_configuration():
    says = {
        "set cli screen-width 511": "Screen width set to 511",
        "set cli complete-on-space off": "Disabling complete-on-space",
        "set cli screen-length 0": "Screen length set to 0",
        "show system uptime": CLOCK,
    }
    with start_ssh_server(lambda line: says.get(line, ""), prompt="wanmon@r1> ") as server:
        answered = answer(login(server, device_type="juniper_junos"), "show system uptime")

        assert CLOCK == answered
        assert list(says) == server.seen.commands


def test_a_fortigate_that_pages_is_left_as_it_is():
    """netmiko would write `set output standard` into its configuration, and back when it leaves."""
    says = {
        "get system status | grep Virtual": "Virtual domain configuration: disable",
        "get system status | grep Version": "Version: FortiGate-60F v7.2.5,build1517,230606 (GA.F)",
        "get system console": "output              : more ",
        "execute ping 10.27.0.1": CLOCK,
    }
    with start_ssh_server(lambda line: says.get(line, ""), prompt="fw1 # ") as server:
        answered = answer(login(server, device_type="fortinet"), "execute ping 10.27.0.1")

        assert CLOCK == answered
        assert list(says) == server.seen.commands


def test_a_huawei_that_wants_to_save_its_configuration_is_left_alone():
    """netmiko would answer yes, twice."""
    question = "Warning: There are security risks in the configuration file. Continue? [y/n]"
    with start_ssh_server(greeting=question, prompt="") as server:
        fault, _ = fault_of_login(login(server, device_type="huawei_vrp", timeout_s=1))

        assert (Reason.PROMPT, []) == (fault.reason, server.seen.commands)
        assert "configuration" in fault.detail


def test_what_a_router_writes_is_text_without_control_characters():
    """Bytes that are no UTF-8 stay to be seen, colours and bells do not."""
    with start_ssh_server(lambda line: "\x1b[31mred\x1b[0m\x07 \udcff caf\u00e9\nnext", prompt=BASH_PROMPT) as server:
        assert "red \\xff caf\u00e9\nnext" == answer(login(server), "show colours")


def test_two_lines_are_answered_in_one_session():
    async def use(client, where):
        session = await client.open(where, DEADLINE_S)
        answers = [await session.run("show clock", 3), await session.run("show nothing", 3)]
        await session.close()
        await session.close()
        return answers

    with start_ssh_server(show_clock, prompt=BASH_PROMPT) as server:
        assert [CLOCK, ""] == with_client(lambda client: use(client, login(server)))
        assert 1 == server.seen.connections


@pytest.mark.parametrize("method", ["password", "keyboard-interactive"])
def test_a_wrong_password_is_tried_once(method):
    """A second attempt can lock the account; the server asks again, as PAM does."""
    with start_ssh_server(methods=(method,)) as server:
        fault, _ = fault_of_login(login(server, by=credential("wrong")))

        assert (Reason.AUTH, 1) == (fault.reason, server.seen.passwords)
        assert f"the device refused the password of {USER}" == fault.detail


def test_a_device_that_takes_no_password_is_not_sent_one():
    with start_ssh_server(methods=("publickey",)) as server:
        fault, _ = fault_of_login(login(server))

        assert (Reason.AUTH, 0) == (fault.reason, server.seen.passwords)
        assert "the device takes no login by a password, only by publickey" == fault.detail


def test_a_secret_is_not_sent_outside_its_networks():
    with start_ssh_server() as server:
        fault, _ = fault_of_login(login(server, by=credential(networks=("10.27.0.0/16",))))

        assert (Reason.LOCAL, 0) == (fault.reason, server.seen.connections)
        assert "credential routers may not be sent to 127.0.0.1: see its networks" == fault.detail


def test_a_key_file_that_cannot_be_read_is_told_before_anybody_is_called(tmp_path):
    by = SshCredential(name="routers", username=USER, key_file=tmp_path / "none", networks=("127.0.0.0/8",))
    with start_ssh_server() as server:
        fault, _ = fault_of_login(login(server, by=by))

        assert (Reason.LOCAL, 0) == (fault.reason, server.seen.connections)
        assert f"key file {tmp_path}/none of credential routers: No such file or directory" == fault.detail


def test_another_key_than_the_trusted_one_ends_it_before_a_name_is_said():
    trusted = Fingerprint.of(host_key("ecdsa", 1).asbytes())
    with start_ssh_server(host_keys=[host_key("ecdsa")]) as server:
        fault, _ = fault_of_login(login(server, trusted=trusted))

        assert isinstance(fault, HostKeyChanged)
        assert (Reason.HOST_KEY, []) == (fault.reason, server.seen.attempts)
        assert Fingerprint(server.algorithm, server.fingerprint) == fault.shown
        assert server.fingerprint in fault.detail
        assert trusted.text in fault.detail


def test_a_device_without_a_key_of_the_trusted_kind_has_changed():
    """An RSA key that is gone is no failure to agree: somebody else answers, or the router is another."""
    trusted = Fingerprint.of(host_key("rsa").asbytes())
    with start_ssh_server(host_keys=[host_key("ecdsa")]) as server:
        fault, _ = fault_of_login(login(server, trusted=trusted))

        assert isinstance(fault, HostKeyChanged)
        assert (Reason.HOST_KEY, []) == (fault.reason, server.seen.attempts)
        assert server.fingerprint == fault.shown.text


@pytest.mark.parametrize("kind", ["rsa", "ecdsa", "ed25519"])
def test_a_device_with_several_keys_shows_the_trusted_one(kind):
    keys = [host_key("ecdsa"), host_key("rsa"), host_key("ed25519")]
    with start_ssh_server(show_clock, prompt=BASH_PROMPT, host_keys=keys) as server:
        trusted = Fingerprint.of(host_key(kind).asbytes())

        assert CLOCK == answer(login(server, trusted=trusted), "show clock")
        # Whoever only looks is shown the same one: it must not look changed.
        assert trusted == asyncio.run(greet(server.address, server.port, 3, trusted.algorithm)).fingerprint


def test_greeting_tells_key_and_version_and_names_nobody():
    with start_ssh_server() as server:
        greeting = asyncio.run(greet(server.address, server.port, 3))

        assert Fingerprint(server.algorithm, server.fingerprint) == greeting.fingerprint
        assert greeting.version.startswith("SSH-2.0-paramiko")
        assert [] == server.seen.attempts


def test_a_closed_port_is_said_to_refuse(free_tcp_port):
    where = Login("127.0.0.1", free_tcp_port, "linux", credential(), Fingerprint("", "SHA256:x"), 1)
    fault, _ = fault_of_login(where)

    assert (Reason.TCP, f"127.0.0.1 port {free_tcp_port} refuses connections") == (fault.reason, fault.detail)


def test_a_host_that_takes_no_connection_is_said_to_be_silent():
    """A full queue of a listener that never accepts drops what comes, as a dead host does."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener, socket.socket() as first:
        port = listener.getsockname()[1]
        first.connect(("127.0.0.1", port))
        where = Login("127.0.0.1", port, "linux", credential(), Fingerprint("", "SHA256:x"), 0.3)
        fault, _ = fault_of_login(where)

        assert f"127.0.0.1 port {port} did not take a connection within 0.3 s" == fault.detail
        assert Reason.TCP == fault.reason


@pytest.mark.parametrize("device_type", ["cisco_ios_telnet", "cisco_ios_serial", "nobody"])
def test_a_device_type_without_ssh_is_refused_before_anybody_is_called(device_type):
    """By a type of its own netmiko would send the password over telnet."""
    with start_ssh_server() as server, pytest.raises(UsageError):
        with_client(lambda client: client.open(login(server, device_type=device_type), DEADLINE_S))
    assert 0 == server.seen.connections


@pytest.mark.parametrize("command", ["", "show clock\nreload", "ping \x1b[A", "ping\r"])
def test_what_is_not_one_line_is_never_typed(command):
    async def use(client, where):
        session = await client.open(where, DEADLINE_S)
        with pytest.raises(UsageError):
            await session.run(command, 1)

    with start_ssh_server(prompt=BASH_PROMPT) as server:
        with_client(lambda client: use(client, login(server)))

        assert [] == server.seen.commands


def test_netmiko_is_not_loaded_before_a_login():
    """It takes half a second, which `wanmon --help` does not have."""
    code = "import sys, wanmon.protocols.ssh.session; print([m for m in ('netmiko', 'paramiko') if m in sys.modules])"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert "[]" == ended.stdout.strip()


def test_a_password_that_the_router_repeats_comes_back_hidden():
    """In an answer, in a version, in place of a prompt: all of these are stored and shown."""
    told = f"you said {PASSWORD}"
    with start_ssh_server(lambda line: told, greeting=f"{told}\n", version=f"SSH-2.0-{PASSWORD}") as server:
        assert "you said ***" == answer(login(server), "show clock")
        assert "SSH-2.0-***" == asyncio.run(greet(server.address, server.port, 3, hidden=(PASSWORD,))).version
    with start_ssh_server(prompt=f"{told} and no more") as server:
        fault, _ = fault_of_login(login(server, timeout_s=1))

        assert Reason.PROMPT == fault.reason
        assert "you said *** and no more" in fault.detail
