"""Which state a circuit is in, and by which evidence. Pure.

The far side of its hand-off speaks best, then the port that it ends on. Where nothing speaks for a circuit, nothing is
claimed of it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from wanmon.health.life import Life, Vitality
from wanmon.model.state import State


class Evidence(StrEnum):
    """What speaks for a circuit."""

    PROBE = "probe"  # its probe address
    PORT = "port"  # the status of its port
    SITE = "site"  # the state of its site, which says it all: it is down, or has no other circuit
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Line:
    """A circuit as the rules see it: the lane of its probe address and the (device, interface) it ends on, if any."""

    code: str
    lane: str | None = None
    port: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """What is claimed of a circuit; without evidence, nothing is."""

    state: State | None
    evidence: Evidence


NOTHING_KNOWN = Claim(None, Evidence.NONE)


def has_own_history(line: Line, siblings: int) -> bool:
    """Whether a circuit can be in another state than its site, which has `siblings` circuits in all."""
    return line.lane is not None or siblings > 1


def claims(
    lines: Sequence[Line], site: State, lives: Mapping[str, Life], ports: Mapping[tuple[str, str], bool]
) -> Iterator[tuple[Line, Claim]]:
    """What is claimed of each circuit of a site; `ports` tells which are up."""
    for line in lines:
        yield line, _by_probe(line, site, lives) or _by_site(site, len(lines)) or _by_port(line, ports) or NOTHING_KNOWN


def _by_probe(line: Line, site: State, lives: Mapping[str, Life]) -> Claim | None:
    held = lives.get(line.lane) if line.lane else None
    if held is None or held.vitality is Vitality.UNKNOWN:
        return None
    if held.vitality is Vitality.ALIVE:
        return Claim(State.UP, Evidence.PROBE)
    return Claim(State.UNREACHABLE if site is State.UNREACHABLE else State.DOWN, Evidence.PROBE)


def _by_site(site: State, circuits: int) -> Claim | None:
    """A site that is lost or unknown says it of all its circuits; a single circuit is as its site is."""
    if site not in (State.UP, State.DEGRADED):
        return Claim(site, Evidence.SITE)
    return Claim(State.UP, Evidence.SITE) if circuits == 1 else None


def _by_port(line: Line, ports: Mapping[tuple[str, str], bool]) -> Claim | None:
    is_up = ports.get(line.port) if line.port else None
    return None if is_up is None else Claim(State.UP if is_up else State.DOWN, Evidence.PORT)
