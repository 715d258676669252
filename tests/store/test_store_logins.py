"""Places for sessions as rows: whatever the order of things, they are never more than may be."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import Session, select

from wanmon.model.host_key import HostKey
from wanmon.model.life import Lease
from wanmon.model.reason import Reason
from wanmon.store import logins, schema
from wanmon.store.database import Database
from wanmon.store.logins import Barred, Granted, Holder, Wish

NOON = datetime.fromisoformat("2026-03-02T12:00:00+00:00")
PROCESSES, SITES, SESSIONS = 4, 12, 5


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    url = f"sqlite:///{tmp_path_factory.mktemp('logins')}/wanmon.db"
    schema.upgrade(url)
    opened = Database.open(url)
    yield opened
    opened.close()


class Crowd:
    """Processes that want sessions, one step at a time; some of them are killed. Nothing of it is committed."""

    def __init__(self, session: Session, is_right: bool) -> None:
        self.session, self.is_right = session, is_right
        self.now, self.tries, self.numbers = NOON, 0, 0
        self.alive = set(range(PROCESSES))
        self.logging_in: list[tuple[Holder, Wish, str]] = []
        self.inside: list[tuple[Holder, Wish]] = []
        for number in range(SITES):
            key = {"algorithm": "ssh-ed25519", "fingerprint": "SHA256:x", "trusted_at": NOON, "trusted_by": "lan"}
            session.add(HostKey(device=f"S{number}-R1", **key))

    def step(self, dice: random.Random) -> None:
        steps = (self.claim, self.claim, self.claim, self.end, self.end, self.leave, self.kill)
        dice.choice(steps)(dice)
        self.now += timedelta(seconds=dice.random())

    def claim(self, dice: random.Random) -> None:
        number, process = dice.randrange(SITES), dice.randrange(PROCESSES)
        self.numbers += 1
        holder = Holder(f"p{process}", self.numbers, 1000 + process, "noc")
        wish = Wish(f"S{number}", f"S{number}-R1", ("routers",), SESSIONS)
        self.alive.add(process)
        answer = logins.claim(self.session, wish, holder, self.now, self.lives)
        if isinstance(answer, Granted):
            self.tries += 1
            self.logging_in.append((holder, wish, answer.credential))

    def end(self, dice: random.Random) -> None:
        if self.logging_in:
            holder, wish, credential = self.logging_in.pop(dice.randrange(len(self.logging_in)))
            reason = None if self.is_right else Reason.AUTH
            logins.ended(self.session, wish, holder, credential, reason, self.now)
            self.inside.append((holder, wish))

    def leave(self, dice: random.Random) -> None:
        if self.inside:
            holder, _ = self.inside.pop(dice.randrange(len(self.inside)))
            logins.give_back(self.session, holder)

    def kill(self, dice: random.Random) -> None:
        """One that is not in the middle of a login: what came of that would be known to nobody."""
        busy = {holder.pid - 1000 for holder, _, _ in self.logging_in}
        idle = sorted(self.alive - busy)
        if idle:
            self.alive.discard(dice.choice(idle))
            self.inside = [(holder, wish) for holder, wish in self.inside if self.lives(holder.pid)]

    def lives(self, pid: int) -> bool:
        return pid - 1000 in self.alive

    def open_sites(self) -> list[str]:
        return [wish.site for _, wish, _ in self.logging_in] + [wish.site for _, wish in self.inside]


@given(seed=st.integers(0, 2**32), is_right=st.booleans())
@settings(max_examples=25, deadline=None)
def test_whatever_the_order_of_things_no_limit_is_passed(database, seed, is_right):
    """Steps of four processes in random order: one session a site, five in all, a wrong password thrice."""
    dice = random.Random(seed)
    with database.write() as session:
        crowd = Crowd(session, is_right)
        for _ in range(80):
            crowd.step(dice)
            sites = crowd.open_sites()
            assert SESSIONS >= len(sites)
            assert len(set(sites)) == len(sites)
            assert 3 >= len(crowd.logging_in)
            assert is_right or 3 >= crowd.tries
        session.rollback()


def one_claim(database: Database, lease: Lease, holder: Holder) -> Granted | Barred:
    wish = Wish("S0", "S0-R1", ("routers",), SESSIONS)
    with database.write() as session:
        Crowd(session, is_right=True)
        session.add(lease)
        answer = logins.claim(session, wish, holder, NOON, lambda pid: pid == 7)
        session.rollback()
    return answer


@pytest.mark.parametrize(
    ("is_granted", "pid", "host", "token", "age_s"),
    [
        (False, 7, "noc", "other 1", 0),
        (True, 8, "noc", "other 1", 0),
        (False, 8, "elsewhere", "other 1", 0),
        (True, 7, "noc", "other 1", 331),
        (True, 7, "noc", "other 1", -331),
        (True, 1, "noc", "other 1", 0),
        (False, 1, "noc", "ours 1", 0),
    ],
    ids=[
        "alive", "dead", "on another machine", "too old", "the clock was set back", "a predecessor of our id", "our own"
    ],
)  # fmt: skip
def test_a_place_is_free_when_its_holder_is_gone_or_it_is_too_old(database, is_granted, pid, host, token, age_s):
    at = NOON - timedelta(seconds=age_s)
    lease = Lease(name="ssh site S0", token=token, pid=pid, host=host, since=at, renewed_at=at)

    assert is_granted is isinstance(one_claim(database, lease, Holder("ours", 2, 1, "noc")), Granted)


def test_the_lease_of_serve_is_no_place(database):
    """`give_back` frees what begins with ssh and nothing else."""
    with database.write() as session:
        holder = Holder("ours", 1, 1, "noc")
        session.add(Lease(name="serve", token=holder.token, pid=1, host="noc", since=NOON, renewed_at=NOON))
        logins.give_back(session, holder)

        assert ["serve"] == list(session.exec(select(Lease.name)))
        session.rollback()
