"""Which credential a device answers to: tried in order, kept while it works, sought again after a silence."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from tests.poller.one_device import Scene, values
from tests.poller.scripted import IF, Agent, router
from wanmon.model.reason import Reason
from wanmon.poller.device.reader import SYSTEM
from wanmon.poller.jobs import Task
from wanmon.protocols.snmp.types import Answer, Oid

OPER = (*IF, 8)


def silent() -> Agent:
    return Agent({}, Reason.TIMEOUT)


class Chokes(Agent):
    """An agent that cannot say what it is: it answers genErr for its description."""

    async def get(self, oids: Sequence[Oid], deadline_s: float | None = None) -> Answer:
        answer = await super().get(oids, deadline_s)
        there = tuple(varbind for varbind in answer.varbinds if varbind.oid not in SYSTEM)
        lacks = len(there) < len(answer.varbinds)
        return replace(answer, varbinds=there, reason=Reason.REFUSED if lacks else answer.reason)


def test_a_device_that_cannot_say_what_it_is_is_read_all_the_same():
    result = Scene(Chokes(router(ports=2).table)).read()

    assert ("if-mib", ["eth1", "eth2"]) == (result.profile, [port.name for port in result.ports])


def refusing() -> Agent:
    return Agent({}, Reason.AUTH)


def test_credentials_are_tried_in_order_and_the_winner_is_kept():
    first, second, third = silent(), router(), router()
    scene = Scene(first, second, third)
    result = scene.read()
    scene.read()

    assert ("key1", ()) == (result.credential, result.refused)
    assert 1 == len(first.asked)
    assert [] == third.asked


@pytest.mark.parametrize("reason", [Reason.AUTH, Reason.PRIVACY])
def test_a_refusal_is_reported_with_the_answer_to_the_next(reason: Reason):
    result = Scene(Agent({}, reason), router(), version="3").read()

    assert (None, "key1", ("key0",)) == (result.reason, result.credential, result.refused)


def test_refused_everywhere_is_a_refusal_not_a_silence():
    result = Scene(refusing(), refusing(), version="3").read()

    assert (Reason.AUTH, "", ("key0", "key1")) == (result.reason, result.credential, result.refused)


@pytest.mark.parametrize("reason", [Reason.LATE, Reason.MALFORMED, Reason.MISMATCHED])
def test_what_was_put_aside_is_as_good_as_silence(reason: Reason):
    """Anybody who sends garbage in the name of a device could else keep us from its right credential."""
    result = Scene(Agent({}, reason), router()).read()

    assert (None, "key1", ()) == (result.reason, result.credential, result.refused)


def test_an_error_that_no_other_credential_would_mend_ends_the_trying():
    after = router()
    result = Scene(Agent({}, Reason.UNREACHABLE), after).read()

    assert Reason.UNREACHABLE is result.reason
    assert [] == after.asked


def test_a_paused_credential_is_passed_over():
    first, second = router(), router()
    result = Scene(first, second, version="3", paused="key0").read()

    assert "key1" == result.credential
    assert [] == first.asked


def test_without_a_usable_credential_nothing_is_sent_and_it_is_our_own_fault():
    agent = router()
    result = Scene(agent, version="3", paused="key0").read()

    assert Reason.LOCAL is result.reason
    assert [] == agent.asked


def test_after_a_silence_the_device_is_greeted_again():
    """The credential may have been changed while it was away."""
    first, second = router(), router()
    scene = Scene(first, second)
    scene.read()
    first.reason = Reason.TIMEOUT
    lost = scene.read()
    found = scene.read()

    assert (Reason.TIMEOUT, frozenset()) == (lost.reason, lost.changed)
    assert (None, "key1", 2) == (found.reason, found.credential, len(found.ports))


def test_a_device_that_comes_back_is_not_learnt_again():
    agent = router()
    scene = Scene(agent)
    scene.read()
    agent.reason = Reason.TIMEOUT
    scene.read()
    agent.reason = None
    agent.asked.clear()
    result = scene.read()

    assert ["get", "read"] == [kind for kind, _ in agent.asked]
    assert {"eth1": 1, "eth2": 1} == values(result, "oper_status")


def test_a_change_during_a_silence_is_told_when_it_ends():
    agent = router()
    scene = Scene(agent)
    scene.read()
    agent.reason = Reason.TIMEOUT
    scene.read()
    scene.read(Task.SLOW)
    agent.reason = None
    agent.table[*OPER, 1] = 2
    result = scene.read()

    assert result.changed is None or "oper_status" in result.changed
    assert {"eth1": 2, "eth2": 1} == values(result, "oper_status")


def test_a_silent_device_that_was_never_learnt_says_why():
    result = Scene(silent()).read()

    assert (Reason.TIMEOUT, "", (), {}) == (result.reason, result.profile, result.ports, result.columns)
