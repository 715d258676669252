"""Each platform over real SSH: logged in to by netmiko, asked by its own commands, and read.

The far end is a simulated command line (`tests/rigs/router_cli.py`), which takes nothing but what it knows.
"""

import asyncio

import pytest

from tests.rigs.router_cli import CLI, GATEWAY, HUB, SOURCE, VRF, RouterCli
from tests.rigs.ssh_server import PASSWORD, USER, SshServer, start_ssh_server
from wanmon.config.secrets import SshCredential
from wanmon.platforms.asking import PingRequest, TraceRequest
from wanmon.platforms.platform import Outcome, Platform
from wanmon.platforms.registry import names, platform
from wanmon.protocols.ssh.host_key import Fingerprint
from wanmon.protocols.ssh.session import Login, Session, SshClient

SILENT = "10.27.0.77"
WITHIN_S = 10


async def told(session: Session, commands: tuple[str, ...]) -> str:
    """What all of these commands, one after another, are answered with."""
    return "\n".join([await session.run(command, WITHIN_S) for command in commands])


def login(server: SshServer, known: Platform) -> Login:
    credential = SshCredential.model_validate(
        {"name": "routers", "username": USER, "password": PASSWORD, "networks": ["127.0.0.0/8"]}
    )
    trusted = Fingerprint(server.algorithm, server.fingerprint)
    return Login(server.address, server.port, known.netmiko, credential, trusted, WITHIN_S)


def started(cli: RouterCli) -> SshServer:
    # The server has no primes for these, and offers them all the same.
    lacks = {"kex": ["diffie-hellman-group-exchange-sha256", "diffie-hellman-group-exchange-sha1"]}
    return start_ssh_server(cli.answer, prompt=cli.prompt, users={USER + cli.suffix: PASSWORD}, disabled=lacks)


async def asked(name: str, server: SshServer) -> None:
    known, vrf = platform(name), "" if name == "fortinet" else VRF
    client = SshClient(1)
    try:
        session = await client.open(login(server, known), WITHIN_S)
        ping = known.read_ping(await told(session, known.ping(PingRequest(HUB, SOURCE, vrf, count=2))))
        lost = known.read_ping(await told(session, known.ping(PingRequest(SILENT, SOURCE, count=2))))
        trace = known.read_trace(await told(session, known.trace(TraceRequest(HUB, SOURCE, vrf))))
        ends = known.read_trace(await told(session, known.trace(TraceRequest(SILENT))))
        await session.close()
    finally:
        await client.close()

    assert (Outcome.ANSWERED, 2, 2, 0.002) == (ping.outcome, ping.sent, ping.received, ping.rtt_s)
    assert (Outcome.LOSS, 2, 0, None) == (lost.outcome, lost.sent, lost.received, lost.rtt_s)
    assert (Outcome.ANSWERED, [GATEWAY, HUB]) == (trace.outcome, [hop.address for hop in trace.hops])
    assert 0.004 == trace.hops[0].rtts_s[0] == trace.hops[1].rtts_s[0]
    assert (Outcome.LOSS, [GATEWAY, "", ""]) == (ends.outcome, [hop.address for hop in ends.hops])


@pytest.mark.parametrize("name", names())
def test_a_router_is_logged_in_to_asked_and_read(name: str) -> None:
    """Nothing is typed but our commands and what turns off paging for the session: no configuration, ever."""
    cli = CLI[name]
    with started(cli) as server:
        asyncio.run(asked(name, server))

    known, vrf = platform(name), "" if name == "fortinet" else VRF
    ours = (
        *known.ping(PingRequest(HUB, SOURCE, vrf, count=2)),
        *known.ping(PingRequest(SILENT, SOURCE, count=2)),
        *known.trace(TraceRequest(HUB, SOURCE, vrf)),
        *known.trace(TraceRequest(SILENT)),
    )
    typed = server.seen.commands

    assert list(ours) == typed[-len(ours) :]
    assert set(typed[: -len(ours)]) == set(cli.at_login)


async def refused(known: Platform, server: SshServer) -> set[Outcome]:
    client = SshClient(1)
    try:
        session = await client.open(login(server, known), WITHIN_S)
        said = [await session.run(known.ping(PingRequest(HUB, vrf="NOPE"))[-1], WITHIN_S)]
        said.append(await session.run("no such thing", WITHIN_S))
        await session.close()
    finally:
        await client.close()
    return {known.read_ping(text).outcome for text in said} | {known.read_trace(text).outcome for text in said}


@pytest.mark.parametrize("name", [name for name in names() if name != "fortinet"])
def test_a_router_that_does_not_take_a_command_is_understood(name: str) -> None:
    """A VRF that is not there, and a command that is none."""
    with started(CLI[name]) as server:
        assert {Outcome.REFUSED} == asyncio.run(refused(platform(name), server))
