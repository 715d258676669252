"""What checks found, as it is shown: records of runs and of histories, the sum of many runs. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from wanmon.checks.result import Measure, Result
from wanmon.model.check import CheckFields
from wanmon.model.finding import CheckStretch, Verdict
from wanmon.model.path import Hop
from wanmon.poller.checking.questions import Question

#: What a table and CSV have of a check that was run; JSON has more.
COLUMNS = ("site", "check", "kind", "target", "verdict", "text", "reason", "duration_s", "rtt_s", "loss_ratio")
TABLE = ("site", "check", "target", "verdict", "text")
HISTORY = ("check", "kind", "target", "verdict", "reason", "began_at", "last_at", "duration_s", "runs", "text")
#: The worst first: what we could not tell is not as bad as what we know to be wrong.
WORST_FIRST = (Verdict.CRITICAL, Verdict.WARNING, Verdict.UNKNOWN, Verdict.OK)
NONE_OK, SOME_OK = 1, 3


class Asked(NamedTuple):
    """A question and what came of it."""

    question: Question
    result: Result


def record(asked: Asked) -> dict[str, Any]:
    """All that is known of one run, JSON's way."""
    question, result = asked
    return {
        "site": question.site,
        "check": question.check,
        "kind": question.kind,
        "vantage": question.vantage,
        "device": question.device_name or None,
        "target": question.target.name,
        "address": question.target.address or None,
        "verdict": result.verdict,
        "text": result.text,
        "reason": result.reason,
        "duration_s": round(result.duration_s, 6),
        "rtt_s": result.rtt_s,
        "loss_ratio": result.loss_ratio,
        "measures": [_measure(each) for each in result.measures],
        "hops": [_hop(each) for each in result.hops],
        "expires_at": None if result.expires_at_s is None else datetime.fromtimestamp(result.expires_at_s, UTC),
        "details": dict(result.details),
    }


def stretch_record(stretch: CheckStretch, checks: Mapping[str, CheckFields]) -> dict[str, Any]:
    """One line of a history."""
    return {
        "check": stretch.check,
        "kind": checks[stretch.check].kind,
        "target": stretch.target,
        "verdict": stretch.verdict,
        "reason": stretch.reason,
        "began_at": stretch.began_at,
        "last_at": stretch.last_at,
        "duration_s": (stretch.last_at - stretch.began_at).total_seconds(),
        "runs": stretch.runs,
        "text": stretch.text,
    }


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The worst of some verdicts; ok where there are none."""
    return min(verdicts, key=WORST_FIRST.index, default=Verdict.OK)


def summary(many: Sequence[Asked], took_s: float) -> str:
    """All in one line: each site counts as the worst of its checks."""
    sites: dict[str, list[Verdict]] = {}
    for question, result in many:
        sites.setdefault(question.site, []).append(result.verdict)
    counts = Counter(worst(verdicts) for verdicts in sites.values())
    told = ", ".join(f"{counts[verdict]} {verdict}" for verdict in reversed(WORST_FIRST) if counts[verdict])
    return f"{len(sites)} site{'s' * (len(sites) != 1)}: {told}; {took_s:.1f} s"


def status(many: Iterable[Asked]) -> int:
    """The exit status: 0 if all is ok, 1 if nothing is, 3 if some is."""
    verdicts = {result.verdict for _, result in many}
    if verdicts <= {Verdict.OK}:
        return 0
    return SOME_OK if Verdict.OK in verdicts else NONE_OK


def _measure(measure: Measure) -> dict[str, Any]:
    return {
        "name": measure.name,
        "value": measure.value,
        "unit": measure.unit,
        "warning": measure.warning,
        "critical": measure.critical,
        "minimum": measure.minimum,
        "maximum": measure.maximum,
    }


def _hop(hop: Hop) -> dict[str, Any]:
    return {"hop": hop.number, "address": hop.address or None, "rtts_s": list(hop.rtts_s), "reason": hop.reason}
