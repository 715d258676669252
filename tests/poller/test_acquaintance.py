"""What of a device's manners and credentials is worth a write."""

import pytest

from tests.poller.kept import Kept
from wanmon.model.reason import Reason
from wanmon.poller.acquaintance import Acquaintance, is_news
from wanmon.poller.jobs import PollResult, Task
from wanmon.protocols.snmp.manners import Learnt

USUAL = Learnt(1400, 0, True, 0.02, 0.01)
CASES = {
    "never stored": (None, USUAL, True),
    "the same": (USUAL, USUAL, False),
    "a little larger": (USUAL, USUAL._replace(limit_bytes=1300), False),
    "half": (USUAL, USUAL._replace(limit_bytes=700), True),
    "no GETBULK": (USUAL, USUAL._replace(bulk=False), True),
    "ten times as slow, and still quick": (USUAL, USUAL._replace(srtt_s=0.2), False),
    "slow": (USUAL, USUAL._replace(srtt_s=1.5), True),
}


@pytest.mark.parametrize(("stored", "now", "expected"), CASES.values(), ids=CASES.keys())
def test_only_what_a_restart_would_miss_is_news(stored: Learnt | None, now: Learnt, expected: bool) -> None:
    assert expected == is_news(stored, now)


def polled(kept: Kept, *results: PollResult, stored: Learnt | None = None) -> None:
    acquaintance = Acquaintance(kept)
    if stored:
        acquaintance.resume({"A": stored})
    for result in results:
        acquaintance.polled("A", result, "", 0.0, is_answered=result.reason is None)


def result(manners: Learnt, reason: Reason | None = None) -> PollResult:
    return PollResult(Task.FAST, 0.1, reason, credential="wan", manners=manners)


def test_manners_are_stored_once() -> None:
    kept = Kept()
    polled(kept, result(USUAL), result(USUAL._replace(limit_bytes=1390)))

    assert {"A": USUAL} == kept.learnt


def test_what_an_earlier_run_stored_is_not_stored_again() -> None:
    kept = Kept()
    polled(kept, result(USUAL), stored=USUAL)

    assert {} == kept.learnt


def test_a_poll_that_nobody_answered_teaches_nothing() -> None:
    kept = Kept()
    polled(kept, result(USUAL, Reason.TIMEOUT))

    assert {} == kept.learnt
