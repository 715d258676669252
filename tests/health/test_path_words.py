"""Paths in one line."""

import pytest

from wanmon.health.paths import in_words
from wanmon.model.path import Hop
from wanmon.model.reason import Reason

FIRST, SECOND = Hop(1, "10.27.0.1", (0.0012, 0.0015)), Hop(2, "10.27.1.1", (0.002,))


@pytest.mark.parametrize(
    ("expected", "hops"),
    [
        ("10.27.0.1 1.2 ms, 10.27.1.1 2.0 ms, no answer from hop 3", (FIRST, SECOND, Hop(3), Hop(4))),
        ("10.27.0.1 1.2 ms, 10.27.1.1 2.0 ms", (FIRST, SECOND)),
        ("10.27.0.1 1.2 ms, hop 2 silent, 10.27.2.1 3.0 ms", (FIRST, Hop(2), Hop(3, "10.27.2.1", (0.003,)))),
        ("10.27.0.1 1.2 ms, 10.27.1.1 (unreachable)", (FIRST, Hop(2, "10.27.1.1", (), Reason.UNREACHABLE))),
        ("hop 1 silent (local)", (Hop(1, reason=Reason.LOCAL),)),
        ("no answer from hop 1", (Hop(1), Hop(2))),
        ("no answer from hop 1", ()),
    ],
)
def test_a_path_is_told_up_to_where_it_ends(expected, hops):
    assert expected == in_words(hops)
