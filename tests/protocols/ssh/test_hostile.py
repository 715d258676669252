"""Servers that mean harm: each ends in its time, with its own reason, and leaves nothing behind."""

import asyncio
import random
import threading
from pathlib import Path

import pytest

from tests.protocols.ssh.logins import (
    DEADLINE_S,
    GRACE_S,
    TIMEOUT_S,
    credential,
    fault_of_line,
    fault_of_login,
    login,
    with_client,
)
from tests.rigs.ssh_server import Behaviour, start_ssh_server
from wanmon.model.reason import Reason
from wanmon.protocols.ssh.fault import SshFault
from wanmon.protocols.ssh.session import greet

PROMPT = "wanmon@r1:~$"

LOGINS = [
    (Behaviour.SILENT, Reason.BANNER, "what answers says nothing"),
    (Behaviour.NOT_SSH, Reason.BANNER, "what answers is no SSH, it says 'HTTP/1.1 400 Bad Request"),
    (Behaviour.HUGE_BANNER, Reason.BANNER, "what answers is no SSH: 8192 bytes came without a version"),
    (Behaviour.STUCK_KEY_EXCHANGE, Reason.KEY_EXCHANGE, "in the key exchange nothing more came"),
    (Behaviour.SLOW_AUTH, Reason.AUTH, "neither let in nor refused as wanmon: nothing more came"),
    (Behaviour.CLOSES_AFTER_AUTH, Reason.PROMPT, "all VTYs are taken?"),
    (Behaviour.CLOSED_SHELL, Reason.PROMPT, "the shell was closed before a prompt came (all VTYs are taken?)"),
    (Behaviour.REFUSED_SHELL, Reason.PROMPT, "no shell was given: the device refused it (all VTYs are taken?)"),
    (Behaviour.NO_PROMPT, Reason.PROMPT, "let in, and no prompt came within 0.6 s"),
    (Behaviour.ENDLESS_GREETING, Reason.PROMPT, "more than 32768 bytes came in place of a prompt"),
]
LINES = [
    (Behaviour.ENDLESS_OUTPUT, "ping: the answer does not end"),
    (Behaviour.ENDLESS_LINE, "ping: the answer does not end"),
    (Behaviour.NO_PROMPT_AFTER, "ping: the prompt did not come back within 0.6 s"),
    (Behaviour.CLOSES_IN_OUTPUT, "ping: the device closed the session in the middle of the answer"),
]


@pytest.mark.parametrize(("behaviour", "reason", "words"), LOGINS, ids=[row[0].value for row in LOGINS])
def test_a_login_that_gets_nowhere_ends_in_its_time_and_says_at_which_step(behaviour, reason, words):
    threads = set(threading.enumerate())
    with start_ssh_server(prompt=PROMPT, behaviour=behaviour) as server:
        fault, took_s = fault_of_login(login(server, timeout_s=TIMEOUT_S))

        assert reason == fault.reason
        assert words in fault.detail
        assert took_s < TIMEOUT_S + GRACE_S
        assert "\n" not in str(fault)
    assert set() == set(threading.enumerate()) - threads


@pytest.mark.parametrize(("behaviour", "words"), LINES, ids=[row[0].value for row in LINES])
def test_a_line_whose_answer_does_not_end_is_given_up_in_its_time(behaviour, words):
    with start_ssh_server(prompt=PROMPT, behaviour=behaviour) as server:
        fault, took_s = fault_of_line(login(server), "ping", TIMEOUT_S)

        assert Reason.OUTPUT == fault.reason
        assert words in fault.detail
        assert took_s < TIMEOUT_S + GRACE_S


@pytest.mark.parametrize(
    ("behaviour", "step"),
    [
        (Behaviour.SILENT, Reason.BANNER),
        (Behaviour.STUCK_KEY_EXCHANGE, Reason.KEY_EXCHANGE),
        (Behaviour.SLOW_AUTH, Reason.AUTH),
        (Behaviour.NO_PROMPT, Reason.PROMPT),
    ],
)
def test_the_time_of_the_whole_login_ends_it_whatever_each_step_may_take(behaviour, step):
    """Every step may be as slow as it is allowed to, and the sum be too much."""
    with start_ssh_server(prompt=PROMPT, behaviour=behaviour) as server:
        fault, took_s = fault_of_login(login(server, timeout_s=30), deadline_s=TIMEOUT_S)

        assert (step, "not done when the 0.6 s of the whole login were over") == (fault.reason, fault.detail)
        assert took_s < TIMEOUT_S + GRACE_S


@pytest.mark.parametrize("behaviour", [Behaviour.SILENT, Behaviour.NOT_SSH, Behaviour.HUGE_BANNER])
def test_a_greeting_of_who_speaks_no_ssh_ends_as_well(behaviour):
    with start_ssh_server(behaviour=behaviour) as server, pytest.raises(SshFault) as raised:
        asyncio.run(greet(server.address, server.port, TIMEOUT_S))

    assert Reason.BANNER == raised.value.reason


def test_a_session_that_failed_is_gone_from_the_router():
    """A VTY that stays taken keeps the technician out."""

    async def use(client, where, server):
        session = await client.open(where, DEADLINE_S)
        assert 1 == server.seen.open_shells
        with pytest.raises(SshFault):
            await session.run("ping", 0.3)
        await _until(lambda: server.seen.open_shells == 0)

    with start_ssh_server(lambda line: None, prompt=PROMPT) as server:
        with_client(lambda client: use(client, login(server), server))


def test_closing_the_client_ends_what_is_under_way_and_leaves_no_session():
    """SIGTERM in the middle of a ping: the router must not keep its VTY."""

    async def use(client, where, server):
        session = await client.open(where, DEADLINE_S)
        running = asyncio.ensure_future(session.run("ping", 30))
        await _until(lambda: server.seen.commands == ["ping"])
        await client.close()
        with pytest.raises(SshFault) as raised:
            await running
        await _until(lambda: server.seen.open_shells == 0)
        with pytest.raises(SshFault):
            await client.open(where, DEADLINE_S)
        return raised.value

    with start_ssh_server(lambda line: None, prompt=PROMPT) as server:
        fault = with_client(lambda client: use(client, login(server), server))

    assert (Reason.OUTPUT, "ping: we closed the session in the middle of the answer") == (fault.reason, fault.detail)


def test_fifty_sessions_given_up_at_random_leave_no_file_and_no_thread():
    """Half of them are cancelled while they are opened, the others in the middle of a line."""
    moments = random.Random(5)

    async def one(client, where):
        async with asyncio.timeout(moments.uniform(0, 1)):
            session = await client.open(where, DEADLINE_S)
            await session.run("ping", 30)

    async def use(client, server):
        for _ in range(5):
            await asyncio.gather(*(one(client, login(server, timeout_s=30)) for _ in range(10)), return_exceptions=True)
        await _until(lambda: server.seen.open_connections == 0)  # before the client is closed

    threads = set(threading.enumerate())
    with start_ssh_server(lambda line: None, prompt=PROMPT) as server:
        with_client(lambda client: client.open(login(server), DEADLINE_S))  # what stays loaded is loaded
        asyncio.run(_until(lambda: server.seen.open_connections == 0))
        before = _open_files()
        with_client(lambda client: use(client, server), threads=10)

        assert server.seen.connections > 40
        assert abs(_open_files() - before) <= 2
    assert set() == set(threading.enumerate()) - threads


def test_secrets_are_in_no_words_of_ours_or_of_the_libraries(caplog, capfd):
    """Names and fingerprints may be told; the password may not, nor a part of it."""
    canary = "Canary-7f3a9c"
    said = [repr(credential(canary))]
    for behaviour in Behaviour:
        users = {"wanmon": "another"} if behaviour is Behaviour.POLITE else {"wanmon": canary}
        with start_ssh_server(prompt=PROMPT, users=users, behaviour=behaviour) as server:
            where = login(server, by=credential(canary), timeout_s=0.3)
            said.append(repr(where))
            said += with_client(lambda client, where=where: _words(client, where))
    said += [caplog.text, *capfd.readouterr()]

    assert len(said) > len(Behaviour)
    for words in said:
        assert canary[:8] not in words
        assert "Traceback" not in words


async def _words(client, where):
    """All that a failure says of itself."""
    try:
        session = await client.open(where, DEADLINE_S)
        await session.run("ping", 0.3)
    except SshFault as fault:
        return [str(fault), repr(fault), repr(fault.args), repr(fault.__cause__), repr(vars(fault))]
    return []


def _open_files():
    return len(list(Path("/proc/self/fd").iterdir()))


async def _until(condition):
    """Let the server's threads come to what we have caused; the time allowed is a wide one."""
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.01)
