"""The far ends of the poller as tests write them: a clock moved by hand, agents that are tables, a small province."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from wanmon.config.layout import shipped
from wanmon.config.secrets import Secrets, SnmpCredential
from wanmon.config.settings import SnmpSettings
from wanmon.model.device import Device, DeviceRole
from wanmon.model.inventory import NOUN, Inventory
from wanmon.model.reason import Reason
from wanmon.poller.breaker import CredentialBreaker
from wanmon.poller.keys import KeyRing
from wanmon.poller.targets import DeviceTarget
from wanmon.profiles.library import Library, load
from wanmon.protocols.snmp.remedy import ErrorReply
from wanmon.protocols.snmp.types import Answer, Failure, Oid, Reading, Readout, Syntax, Value, VarBind
from wanmon.protocols.snmp.walking import Walk

SYSTEM = (1, 3, 6, 1, 2, 1, 1)
IF = (1, 3, 6, 1, 2, 1, 2, 2, 1)
IFX = (1, 3, 6, 1, 2, 1, 31, 1, 1, 1)


class Hands:
    """A clock moved by hand; wall time and monotonic time may be moved apart."""

    def __init__(self) -> None:
        self.wall = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
        self.seconds = 1000.0

    def now(self) -> datetime:
        return self.wall

    def monotonic(self) -> float:
        return self.seconds

    def move(self, seconds: float) -> None:
        self.wall += timedelta(seconds=seconds)
        self.seconds += seconds


@dataclass
class Agent:
    """An agent as a table of instances, and how it misbehaves. It implements `asking.Session`."""

    table: dict[Oid, Value]
    reason: Reason | None = None  # every request ends so
    was_heard: bool = False  # and by a word of the agent itself
    chokes_on: dict[Oid, Reason] = field(default_factory=dict)  # walks of these roots end so, with nothing
    lost: set[Oid] = field(default_factory=set)  # a reading misses these, their PDU was lost
    at_s: float = 0.0
    asked: list[tuple[str, tuple[Oid, ...]]] = field(default_factory=list)

    async def get(self, oids: Sequence[Oid], deadline_s: float | None = None) -> Answer:
        self.asked.append(("get", tuple(oids)))
        if self.reason:
            return Answer((), self.reason, "", self.was_heard)
        return Answer(tuple(map(self._varbind, oids)), was_heard=True)

    async def walk(self, root: Oid, deadline_s: float | None = None) -> Answer:
        walk = Walk([root])
        return walk.answer(await self.go_on(walk, deadline_s))

    async def go_on(self, walk: Walk, deadline_s: float | None = None) -> Failure | None:
        ordered = sorted(self.table)
        while not walk.is_done:
            after, _ = walk.question(1400, 1)
            self.asked.append(("walk", tuple(after)))
            silent = self.reason or next(filter(None, map(self._choking, after)), None)
            if silent is Reason.REFUSED:
                walk.refused(ErrorReply(5, [self._choking(oid) for oid in after].index(silent) + 1))
            elif silent:
                return Failure(silent, "")
            else:
                found = [bisect_right(ordered, oid) for oid in after]
                end = VarBind((2, 0), Syntax.END_OF_MIB_VIEW, None)
                walk.came([self._varbind(ordered[at]) if at < len(ordered) else end for at in found], 100)
        return None

    def doubt_bulk(self) -> None:
        self.asked.append(("doubt", ()))

    def _choking(self, oid: Oid) -> Reason | None:
        return next((reason for root, reason in self.chokes_on.items() if oid[: len(root)] == root), None)

    async def read(self, reading: Reading, deadline_s: float | None = None) -> Readout:
        self.asked.append(("read", reading.oids))
        if self.reason:
            return Readout((), self.at_s, self.reason, "", ())
        answered = [index for index, oid in enumerate(reading.oids) if oid not in self.lost]
        changed = [index for index in answered if reading.values[index] != self.table.get(reading.oids[index])]
        for index in changed:
            reading.values[index] = self.table.get(reading.oids[index])
        if len(answered) == len(reading.oids):
            return Readout(changed, self.at_s)
        return Readout(changed, self.at_s, Reason.PARTIAL, "lost", answered)

    def _varbind(self, oid: Oid) -> VarBind:
        value = self.table.get(oid)
        syntax = Syntax.NO_SUCH_INSTANCE if value is None else Syntax.OCTET_STRING
        return VarBind(oid, syntax, value)

    def walked(self) -> list[Oid]:
        """The roots at which walks began."""
        return [oid for kind, oids in self.asked if kind == "walk" for oid in oids]


def column(root: Oid, cells: Mapping[int, Value]) -> dict[Oid, Value]:
    return {(*root, index): value for index, value in cells.items()}


def router(ports: int = 2, uptime: int = 360_000) -> Agent:
    """A well-behaved router: eth1, eth2, ... with 64-bit counters."""
    rows = range(1, ports + 1)
    table: dict[Oid, Value] = {
        (*SYSTEM, 1, 0): b"RouterOS 7",
        (*SYSTEM, 2, 0): (1, 3, 6, 1, 4, 1, 99_999),
        (*SYSTEM, 3, 0): uptime,
        (*SYSTEM, 5, 0): b"r1",
    }
    for number, root in ((2, IF), (7, IF), (8, IF), (9, IF), (13, IF), (14, IF), (19, IF), (20, IF)):
        value: Value = b"port" if number == 2 else 1
        table |= column((*root, number), dict.fromkeys(rows, value))
    for number in (6, 7, 10, 11):
        table |= column((*IFX, number), {row: 2**40 + row for row in rows})
    table |= column((*IFX, 1), {row: f"eth{row}".encode() for row in rows})
    table |= column((*IFX, 15), dict.fromkeys(rows, 1000))
    table |= column((*IFX, 18), dict.fromkeys(rows, b"to hub"))
    return Agent(table)


@dataclass
class Agents:
    """Stands where the SNMP engine stands: the session of an address under a credential, by name."""

    sessions: dict[tuple[str, str], Any]
    opened: list[tuple[str, str]] = field(default_factory=list)
    forgotten: list[tuple[str, int]] = field(default_factory=list)

    def forget(self, address: str, port: int) -> None:
        self.forgotten.append((address, port))

    def session(self, address: str, port: int, credential: SnmpCredential, **how: object) -> Any:
        self.opened.append((address, credential.name))
        return self.sessions[address, credential.name]


def credential(name: str, version: str = "2c", networks: Sequence[str] = ("10.27.0.0/16",)) -> SnmpCredential:
    given: dict[str, Any] = {"community": "c-" + name} if version != "3" else {"user": "u"}
    return SnmpCredential.model_validate({"name": name, "version": version, "networks": networks, **given})


def ring(agents: Agents, clock: Hands, *credentials: SnmpCredential) -> tuple[KeyRing, CredentialBreaker]:
    breaker = CredentialBreaker(clock)
    secrets = Secrets(snmp={each.name: each for each in credentials})
    engine: Any = agents
    return KeyRing(SnmpSettings(), secrets, engine, breaker), breaker


def target(name: str = "BN-0001-R1", number: int = 1, **values: Any) -> DeviceTarget:
    given: dict[str, Any] = {
        "id": number, "name": name, "site": name.rpartition("-")[0], "role": DeviceRole.EDGE, "address": "10.27.0.1",
        "port": 161, "liveness": "icmp", "credentials": ("wan",), "profile": "auto",
        "liveness_interval_s": 5, "fast_interval_s": 30, "slow_interval_s": 600,
    }  # fmt: skip
    return DeviceTarget(**given | values)


def library(*folders: Path) -> Library:
    return load([shipped("inventory") / "profiles", *folders])


def province(devices: Iterable[dict[str, Any]], **sites: dict[str, Any]) -> Inventory:
    """A hub, a district and a commune unit, the sites named, and some devices; rows as the database gives them."""
    rows: dict[str, list[dict[str, Any]]] = {
        "unit": [
            {"code": "27", "name": "Bắc Ninh", "level": "province"},
            {"code": "263", "name": "Gia Bình", "level": "district", "parent": "27"},
            {"code": "09454", "name": 'Thị trấn "Gia Bình"', "level": "commune", "parent": "263"},
        ],
        "class": [{"code": "any", "name": "Any"}],
        "carrier": [{"code": "VNPT", "name": "VNPT"}],
        "site": [
            {"code": "DC1", "name": "Hub", "unit": "27", "kind": "datacenter", "site_class": "any"},
            *(
                {"code": code, "name": "x", "unit": "09454", "kind": "party", "site_class": "any", "parent": "DC1",
                 "status": "active", **values}
                for code, values in sites.items()
            ),
        ],
        "circuit": [
            {"code": f"{code}/1", "site": code, "carrier": "VNPT", "receive_bps": 8_000_000, "transmit_bps": 4_000_000,
             "ends_on": "2026-12-31"} for code in sites
        ],
    }  # fmt: skip
    tables: dict[str, dict[str, Any]] = {noun.plural: {} for noun in NOUN.values()}
    for noun, given in rows.items():
        kind = NOUN[noun]
        tables[kind.plural] = {row["code"]: kind.fields.model_validate(row) for row in given}
    for number, row in enumerate(devices, 1):
        device = Device.model_validate({"id": number, "address": f"10.27.0.{number}", "snmp": "wan", **row})
        tables["devices"][device.name] = device
    return Inventory(**tables)
