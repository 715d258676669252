"""A province that was just made by `wanmon init --example bac-ninh`, and a way to run commands in it."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from wanmon.cli.frame.ending import run
from wanmon.cli.frame.surroundings import Surroundings
from wanmon.model.inventory import Inventory
from wanmon.store import inventory
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
def wanmon(capfd: pytest.CaptureFixture[str], noon: datetime) -> Run:
    """Run a command as the shell would, at noon or at another time."""

    def call(*args: str | Path, at: datetime = noon) -> Ended:
        capfd.readouterr()
        status = run([str(arg) for arg in args], Surroundings(clock=StoppedClock(at)))
        out, err = capfd.readouterr()
        return Ended(status, out, err)

    return call


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
