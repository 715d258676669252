"""The lines of checks, rendered at the scrape: of those alone that were run, or changed, since the last one."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from wanmon.checks.result import Result
from wanmon.metrics.lines import sample
from wanmon.model.finding import Verdict
from wanmon.poller.board import Families
from wanmon.poller.checking.book import Entry
from wanmon.poller.checking.questions import Key

Line = tuple[str, str]


@dataclass(frozen=True, slots=True)
class CheckLines:
    """What is exported of one question: `own` always, `values` until `until_s` (monotonic)."""

    own: Families
    values: Families
    until_s: float

    def shown(self, now_s: float) -> Iterator[tuple[str, bytes]]:
        """The families to be shown now."""
        yield from self.own.items()
        if now_s < self.until_s:
            yield from self.values.items()


@dataclass(slots=True)
class CheckRenderer:
    """Keeps what was rendered, and knows it again by the identity of the entry."""

    _held: dict[Key, tuple[Entry, CheckLines]] = field(default_factory=dict)
    _of: Mapping[Key, Entry] = field(default_factory=dict)
    _lines: dict[Key, CheckLines] = field(default_factory=dict)

    def lines(self, entries: Mapping[Key, Entry]) -> Mapping[Key, CheckLines]:
        """The lines of all of them."""
        if self._of is not entries:
            held = self._held
            self._held = {key: _again(held.get(key), entry) for key, entry in entries.items()}
            self._lines = {key: lines for key, (_, lines) in self._held.items()}
            self._of = entries
        return self._lines


def rendered(entry: Entry) -> CheckLines:
    """The lines of one question."""
    labels = _labels(entry)
    return CheckLines(_families(_own(entry, labels)), _families(_values(entry, labels)), entry.until_s)


def _again(held: tuple[Entry, CheckLines] | None, entry: Entry) -> tuple[Entry, CheckLines]:
    return held if held is not None and held[0] is entry else (entry, rendered(entry))


def _labels(entry: Entry) -> tuple[str, ...]:
    question = entry.question
    return question.site, question.device_name, question.check, question.target.name


def _own(entry: Entry, labels: tuple[str, ...]) -> Iterator[Line]:
    question = entry.question
    values = {
        "wanmon_check_runs_total": entry.runs,
        "wanmon_check_interval_seconds": question.interval_s,
        "wanmon_check_last_run_timestamp_seconds": _epoch_s(entry.last_run_at),
        "wanmon_check_last_success_timestamp_seconds": _epoch_s(entry.last_success_at),
    }
    yield from _samples(values, labels)
    info, failures = "wanmon_check_info", "wanmon_check_failures_total"
    yield info, sample(info, (*labels, question.kind, question.vantage), 1)
    for reason, count in entry.failures.items():
        yield failures, sample(failures, (*labels, reason.value), count)


def _values(entry: Entry, labels: tuple[str, ...]) -> Iterator[Line]:
    result = entry.result
    if result is None:
        return
    values = {
        "wanmon_check_success": _success(result),
        "wanmon_check_duration_seconds": result.duration_s,
        "wanmon_check_rtt_seconds": result.rtt_s,
        "wanmon_check_loss_ratio": result.loss_ratio,
        "wanmon_check_tls_certificate_expiry_timestamp_seconds": result.expires_at_s,
    }
    yield from _samples(values, labels)


def _success(result: Result) -> int | None:
    """A warning is no success: what an operator wants to be told of must not look like all is well."""
    return None if result.verdict is Verdict.UNKNOWN else int(result.verdict is Verdict.OK)


def _epoch_s(instant: datetime | None) -> float | None:
    return None if instant is None else instant.timestamp()


def _samples(values: Mapping[str, float | None], labels: tuple[str, ...]) -> Iterator[Line]:
    for name, value in values.items():
        if value is not None:
            yield name, sample(name, labels, value)


def _families(lines: Iterator[Line]) -> dict[str, bytes]:
    found: dict[str, str] = {}
    for name, line in lines:
        found[name] = found.get(name, "") + line
    return {name: text.encode() for name, text in found.items()}
