"""Learning a device: its scalars, then the columns of its ports, until all that the profile asks for is known.

It takes as long as the agent needs. What a poll has no time for is gone on with in the next one, from where it stopped;
what came so far can be used meanwhile.
"""

import time
from collections.abc import Mapping, Sequence

from wanmon.model.reason import Reason
from wanmon.poller.device.layout import MAX_PORTS, Cells, Layout, cells, learn
from wanmon.poller.jobs import Ticks
from wanmon.profiles.objects import Group, MibObject
from wanmon.profiles.profile import Profile, Source
from wanmon.protocols.snmp.asking import Session
from wanmon.protocols.snmp.types import Failure, Oid, Value
from wanmon.protocols.snmp.walking import Walk

#: So many missing instances of a column are asked for by name: GETBULK of some agents passes instances over.
_PROOFS = 4


class Learning:
    """What is being learnt of one device. `sources` are the roles of ports to walk; `known` columns stay as they are.

    `problem` is what went wrong last; `is_complete` tells whether anything is left that could still come.
    """

    def __init__(
        self, profile: Profile, sources: Sequence[Source], *, is_v1: bool, known: Mapping[Oid, Cells] | None = None
    ) -> None:
        self.profile = profile
        self.problem: Failure | None = None
        self.is_complete = False
        self.host_uptime: Ticks | None = None
        self.walked: dict[Oid, Cells] = dict(known or {})
        self._known = known
        self._sources = [_speakable(source, is_v1=is_v1) for source in sources]
        self._is_v1 = is_v1
        self._scalars: dict[str, Value] | None = None
        self._walk: Walk | None = None
        self._roots: list[Oid] = []
        self._fresh: set[Oid] = set()
        self._objects = {item.oid: item for objects in self._sources for item in objects}
        self._misfits: set[Oid] = set()
        self._is_proven = False

    @property
    def is_unheard(self) -> bool:
        """Whether the agent has answered nothing yet."""
        return self._scalars is None

    @property
    def is_whole(self) -> bool:
        """Whether it learns everything, and not only what changes seldom."""
        return not self._known

    @property
    def system(self) -> tuple[Value, Value]:
        """What the device names itself: sysObjectID and sysDescr."""
        scalars = self._scalars or {}
        return scalars.get("object_id"), scalars.get("description")

    @property
    def watched(self) -> dict[str, Value]:
        """The scalars of the fast group but for the uptime: where one changes, the device is another than it was."""
        fast = [role for role, source in self.profile.scalars.items() if source.group is Group.FAST]
        return {role: value for role, value in (self._scalars or {}).items() if role in fast and role != "uptime"}

    def layout(self) -> Layout:
        """The device as far as it is known."""
        return learn(self.profile, self._scalars or {}, self.walked)

    async def go_on(self, session: Session, deadline_s: float) -> None:
        """Learn on until all is known, the agent falls silent, or `deadline_s` (monotonic) comes."""
        self.problem = None
        if self._scalars is None and not await self._read_scalars(session, deadline_s):
            return
        while not self.is_complete:
            self._roots = self._roots or self._next_roots()
            if self._roots:
                if not await self._walk_on(session, self._roots, deadline_s):
                    return
                self._fresh.update(self._roots)
                self._roots = []
            else:
                self.is_complete = self._is_proven or await self._prove(session, deadline_s)

    async def _read_scalars(self, session: Session, deadline_s: float) -> bool:
        wanted = [(role, source.objects[0].oid) for role, source in self.profile.scalars.items()]
        answer = await session.get([oid for _, oid in wanted], deadline_s)
        by_oid = {varbind.oid: varbind.value for varbind in answer.varbinds if not varbind.is_missing}
        if answer.reason is not None:
            self.problem = Failure(answer.reason, answer.detail)
            if answer.reason in (Reason.TIMEOUT, Reason.DEADLINE) and not by_oid:
                return False
        self._scalars = {role: by_oid[oid] for role, oid in wanted if oid in by_oid}
        self.host_uptime = Ticks.of(self._scalars.get("host_uptime"), time.monotonic())
        return True

    async def _walk_on(self, session: Session, roots: Sequence[Oid], deadline_s: float) -> bool:
        """Walk some columns side by side, or go on with it; whether it came to its end."""
        count = (self._scalars or {}).get("interface_count")
        expected = count if isinstance(count, int) and 0 < count <= MAX_PORTS else 0
        self._walk = self._walk or Walk(roots, MAX_PORTS, expected)
        stopped = await session.go_on(self._walk, deadline_s)
        for root in roots:
            came = cells(self._walk.rows(root), root)
            self.walked[root] = {index: value for index, value in came.items() if self._objects[root].holds(value)}
            self._misfits |= {(*root, index) for index in came.keys() - self.walked[root].keys()}
        self.problem = stopped or _told(self._walk.trouble) or self.problem
        if stopped is None:
            self._walk = None
        return stopped is None

    def _next_roots(self) -> list[Oid]:
        """For each role the next object to walk: the first, and one more while ports are left that lack it."""
        roots = []
        for objects in self._sources:
            known = [item for item in objects if item.oid in self.walked]
            if len(known) < len(objects) and (not known or self._is_wanting(known[-1])):
                roots.append(objects[len(known)].oid)
        return roots

    def _is_wanting(self, item: MibObject) -> bool:
        """Whether ports are left for which another object may know more: a scaled 0 hides what was rounded away."""
        column = self.walked[item.oid]
        indexes = {index for cells_of in self.walked.values() for index in cells_of}
        return not indexes or any(index not in column or (item.scale > 1 and column[index] == 0) for index in indexes)

    async def _prove(self, session: Session, deadline_s: float) -> bool:
        """Ask for instances that columns lack; where the agent has them after all, walk again without GETBULK."""
        self._is_proven = True
        lacking = [] if self._is_v1 else self._lacking()
        answer = await session.get(lacking, deadline_s) if lacking else None
        if answer is None or all(varbind.is_missing for varbind in answer.varbinds):
            return True
        session.doubt_bulk()
        self._roots = sorted(self._fresh)
        return False

    def _lacking(self) -> list[Oid]:
        """Some instances of each walked column for ports of which other columns know."""
        indexes = sorted({index for root in self._fresh for index in self.walked[root]})
        found = []
        for root in sorted(self._fresh):
            missing = [index for index in indexes if index not in self.walked[root]]
            missing = [index for index in missing if (*root, index) not in self._misfits]
            found += [(*root, index) for index in missing[: _PROOFS if self.walked[root] else 1]]
        return found


def all_sources(profile: Profile) -> list[Source]:
    """Every role of ports."""
    return list(profile.interfaces.values())


def slow_sources(profile: Profile) -> list[Source]:
    """The roles of ports that belong to the slow group: names, speeds."""
    return [source for source in profile.interfaces.values() if source.group is Group.SLOW]


def _speakable(source: Source, *, is_v1: bool) -> list[MibObject]:
    """SNMPv1 has no Counter64: asking for one there only costs an error (RFC 2576 section 4.1.2)."""
    return [item for item in source.objects if not (is_v1 and item.syntax == "counter64")]


def _told(trouble: Failure | None) -> Failure | None:
    """What a walk met, in terms of ports."""
    if trouble is None or trouble.reason is not Reason.PARTIAL:
        return trouble
    return Failure(Reason.PARTIAL, f"only the first {MAX_PORTS} ports are read")
