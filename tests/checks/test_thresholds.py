"""Thresholds, alike in all kinds."""

from typing import Any

import pytest
from pydantic import ValidationError

from wanmon.checks import registry
from wanmon.checks.thresholds import in_order, passed
from wanmon.model.finding import Verdict

OK, WARNING, CRITICAL, _ = Verdict


@pytest.mark.parametrize(
    ("value", "less_is_worse", "verdict"),
    [(1, False, OK), (1.1, False, WARNING), (2, False, WARNING), (2.1, False, CRITICAL),
     (2, True, OK), (1.9, True, WARNING), (1, True, WARNING), (0.9, True, CRITICAL)],
)  # fmt: skip
def test_a_threshold_is_passed_and_not_reached(value: float, less_is_worse: bool, verdict: Verdict):
    warning, critical = (2, 1) if less_is_worse else (1, 2)

    assert verdict is passed(value, warning, critical, less_is_worse=less_is_worse)


def test_what_is_not_set_is_never_passed():
    assert OK is passed(1e9, None, None)
    in_order(None, 1)
    in_order(1, None, less_is_worse=True)


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [
        ("icmp_echo", {"rtt_warning_s": 2}),
        ("icmp_echo", {"loss_warning_ratio": 0.5}),
        ("tcp_connect", {"duration_warning_s": 2, "duration_critical_s": 1}),
        ("http_get", {"duration_warning_s": 6}),
        ("dns_lookup", {"duration_warning_s": 2, "duration_critical_s": 1}),
        ("tls_certificate", {"days_warning": 3}),
        ("mtu_path", {"expected": 1000, "minimum": 1200}),
    ],
)
def test_a_warning_beyond_its_critical_threshold_is_refused_by_every_kind(kind: str, wrong: dict[str, Any]):
    with pytest.raises(ValidationError, match=r"a warning threshold lies .* its critical one"):
        registry.kind(kind).params(**wrong)
