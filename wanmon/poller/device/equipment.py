"""What one device says of itself beside its ports: identity out of tables, sensors, the default route.

All of it is walked when the device is learnt, again soon after, and then once an hour; in between, the cells that hold
readings are asked by GET, a packet or two. Nothing that fails here touches the ports. What did not come is not shown,
but an identity that was known stays: a lost answer must not rename a device.
"""

from collections.abc import Iterable, Mapping, Sequence

from wanmon.model.reason import Reason
from wanmon.poller.device.routes import IP_ROUTE, TABLES, leads_to
from wanmon.poller.device.sensors import UNREAD, health, readings
from wanmon.poller.jobs import Task
from wanmon.profiles.identity import identified
from wanmon.profiles.objects import Group, MibObject
from wanmon.profiles.profile import Profile
from wanmon.profiles.rows import first_row
from wanmon.profiles.sensors import Source
from wanmon.protocols.snmp.asking import Session
from wanmon.protocols.snmp.types import Answer, Oid, Reading, Value, VarBind

#: Everything is walked anew when the slow group was asked so often, and once at the first asking after a start: agents
#: that have just started know less than a minute later (net-snmp tells no load of its processors).
ANEW_EVERY = 6
#: Walks that may end in silence before the others are left for the next time.
SILENT_WALKS = 2


class Equipment:
    """What is known of the equipment of one device."""

    def __init__(self) -> None:
        self.health = UNREAD
        self.fields: Mapping[str, str] = {}
        self.default_route: int | None = None
        self.trouble = ""
        self._profile: Profile | None = None
        self._is_whole = False
        self._lacking = ""
        self._askings_left = 0
        self._visit: _Visit | None = None
        self._polled: dict[Group, Reading] = {}

    async def ask(
        self,
        session: Session,
        profile: Profile,
        scalars: Mapping[str, Value],
        task: Task,
        deadline_s: float,
        *,
        anew: bool,
    ) -> None:
        """Ask what is due at a poll of this group, until `deadline_s` (monotonic); `anew` after a restart."""
        self._askings_left -= task is Task.SLOW
        is_begin = anew or profile is not self._profile
        if is_begin or (task is Task.SLOW and (not self._is_whole or self._askings_left <= 0)):
            await self._learn(session, profile, scalars, deadline_s)
            self._askings_left = 1 if is_begin else ANEW_EVERY
        else:
            await self._refresh(session, Group.SLOW if task is Task.SLOW else Group.FAST, deadline_s)

    async def _learn(self, session: Session, profile: Profile, scalars: Mapping[str, Value], deadline_s: float) -> None:
        visit = _Visit(session, profile.objects, deadline_s)
        rows = await visit.rows(profile)
        await visit.sensors(profile)
        await visit.route()
        # From here on nothing waits: a poll that is cancelled leaves all as it was.
        before = self.fields if profile is self._profile else {}
        fresh = identified(profile.identity, scalars, profile.objects, visit.cells, rows)
        self._profile, self._visit = profile, visit
        self._lacking = self.trouble = visit.trouble
        self._is_whole = not visit.trouble
        self.fields = {
            name: found if self._is_whole or found else before.get(name, "") for name, found in fresh.items()
        }
        self.health = health(visit.chosen, profile.objects, visit.cells)
        self.default_route = visit.default_route
        self._polled = {group: Reading(visit.living(group)) for group in Group}
        visit.forget()

    async def _refresh(self, session: Session, group: Group, deadline_s: float) -> None:
        """Ask for the readings of a group again; the others stay as they are."""
        visit, profile = self._visit, self._profile
        reading = self._polled.get(group)
        if visit is None or profile is None or reading is None or not reading.oids:
            return
        readout = await session.read(reading, deadline_s)
        answered = None if readout.answered is None else set(readout.answered)
        for place, (oid, value) in enumerate(zip(reading.oids, reading.values, strict=True)):
            visit.take(oid, value if answered is None or place in answered else None)
        self.trouble = _told("sensors", readout.reason, readout.detail) or self._lacking
        fresh = health(visit.chosen, profile.objects, visit.cells)
        self.health = self.health if fresh == self.health else fresh


class _Visit:
    """One walk through a device: what was read, by object and index, and which source serves each kind of sensor."""

    def __init__(self, session: Session, objects: Mapping[str, MibObject], deadline_s: float) -> None:
        self.cells: dict[str, dict[Oid, Value]] = {}
        self.chosen: dict[str, Source] = {}
        self.default_route: int | None = None
        self.trouble = ""
        self._session = session
        self._objects = objects
        self._deadline_s = deadline_s
        self._silences = 0
        self._whole: set[str] = set()
        self._place: dict[Oid, tuple[str, Oid]] = {}

    async def rows(self, profile: Profile) -> dict[str, Oid | None]:
        """Read what identity is taken from; the rows that were found for it."""
        found: dict[str, Oid | None] = {}
        for name, choices in profile.rows.items():
            found[name] = None
            for where in choices:
                await self._columns(where)
                found[name] = first_row((where,), self.cells)
                if found[name] is not None:
                    break
        extracts = [each for _, given in profile.identity.fields() for each in given if each.source in self._objects]
        single = [(each.source, found[each.row]) for each in extracts if each.row]
        await self._instances([(name, index) for name, index in single if index is not None])
        await self._columns([each.source for each in extracts if not each.row])
        return found

    async def sensors(self, profile: Profile) -> None:
        """Read the first source of each kind that the device has; of the others no more than shows that it has not."""
        needed = [use.name for _, sources in profile.sensors.kinds() for source in sources for use in source.uses()]
        await self._columns(name for name in needed if self._objects[name].is_scalar)
        for kind, sources in profile.sensors.kinds():
            for source in sources:
                first, *others = dict.fromkeys(use.name for use in source.uses())
                await self._columns([first])
                if self.cells.get(first):
                    await self._columns(others)
                if readings(kind, source, self._objects, self.cells):
                    self.chosen[kind] = source
                    break

    async def route(self) -> None:
        """Read through which port the default route leads."""
        if not self._is_open:
            return
        answer = await self._session.get((IP_ROUTE,), self._deadline_s)
        self.default_route = leads_to(self._heard("default route", answer))
        for table in TABLES:
            if self.default_route is None and self._is_open:
                answer = await self._session.walk(table, self._deadline_s)
                self.default_route = leads_to(self._heard("default route", answer))

    def living(self, group: Group) -> list[Oid]:
        """The instances that hold the readings of a group: labels stay, and so does what says what a row is."""
        found: dict[Oid, None] = {}
        for source in self.chosen.values():
            if source.group is group:
                for use in source.uses():
                    item = self._objects[use.name]
                    if use.field != ("label",) and item.syntax not in ("oid", "text"):
                        found |= {(*_root(item), *index): None for index in self.cells.get(use.name, {})}
        return list(found)

    def forget(self) -> None:
        """Keep only what the readings are made of."""
        used = {use.name for source in self.chosen.values() for use in source.uses()}
        self.cells = {name: column for name, column in self.cells.items() if name in used}

    def take(self, oid: Oid, value: Value) -> None:
        """A reading that was asked again; None if it did not come."""
        name, index = self._place[oid]
        if value is None:
            self.cells[name].pop(index, None)
        else:
            self.cells[name][index] = value

    @property
    def _is_open(self) -> bool:
        return self._silences < SILENT_WALKS

    async def _columns(self, names: Iterable[str]) -> None:
        """Walk columns, and ask for scalars, that were not read yet."""
        wanted = [name for name in dict.fromkeys(names) if name not in self._whole]
        self._whole.update(wanted)
        await self._instances([(name, (0,)) for name in wanted if self._objects[name].is_scalar])
        for name in wanted:
            if not self._objects[name].is_scalar and self._is_open:
                self.cells.setdefault(name, {})
                answer = await self._session.walk(self._objects[name].oid, self._deadline_s)
                self._keep(name, self._heard(name, answer))

    async def _instances(self, wanted: Sequence[tuple[str, Oid]]) -> None:
        oids = {(*_root(self._objects[name]), *index): name for name, index in dict.fromkeys(wanted)}
        if not oids or not self._is_open:
            return
        answer = await self._session.get(tuple(oids), self._deadline_s)
        varbinds = self._heard(next(iter(oids.values())), answer)
        for oid, name in oids.items():
            self.cells.setdefault(name, {})
            self._keep(name, [varbind for varbind in varbinds if varbind.oid == oid])

    def _keep(self, name: str, varbinds: Iterable[VarBind]) -> None:
        length = len(_root(self._objects[name]))
        for varbind in varbinds:
            index = varbind.oid[length:]
            self.cells[name][index] = varbind.value
            self._place[varbind.oid] = name, index

    def _heard(self, what: str, answer: Answer) -> list[VarBind]:
        """What came; the first trouble is told."""
        if answer.reason is not None:
            self.trouble = self.trouble or _told(what, answer.reason, answer.detail)
            # An agent that says no answers the next question; one that is silent may not.
            self._silences += SILENT_WALKS if answer.reason is Reason.DEADLINE else answer.reason is Reason.TIMEOUT
        return [varbind for varbind in answer.varbinds if not varbind.is_missing]


def _root(item: MibObject) -> Oid:
    """The OID before the index."""
    return item.oid[:-1] if item.is_scalar else item.oid


def _told(what: str, reason: Reason | None, detail: str) -> str:
    return f"{what}: {detail or reason}" if reason else ""
