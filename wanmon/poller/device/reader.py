"""How one device is read over SNMP: learnt by walks, then asked by GET for the rows that it has.

What came is kept: one failing column never throws the others away. The credential that works is kept, too, and what was
learnt of the agent's manners.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from wanmon.config.secrets import SnmpCredential
from wanmon.health.uptime import restarted
from wanmon.model.reason import REFUSALS, Reason
from wanmon.poller.device.equipment import Equipment
from wanmon.poller.device.layout import Cells, Layout
from wanmon.poller.device.learning import Learning, all_sources, slow_sources
from wanmon.poller.device.neighbours import NeighbourReader
from wanmon.poller.jobs import Column, PollResult, Task, Ticks
from wanmon.poller.keys import KeyRing
from wanmon.poller.targets import DeviceTarget
from wanmon.profiles.library import Library
from wanmon.profiles.profile import Profile
from wanmon.profiles.text import SEARCHED_CHARACTERS, text
from wanmon.protocols.snmp.asking import Session
from wanmon.protocols.snmp.manners import Manners
from wanmon.protocols.snmp.types import Answer, Oid, Readout, Value

#: Why the next credential is tried: a refusal, or the silence with which v1 and v2c agents refuse.
TRY_NEXT = REFUSALS | {Reason.TIMEOUT, Reason.LATE, Reason.MALFORMED, Reason.MISMATCHED}
SYSTEM = ((1, 3, 6, 1, 2, 1, 1, 1, 0), (1, 3, 6, 1, 2, 1, 1, 2, 0))  # sysDescr, sysObjectID
#: What every agent has something of, even one that cannot say what it is: sysUpTime.
GREETING = (*SYSTEM, (1, 3, 6, 1, 2, 1, 1, 3, 0))
#: Of the time that is left, learning may take so much: the rest is for reading what is known already.
_LEARNING_SHARE = 0.75

#: Some agents show the present time as that of the last change: so many looks in vain are enough.
_MOST_FALSE_ALARMS = 3


class DeviceReader:
    """One device, read again and again, one poll at a time; `manners` learn on with every poll."""

    def __init__(self, target: DeviceTarget, library: Library, keys: KeyRing, manners: Manners) -> None:
        self.manners = manners
        self._target = target
        self._library = library
        self._keys = keys
        self._session: Session | None = None
        self._credential: SnmpCredential | None = None
        self._layout: Layout | None = None
        self._walked: Mapping[Oid, Cells] = {}
        self._learning: Learning | None = None
        self._is_whole = False
        self._to_greet = True
        self._had_gaps = False
        self._columns: Mapping[str, Column] = {}
        self._uptime: Ticks | None = None
        self._watched: dict[str, Value] = {}
        self._shifted: frozenset[str] = frozenset()
        self._false_alarms: Counter[str] = Counter()
        self._neighbours = NeighbourReader()
        self._equipment = Equipment()

    async def read(self, task: Task, deadline_s: float) -> PollResult:
        """Poll the fast or the slow group, until `deadline_s` (monotonic) at the latest.

        A fast poll of a device that is not learnt yet, or has restarted, learns it first.
        """
        began_s = time.monotonic()
        result = await self._read(task, deadline_s)
        if result.reason in (None, Reason.PARTIAL) and self._layout is not None:
            result = await self._with_surroundings(result, self._layout, deadline_s)
        return replace(result, duration_s=time.monotonic() - began_s, manners=self.manners.learnt)

    async def _with_surroundings(self, result: PollResult, layout: Layout, deadline_s: float) -> PollResult:
        """The result with identity, sensors, default route and neighbours; what does not come is told, and no more."""
        assert self._session is not None
        known, scalars, anew = self._equipment, layout.scalars, result.restarted
        await known.ask(self._session, layout.profile, scalars, result.task, deadline_s, anew=anew)
        if result.task is Task.SLOW:
            now_s = time.monotonic()
            heard = await self._neighbours.read(self._session, result.ports, now_s, deadline_s)
            result = replace(result, neighbours=heard)
        return replace(
            result,
            identity=replace(layout.identity, **known.fields),
            health=known.health,
            default_route=known.default_route,
            detail=result.detail or known.trouble,
        )

    async def _read(self, task: Task, deadline_s: float) -> PollResult:
        result = PollResult(task, 0.0, changed=frozenset())
        if self._to_greet:
            result = await self._greet(task, deadline_s)
            if result.reason is not None:
                return self._described(result)
        if self._layout is None or (task is Task.SLOW and not self._is_whole):
            self._learning = self._learning or await self._whole_learning(deadline_s)
        elif task is Task.SLOW:
            self._learning = self._refreshing(self._layout)
        if self._learning is not None:
            result = await self._learn(result, deadline_s)
        # Ports that are new or changed are read at once: they would have no values until the next fast poll.
        if self._to_greet or self._layout is None or (task is Task.SLOW and result.changed is not None):
            return self._described(result)
        return self._described(await self._fast_or_anew(result, deadline_s))

    async def _fast_or_anew(self, result: PollResult, deadline_s: float) -> PollResult:
        """Ask for the known rows; a device that turns out to be another than it was is learnt anew."""
        result = await self._fast(result, deadline_s)
        if result.restarted:
            return await self._anew(result, deadline_s)
        if not self._shifted or self._layout is None:
            return result
        self._learning = self._learning or self._refreshing(self._layout)
        learnt = await self._learn(replace(result, changed=frozenset()), deadline_s)
        if learnt.changed is not None:
            self._false_alarms.update(self._shifted)
            return replace(learnt, changed=result.changed)
        # What was just read belongs to ports that are others now.
        return await self._fast(learnt, deadline_s)

    async def _anew(self, before: PollResult, deadline_s: float) -> PollResult:
        """Learn a device that restarted: its indexes may be others now, so nothing known of its ports is kept."""
        self._forget_ports()
        self.manners.forget()
        self._learning = await self._whole_learning(deadline_s)
        result = replace(before, reason=None, detail="", changed=frozenset())
        if self._learning is not None:
            result = await self._learn(result, deadline_s)
        if self._layout is not None:
            result = await self._fast(result, deadline_s)
        uptime = before.uptime if result.uptime is None else result.uptime
        silence = Reason.TIMEOUT if self._layout is None and result.reason is None else result.reason
        return replace(result, reason=silence, restarted=True, uptime=uptime)

    def _forget_ports(self) -> None:
        self._layout, self._learning, self._columns = None, None, {}

    def _described(self, result: PollResult) -> PollResult:
        """The result with all that is known of the device."""
        if self._layout is None:
            return result
        layout = self._layout
        return replace(
            result,
            credential=self._credential.name if self._credential else "",
            profile=layout.profile.profile,
            identity=layout.identity,
            ports=layout.ports,
            columns=self._columns,
            tells_change=layout.profile.tells_change,
            narrow=layout.narrow,
        )

    async def _fast(self, learnt: PollResult, deadline_s: float) -> PollResult:
        """Ask for the known rows; what was learnt just before tells whether everything is new."""
        layout, session = self._layout, self._session
        assert layout is not None
        assert session is not None
        try:
            readout = await session.read(layout.reading, deadline_s)
        except asyncio.CancelledError:
            self._had_gaps = True  # some values may have been taken in, and nobody was told
            raise
        result = replace(learnt, reason=readout.reason or learnt.reason, detail=readout.detail or learnt.detail)
        if readout.reason is not None and not readout.answered:
            self._to_greet = True
            return replace(result, changed=frozenset())
        result = self._take_columns(result, readout, layout)
        self._watch(readout, layout)
        return self._take_uptime(result, readout, layout)

    def _take_columns(self, result: PollResult, readout: Readout, layout: Layout) -> PollResult:
        whole = readout.answered is None
        anew = result.changed is None or self._had_gaps or not whole
        roles = None if anew else layout.changed_roles(readout.changed)
        if readout.answered is None:
            self._columns = layout.columns(roles, self._columns)
        else:
            self._columns = layout.answered_columns(readout.answered)
        self._had_gaps = not whole
        return replace(result, changed=roles)

    def _take_uptime(self, result: PollResult, readout: Readout, layout: Layout) -> PollResult:
        is_there = layout.role_of[:1] == ("uptime",) and (readout.answered is None or 0 in readout.answered)
        now = Ticks.of(layout.reading.values[0], readout.received_at_s) if is_there else None
        if now is None:  # must not stand in the way of telling the restart that it may be
            return result
        before, self._uptime = self._uptime, now
        again = before is not None and restarted(before.ticks, now.ticks, now.received_s - before.received_s)
        return replace(result, uptime=self._uptime, restarted=again)

    def _watch(self, readout: Readout, layout: Layout) -> None:
        """See whether the device says of itself that its name or its ports are others now.

        Whoever says so in every poll while nothing is new is not believed, until it is quiet for once.
        """
        now = layout.watched(readout.answered)
        moved = {role for role, value in now.items() if self._watched.get(role) != value}
        self._shifted = frozenset(role for role in moved if self._false_alarms[role] < _MOST_FALSE_ALARMS)
        for role in now.keys() - moved:
            self._false_alarms.pop(role, None)
        self._watched |= now

    async def _greet(self, task: Task, deadline_s: float) -> PollResult:
        """Find the first credential that gets an answer; that one is used until it no longer does."""
        refused: list[str] = []
        answer = Answer((), Reason.LOCAL, "none of its credentials can be used now: see `wanmon credential list`")
        for credential in self._keys.usable(self._target):
            async with self._keys.trying(credential) as may:
                if not may:
                    continue
                session = self._keys.open(self._target, credential, manners=self.manners)
                answer = await session.get(GREETING, deadline_s)
                if answer.reason in REFUSALS:
                    refused.append(credential.name)
                    self._keys.refused(self._target, credential)
            if answer.reason is None or answer.varbinds:
                self._credential, self._session = credential, session
                self._to_greet = False
                return PollResult(task, 0.0, refused=tuple(refused), changed=frozenset())
            if answer.reason not in TRY_NEXT:
                break
        return PollResult(task, 0.0, answer.reason, answer.detail, refused=tuple(refused), changed=frozenset())

    async def _whole_learning(self, deadline_s: float) -> Learning | None:
        """Begin to learn all of a device; None if it says nothing any more."""
        assert self._session is not None
        system = await self._session.get(GREETING, deadline_s)
        if not system.varbinds:
            self._to_greet = True
            return None
        told = {varbind.oid: varbind.value for varbind in system.varbinds}
        description, object_id = map(told.get, SYSTEM)
        profile = self._choose(object_id, description)
        return Learning(profile, all_sources(profile), is_v1=self._is_v1)

    def _refreshing(self, layout: Layout) -> Learning:
        """Begin to read what changes seldom: who the device is, the names and speeds of its ports."""
        slow = slow_sources(layout.profile)
        again = {item.oid for source in slow for item in source.objects}
        known = {oid: column for oid, column in self._walked.items() if oid not in again}
        return Learning(layout.profile, slow, is_v1=self._is_v1, known=known)

    @property
    def _is_v1(self) -> bool:
        return self._credential is not None and self._credential.version == "1"

    def _choose(self, object_id: Value, description: Value) -> Profile:
        if self._target.profile != "auto":
            return self._library.named(self._target.profile)
        known = object_id if isinstance(object_id, tuple) else ()
        return self._library.matching(known, text(description, SEARCHED_CHARACTERS))

    async def _learn(self, result: PollResult, deadline_s: float) -> PollResult:
        """Learn on; the layout in hand is replaced only where something differs."""
        learning, session = self._learning, self._session
        assert learning is not None
        assert session is not None
        now_s = time.monotonic()
        await learning.go_on(session, now_s + _LEARNING_SHARE * (deadline_s - now_s))
        if learning.is_unheard and learning.problem is not None:
            self._to_greet = True
            return replace(result, reason=learning.problem.reason, detail=learning.problem.detail, changed=frozenset())
        if learning.is_complete:
            self._learning = None
            if self._is_another(learning):
                self._learning = await self._whole_learning(deadline_s)
                return await self._learn(result, deadline_s) if self._learning else result
        new = self._take_layout(learning)
        problem = learning.problem
        return replace(
            result,
            reason=Reason.PARTIAL if problem else result.reason,
            detail=problem.detail if problem else result.detail,
            changed=None if new else result.changed,
            host_uptime=learning.host_uptime or result.host_uptime,
        )

    def _is_another(self, learning: Learning) -> bool:
        """Whether what was refreshed does not fit what is known: other ports, other names, other software."""
        layout = self._layout
        if layout is None or learning.is_whole or learning.problem is not None:
            return False
        profile = self._choose(*learning.system)
        fresh = learning.layout()
        names = [(port.if_index, port.name) for port in fresh.ports]
        return profile != layout.profile or names != [(port.if_index, port.name) for port in layout.ports]

    def _take_layout(self, learning: Learning) -> bool:
        """Keep what was learnt; the reading in hand stays where it asks the same. Tells whether ports are others."""
        old = self._layout
        if old is not None and self._is_whole and not learning.is_complete:
            return False  # a lost answer must not rename or hide ports that were known
        fresh = learning.layout()
        self._is_whole, self._walked = learning.is_complete, learning.walked
        self._watched |= learning.watched
        if old is not None and old.ports == fresh.ports and old.reading.oids == fresh.reading.oids:
            if None in old.reading.values:  # what was missing once is not asked for any more in v1: start afresh
                old.reading.prepared = None
            self._layout = replace(fresh, reading=old.reading)
            return False
        self._layout, self._columns = fresh, {}
        return True
