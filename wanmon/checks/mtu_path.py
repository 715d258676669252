"""Path MTU: the largest packet that passes unfragmented, and whether larger ones are refused or vanish."""

from ipaddress import ip_address

from pydantic import Field, model_validator

from wanmon.checks.place import address_of
from wanmon.checks.result import CheckParams, Measure, Result, Target, Tools, unable
from wanmon.checks.thresholds import in_order, passed
from wanmon.model.finding import Verdict
from wanmon.model.reason import Reason
from wanmon.protocols.echo_probe import EchoAnswer, EchoOptions, EchoProbe
from wanmon.protocols.icmp import EchoForbidden
from wanmon.protocols.path_mtu import FLOOR_BYTES, PathMtu, largest, told_by

#: What it can give as a reason.
REASONS = (Reason.TIMEOUT, Reason.UNREACHABLE, Reason.PROHIBITED, Reason.SMALL, Reason.TOO_BIG, Reason.LOCAL)
#: What every host must be able to take (RFC 791 section 3.1), and every link to carry (RFC 8200 section 5).
LEAST = {4: 576, 6: 1280}


class Params(CheckParams):
    """Sizes are bytes of IP. Below `expected` it is a warning, below `minimum` critical.

    Where no minimum is given it is that of the standards, 576 for IPv4 and 1280 for IPv6, or what is expected if less.
    """

    expected: int = Field(default=1500, ge=FLOOR_BYTES, le=65_535)
    minimum: int | None = Field(default=None, ge=FLOOR_BYTES, le=65_535)
    probes: int = Field(default=2, ge=1, le=10)
    timeout_s: float = Field(default=1.0, gt=0, le=10)
    source: str = Field(default="", max_length=64)

    @model_validator(mode="after")
    def _warning_comes_first(self) -> "Params":
        in_order(self.expected, self.minimum, less_is_worse=True)
        return self

    def least(self, version: int) -> int:
        """The size below which it is critical, for an IP version."""
        return min(LEAST[version], self.expected) if self.minimum is None else self.minimum


async def run(target: Target, params: Params, tools: Tools) -> Result:
    """Find the largest size up to the expected one, and judge it."""
    address = await address_of(target, params.timeout_s)
    if isinstance(address, Result):
        return address
    try:
        probe = EchoProbe(address, EchoOptions(df=True, source=params.source))
    except EchoForbidden as refusal:
        return unable(Reason.LOCAL, str(refusal))
    except OSError as error:
        return unable(Reason.LOCAL, f"no echo to {address}: {error.strerror or error}")

    async def ask(size: int) -> EchoAnswer:
        return await probe.ask(params.timeout_s, size=size)

    with probe:
        found = await largest(ask, params.expected, params.probes)
    return judge(found, params, ip_address(address).version)


def judge(found: PathMtu, params: Params, version: int) -> Result:
    """The verdict on what passes. Pure."""
    refused = found.refused
    if refused is not None and refused.reason is Reason.LOCAL:
        return unable(Reason.LOCAL, f"the system did not send the echo: {refused.detail}")
    if not found.mtu:
        return _nothing_passes(refused)
    least = params.least(version)
    measures = (Measure("mtu", found.mtu, "B", params.expected, least, 0),)
    words = f"packets of {found.mtu} bytes pass unfragmented"
    verdict = passed(found.mtu, params.expected, least, less_is_worse=True)
    if verdict is Verdict.OK or refused is None:
        return Result(verdict, words, measures=measures)
    return Result(verdict, f"{words}, {_larger(found, refused)}", Reason.SMALL, measures=measures)


def _nothing_passes(refused: EchoAnswer | None) -> Result:
    reason = refused.reason if refused and refused.reason else Reason.TIMEOUT
    said = f": {refused.refusal} at {refused.source or 'this machine'}" if refused and refused.refusal else ""
    return Result(Verdict.CRITICAL, f"not even packets of {FLOOR_BYTES} bytes are answered{said}", reason)


def _larger(found: PathMtu, refused: EchoAnswer) -> str:
    if found.is_black_hole:
        return (
            "larger ones vanish without a word (a black hole: ICMP is filtered, or a tunnel is narrower than it says)"
        )
    if told_by(refused):
        return f"larger ones are refused by {told_by(refused)}" + (f" (MTU {refused.mtu})" if refused.mtu else "")
    return f"larger ones are refused: {refused.refusal} at {refused.source or 'this machine'}"
