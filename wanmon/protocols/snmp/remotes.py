"""What is known of the SNMPv3 engine at each address: its id, and its clock (RFC 3414 section 2.3).

Kept by address and not by engine id: devices that were cloned with their configuration share an id, and one of them
must never set the clock of another. Time is monotonic seconds, and an argument. No I/O.
"""

from collections import defaultdict
from collections.abc import Iterable
from itertools import combinations
from operator import attrgetter
from typing import Any, NamedTuple

MAX_BOOTS = MAX_TIME_S = 2**31 - 1
#: How far an engine's time may lie behind what we expect of it (RFC 3414 section 2.2.3).
TIME_WINDOW_S = 150
# Two clocks of one engine, seen at two addresses, differ by the way there and by rounding, not by more.
_SAME_CLOCK_S = 10


class Clock(NamedTuple):
    """The clock of an engine by its authentic messages: when it booted and when it was last heard, in our time."""

    boots: int
    booted_at_s: float
    heard_at_s: float


class Remote:
    """The authoritative engine at one address.

    `engine_id` is empty until it is known. `is_authentic` says whether its clock was set by an authentic message;
    before, it is what discovery was told by somebody. `proven` is the user whose encryption it last understood, and
    `mute` how many times since it answered everything but what was encrypted. `rolled_back` counts how often its boots
    went backwards, or its time within one boot, which may never be: it lost its memory, or another device answers now.
    """

    __slots__ = (
        "_latest_s", "_set_at_s", "_time_s", "boots", "engine_id", "heard_at_s", "is_authentic", "is_doubted", "mute",
        "proven", "rolled_back",
    )  # fmt: skip

    def __init__(self) -> None:
        self.engine_id = b""
        self.is_authentic = False
        self.is_doubted = True
        self.proven: object = None
        self.mute = 0
        self.rolled_back = 0
        self.heard_at_s = 0.0
        self._set(0, 0, 0.0)

    def now(self, now_s: float) -> tuple[int, int]:
        """Its boots and its time, as far as we can tell."""
        return self.boots, min(self._time_s + int(now_s - self._set_at_s), MAX_TIME_S)

    @property
    def clock(self) -> Clock:
        """Its clock, to compare with others."""
        return Clock(self.boots, self._set_at_s - self._time_s, self.heard_at_s)

    def doubt(self) -> None:
        """It did not answer: before it is asked again, ask who is there. The clock is kept."""
        self.is_doubted = True

    def discovered(self, engine_id: bytes, boots: int, time_s: int, now_s: float) -> None:
        """It told its id, and with it the clock, in a message that anyone may have written.

        That sets the clock only where no authentic message of the same engine has set it.
        """
        if engine_id != self.engine_id:
            self.engine_id, self.is_authentic, self.proven, self.mute = engine_id, False, None, 0
        if not self.is_authentic:
            self._set(boots, time_s, now_s)
        self.is_doubted = False

    def hear(self, boots: int, time_s: int, now_s: float) -> bool:
        """Whether an authentic message is timely; newer ones set the clock (RFC 3414 section 3.2 step 7b)."""
        if not self.is_authentic or boots > self.boots or (boots == self.boots and time_s > self._latest_s):
            self._set(boots, time_s, now_s)
            self.is_authentic = True
        self.heard_at_s = now_s
        expected_boots, expected_s = self.now(now_s)
        return boots == expected_boots < MAX_BOOTS and time_s >= expected_s - TIME_WINDOW_S

    def resynchronise(self, boots: int, time_s: int, now_s: float) -> None:
        """Set the clock by an authentic notInTimeWindow that answers a request of this moment, back as well."""
        self.rolled_back += self.is_authentic and (boots, time_s) < (self.boots, self._latest_s)
        self._set(boots, time_s, now_s)
        self.is_authentic, self.heard_at_s = True, now_s

    def _set(self, boots: int, time_s: int, now_s: float) -> None:
        self.boots, self._time_s, self._latest_s, self._set_at_s = boots, time_s, time_s, now_s


class Remotes:
    """The engines at all addresses that were asked in v3, by address as `getaddrinfo` writes it."""

    def __init__(self) -> None:
        self._by_address: dict[tuple[Any, ...], Remote] = {}

    def at(self, address: tuple[Any, ...]) -> Remote:
        """What is known of the engine there, from now on shared by all who ask."""
        return self._by_address.setdefault(address, Remote())

    def forget(self, address: tuple[Any, ...]) -> None:
        """Know nothing of the engine there any more; sessions that are open go on with what they know."""
        self._by_address.pop(address, None)

    @property
    def boots_backwards(self) -> int:
        """How often the boots of an engine, or its time within one boot, went backwards."""
        return sum(self.rolled_back().values())

    def rolled_back(self) -> dict[str, int]:
        """The same by address, for those where it happened."""
        return {_shown(address): it.rolled_back for address, it in self._by_address.items() if it.rolled_back}

    def clones(self) -> dict[str, tuple[str, ...]]:
        """By engine id (hex), the addresses at which different engines use it. One device at two addresses is none."""
        sharing: defaultdict[bytes, list[tuple[str, Clock]]] = defaultdict(list)
        for address, remote in self._by_address.items():
            if remote.is_authentic:
                sharing[remote.engine_id].append((_shown(address), remote.clock))
        found = {engine_id.hex(): _differing(clocks) for engine_id, clocks in sharing.items() if len(clocks) > 1}
        return {engine_id: addresses for engine_id, addresses in found.items() if addresses}


def _shown(address: tuple[Any, ...]) -> str:
    host, port = address[:2]
    return host if port == 161 else f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _differing(clocks: Iterable[tuple[str, Clock]]) -> tuple[str, ...]:
    """The addresses whose clock cannot be that of some other."""
    kinds: defaultdict[tuple[int, int], list[tuple[str, Clock]]] = defaultdict(list)
    for address, clock in clocks:
        kinds[clock.boots, int(clock.booted_at_s // _SAME_CLOCK_S)].append((address, clock))
    different: set[tuple[int, int]] = set()
    latest = {key: max((clock for _, clock in kind), key=attrgetter("heard_at_s")) for key, kind in kinds.items()}
    for (key, clock), (other_key, other) in combinations(latest.items(), 2):
        if _are_two(clock, other):
            different |= {key, other_key}
    return tuple(sorted(address for key in different for address, _ in kinds[key]))


def _are_two(one: Clock, other: Clock) -> bool:
    """Whether two clocks are those of two engines.

    One that restarted between the two hearings shows the same: then one booted after the other was last heard.
    """
    if one.boots == other.boots and abs(one.booted_at_s - other.booted_at_s) <= _SAME_CLOCK_S:
        return False
    return one.heard_at_s > other.booted_at_s + _SAME_CLOCK_S and other.heard_at_s > one.booted_at_s + _SAME_CLOCK_S
