"""What is asked after an error-status: a table, and the promise that it ends."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wanmon.model.reason import Reason
from wanmon.protocols.snmp.remedy import ErrorReply, Remedy, remedy, told

TABLE: list[tuple[str, ErrorReply, int, Remedy]] = [
    ("tooBig halves", ErrorReply(1, 0), 5, Remedy(again=(range(2), range(2, 5)))),
    ("tooBig of one is final", ErrorReply(1, 0), 1, Remedy(refused=Reason.TOO_BIG)),
    ("noSuchName drops one", ErrorReply(2, 2), 3, Remedy(missing=(1,), again=((0, 2),))),
    ("noSuchName of one", ErrorReply(2, 0), 1, Remedy(missing=(0,))),
    ("noSuchName without an index halves", ErrorReply(2, 0), 2, Remedy(again=(range(1), range(1, 2)))),
    ("an index beyond the end halves", ErrorReply(2, 9), 2, Remedy(again=(range(1), range(1, 2)))),
    ("a negative index halves", ErrorReply(5, -1), 2, Remedy(again=(range(1), range(1, 2)))),
    ("genErr sets one apart", ErrorReply(5, 1), 3, Remedy(again=((1, 2), (0,)))),
    ("genErr of one is final", ErrorReply(5, 1), 1, Remedy(refused=Reason.REFUSED)),
    ("authorizationError is final", ErrorReply(16, 0), 4, Remedy(refused=Reason.REFUSED)),
    ("an unknown status is final", ErrorReply(-7, 1), 4, Remedy(refused=Reason.REFUSED)),
]


@pytest.mark.parametrize(("error", "count", "expected"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_the_remedy_fits_the_error(error: ErrorReply, count: int, expected: Remedy) -> None:
    assert expected == remedy(error, count)


@given(st.integers(-2, 20), st.integers(-2, 70), st.integers(1, 60))
def test_every_remedy_asks_for_less_and_forgets_nobody(status: int, position: int, count: int) -> None:
    """Else an agent could keep us asking for ever."""
    step = remedy(ErrorReply(status, position), count)
    kept = sorted([*step.missing, *(place for part in step.again for place in part)])

    assert all(0 < len(part) < count for part in step.again)
    assert [] == kept if step.refused else list(range(count)) == kept


def test_an_error_is_told_by_its_name_and_place() -> None:
    assert "the agent answered genErr at position 3" == told(ErrorReply(5, 3))
    assert "the agent answered tooBig" == told(ErrorReply(1, 0))
