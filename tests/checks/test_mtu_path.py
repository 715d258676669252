"""Path MTU: what passes, and the verdict on it. Real links are in tests/real/test_paths.py."""

import pytest

from wanmon.checks import mtu_path
from wanmon.model.finding import Verdict
from wanmon.model.reason import Reason
from wanmon.protocols.echo_probe import EchoAnswer
from wanmon.protocols.icmp_errors import Refusal
from wanmon.protocols.path_mtu import PathMtu

OK, WARNING, CRITICAL, UNKNOWN = Verdict
SILENCE = EchoAnswer(reason=Reason.TIMEOUT)
LIMIT = EchoAnswer(0.01, Reason.TOO_BIG, "10.0.0.2", Refusal.TOO_BIG, 1400)
NO_LIMIT = EchoAnswer(0.01, Reason.TOO_BIG, "10.0.0.2", Refusal.TOO_BIG)
OWN = EchoAnswer(reason=Reason.TOO_BIG, refusal=Refusal.TOO_BIG, mtu=1400)
PROHIBITED = EchoAnswer(0.01, Reason.PROHIBITED, "10.0.0.2", Refusal.PROHIBITED)


@pytest.mark.parametrize(
    ("found", "version", "verdict", "reason", "words"),
    [
        (PathMtu(1500), 4, OK, None, "packets of 1500 bytes pass unfragmented"),
        (PathMtu(1499, LIMIT), 4, WARNING, Reason.SMALL, "larger ones are refused by 10.0.0.2 (MTU 1400)"),
        (PathMtu(1400, NO_LIMIT), 4, WARNING, Reason.SMALL, "larger ones are refused by 10.0.0.2"),
        (PathMtu(1400, OWN), 4, WARNING, Reason.SMALL, "refused by this machine's own port (MTU 1400)"),
        (PathMtu(1400, SILENCE), 4, WARNING, Reason.SMALL, "larger ones vanish without a word (a black hole"),
        (PathMtu(1400, PROHIBITED), 4, WARNING, Reason.SMALL, "larger ones are refused: prohibited at 10.0.0.2"),
        (PathMtu(576, SILENCE), 4, WARNING, Reason.SMALL, "576 bytes"),
        (PathMtu(575, SILENCE), 4, CRITICAL, Reason.SMALL, "575 bytes"),
        (PathMtu(1280, SILENCE), 6, WARNING, Reason.SMALL, "1280 bytes"),
        (PathMtu(1279, SILENCE), 6, CRITICAL, Reason.SMALL, "1279 bytes"),
        (PathMtu(0, SILENCE), 4, CRITICAL, Reason.TIMEOUT, "not even packets of 128 bytes are answered"),
        (PathMtu(0, PROHIBITED), 4, CRITICAL, Reason.PROHIBITED, "answered: prohibited at 10.0.0.2"),
        (PathMtu(0, EchoAnswer(reason=Reason.LOCAL, detail="no way")), 4, UNKNOWN, Reason.LOCAL, "no way"),
    ],
    ids=["wide", "told", "told without a limit", "own port", "black hole", "refused", "at the minimum",
         "below the minimum", "at the minimum IPv6", "below the minimum IPv6", "dead", "prohibited", "not sent"],
)  # fmt: skip
def test_what_passes_is_judged(found: PathMtu, version: int, verdict: Verdict, reason: Reason | None, words: str):
    result = mtu_path.judge(found, mtu_path.Params(), version)

    assert (verdict, reason) == (result.verdict, result.reason)
    assert words in result.text
    assert (found.mtu or None) == result.measured("mtu")
    assert reason is None or reason in mtu_path.REASONS


def test_less_than_the_standard_may_be_expected():
    assert 500 == mtu_path.Params(expected=500).least(4)
    with pytest.raises(ValueError, match="lies below its critical one"):
        mtu_path.Params(expected=1400, minimum=1401)
