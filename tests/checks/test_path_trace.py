"""Traces: hops, and the verdict on them. Real ones are in tests/real/test_paths.py."""

import pytest
from pydantic import ValidationError

from wanmon.checks import path_trace
from wanmon.model.finding import Verdict
from wanmon.model.path import Hop
from wanmon.model.reason import Reason

OK, WARNING, CRITICAL, UNKNOWN = Verdict
A, B, C, T = "10.0.0.1", "10.0.1.1", "10.0.2.1", "10.9.9.9"


def path(*addresses: str, reason: Reason | None = None) -> tuple[Hop, ...]:
    hops = [Hop(number, address, (0.01,) if address else ()) for number, address in enumerate(addresses, 1)]
    if reason:
        hops[-1] = Hop(len(hops), addresses[-1], (), reason)
    return tuple(hops)


@pytest.mark.parametrize(
    ("hops", "baseline", "verdict", "reason", "words"),
    [
        (path(A, B, T), [], OK, None, "reached at hop 3"),
        (path(A, B, T), [A, B, T], OK, None, "reached at hop 3, as always"),
        (path(A, "", T), [A, B, T], OK, None, "as always"),
        (path(A, B, T), [A, "", T], OK, None, "as always"),
        (path(A, C, T), [A, B, T], WARNING, Reason.CHANGED, "the path has changed: hop 2 is 10.0.2.1, it was 10.0.1.1"),
        (path(A, T), [A, B, T], WARNING, Reason.CHANGED, "hop 2 is 10.9.9.9, it was 10.0.1.1"),
        (path(A, T), [A, "", T], WARNING, Reason.CHANGED, "hop 3 is no more, it was 10.9.9.9"),
        (path(A, "", T), [A, T], WARNING, Reason.CHANGED, "hop 3 is new, it is 10.9.9.9"),
        (path(A, B, ""), [], CRITICAL, Reason.TIMEOUT, "answers end at hop 3 (after 10.0.1.1)"),
        (path(A, B, ""), [A, B, T], CRITICAL, Reason.TIMEOUT, "answers end at hop 3"),
        (path(A, B, reason=Reason.PROHIBITED), [], CRITICAL, Reason.PROHIBITED, "hop 2: 10.0.1.1 says prohibited"),
        (path(A, reason=Reason.UNREACHABLE), [], CRITICAL, Reason.UNREACHABLE, "hop 1: 10.0.0.1 says unreachable"),
        (path(""), [], CRITICAL, Reason.TIMEOUT, "answers end at hop 1: nobody on the way answers"),
        (path("", reason=Reason.LOCAL), [], UNKNOWN, Reason.LOCAL, "this machine could not send"),
    ],
    ids=["reached", "the same", "silent now", "silent before", "another hop", "shorter", "shorter behind silence",
         "longer", "ends", "ends, with a baseline", "prohibited", "unreachable", "nobody", "not sent"],
)  # fmt: skip
def test_a_path_is_judged(
    hops: tuple[Hop, ...], baseline: list[str], verdict: Verdict, reason: Reason | None, words: str
):
    """A silent hop is like any: routers that do not answer are no change."""
    result = path_trace.judge(hops, T, baseline)

    assert (verdict, reason) == (result.verdict, result.reason)
    assert words in result.text
    assert reason is None or reason in path_trace.REASONS
    if verdict is not UNKNOWN:
        assert (len(hops), hops) == (result.measured("hops"), result.hops)


def test_a_baseline_is_of_addresses_and_stars():
    params = path_trace.Params(baseline=["10.0.0.1", "*", "2001:DB8::1"])

    assert ["10.0.0.1", "*", "2001:db8::1"] == params.baseline
    with pytest.raises(ValidationError):
        path_trace.Params(baseline=["router"])
