"""The contract of monitoring plugins: one line on stdout, `WAN STATE - text | perfdata`, and the state as exit status.

As the Monitoring Plugins Development Guidelines have it. Pure.
"""

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence

from wanmon.checks.result import Measure
from wanmon.cli.frame.checking import WORST_FIRST, Asked, worst
from wanmon.cli.frame.printable import printable
from wanmon.model.finding import Verdict

STATUS = {Verdict.OK: 0, Verdict.WARNING: 1, Verdict.CRITICAL: 2, Verdict.UNKNOWN: 3}
UNKNOWN = STATUS[Verdict.UNKNOWN]
#: Longer texts are cut: who reads them cuts them, too, and less kindly.
LONGEST_TEXT = 500
#: Units as perfdata has them, and what a value of ours is multiplied with.
_UNITS = {"s": ("s", 1.0), "ratio": ("%", 100.0), "%": ("%", 1.0), "B": ("B", 1.0), "c": ("c", 1.0), "": ("", 1.0)}
_OUTSIDE_LABELS = re.compile(r"[^A-Za-z0-9_.:/-]")


def line(verdict: Verdict, text: str, perfdata: Sequence[str] = ()) -> str:
    """The one line: in its text neither a pipe, which begins the perfdata, nor anything unprintable."""
    told = printable(" ".join(text.split())).replace("|", "/")
    told = told if len(told) <= LONGEST_TEXT else told[: LONGEST_TEXT - 1] + "…"
    return f"WAN {verdict.upper()} - {told or 'nothing to tell'}" + (f" | {' '.join(perfdata)}" if perfdata else "")


def unknown(text: str) -> str:
    """The line where there is nothing to tell but why."""
    return line(Verdict.UNKNOWN, text)


def told(many: Sequence[Asked]) -> tuple[str, int]:
    """The line of some checks and the exit status: the worst decides."""
    verdict = worst(result.verdict for _, result in many)
    return line(verdict, _text(many), list(_perfdata(many))), STATUS[verdict]


def _text(many: Sequence[Asked]) -> str:
    if len(many) == 1:
        return many[0].result.text
    names = _names(many)
    amiss = [
        f"{name}: {result.text}"
        for verdict in WORST_FIRST
        for name, (_, result) in zip(names, many, strict=True)
        if result.verdict is verdict is not Verdict.OK
    ]
    return "; ".join(amiss) or f"{len(many)} checks ok"


def _names(many: Sequence[Asked]) -> list[str]:
    """What tells each check from the others: its code, and its site and target where that is not enough."""
    several = len({question.site for question, _ in many}) > 1
    of_check = Counter((question.site, question.check) for question, _ in many)
    return [
        ".".join(
            [question.site] * several
            + [question.check]
            + [question.target.name] * (of_check[question.site, question.check] > 1)
        )
        for question, _ in many
    ]


def _perfdata(many: Sequence[Asked]) -> Iterator[str]:
    """Every measure; where several checks were run, behind what tells the check from the others."""
    names = _names(many) if len(many) > 1 else [""]
    for name, (_, result) in zip(names, many, strict=True):
        for measure in result.measures:
            if math.isfinite(measure.value):
                yield _one(f"{name}.{measure.name}" if name else measure.name, measure)


def _one(label: str, measure: Measure) -> str:
    unit, factor = _UNITS.get(measure.unit, ("", 1.0))
    is_floor = measure.warning is not None and measure.critical is not None and measure.critical < measure.warning
    thresholds = [_threshold(each, factor, is_floor=is_floor) for each in (measure.warning, measure.critical)]
    limits = [_number(each, factor) for each in (measure.minimum, measure.maximum)]
    parts = [f"{_number(measure.value, factor)}{unit}", *thresholds, *limits]
    return f"'{_OUTSIDE_LABELS.sub('_', label)}'={';'.join(parts).rstrip(';')}"


def _threshold(value: float | None, factor: float, *, is_floor: bool) -> str:
    """Where the critical threshold lies below the warning one it is what lies under them that is bad: `14:`."""
    text = _number(value, factor)
    return f"{text}:" if text and is_floor else text


def _number(value: float | None, factor: float) -> str:
    """Plain digits with a point; nothing for no number, nor for an infinite one."""
    if value is None or not math.isfinite(value):
        return ""
    text = f"{value * factor:.6f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
