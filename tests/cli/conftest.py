"""A province that was just made by `wanmon init --example bac-ninh`, and a way to run commands in it."""

import os
import shutil
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import structlog

from wanmon.cli.frame.ending import run
from wanmon.cli.frame.surroundings import Surroundings
from wanmon.health.cause import Finding, Shared, Tie
from wanmon.model.cause import Cause
from wanmon.model.inventory import Inventory
from wanmon.model.life import SiteState, Transition
from wanmon.model.maintenance import Maintenance, Scope
from wanmon.model.state import State
from wanmon.store import inventory, leases, life, maintenance, outages
from wanmon.store.database import Database

CANARY = "kanari-9f31"
SECRETS = f"""
[snmp.wan-v2c]
version = "2c"
community = "{CANARY}-community"
networks = ["127.0.0.0/8"]
[snmp.core-v3]
version = "3"
user = "wanmon"
auth = {{ protocol = "SHA-256", password = "{CANARY}-auth" }}
priv = {{ protocol = "AES-128", password = "{CANARY}-priv" }}
networks = ["127.0.0.0/8"]
[ssh.routers]
username = "operator"
password = "{CANARY}-ssh"
networks = ["127.0.0.0/8"]
"""


@dataclass(frozen=True)
class Ended:
    """What a command left behind."""

    status: int
    out: str
    err: str

    @property
    def errors(self) -> list[str]:
        return self.err.splitlines()


class StoppedClock:
    """Always the same instant."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return 0.0


Run = Callable[..., Ended]


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("WANMON_CONFIG", "WANMON_DATABASE", "SUDO_USER", "SSH_CONNECTION"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def wanmon(capfd: pytest.CaptureFixture[str], noon: datetime) -> Iterator[Run]:
    """Run a command as the shell would, at noon or at another time."""

    def call(*args: str | Path, at: datetime = noon) -> Ended:
        capfd.readouterr()
        status = run([str(arg) for arg in args], Surroundings(clock=StoppedClock(at)))
        out, err = capfd.readouterr()
        return Ended(status, out, err)

    yield call
    structlog.reset_defaults()  # a command may have set up logging to the stderr that is closed now


@pytest.fixture(scope="session")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example province, made once; to be copied, not changed."""
    folder = tmp_path_factory.mktemp("example") / "bac-ninh"
    clock = StoppedClock(datetime(2026, 3, 1, 8, 0, tzinfo=UTC))
    assert 0 == run(["init", str(folder), "--example", "bac-ninh"], Surroundings(clock=clock))
    (folder / "secrets.toml").write_text(SECRETS, encoding="utf-8")
    return folder


@pytest.fixture
def province(example: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the example province as the working directory."""
    folder = tmp_path / "bac-ninh"
    shutil.copytree(example, folder)
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def database(province: Path) -> Iterator[Database]:
    """The database of `province`, open."""
    opened = Database.open(f"sqlite:///{province}/var/wanmon.db")
    yield opened
    opened.close()


@pytest.fixture
def storm(database: Database, noon: datetime) -> Database:
    """A province in trouble, as `serve` left it at noon.

    Outage 1 was of BN-0150, for an hour, the carrier's. BN-0002 is down since 11:18 (outage 2) and with it the 14
    communes behind it (3 to 16). BN-0160 is down in a window of maintenance until 13:00 (17). BN-0170 is degraded.
    """
    began, before = noon - timedelta(minutes=42), noon - timedelta(hours=9)
    with database.read() as session:
        sites = inventory.load(session).sites
    rows = [_turned("BN-0150", State.DOWN, before), _turned("BN-0150", State.UP, before + timedelta(hours=1))]
    rows += [_turned("BN-0002", State.DOWN, began)]
    behind = [code for code, site in sites.items() if site.parent == "BN-0002"]
    rows += [_turned(code, State.UNREACHABLE, began, roots="BN-0002") for code in behind]
    rows += [
        _turned("BN-0160", State.DOWN, began),
        _turned("BN-0170", State.DEGRADED, began, reason="agent_only,lossy"),
    ]
    states = {row.site: _state(row) for row in rows}
    window = {"scope": Scope.SITE, "target": "BN-0160", "reason": "new fibre", "author": "lan"}
    with database.write() as session:
        for code in sites:
            session.add(states.get(code, SiteState(site=code, state=State.UP, since=before)))
        for row in rows:
            session.add(row)
            session.flush()
        outages.process(session, noon)
        finding = Finding(Cause.CARRIER_PATH, 6, {"if_last_change_ticks": 7, "last_change_s": before.timestamp()})
        outages.conclude(session, "BN-0150", None, before, finding, [Shared(Tie("carrier", "VIETTEL"), 3, 89)])
        times = {"starts_at": began, "ends_at": noon + timedelta(hours=1), "created_at": before}
        maintenance.add(session, Maintenance(**window, **times))
        life.beat(session, noon)
        leases.acquire(session, "serve", token="t", pid=os.getpid(), host=socket.gethostname(), now=noon)
    return database


def _turned(site: str, new: State, at: datetime, reason: str = "timeout", roots: str = "") -> Transition:
    decided = {"decided_at": at + timedelta(seconds=9), "uncertain_s": 4.5}
    return Transition(site=site, old=State.UNKNOWN, new=new, reason=reason, at=at, roots=roots, **decided)


def _state(row: Transition) -> SiteState:
    return SiteState(site=row.site, state=row.new, since=row.at, reason=row.reason, roots=row.roots)


@pytest.fixture
def stored(province: Path) -> Callable[[], Inventory]:
    """The inventory as the database of `province` has it."""

    def load() -> Inventory:
        database = Database.open(f"sqlite:///{province}/var/wanmon.db")
        with database.read() as session:
            rows = inventory.load(session)
        database.close()
        return rows

    return load


@pytest.fixture
def untouched(province: Path) -> Callable[[], bool]:
    """Whether no change was logged since the province was made."""

    def ask() -> bool:
        database = Database.open(f"sqlite:///{province}/var/wanmon.db")
        with database.read() as session:
            latest = inventory.latest_changeset(session)
        database.close()
        return latest == 1

    return ask
