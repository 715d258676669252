"""The verdict on the way between a site and the hub, out of what both ends see. Pure.

The first rule that fits decides; `docs/verdicts.md` has the same table for people. An echo needs both directions, so
one end alone never tells which of them is lost: only that it comes through for one end and not for the other does.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import sqrt

from wanmon.model.finding import TwoWay
from wanmon.model.path import Hop
from wanmon.model.reason import Reason

#: More than this share of the echoes lost, and a way is lossy: one of five may be chance.
LOSSY_ABOVE = 0.20
#: Two shares differ where their Wilson score intervals at so many standard deviations do not touch.
Z = 2.0


class Way(StrEnum):
    """How echoes fare from one end to the other."""

    OK = "ok"
    LOSSY = "lossy"
    SILENT = "silent"
    NO_ROUTE = "no route"
    PROHIBITED = "prohibited"
    UNKNOWN = "not tried"


class Direction(StrEnum):
    """Which way packets are lost, as the router's own count of echoes tells (`loss_direction`)."""

    THERE = "there"
    BACK = "back"
    EITHER = "neither alone"
    UNKNOWN = "not tried"


class Voice(StrEnum):
    """Whether something of a device answers."""

    ANSWERS = "answers"
    SILENT = "silent"
    UNKNOWN = "not tried"


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of a site: None where it was not asked, or nobody can tell.

    `echo_loss` and `back_loss` are the shares of echoes lost from the hub to the site's `router` (at `address`) and
    from there to `target`, something at the hub. `back_reason` is what the network said of the latter (unreachable,
    prohibited); `untried` tells why it was not tried. `echo_sent` and `back_sent` say of how many echoes these are the
    shares, 0 where nobody counted. `lost_there` and `lost_back` are the shares lost in one direction, by the router's
    own count. A login that was refused is an answer of SSH as well. `path` is what a trace from the hub showed.
    """

    router: str
    address: str = ""
    target: str = "the hub"
    echo_loss: float | None = None
    snmp_answers: bool | None = None
    ssh_answers: bool | None = None
    back_loss: float | None = None
    back_reason: Reason | None = None
    untried: str = ""
    path: tuple[Hop, ...] | None = None
    echo_sent: int = 0
    back_sent: int = 0
    lost_there: float | None = None
    lost_back: float | None = None

    @property
    def echo(self) -> Way:
        """How echoes fare from the hub."""
        return _way(self.echo_loss, None)

    @property
    def back(self) -> Way:
        """How echoes fare from the site."""
        return _way(self.back_loss, self.back_reason)

    @property
    def direction(self) -> Direction:
        """Which way packets are lost: where one direction loses many and the other few."""
        there, back = self.lost_there, self.lost_back
        if there is None or back is None:
            return Direction.UNKNOWN
        if max(there, back) > LOSSY_ABOVE > 2 * min(there, back):
            return Direction.THERE if there > back else Direction.BACK
        return Direction.EITHER

    @property
    def is_beyond_chance(self) -> bool:
        """Whether the echoes of both ends fare too differently for chance: a handful of them tells no direction."""
        if self.echo_loss is None or self.back_loss is None or not (self.echo_sent and self.back_sent):
            return True
        low, high = sorted(((self.echo_loss, self.echo_sent), (self.back_loss, self.back_sent)))
        return _interval(*low)[1] < _interval(*high)[0]

    @property
    def snmp(self) -> Voice:
        """Whether the agent answers."""
        return _voice(self.snmp_answers)

    @property
    def ssh(self) -> Voice:
        """Whether the device answers a login; what pinged from it was let in."""
        return Voice.ANSWERS if self.back is not Way.UNKNOWN else _voice(self.ssh_answers)


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict, by which rule; for a way that ends, the first hop that does not answer, if a trace showed one."""

    verdict: TwoWay
    text: str
    rule: int
    hop: int | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the table: each column lists what fits it, and none fits all.

    One that is `compared` sets the two ends against each other, and fits only where that is beyond chance.
    """

    echo: tuple[Way, ...]
    snmp: tuple[Voice, ...]
    ssh: tuple[Voice, ...]
    back: tuple[Way, ...]
    verdict: TwoWay
    direction: tuple[Direction, ...] = ()
    compared: bool = False

    def fits(self, seen: Seen) -> bool:
        """Whether it speaks of what was seen."""
        columns = (
            (self.echo, seen.echo),
            (self.snmp, seen.snmp),
            (self.ssh, seen.ssh),
            (self.back, seen.back),
            (self.direction, seen.direction),
        )
        if not all(not wanted or value in wanted for wanted, value in columns):
            return False
        return seen.is_beyond_chance or not self.compared


_ANY: tuple[()] = ()
_HEARD, _MUTE = (Voice.ANSWERS,), (Voice.SILENT,)
_COMES = (Way.OK, Way.LOSSY)

RULES = (
    Rule(_ANY, _ANY, _ANY, (Way.NO_ROUTE,), TwoWay.RETURN_ROUTE),
    Rule(_ANY, _ANY, _ANY, (Way.PROHIBITED,), TwoWay.FILTERED),
    Rule((Way.SILENT,), _HEARD, _ANY, _ANY, TwoWay.FILTERED),
    Rule((Way.SILENT,), _ANY, _HEARD, _ANY, TwoWay.FILTERED),
    Rule(_COMES, _ANY, _ANY, _ANY, TwoWay.ONE_WAY_LOSS, (Direction.THERE, Direction.BACK)),
    Rule((Way.OK, Way.UNKNOWN), _ANY, _ANY, (Way.SILENT, Way.LOSSY), TwoWay.ONE_WAY_LOSS, compared=True),
    Rule((Way.LOSSY,), _ANY, _ANY, (Way.SILENT, Way.OK), TwoWay.ONE_WAY_LOSS, compared=True),
    Rule(_COMES, _MUTE, _ANY, _ANY, TwoWay.AGENT_ONLY),
    Rule((Way.UNKNOWN,), _MUTE, _HEARD, _ANY, TwoWay.AGENT_ONLY),
    Rule(_COMES, _ANY, _ANY, _ANY, TwoWay.OK),
    Rule(_ANY, _HEARD, _ANY, _ANY, TwoWay.OK),
    Rule(_ANY, _ANY, _HEARD, _ANY, TwoWay.OK),
    Rule((Way.SILENT,), _ANY, _ANY, _ANY, TwoWay.DOWN_AT_HOP),
    Rule(_ANY, _MUTE, _ANY, _ANY, TwoWay.DOWN_AT_HOP),
)


def judge(seen: Seen) -> Judgement | None:
    """The verdict by the first rule that fits; none where nothing is known."""
    for number, rule in enumerate(RULES, 1):
        if rule.fits(seen):
            hop = ends_at(seen.path, seen.address) if rule.verdict is TwoWay.DOWN_AT_HOP else None
            return Judgement(rule.verdict, _WORDS[rule.verdict](seen), number, hop)
    return None


def ends_at(path: Sequence[Hop] | None, address: str) -> int | None:
    """The first hop of a traced path that does not answer any more; none without a trace, or where it arrived."""
    if path is None or any(hop.address == address and hop.reason is None for hop in path if address):
        return None
    last = _last_heard(path)
    if last is None:
        return 1
    # A router that cannot pass a packet on says so of those, too, that were to end one hop behind it.
    same = (hop.number for hop in path if hop.address == last.address)
    return (next(same) if last.reason else last.number) + 1


def _last_heard(path: Sequence[Hop]) -> Hop | None:
    return next((hop for hop in reversed(path) if hop.address), None)


def _way(loss: float | None, reason: Reason | None) -> Way:
    if reason is Reason.UNREACHABLE:
        return Way.NO_ROUTE
    if reason is Reason.PROHIBITED:
        return Way.PROHIBITED
    if loss is None:
        return Way.UNKNOWN
    if loss >= 1:
        return Way.SILENT
    return Way.LOSSY if loss > LOSSY_ABOVE else Way.OK


def _interval(share: float, of: int) -> tuple[float, float]:
    """Wilson's score interval of a share: what the share of many more may be."""
    square = Z * Z
    middle = share + square / (2 * of)
    spread = Z * sqrt(share * (1 - share) / of + square / (4 * of * of))
    return (middle - spread) / (1 + square / of), (middle + spread) / (1 + square / of)


def _voice(answers: bool | None) -> Voice:
    if answers is None:
        return Voice.UNKNOWN
    return Voice.ANSWERS if answers else Voice.SILENT


def _ok(seen: Seen) -> str:
    heard = _heard(seen)
    if seen.echo is Way.LOSSY:
        heard += f", though {seen.echo_loss:.0%} of the echoes from the hub are lost"
    if seen.back is Way.UNKNOWN:
        why = f" ({seen.untried})" if seen.untried else ""
        return f"{heard}; the way back was not tried from its side{why}"
    if seen.echo is Way.LOSSY and seen.back is Way.LOSSY:
        return f"{heard}, and {seen.back_loss:.0%} of those back: the line loses both ways alike"
    if seen.back in (Way.LOSSY, Way.SILENT):
        lost = "all" if seen.back is Way.SILENT else f"{seen.back_loss:.0%}"
        few = "too few to tell a direction by: ask again"
        return f"{heard}; {lost} of the echoes that it sent to {seen.target} are lost, {few}"
    return f"{heard}, and it reaches {seen.target}"


def _agent_only(seen: Seen) -> str:
    return (
        f"{_heard(seen)}, and its SNMP agent is silent: look whether the agent runs, and whether it takes our address "
        "and credential"
    )


def _filtered(seen: Seen) -> str:
    if seen.back is Way.PROHIBITED:
        return (
            f"something between {seen.router} and {seen.target} says that echoes are not allowed: look for an access "
            "list there"
        )
    by = " and ".join(name for name, voice in (("SNMP", seen.snmp), ("SSH", seen.ssh)) if voice is Voice.ANSWERS)
    return f"{seen.router} answers {by} and no echo: the line is up, a filter on the way or on the router drops echoes"


def _return_route(seen: Seen) -> str:
    return (
        f"{seen.router} hears us and has no way to {seen.target}: look at the routes of the site (default route, VRF, "
        "what its routing protocol learns)"
    )


def _one_way_loss(seen: Seen) -> str:
    if seen.direction in (Direction.THERE, Direction.BACK):
        return (
            f"{_heard(seen)}, and counts itself which of them arrive: {seen.lost_there:.0%} are lost on the way there, "
            f"{seen.lost_back:.0%} on the way back; report it to the carrier with the direction"
        )
    if seen.echo is Way.LOSSY and seen.back is Way.OK:
        return (
            f"{seen.echo_loss:.0%} of the echoes from the hub to {seen.router} are lost and none of those that it "
            f"sends to {seen.target}: report loss on the way from the hub to the carrier"
        )
    lost = "all" if seen.back is Way.SILENT else f"{seen.back_loss:.0%}"
    return (
        f"{_heard(seen)}, while {lost} of the echoes that it sends to {seen.target} are lost: one direction is cut; "
        "report it to the carrier as loss on the way from the site"
    )


def _down(seen: Seen) -> str:
    told = f"nothing of {seen.router} answers"
    hop = ends_at(seen.path, seen.address)
    if hop is None:
        arrived = seen.path is not None
        return f"{told}; " + ("a trace arrives again: it may be back" if arrived else "the way there was not traced")
    last = _last_heard(seen.path or ())
    if last is None:
        return f"{told}, nor the first hop of the way there: look at our own gateway first"
    says = {Reason.UNREACHABLE: "says that it has no way on", Reason.PROHIBITED: "says that it is not allowed"}
    after = says.get(last.reason) if last.reason else None
    ending = f"which {after}" if after else "the last that answers"
    return f"{told}: the way ends at hop {hop}, behind {last.address}, {ending}; look between these two"


def _heard(seen: Seen) -> str:
    """What of the router answers us."""
    if seen.echo in _COMES:
        return f"{seen.router} answers the hub's echoes"
    return f"{seen.router} answers " + ("SNMP" if seen.snmp is Voice.ANSWERS else "SSH")


_WORDS: dict[TwoWay, Callable[[Seen], str]] = {
    TwoWay.OK: _ok,
    TwoWay.ONE_WAY_LOSS: _one_way_loss,
    TwoWay.RETURN_ROUTE: _return_route,
    TwoWay.FILTERED: _filtered,
    TwoWay.AGENT_ONLY: _agent_only,
    TwoWay.DOWN_AT_HOP: _down,
}
