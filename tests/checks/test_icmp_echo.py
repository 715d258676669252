"""Echo checks: what came back, and the verdict on it; and real ones to ourselves."""

import asyncio
from typing import Any, cast

import pytest
from pydantic import ValidationError

from wanmon.checks import icmp_echo
from wanmon.checks.result import Target, Tools
from wanmon.model.finding import Verdict
from wanmon.model.reason import Reason
from wanmon.protocols.echo_probe import EchoAnswer
from wanmon.protocols.icmp import forbidden
from wanmon.protocols.icmp_errors import Refusal

OK, WARNING, CRITICAL, UNKNOWN = Verdict
TIMEOUT, LATE = EchoAnswer(reason=Reason.TIMEOUT), EchoAnswer(1.2, Reason.LATE)
UNSENT = EchoAnswer(reason=Reason.LOCAL, detail="Network is unreachable")
EXPIRED = EchoAnswer(0.01, Reason.UNREACHABLE, "10.0.0.9", Refusal.EXPIRED)
PROHIBITED = EchoAnswer(0.01, Reason.PROHIBITED, "10.0.0.1", Refusal.PROHIBITED)
BIG = EchoAnswer(0.01, Reason.TOO_BIG, "10.0.0.2", Refusal.TOO_BIG, 1400)
OWN_PORT = EchoAnswer(reason=Reason.TOO_BIG, refusal=Refusal.TOO_BIG, mtu=1500)


def echoes(*rtts_ms: float) -> list[EchoAnswer]:
    return [EchoAnswer(rtt_ms / 1000, source="10.0.0.1") for rtt_ms in rtts_ms]


@pytest.mark.parametrize(
    ("seen", "verdict", "reason", "loss", "words"),
    [
        (echoes(1, 2, 3, 2), OK, None, 0, "4 of 4 echoes answered, 2.0 ms"),
        ([*echoes(*[1] * 9), TIMEOUT], WARNING, Reason.LOSS, 0.1, "9 of 10 echoes answered"),
        ([*echoes(*[1] * 4), TIMEOUT], OK, None, 0.2, "4 of 5"),
        ([*echoes(*[1] * 3), TIMEOUT], CRITICAL, Reason.LOSS, 0.25, "3 of 4"),
        (echoes(151, 151), WARNING, Reason.SLOW, 0, "151.0 ms"),
        (echoes(150, 150), OK, None, 0, "150.0 ms"),
        (echoes(1001), CRITICAL, Reason.SLOW, 0, "1001.0 ms"),
        ([TIMEOUT, TIMEOUT], CRITICAL, Reason.TIMEOUT, 1, "0 of 2 echoes answered"),
        ([LATE, LATE], CRITICAL, Reason.LATE, 1, "0 of 2"),
        ([*echoes(1), LATE], CRITICAL, Reason.LOSS, 0.5, "1 of 2 echoes answered, 1.0 ms"),
        ([*echoes(1), UNSENT], UNKNOWN, Reason.LOCAL, None, "did not send the echo: Network is unreachable"),
        ([TIMEOUT, PROHIBITED], CRITICAL, Reason.PROHIBITED, 1, "0 of 2 echoes answered: prohibited at 10.0.0.1"),
        ([EXPIRED], CRITICAL, Reason.UNREACHABLE, 1, "time exceeded at 10.0.0.9"),
        ([BIG], CRITICAL, Reason.TOO_BIG, 1, "too big at 10.0.0.2 (64 bytes, MTU 1400)"),
        ([OWN_PORT], CRITICAL, Reason.TOO_BIG, 1, "too big at this machine (64 bytes, MTU 1500)"),
        ([*echoes(1), PROHIBITED], CRITICAL, Reason.LOSS, 0.5, "1 of 2 echoes answered, 1.0 ms: prohibited at"),
    ],
    ids=["clean", "lossy", "at the threshold", "very lossy", "slow", "not yet slow", "very slow", "silent", "late",
         "half late", "not sent", "prohibited", "in circles", "too big", "own port", "half prohibited"],
)  # fmt: skip
def test_echoes_are_judged_together(
    seen: list[EchoAnswer], verdict: Verdict, reason: Reason | None, loss: float | None, words: str
):
    """0.2 is the threshold that is passed, not reached."""
    params = icmp_echo.Params(loss_warning_ratio=0.05 if verdict is not OK else 0.2)
    result = icmp_echo.judge(seen, params)

    assert (verdict, reason) == (result.verdict, result.reason)
    assert loss == (None if result.loss_ratio is None else pytest.approx(result.loss_ratio))
    assert words in result.text
    assert reason is None or reason in icmp_echo.REASONS


@pytest.mark.parametrize(
    "wrong", [{"dscp": 64}, {"dscp": -1}, {"size": 47}, {"size": 65_536}, {"loss_warning_ratio": 0.3}]
)
def test_what_no_packet_can_be_is_refused(wrong: dict[str, Any]):
    with pytest.raises(ValidationError):
        icmp_echo.Params(**wrong)


def run(address: str, **params: Any) -> Any:
    refusal = asyncio.run(forbidden())
    if refusal is not None:
        pytest.skip(str(refusal))
    return asyncio.run(icmp_echo.run(Target("A", address), icmp_echo.Params(**params), cast(Tools, None)))


@pytest.mark.real
@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "localhost"])
def test_we_answer_ourselves_whatever_the_form(address: str):
    result = run(address, count=3, interval_s=0.01, size=1400, df=True, dscp=46)

    assert (OK, None) == (result.verdict, result.reason)
    assert "3 of 3 echoes answered" in result.text


@pytest.mark.real
@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("255.255.255.255", "no echo to 255.255.255.255: "),
        ("no-such-host.invalid", "no-such-host.invalid does not resolve here: "),
    ],
    ids=["broadcast", "no name"],
)
def test_what_cannot_be_asked_is_our_own_trouble(address: str, words: str):
    result = run(address, count=1)

    assert (UNKNOWN, Reason.LOCAL) == (result.verdict, result.reason)
    assert words in result.text
