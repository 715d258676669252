"""How one device is read over SNMP: learnt by walks, then asked by GET for the rows that it has.

What came is kept: one failing column never throws the others away. The credential that works is kept, too.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

from wanmon.config.secrets import SnmpCredential
from wanmon.health.uptime import restarted
from wanmon.model.reason import Reason
from wanmon.poller.equipment import Equipment
from wanmon.poller.jobs import Column, PollResult, Task, Ticks
from wanmon.poller.keys import KeyRing
from wanmon.poller.layout import Cells, Layout, cells, learn
from wanmon.poller.targets import DeviceTarget
from wanmon.profiles.library import Library
from wanmon.profiles.objects import Group, MibObject
from wanmon.profiles.profile import Profile
from wanmon.profiles.text import SEARCHED_CHARACTERS, text
from wanmon.protocols.snmp.types import Answer, Oid, Readout, Session, Value

#: Why the next credential is tried: a refusal, or the silence with which v1 and v2c agents refuse.
TRY_NEXT = frozenset({Reason.AUTH, Reason.PRIVACY, Reason.TIMEOUT})
SYSTEM = ((1, 3, 6, 1, 2, 1, 1, 1, 0), (1, 3, 6, 1, 2, 1, 1, 2, 0))  # sysDescr, sysObjectID


class DeviceReader:
    """One device, read again and again, one poll at a time."""

    def __init__(
        self,
        target: DeviceTarget,
        library: Library,
        keys: KeyRing,
        max_bytes: int,
    ) -> None:
        self._target = target
        self._library = library
        self._keys = keys
        self._max_bytes = max_bytes
        self._session: Session | None = None
        self._credential: SnmpCredential | None = None
        self._layout: Layout | None = None
        self._to_greet = True
        self._to_learn = True
        self._is_whole = False
        self._had_gaps = False
        self._columns: Mapping[str, Column] = {}
        self._uptime: Ticks | None = None
        self._equipment = Equipment(max_bytes)

    async def read(self, task: Task, deadline_s: float) -> PollResult:
        """Poll the fast or the slow group, until `deadline_s` (monotonic) at the latest.

        A fast poll of a device that is not learnt yet, or has restarted, learns it first.
        """
        began_s = time.monotonic()
        result = await self._read(task, deadline_s)
        if self._layout is not None and result.reason in (None, Reason.PARTIAL):
            result = await self._with_equipment(result, self._layout, deadline_s)
        return replace(result, duration_s=time.monotonic() - began_s)

    async def _with_equipment(self, result: PollResult, layout: Layout, deadline_s: float) -> PollResult:
        """The result with identity, sensors and default route; what of these does not come is told, and no more."""
        assert self._session is not None
        known, scalars, anew = self._equipment, layout.scalars, result.restarted
        await known.ask(self._session, layout.profile, scalars, result.task, deadline_s, anew=anew)
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
        if self._to_learn or task is Task.SLOW:
            learnt = await self._learn(task, deadline_s)
            result = replace(learnt, refused=result.refused)
        # Ports that are new or changed are read at once: they would have no values until the next fast poll.
        if result.reason not in (None, Reason.PARTIAL) or (task is Task.SLOW and result.changed is not None):
            return self._described(result)
        result = await self._fast(result, deadline_s)
        return self._described(await self._anew(result, deadline_s) if result.restarted else result)

    async def _anew(self, before: PollResult, deadline_s: float) -> PollResult:
        """Learn a device that restarted: its indexes may be others now, so nothing known of its ports is kept."""
        self._forget_ports()
        result = await self._learn(before.task, deadline_s)
        if self._layout is not None:
            result = await self._fast(result, deadline_s)
        uptime = before.uptime if result.uptime is None else result.uptime
        return replace(result, restarted=True, uptime=uptime, refused=before.refused)

    def _forget_ports(self) -> None:
        self._layout, self._columns, self._to_learn = None, {}, True

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
        ticks = layout.reading.values[0] if layout.role_of[:1] == ("uptime",) else None
        if not isinstance(ticks, int) or (readout.answered is not None and 0 not in readout.answered):
            return result
        if not ticks:  # tells nothing, and must not stand in the way of telling the restart that it may be
            return result
        before, self._uptime = self._uptime, Ticks(ticks, readout.received_at_s)
        again = before is not None and restarted(before.ticks, ticks, readout.received_at_s - before.received_s)
        return replace(result, uptime=self._uptime, restarted=again)

    async def _greet(self, task: Task, deadline_s: float) -> PollResult:
        """Find the first credential that gets an answer; that one is used until it no longer does."""
        refused: list[str] = []
        answer = Answer((), Reason.LOCAL, "none of its credentials can be used now: see `wanmon credential list`")
        for credential in self._keys.usable(self._target):
            async with self._keys.trying(credential) as may:
                if not may:
                    continue
                session = self._keys.open(self._target, credential)
                answer = await session.get(SYSTEM, deadline_s)
                if answer.reason is Reason.AUTH:
                    refused.append(credential.name)
                    self._keys.refused(self._target, credential)
            if answer.reason is None:
                self._credential, self._session = credential, session
                self._to_greet = False
            if answer.reason not in TRY_NEXT:
                break
        return PollResult(task, 0.0, answer.reason, answer.detail, refused=tuple(refused), changed=frozenset())

    async def _learn(self, task: Task, deadline_s: float) -> PollResult:
        """Walk the device; the layout in hand is replaced only where something differs."""
        session = self._session
        assert session is not None
        system = await session.get(SYSTEM, deadline_s)
        if system.reason is not None:
            self._to_greet = True
            return PollResult(task, 0.0, system.reason, system.detail, changed=frozenset())
        profile = self._choose(system)
        scalars, missing = await _scalars(session, profile, deadline_s)
        walked, lacking = await self._walk(session, profile, deadline_s)
        problem = lacking or missing
        # An agent that answers with an error will do so again: it is asked anew with the slow group only.
        complete = problem is None or problem.reason not in (Reason.TIMEOUT, Reason.DEADLINE)
        fresh = learn(profile, scalars, walked, self._max_bytes)
        new = self._take_layout(fresh, complete=complete)
        detail = problem.detail if problem else ""
        if fresh.left_out:
            detail = f"only the first {len(fresh.ports)} ports are read, {fresh.left_out} are left out"
        reason = Reason.PARTIAL if detail or problem else None
        host_uptime = _host_uptime(scalars, time.monotonic())
        return PollResult(task, 0.0, reason, detail, changed=None if new else frozenset(), host_uptime=host_uptime)

    def _choose(self, system: Answer) -> Profile:
        if self._target.profile != "auto":
            return self._library.named(self._target.profile)
        description, object_id = (varbind.value for varbind in system.varbinds)
        known = object_id if isinstance(object_id, tuple) else ()
        return self._library.matching(known, text(description, SEARCHED_CHARACTERS))

    async def _walk(
        self, session: Session, profile: Profile, deadline_s: float
    ) -> tuple[dict[Oid, Cells], Answer | None]:
        """Every column that a role needs: of several objects the next only for ports that the first lacks."""
        walked: dict[Oid, Cells] = {}
        problem: Answer | None = None
        for source in profile.interfaces.values():
            for item in self._speakable(source.objects):
                answer = await session.walk(item.oid, deadline_s)
                problem = problem or (answer if answer.reason else None)
                walked[item.oid] = cells(answer.varbinds, item.oid)
                if not _wanting(item, walked):
                    break
        return walked, problem

    def _speakable(self, objects: Sequence[MibObject]) -> list[MibObject]:
        """SNMPv1 has no Counter64: asking for one there only costs an error (RFC 2576 section 4.1.2)."""
        v1 = self._credential is not None and self._credential.version == "1"
        return [item for item in objects if not (v1 and item.syntax == "counter64")]

    def _take_layout(self, fresh: Layout, *, complete: bool) -> bool:
        """Keep `fresh`; the reading in hand stays where it asks the same. Tells whether ports are new or changed."""
        old, self._to_learn = self._layout, not complete
        if old is not None and self._is_whole and not complete:
            return False  # a lost answer must not rename or hide ports that were known
        self._is_whole = complete
        if old is not None and old.ports == fresh.ports and old.reading.oids == fresh.reading.oids:
            self._layout = replace(fresh, reading=old.reading)
            return False
        self._layout, self._columns = fresh, {}
        return True


def _wanting(item: MibObject, walked: Mapping[Oid, Cells]) -> bool:
    """Whether ports are left for which another object may know more: a scaled 0 hides what was rounded away."""
    column = walked[item.oid]
    indexes = {index for cells_of in walked.values() for index in cells_of}
    return not indexes or any(index not in column or (item.scale > 1 and column[index] == 0) for index in indexes)


def _host_uptime(scalars: Mapping[str, Value], received_s: float) -> Ticks | None:
    """What the machine says of its uptime; 0 tells nothing."""
    ticks = scalars.get("host_uptime")
    return Ticks(ticks, received_s) if isinstance(ticks, int) and ticks > 0 else None


async def _scalars(session: Session, profile: Profile, deadline_s: float) -> tuple[dict[str, Value], Answer | None]:
    """The slow scalars by role, and the answer that failed, if one did."""
    wanted = [(role, source.objects[0].oid) for role, source in profile.scalars.items() if source.group is Group.SLOW]
    answer = await session.get([oid for _, oid in wanted], deadline_s)
    by_oid = {varbind.oid: varbind.value for varbind in answer.varbinds if not varbind.is_missing}
    return {role: by_oid[oid] for role, oid in wanted if oid in by_oid}, answer if answer.reason else None
