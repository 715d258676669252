"""What one probe of one device says: ok, failed, or that we could not tell."""

from dataclasses import dataclass
from enum import Enum, auto

from wanmon.model.reason import NO_OBSERVATION, Reason


class Verdict(Enum):
    """The three kinds of observation."""

    OK = auto()
    FAIL = auto()
    NONE = auto()


@dataclass(frozen=True, slots=True)
class Observation:
    """An answer (`reason` is None), a failure, or, where the reason is our own, no observation at all."""

    reason: Reason | None = None

    @property
    def verdict(self) -> Verdict:
        """Whether this moves a state up, down, or not at all."""
        if self.reason is None:
            return Verdict.OK
        return Verdict.NONE if self.reason in NO_OBSERVATION else Verdict.FAIL


OK = Observation()
