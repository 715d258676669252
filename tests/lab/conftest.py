"""What the lab's tests share: a clock moved by hand, a farm of three, and questions asked with net-snmp's tools."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from wanmon.config.secrets import SnmpCredential
from wanmon.lab.agents import AgentFarm
from wanmon.lab.spec import AgentSpec, PortSpec

COMMUNITY = "lab-community"
AUTH_PASSWORD = "authentic-lab"
PRIV_PASSWORD = "private-lab"
NETWORKS = ["127.0.0.0/8"]
WAN = PortSpec("eth0", "VNPT 100M", 1_000_000_000, 100_000_000, 50_000_000)


class HandClock:
    """A clock that stands until it is moved."""

    def __init__(self, start: datetime) -> None:
        self.start = start
        self.elapsed_s = 0.0

    def now(self) -> datetime:
        return self.start + timedelta(seconds=self.elapsed_s)

    def monotonic(self) -> float:
        return 1000 + self.elapsed_s

    def move(self, seconds: float) -> None:
        self.elapsed_s += seconds


def credential(**values: object) -> SnmpCredential:
    return SnmpCredential.model_validate({"networks": NETWORKS, **values})


def user(name: str, auth: str | None, priv: str | None) -> SnmpCredential:
    return credential(
        version="3",
        user=name,
        auth=auth and {"protocol": auth, "password": AUTH_PASSWORD},
        priv=priv and {"protocol": priv, "password": PRIV_PASSWORD},
    )


def specs_of_three(port: int) -> list[AgentSpec]:
    return [
        AgentSpec(f"BN-000{number}-R1", f"127.27.0.{number}", port, f"BN-000{number}", ports=(WAN,))
        for number in (1, 2, 3)
    ]


class Bench:
    """A running farm of three, and net-snmp's tools to ask it."""

    def __init__(self, farm: AgentFarm, clock: HandClock, port: int, find: Callable[[str], str]) -> None:
        self.farm = farm
        self.clock = clock
        self.port = port
        self._find = find

    async def run(
        self, program: str, *arguments: str, agent: int = 1, login: Sequence[str] = (), patience_s: float = 5
    ) -> tuple[int, str]:
        """The exit status, and all that the tool said; asked in v2c with the right community unless told otherwise."""
        login = login or ("-v2c", "-c", COMMUNITY)
        process = await asyncio.create_subprocess_exec(
            self._find(program),
            *(*login, "-On", "-t", str(patience_s), "-r", "0", f"127.27.0.{agent}:{self.port}", *arguments),
            env={**os.environ, "MIBS": ""},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await process.communicate()
        assert process.returncode is not None
        return process.returncode, said.decode()

    async def value(self, oid: str, **how: object) -> str:
        """What snmpget prints for one instance, after the name."""
        _, said = await self.run("snmpget", oid, **how)
        return said.partition(" = ")[2].strip()

    async def number(self, oid: str, **how: object) -> int:
        """The number that snmpget prints for one instance."""
        text = await self.value(oid, **how)
        return int(text.partition("(")[2].partition(")")[0] if "(" in text else text.rpartition(" ")[2])


@pytest.fixture
def hand_clock(noon: datetime) -> HandClock:
    return HandClock(noon)


@pytest.fixture
def with_farm(hand_clock: HandClock, free_udp_port: int, need: Callable[[str], str]) -> Callable[..., None]:
    """Runs a coroutine that is given a `Bench` while the farm answers."""

    def run(
        conversation: Callable[[Bench], Awaitable[None]],
        credentials: Sequence[SnmpCredential] = (),
        control_file: Path | None = None,
    ) -> None:
        async def live() -> None:
            accepted = [credential(version="2c", community=COMMUNITY), *credentials]
            farm = AgentFarm(specs_of_three(free_udp_port), accepted, hand_clock, 7, control_file)
            await farm.start()
            try:
                await conversation(Bench(farm, hand_clock, free_udp_port, need))
            finally:
                await farm.close()

        asyncio.run(live())

    return run


@pytest.fixture
def utc() -> Callable[..., int]:
    """Milliseconds since 1970 of a UTC date and time."""
    return lambda *parts: int(datetime(*parts, tzinfo=UTC).timestamp() * 1000)


@pytest.fixture(name="user")
def _user() -> Callable[[str, str | None, str | None], SnmpCredential]:
    """Makes a USM user: name, authentication, privacy."""
    return user
