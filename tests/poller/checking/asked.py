"""A kind of check that does what a test says, and questions of that kind."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.poller.scripted import Hands
from wanmon.checks.registry import Kind, Vantage
from wanmon.checks.result import CheckParams, Measure, Result, Target, Tools, rtt
from wanmon.config.secrets import SnmpCredential
from wanmon.model.finding import Verdict
from wanmon.model.reason import Reason
from wanmon.poller.checking.book import Book, Entry
from wanmon.poller.checking.questions import Question
from wanmon.poller.instant import Instant
from wanmon.poller.targets import DeviceTarget

OK = Result(Verdict.OK, "well", duration_s=0.25, measures=(rtt(0.004),))
SILENT = Result(Verdict.CRITICAL, "no answer", Reason.TIMEOUT, 2.0)
UNABLE = Result(Verdict.UNKNOWN, "no credential", Reason.LOCAL)


@dataclass
class Scripted:
    """What a kind of check answers: values, exceptions to raise, or functions to be awaited."""

    answers: Callable[[Target], Any] = lambda target: OK
    asked: list[Target] = field(default_factory=list)
    running: int = 0
    most: int = 0

    async def run(self, target: Target, params: Any, tools: Tools) -> Result:
        self.asked.append(target)
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            answer = self.answers(target)
            if asyncio.iscoroutine(answer) or isinstance(answer, asyncio.Future):
                answer = await answer
        finally:
            self.running -= 1
        if isinstance(answer, Exception):
            raise answer
        assert isinstance(answer, Result)
        return answer

    def kind(self, name: str = "icmp_echo", vantage: Vantage = "hub") -> Kind:
        return Kind(name, "As told.", CheckParams, self.run, (Reason.TIMEOUT, Reason.LOSS), vantage)

    def kinds(self, *names: str) -> Mapping[str, Kind]:
        return {name: self.kind(name, "site" if name == "ssh_path" else "hub") for name in names}


class NoKeys:
    """No device has a credential."""

    def usable(self, target: DeviceTarget) -> list[SnmpCredential]:
        return []


def question(site: str = "S1", check: str = "echo", target: str = "S1-R1", **values: Any) -> Question:
    given: dict[str, Any] = {"form": (Scripted().kind(), CheckParams()), "kind": "icmp_echo"}
    return Question(site, check, target=Target(target, "127.0.0.1"), **given | values)


def entries(*results: Result, asked: Question | None = None, hands: Hands | None = None) -> dict[Any, Entry]:
    """The book of one question after these results, the last of them just now."""
    asked, hands, book = asked or question(), hands or Hands(), Book()
    book.follow([asked], {asked.kind: (Reason.TIMEOUT, Reason.LOSS, Reason.LOCAL)})
    for result in results:
        book.take(asked, result, Instant(hands.now(), hands.monotonic()))
    return dict(book.entries)


def certificate(expires_at_s: float) -> Result:
    return Result(Verdict.OK, "valid", measures=(Measure("loss", 0.25, "ratio"), rtt(0.01)), expires_at_s=expires_at_s)
