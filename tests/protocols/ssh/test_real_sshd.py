"""Logins on a real OpenSSH server, also one that is made to be as old as a router of 2010."""

import getpass

import pytest

from tests.protocols.ssh.logins import DEADLINE_S, fault_of_login, with_client
from tests.rigs.sshd import start_sshd
from wanmon.config.secrets import SshCredential
from wanmon.model.reason import Reason
from wanmon.protocols.ssh.fault import HostKeyChanged
from wanmon.protocols.ssh.host_key import Fingerprint
from wanmon.protocols.ssh.session import Login

OLD = (
    "HostKeyAlgorithms ssh-rsa",
    "KexAlgorithms diffie-hellman-group14-sha1",
    "Ciphers aes128-cbc",
    "MACs hmac-sha1",
)
#: A method that only newer clients have: the far end has moved on, and we have not.
NEW = ("KexAlgorithms sntrup761x25519-sha512@openssh.com",)


def login(server, trusted=None):
    by = SshCredential(name="lab", username=server.user, key_file=server.key_file, networks=("127.0.0.0/8",))
    own = Fingerprint(server.algorithm, server.fingerprint)
    return Login(server.address, server.port, "linux", by, trusted or own, 5)


@pytest.fixture
def sshd(need, tmp_path, free_tcp_port):
    need("sshd")
    running = []

    def start(lines=(), keys=("ed25519",)):
        running.append(start_sshd(tmp_path / "sshd", "127.0.0.1", free_tcp_port, lines, keys=keys))
        return running[-1]

    yield start
    for server in running:
        server.stop()


@pytest.mark.real
@pytest.mark.parametrize(("lines", "keys"), [((), ("ed25519",)), (OLD, ("rsa",))], ids=["of today", "SHA-1 alone"])
def test_a_real_shell_is_reached_by_a_key(sshd, lines, keys):
    async def use(client, where):
        session = await client.open(where, DEADLINE_S)
        return [await session.run("echo from $USER", 5), await session.run("printf 'a\\nb\\n'", 5)]

    server = sshd(lines, keys)

    assert [f"from {getpass.getuser()}", "a\nb"] == with_client(lambda client: use(client, login(server)))
    assert "Accepted publickey" in server.said


@pytest.mark.real
def test_a_server_with_nothing_in_common_is_told_by_what_it_offers(sshd):
    """Not "timeout": the operator has to learn what the router wants."""
    fault, _ = fault_of_login(login(sshd(NEW)))

    assert Reason.KEY_EXCHANGE == fault.reason
    assert "no key exchange method in common: the device offers sntrup761x25519-sha512@openssh.com" == fault.detail


@pytest.mark.real
def test_a_real_server_with_another_key_hears_no_name(sshd):
    server = sshd(keys=("ed25519", "rsa"))
    fault, _ = fault_of_login(login(server, Fingerprint("ssh-rsa", server.fingerprint)))

    assert isinstance(fault, HostKeyChanged)
    assert "ssh-rsa" == fault.shown.algorithm
    assert server.user not in server.said.partition("Connection from")[2]


@pytest.mark.real
def test_a_key_that_is_not_authorised_is_refused_once(sshd):
    server = sshd(["AuthorizedKeysFile none"])
    fault, _ = fault_of_login(login(server))

    assert (Reason.AUTH, f"the device refused the key of {server.user}") == (fault.reason, fault.detail)
    assert 1 == server.said.count("Failed publickey")
