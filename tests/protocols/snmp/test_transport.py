"""What is put aside, what is accepted, and that nothing is left behind."""

import asyncio
import contextlib
import os
import random
import resource
import socket
from collections.abc import Iterable
from ipaddress import IPv4Network
from pathlib import Path

import pytest
from pysnmp.proto import rfc1902

from tests.protocols.snmp.scripted_agent import Question, Scene, Script, converse, credential, honest, reply
from tests.protocols.snmp.test_message import mutated
from wanmon.config.secrets import SnmpCredential
from wanmon.model.reason import Reason
from wanmon.protocols.snmp.counters import SnmpCounters
from wanmon.protocols.snmp.engine import SnmpEngine
from wanmon.protocols.snmp.types import Oid, Reading

NAME: Oid = (1, 3, 6, 1, 2, 1, 1, 5, 0)
OTHER: Oid = (1, 3, 6, 1, 2, 1, 1, 6, 0)
FALSE, TRUE = rfc1902.OctetString("false"), rfc1902.OctetString("true")


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def told_apart(question: Question, impostor: bytes) -> list[bytes]:
    return [impostor, reply(question, [(NAME, TRUE)])]


# What comes before the true reply, and the counter that must move.
IMPOSTORS: dict[str, tuple[Script, str]] = {
    "another request id": (
        lambda q: told_apart(q, reply(q, [(NAME, FALSE)], request_id=q.request_id ^ 1)),
        "mismatched",
    ),
    "another community": (lambda q: told_apart(q, reply(q, [(NAME, FALSE)], community=b"public")), "mismatched"),
    "another version": (lambda q: told_apart(q, reply(q, [(NAME, FALSE)], version=0)), "mismatched"),
    "another OID": (lambda q: told_apart(q, reply(q, [(OTHER, FALSE)])), "mismatched"),
    "more OIDs": (lambda q: told_apart(q, reply(q, [(NAME, FALSE), (OTHER, FALSE)])), "mismatched"),
    "no OID": (lambda q: told_apart(q, reply(q, [])), "mismatched"),
    "garbage": (lambda q: told_apart(q, b"\x30\x82garbage"), "malformed"),
    "a single byte": (lambda q: told_apart(q, b"\x30"), "malformed"),
    "a reply cut short": (lambda q: told_apart(q, reply(q, [(NAME, FALSE)])[:-1]), "malformed"),
    "a request": (lambda q: told_apart(q, reply(q, [(NAME, FALSE)]).replace(b"\xa2", b"\xa0", 1)), "malformed"),
    "a value that lies": (
        lambda q: told_apart(q, reply(q, [(NAME, rfc1902.Counter32(5))]).replace(b"\x41\x01\x05", b"\x41\x00\x05")),
        "malformed",
    ),
}


@pytest.mark.parametrize("asking", ["get", "read"])
@pytest.mark.parametrize(("script", "counter"), IMPOSTORS.values(), ids=IMPOSTORS.keys())
def test_an_impostor_is_counted_and_the_true_reply_is_waited_for(script: Script, counter: str, asking: str) -> None:
    async def story(scene: Scene) -> None:
        if asking == "get":
            answer = await scene.session.get([NAME])

            assert ([b"true"], None) == ([varbind.value for varbind in answer.varbinds], answer.reason)
        else:
            reading = Reading([NAME])
            readout = await scene.session.read(reading)

            assert ([b"true"], [0], None) == (reading.values, readout.changed, readout.reason)
        counters = scene.engine.counters
        assert (1, 1, 0) == (getattr(counters, counter), counters.replies, counters.retries)

    converse(script, story)


ENDINGS: dict[str, tuple[Script, Reason, str]] = {
    "garbage alone": (lambda q: [b"\x30\x82garbage"], Reason.MALFORMED, "beyond its container"),
    "another community": (
        lambda q: [reply(q, [(NAME, FALSE)], community=b"x")],
        Reason.MISMATCHED,
        "another community",
    ),
    "another request id": (
        lambda q: [reply(q, [(NAME, FALSE)], request_id=q.request_id ^ 1)],
        Reason.MISMATCHED,
        "another request id",
    ),
    "another OID": (lambda q: [reply(q, [(OTHER, FALSE)])], Reason.MISMATCHED, "other OIDs"),
}


@pytest.mark.parametrize(("script", "reason", "detail"), ENDINGS.values(), ids=ENDINGS.keys())
def test_a_request_that_only_impostors_answered_says_so(script: Script, reason: Reason, detail: str) -> None:
    """Plain "timeout" would send the operator to the line instead of to the agent."""

    async def story(scene: Scene) -> None:
        answer = await scene.session.get([NAME])

        assert reason == answer.reason
        assert detail in answer.detail
        assert "scripted" not in answer.detail

    converse(script, story, timeout_s=0.05, retries=0)


def test_a_reply_from_another_address_or_port_is_not_taken() -> None:
    """A router that answers from its other interface, or somebody who guesses."""
    with contextlib.ExitStack() as stack:
        strangers = [stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) for _ in range(2)]
        strangers[0].bind(("127.0.0.1", 0))
        strangers[1].bind(("127.0.0.2", 0))

        def script(question: Question) -> Iterable[bytes]:
            for stranger in strangers:
                stranger.sendto(reply(question, [(NAME, FALSE)]), question.sender)
            return []

        async def story(scene: Scene) -> None:
            answer = await scene.session.get([NAME])

            assert (Reason.MISMATCHED, ()) == (answer.reason, answer.varbinds)
            assert "the reply comes from 127.0.0." in answer.detail
            assert 2 == scene.engine.counters.mismatched

        converse(script, story, timeout_s=0.1, retries=0)


@pytest.mark.parametrize(
    ("networks", "taken"),
    [(["127.0.0.0/29"], True), (["127.0.0.2/32"], False), (["127.0.0.0/31"], False)],
    ids=["both lie in it", "the agent lies outside", "the other lies outside"],
)
def test_only_within_a_network_that_was_named_may_an_agent_answer_from_elsewhere(
    networks: list[str], taken: bool
) -> None:
    """Some routers answer from the interface that faces us, whatever address was asked."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:

        def script(question: Question) -> Iterable[bytes]:
            other.sendto(reply(question, [(NAME, TRUE)]), question.sender)
            return []

        async def story(scene: Scene) -> None:
            other.bind(("127.0.0.2", scene.agent.port))
            answer = await scene.session.get([NAME])

            assert taken is (answer.reason is None), answer.detail

        converse(script, story, timeout_s=0.1, retries=0, other_sources=[IPv4Network(network) for network in networks])


def test_a_duplicate_is_late_and_harmless() -> None:
    async def story(scene: Scene) -> None:
        for _ in range(3):
            answer = await scene.session.get([NAME])

            assert [b"true"] == [varbind.value for varbind in answer.varbinds]
        assert 3 == scene.engine.counters.replies
        assert scene.engine.counters.late in (2, 3)  # the last may still be on its way

    converse(lambda q: [reply(q, [(NAME, TRUE)])] * 2, story)


def test_a_late_reply_is_counted_and_not_taken_for_the_next() -> None:
    held: list[bytes] = []

    def script(question: Question) -> Iterable[bytes]:
        if not held:
            held.append(reply(question, [(NAME, FALSE)]))
            return []
        return [held[0], reply(question, [(NAME, TRUE)])]

    async def story(scene: Scene) -> None:
        first = await scene.session.get([NAME])
        second = await scene.session.get([NAME])

        assert (Reason.TIMEOUT, [b"true"]) == (first.reason, [varbind.value for varbind in second.varbinds])
        assert (1, 1, 1) == (scene.engine.counters.late, scene.engine.counters.replies, scene.engine.counters.timeouts)

    converse(script, story, timeout_s=0.1, retries=0)


def test_a_lost_request_is_sent_again_and_counted() -> None:
    seen: list[int] = []

    def script(question: Question) -> Iterable[bytes]:
        seen.append(question.request_id)
        return [reply(question, [(NAME, TRUE)])] if len(seen) == 3 else []

    async def story(scene: Scene) -> None:
        answer = await scene.session.get([NAME])
        counters = scene.engine.counters

        assert (None, 1) == (answer.reason, len(answer.varbinds))
        assert SnmpCounters(requests=1, retries=2, replies=1) == counters

    converse(script, story, timeout_s=0.05, retries=2)


def test_cancelling_leaves_nothing_under_way() -> None:
    async def story(scene: Scene) -> None:
        tasks = [asyncio.create_task(scene.session.walk(NAME[:-1])) for _ in range(20)]
        tasks += [asyncio.create_task(scene.session.get([NAME])) for _ in range(20)]
        tasks += [asyncio.create_task(scene.session.read(Reading([NAME]))) for _ in range(20)]  # type: ignore[misc]
        while len(scene.agent.questions) < 60:
            await scene.agent.asked.wait()
            scene.agent.asked.clear()
        pending = scene.engine.pending
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

        assert (60, 0) == (pending, scene.engine.pending)

    converse(lambda _question: [], story, timeout_s=5)


def test_a_reading_that_was_cancelled_can_be_read_again() -> None:
    silent = [True]

    async def story(scene: Scene) -> None:
        reading = Reading([NAME])
        task = asyncio.create_task(scene.session.read(reading))
        await scene.agent.asked.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        silent[0] = False
        readout = await scene.session.read(reading)

        assert (None, [b"true"]) == (readout.reason, reading.values)

    converse(lambda q: [] if silent[0] else [reply(q, [(NAME, TRUE)])], story)


def test_closing_the_engine_ends_what_is_under_way_as_our_own_fault() -> None:
    async def story(scene: Scene) -> None:
        task = asyncio.create_task(scene.session.get([NAME]))
        await scene.agent.asked.wait()
        await scene.engine.close()
        answer = await task

        assert (Reason.LOCAL, "the SNMP engine was closed") == (answer.reason, answer.detail)

    converse(lambda _question: [], story, timeout_s=5)


def test_five_hundred_mutated_replies_on_a_real_socket_hide_no_true_one() -> None:
    rng = random.Random(5)

    def script(question: Question) -> Iterable[bytes]:
        # Of another request: whatever is changed in it, it may not be taken.
        lie = reply(question, [(NAME, FALSE)], request_id=question.request_id ^ 0x5555)
        lies = [lie for lie in (mutated(rng, lie) for _ in range(25)) if len(lie) < 1400]
        return [*lies, reply(question, [(NAME, TRUE)])]

    async def story(scene: Scene) -> None:
        for _ in range(20):
            answer = await scene.session.get([NAME])

            assert ([b"true"], None) == ([varbind.value for varbind in answer.varbinds], answer.reason)
        counters = scene.engine.counters
        assert (20, 0, 0) == (counters.replies, counters.retries, counters.timeouts)
        assert 300 < counters.malformed + counters.mismatched + counters.late

    converse(script, story)


def test_a_closed_port_is_refused_at_once_and_disturbs_no_other_device(free_udp_port: int) -> None:
    """ICMP errors of one device surface on whatever the shared socket does next."""

    async def story(scene: Scene) -> None:
        closed = scene.engine.session("127.0.0.1", free_udp_port, credential(), timeout_s=20, retries=2)
        for _ in range(20):
            refused, answer = await asyncio.gather(closed.get([NAME]), scene.session.get([NAME]))

            assert (Reason.REFUSED, None) == (refused.reason, answer.reason)
            assert "port unreachable (no agent listens there)" == refused.detail
        assert 0 == scene.engine.counters.retries

    converse(honest({NAME: TRUE}), story, timeout_s=5)


def test_a_thousand_rounds_half_silent_and_a_tenth_cancelled_leave_nothing() -> None:
    """Sockets and memory leak on the ways out that nobody tries."""
    rng = random.Random(7)

    async def one(scene: Scene) -> None:
        oid = rng.choice((NAME, OTHER))
        kinds = (scene.session.get([oid]), scene.session.walk(oid), scene.session.read(Reading([oid])))
        chosen = rng.randrange(3)
        for kind in (*kinds[:chosen], *kinds[chosen + 1 :]):
            kind.close()
        task: asyncio.Task[object] = asyncio.create_task(kinds[chosen])  # type: ignore[arg-type]
        if rng.random() < 0.1:
            await asyncio.sleep(0)
            task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    async def story(scene: Scene) -> None:
        await one(scene)
        before = open_files()
        for _ in range(10):
            await asyncio.gather(*(one(scene) for _ in range(100)))

        assert (before, 0) == (open_files(), scene.engine.pending)

    converse(lambda q: [] if OTHER in q.oids else honest({NAME: TRUE})(q), story, timeout_s=0.03, retries=1)


def test_what_our_own_kernel_forbids_is_our_own_fault() -> None:
    async def run() -> None:
        engine = SnmpEngine()
        anywhere = SnmpCredential.model_validate({"version": "2c", "community": "x", "networks": ["0.0.0.0/0"]})
        answer = await engine.session("255.255.255.255", 161, anywhere).get([NAME])
        await engine.close()

        assert (Reason.LOCAL, "sendto: Permission denied") == (answer.reason, answer.detail)

    asyncio.run(run())


def test_no_socket_left_is_our_own_fault() -> None:
    """EMFILE must not look like a dead province."""

    async def run() -> None:
        engine = SnmpEngine()
        session = engine.session("127.0.0.1", 9, credential())
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        highest = os.dup(0)
        os.close(highest)
        resource.setrlimit(resource.RLIMIT_NOFILE, (highest, hard))
        try:
            answer = await session.get([NAME])
            readout = await session.read(Reading([NAME]))
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
            await engine.close()

        assert (Reason.LOCAL, "no UDP socket: Too many open files") == (answer.reason, answer.detail)
        assert Reason.LOCAL == readout.reason

    asyncio.run(run())


def test_a_thousand_devices_share_one_socket() -> None:
    """And after the close, none is left."""

    async def run() -> None:
        before = open_files()
        engine = SnmpEngine()
        sessions = [
            engine.session(f"127.1.{number // 250}.{number % 250 + 1}", 9, credential(), timeout_s=0.05, retries=0)
            for number in range(1000)
        ]
        answers = await asyncio.gather(*(session.get([NAME]) for session in sessions))
        during = open_files()
        await engine.close()

        assert {Reason.REFUSED} == {answer.reason for answer in answers}
        assert (1, 0) == (during - before, open_files() - before)
        assert 0 == engine.pending

    asyncio.run(run())
