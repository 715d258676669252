"""Logins on the servers of the tests, with short patience."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest

from tests.rigs.ssh_server import PASSWORD, USER, SshServer
from wanmon.config.secrets import SshCredential
from wanmon.protocols.ssh.fault import SshFault
from wanmon.protocols.ssh.host_key import Fingerprint
from wanmon.protocols.ssh.session import Login, Session, SshClient

Answer = TypeVar("Answer")

TIMEOUT_S = 0.6
DEADLINE_S = 8.0
#: How long after its time an end may come: paramiko looks every tenth of a second, and the machine may be busy.
GRACE_S = 1.5


def credential(password: str = PASSWORD, networks: tuple[str, ...] = ("127.0.0.0/8",)) -> SshCredential:
    return SshCredential(name="routers", username=USER, password=password, networks=networks)


def login(
    server: SshServer,
    *,
    by: SshCredential | None = None,
    trusted: Fingerprint | None = None,
    device_type: str = "linux",
    timeout_s: float = 3,
) -> Login:
    own = Fingerprint(server.algorithm, server.fingerprint)
    return Login(server.address, server.port, device_type, by or credential(), trusted or own, timeout_s)


def with_client(use: Callable[[SshClient], Awaitable[Answer]], threads: int = 2) -> Answer:
    """What a use of a client comes to; the client is closed afterwards."""

    async def body() -> Answer:
        client = SshClient(threads)
        try:
            return await use(client)
        finally:
            await client.close()

    return asyncio.run(body())


def answer(where: Login, command: str, within_s: float = 3) -> str:
    """What a router answers to one line."""

    async def use(client: SshClient) -> str:
        session = await client.open(where, DEADLINE_S)
        return await session.run(command, within_s)

    return with_client(use)


def fault_of_login(where: Login, deadline_s: float = DEADLINE_S) -> tuple[SshFault, float]:
    """How a login fails, and after how many seconds."""
    began_s = time.monotonic()
    with pytest.raises(SshFault) as raised:
        with_client(lambda client: client.open(where, deadline_s))
    return raised.value, time.monotonic() - began_s


def fault_of_line(where: Login, command: str, within_s: float) -> tuple[SshFault, float]:
    """How a line fails after a good login, and after how many seconds."""

    async def use(client: SshClient) -> tuple[SshFault, float]:
        session: Session = await client.open(where, DEADLINE_S)
        began_s = time.monotonic()
        with pytest.raises(SshFault) as raised:
            await session.run(command, within_s)
        return raised.value, time.monotonic() - began_s

    return with_client(use)
