"""Which credentials rest because devices refused them, as this process knows it: at once, before any row is read."""

from collections.abc import Mapping
from datetime import datetime

from wanmon.clock import Clock
from wanmon.health.breaker import PAUSE, paused_until


class CredentialBreaker:
    """The refusals of each credential since it last worked anywhere, and the pauses that other processes noted."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._refusals: dict[str, dict[str, datetime]] = {}
        self._worked_at: dict[str, datetime] = {}
        self._noted: Mapping[str, datetime] = {}

    def is_paused(self, credential: str) -> bool:
        """Whether a credential must not be tried now."""
        now = self._clock.now()
        noted = self._noted.get(credential)
        if noted is not None and now < noted and not self._worked_since(credential, noted - PAUSE):
            return True
        return paused_until(self._refusals.get(credential, {}).values(), now) is not None

    def _worked_since(self, credential: str, instant: datetime) -> bool:
        worked_at = self._worked_at.get(credential)
        return worked_at is not None and worked_at > instant

    def refused(self, credential: str, device: str) -> None:
        """A device refused it."""
        self._refusals.setdefault(credential, {})[device] = self._clock.now()

    def worked(self, credential: str) -> None:
        """A device took it: it is not the credential that is wrong."""
        self._refusals.pop(credential, None)
        self._worked_at[credential] = self._clock.now()

    def renewed(self, credential: str) -> None:
        """Its secret is another one now: it was not this that devices refused."""
        self.worked(credential)

    def note(self, pauses: Mapping[str, datetime]) -> None:
        """Take over the pauses that stand in the database, from the command line and from before."""
        self._noted = pauses
