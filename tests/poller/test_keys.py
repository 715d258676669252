"""A credential goes only where it may, and one that is refused is left alone before it locks anything."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from tests.poller.scripted import Agent, Agents, Hands, credential, library, ring, router, target
from wanmon.config.secrets import Secrets
from wanmon.config.settings import SnmpSettings
from wanmon.health.breaker import PAUSE
from wanmon.model.reason import Reason
from wanmon.poller.breaker import CredentialBreaker
from wanmon.poller.execute import LocalExecutor
from wanmon.poller.jobs import Job, LivenessResult, PollResult, Task
from wanmon.protocols.snmp.types import Answer


@pytest.fixture
def clock() -> Hands:
    return Hands()


@pytest.fixture
def breaker(clock: Hands) -> CredentialBreaker:
    return CredentialBreaker(clock)


def test_three_refusals_on_different_devices_pause_a_credential_at_once(breaker: CredentialBreaker):
    for device in ("a", "a", "a", "b"):
        breaker.refused("wan", device)

    assert not breaker.is_paused("wan")

    breaker.refused("wan", "c")

    assert breaker.is_paused("wan")
    assert not breaker.is_paused("other")


def test_a_pause_ends_and_one_more_refusal_begins_it_anew(breaker: CredentialBreaker, clock: Hands):
    for device in "abc":
        breaker.refused("wan", device)
    clock.move(PAUSE.total_seconds())

    assert not breaker.is_paused("wan")

    breaker.refused("wan", "a")

    assert breaker.is_paused("wan")


def test_a_credential_that_works_anywhere_is_not_paused(breaker: CredentialBreaker):
    for device in "abc":
        breaker.refused("wan", device)
    breaker.worked("wan")

    assert not breaker.is_paused("wan")


def test_a_pause_noted_by_another_process_holds_until_it_ends(breaker: CredentialBreaker, clock: Hands):
    breaker.note({"wan": clock.now() + timedelta(seconds=90)})

    assert breaker.is_paused("wan")

    clock.move(90)

    assert not breaker.is_paused("wan")


def test_what_worked_here_after_the_refusals_is_not_paused_because_of_them(breaker: CredentialBreaker, clock: Hands):
    """Three misconfigured devices once took the credential away from a whole province."""
    until = clock.now() + PAUSE
    clock.move(10)
    breaker.worked("wan")
    breaker.note({"wan": until})

    assert not breaker.is_paused("wan")

    breaker.note({"wan": clock.now() + timedelta(seconds=5) + PAUSE})

    assert breaker.is_paused("wan")


def test_the_credential_that_worked_last_is_tried_first(clock: Hands):
    keys, _ = ring(Agents({}), clock, *map(credential, ("a", "b", "c")))
    there = target(credentials=("a", "b", "c"))

    assert ["a", "b", "c"] == [each.name for each in keys.usable(there)]

    keys.prefer({"BN-0001-R1": "c", "BN-0002-R1": "b"})

    assert ["c", "a", "b"] == [each.name for each in keys.usable(there)]

    keys.forget("BN-0001-R1")

    assert ["a", "b", "c"] == [each.name for each in keys.usable(there)]


def test_a_password_that_was_corrected_is_tried_at_once(clock: Hands):
    """Whoever sends SIGHUP after mending secrets.toml does not want to wait ten minutes."""
    wrong, right = credential("wan"), credential("wan", networks=["10.0.0.0/8"])
    keys, breaker = ring(Agents({}), clock, wrong, credential("other"))
    breaker.note({"wan": clock.now() + PAUSE - timedelta(seconds=30)})
    for name in ("wan", "other"):
        for where in "abc":
            breaker.refused(name, where)
    clock.move(1)
    keys.use(SnmpSettings(), Secrets(snmp={"wan": right, "other": credential("other")}))

    assert not breaker.is_paused("wan")
    assert breaker.is_paused("other")


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("10.27.0.1", ["inside", "both"]),
        ("10.28.0.1", []),
        ("2001:db8::1", ["six", "both"]),
        ("::ffff:10.27.0.1", []),
    ],
)
def test_a_secret_is_never_used_outside_its_networks(clock: Hands, address: str, expected: list[str]):
    keys, _ = ring(
        Agents({}),
        clock,
        credential("inside"),
        credential("six", networks=["2001:db8::/32"]),
        credential("both", networks=["10.27.0.0/24", "2001:db8::/64"]),
    )
    there = target(address=address, credentials=("inside", "six", "both", "unknown"))

    assert expected == [each.name for each in keys.usable(there)]


def device(number: int, **values: Any) -> Any:
    return target(f"BN-{number:04}-R1", number, address=f"10.27.1.{number}", **values)


class Province:
    """Many devices behind one executor, each with an agent of its own."""

    def __init__(self, clock: Hands, *agents: Any, version: str = "3", liveness: str = "icmp") -> None:
        self.targets = [device(number, liveness=liveness) for number in range(1, len(agents) + 1)]
        sessions = {(each.address, "wan"): agent for each, agent in zip(self.targets, agents, strict=True)}
        self.far = Agents(sessions)
        self.keys, self.breaker = ring(self.far, clock, credential("wan", version))
        self.executor = LocalExecutor(self.keys, library(), None, SnmpSettings())

    async def ask(self, task: Task) -> list[Any]:
        jobs = [Job(task, each, 10) for each in self.targets]
        return await asyncio.gather(*map(self.executor.execute, jobs))


class Slow:
    """Refuses after a while, and counts how many do so at the same time."""

    most = under_way = asked = 0

    async def get(self, oids: object, deadline_s: float | None = None) -> Answer:
        Slow.asked += 1
        Slow.under_way += 1
        Slow.most = max(Slow.most, Slow.under_way)
        for _ in range(5):
            await asyncio.sleep(0)
        Slow.under_way -= 1
        return Answer((), Reason.AUTH)


def test_a_wrong_password_never_goes_to_a_whole_province_at_once(clock: Hands):
    """A hundred devices begun in the same instant: three are asked, the others never."""
    Slow.most = Slow.under_way = Slow.asked = 0
    province = Province(clock, *(Slow() for _ in range(100)))
    results = asyncio.run(province.ask(Task.FAST))

    assert (3, 3) == (Slow.most, Slow.asked)
    assert {Reason.AUTH: 3, Reason.LOCAL: 97} == {
        reason: sum(result.reason is reason for result in results) for reason in (Reason.AUTH, Reason.LOCAL)
    }


def test_a_community_cannot_be_refused_and_goes_to_all_at_once(clock: Hands):
    results: list[PollResult] = asyncio.run(
        Province(clock, *(router() for _ in range(20)), version="2c").ask(Task.FAST)
    )

    assert {None} == {result.reason for result in results}


def test_two_refusing_devices_keep_nobody_from_the_others(clock: Hands):
    province = Province(clock, Agent({}, Reason.AUTH), Agent({}, Reason.AUTH), router(), router())
    results = asyncio.run(province.ask(Task.FAST))

    assert [Reason.AUTH, Reason.AUTH, None, None] == [result.reason for result in results]
    assert not province.breaker.is_paused("wan")


def test_a_probe_of_life_never_tries_a_user_that_the_device_has_not_taken_yet(clock: Hands):
    """Liveness asks every 5 s: with a wrong password that would be seventeen thousand refusals a day."""
    province = Province(clock, router(), liveness="snmp")

    async def twice() -> list[LivenessResult]:
        before = await province.ask(Task.LIVENESS)
        await province.ask(Task.FAST)
        return before + await province.ask(Task.LIVENESS)

    before, after = asyncio.run(twice())

    assert Reason.LOCAL is before.observation.reason
    assert None is after.observation.reason


@pytest.mark.parametrize(
    ("reason", "was_heard", "expected"),
    [
        (None, True, None),
        (Reason.REFUSED, True, None),
        (Reason.NO_SUCH, True, None),
        (Reason.TIMEOUT, True, None),
        (Reason.TIME_WINDOW, True, None),
        (Reason.TIME_WINDOW, False, Reason.TIME_WINDOW),
        (Reason.REFUSED, False, Reason.REFUSED),
        (Reason.TIMEOUT, False, Reason.TIMEOUT),
        (Reason.UNREACHABLE, False, Reason.UNREACHABLE),
        (Reason.LOCAL, False, Reason.LOCAL),
    ],
    ids=[
        "answer",
        "error-status",
        "nothing there",
        "said who it is, then fell silent",
        "said it is another time",
        "another time, but not from itself",
        "port closed",
        "silence",
        "no route",
        "our own fault",
    ],
)
def test_any_word_of_the_agent_is_life(clock: Hands, reason: Reason | None, was_heard: bool, expected: Reason | None):
    agent = router()
    agent.reason, agent.was_heard = reason, was_heard
    seen: LivenessResult = asyncio.run(Province(clock, agent, version="2c", liveness="snmp").ask(Task.LIVENESS))[0]

    assert ("snmp", expected) == (seen.protocol, seen.observation.reason)


def test_where_echo_is_forbidden_snmp_speaks_for_life(clock: Hands):
    seen: LivenessResult = asyncio.run(Province(clock, router(), version="2c").ask(Task.LIVENESS))[0]

    assert ("snmp", None) == (seen.protocol, seen.observation.reason)


@pytest.mark.parametrize("reason", [Reason.AUTH, Reason.PRIVACY])
@pytest.mark.parametrize("was_heard", [False, True], ids=["by ourselves", "by the device"])
def test_a_refusal_of_a_probe_is_told_and_counted(clock: Hands, reason: Reason, was_heard: bool):
    """What refuses us lives: a wrong credential never calls a device down."""
    agent = router()
    province = Province(clock, agent, liveness="snmp")

    async def taken_then_refused() -> LivenessResult:
        await province.ask(Task.FAST)
        agent.reason, agent.was_heard = reason, was_heard
        seen: LivenessResult = (await province.ask(Task.LIVENESS))[0]
        return seen

    seen = asyncio.run(taken_then_refused())

    assert (None if was_heard else reason, ("wan",), None) == (seen.observation.reason, seen.refused, seen.rtt_s)


def test_a_device_has_one_conversation_at_a_time(clock: Hands):
    under_way: list[int] = []

    class Talking(Agent):
        async def get(self, oids: Any, deadline_s: float | None = None) -> Answer:
            under_way.append(1)
            assert 1 == sum(under_way)
            await asyncio.sleep(0)
            under_way.append(-1)
            return await super().get(oids, deadline_s)

    province = Province(clock, Talking(router().table), version="2c")

    async def both() -> list[Any]:
        jobs = [Job(task, province.targets[0], 10) for task in (Task.FAST, Task.SLOW, Task.FAST)]
        return await asyncio.gather(*map(province.executor.execute, jobs))

    assert [None, None, None] == [result.reason for result in asyncio.run(both())]


def test_a_device_that_moved_is_learnt_anew(clock: Hands):
    province = Province(clock, router(ports=2), router(ports=5), version="2c")
    first, second = province.targets
    moved = target(first.name, 1, address=second.address)

    async def before_and_after() -> list[Any]:
        return [await province.executor.execute(Job(Task.FAST, each, 10)) for each in (first, moved)]

    assert [2, 5] == [len(result.ports) for result in asyncio.run(before_and_after())]
