"""A whole poller whose inventory changes, and that is killed, while sites fall and return: nothing of it may stick.

Dice decide, the same ones every time. `WANMON_SEEDS=2000` throws more of them.
"""

import os
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from random import Random

import pytest

from tests.poller.simulated import Life, Router, tree
from wanmon.model.inventory import Inventory
from wanmon.model.life import Transition
from wanmon.model.site import SiteStatus
from wanmon.model.state import State
from wanmon.poller.outages import PATIENCE_S

CANARY = "10.27.0.250"
TARGETS = ["DC1", "D1", "D2", "C1", "C2", "C3", "C4", "circuit C1/2", f"canary {CANARY}"]
DEEDS = ["cut", "cut", "mute", "deaf", "filtered", "boot", "port", "clock", "follow", "restart"]
SPELLS_S = (1, 3, 8, 20, 60, 200, 400)


def drawn(dice: Random) -> Inventory:
    """The tree with sites and routers left out, moved, planned, and given other addresses."""
    made = tree(
        circuits=dice.choice((1, 2)), probed=dice.random() < 0.5, liveness=dice.choice(("icmp", "icmp", "icmp", "snmp"))
    )
    for code in ("C1", "C2", "D2", "C4"):
        if dice.random() < 0.15:
            leave_out(made, code)
    for code, site in made.sites.items():
        if site.parent and (site.parent not in made.sites or dice.random() < 0.1):
            site.parent = "DC1"
        if code in ("C1", "C3") and "D2" in made.sites and site.parent != "D2" and dice.random() < 0.3:
            site.second_parent = "D2"
        site.status = SiteStatus.PLANNED if dice.random() < 0.1 else SiteStatus.ACTIVE
    for name in list(made.devices):
        made.devices[name].address = f"10.27.{dice.choice((1, 1, 1, 2))}.{made.devices[name].id}"  # type: ignore[attr-defined]
        if dice.random() < 0.05:
            del made.devices[name]  # type: ignore[attr-defined]
    for circuit in made.circuits.values():
        if circuit.device not in made.devices:
            circuit.device, circuit.interface = None, ""
    return made


def leave_out(made: Inventory, code: str) -> None:
    for table in (made.sites, made.devices, made.circuits):
        for key in [key for key in table if key.startswith(code)]:
            del table[key]  # type: ignore[attr-defined]


def lived(dice: Random) -> list[Life]:
    """What pollers go through one after the other, up to the end, when nothing is amiss any more."""
    lives = [Life(drawn(dice), canaries=(CANARY,) if dice.random() < 0.5 else ())]
    lives[0].pass_s(dice.choice((5, 60, 240)))
    for _ in range(dice.randrange(3, 16)):
        suffer(lives, dice.choice(DEEDS), dice.choice(TARGETS), dice)
        lives[-1].pass_s(dice.choice(SPELLS_S))
    last = lives[-1]
    for names in (last.cut, last.mute, last.deaf, last.filtered):
        names.clear()
    for router in last.routers.values():
        router.is_port_up = True
    last.pass_s(PATIENCE_S + 400)
    return lives


def suffer(lives: list[Life], deed: str, name: str, dice: Random) -> None:
    life, device = lives[-1], name if " " in name else f"{name}-R1"
    if deed == "boot":
        life.routers[device] = Router(booted_s=life.now_s)
    elif deed == "port" and device in life.routers:
        life.routers[device].is_port_up, life.routers[device].changed_s = dice.random() < 0.5, life.now_s
    elif deed == "clock":
        life.clock.wall += timedelta(seconds=dice.random() * 500)
    elif deed == "follow":
        before = life.inventory
        life.follow(drawn(dice))
        fresh = life.inventory.sites.keys() - before.sites.keys()
        life.seconds = {code: held for code, held in life.seconds.items() if code not in fresh}
    elif deed == "restart":
        lives.append(life.left(dice.choice((1, 40, 4000))))
    elif deed in ("cut", "mute", "deaf", "filtered"):
        getattr(life, deed).symmetric_difference_update({name if deed == "cut" else device})


def stories(life: Life) -> Iterator[list[Transition]]:
    for subject in {(row.site, row.circuit) for row in life.kept.transitions}:
        yield [row for row in life.kept.transitions if (row.site, row.circuit) == subject]


@pytest.mark.parametrize("seed", range(int(os.environ.get("WANMON_SEEDS", "12"))))
def test_whatever_becomes_of_the_inventory_nothing_sticks_and_every_story_holds_together(seed: int):
    lives = lived(Random(seed))
    last = lives[-1]
    province, outages = last.pipeline.sites.province, last.pipeline.sites.outages
    watched = {device.site for device in last.inventory.devices.values()}
    claimed = {code for code, claim in province.circuits.held.items() if claim.state not in (None, State.UNKNOWN)}

    assert {code: State.UP if code in watched else State.UNKNOWN for code in last.inventory.sites} == province.states
    # Of what nothing speaks for any more nobody can tell the end.
    assert not [site for site, circuit in outages.running if site in watched and circuit in {None, *claimed}]
    assert [] == outages._ended
    assert None is province.isolated_since_s
    for rows in (rows for life in lives for rows in stories(life)):
        # A site that was left out and comes back begins anew.
        assert all(after.old in (before.new, State.UNKNOWN) for before, after in pairwise(rows))
        assert all(before.at <= after.at for before, after in pairwise(rows))
        assert all(row.at <= row.decided_at and row.uncertain_s >= 0 for row in rows)
