"""The states of a site: the table is whole, and says what the words mean."""

import itertools

import pytest

from wanmon.health.machine import TABLE, Effect, Event
from wanmon.model.state import State


def test_every_state_knows_every_event():
    assert set(itertools.product(State, Event)) == set(TABLE)


def test_a_site_that_is_down_stays_its_own_outage_when_its_parent_falls():
    assert (State.DOWN, Effect.NONE) == TABLE[State.DOWN, Event.CUT]


def test_an_unreachable_site_whose_parent_is_back_is_down_itself():
    assert (State.DOWN, Effect.REOPENS) == TABLE[State.UNREACHABLE, Event.LOST]


@pytest.mark.parametrize("state", State)
def test_unknown_never_closes_an_outage(state):
    new, effect = TABLE[state, Event.BLIND]

    assert State.UNKNOWN is new
    assert effect in (Effect.NONE, Effect.SUSPENDS)


def test_an_alert_opens_only_for_a_site_that_is_lost_itself():
    opening = {(state, event) for (state, event), (_, effect) in TABLE.items() if effect is Effect.OPENS}

    assert {Event.LOST} == {event for _, event in opening}
