"""Our own wire against an agent that says whatever a test wants it to say."""

from collections.abc import Iterable

import pytest
from pysnmp.proto import rfc1902, rfc1905

from tests.protocols.snmp.scripted_agent import (
    Question,
    Scene,
    Script,
    converse,
    honest,
    honest_pairs,
    refusal,
    reply,
)
from wanmon.model.reason import Reason
from wanmon.protocols.snmp.types import Oid, Syntax, VarBind

SYSTEM: Oid = (1, 3, 6, 1, 2, 1, 1)
UPTIME, NAME, ABSENT = (*SYSTEM, 3, 0), (*SYSTEM, 5, 0), (*SYSTEM, 99, 0)
COLUMN: Oid = (1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 6)
TABLE = {
    UPTIME: rfc1902.TimeTicks(4711),
    NAME: rfc1902.OctetString("BN-0001-R1"),
    **{(*COLUMN, number): rfc1902.Counter32(number * 10**7) for number in range(1, 301)},
}
#: How many rows a GET asks for while their sizes are unknown.
PER_PDU = 33
ROWS = [oid for oid in TABLE if oid[: len(COLUMN)] == COLUMN]


def at_most(count: int, table: dict[Oid, object], status: int = 1) -> Script:
    """An agent that answers tooBig (or another status) to more than `count` var-binds."""
    truthful = honest(table)

    def script(question: Question) -> Iterable[bytes]:
        too_many = max(len(question.oids), question.max_repetitions) > count
        return [refusal(question, status)] if too_many else truthful(question)

    return script


def refusing(culprit: Oid, status: int, *, names_it: bool = True) -> Script:
    """An agent that answers every GET of `culprit` with an error-status."""
    truthful = honest(TABLE)

    def script(question: Question) -> Iterable[bytes]:
        if culprit not in question.oids:
            return truthful(question)
        return [refusal(question, status, question.oids.index(culprit) + 1 if names_it else 0)]

    return script


@pytest.mark.parametrize("version", ["1", "2c"])
def test_get_keeps_the_order_asked_and_marks_what_is_missing(version: str) -> None:
    """v1 says so with noSuchName and is asked again for the rest; v2c marks it in the var-bind."""

    async def story(scene: Scene) -> None:
        answer = await scene.session.get([NAME, ABSENT, UPTIME])

        assert (None, "") == (answer.reason, answer.detail)
        assert (
            VarBind(NAME, Syntax.OCTET_STRING, b"BN-0001-R1"),
            VarBind(ABSENT, Syntax.NO_SUCH_INSTANCE, None),
            VarBind(UPTIME, Syntax.TIMETICKS, 4711),
        ) == answer.varbinds
        assert answer.varbinds[1].is_missing

    converse(honest(TABLE), story, version=version)


def test_get_of_many_is_cut_into_pdus_whose_replies_fit() -> None:
    async def story(scene: Scene) -> None:
        answer = await scene.session.get(ROWS)

        assert [oid[-1] * 10**7 for oid in ROWS] == [varbind.value for varbind in answer.varbinds]
        assert 10 == len(scene.agent.questions)

    converse(honest(TABLE), story)


def test_get_of_nothing_sends_nothing() -> None:
    async def story(scene: Scene) -> None:
        answer = await scene.session.get([])

        assert ((), None) == (answer.varbinds, answer.reason)
        assert [] == scene.agent.questions

    converse(honest(TABLE), story)


def test_too_big_is_halved_until_it_fits() -> None:
    async def story(scene: Scene) -> None:
        answer = await scene.session.get(ROWS[:20])

        assert (20, None) == (len(answer.varbinds), answer.reason)
        assert 7 == len(scene.agent.questions)  # 20, 10, 5, 5, 10, 5, 5

    converse(at_most(5, TABLE), story)


def test_what_is_too_big_alone_is_left_out_and_the_rest_kept() -> None:
    async def story(scene: Scene) -> None:
        answer = await scene.session.get([NAME, ROWS[0], UPTIME])

        assert Reason.TOO_BIG == answer.reason
        assert [NAME, UPTIME] == [varbind.oid for varbind in answer.varbinds]
        assert "tooBig" in answer.detail
        assert "for 1.3.6.1.2.1.31.1.1.1.6.1" in answer.detail

    converse(refusing(ROWS[0], 1), story)


@pytest.mark.parametrize("names_it", [True, False], ids=["named", "unnamed"])
def test_gen_err_costs_one_value_and_no_other(names_it: bool) -> None:
    async def story(scene: Scene) -> None:
        answer = await scene.session.get(ROWS[:10])

        assert Reason.REFUSED == answer.reason
        assert [*ROWS[:3], *ROWS[4:10]] == [varbind.oid for varbind in answer.varbinds]
        assert "genErr" in answer.detail

    converse(refusing(ROWS[3], 5, names_it=names_it), story)


def test_another_error_status_refuses_its_pdu_and_keeps_the_others() -> None:
    async def story(scene: Scene) -> None:
        answer = await scene.session.get(ROWS[:100])

        assert (Reason.REFUSED, "the agent answered authorizationError at position 1") == (answer.reason, answer.detail)
        assert ROWS[PER_PDU:100] == [varbind.oid for varbind in answer.varbinds]

    converse(refusing(ROWS[0], 16), story)


def test_silence_is_a_timeout_after_every_try() -> None:
    async def story(scene: Scene) -> None:
        answer = await scene.session.get([NAME])
        counters = scene.engine.counters

        assert (Reason.TIMEOUT, "no reply to 3 x 0.05 s") == (answer.reason, answer.detail)
        assert (1, 2, 1, 0) == (counters.requests, counters.retries, counters.timeouts, counters.replies)
        assert 3 == len(scene.agent.questions)
        assert 1 == len({question.request_id for question in scene.agent.questions})

    converse(lambda _question: [], story, timeout_s=0.05, retries=2)


def test_silence_in_the_middle_keeps_what_came_before() -> None:
    truthful = honest(TABLE)

    def script(question: Question) -> Iterable[bytes]:
        return truthful(question) if ROWS[0] in question.oids else []

    async def story(scene: Scene) -> None:
        answer = await scene.session.get(ROWS[:100])

        assert Reason.TIMEOUT == answer.reason
        assert ROWS[:PER_PDU] == [varbind.oid for varbind in answer.varbinds]

    converse(script, story, timeout_s=0.05, retries=0)


def test_the_deadline_ends_a_request_before_its_tries_do() -> None:
    async def story(scene: Scene) -> None:
        loop_time = scene.now_s()
        answer = await scene.session.get([NAME], deadline_s=loop_time + 0.1)

        assert Reason.DEADLINE == answer.reason
        assert scene.now_s() - loop_time < 1

    converse(lambda _question: [], story, timeout_s=5)


def test_a_deadline_already_past_sends_nothing() -> None:
    async def story(scene: Scene) -> None:
        answer = await scene.session.walk(SYSTEM, deadline_s=scene.now_s() - 1)

        assert Reason.DEADLINE == answer.reason
        assert [] == scene.agent.questions

    converse(honest(TABLE), story)


@pytest.mark.parametrize("version", ["1", "2c"])
@pytest.mark.parametrize("root", [COLUMN, (1, 3), SYSTEM], ids=["a column", "everything", "a group"])
def test_walk_tells_the_whole_subtree(version: str, root: Oid) -> None:
    async def story(scene: Scene) -> None:
        answer = await scene.session.walk(root)

        assert answer.reason is None
        assert sorted(oid for oid in TABLE if oid[: len(root)] == root) == [varbind.oid for varbind in answer.varbinds]

    converse(honest(TABLE), story, version=version)


def test_walk_needs_few_requests() -> None:
    """300 rows of 27 bytes: 20 first, then what fills 1,400 bytes."""

    async def story(scene: Scene) -> None:
        await scene.session.walk(COLUMN)

        assert 8 >= len(scene.agent.questions)

    converse(honest(TABLE), story)


def test_walk_halves_when_the_agent_finds_it_too_big() -> None:
    async def story(scene: Scene) -> None:
        answer = await scene.session.walk(COLUMN)

        assert (300, None) == (len(answer.varbinds), answer.reason)
        assert 300 / 5 * 2 >= len(scene.agent.questions)

    converse(at_most(5, TABLE), story)


def test_walk_of_truncated_replies_equals_the_table() -> None:
    """An agent may send fewer repetitions than asked (RFC 3416 section 4.2.3)."""

    def script(question: Question) -> Iterable[bytes]:
        pairs = honest_pairs(TABLE, question)
        assert isinstance(pairs, list)
        return [reply(question, pairs[:3])]

    async def story(scene: Scene) -> None:
        answer = await scene.session.walk(COLUMN)

        assert ROWS == [varbind.oid for varbind in answer.varbinds]

    converse(script, story)


def looping(question: Question) -> Iterable[bytes]:
    """The same two rows for ever."""
    return [reply(question, [((*COLUMN, number), rfc1902.Counter64(number)) for number in (1, 2)])]


def endless(question: Question) -> Iterable[bytes]:
    """One row more, whatever is asked."""
    start = question.oids[0][len(COLUMN)] if len(question.oids[0]) > len(COLUMN) else 0
    rows = range(start + 1, start + 1 + question.max_repetitions)
    return [reply(question, [((*COLUMN, number), rfc1902.Integer32(1)) for number in rows])]


WALKS: dict[str, tuple[Script, Reason | None, int]] = {
    "OIDs that do not grow": (looping, Reason.MALFORMED, 2),
    "an empty answer": (lambda question: [reply(question, [])], Reason.MALFORMED, 0),
    "endOfMibView": (lambda question: [reply(question, [(question.oids[0], rfc1905.endOfMibView)])], None, 0),
    "an endless table": (endless, Reason.PARTIAL, 20_000),
    "an error-status": (lambda question: [refusal(question, 13)], Reason.REFUSED, 0),
}


@pytest.mark.parametrize(("script", "reason", "rows"), WALKS.values(), ids=WALKS.keys())
def test_a_walk_ends_whatever_the_agent_does(script: Script, reason: Reason | None, rows: int) -> None:
    async def story(scene: Scene) -> None:
        answer = await scene.session.walk(COLUMN)

        assert (reason, rows) == (answer.reason, len(answer.varbinds))

    converse(script, story)


def test_an_endless_table_ends_at_the_deadline_too() -> None:
    async def story(scene: Scene) -> None:
        began_s = scene.now_s()
        answer = await scene.session.walk(COLUMN, deadline_s=began_s + 0.1)

        assert Reason.DEADLINE == answer.reason
        assert 0 < len(answer.varbinds)
        assert scene.now_s() - began_s < 1

    converse(endless, story)


def test_a_walk_that_falls_silent_keeps_its_rows() -> None:
    truthful = honest(TABLE)

    def script(question: Question) -> Iterable[bytes]:
        return truthful(question) if question.oids[0] == COLUMN else []

    async def story(scene: Scene) -> None:
        answer = await scene.session.walk(COLUMN)

        assert (Reason.TIMEOUT, 17) == (answer.reason, len(answer.varbinds))

    converse(script, story, timeout_s=0.03, retries=0)
