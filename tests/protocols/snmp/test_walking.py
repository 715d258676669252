"""How walks go on and where they end, without a network."""

from collections.abc import Callable, Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wanmon.model.reason import Reason
from wanmon.protocols.snmp.remedy import ErrorReply
from wanmon.protocols.snmp.types import Failure, Oid, Syntax, VarBind
from wanmon.protocols.snmp.walking import MAX_BYTES, MAX_ROWS, Walk

ROOT: Oid = (1, 3, 6, 1, 2, 1, 2)
ROOM = 1360
END = VarBind((2, 0), Syntax.END_OF_MIB_VIEW, None)
TOO_BIG, NO_SUCH_NAME, GEN_ERR, AUTHORIZATION = 1, 2, 5, 16

Rows = dict[Oid, int]


def row(*rest: int) -> VarBind:
    return VarBind((*ROOT, *rest), Syntax.INTEGER, 1)


def asked(*roots: Oid) -> Walk:
    """A walk whose first question was asked."""
    it = Walk(roots or [ROOT])
    it.question(ROOM)
    return it


def table(columns: int, rows: Iterable[int]) -> Rows:
    return {(*ROOT, column, index): column * 1000 + index for column in range(1, columns + 1) for index in rows}


def bulk(agent: Rows, oids: list[Oid], repetitions: int, most: int = 1000) -> list[VarBind]:
    """What a truthful agent answers to GETBULK, cut off after `most` var-binds."""
    ordered = sorted(agent)
    found = []
    for repetition in range(repetitions):
        for oid in oids:
            following = [each for each in ordered if each > oid][repetition : repetition + 1]
            found += [VarBind(each, Syntax.INTEGER, agent[each]) for each in following] or [END]
    return found[:most]


def play(walk: Walk, answer: Callable[[list[Oid], int], list[VarBind]]) -> int:
    """Walk to the end; how many questions it took."""
    questions = 0
    while not walk.is_done:
        varbinds = answer(*walk.question(ROOM))
        walk.came(varbinds, 25 * len(varbinds))
        questions += 1
    return questions


def roots(count: int) -> list[Oid]:
    return [(*ROOT, column) for column in range(1, count + 1)]


def cells(walk: Walk, count: int) -> Rows:
    return {row.oid: row.value for root in roots(count) for row in walk.rows(root)}  # type: ignore[misc]


def test_it_asks_on_after_the_last_row() -> None:
    it = asked()
    it.came([row(1), row(2, 7)], 80)

    assert not it.is_done
    assert [(*ROOT, 2, 7)] == it.question(ROOM)[0]


ENDS = {
    "where the root ends": VarBind((1, 3, 6, 1, 2, 1, 3, 1), Syntax.INTEGER, 1),
    "at the end of the MIB": VarBind((*ROOT, 1), Syntax.END_OF_MIB_VIEW, None),
}


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS.keys())
def test_it_ends_and_keeps_what_came(end: VarBind) -> None:
    it = asked()
    it.came([row(1), end], 80)

    assert it.is_done
    assert ((row(1),), None) == (it.answer().varbinds, it.answer().reason)


def test_an_empty_answer_ends_it_and_is_told() -> None:
    """RFC 3416 knows no such answer: the device has not said that it has nothing."""
    it = asked()
    it.came([], 0)

    assert it.is_done
    assert Reason.MALFORMED is it.answer().reason


def test_an_empty_answer_behind_rows_is_how_some_agents_end_a_table() -> None:
    it = asked()
    it.came([row(1), row(2)], 60)
    it.question(ROOM)
    it.came([], 0)

    assert it.is_done
    assert (None, 2) == (it.answer().reason, len(it.answer().varbinds))


def test_an_oid_that_does_not_grow_ends_it_and_is_named() -> None:
    it = asked()
    it.came([row(1), row(2), row(2)], 80)

    assert it.is_done
    assert (Reason.MALFORMED, 2) == (it.answer().reason, len(it.answer().varbinds))
    assert "1.3.6.1.2.1.2.2" in it.answer().detail


def test_an_endless_table_ends_at_20_000_rows() -> None:
    it, number = asked(), 0
    while not it.is_done:
        it.came([row(number), row(number + 1)], 80)
        number += 2

    assert (Reason.PARTIAL, MAX_ROWS) == (it.answer().reason, len(it.answer().varbinds))


def test_a_column_longer_than_wanted_is_cut_and_told() -> None:
    it = Walk([ROOT], most_rows=3)
    it.question(ROOM)
    it.came([row(number) for number in range(1, 6)], 80)

    assert it.is_done
    assert (Reason.PARTIAL, 3) == (it.answer().reason, len(it.answer().varbinds))


def test_endless_strings_end_at_two_mebibytes() -> None:
    it, number = asked(), 0
    while not it.is_done:
        it.came([row(number)], 60_000)
        number += 1

    assert Reason.PARTIAL == it.answer().reason
    assert number * 60_000 <= MAX_BYTES + 60_000


def test_repetitions_follow_the_size_of_the_rows() -> None:
    it = asked()
    it.came([row(number) for number in range(20)], 20 * 27)
    small = it.question(ROOM)[1]
    it.came([row(100), row(101)], 2 * 300)

    assert (50, 4) == (small, it.question(ROOM)[1])


def test_several_columns_fill_one_reply() -> None:
    """25 ports and 12 columns are 312 values with the ends of columns: 54 of them fit into a reply."""
    agent = table(12, range(1, 26))
    it = Walk(roots(12), rows_expected=25)
    questions = play(it, lambda oids, repetitions: bulk(agent, oids, repetitions))

    assert agent == cells(it, 12)
    assert questions <= 8


@given(
    st.integers(1, 5),
    st.lists(st.integers(1, 60), unique=True, max_size=25),
    st.sets(st.tuples(st.integers(1, 5), st.integers(1, 60)), max_size=20),
    st.integers(1, 40),
    st.integers(0, 30),
)
def test_whatever_holes_a_table_has_it_is_walked_whole(
    columns: int, rows: list[int], holes: set[tuple[int, int]], most: int, expected: int
) -> None:
    """However short an agent cuts its replies, and however wrong the number of rows is that it told."""
    agent = {oid: value for oid, value in table(columns, rows).items() if oid[-2:] not in holes}
    it = Walk(roots(columns), rows_expected=expected)
    play(it, lambda oids, repetitions: bulk(agent, oids, repetitions, most))

    assert (agent, None) == (cells(it, columns), it.trouble)


def test_an_agent_that_leaves_ended_columns_out_of_its_rows_is_asked_column_by_column() -> None:
    """Its rows cannot be told apart, and a column must not be taken for another."""
    agent = {**table(3, range(1, 20)), **{(*ROOT, 1, index): 7 for index in ()}}
    for index in range(4, 20):
        del agent[*ROOT, 1, index]

    def leaving_out(oids: list[Oid], repetitions: int) -> list[VarBind]:
        found = bulk(agent, oids, repetitions)
        return [each for number, each in enumerate(found) if each.oid[:-1] == oids[number % len(oids)][: len(ROOT) + 1]]

    it = Walk(roots(3))
    play(it, leaving_out)

    assert agent == cells(it, 3)


def test_what_an_agent_refuses_of_several_columns_ends_that_one_alone() -> None:
    it = asked(*roots(3))
    it.refused(ErrorReply(GEN_ERR, 2))

    assert [roots(3)[0], roots(3)[2]] == it.question(ROOM)[0]
    assert it.trouble is not None
    assert (Reason.REFUSED, "the agent answered genErr at position 2") == it.trouble[:2]


def test_no_such_name_is_the_end_of_a_column_and_no_trouble() -> None:
    it = asked(*roots(2))
    it.refused(ErrorReply(NO_SUCH_NAME, 1))

    assert ([roots(2)[1]], None) == (it.question(ROOM)[0], it.trouble)


def test_where_an_agent_names_no_column_they_are_asked_singly() -> None:
    it = asked(*roots(3))
    it.refused(ErrorReply(GEN_ERR, 0))

    assert 1 == len(it.question(ROOM)[0])
    assert not it.is_done


@pytest.mark.parametrize(("status", "reason"), [(TOO_BIG, Reason.TOO_BIG), (AUTHORIZATION, Reason.REFUSED)])
def test_another_error_status_ends_it_with_its_reason(status: int, reason: Reason) -> None:
    it = asked()
    it.refused(ErrorReply(status, 0))

    assert it.is_done
    assert reason == it.answer().reason


def test_what_was_too_much_is_halved_for_the_rest_of_the_walk() -> None:
    it = asked()
    wanted = []
    while it.ask_fewer():
        it.question(ROOM)
        wanted.append(it.values_asked)
    it.came([row(1)], 13)
    it.question(ROOM)

    assert [9, 4, 2, 1, 1] == [*wanted, it.values_asked]


def test_a_walk_that_was_stopped_goes_on_where_it_was() -> None:
    agent = table(2, range(1, 200))
    it = Walk(roots(2))
    varbinds = bulk(agent, *it.question(ROOM))
    it.came(varbinds, 25 * len(varbinds))
    stopped = it.answer(Failure(Reason.DEADLINE, "no time"))
    play(it, lambda oids, repetitions: bulk(agent, oids, repetitions))

    assert (Reason.DEADLINE, "no time", len(varbinds)) == (stopped.reason, stopped.detail, len(stopped.varbinds))
    assert (agent, None) == (cells(it, 2), it.answer().reason)


def test_a_part_begins_behind_an_instance_and_ends_after_so_many_rows() -> None:
    it = Walk([ROOT], most_rows=2, after=(*ROOT, 5))
    oids, _ = it.question(ROOM)
    it.came([row(6), row(7), row(8)], 80)

    assert [(*ROOT, 5)] == oids
    assert ((row(6), row(7)), Reason.PARTIAL) == (it.answer().varbinds, it.answer().reason)


def test_the_whole_tree_begins_at_an_oid_that_can_be_said() -> None:
    """BER has no OID of a single arc."""
    it = Walk([(1,)])
    before = it.question(ROOM)[0]
    it.came([row(1)], 40)

    assert ([(1, 0)], [(*ROOT, 1)]) == (before, it.question(ROOM)[0])
