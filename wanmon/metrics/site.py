"""The lines of sites and circuits: what the inventory says of them, and the state they are in."""

from collections import Counter
from collections.abc import Collection, Iterator
from datetime import datetime, time, timedelta
from math import isfinite

from wanmon.clock import LOCAL
from wanmon.health.two_way import Judgement
from wanmon.metrics.lines import sample
from wanmon.model.carrier import CircuitFields
from wanmon.model.cause import Cause
from wanmon.model.finding import TwoWay
from wanmon.model.inventory import Inventory
from wanmon.model.site import SiteFields, SiteKind, SiteStatus
from wanmon.model.state import LOST, STATE_NUMBER, State
from wanmon.model.unit import UnitFields, UnitLevel
from wanmon.poller.board import SiteView
from wanmon.poller.seconds import SiteSeconds

Line = tuple[str, str]


def described(inventory: Inventory, codes: Collection[str]) -> Iterator[Line]:
    """What the inventory says of some sites and their circuits: (family, line)."""
    for code in codes:
        site = inventory.sites[code]
        yield from _site(inventory, site)
    for circuit in inventory.circuits.values():
        if circuit.site in codes:
            yield from _circuit(circuit)


def counted(inventory: Inventory) -> Iterator[Line]:
    """How many sites the inventory has, by kind and status; every pair is there from the start."""
    numbers = Counter((site.kind, site.status) for site in inventory.sites.values())
    for kind in SiteKind:
        for status in SiteStatus:
            name = "wanmon_inventory_sites"
            yield name, sample(name, (kind.value, status.value), numbers[kind, status])


def states(code: str, view: SiteView) -> Iterator[Line]:
    """The present state of a site and of its circuits."""
    ends_s = view.maintenance_ends_s
    values: dict[str, float | None] = {
        "wanmon_site_state": STATE_NUMBER[view.state],
        "wanmon_site_unknown": view.state is State.UNKNOWN,
        "wanmon_site_degraded": view.state is State.DEGRADED,
        "wanmon_site_up": None if view.state is State.UNKNOWN else view.state not in LOST,
        "wanmon_site_last_change_timestamp_seconds": view.since.timestamp() if view.since else None,
        "wanmon_site_maintenance": ends_s is not None,
        "wanmon_site_maintenance_end_timestamp_seconds": ends_s if ends_s is not None and isfinite(ends_s) else None,
        "wanmon_site_upstream_down": view.is_upstream_down,
        "wanmon_site_outage_acknowledged": view.is_acknowledged,
    }
    for name, value in values.items():
        if value is not None:
            yield name, sample(name, (code,), value)
    if view.state is State.UNREACHABLE and view.roots:
        yield _info("wanmon_site_root_cause_info", (code, view.roots[0]))
    for cause in Cause:
        name = "wanmon_site_outages_total"
        yield name, sample(name, (code, cause.value), view.outages.get(cause, 0))
    for circuit, state in view.circuits.items():
        if state is not State.UNKNOWN:
            yield "wanmon_circuit_up", sample("wanmon_circuit_up", (code, circuit), state not in LOST)


def verdict(code: str, judgement: Judgement) -> Iterator[Line]:
    """What both ends say together of the way to a site."""
    name = "wanmon_site_verdict"
    for each in TwoWay:
        yield name, sample(name, (code, each.value), each is judgement.verdict)


def counted_seconds(code: str, seconds: SiteSeconds) -> Iterator[Line]:
    """How long a site was in which state."""
    values = {
        "wanmon_site_monitored_seconds_total": seconds.monitored,
        **{f"wanmon_site_{state}_seconds_total": each for state, each in zip(State, seconds.by_state, strict=True)},
        "wanmon_site_maintenance_seconds_total": seconds.maintenance,
    }
    for name, value in values.items():
        yield name, sample(name, (code,), value)


def _site(inventory: Inventory, site: SiteFields) -> Iterator[Line]:
    unit = inventory.units[site.unit]
    district = _district(inventory, unit)
    labels = (
        site.code,
        site.name,
        unit.code,
        unit.name,
        district.code if district else "",
        district.name if district else "",
        site.kind.value,
        site.site_class,
        site.status.value,
        "" if site.latitude is None else str(site.latitude),
        "" if site.longitude is None else str(site.longitude),
    )
    yield _info("wanmon_site_info", labels)
    for rank, parent in (("1", site.parent), ("2", site.second_parent)):
        if parent:
            yield _info("wanmon_site_parent_info", (site.code, parent, rank))


def _info(name: str, values: tuple[str, ...]) -> Line:
    return name, sample(name, values, 1)


def _district(inventory: Inventory, unit: UnitFields) -> UnitFields | None:
    """The district that a unit is or lies in; a two-tier province has none."""
    at: UnitFields | None = unit
    while at and at.level is not UnitLevel.DISTRICT:
        at = inventory.units.get(at.parent) if at.parent else None
    return at


def _circuit(circuit: CircuitFields) -> Iterator[Line]:
    ids = (circuit.site, circuit.code)
    bound = (circuit.device or "", circuit.interface)
    yield _info("wanmon_circuit_info", (*ids, circuit.carrier, circuit.role.value, *bound))
    name = "wanmon_circuit_contracted_receive_bytes_per_second"
    yield name, sample(name, ids, circuit.receive_bps / 8)
    name = "wanmon_circuit_contracted_transmit_bytes_per_second"
    yield name, sample(name, ids, circuit.transmit_bps / 8)
    if circuit.ends_on:
        end = datetime.combine(circuit.ends_on + timedelta(days=1), time(), LOCAL)
        name = "wanmon_circuit_contract_end_timestamp_seconds"
        yield name, sample(name, ids, end.timestamp())
