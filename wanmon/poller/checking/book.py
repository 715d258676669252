"""What is held of each question: how it went last, since when it goes so, and what was counted."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from wanmon.checks.result import Result
from wanmon.model.finding import Verdict
from wanmon.model.reason import Reason
from wanmon.poller.checking.questions import Key, Question
from wanmon.poller.instant import Instant

#: A result that is so many intervals old says nothing of the present any more.
STALE_INTERVALS = 3

Way = tuple[Verdict, Reason | None]


@dataclass(frozen=True, slots=True)
class Entry:
    """One question and all that is known of it. `ran_s` is monotonic; `way` is how it went last, before a restart, too.

    Counts begin at 0 with each process; `failures` has every reason of its kind. A warning is a failure.
    """

    question: Question
    failures: Mapping[Reason, int]
    runs: int = 0
    result: Result | None = None
    way: Way | None = None
    since: datetime | None = None
    last_run_at: datetime | None = None
    last_success_at: datetime | None = None
    ran_s: float = 0.0

    @property
    def until_s(self) -> float:
        """From then on (monotonic) the result is old."""
        return self.ran_s + STALE_INTERVALS * self.question.interval_s

    def after(self, result: Result, instant: Instant) -> "Entry":
        """The entry after another run."""
        way, failures = (result.verdict, result.reason), self.failures
        if result.verdict is not Verdict.OK:
            reason = result.reason or Reason.LOCAL
            failures = {**failures, reason: failures.get(reason, 0) + 1}
        return replace(
            self,
            failures=failures,
            runs=self.runs + 1,
            result=result,
            way=way,
            since=self.since if way == self.way else instant.at,
            last_run_at=instant.at,
            last_success_at=instant.at if result.verdict is Verdict.OK else self.last_success_at,
            ran_s=instant.now_s,
        )


@dataclass(frozen=True, slots=True)
class Stand:
    """How a question went before this process began, since when, and when it was asked last."""

    way: Way
    since: datetime
    last_at: datetime


@dataclass(slots=True)
class Book:
    """The entries by key: `entries` is swapped whole, so that who reads it sees one state."""

    entries: Mapping[Key, Entry] = field(default_factory=dict)

    def follow(
        self,
        questions: Iterable[Question],
        reasons: Mapping[str, tuple[Reason, ...]],
        remembered: Mapping[Key, Stand] | None = None,
    ) -> None:
        """Hold these questions and no others; one that asks something else begins anew. `reasons` are by kind."""
        entries = {}
        for question in questions:
            held = self.entries.get(question.key)
            if held is None or _asks_otherwise(held.question, question):
                held = _fresh(question, reasons.get(question.kind, ()), (remembered or {}).get(question.key))
            entries[question.key] = held if held.question == question else replace(held, question=question)
        self.entries = entries

    def take(self, question: Question, result: Result, instant: Instant) -> Entry | None:
        """Note a result; None where the question is no longer asked, or asked otherwise."""
        held = self.entries.get(question.key)
        if held is None or held.question != question:
            return None
        entry = held.after(result, instant)
        self.entries = {**self.entries, question.key: entry}
        return entry


def _asks_otherwise(old: Question, new: Question) -> bool:
    return (old.kind, old.target, old.form) != (new.kind, new.target, new.form)


def _fresh(question: Question, reasons: Iterable[Reason], stand: Stand | None) -> Entry:
    failures = dict.fromkeys((*reasons, Reason.LOCAL), 0)
    return Entry(question, failures, way=stand.way if stand else None, since=stand.since if stand else None)
