"""One question asked: always a result, within its deadline. What we did wrong is one, too, and is logged."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from wanmon.checks.registry import Kind
from wanmon.checks.result import Result, Target, Tools, unable
from wanmon.config.secrets import SnmpCredential
from wanmon.errors import WanmonError
from wanmon.log import log
from wanmon.model.finding import Verdict
from wanmon.model.path import Hop
from wanmon.model.reason import Reason
from wanmon.poller.checking.questions import Key, Question
from wanmon.poller.targets import DeviceTarget

#: The kind whose first whole path is what the later ones are compared with.
TRACE = "path_trace"
#: What can go wrong with any check, whatever its kind.
OF_ANY = (Reason.DEADLINE, Reason.LOCAL, Reason.ISOLATED)


class Keys(Protocol):
    """Knows which SNMP credentials may be sent to a device now."""

    def usable(self, target: DeviceTarget) -> list[SnmpCredential]:
        """These, in the order to try."""
        ...


@dataclass(slots=True)
class Asker:
    """Asks with these clients and credentials; `baselines` are the paths that traces are compared with.

    `keep` is told of a path that became a baseline.
    """

    tools: Tools
    keys: Keys
    keep: Callable[[Key, tuple[Hop, ...]], None]
    baselines: dict[Key, tuple[Hop, ...]] = field(default_factory=dict)

    def compare_with(self, baselines: Mapping[Key, tuple[Hop, ...]]) -> None:
        """Go on with other baselines."""
        self.baselines = dict(baselines)

    async def ask(self, question: Question, deadline_s: float) -> Result:
        """What came of a question."""
        if question.form is None or question.obstacle:
            return unable(Reason.LOCAL, question.obstacle)
        if question.vantage == "site" and self.tools.routers is None:
            return unable(Reason.LOCAL, "nobody logs in to routers here")
        began_s = time.monotonic()
        try:
            async with asyncio.timeout(deadline_s):
                result = await question.form[0].run(self._target(question), question.form[1], self.tools)
        except TimeoutError:
            words = f"not done within {deadline_s:g} s: give it a longer interval, or shorter timeouts"
            result = unable(Reason.DEADLINE, words)
        except Exception as error:
            result = _our_fault(question, error)
        self._take_baseline(question, result)
        return result if result.duration_s else replace(result, duration_s=time.monotonic() - began_s)

    def _target(self, question: Question) -> Target:
        target = question.target
        if question.device is not None:
            target = replace(target, credentials=tuple(self.keys.usable(question.device)))
        if question.kind == TRACE:
            target = replace(target, baseline=self.baselines.get(question.key, ()))
        return target

    def _take_baseline(self, question: Question, result: Result) -> None:
        """The first whole path becomes what the later ones are compared with."""
        if question.kind == TRACE and question.key not in self.baselines and is_whole(result):
            self.baselines[question.key] = result.hops
            self.keep(question.key, result.hops)


def is_whole(result: Result) -> bool:
    """Whether a trace came through to its target."""
    came_through = result.verdict in (Verdict.OK, Verdict.WARNING)
    return came_through and bool(result.hops and result.hops[-1].address) and result.hops[-1].reason is None


def reasons_of(kind: Kind) -> tuple[Reason, ...]:
    """All that can be the reason of a failure of a kind."""
    return tuple(dict.fromkeys((*kind.reasons, *OF_ANY)))


def _our_fault(question: Question, error: Exception) -> Result:
    """What the network does is a value: an exception is ours. Called while it is handled."""
    if isinstance(error, WanmonError):
        return unable(Reason.LOCAL, str(error))
    where = {"site": question.site, "check": question.check, "kind": question.kind}
    log.exception("check failed by our own mistake", **where, error=repr(error))
    return unable(Reason.LOCAL, f"internal error ({type(error).__name__}): see the log")
