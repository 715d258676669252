"""What to do next about a site or an outage, in one line for an operator. Pure.

Advice follows what is known: who cut it off, its cause, whether others on its carrier are down. It changes nothing.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wanmon.cli.frame.causes import named, split_roots
from wanmon.cli.frame.glimpse import Glimpse
from wanmon.cli.frame.in_force import in_words, maintenance_records
from wanmon.cli.frame.site_view import circuit_records, roots_of, state_of
from wanmon.health.ailments import Ailment
from wanmon.model.carrier import CircuitRole
from wanmon.model.cause import Cause
from wanmon.model.outage import Outage
from wanmon.model.state import LOST, State

#: So many others on the carrier of a site are down: then the fault is rather the carrier's.
_MANY = 2
_BY_CAUSE: Mapping[Cause, str] = {
    Cause.MONITOR: "nothing at the site: look at the machine that runs wanmon, and at its own line",
    Cause.PLANNED: "nothing: it was announced",
    Cause.UPSTREAM: "look at {roots} first",
    Cause.POWER_OR_REBOOT: "ask the site about its power",
    Cause.HANDOFF: "check cable, converter and ONT at the site, and their power; then {call}",
    Cause.CARRIER_PATH: "{call}",
    Cause.SILENT_REBOOT: "ask the site about its power",
    Cause.UNKNOWN: "ask the site about its power, check cable and converter; then {call}",
}
#: By what is amiss with a site that answers.
_BY_AILMENT: Mapping[Ailment, str] = {
    Ailment.MGMT_ONLY: "echo and SNMP are silent while another service answers: look for a filter on the way to {site}",
    Ailment.AGENT_ONLY: "the line works: check the SNMP agent and its credential with `wanmon poll {site}`",
    Ailment.REDUNDANCY_LOST: "the site works on what is left: {call}",
    Ailment.LOSSY: "packets are lost: {call}",
    Ailment.SLOW: "round trips are slow: see whether the circuit is full; else {call}",
    Ailment.INNER_DEVICE: "the line works: ask the site about the device that is silent",
    Ailment.PARTIAL: "the line works: see what is missing with `wanmon poll {site}`",
}


@dataclass(frozen=True, slots=True)
class Plight:
    """What is known when somebody asks what to do.

    `roots` are sites by code and name, `maintenance` says until when a window holds, `carrier_down` how many other
    sites on the carrier are down, where it is the only one.
    """

    site: str
    state: State
    reason: str = ""
    cause: Cause | None = None
    roots: Sequence[str] = ()
    maintenance: str = ""
    call: str = ""
    carrier_down: int = 0


def next_step(plight: Plight) -> str:
    """The first advice that fits; nothing where all is well."""
    words = next((words(plight) for fits, words in _TABLE if fits(plight)), "")
    roots = " and ".join(plight.roots) or "the sites above it"
    return words.format(
        site=plight.site, roots=roots, maintenance=plight.maintenance, call=plight.call, down=plight.carrier_down
    )


def about_site(glimpse: Glimpse, code: str) -> str:
    """What to do next about a site as it is now."""
    now, outage = state_of(glimpse.states, code, glimpse.at), glimpse.outages.get((code, None))
    circuits = circuit_records(glimpse.inventory, glimpse.states, code)
    plight = Plight(
        code,
        now["state"],
        reason=now["reason"],
        cause=outage.final_cause if outage else None,
        roots=[named(glimpse.inventory, root) for root in roots_of(glimpse.states, code)],
        maintenance="; ".join(map(in_words, maintenance_records(glimpse, code))),
        call=whom_to_call(_lost(glimpse, circuits) or circuits),
        carrier_down=_carrier_down(circuits),
    )
    return next_step(plight)


def about_outage(glimpse: Glimpse, outage: Outage) -> str:
    """What to do next about an outage: while it lasts about its site, then about its cause."""
    is_lost = state_of(glimpse.states, outage.site, glimpse.at)["state"] in LOST
    if outage.ended_at is None and (outage.circuit is None or is_lost):
        return about_site(glimpse, outage.site)
    circuits = circuit_records(glimpse.inventory, glimpse.states, outage.site)
    concerned = [each for each in circuits if outage.circuit in (None, each["circuit"])]
    # A circuit that is lost while its site lives was not lost by the power of the site.
    presumed = None if outage.circuit is None else Cause.HANDOFF
    roots = [named(glimpse.inventory, root) for root in split_roots(outage.roots)]
    cause = outage.final_cause or presumed
    return next_step(Plight(outage.site, outage.state, cause=cause, roots=roots, call=whom_to_call(concerned)))


def whom_to_call(circuits: Iterable[Mapping[str, Any]]) -> str:
    """`call VNPT Bắc Ninh, 0000 000 001, about circuit VNPT-BN-0002-1`; about the primary circuit first."""
    ordered = sorted(circuits, key=lambda circuit: circuit["role"] != CircuitRole.PRIMARY)
    calls = [
        f"{each['carrier_name']}, {each['hotline'] or 'no hotline known'}, about circuit {each['circuit']}"
        for each in ordered
    ]
    return f"call {' or '.join(calls)}" if calls else "call its carrier (the inventory has no circuit of it)"


def _lost(glimpse: Glimpse, circuits: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Those of the circuits that are known to be lost."""
    held = glimpse.states.circuits
    return [each for each in circuits if each["circuit"] in held and held[each["circuit"]].state in LOST]


def _carrier_down(circuits: Sequence[Mapping[str, Any]]) -> int:
    """How many others on its carrier are down; a site with two carriers was not lost by one of them."""
    is_one = len({each["carrier"] for each in circuits}) == 1
    return max(each["siblings_down"] for each in circuits) if is_one else 0


def _about_ailment(plight: Plight) -> str:
    known = (_BY_AILMENT[Ailment(name)] for name in plight.reason.split(",") if name in list(Ailment))
    return next(known, _BY_AILMENT[Ailment.PARTIAL])


def _is_upstream(plight: Plight) -> bool:
    return plight.state is State.UNREACHABLE and plight.cause in (None, Cause.UPSTREAM)


_TABLE: tuple[tuple[Callable[[Plight], bool], Callable[[Plight], str]], ...] = (
    (lambda plight: plight.state is State.UP, lambda plight: ""),
    (
        lambda plight: plight.state is State.UNKNOWN,
        lambda plight: "nothing is known of it: see whether `wanmon serve` runs and has a way to the network",
    ),
    (lambda plight: bool(plight.maintenance), lambda plight: "wait: maintenance {maintenance}"),
    (_is_upstream, lambda plight: _BY_CAUSE[Cause.UPSTREAM]),
    (lambda plight: plight.state is State.DEGRADED, _about_ailment),
    (lambda plight: plight.cause is not None, lambda plight: _BY_CAUSE[plight.cause or Cause.UNKNOWN]),
    (lambda plight: plight.carrier_down >= _MANY, lambda plight: "{down} others on its carrier are down, too: {call}"),
    (lambda plight: plight.state in LOST, lambda plight: _BY_CAUSE[Cause.UNKNOWN]),
)
