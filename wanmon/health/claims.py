"""What is claimed of each circuit as time goes on, and when that changed. Holds claims and the status of ports."""

from collections.abc import Iterable, Mapping, Sequence

from wanmon.health.circuits import NOTHING_KNOWN, Claim, Evidence, Line, claims, has_own_history
from wanmon.health.findings import Change, Edge, Findings
from wanmon.health.life import Life, Vitality
from wanmon.health.machine import Effect
from wanmon.model.state import State

Port = tuple[str, str]


class Claims:
    """The claims by circuit, and which ports are up, by device and interface.

    A circuit that has had a history of its own goes on with it, whatever becomes of the other circuits of its site.
    """

    def __init__(self) -> None:
        self.held: dict[str, Claim] = {}
        self.ports: dict[Port, bool] = {}
        self._own: set[str] = set()

    def keep(self, lines: Iterable[Line]) -> None:
        """Take up other circuits; of what is held, what belongs to these."""
        kept = list(lines)
        ports = {line.port for line in kept}
        self.held = {line.code: self.held.get(line.code, NOTHING_KNOWN) for line in kept}
        self.ports = {port: is_up for port, is_up in self.ports.items() if port in ports}
        self._own &= self.held.keys()

    def restore(self, line: Line, claim: Claim) -> None:
        """Go on from what an earlier run claimed."""
        self.held[line.code] = claim
        self._own.add(line.code)
        if line.port is not None and claim.evidence is Evidence.PORT:
            self.ports[line.port] = claim.state is State.UP

    def turn_port(self, port: Port, *, is_up: bool | None) -> bool:
        """Take in the status of a port, None where it is known no more; whether it is another than before."""
        if self.ports.get(port) is is_up:
            return False
        if is_up is None:
            del self.ports[port]
        else:
            self.ports[port] = is_up
        return True

    def lacks_one(self, lines: Sequence[Line], lives: Mapping[str, Life]) -> bool:
        """Whether a site that is up has lost one of several circuits."""
        told = [claim.state for _, claim in claims(lines, State.UP, lives, self.ports)]
        return len(told) > 1 and State.DOWN in told

    def judge(
        self,
        site: str,
        lines: Sequence[Line],
        state: State,
        roots: tuple[str, ...],
        lives: Mapping[str, Life],
        own: Edge,
        edge: Edge | None,
        found: Findings,
    ) -> None:
        """Claim what there is to claim of the circuits of a site in `state`.

        It changed at `edge`, where the site's own change says so, or was told at `own`.
        """
        for line, claim in claims(lines, state, lives, self.ports):
            old, was_own = self.held.get(line.code, NOTHING_KNOWN), line.code in self._own
            is_own = was_own or has_own_history(line, len(lines))
            if claim == old and was_own is is_own:
                continue
            self.held[line.code] = claim
            found.touched.add(site)
            before = (old.state or State.UNKNOWN) if was_own else State.UNKNOWN
            after = claim.state or State.UNKNOWN
            if is_own and before is not after:
                self._own.add(line.code)
                named = roots if claim.state is State.UNREACHABLE else ()
                dated = _dated(line, claim, lives, own, edge)
                found.changes.append(Change(site, line.code, before, after, Effect.NONE, dated, named, line.lane))


def _dated(line: Line, claim: Claim, lives: Mapping[str, Life], own: Edge, edge: Edge | None) -> Edge:
    """When a circuit changed: with its site, with the life of its probe, or when we were told of its port.

    One whose probe had fallen before its site was cut off is cut off with the site, and not from then on.
    """
    if claim.evidence is Evidence.PROBE and line.lane:
        held = lives[line.lane]
        is_up = held.vitality is Vitality.ALIVE
        since_s = own.at_s if held.since_s is None else held.since_s
        of_probe = Edge(since_s, held.bad_s if is_up else held.good_s, own.decided_s)
        return of_probe if edge is None else max(of_probe, edge, key=_at_s)
    return edge if claim.evidence is Evidence.SITE and edge is not None else own


def _at_s(edge: Edge) -> float:
    return edge.at_s
