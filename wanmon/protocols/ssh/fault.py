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


class OtherKey(SshFault):
    """The far end showed another host key (`shown`) than the trusted one; nothing was sent to it."""

    def __init__(self, trusted: Fingerprint, shown: Fingerprint) -> None:
        self.shown = shown
        super().__init__(Reason.HOST_KEY, f"the host key changed: {trusted} is trusted, and {shown} was shown")
