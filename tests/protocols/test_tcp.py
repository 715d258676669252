"""A connection that is taken, refused, lost or forbidden: each has its own reason."""

import asyncio
import errno
import socket
from collections.abc import Iterator

import pytest

from wanmon.model.reason import Reason
from wanmon.protocols.tcp import Connection, connect


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def test_a_port_that_takes_connections(listening: socket.socket):
    found = asyncio.run(connect("127.0.0.1", listening.getsockname()[1], 1))

    assert (None, "") == (found.reason, found.detail)
    assert 0 < found.duration_s < 1


def test_the_connection_is_closed_again(listening: socket.socket):
    asyncio.run(connect("127.0.0.1", listening.getsockname()[1], 1))
    taken, _ = listening.accept()
    taken.settimeout(1)
    try:
        assert b"" == taken.recv(1)
    except ConnectionResetError:
        pass
    finally:
        taken.close()


def test_a_port_where_nobody_listens_refuses(free_tcp_port: int):
    found = asyncio.run(connect("127.0.0.1", free_tcp_port, 1))

    assert Reason.REFUSED is found.reason
    assert "refused" in found.detail.lower()


def test_an_ipv6_address_is_connected_to():
    try:
        server = socket.create_server(("::1", 0), family=socket.AF_INET6)
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")
    with server:
        assert None is asyncio.run(connect("::1", server.getsockname()[1], 1)).reason


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (OSError(errno.ECONNREFUSED, "Connection refused"), Reason.REFUSED),
        (OSError(errno.EHOSTUNREACH, "No route to host"), Reason.UNREACHABLE),
        (OSError(errno.ENETUNREACH, "Network is unreachable"), Reason.UNREACHABLE),
        (OSError(errno.ETIMEDOUT, "Connection timed out"), Reason.TIMEOUT),
        (OSError(errno.EACCES, "Permission denied"), Reason.PROHIBITED),
        (OSError(errno.EPERM, "Operation not permitted"), Reason.PROHIBITED),
        (OSError(errno.EMFILE, "Too many open files"), Reason.LOCAL),
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), Reason.LOCAL),
        (OSError("something"), Reason.LOCAL),
    ],
    ids=lambda value: value.name if isinstance(value, Reason) else (errno.errorcode.get(value.errno or 0, "other")),
)
def test_what_the_network_says_is_kept(monkeypatch: pytest.MonkeyPatch, error: OSError, reason: Reason):
    """ "Prohibited" is not "no answer", and too many open files are nobody's outage."""

    async def refuse(address: str, port: int) -> None:
        raise error

    monkeypatch.setattr(asyncio, "open_connection", refuse)
    found = asyncio.run(connect("127.0.0.1", 1, 1))

    assert reason is found.reason
    assert found.detail


def test_silence_ends_at_the_timeout(monkeypatch: pytest.MonkeyPatch):
    async def silence(address: str, port: int) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(asyncio, "open_connection", silence)

    assert Connection(0.01, Reason.TIMEOUT, "no connection within 0.01 s") == asyncio.run(connect("127.0.0.1", 1, 0.01))
