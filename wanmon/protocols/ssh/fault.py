"""How a session on a router can fail."""

from wanmon.errors import WanmonError
from wanmon.model.reason import Reason
from wanmon.protocols.ssh.host_key import Fingerprint

#: The steps of a login and what follows, in their order; the first that fails is the reason.
STEPS = (
    Reason.TCP, Reason.BANNER, Reason.KEY_EXCHANGE, Reason.HOST_KEY, Reason.AUTH, Reason.PROMPT, Reason.OUTPUT,
)  # fmt: skip


class SshFault(WanmonError):
    """A session that could not be, or that ended too soon: at which step, in words that hold no secret.

    `reason` is one of `STEPS`, or `LOCAL` where we did not try.
    """

    def __init__(self, reason: Reason, detail: str) -> None:
        self.reason, self.detail = reason, detail
        super().__init__(f"{reason.value.replace('_', ' ')}: {detail}")


class HostKeyChanged(SshFault):
    """Not the trusted key; `shown` is the one that the device shows, or None where that could not be learnt."""

    def __init__(self, trusted: Fingerprint, shown: Fingerprint | None) -> None:
        self.trusted, self.shown = trusted, shown
        instead = f"the device shows {shown}" if shown else f"the device has no {trusted.algorithm} key any more"
        super().__init__(Reason.HOST_KEY, f"{instead}, and is trusted by {trusted}")
