"""What is amiss with a site that is up: the reasons of DEGRADED. Pure."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from wanmon.health.window import Window

#: So many SNMP polls in a row must fail on a device that lives: one may be lost like any packet.
POLLS_TO_TELL = 2
#: A line is lossy from the first share of lost slots on, until the second.
LOSSY_FROM, LOSSY_UNTIL = 0.20, 0.10


class Ailment(StrEnum):
    """What can be amiss: a closed list, the weightiest first."""

    MGMT_ONLY = "mgmt_only"  # neither echo nor SNMP is answered, but TCP or SSH is
    AGENT_ONLY = "agent_only"  # the line is well, the SNMP agent is silent
    REDUNDANCY_LOST = "redundancy_lost"  # one of several edges or circuits is down
    LOSSY = "lossy"
    SLOW = "slow"
    INNER_DEVICE = "inner_device"  # an inner device or UPS is silent
    PARTIAL = "partial"  # SNMP polls come back incomplete


@dataclass(frozen=True, slots=True)
class Condition:
    """How a device that lives fares: its line by the last slots, its agent by the last polls."""

    is_lossy: bool = False
    is_slow: bool = False
    failed_polls: int = 0
    partial_polls: int = 0
    is_mgmt_only: bool = False

    def after_slot(self, window: Window) -> "Condition":
        """The condition after a slot; the same object where nothing turned."""
        lossy, slow = _lossy(window, was=self.is_lossy), _slow(window, was=self.is_slow)
        if lossy is self.is_lossy and slow is self.is_slow:
            return self
        return replace(self, is_lossy=lossy, is_slow=slow)

    def after_poll(self, *, is_answered: bool, is_partial: bool) -> "Condition":
        """The condition after an SNMP poll that says something of the agent."""
        failed = 0 if is_answered else min(self.failed_polls + 1, POLLS_TO_TELL)
        partial = min(self.partial_polls + 1, POLLS_TO_TELL) if is_partial else 0
        if failed == self.failed_polls and partial == self.partial_polls:
            return self
        return replace(self, failed_polls=failed, partial_polls=partial)


WELL = Condition()
#: Of a device that answers a TCP connection alone, nothing else is known that could be amiss.
MGMT_ONLY = Condition(is_mgmt_only=True)


def of_devices(alive: Collection[Condition], dead_edges: int, dead_others: int) -> frozenset[Ailment]:
    """What is amiss with a site of which some edges live, by its devices."""
    return frozenset(_of_devices(alive, dead_edges, dead_others))


def in_words(ailments: Collection[Ailment]) -> str:
    """As stored and shown: the weightiest first, separated by commas."""
    return ",".join(ailment for ailment in Ailment if ailment in ailments)


def _of_devices(alive: Collection[Condition], dead_edges: int, dead_others: int) -> Iterator[Ailment]:
    for condition in alive:
        if condition.is_mgmt_only:
            yield Ailment.MGMT_ONLY
        if condition.failed_polls >= POLLS_TO_TELL:
            yield Ailment.AGENT_ONLY
        if condition.partial_polls >= POLLS_TO_TELL:
            yield Ailment.PARTIAL
        if condition.is_lossy:
            yield Ailment.LOSSY
        if condition.is_slow:
            yield Ailment.SLOW
    if dead_edges:
        yield Ailment.REDUNDANCY_LOST
    if dead_others:
        yield Ailment.INNER_DEVICE


def _lossy(window: Window, *, was: bool) -> bool:
    return window.tells and window.loss_ratio >= (LOSSY_UNTIL if was else LOSSY_FROM)


def _slow(window: Window, *, was: bool) -> bool:
    return window.tells and (window.is_nearly_slow if was else window.is_slow)
