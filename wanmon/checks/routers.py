"""How a router at its prompt is asked for a ping and a path: by the commands and the readers of its platform."""

from wanmon.checks.result import RouterSession
from wanmon.platforms.asking import PingRequest, TraceRequest
from wanmon.platforms.platform import PingReading, Platform, TraceReading

#: For all that a router does beside waiting: its prompt, the options set before, a busy processor.
SLACK_S = 10.0


async def ping(session: RouterSession, platform: Platform, request: PingRequest) -> PingReading:
    """What a router says of a ping. Raises `SshFault`, and `UsageError` for what the platform cannot do."""
    # Some wait a second between two echoes, and the whole timeout for each that is lost.
    within_s = request.count * (request.timeout_s + 1) + SLACK_S
    return platform.read_ping(await _said(session, platform.ping(request), within_s))


async def trace(session: RouterSession, platform: Platform, request: TraceRequest) -> TraceReading:
    """What a router says of a path. Raises as `ping` does."""
    within_s = request.max_hops * request.probes * request.timeout_s + SLACK_S
    return platform.read_trace(await _said(session, platform.trace(request), within_s))


async def _said(session: RouterSession, commands: tuple[str, ...], within_s: float) -> str:
    """What all of the commands wrote: an option that was refused shows in what was written first."""
    return "\n".join([await session.run(command, within_s) for command in commands])
