"""What is claimed of a circuit, and by which evidence."""

import pytest

from wanmon.health.circuits import NOTHING_KNOWN, Claim, Evidence, Line, claims, has_own_history
from wanmon.health.life import Life, Vitality
from wanmon.model.state import State

UNKNOWN, UP, DEGRADED, DOWN, UNREACHABLE = State
PORT, OTHER_PORT = ("R1", "wan0"), ("R1", "wan1")
BARE, BOUND, PROBED = Line("A"), Line("A", port=PORT), Line("A", lane="circuit A", port=PORT)
SECOND = Line("B", port=OTHER_PORT)
ALIVE, DEAD, NEVER = Life(Vitality.ALIVE, 0.0), Life(Vitality.DEAD, 0.0), Life()


def claimed(line, site, *, alone=True, life=None, is_up=None):
    """What is claimed of a circuit, alone on its site or beside another."""
    lives = {} if life is None else {"circuit A": life}
    ports = {} if is_up is None else {PORT: is_up}
    return dict(claims([line] if alone else [line, SECOND], site, lives, ports))[line]


BY_PROBE = {
    "it lives": (UP, ALIVE, UP),
    "it lives while the site is down": (DOWN, ALIVE, UP),
    "it is dead while the site is up": (UP, DEAD, DOWN),
    "it is dead with the site": (DOWN, DEAD, DOWN),
    "it is dead behind a cut": (UNREACHABLE, DEAD, UNREACHABLE),
    "it is dead while nothing is known of the site": (UNKNOWN, DEAD, DOWN),
}


@pytest.mark.parametrize(("site", "life", "expected"), BY_PROBE.values(), ids=BY_PROBE)
@pytest.mark.parametrize("alone", [True, False], ids=["alone", "one of two"])
@pytest.mark.parametrize("is_up", [True, False])
def test_the_far_side_of_its_hand_off_speaks_best(site, life, expected, alone, is_up):
    """Whatever the port says."""
    assert Claim(expected, Evidence.PROBE) == claimed(PROBED, site, alone=alone, life=life, is_up=is_up)


@pytest.mark.parametrize("site", State)
@pytest.mark.parametrize("life", [None, NEVER], ids=["not asked", "never heard"])
@pytest.mark.parametrize("alone", [True, False], ids=["alone", "one of two"])
def test_a_probe_that_says_nothing_leaves_the_word_to_the_others(site, life, alone):
    expected = claimed(BOUND, site, alone=alone, is_up=True)

    assert expected == claimed(PROBED, site, alone=alone, life=life, is_up=True)


@pytest.mark.parametrize("site", [UNKNOWN, DOWN, UNREACHABLE])
@pytest.mark.parametrize("is_up", [True, False, None])
@pytest.mark.parametrize("alone", [True, False], ids=["alone", "one of two"])
def test_a_site_that_is_lost_or_unknown_says_it_of_all_its_circuits(site, is_up, alone):
    """What its port said last was said before."""
    assert Claim(site, Evidence.SITE) == claimed(BOUND, site, alone=alone, is_up=is_up)


@pytest.mark.parametrize("site", [UP, DEGRADED])
@pytest.mark.parametrize("line", [BARE, BOUND], ids=["bare", "bound"])
def test_a_single_circuit_is_up_while_its_site_is(site, line):
    """Whatever ails the site; and it is the only way that its answers can have come."""
    assert Claim(UP, Evidence.SITE) == claimed(line, site, is_up=False)


@pytest.mark.parametrize("site", [UP, DEGRADED])
@pytest.mark.parametrize(("is_up", "expected"), [(True, UP), (False, DOWN)])
def test_of_several_circuits_each_is_as_its_port_is(site, is_up, expected):
    assert Claim(expected, Evidence.PORT) == claimed(BOUND, site, alone=False, is_up=is_up)


@pytest.mark.parametrize("line", [BARE, BOUND], ids=["not bound", "a port never read"])
def test_of_a_circuit_for_which_nothing_speaks_nothing_is_claimed(line):
    assert NOTHING_KNOWN == claimed(line, UP, alone=False)


@pytest.mark.parametrize(
    ("line", "siblings", "expected"),
    [(BARE, 1, False), (BOUND, 1, False), (PROBED, 1, True), (BARE, 2, True), (PROBED, 2, True)],
)
def test_a_circuit_has_a_history_of_its_own_where_it_can_differ_from_its_site(line, siblings, expected):
    assert expected is has_own_history(line, siblings)
