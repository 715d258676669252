"""Prepared readings over our own wire: round after round, with agents that refuse, lack, choke or fall silent."""

from collections.abc import Callable, Iterable

import pytest
from pysnmp.proto import rfc1902

from tests.protocols.snmp.scripted_agent import Question, Scene, converse, honest, refusal
from tests.protocols.snmp.test_native_session import ABSENT, NAME, ROWS, TABLE, UPTIME, at_most, refusing
from wanmon.model.reason import Reason
from wanmon.protocols.snmp.types import Oid, Reading


def counting(oids: list[Oid]) -> tuple[dict[Oid, object], Callable[[int], None]]:
    """A table whose counters stand at what is set."""
    table: dict[Oid, object] = {}

    def set_to(number: int) -> None:
        table.update({oid: rfc1902.Counter64(number + oid[-1]) for oid in oids})

    set_to(10**12)
    return table, set_to


def test_a_reading_is_followed_round_after_round() -> None:
    table, set_to = counting(ROWS[:150])

    async def story(scene: Scene) -> None:
        reading = Reading([UPTIME, *ROWS[:150]])
        first = await scene.session.read(reading)
        again = await scene.session.read(reading)
        set_to(2 * 10**12)
        later = await scene.session.read(reading)

        assert (None, None, 150) == (first.reason, first.answered, len(first.changed))
        assert ([], list(range(1, 151))) == (again.changed, sorted(later.changed))
        assert [None, *(2 * 10**12 + oid[-1] for oid in ROWS[:150])] == reading.values
        assert first.received_at_s <= again.received_at_s <= later.received_at_s <= scene.now_s()

    converse(honest(table), story)


@pytest.mark.parametrize("version", ["1", "2c"])
def test_an_instance_that_is_missing_is_none_and_the_others_are_read(version: str) -> None:
    async def story(scene: Scene) -> None:
        reading = Reading([NAME, ABSENT, UPTIME])
        for _ in range(3):
            readout = await scene.session.read(reading)

            assert (None, None) == (readout.reason, readout.answered)
            assert [b"BN-0001-R1", None, 4711] == reading.values
        assert ABSENT in scene.agent.questions[0].oids

    converse(honest(TABLE), story, version=version)


def test_version_1_is_not_asked_again_for_what_it_lacks() -> None:
    async def story(scene: Scene) -> None:
        reading = Reading([NAME, ABSENT, UPTIME])
        await scene.session.read(reading)
        await scene.session.read(reading)

        assert [3, 2, 2] == [len(question.oids) for question in scene.agent.questions]

    converse(honest(TABLE), story, version="1")


def test_an_instance_that_vanishes_is_told_as_a_change() -> None:
    table = dict(TABLE)

    async def story(scene: Scene) -> None:
        reading = Reading([NAME, UPTIME])
        await scene.session.read(reading)
        del table[NAME]
        readout = await scene.session.read(reading)

        assert ([0], [None, 4711]) == (readout.changed, reading.values)

    converse(honest(table), story)


def test_too_big_is_learnt_by_a_reading() -> None:
    """The second round asks in the sizes that the first found out."""

    async def story(scene: Scene) -> None:
        reading = Reading(ROWS[:40])
        await scene.session.read(reading)
        learning = len(scene.agent.questions)
        readout = await scene.session.read(reading)

        assert (None, None) == (readout.reason, readout.answered)
        assert [oid[-1] * 10**7 for oid in ROWS[:40]] == reading.values
        assert [10, 10, 10, 10] == [len(question.oids) for question in scene.agent.questions[learning:]]

    converse(at_most(10, TABLE), story)


def test_a_refused_pdu_of_a_reading_leaves_the_others() -> None:
    async def story(scene: Scene) -> None:
        reading = Reading(ROWS[:100])
        for _ in range(3):
            readout = await scene.session.read(reading)

            assert (Reason.PARTIAL, "the agent answered authorizationError at position 1") == (
                readout.reason,
                readout.detail,
            )
            assert readout.answered is not None
            assert set(range(60, 100)) <= set(readout.answered)
            assert ROWS[99][-1] * 10**7 == reading.values[99]
            assert reading.values[0] is None

    converse(refusing(ROWS[0], 16), story)


def test_gen_err_of_one_instance_costs_a_reading_one_value() -> None:
    async def story(scene: Scene) -> None:
        reading = Reading(ROWS[:50])
        for _ in range(3):
            readout = await scene.session.read(reading)

            assert Reason.PARTIAL == readout.reason
            assert sorted({*range(50)} - {7}) == sorted(readout.answered or ())
            assert 49 == sum(value is not None for value in reading.values)

    converse(refusing(ROWS[7], 5), story)


def test_a_wholly_refused_reading_is_refused() -> None:
    async def story(scene: Scene) -> None:
        readout = await scene.session.read(Reading([NAME]))

        assert (Reason.REFUSED, []) == (readout.reason, readout.answered)

    converse(lambda question: [refusal(question, 16)], story)


def test_a_silent_reading_asks_one_pdu_and_begins_with_another_next_time() -> None:
    """A PDU that the agent chokes on must not hide the others for ever."""
    truthful = honest(TABLE)

    def script(question: Question) -> Iterable[bytes]:
        return [] if ROWS[0] in question.oids else truthful(question)

    async def story(scene: Scene) -> None:
        reading = Reading(ROWS[:100])
        first = await scene.session.read(reading)
        asked = len(scene.agent.questions)
        second = await scene.session.read(reading)

        assert (Reason.TIMEOUT, [], 1) == (first.reason, first.answered, asked)
        assert (Reason.PARTIAL, 99) == (second.reason, max(second.answered or ()))
        assert reading.values[0] is None
        assert ROWS[99][-1] * 10**7 == reading.values[99]

    converse(script, story, timeout_s=0.05, retries=0)


def test_a_path_that_loses_every_large_reply_from_some_day_on_is_learnt_by_a_reading() -> None:
    """No PDU of the reading is answered then; only the small GET that greets the agent before each poll."""
    passes = [9_000]

    def script(question: Question) -> Iterable[bytes]:
        return [data for data in honest(TABLE)(question) if len(data) <= passes[0]]

    async def story(scene: Scene) -> None:
        reading = Reading(ROWS[:100])
        await scene.session.read(reading)
        await scene.session.read(reading)
        passes[0] = 484
        reasons = []
        for _ in range(8):
            await scene.session.get([NAME])
            reasons.append((await scene.session.read(reading)).reason)

        assert [None, None] == reasons[-2:]

    converse(script, story, timeout_s=0.03, retries=0)


def test_an_agent_that_was_dead_for_a_while_is_asked_in_its_usual_sizes_again() -> None:
    is_dead = [False]

    async def story(scene: Scene) -> None:
        reading = Reading(ROWS[:100])
        await scene.session.read(reading)
        await scene.session.read(reading)
        before = len(scene.agent.questions)
        await scene.session.read(reading)
        usual = len(scene.agent.questions) - before
        is_dead[0] = True
        for _ in range(10):
            await scene.session.read(reading)
        is_dead[0] = False
        before = len(scene.agent.questions)
        readout = await scene.session.read(reading)

        assert (None, usual) == (readout.reason, len(scene.agent.questions) - before)

    converse(lambda question: [] if is_dead[0] else honest(TABLE)(question), story, timeout_s=0.03, retries=0)
