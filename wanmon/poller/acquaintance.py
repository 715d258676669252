"""Who devices are and how they can be spoken to, as polls tell it: stored where it is news.

Credentials that work or are refused are news at once. Manners change a little with every reply, and are news where a
restart without them would have to learn much again.
"""

from collections.abc import Mapping
from typing import Protocol

from wanmon.poller.jobs import DeviceIdentity, PollResult
from wanmon.protocols.snmp.manners import Learnt

#: Sizes and times that differ by no more than this share are the same.
_MUCH = 0.25
#: A machine that says what it always said is told again so often: it is still there.
SEEN_AGAIN_S = 3600.0


class Knows(Protocol):
    """Where it is kept."""

    def credential(self, device: str, winner: str, refused: tuple[str, ...]) -> None:
        """The credential that a device answered to ("" for none), and those it refused."""
        ...

    def manners(self, device: str, learnt: Learnt) -> None:
        """How the agent of a device can be spoken to."""
        ...

    def machine(self, device: str, identity: DeviceIdentity) -> None:
        """Which machine stands in the place of a device."""
        ...


class Acquaintance:
    """What is stored of all devices, and what comes to be."""

    def __init__(self, records: Knows) -> None:
        self._records = records
        self._doubted: set[str] = set()
        self._manners: dict[str, Learnt] = {}
        self._machines: dict[str, tuple[DeviceIdentity, float]] = {}

    def resume(self, manners: Mapping[str, Learnt]) -> None:
        """Go on from what an earlier run stored."""
        self._manners.update(manners)

    def forget(self, device: str) -> None:
        """A device that is no longer asked, or is another now."""
        self._manners.pop(device, None)
        self._machines.pop(device, None)

    def refused(self, device: str, credentials: tuple[str, ...]) -> None:
        """A device refused credentials, and that is all that came."""
        if credentials:
            self._doubted.update(credentials)
            self._records.credential(device, "", credentials)

    def polled(self, device: str, result: PollResult, before: str, now_s: float, *, is_answered: bool) -> None:
        """A poll came back (`now_s`, monotonic); `before` is the credential that worked until then."""
        self._doubted.update(result.refused)
        # Told again after a refusal anywhere: what works for one device must not be paused for all.
        was_doubted = is_answered and result.credential in self._doubted
        if result.credential not in ("", before) or was_doubted or result.refused:
            self._records.credential(device, result.credential, result.refused)
        if is_answered:
            self._doubted.discard(result.credential)
            if result.manners is not None and is_news(self._manners.get(device), result.manners):
                self._manners[device] = result.manners
                self._records.manners(device, result.manners)
            self._identified(device, result.identity, now_s)

    def _identified(self, device: str, identity: DeviceIdentity, now_s: float) -> None:
        """Tell who it is when that is another than before, at the first poll, and once an hour."""
        if not (identity.vendor or identity.model or identity.serial):
            return
        told = self._machines.get(device)
        if told is None or told[0] != identity or now_s - told[1] >= SEEN_AGAIN_S:
            self._machines[device] = identity, now_s
            self._records.machine(device, identity)


def is_news(stored: Learnt | None, now: Learnt) -> bool:
    """Whether what is known now is worth a write."""
    if stored is None or stored.bulk != now.bulk:
        return True
    return _differ(stored.limit_bytes, now.limit_bytes) or _differ(_timeout_s(stored), _timeout_s(now))


def _timeout_s(manners: Learnt) -> float:
    # Below half a second nothing depends on it.
    return max(0.5, (manners.srtt_s or 0.0) + 4 * (manners.rttvar_s or 0.0))


def _differ(one: float, other: float) -> bool:
    return abs(one - other) > _MUCH * max(one, other)
