"""Where walks end, without a network."""

from wanmon.model.reason import Reason
from wanmon.protocols.snmp.remedy import ErrorReply
from wanmon.protocols.snmp.types import Oid, Syntax, VarBind
from wanmon.protocols.snmp.walking import MAX_BYTES, MAX_ROWS, Walk

ROOT: Oid = (1, 3, 6, 1, 2, 1, 2)


def row(*rest: int) -> VarBind:
    return VarBind((*ROOT, *rest), Syntax.INTEGER, 1)


def walk() -> Walk:
    return Walk(ROOT, 40)


def test_it_asks_on_after_the_last_row() -> None:
    it = walk()
    it.came([row(1), row(2, 7)], 80)

    assert it.answer is None
    assert (*ROOT, 2, 7) == it.last


def test_it_ends_where_the_root_ends_and_keeps_what_came() -> None:
    it = walk()
    it.came([row(1), VarBind((1, 3, 6, 1, 2, 1, 3, 1), Syntax.INTEGER, 1)], 80)

    assert it.answer is not None
    assert ((row(1),), None) == (it.answer.varbinds, it.answer.reason)


def test_it_ends_at_the_end_of_the_mib() -> None:
    it = walk()
    it.came([row(1), VarBind((*ROOT, 1), Syntax.END_OF_MIB_VIEW, None)], 80)

    assert it.answer is not None
    assert ((row(1),), None) == (it.answer.varbinds, it.answer.reason)


def test_an_empty_answer_ends_it() -> None:
    it = walk()
    it.came([], 40)

    assert it.answer is not None
    assert it.answer.reason is None


def test_an_oid_that_does_not_grow_ends_it_and_is_named() -> None:
    it = walk()
    it.came([row(1), row(2), row(2)], 80)

    assert it.answer is not None
    assert (Reason.MALFORMED, 2) == (it.answer.reason, len(it.answer.varbinds))
    assert "1.3.6.1.2.1.2.2" in it.answer.detail


def test_an_endless_table_ends_at_20_000_rows() -> None:
    it = walk()
    number = 0
    while it.answer is None:
        it.came([row(number), row(number + 1)], 80)
        number += 2

    assert (Reason.PARTIAL, MAX_ROWS) == (it.answer.reason, len(it.answer.varbinds))


def test_endless_strings_end_at_four_mebibytes() -> None:
    it = walk()
    number = 0
    while it.answer is None:
        it.came([row(number)], 60_000)
        number += 1

    assert Reason.PARTIAL == it.answer.reason
    assert number * 60_000 <= MAX_BYTES + 60_000


def test_repetitions_follow_the_size_of_the_rows() -> None:
    it = walk()
    it.came([row(number) for number in range(20)], 40 + 20 * 27)
    small = it.repetitions
    it.came([row(100), row(101)], 40 + 2 * 300)

    assert (50, 4) == (small, it.repetitions)


def test_too_big_halves_for_the_rest_of_the_walk() -> None:
    it = walk()
    it.refused(ErrorReply(1, 0))
    it.came([row(1)], 60)

    assert 10 == it.repetitions


def test_too_big_for_one_row_ends_it() -> None:
    it = walk()
    while it.answer is None:
        it.refused(ErrorReply(1, 0))

    assert Reason.TOO_BIG == it.answer.reason


def test_silence_at_the_start_ends_it_at_once() -> None:
    it = walk()
    it.failed(Reason.TIMEOUT, "silence")

    assert it.answer is not None
    assert Reason.TIMEOUT == it.answer.reason


def test_silence_in_the_middle_asks_for_fewer_rows_first() -> None:
    """Replies in several fragments get lost on paths that drop fragments."""
    it = walk()
    it.came([row(1)], 67)
    asked = [it.repetitions]
    while it.answer is None:
        it.failed(Reason.TIMEOUT, "silence")
        asked.append(it.repetitions)

    assert [50, 12, 3, 1, 1] == asked
    assert (Reason.TIMEOUT, (row(1),)) == (it.answer.reason, it.answer.varbinds)


def test_another_error_status_is_a_refusal() -> None:
    it = walk()
    it.refused(ErrorReply(16, 0))

    assert it.answer is not None
    assert (Reason.REFUSED, "the agent answered authorizationError") == (it.answer.reason, it.answer.detail)


def test_a_part_begins_behind_an_instance_and_ends_after_so_many_rows() -> None:
    it = Walk(ROOT, 40, after=(*ROOT, 5), most_rows=2)
    assert (*ROOT, 5) == it.last

    it.came([row(6), row(7), row(8)], 120)

    assert it.answer is not None
    assert ((row(6), row(7)), Reason.PARTIAL) == (it.answer.varbinds, it.answer.reason)


def test_the_whole_tree_begins_at_an_oid_that_can_be_said() -> None:
    """BER has no OID of a single arc."""
    it = Walk((1,), 40)
    it.came([row(1)], 80)

    assert ((*ROOT, 1), None) == (it.last, it.answer)
    assert (1, 0) == Walk((1,), 40).last
