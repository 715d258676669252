"""Paths at an outage: traced at once, once, few at a time, from here and from the nearest router that lets us in."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

import pytest

from tests.poller.scripted import Hands, province
from wanmon.checks.result import RouterSession, RouterTarget
from wanmon.model.life import Transition
from wanmon.model.path import Hop
from wanmon.model.reason import Reason
from wanmon.model.state import State
from wanmon.poller.board import Board, SiteView
from wanmon.poller.paths import FROM_HERE, WAITING_HERE, Fall, PathTracer, ancestors
from wanmon.protocols.icmp import EchoForbidden
from wanmon.protocols.ssh.fault import SshFault

UNKNOWN, UP, DEGRADED, DOWN, UNREACHABLE = State
HOPS = (Hop(1, "10.27.0.1", (0.0012,)), Hop(2, "10.27.1.1", (0.002,)), Hop(3))
TRACE = "traceroute to 10.27.0.3 (10.27.0.3), 10 hops max\n 1  10.27.5.1  0.5 ms  0.5 ms\n 2  * *\n"
PING = "PING\n--- statistics ---\n3 packets transmitted, 0 received, 100% packet loss, time 2005ms\n"


@dataclass
class Scene:
    """A hub, a district below it, a commune below that; `states` are the present, and what is kept is written down."""

    states: dict[str, State] = field(default_factory=lambda: {"DC1": UP, "D1": UP, "C1": DOWN, "C2": DOWN})
    is_refused: bool = False
    doors: dict[str, SshFault] = field(default_factory=dict)
    traced: list[str] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    kept: list[tuple[str, str, str]] = field(default_factory=list)
    at_once: int = 0
    most: int = 0
    sites: int = 2

    def __post_init__(self) -> None:
        communes: dict[str, dict[str, Any]] = {f"C{n}": {"parent": "D1"} for n in range(1, self.sites + 1)}
        devices = [
            {"name": f"{code}-R1", "site": code, "ssh": "routers", "platform": "linux"}
            for code in ("DC1", "D1", *communes)
        ]
        self.inventory = province(devices, D1={}, **communes, P1={"status": "planned", "parent": "D1"})
        self.clock = Hands()
        self.tracer = PathTracer(self.trace, lambda: self.board, self.keep, self.clock, cast(Any, self))

    @property
    def board(self) -> Board:
        return Board(self.inventory, sites={code: SiteView(state, None) for code, state in self.states.items()})

    async def trace(self, address: str) -> tuple[Hop, ...]:
        self.traced.append(address)
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        await asyncio.sleep(0)
        self.at_once -= 1
        if self.is_refused:
            raise EchoForbidden
        return HOPS

    @asynccontextmanager
    async def session(self, router: RouterTarget, deadline_s: float) -> AsyncIterator[RouterSession]:
        self.logins.append(router.device)
        if router.device in self.doors:
            raise self.doors[router.device]
        yield cast(RouterSession, self)

    async def run(self, command: str, within_s: float) -> str:
        return TRACE if "traceroute" in command else PING

    def keep(self, fall: Fall, vantage: str, at: datetime, hops: Sequence[Hop], text: str) -> None:
        self.kept.append((fall.site, vantage, text))

    def fall(self, site: str, old: State = UP, new: State = DOWN, **values: Any) -> None:
        at = self.clock.now()
        self.tracer.told(Transition(site=site, old=old, new=new, at=at, decided_at=at, **values))

    def settle(self, is_done: Callable[[], bool]) -> None:
        async def run() -> None:
            task = asyncio.create_task(self.tracer.run())
            for _ in range(2000):
                await asyncio.sleep(0)
                if is_done():
                    break
            for _ in range(50):  # whatever should not come has had its time
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.wait({task})

        asyncio.run(run())


def test_a_site_that_falls_is_traced_from_here_and_from_the_router_above():
    scene = Scene()
    scene.fall("C1")
    scene.settle(lambda: len(scene.kept) == 2)

    assert [
        ("C1", "DC1", "10.27.0.1 1.2 ms, 10.27.1.1 2.0 ms, no answer from hop 3"),
        ("C1", "D1", "0 of 3 echoes; 10.27.5.1 0.5 ms, no answer from hop 2"),
    ] == scene.kept
    assert ["D1-R1"] == scene.logins


@pytest.mark.parametrize(
    ("site", "old", "new", "values"),
    [
        ("C1", UP, UNREACHABLE, {}),
        ("C1", UP, DEGRADED, {}),
        ("C1", DOWN, UP, {}),
        ("C1", UP, DOWN, {"circuit": "C1/1"}),
        ("P1", UP, DOWN, {}),
        ("gone", UP, DOWN, {}),
    ],
    ids=["cut off above", "degraded", "back", "a circuit", "planned", "not in the inventory"],
)
def test_nobody_else_is_traced(site, old, new, values):
    scene = Scene()
    scene.states[site] = new
    scene.fall(site, old, new, **values)
    scene.settle(lambda: False)

    assert [] == scene.traced


def test_a_site_that_is_back_before_its_turn_is_not_traced():
    scene = Scene()
    scene.fall("C1")
    scene.states["C1"] = UP
    scene.settle(lambda: False)

    assert [] == scene.traced


def test_a_router_above_that_does_not_let_us_in_leaves_it_to_the_one_above_that():
    scene = Scene(doors={"D1-R1": SshFault(Reason.HOST_KEY, "no host key is trusted yet")})
    scene.fall("C1")
    scene.settle(lambda: len(scene.kept) == 2)

    assert ["D1-R1", "DC1-R1"] == scene.logins


def test_a_router_of_a_site_that_is_lost_is_not_asked():
    scene = Scene()
    scene.states["D1"] = UNREACHABLE
    scene.fall("C1")
    scene.settle(lambda: len(scene.kept) == 2)

    assert ["DC1-R1"] == scene.logins


def test_many_that_fall_at_once_are_traced_few_at_a_time_and_not_all():
    """89 real outages of one carrier must not become a storm of our own."""
    scene = Scene(sites=89)
    for number in range(1, 90):
        scene.states[f"C{number}"] = DOWN
        scene.fall(f"C{number}")
    scene.settle(lambda: len(scene.traced) == WAITING_HERE and not scene.at_once)

    assert WAITING_HERE == len(scene.traced)
    assert FROM_HERE == scene.most


def test_where_echo_is_forbidden_the_tracer_goes_on():
    scene = Scene(is_refused=True)
    scene.fall("C1")
    scene.fall("C2")
    scene.settle(lambda: len(scene.traced) == 2)

    assert (2, []) == (len(scene.traced), scene.kept)


def test_ancestors_come_nearest_first_and_each_once():
    assert ["D1", "DC1"] == list(ancestors(Scene().inventory, "C1"))
