"""The rules of thresholds that all kinds share: what passes one, and that a warning comes first. Pure."""

from wanmon.model.finding import Verdict


def in_order(warning: float | None, critical: float | None, *, less_is_worse: bool = False) -> None:
    """A warning may not lie beyond its critical threshold. Raises ValueError."""
    if warning is None or critical is None:
        return
    if less_is_worse and warning < critical:
        raise ValueError("a warning threshold lies below its critical one")
    if not less_is_worse and warning > critical:
        raise ValueError("a warning threshold lies above its critical one")


def passed(value: float, warning: float | None, critical: float | None, *, less_is_worse: bool = False) -> Verdict:
    """The verdict by the thresholds that a figure has passed; to reach one is not to pass it."""
    for verdict, threshold in ((Verdict.CRITICAL, critical), (Verdict.WARNING, warning)):
        if threshold is not None and (value < threshold if less_is_worse else value > threshold):
            return verdict
    return Verdict.OK
