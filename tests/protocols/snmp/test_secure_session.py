"""SNMPv3 over our own wire: discovery, clocks, complaints, and what a wrong credential looks like.

The agent is pysnmp's; where it must lie, a test changes what it sends.
"""

import asyncio
import os
from collections.abc import Iterable

import pytest

from tests.protocols.snmp.secured_agent import (
    COLUMN,
    NAME,
    UPTIME,
    Scene,
    SecuredAgent,
    converse,
    listening,
    usm,
)
from tests.protocols.snmp.test_acceptance import plain, report
from tests.protocols.snmp.test_message_v3 import response
from wanmon.config.secrets import SnmpCredential
from wanmon.model.reason import Reason
from wanmon.protocols.snmp.engine import SnmpEngine
from wanmon.protocols.snmp.keys import DIGESTS
from wanmon.protocols.snmp.message_v3 import AUTH, Writer, read_secured
from wanmon.protocols.snmp.privacy import PRIVACY_PROTOCOLS
from wanmon.protocols.snmp.types import Reading

ROUNDS = 1000 if "WANMON_SOAK" in os.environ else 50
RESTARTS = 100 if "WANMON_SOAK" in os.environ else 10


def test_one_question_finds_the_engine_and_the_next_ones_need_none() -> None:
    async def story(scene: Scene) -> None:
        assert (2, 1, 1) == (await scene.asked(), await scene.asked(), await scene.asked())

    converse(story)


def test_what_discovery_finds_is_known_to_all_sessions_with_the_address() -> None:
    async def story(scene: Scene) -> None:
        await scene.asked()
        other = scene.engine.session(*scene.agent.address, usm())
        await other.get([NAME])

        assert 3 == len(scene.agent.requests)

    converse(story)


@pytest.mark.parametrize("auth", DIGESTS)
@pytest.mark.parametrize("priv", [None, *PRIVACY_PROTOCOLS])
def test_every_algorithm_is_spoken_as_pysnmp_speaks_it(auth: str, priv: str | None) -> None:
    async def story(scene: Scene) -> None:
        answer = await scene.session.get([NAME, UPTIME])
        walked = await scene.session.walk(COLUMN)

        assert (None, [b"edge", 4711]) == (answer.reason, [varbind.value for varbind in answer.varbinds])
        assert (None, [n * 10**7 for n in range(1, 101)]) == (walked.reason, [bind.value for bind in walked.varbinds])

    converse(story, ours=usm(auth, priv))


def test_a_user_without_keys_is_spoken_for_too() -> None:
    async def story(scene: Scene) -> None:
        assert [b"edge"] == [varbind.value for varbind in (await scene.session.get([NAME])).varbinds]

    converse(story, ours=usm(None, None))


def test_a_context_is_asked_by_its_name() -> None:
    async def story(scene: Scene) -> None:
        assert None is (await scene.session.get([NAME])).reason

    converse(story, ours=usm(context="vrf-wan"))


def test_a_context_that_the_agent_has_not_is_told() -> None:
    async def story(scene: Scene) -> None:
        answer = await scene.session.get([NAME])

        assert (Reason.REFUSED, "the agent has no such context", True) == (
            answer.reason, answer.detail, answer.was_heard,
        )  # fmt: skip

    converse(story, ours=usm(context="nowhere"), theirs=[usm()], timeout_s=0.2)


def test_a_reading_is_prepared_once_and_followed() -> None:
    async def story(scene: Scene) -> None:
        reading = Reading([NAME, *((*COLUMN, number) for number in range(1, 101))])
        first, second = await scene.session.read(reading), await scene.session.read(reading)

        assert (101, None) == (len(first.changed), first.reason)
        assert ([], None) == (second.changed, second.reason)
        assert [b"edge", 10**7, 2 * 10**7] == reading.values[:3]

    converse(story)


# -- credentials that are wrong

WRONG: dict[str, tuple[SnmpCredential, SnmpCredential, Reason, str]] = {
    "user": (usm(user="nob"), usm(), Reason.AUTH, "unknown user"),
    "authentication password": (
        usm(passwords=("something-else", "private-2026")), usm(), Reason.AUTH, "wrong authentication password",
    ),
    "authentication protocol": (usm("SHA-256"), usm(), Reason.AUTH, "wrong authentication password or protocol"),
    "level": (usm(priv=None), usm(), Reason.AUTH, "security level"),
    "privacy password": (
        usm(passwords=("authentic-2026", "something-else")), usm(), Reason.PRIVACY, "wrong privacy password",
    ),
    "privacy protocol": (usm(priv="DES"), usm(), Reason.PRIVACY, "wrong privacy password or protocol"),
}  # fmt: skip


@pytest.mark.parametrize(("ours", "theirs", "reason", "detail"), WRONG.values(), ids=WRONG.keys())
def test_what_is_wrong_with_a_credential_is_told_and_the_agent_is_known_to_live(
    ours: SnmpCredential, theirs: SnmpCredential, reason: Reason, detail: str
) -> None:
    async def story(scene: Scene) -> None:
        answer = await scene.session.get([NAME])

        assert (reason, True) == (answer.reason, answer.was_heard)
        assert detail in answer.detail

    converse(story, ours=ours, theirs=[theirs], timeout_s=0.2)


def decrypts_nothing(request: bytes, reply: bytes) -> Iterable[bytes]:
    """An agent whose replies to encrypted requests get lost: as net-snmp does with a wrong privacy key."""
    return [] if read_secured(request).flags & 2 and read_secured(reply).flags & 2 else [reply]


def test_silence_of_an_agent_that_understood_us_before_is_silence_at_first() -> None:
    """Packets get lost in a row now and then; a credential that worked is not called wrong for it."""

    async def story(scene: Scene) -> None:
        await scene.asked()
        scene.agent.tamper = decrypts_nothing
        reasons = [(await scene.session.get([NAME])).reason for _ in range(5)]
        scene.agent.tamper = lambda _request, reply: [reply]

        # The first silence is taken as it is; then who is there is asked each time, and answered.
        assert [Reason.TIMEOUT] * 3 + [Reason.PRIVACY] * 2 == reasons
        assert 2 == await scene.asked()
        assert 0 == scene.remote.mute

    converse(story, timeout_s=0.05, retries=0)


def test_an_answer_too_large_for_the_way_is_no_wrong_credential() -> None:
    def narrow(_request: bytes, reply: bytes) -> Iterable[bytes]:
        return [reply] if len(reply) < 600 else []

    async def story(scene: Scene) -> None:
        scene.agent.tamper = narrow
        answer = await scene.session.get([(*COLUMN, number) for number in range(1, 31)])

        assert (Reason.TIMEOUT, True) == (answer.reason, answer.was_heard)

    converse(story, timeout_s=0.1, retries=0)


# -- silence


def test_a_silent_agent_costs_one_question_for_each_poll() -> None:
    async def story(scene: Scene) -> None:
        await scene.asked()
        scene.agent.is_silent = True
        before = len(scene.agent.requests)
        answers = [await scene.session.get([NAME]) for _ in range(3)]

        assert [(Reason.TIMEOUT, False)] * 3 == [(answer.reason, answer.was_heard) for answer in answers]
        assert 3 == len(scene.agent.requests) - before
        scene.agent.is_silent = False
        assert 2 == await scene.asked()

    converse(story, timeout_s=0.05, retries=0)


# -- clocks


def test_a_restarted_agent_is_back_at_once() -> None:
    """One Report tells the new boots; the request is sent again."""

    async def story(scene: Scene) -> None:
        await scene.asked()
        for boots in range(6, 6 + RESTARTS):
            scene.agent.restart("edge", boots)
            rounds = [(await scene.session.get([NAME])).reason for _ in range(2)]

            assert [None, None] == rounds
        assert (0, {}) == (scene.engine.remotes.boots_backwards, scene.engine.remotes.clones())
        assert 1 == await scene.asked()

    converse(story, within_s=300)


def test_an_agent_that_lost_its_memory_is_back_at_once_and_reported() -> None:
    async def story(scene: Scene) -> None:
        await scene.asked()
        scene.agent.restart("edge", 1)

        assert (2, 1) == (await scene.asked(), await scene.asked())
        assert 1 == scene.engine.remotes.boots_backwards

    converse(story)


def test_an_agent_that_counts_no_boots_is_back_at_once_and_reported() -> None:
    async def story(scene: Scene) -> None:
        scene.agent.restart("edge", 5, 10_000)
        await scene.asked()
        scene.agent.restart("edge", 5, 3)

        assert 2 == await scene.asked()
        assert 1 == scene.engine.remotes.boots_backwards

    converse(story)


def test_an_agent_with_another_engine_id_is_found_again() -> None:
    async def story(scene: Scene) -> None:
        await scene.asked()
        scene.agent.restart("replaced", 1)

        assert (2, 1) == (await scene.asked(), await scene.asked())

    converse(story)


def not_in_time(scene: Scene, boots: int, *, is_signed: bool) -> object:
    """A tampering that answers every request with a notInTimeWindow."""
    user = scene.engine._user(usm(priv=None))

    def tamper(request: bytes, _reply: bytes) -> Iterable[bytes]:
        asked = read_secured(request)
        local = user.at(scene.remote.engine_id)
        if is_signed:
            return [bytes(local.seal(asked.request_id, (boots, 1), b"", bytearray(report(2))))]
        writer = Writer(0, local.engine_id, b"noc", 0, 0)
        return [bytes(writer.write(asked.request_id, boots, 1, b"", writer.scoped(b"", report(2)))[0])]

    return tamper


def test_time_is_resynchronised_once_for_each_request_and_then_given_up() -> None:
    async def story(scene: Scene) -> None:
        await scene.asked()
        before = len(scene.agent.requests)
        scene.agent.tamper = not_in_time(scene, 9, is_signed=True)  # type: ignore[assignment]
        answer = await scene.session.get([NAME])

        assert (Reason.TIME_WINDOW, True) == (answer.reason, answer.was_heard)
        assert 2 == len(scene.agent.requests) - before

    converse(story, ours=usm(priv=None))


def test_a_forged_report_never_sets_the_clock_back() -> None:
    """Without authentication it is put aside, and the true reply taken."""

    async def story(scene: Scene) -> None:
        await scene.asked()
        forged = not_in_time(scene, 1, is_signed=False)
        scene.agent.tamper = lambda request, reply: [*forged(request, reply), reply]  # type: ignore[operator]

        assert 1 == await scene.asked()
        assert (5, 1) == (scene.remote.boots, scene.engine.counters.mismatched)

    converse(story)


def test_an_agent_whose_clock_stands_still_is_asked_for_its_time_and_read_on() -> None:
    """Its replies seem 150 s old some day; each is fresh all the same: it has our random msgID under its digest."""

    async def story(scene: Scene) -> None:
        await scene.asked()
        local = scene.engine._user(usm(priv=None)).at(scene.remote.engine_id)

        def frozen(request: bytes, _reply: bytes) -> Iterable[bytes]:
            asked = read_secured(request)
            pdu = response(request_id=asked.request_id) if asked.boots else report(2)
            return [bytes(local.seal(asked.request_id, (5, 100), b"", bytearray(pdu)))]

        scene.agent.tamper = frozen
        scene.remote.hear(5, 100, scene.now_s() - 200)
        scene.remote._set(5, 100, scene.now_s() - 200)

        # A stale reply, what time it is, and the request again; then there are 150 s until the next time.
        assert (3, 1) == (await scene.asked(), await scene.asked())

    converse(story, ours=usm(priv=None))


def test_old_replies_sent_again_are_not_taken() -> None:
    """A recorded reply has the msgID of another request."""

    async def story(scene: Scene) -> None:
        await scene.asked()
        old = scene.agent.replies[-1]
        scene.agent.tamper = lambda _request, reply: [old, old, reply]

        assert 1 == await scene.asked()
        assert 2 == scene.engine.counters.late

    converse(story)


def test_no_request_takes_the_reply_to_another_however_it_is_changed() -> None:
    """A reply to each of many requests, with each a bit of another place changed, and then the true one."""

    async def story(scene: Scene) -> None:
        await scene.asked()
        bits = iter(range(0, 8 * 120, 7))
        sent = []

        def flipped(_request: bytes, reply: bytes) -> Iterable[bytes]:
            forged = bytearray(reply)
            bit = next(bits) % (8 * len(reply))
            forged[bit // 8] ^= 1 << bit % 8
            sent.append(bytes(forged))
            return [bytes(forged), reply]

        scene.agent.tamper = flipped
        for _ in range(100):
            assert 1 == await scene.asked()
        counters = scene.engine.counters
        assert 100 == len(sent) == counters.malformed + counters.mismatched + counters.late

    converse(story)


def test_a_forged_word_that_there_is_no_such_user_ends_only_the_request() -> None:
    """Who can forge it could drop our packets as well."""

    async def story(scene: Scene) -> None:
        await scene.asked()
        scene.agent.tamper = lambda request, reply: [
            plain_for(request, 3),
            reply,
        ]
        assert Reason.AUTH == (await scene.session.get([NAME])).reason

        scene.agent.tamper = lambda _request, reply: [reply]
        assert 1 == await scene.asked()

    converse(story)


def plain_for(request: bytes, number: int) -> bytes:
    """An unauthenticated Report to a request."""
    asked = read_secured(request)
    whole = bytearray(plain(report(number), engine_id=asked.engine_id))
    at = whole.index(b"\x02\x04") + 2
    whole[at : at + 4] = asked.request_id.to_bytes(4, "big")
    return bytes(whole)


def test_a_report_to_no_request_of_ours_ends_nothing() -> None:
    async def story(scene: Scene) -> None:
        await scene.asked()
        scene.agent.tamper = lambda _request, reply: [plain(report(3)), reply]

        assert 1 == await scene.asked()

    converse(story)


# -- clones


def test_agents_with_one_engine_id_never_disturb_each_other_and_are_reported() -> None:
    """Cloned devices: other boots, other time, other names; each says its own, round after round."""

    async def run() -> None:
        secret = usm()
        agents = [
            await listening(
                SecuredAgent("clone", [secret], boots=3 + number, up_for_s=500 * number + 60, title=f"clone {number}")
            )
            for number in range(20)
        ]
        engine = SnmpEngine()
        sessions = [engine.session(*agent.address, secret, timeout_s=5) for agent in agents]
        for _ in range(ROUNDS):
            answers = await asyncio.gather(*(session.get([NAME]) for session in sessions))

            assert [f"clone {number}".encode() for number in range(20)] == [
                answer.varbinds[0].value for answer in answers if answer.reason is None
            ]
        (addresses,) = engine.remotes.clones().values()
        # A question who is there, and then one request for each round: no clock was ever spoilt.
        assert [ROUNDS + 1] * 20 == [len(agent.requests) for agent in agents]
        assert (20, 0) == (len(addresses), engine.remotes.boots_backwards)
        assert (0, 0) == (engine.counters.mismatched, engine.counters.retries)
        await engine.close()
        for agent in agents:
            agent.transport.close()

    asyncio.run(run())


def test_a_session_and_its_engine_show_no_secret() -> None:
    async def story(scene: Scene) -> None:
        await scene.asked()
        shown = f"{scene.session!r} {vars(scene.session)} {scene.engine!r} {vars(scene.engine)} {scene.remote!r}"

        assert not [word for word in ("authentic-2026", "private-2026") if word in shown]

    converse(story)


def test_requests_ask_for_reports_at_the_level_of_the_user() -> None:
    async def story(scene: Scene) -> None:
        await scene.asked()

        assert [4, 7] == [read_secured(request).flags for request in scene.agent.requests]
        assert AUTH & read_secured(scene.agent.replies[1]).flags

    converse(story)
