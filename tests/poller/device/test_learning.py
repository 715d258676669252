"""A device is learnt as far as a poll has time, and looked at anew when it says that it is another."""

from bisect import bisect_right

import pytest

from tests.poller.one_device import Scene, values
from tests.poller.scripted import IF, IFX, SYSTEM, Agent, column, router
from wanmon.model.reason import Reason
from wanmon.poller.jobs import Task
from wanmon.protocols.snmp.types import Failure, Oid, Syntax, VarBind
from wanmon.protocols.snmp.walking import Walk

IF_NUMBER: Oid = (1, 3, 6, 1, 2, 1, 2, 1, 0)
TABLE_LAST_CHANGE: Oid = (1, 3, 6, 1, 2, 1, 31, 1, 5, 0)
NAME = (*SYSTEM, 5, 0)


class Slow(Agent):
    """An agent that answers so many questions of a walk in one poll, and no more."""

    questions = 3

    async def go_on(self, walk: Walk, deadline_s: float | None = None) -> Failure | None:
        ordered = sorted(self.table)
        for _ in range(self.questions):
            if walk.is_done:
                return None
            after, _repetitions = walk.question(300, 1)
            self.asked.append(("walk", tuple(after)))
            found = [bisect_right(ordered, oid) for oid in after]
            end = VarBind((2, 0), Syntax.END_OF_MIB_VIEW, None)
            walk.came([self._varbind(ordered[at]) if at < len(ordered) else end for at in found], 100)
        return None if walk.is_done else Failure(Reason.DEADLINE, "no time is left")


class Forgetful(Agent):
    """An agent whose GETBULK passes an instance over until it is no longer asked so."""

    passed_over: Oid = (*IF, 8, 2)
    is_bulk = True

    def doubt_bulk(self) -> None:
        super().doubt_bulk()
        self.is_bulk = False

    async def go_on(self, walk: Walk, deadline_s: float | None = None) -> Failure | None:
        whole = self.table
        if self.is_bulk:
            self.table = {oid: value for oid, value in whole.items() if oid != self.passed_over}
        stopped = await super().go_on(walk, deadline_s)
        self.table = whole
        return stopped


def with_counts(agent: Agent, ports: int) -> Agent:
    agent.table |= {IF_NUMBER: ports, TABLE_LAST_CHANGE: 0}
    return agent


def test_what_a_poll_has_no_time_for_is_learnt_in_the_next() -> None:
    """A device at 300 ms a value needs minutes; a walk begun anew each time would never end."""
    scene = Scene(Slow(router(ports=4).table))
    results = [scene.read()]
    while results[-1].reason is not None:
        results.append(scene.read())
        assert len(results) < 40

    assert Reason.PARTIAL is results[0].reason
    assert 3 <= len(results)
    assert ["eth1", "eth2", "eth3", "eth4"] == [port.name for port in results[-1].ports]
    assert {f"eth{row}": 2**40 + row for row in range(1, 5)} == values(results[-1], "receive_bytes")


def test_what_is_known_is_read_while_the_rest_is_learnt() -> None:
    scene = Scene(Slow(router(ports=4).table))
    scene.read()
    result = scene.read()

    assert Reason.PARTIAL is result.reason
    assert [kind for kind, _ in scene.far.sessions["10.27.0.1", "key0"].asked].count("read") == 2
    assert None is not result.uptime


def test_an_instance_that_getbulk_passes_over_is_found_and_getbulk_doubted() -> None:
    """An agent lost ports from its tables when it was asked for many rows at once."""
    agent = Forgetful(router(ports=3).table)
    result = Scene(agent).read()

    assert ("doubt", ()) in agent.asked
    assert {"eth1": 1, "eth2": 1, "eth3": 1} == values(result, "oper_status")


def test_text_where_a_counter_belongs_leaves_the_counter_of_32_bits() -> None:
    agent = router(ports=2)
    agent.table |= column((*IF, 10), {1: 11, 2: 22}) | {(*IFX, 6, 2): b"12"}
    result = Scene(agent).read()

    assert {"eth1": 2**40 + 1, "eth2": 22} == values(result, "receive_bytes")
    assert ("doubt", ()) not in agent.asked


def test_a_true_hole_casts_no_doubt() -> None:
    agent = router(ports=3)
    del agent.table[*IF, 8, 2]
    result = Scene(agent).read()

    assert ("doubt", ()) not in agent.asked
    assert {"eth1": 1, "eth3": 1} == values(result, "oper_status")


def test_a_port_that_came_is_read_at_once() -> None:
    """With the next slow poll it would be ten minutes late."""
    agent = with_counts(router(ports=2), 2)
    scene = Scene(agent)
    scene.read()
    agent.table |= with_counts(router(ports=3), 3).table
    result = scene.read()

    assert (None, 3) == (result.changed, len(result.ports))
    assert {"eth1": 1, "eth2": 1, "eth3": 1} == values(result, "oper_status")
    assert frozenset() == scene.read().changed


def test_ports_that_change_their_indexes_without_a_restart_keep_their_counters() -> None:
    """What was read by the old indexes belongs to other ports, and is not shown."""
    agent = with_counts(router(ports=2), 2)
    scene = Scene(agent)
    scene.read()
    agent.table |= column((*IFX, 1), {1: b"eth2", 2: b"eth1"}) | {TABLE_LAST_CHANGE: 400_000}
    agent.table |= column((*IFX, 6), {1: 2**40 + 2, 2: 2**40 + 1})
    result = scene.read()

    assert None is result.changed
    assert not result.restarted
    assert {"eth1": 2**40 + 1, "eth2": 2**40 + 2} == values(result, "receive_bytes")


def test_a_count_that_moves_while_the_names_stay_costs_no_learning() -> None:
    """Dial-in sessions come and go by the minute on some routers, beyond the ports that are read."""
    agent = with_counts(router(ports=2), 2)
    scene = Scene(agent)
    scene.read()
    agent.asked.clear()
    agent.table[TABLE_LAST_CHANGE] = 400_000
    result = scene.read()

    assert (*IFX, 1) in agent.walked()
    assert (*IF, 8) not in agent.walked()
    assert result.changed is not None


def test_an_agent_that_always_tells_of_a_change_is_looked_at_a_few_times_only() -> None:
    """It shows the present uptime as the time of the last change: a refresh in every poll, for nothing."""
    agent = with_counts(router(ports=2), 2)
    scene = Scene(agent)
    looks = []
    for poll in range(8):
        agent.asked.clear()
        agent.table[TABLE_LAST_CHANGE] = 1000 * poll
        scene.read()
        looks.append((*IFX, 1) in agent.walked())
    agent.asked.clear()
    scene.read()
    agent.table[TABLE_LAST_CHANGE] = 999_999
    scene.read()

    assert [True] * 4 + [False] * 4 == looks
    assert (*IFX, 1) in agent.walked(), "it was quiet for once"


def test_a_device_of_another_name_is_looked_at_at_once() -> None:
    agent = router()
    scene = Scene(agent)
    scene.read()
    agent.table[NAME] = b"r2"

    assert "r2" == scene.read().identity.system_name


def test_a_device_of_another_make_gets_another_profile_with_the_next_slow_poll() -> None:
    agent = router()
    scene = Scene(agent)
    assert "if-mib" == scene.read().profile

    agent.table[*SYSTEM, 2, 0] = (1, 3, 6, 1, 4, 1, 8072, 3, 2, 10)

    assert "net-snmp" == scene.read(Task.SLOW).profile


@pytest.mark.parametrize("task", [Task.FAST, Task.SLOW])
def test_a_device_that_falls_silent_is_told_so_and_greeted_anew(task: Task) -> None:
    agent = router()
    scene = Scene(agent)
    scene.read()
    agent.reason = Reason.TIMEOUT

    assert Reason.TIMEOUT is scene.read(task).reason
    agent.reason = None
    agent.asked.clear()
    scene.read()
    assert "get" == agent.asked[0][0]
