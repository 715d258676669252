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
    """
    for port in ports:
        if port.if_index == default_route:
            return Proposal(port.name, "the default route leads through it")
    rows = [row for row, port in enumerate(ports) if port.if_type not in UNPLUGGED]
    ordered = sorted(rows, key=lambda row: not up.get(row, False))
    return (
        _by_what_is_written(ports, ordered)
        or _by_name(ports, ordered, patterns)
        or _by_kind(ports, ordered, up)
        or _the_only_one(ports, rows, up)
    )


def _by_what_is_written(ports: Sequence[Port], rows: Sequence[int]) -> Proposal | None:
    for row in rows:
        found = TELLING.search(ports[row].alias)
        if found:
            return Proposal(ports[row].name, f"its alias says {found[0]!r}: {ports[row].alias!r}")
    return None


def _by_name(ports: Sequence[Port], rows: Sequence[int], patterns: Sequence[str]) -> Proposal | None:
    for pattern in patterns:
        for row in rows:
            if re.search(pattern, ports[row].name, re.IGNORECASE):
                return Proposal(ports[row].name, f"devices of this kind call it so ({pattern!r})")
    return None


def _by_kind(ports: Sequence[Port], rows: Sequence[int], up: Mapping[int, bool]) -> Proposal | None:
    for row in rows:
        if ports[row].if_type in DIALLED and up.get(row):
            return Proposal(ports[row].name, "it is a dialled line that is up")
    return None


def _the_only_one(ports: Sequence[Port], rows: Sequence[int], up: Mapping[int, bool]) -> Proposal | None:
    alive = [row for row in rows if up.get(row)]
    if len(alive) != 1:
        return None
    return Proposal(ports[alive[0]].name, "no other port is up")
