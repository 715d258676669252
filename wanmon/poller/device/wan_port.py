"""Which port of a device probably leads to the carrier, and why: a proposal to a person, which binds nothing. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from wanmon.poller.jobs import Port

#: ifType (IANAifType) of what no line is plugged into: other, loopback, VLANs, tunnels, bridges and aggregates.
UNPLUGGED = frozenset({1, 24, 53, 131, 135, 136, 142, 161, 209})
#: ifType of a dialled line over another port: PPP.
DIALLED = frozenset({23, 108})
#: What people write beside the port of a line: its use, or the name of who carries it.
TELLING = re.compile(
    r"\b(wan\d*|uplink|up-link|internet|isp|carrier|leased[ -]?line|vnpt|viettel|vtel|fpt|mobifone|cmc|ftth|gpon|"
    r"tslcd|cpnet|đường truyền|duong truyen|kênh thuê|kenh thue)\b",
    re.IGNORECASE,
)
#: ifOperStatus of a port that carries traffic (RFC 2863).
UP = 1


@dataclass(frozen=True, slots=True)
class Proposal:
    """A port by its name, and what speaks for it."""

    interface: str
    reason: str


def propose(
    ports: Sequence[Port],
    up: Mapping[int, bool],
    default_route: int | None = None,
    patterns: Sequence[str] = (),
) -> Proposal | None:
    """The port that most speaks for, or none.

    `up` tells of rows of `ports` whether they carry; `default_route` is an ifIndex, `patterns` are the profile's.
    Whoever answers us does so over a line that carries: a port that is down is proposed only where none is up.
    """
    for port in ports:
        if port.if_index == default_route:
            return Proposal(port.name, "the default route leads through it")
    plugged = [row for row, port in enumerate(ports) if port.if_type not in UNPLUGGED]
    alive = [row for row in plugged if up.get(row)]
    candidates = [ports[row] for row in alive or plugged]
    return (
        _by_what_is_written(candidates)
        or _by_name(candidates, patterns)
        or _by_kind(candidates)
        or _the_only_one(candidates, is_alive=bool(alive))
    )


def _by_what_is_written(ports: Sequence[Port]) -> Proposal | None:
    for port in ports:
        found = TELLING.search(port.alias)
        if found:
            return Proposal(port.name, f"its alias says {found[0]!r}")
    return None


def _by_name(ports: Sequence[Port], patterns: Sequence[str]) -> Proposal | None:
    for pattern in patterns:
        for port in ports:
            if re.search(pattern, port.name, re.IGNORECASE):
                return Proposal(port.name, "devices of this kind call it so")
    return None


def _by_kind(ports: Sequence[Port]) -> Proposal | None:
    dialled = (port for port in ports if port.if_type in DIALLED)
    return next((Proposal(port.name, "it is a dialled line") for port in dialled), None)


def _the_only_one(ports: Sequence[Port], *, is_alive: bool) -> Proposal | None:
    return Proposal(ports[0].name, "no other port is up") if is_alive and len(ports) == 1 else None
