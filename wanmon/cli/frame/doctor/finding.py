"""What an examination finds, and what many findings come to."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

COLUMNS = ("target", "subject", "verdict", "text", "advice")


class Mark(StrEnum):
    """How a subject is: `skipped` says out loud that nobody looked."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Finding:
    """One subject, how it is, in words, and what to do about it where something is to be done."""

    subject: str
    verdict: Mark
    text: str
    advice: str = ""
    target: str = ""

    def record(self) -> dict[str, Any]:
        """As it is shown."""
        return asdict(self)


def fine(subject: str, text: str) -> Finding:
    """Nothing is to be done."""
    return Finding(subject, Mark.OK, text)


def skipped(subject: str, why: str) -> Finding:
    """Nobody looked."""
    return Finding(subject, Mark.SKIPPED, why)


def warning(subject: str, text: str, advice: str) -> Finding:
    """It goes on as it is, and should not stay so."""
    return Finding(subject, Mark.WARNING, text, advice)


def problem(subject: str, text: str, advice: str) -> Finding:
    """It does not work."""
    return Finding(subject, Mark.PROBLEM, text, advice)


def status(findings: Iterable[Finding]) -> int:
    """What the command ends with: 0 all well, 1 a problem, 3 nothing worse than warnings."""
    marks = {finding.verdict for finding in findings}
    if Mark.PROBLEM in marks:
        return 1
    return 3 if Mark.WARNING in marks else 0
