"""The verdicts on the ways to all sites, as a running service sees them from both ends.

Looks at what is known every few seconds: the lanes and polls tell the hub's side, the checks from sites the other one,
the traces where a way ends. It asks nobody.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from wanmon.clock import Clock
from wanmon.health.two_way import Judgement, Seen, judge
from wanmon.health.window import Window
from wanmon.model.device import DeviceRole
from wanmon.model.inventory import Inventory
from wanmon.model.path import Hop
from wanmon.model.state import State
from wanmon.poller.board import Board
from wanmon.poller.checking.book import Entry
from wanmon.poller.checking.both_ends import seen
from wanmon.poller.checking.questions import Key
from wanmon.poller.records import Submits
from wanmon.poller.track import DeviceTrack
from wanmon.store import verdicts

LOOK_EVERY_S = 5.0
#: One poll may fail by chance.
SILENT_POLLS = 2
#: Words that alone have changed, as a share of loss does all the time, are stored no oftener.
WORDS_EVERY_S = 60.0
FROM_SITE = "ssh_path"
DIRECTION = "loss_direction"


class Watches(Protocol):
    """Where the present is held: the pipeline."""

    board: Board
    tracks: dict[str, DeviceTrack]

    def window(self, device: str) -> Window:
        """The last slots of a device in which it was held to be alive."""
        ...

    def show_verdicts(self, verdicts: Mapping[str, Judgement]) -> None:
        """Show these, by site."""
        ...


@dataclass(frozen=True, slots=True)
class _Stored:
    judgement: Judgement
    at_s: float


class Verdicts:
    """Judges all sites again and again, shows the judgements and stores those that are news."""

    def __init__(self, watches: Watches, submits: Submits, clock: Clock) -> None:
        self._watches = watches
        self._submits = submits
        self._clock = clock
        self._paths: dict[str, tuple[Hop, ...]] = {}
        self._stored: dict[str, _Stored | None] = {}

    def traced(self, site: str, hops: tuple[Hop, ...]) -> None:
        """Take in where the way from the hub to a site ends that fell just now."""
        self._paths[site] = hops

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            self.look()
            await asyncio.sleep(LOOK_EVERY_S)

    def look(self) -> None:
        """Judge every site by what is known now. Cut off ourselves, nothing is claimed of any."""
        board, now_s = self._watches.board, self._clock.monotonic()
        found = {} if board.is_isolated else self._judged(board, now_s)
        for site, view in board.sites.items():
            if view.state is not State.DOWN:
                self._paths.pop(site, None)
            self._store(site, found.get(site), now_s)
        self._stored = {site: held for site, held in self._stored.items() if site in board.sites}
        self._watches.show_verdicts(found)

    def _judged(self, board: Board, now_s: float) -> dict[str, Judgement]:
        entries = _by_site(board.checks, now_s)
        found = {}
        for site, device in edges(board.inventory).items():
            if site in board.sites and device in self._watches.tracks:
                known = self._known(site, entries.get(site, {}), self._watches.tracks[device])
                judgement = judge(known) if known is not None else None
                if judgement is not None:
                    found[site] = judgement
        return found

    def _known(self, site: str, entries: Mapping[str, Entry], edge: DeviceTrack) -> Seen | None:
        """All that is known of one site; None where its state is not."""
        if self._watches.board.sites[site].state is State.UNKNOWN:
            return None
        asked, direction = entries.get(FROM_SITE), entries.get(DIRECTION)
        router = asked.question.target.router if asked else None
        track = self._watches.tracks.get(router.device, edge) if router else edge
        told = seen(
            track.target.name,
            track.target.address,
            asked.question.target.name if asked else "the hub",
            from_site=asked.result if asked else None,
            direction=direction.result if direction else None,
            path=self._paths.get(site),
        )
        window = self._watches.window(track.target.name)
        return replace(told, echo_loss=echo_loss(track, window), echo_sent=window.slots, snmp_answers=snmp(track))

    def _store(self, site: str, judgement: Judgement | None, now_s: float) -> None:
        if not self._is_news(site, judgement, now_s):
            return
        self._stored[site] = None if judgement is None else _Stored(judgement, now_s)
        now = self._clock.now()
        if judgement is None:
            self._submits.submit(lambda session: verdicts.withdraw(session, site))
            return
        told = judgement
        self._submits.submit(lambda session: verdicts.keep(session, site, told.verdict, told.hop, told.text, now))

    def _is_news(self, site: str, judgement: Judgement | None, now_s: float) -> bool:
        if site not in self._stored:
            return True  # whatever an earlier run has left
        held = self._stored[site]
        if held is None or judgement is None:
            return (held is None) != (judgement is None)
        if (held.judgement.verdict, held.judgement.hop) != (judgement.verdict, judgement.hop):
            return True
        return held.judgement.text != judgement.text and now_s - held.at_s >= WORDS_EVERY_S


def echo_loss(track: DeviceTrack, window: Window) -> float | None:
    """The share of echoes lost on the way to a device and back; None where echo is not asked, or nothing is known."""
    if track.target.liveness != "icmp" or track.state is State.UNKNOWN:
        return None
    if track.state is State.DOWN or track.is_filtered:
        return 1.0
    return window.loss_ratio if window.slots else None


def snmp(track: DeviceTrack) -> bool | None:
    """Whether the agent of a device answers."""
    if track.snmp.up is None or not track.target.credentials:
        return None
    return track.snmp.silent_polls < SILENT_POLLS


def edges(inventory: Inventory) -> dict[str, str]:
    """The first edge device of each site that has one."""
    found: dict[str, str] = {}
    for name, device in inventory.devices.items():
        if device.role is DeviceRole.EDGE:
            found.setdefault(device.site, name)
    return found


def _by_site(entries: Mapping[Key, Entry], now_s: float) -> dict[str, dict[str, Entry]]:
    """The checks that speak of both ends, by site and kind: those that are not old."""
    found: dict[str, dict[str, Entry]] = {}
    for entry in entries.values():
        if entry.question.kind in (FROM_SITE, DIRECTION) and entry.result is not None and now_s < entry.until_s:
            found.setdefault(entry.question.site, {})[entry.question.kind] = entry
    return found
