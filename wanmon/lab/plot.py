"""From the events of a script to the course of a world: what each trouble breaks. Pure.

One small function for each trouble; a new trouble is one more, and its line in `trouble.KINDS`.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b

from wanmon.lab.course import START_S, Beginning, Broken, ClockStep, Course, Spell
from wanmon.lab.script import Event, Script
from wanmon.lab.trouble import KINDS, Target, Trouble
from wanmon.model.inventory import Inventory
from wanmon.model.site import SiteStatus

#: From power to the first echo: so long at least, and so much more for the slowest.
BOOT_S, BOOT_SPREAD_S = 40.0, 50.0
#: An agent starts so long after the first echo, or, at other sites, so long before its port is up.
AGENT_AFTER_S, AGENT_BEFORE_S = 5.0, 15.0

Happening = Spell | Beginning | ClockStep


def course_of(script: Script, inventory: Inventory, until_s: float) -> Course:
    """What happens by `until_s` when the script is played on the inventory."""
    plot = _Plot(inventory, script.seed)
    happenings: list[Happening] = []
    wraps: dict[str, float] = {}
    for event in script.events:
        at_s = START_S + event.at_s
        if at_s >= until_s:
            continue
        if event.fault is Trouble.UPTIME_WRAP:
            wraps |= dict.fromkeys(chosen(event, inventory), at_s)
        else:
            happenings += _TOLD[event.fault](plot, event, at_s)
    return Course(
        tuple(each for each in happenings if isinstance(each, Spell)),
        tuple(sorted(each for each in happenings if isinstance(each, Beginning))),
        tuple(sorted(each for each in happenings if isinstance(each, ClockStep))),
        wraps,
    )


def chosen(event: Event, inventory: Inventory) -> tuple[str, ...]:
    """The sites that an event speaks of: those named, those behind one, or those that a carrier serves first.

    Of sites that are not played nothing is told.
    """
    if event.below:
        found = _behind(inventory, event.below)
    elif event.carrier and KINDS[event.fault].target is Target.SITES:
        found = _served_by(inventory, event.carrier)
    else:
        found = event.sites or ((event.site,) if event.site else ())
    played = (code for code in found if code in inventory.sites)
    return tuple(code for code in played if inventory.sites[code].status is not SiteStatus.RETIRED)


def left_out(script: Script, inventory: Inventory) -> int:
    """How many events befall none of the sites of the inventory."""
    of_sites = [event for event in script.events if KINDS[event.fault].target is Target.SITES]
    return sum(not chosen(event, inventory) for event in of_sites)


def children(inventory: Inventory, code: str) -> tuple[str, ...]:
    """The sites directly behind one."""
    return tuple(each for each, site in inventory.sites.items() if code in site.parents)


def boot_s(site: str, seed: int) -> float:
    """How long the router of a site takes from power to its first echo."""
    return BOOT_S + BOOT_SPREAD_S * _draw(seed, site, "boot") / 1000


@dataclass(frozen=True, slots=True)
class _Plot:
    """What the functions below look things up in."""

    inventory: Inventory
    seed: int

    def circuits(self, site: str) -> tuple[str, ...]:
        """The circuits of a site."""
        return tuple(code for code, circuit in self.inventory.circuits.items() if circuit.site == site)

    def agent_starts_s(self, site: str) -> float:
        """How long after the first echo of a router that boots its agent starts."""
        return AGENT_AFTER_S if _draw(self.seed, site, "agent") % 2 else -AGENT_BEFORE_S


def _cut(plot: _Plot, event: Event, at_s: float) -> Iterator[Happening]:
    for site in chosen(event, plot.inventory):
        yield Spell(Broken.LINE, site, at_s, at_s + event.lasts_s, event.fault, toward=event.toward or "")


def _cut_below(plot: _Plot, event: Event, at_s: float) -> Iterator[Happening]:
    for above in chosen(event, plot.inventory):
        for site in children(plot.inventory, above):
            yield Spell(Broken.LINE, site, at_s, at_s + event.lasts_s, event.fault, toward=above)


def _carrier_cut(plot: _Plot, event: Event, at_s: float) -> Iterator[Happening]:
    for code, circuit in plot.inventory.circuits.items():
        if circuit.carrier == event.carrier:
            yield Spell(Broken.CIRCUIT, code, at_s, at_s + event.lasts_s, event.fault)


def _port_pull(plot: _Plot, event: Event, at_s: float) -> Iterator[Happening]:
    for site in chosen(event, plot.inventory):
        yield from _pulled(plot, event, site, at_s, at_s + event.lasts_s)


def _pulled(plot: _Plot, event: Event, site: str, from_s: float, to_s: float) -> Iterator[Happening]:
    """The ports of a site dropped, or the one that is named; the line itself where no circuit is known."""
    circuits = plot.circuits(site)
    if not circuits:
        yield Spell(Broken.LINE, site, from_s, to_s, event.fault)
    for code in circuits:
        if event.port in (None, plot.inventory.circuits[code].interface):
            yield Spell(Broken.PORT, code, from_s, to_s, event.fault)


def _flap(plot: _Plot, event: Event, at_s: float) -> Iterator[Happening]:
    for site in chosen(event, plot.inventory):
        end_s = at_s + event.lasts_s
        for from_s in _every(event.every_s, at_s, end_s):
            yield from _pulled(plot, event, site, from_s, min(from_s + event.share * event.every_s, end_s))


def _loss(plot: _Plot, event: Event, at_s: float) -> Iterator[Happening]:
    for site in chosen(event, plot.inventory):
        yield Spell(Broken.LOSS, site, at_s, at_s + event.lasts_s, event.fault, event.share)


def _slow(plot: _Plot, event: Event, at_s: float) -> Iterator[Happening]:
    for site in chosen(event, plot.inventory):
        yield Spell(Broken.DELAY, site, at_s, at_s + event.lasts_s, event.fault, event.every_s)


def _power_cut(plot: _Plot, event: Event, at_s: float) -> Iterator[Happening]:
    for site in chosen(event, plot.inventory):
        yield from _dark(plot, event, site, at_s, at_s + event.lasts_s)


def _brown_out(plot: _Plot, event: Event, at_s: float) -> Iterator[Happening]:
    for site in chosen(event, plot.inventory):
        for sag_s in _every(event.every_s, at_s, at_s + event.lasts_s):
            yield from _dark(plot, event, site, sag_s, sag_s)


def _dark(plot: _Plot, event: Event, site: str, from_s: float, power_s: float) -> Iterator[Happening]:
    """A router without power until `power_s`; then it boots, and its agent starts."""
    up_s = power_s + boot_s(site, plot.seed)
    agent_s = up_s + plot.agent_starts_s(site)
    yield Spell(Broken.ROUTER, site, from_s, up_s, event.fault)
    yield Spell(Broken.AGENT, site, from_s, agent_s, event.fault)
    yield Beginning(site, power_s, is_machine=True)
    yield Beginning(site, agent_s, is_machine=False)


def _agent_down(plot: _Plot, event: Event, at_s: float) -> Iterator[Happening]:
    # An agent that is only restarted is away for `seconds`.
    lasts_s = event.lasts_s if KINDS[event.fault].lasts else event.every_s
    for site in chosen(event, plot.inventory):
        yield Spell(Broken.AGENT, site, at_s, at_s + lasts_s, event.fault)
        yield Beginning(site, at_s + lasts_s, is_machine=False)


def _filter_echo(plot: _Plot, event: Event, at_s: float) -> Iterator[Happening]:
    for site in chosen(event, plot.inventory):
        yield Spell(Broken.ECHO, site, at_s, at_s + event.lasts_s, event.fault)


def _clock_step(plot: _Plot, event: Event, at_s: float) -> Iterator[Happening]:
    yield ClockStep(at_s, event.every_s)


def _unplug(plot: _Plot, event: Event, at_s: float) -> Iterator[Happening]:
    yield Spell(Broken.UPLINK, "", at_s, at_s + event.lasts_s, event.fault)


def _stop(plot: _Plot, event: Event, at_s: float) -> Iterator[Happening]:
    yield Spell(Broken.POLLER, "", at_s, at_s + event.lasts_s, event.fault)


_TOLD: dict[Trouble, Callable[[_Plot, Event, float], Iterable[Happening]]] = {
    Trouble.CUT: _cut,
    Trouble.CUT_BELOW: _cut_below,
    Trouble.CARRIER_CUT: _carrier_cut,
    Trouble.PORT_PULL: _port_pull,
    Trouble.FLAP: _flap,
    Trouble.LOSS: _loss,
    Trouble.SLOW: _slow,
    Trouble.POWER_CUT: _power_cut,
    Trouble.BROWN_OUT: _brown_out,
    Trouble.REBOOT: _power_cut,
    Trouble.AGENT_DOWN: _agent_down,
    Trouble.AGENT_RESTART: _agent_down,
    Trouble.FILTER_ECHO: _filter_echo,
    Trouble.CLOCK_STEP: _clock_step,
    Trouble.UNPLUG_MONITOR: _unplug,
    Trouble.STOP_POLLER: _stop,
}


def _every(every_s: float, from_s: float, to_s: float) -> Iterator[float]:
    at_s = from_s
    while at_s < to_s:
        yield at_s
        at_s += every_s


def _behind(inventory: Inventory, code: str) -> tuple[str, ...]:
    """Every site behind one, near and far."""
    found: dict[str, None] = {}
    waiting = [code]
    while waiting:
        for child in children(inventory, waiting.pop()):
            if child not in found:
                found[child] = None
                waiting.append(child)
    return tuple(sorted(found))


def _served_by(inventory: Inventory, carrier: str) -> tuple[str, ...]:
    first: dict[str, str] = {}
    for circuit in sorted(inventory.circuits.values(), key=lambda each: (each.role.value != "primary", each.code)):
        first.setdefault(circuit.site, circuit.carrier)
    return tuple(sorted(site for site, serves in first.items() if serves == carrier))


def _draw(seed: int, site: str, what: str) -> int:
    """A number from 0 to 999 that a seed gives to something of a site."""
    return int.from_bytes(blake2b(f"{seed}/{site}/{what}".encode(), digest_size=4).digest(), "big") % 1000
