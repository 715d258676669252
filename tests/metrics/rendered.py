"""A board with everything on it, and scrapes of it read back by the parsers of prometheus-client."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from prometheus_client.openmetrics import parser as openmetrics
from prometheus_client.parser import text_string_to_metric_families

from tests.poller.scripted import Hands, province
from wanmon.health.two_way import Judgement
from wanmon.metrics.device import DeviceRenderer
from wanmon.metrics.exposition import Exposition
from wanmon.metrics.own import Counted, registry
from wanmon.model.finding import TwoWay
from wanmon.model.inventory import Inventory
from wanmon.model.state import State
from wanmon.poller.board import Board, DeviceLines, SiteView
from wanmon.poller.device.sensors import Amount, Health, Reading
from wanmon.poller.jobs import Column, DeviceIdentity, PollResult, Port, Task
from wanmon.poller.targets import targets
from wanmon.poller.track import DeviceTrack, PollerTrack
from wanmon.protocols.snmp.counters import SnmpCounters
from wanmon.protocols.snmp.remotes import Remotes
from wanmon.store.writer import WriterCounters

OPEN = "application/openmetrics-text;version=1.0.0"
TEXT = "text/plain;version=0.0.4"
COUNTERS = (
    "receive_bytes", "transmit_bytes", "receive_packets", "transmit_packets",
    "receive_errors", "transmit_errors", "receive_discards", "transmit_discards",
)  # fmt: skip

Labels = frozenset[tuple[str, str]]


@dataclass
class Tallied:
    """What the runner of checks has counted."""

    in_flight: int = 0
    overruns: int = 0


NOW_S = 1000.0


def port(name: str, index: int = 1, **values: Any) -> Port:
    given: dict[str, Any] = {"alias": "", "description": "", "speed_bps": 10**9}
    return Port(index, name, **given | values)


def columns(count: int, **given: Sequence[object]) -> dict[str, Column]:
    rows = tuple(range(count))
    plain = {role: [1000 + row for row in rows] for role in COUNTERS}
    plain |= {"oper_status": [1] * count, "admin_status": [1] * count, "last_change": [0] * count}
    return {role: Column(rows, list(values)) for role, values in {**plain, **given}.items()}


#: A router and a UPS in one, so that every family has something to show.
HEALTH = Health(
    cpu=(Reading("1", 0.28),),
    memory=(Amount("Processor", 22_188_980, 75_688_760),),
    temperature=(Reading("inlet", 41.5),),
    power_supply=(Reading("PS1", 1.0), Reading("PS2", 0.0)),
    on_battery=(Reading("0", 0.0),),
    battery_charge=(Reading("0", 1.0),),
    battery_runtime=(Reading("0", 65_520.0),),
)


def polled(ports: Sequence[Port], **values: Any) -> PollResult:
    given: dict[str, Any] = {
        "health": HEALTH,
        "credential": "wan", "profile": "if-mib", "changed": None,
        "ports": tuple(ports), "columns": columns(len(ports)),
    }  # fmt: skip
    return PollResult(Task.FAST, 0.5, **given | values)


def track(name: str = "S1-R1", inventory: Inventory | None = None, **values: Any) -> DeviceTrack:
    """A device that was asked and has answered at `NOW_S`."""
    known = inventory or province([{"name": name, "site": name[:2]}], **{name[:2]: {}})
    made = DeviceTrack.begin(replace(targets(known)[name], **values))
    made.state = State.UP
    made.echo.count(0.003, NOW_S, is_slot=True)
    made.echo.count(None, NOW_S, is_slot=True)
    made.snmp.up, made.snmp.answered_s, made.snmp.credential = True, NOW_S, "wan"
    made.snmp.last_poll_at_s = made.snmp.last_success_at_s = 1_772_452_800.5
    made.snmp.duration_s, made.snmp.boot_time_s = 0.5, 1_772_000_000.0
    made.snmp.identity = DeviceIdentity("MikroTik", "CCR", "7", "A1")
    return made


def lines(of: DeviceTrack, result: PollResult, renderer: DeviceRenderer | None = None) -> DeviceLines:
    """What is shown of a device after an echo and a poll."""
    made = renderer or DeviceRenderer()
    return made.after_poll(of, result, made.after_liveness(of, DeviceLines()))


def board(ports: Sequence[Port] = (port("eth0"),), **names: Any) -> Board:
    """Two sites with a router each, under a hub; the units are a province, a district and a commune."""
    rows = [{"name": "S1-R1", "site": "S1"}, {"name": "S2-R1", "site": "S2"}]
    known = province(rows, S1={"latitude": 21.18, "longitude": 106.07}, S2={"unit": "263"}, **names)
    since = Hands().now()
    return Board(
        known,
        {name: lines(track(name, known), polled(ports)) for name in ("S1-R1", "S2-R1")},
        {"DC1": SiteView(State.UNKNOWN, None), "S1": SiteView(State.UP, since), "S2": SiteView(State.DOWN, since)}
        | {name: SiteView(State.UNKNOWN, None) for name in names},
        verdicts={"S1": Judgement(TwoWay.AGENT_ONLY, "its agent is silent", 8)},
    )


def exposition(poller: PollerTrack | None = None, skipped: int = 0, engines: Remotes | None = None) -> Exposition:
    counted = Counted(
        poller or PollerTrack(), SnmpCounters(), WriterCounters(), lambda: skipped, engines or Remotes(), Tallied()
    )
    return Exposition(registry(counted))


def scraped(shown: Board, accept: str = TEXT, now_s: float = NOW_S) -> str:
    return exposition().everything(shown, now_s, accept).body.decode()


def families(text: str) -> list[Any]:
    """Its families, by the parser of its format."""
    if text.rstrip().endswith("# EOF"):
        return list(openmetrics.text_string_to_metric_families(text))
    return list(text_string_to_metric_families(text))


def samples(text: str) -> dict[tuple[str, Labels], float]:
    """Every sample; a series that comes twice is an error."""
    found: dict[tuple[str, Labels], float] = {}
    for family in families(text):
        for sample in family.samples:
            key = sample.name, frozenset(sample.labels.items())
            assert key not in found, f"twice: {key}"
            found[key] = sample.value
    return found


def of(text: str, name: str) -> list[tuple[Mapping[str, str], float]]:
    return [(dict(labels), value) for (found, labels), value in samples(text).items() if found == name]


def value(text: str, name: str, **labels: str) -> float | None:
    """The value of the one series that has these labels, among others."""
    found = [number for given, number in of(text, name) if labels.items() <= given.items()]
    assert len(found) < 2, found
    return found[0] if found else None


def names(text: str) -> set[str]:
    return {name for name, _ in samples(text)}


def label_sets(found: Iterable[tuple[str, Labels]]) -> dict[str, set[frozenset[str]]]:
    sets: dict[str, set[frozenset[str]]] = {}
    for name, labels in found:
        sets.setdefault(name, set()).add(frozenset(label for label, _ in labels))
    return sets
