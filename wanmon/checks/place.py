"""Where a check goes: the address behind its target, which may be a host name."""

from wanmon.checks.result import Result, Target, unable
from wanmon.checks.wording import shown
from wanmon.model.reason import Reason
from wanmon.protocols.resolving import resolve


async def address_of(target: Target, within_s: float) -> str | Result:
    """The address of a target, or the result of a check that found none: a name that we cannot resolve says nothing
    of the line.
    """
    found = await resolve(target.address, within_s)
    if found.address:
        return found.address
    return unable(Reason.LOCAL, f"{shown(target.address)} does not resolve here: {found.detail}")
