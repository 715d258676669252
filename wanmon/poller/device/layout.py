"""What a device has, learnt by walking: its ports under unique names, and which object serves each role of each port.

Pure: walks in, a layout out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from wanmon.poller.jobs import Column, DeviceIdentity, Port
from wanmon.profiles.identity import identified
from wanmon.profiles.objects import Group, MibObject
from wanmon.profiles.profile import Profile
from wanmon.profiles.text import text
from wanmon.protocols.snmp.types import Oid, Reading, Value, VarBind

#: Ports of one device that are read, the first by ifIndex: one agent must not swell every scrape.
MAX_PORTS = 1000
#: No port is faster: an agent that says so counts in bit/s what is to be in Mbit/s.
FASTEST_BPS = 10**13
#: What one column holds, by ifIndex.
Cells = Mapping[int, Value]


@dataclass(frozen=True, slots=True)
class Slot:
    """A run of a reading's values that is one role: `start` on, one value for each of `rows`."""

    role: str
    rows: Sequence[int]
    start: int


@dataclass(frozen=True, slots=True)
class Layout:
    """All that was learnt, and the reading that asks for the fast group of it: sysUpTime first, then the slots.

    `narrow` are the (role, row) that are served by a 32-bit counter. `identity` is what the `scalars` alone tell.
    """

    profile: Profile
    scalars: Mapping[str, Value]
    identity: DeviceIdentity
    ports: tuple[Port, ...]
    slots: tuple[Slot, ...]
    role_of: tuple[str, ...]
    reading: Reading
    narrow: frozenset[tuple[str, int]] = frozenset()

    def watched(self, answered: Sequence[int] | None) -> dict[str, Value]:
        """The scalars at the head of the reading that were answered, but for the uptime."""
        ports_from = self.slots[0].start if self.slots else len(self.role_of)
        heads = range(ports_from) if answered is None else [index for index in answered if index < ports_from]
        values = self.reading.values
        return {self.role_of[index]: values[index] for index in heads if self.role_of[index] != "uptime"}

    def changed_roles(self, changed: Sequence[int]) -> frozenset[str]:
        """The roles of some indexes of the reading."""
        return frozenset(map(self.role_of.__getitem__, changed))

    def columns(self, roles: frozenset[str] | None, old: Mapping[str, Column]) -> dict[str, Column]:
        """The columns by role; only those of `roles` (None = all) are taken afresh."""
        fresh = dict(old)
        for slot in self.slots:
            if roles is None or slot.role in roles:
                fresh[slot.role] = Column(slot.rows, self.reading.values[slot.start : slot.start + len(slot.rows)])
        return fresh

    def answered_columns(self, answered: Sequence[int]) -> dict[str, Column]:
        """The columns by role with None for what was not among the indexes `answered`."""
        there = set(answered)
        values = [value if index in there else None for index, value in enumerate(self.reading.values)]
        return {s.role: Column(s.rows, values[s.start : s.start + len(s.rows)]) for s in self.slots}


def cells(varbinds: Sequence[VarBind], root: Oid) -> dict[int, Value]:
    """A walked column as a mapping from ifIndex; what is not indexed by one number is left out."""
    length = len(root) + 1
    return {v.oid[-1]: v.value for v in varbinds if len(v.oid) == length and not v.is_missing}


def identify(profile: Profile, scalars: Mapping[str, Value]) -> DeviceIdentity:
    """Who the device says it is."""
    fields = identified(profile.identity, scalars, profile.objects, {}, {})
    return DeviceIdentity(**fields, system_name=text(scalars.get("name")), description=text(scalars.get("description")))


def learn(profile: Profile, scalars: Mapping[str, Value], walked: Mapping[Oid, Cells]) -> Layout:
    """The layout of a device whose scalars and columns read so."""
    indexes = sorted({index for column in walked.values() for index in column})[:MAX_PORTS]
    ports = _ports(profile, walked, indexes)
    heads = _heads(profile, scalars)
    oids = [oid for _, oid in heads]
    role_of = [role for role, _ in heads]
    slots = []
    narrow: set[tuple[str, int]] = set()
    for role, source in profile.interfaces.items():
        if source.group is Group.FAST:
            chosen = [(row, _serving(source.objects, walked, index)) for row, index in enumerate(indexes)]
            found = [(row, item) for row, item in chosen if item is not None]
            slots.append(Slot(role, tuple(row for row, _ in found), len(oids)))
            oids += [(*item.oid, indexes[row]) for row, item in found]
            role_of += [role] * len(found)
            narrow |= {(role, row) for row, item in found if item.syntax == "counter32"}
    identity = identify(profile, scalars)
    return Layout(profile, scalars, identity, ports, tuple(slots), tuple(role_of), Reading(oids), frozenset(narrow))


def _heads(profile: Profile, scalars: Mapping[str, Value]) -> list[tuple[str, Oid]]:
    """The scalars of the fast group: sysUpTime before all, then those that the device has."""
    fast = {role: source.objects[0].oid for role, source in profile.scalars.items() if source.group is Group.FAST}
    others = [(role, oid) for role, oid in fast.items() if role != "uptime" and role in scalars]
    return ([("uptime", fast["uptime"])] if "uptime" in fast else []) + others


def _serving(objects: Sequence[MibObject], walked: Mapping[Oid, Cells], index: int) -> MibObject | None:
    """The first object that this port has."""
    return next((item for item in objects if index in walked.get(item.oid, {})), None)


def _ports(profile: Profile, walked: Mapping[Oid, Cells], indexes: Sequence[int]) -> tuple[Port, ...]:
    taken: set[str] = set()
    ports = []
    for index in indexes:
        described = {role: _cell(profile, walked, role, index) for role in ("name", "description", "alias")}
        texts = {role: text(value) for role, value in described.items()}
        name = texts["name"] or texts["description"] or f"if{index}"
        while name in taken:  # a port may really be called `eth0@3`
            name = f"{name}@{index}"
        taken.add(name)
        kind = _cell(profile, walked, "type", index)
        if_type = kind if isinstance(kind, int) else None
        ports.append(Port(index, name, texts["alias"], texts["description"], _speed(profile, walked, index), if_type))
    return tuple(ports)


def _cell(profile: Profile, walked: Mapping[Oid, Cells], role: str, index: int) -> Value:
    source = profile.interfaces.get(role)  # type: ignore[call-overload]  # roles are checked where profiles are read
    item = _serving(source.objects, walked, index) if source else None
    return walked[item.oid][index] if item else None


def _speed(profile: Profile, walked: Mapping[Oid, Cells], index: int) -> int | None:
    """The speed in bit/s; ifHighSpeed 0 means "below 1 Mbit/s", where ifSpeed knows better (RFC 2863)."""
    source = profile.interfaces.get("speed_bps")
    for item in source.objects if source else ():
        value = walked.get(item.oid, {}).get(index)
        if isinstance(value, int) and 0 < value < (2**32 - 1 if item.name == "ifSpeed" else 2**32):
            # D-Link's DES-3000 counts ifHighSpeed in bit/s, too.
            return value * item.scale if value * item.scale <= FASTEST_BPS else value
    return None
