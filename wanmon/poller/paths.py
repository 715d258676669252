"""Where the way to a site ends, traced at once when it falls: from here, and from the nearest router above it.

A consumer beside the records: told of each transition, it keeps nobody waiting. Few are traced at a time, and of very
many that fall together some are left out: whoever is cut off above is not down, and is not traced at all.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from wanmon.checks import routers
from wanmon.checks.result import Routers, RouterTarget
from wanmon.clock import Clock
from wanmon.errors import NotFound, UsageError
from wanmon.health.paths import in_words
from wanmon.health.sight import THERE
from wanmon.log import log
from wanmon.model.device import DeviceFields, DeviceRole
from wanmon.model.inventory import Inventory
from wanmon.model.life import Transition
from wanmon.model.path import Hop
from wanmon.model.site import SiteKind, SiteStatus
from wanmon.model.state import State
from wanmon.platforms import registry
from wanmon.platforms.asking import PingRequest, TraceRequest
from wanmon.poller.board import Board
from wanmon.poller.records import Submits
from wanmon.poller.router_target import router_of
from wanmon.protocols.icmp import EchoForbidden
from wanmon.protocols.ssh.fault import SshFault
from wanmon.store import outage_paths

#: Traces at the same time: from here, and from routers. One of these takes as long as many of ours.
FROM_HERE, FROM_ABOVE = 3, 1
#: Sites that wait to be traced; who comes when so many wait is left out.
WAITING_HERE, WAITING_ABOVE = 64, 8
#: Routers above a site that are tried, the nearest first.
MOST_ROUTERS = 3
#: All that is asked of a router, its login included, takes no longer.
SESSION_S = 45.0


class Traces(Protocol):
    """Traces from here; `protocols.trace.trace` is one."""

    def __call__(self, address: str) -> Awaitable[tuple[Hop, ...]]:
        """The hops to an address."""
        ...


@dataclass(frozen=True, slots=True)
class Fall:
    """A site that fell, and the address of its router."""

    site: str
    began_at: datetime
    address: str


class Keeps(Protocol):
    """Keeps a path with the outage of a site."""

    def __call__(self, fall: Fall, vantage: str, at: datetime, hops: Sequence[Hop], text: str) -> object:
        """Keep it; nobody waits for that."""
        ...


class PathTracer:
    """Traces the ways to sites that fall; `board` is the present. `routers` is None where nobody logs in.

    `traced` is told of each path from here, by site.
    """

    def __init__(
        self,
        trace: Traces,
        board: Callable[[], Board],
        keep: Keeps,
        clock: Clock,
        routers: Routers | None = None,
        traced: Callable[[str, tuple[Hop, ...]], None] = lambda site, hops: None,
    ) -> None:
        self._trace = trace
        self._board = board
        self._keep = keep
        self._clock = clock
        self._routers = routers
        self._traced = traced
        self._here: asyncio.Queue[Fall] = asyncio.Queue(WAITING_HERE)
        self._above: asyncio.Queue[Fall] = asyncio.Queue(WAITING_ABOVE)

    def told(self, transition: Transition) -> None:
        """Take in that a site or circuit changed its state."""
        if transition.circuit is not None or transition.new is not State.DOWN or transition.old is State.DOWN:
            return
        inventory = self._board().inventory
        site = inventory.sites.get(transition.site)
        edge = next(_edges(inventory, transition.site), None)
        if site is not None and site.status is SiteStatus.ACTIVE and edge is not None:
            self._put(self._here, Fall(transition.site, transition.at, edge.address))

    async def run(self) -> None:
        """Trace until cancelled."""
        async with asyncio.TaskGroup() as group:
            for _ in range(FROM_HERE):
                group.create_task(self._work(self._here, self._from_here))
            for _ in range(FROM_ABOVE):
                group.create_task(self._work(self._above, self._from_above))

    async def _work(self, queue: asyncio.Queue[Fall], trace: Callable[[Fall], Awaitable[None]]) -> None:
        while True:
            fall = await queue.get()
            if self._is_down(fall.site):  # it may be back by now, and its way would end nowhere
                await trace(fall)

    async def _from_here(self, fall: Fall) -> None:
        try:
            hops = await self._trace(fall.address)
        except EchoForbidden as refusal:
            log.warning("a path was not traced", site=fall.site, reason=str(refusal))
            return
        self._traced(fall.site, hops)
        vantage = _hub(self._board().inventory, fall.site)
        self._keep(fall, vantage, self._clock.now(), hops, in_words(hops))
        if self._routers is not None:
            self._put(self._above, fall)

    async def _from_above(self, fall: Fall) -> None:
        """From the nearest router that lets us in; one that does not says why in the log, and the next is tried."""
        for router in self._nearest(fall.site):
            try:
                hops, text = await self._ask(router, fall.address)
            except (SshFault, NotFound, UsageError) as fault:
                told = {"site": fall.site, "router": router.device, "reason": str(fault)}
                log.info("a path was not traced from a router", **told)
                continue
            self._keep(fall, router.site, self._clock.now(), hops, text)
            return

    async def _ask(self, router: RouterTarget, address: str) -> tuple[Sequence[Hop], str]:
        """What a router says of the way to an address. Raises `SshFault`, `NotFound` and `UsageError`."""
        assert self._routers is not None
        platform = registry.platform(router.platform)
        ping, trace = PingRequest(address, count=3, timeout_s=1), TraceRequest(address, max_hops=10, timeout_s=1)
        async with self._routers.session(router, SESSION_S) as session:
            echoes = await routers.ping(session, platform, ping)
            traced = await routers.trace(session, platform, trace)
        path = in_words(traced.hops) if traced.hops else traced.detail or f"no path: {traced.outcome}"
        return traced.hops, f"{echoes.received} of {ping.count} echoes; {path}"

    def _nearest(self, code: str) -> list[RouterTarget]:
        """The routers above a site that may be asked, the nearest first."""
        board = self._board()
        found: list[RouterTarget] = []
        for above in ancestors(board.inventory, code):
            view = board.sites.get(above)
            if view is not None and view.state in THERE:
                targets = (router_of(device) for device in _edges(board.inventory, above))
                found += [target for target in targets if target is not None and target.platform]
        return found[:MOST_ROUTERS]

    def _is_down(self, code: str) -> bool:
        view = self._board().sites.get(code)
        return view is not None and view.state is State.DOWN

    def _put(self, queue: asyncio.Queue[Fall], fall: Fall) -> None:
        try:
            queue.put_nowait(fall)
        except asyncio.QueueFull:
            log.info("a path is not traced: too many sites fell at once", site=fall.site)


def keeping(writer: Submits) -> Keeps:
    """Keeps paths in the database, after the transitions that were handed over before."""

    def keep(fall: Fall, vantage: str, at: datetime, hops: Sequence[Hop], text: str) -> object:
        site, began_at = fall.site, fall.began_at
        return writer.submit(lambda session: outage_paths.keep(session, site, began_at, vantage, at, hops, text))

    return keep


def ancestors(inventory: Inventory, code: str) -> Iterator[str]:
    """The sites that a site stands behind, the nearest first."""
    seen, level = {code}, [code]
    while level:
        above = [parent for each in level for parent in inventory.sites[each].parents]
        level = [each for each in dict.fromkeys(above) if each not in seen and each in inventory.sites]
        seen.update(level)
        yield from level


def _edges(inventory: Inventory, code: str) -> Iterator[DeviceFields]:
    return (each for each in inventory.devices.values() if each.site == code and each.role is DeviceRole.EDGE)


def _hub(inventory: Inventory, code: str) -> str:
    """The code of the hub that a site stands behind, from where we ask; a site behind none is asked from nowhere."""
    kinds = {above: inventory.sites[above].kind for above in (code, *ancestors(inventory, code))}
    return next((above for above, kind in kinds.items() if kind is SiteKind.DATACENTER), "hub")
