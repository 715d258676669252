"""Logins on routers: places that every process obeys, a wrong password that goes to three devices, nothing left open.

The database is a real file. The far end is scripted: it counts the logins and says how they end.
"""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import select

from tests.poller import routers
from tests.poller.routers import Scripted, logins, make_database, refusal, target, try_all
from tests.poller.scripted import Hands
from wanmon.clock import SystemClock
from wanmon.config.settings import LoginSettings
from wanmon.errors import StoreError
from wanmon.model.life import CredentialProtocol, Lease
from wanmon.model.reason import Reason
from wanmon.poller.logins import Logins
from wanmon.poller.writing import Through
from wanmon.protocols.ssh.fault import HostKeyChanged, SshFault
from wanmon.protocols.ssh.host_key import Fingerprint
from wanmon.store import credentials, host_keys
from wanmon.store.database import Database
from wanmon.store.writer import Writer

ROOT = Path(__file__).resolve().parents[2]
SSH = CredentialProtocol.SSH
PROVINCE = 177


@pytest.fixture
def clock() -> Hands:
    return Hands()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve sites with a trusted router each."""
    folder = tmp_path_factory.mktemp("made")
    make_database(folder, 12, Hands().now()).close()
    return folder / "wanmon.db"


@pytest.fixture
def database(made: Path, tmp_path: Path) -> Iterator[Database]:
    """The same, for one test alone."""
    shutil.copy(made, tmp_path / "wanmon.db")
    opened = Database.open(f"sqlite:///{tmp_path}/wanmon.db")
    yield opened
    opened.close()


def leases(database: Database) -> list[str]:
    with database.read() as session:
        return sorted(row.name for row in session.exec(select(Lease)))


def fault_of(held: Logins, number: int = 1, *names: str, deadline_s: float = 5.0) -> SshFault:
    """How a session fails to be."""

    async def run() -> None:
        async with held.session(target(number, *names), deadline_s):
            pass

    with pytest.raises(SshFault) as raised:
        asyncio.run(run())
    return raised.value


def test_a_session_runs_commands_and_leaves_nothing(database, clock):
    client = Scripted()
    held = logins(database, client, clock)

    async def run() -> tuple[str, list[str]]:
        async with held.session(target(1), 5.0) as session:
            return await session.run("show clock", 1.0), leases(database)

    said, during = asyncio.run(run())

    assert "show clock" == said
    assert ["ssh site BN-0001", "ssh slot 1"] == during
    assert [] == leases(database)
    assert 0 == client.open_now


def test_a_login_that_works_forgets_the_refusals_and_is_tried_first_next_time(database, clock):
    with database.write() as session:
        credentials.refused(session, SSH, "routers", "BN-0009-R1", clock.now())
        credentials.refused(session, SSH, "routers", "BN-0010-R1", clock.now())
    held = logins(database, Scripted(), clock, "old", "routers")

    asyncio.run(try_all(held, 1, 5.0))

    with database.write() as session:
        assert {"BN-0001-R1": "routers"} == credentials.winners(session, SSH)
        credentials.refused(session, SSH, "routers", "BN-0011-R1", clock.now())
        assert {} == credentials.pauses(session, SSH, clock.now())


def test_eight_sessions_at_a_time_and_the_ninth_waits_for_its_turn(database, clock):
    client = Scripted(takes_s=0.01)
    held = logins(database, client, clock)

    assert 12 * ["let in"] == asyncio.run(try_all(held, 12, 20.0))
    assert 8 >= client.most
    assert [] == leases(database)


def test_two_services_share_the_places_of_one_database(database, clock):
    """The command line runs beside `serve`: eight in all, not eight each."""
    client = Scripted()
    first, second = (logins(database, client, clock, settings=LoginSettings(sessions=1)) for _ in range(2))

    async def run() -> None:
        async with first.session(target(1), 5.0), second.session(target(2), 0.3):
            pass

    with pytest.raises(SshFault, match="one session is open with routers, as many as may be"):
        asyncio.run(run())
    assert [("BN-0001-R1", "routers")] == client.tries
    assert [] == leases(database)


def test_a_site_has_one_session(database, clock):
    first, second = logins(database, Scripted(), clock), logins(database, Scripted(), clock)

    async def run() -> None:
        async with first.session(target(1), 5.0), second.session(target(1), 0.3):
            pass

    with pytest.raises(SshFault, match="local: a session with a router of BN-0001 is open already"):
        asyncio.run(run())


@pytest.mark.parametrize(
    ("number", "names", "told"),
    [
        (1, ("none-such",), "BN-0001-R1: SSH credential none-such is not in secrets.toml"),
        (13, ("routers",), "no host key is trusted yet: run `wanmon device trust BN-0013-R1`"),
    ],
    ids=["no such credential", "no trusted key"],
)
def test_who_may_not_be_logged_in_to_is_not_tried(database, clock, number, names, told):
    client = Scripted()
    held = logins(database, client, clock)

    assert told == fault_of(held, number, *names).detail
    assert [] == client.tries


def test_a_credential_goes_only_where_its_networks_are(database, clock):
    client = Scripted()
    held = logins(database, client, clock)
    stranger = routers.RouterTarget("BN-0001", "BN-0001-R1", "192.0.2.1", 22, "linux", ("routers",))

    async def run() -> None:
        async with held.session(stranger, 5.0):
            pass

    with pytest.raises(SshFault, match=r"credential routers may not be sent to 192\.0\.2\.1"):
        asyncio.run(run())
    assert [] == client.tries


def test_a_device_that_refused_rests_and_then_comes_the_turn_of_the_next_credential(database, clock):
    """Three wrong passwords in a row lock an account as surely as one tried three times."""
    client = Scripted(lambda router, credential: refusal() if credential == "old" else None)
    held = logins(database, client, clock, "old", "new")

    assert Reason.AUTH is fault_of(held, 1, "old", "new").reason
    resting = fault_of(held, 1, "old", "new")
    assert Reason.LOCAL is resting.reason
    assert "it rests until 2026-03-02T19:10:00+07:00" in resting.detail
    clock.move(600)
    asyncio.run(_once(held, 1, "old", "new"))

    assert [("BN-0001-R1", "old"), ("BN-0001-R1", "new")] == client.tries


async def _once(held: Logins, number: int, *names: str) -> None:
    async with held.session(target(number, *names), 5.0):
        pass


def test_a_changed_key_is_an_alarm_told_once_and_over_when_the_right_one_is_back(database, clock, caplog):
    other, is_changed = Fingerprint("ssh-ed25519", "SHA256:" + "z" * 43), [True]
    client = Scripted(lambda router, credential: HostKeyChanged(routers.KEY, other) if is_changed else None)
    held = logins(database, client, clock)

    assert [Reason.HOST_KEY] * 2 == [fault_of(held).reason for _ in range(2)]
    with database.read() as session:
        assert [other.text] == [row.changed_fingerprint for row in host_keys.alarms(session)]
    is_changed.clear()
    asyncio.run(_once(held, 1))

    with database.read() as session:
        assert [] == host_keys.alarms(session)


@pytest.mark.parametrize("reason", [Reason.TCP, Reason.BANNER, Reason.KEY_EXCHANGE])
def test_only_a_refusal_counts_against_a_credential(database, clock, reason):
    client = Scripted(lambda router, credential: SshFault(reason, "x"))
    held = logins(database, client, clock)

    assert [f"{SshFault(reason, 'x')!s}"] * 12 == asyncio.run(try_all(held, 12, 20.0))
    assert [] == leases(database)


def test_a_database_that_cannot_be_written_means_no_login(database, clock):
    client = Scripted()

    async def broken(make):
        raise StoreError("the disk is full")

    held = logins(database, client, clock, write=broken)

    assert "no login without a place in the database: the disk is full" == fault_of(held).detail
    assert [] == client.tries


@pytest.mark.parametrize("takes_s", [0.0, 30.0], ids=["at the prompt", "while it logs in"])
def test_a_cancelled_check_leaves_no_session_and_no_lease(database, clock, takes_s):
    """SIGTERM cancels what is under way."""
    client = Scripted(takes_s=takes_s)
    writer = Writer(database)
    held = logins(database, client, clock, write=Through(writer))

    async def run() -> None:
        async def check() -> None:
            async with held.session(target(1), 60.0):
                await asyncio.Event().wait()

        task = asyncio.create_task(check())
        while len(leases(database)) < (3 if takes_s else 2) or not client.tries:
            await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.wait({task})

    asyncio.run(run())
    writer.close(5.0)

    assert [] == leases(database)
    assert 0 == client.open_now


def test_a_session_ends_when_its_time_is_over(database, clock):
    client = Scripted()
    held = logins(database, client, clock, settings=LoginSettings(session_s=0.2))

    async def run() -> None:
        async with held.session(target(1), 60.0):
            await asyncio.Event().wait()

    with pytest.raises(SshFault, match="output: the session has taken all the time it had"):
        asyncio.run(run())
    assert 0 == client.open_now
    assert [] == leases(database)


def test_a_wrong_password_that_all_routers_share_goes_to_three(tmp_path, clock):
    """177 routers that lock the account after one mistake more than an operator made."""
    database = make_database(tmp_path, PROVINCE, clock.now())
    client = Scripted(lambda router, credential: refusal(), takes_s=0.01)

    said = asyncio.run(try_all(logins(database, client, clock), PROVINCE, 30.0))
    database.close()

    assert 3 == len(client.tries)
    assert 3 == said.count("auth: the password was not taken")
    assert {
        "local: credential routers rests until 2026-03-02T19:10:00+07:00: 3 devices refused it, so it is sent to no "
        "other; correct it in secrets.toml"
    } == {each for each in said if not each.startswith("auth")}


def test_three_processes_at_once_try_it_on_three_routers_together(tmp_path):
    make_database(tmp_path, PROVINCE, SystemClock().now()).close()
    processes = [_start(tmp_path) for _ in range(3)]
    for process in processes:
        assert process.stdout.readline().startswith("ready")
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    lines = [line for process in processes for line in process.communicate(timeout=60)[0].splitlines()]
    said = [line for line in lines if line.startswith("said ")]

    assert 3 == len((tmp_path / "tries").read_text().splitlines())
    assert 3 == len([line for line in said if "auth" in line])
    assert 3 * PROVINCE - 3 == len([line for line in said if "rests until" in line])
    assert "3 devices refused it" in said[-1]


def _start(folder: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "tests.poller.routers", str(folder), str(PROVINCE)],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def test_what_a_killed_process_held_is_free_at_once(database, clock, tmp_path):
    """A `serve` that was killed must not keep its places until they are old."""
    sleeper = subprocess.Popen(["sleep", "60"])
    with database.write() as session:
        for name in ("ssh site BN-0001", *(f"ssh slot {n}" for n in range(1, 9))):
            row = {"token": "other 1", "pid": sleeper.pid, "host": os.uname().nodename}
            session.add(Lease(name=name, since=clock.now(), renewed_at=clock.now(), **row))
    held = logins(database, Scripted(), clock)

    assert "a session with a router of BN-0001 is open already" == fault_of(held, deadline_s=0.2).detail
    assert "eight sessions are open" in fault_of(held, 2, deadline_s=0.2).detail
    sleeper.send_signal(signal.SIGKILL)
    sleeper.wait()
    asyncio.run(_once(held, 1))

    assert [] == leases(database)
