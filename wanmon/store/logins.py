"""Places for sessions on routers, as rows that every process obeys: one a site, so many in all, so many tries.

A place is a lease: `ssh site BN-0001`, `ssh slot 3`, and, from the try until its result is written down,
`ssh login routers 1`. All that a session needs are taken together or not at all, so that nobody waits for another who
waits for him. A place is free when its process is gone, or when it is older than any session may be.

`ssh rest BN-0001-R1` is no place but a memory: that a device refused a login, when, and (as its token) which
credential. It stands until the device lets somebody in.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count, islice

from sqlalchemy import Delete, delete
from sqlmodel import Session, col, select

from wanmon.clock import shown
from wanmon.health.breaker import REFUSALS_TO_OPEN
from wanmon.health.logins import Chance, chance, in_order, rests_until
from wanmon.model.host_key import HostKey
from wanmon.model.life import CredentialProtocol, CredentialRefusal, DeviceCredential, Lease
from wanmon.model.reason import Reason
from wanmon.store import credentials, host_keys
from wanmon.store.leases import process_is_alive

#: No session may be set to last longer than 300 s (`logins.session_s`), whichever process holds it.
TTL_S = 330.0

SSH = CredentialProtocol.SSH
#: How a login may end and still prove the credential.
_LET_IN = (None, Reason.PROMPT, Reason.OUTPUT)
_REST = "ssh rest "


@dataclass(frozen=True, slots=True)
class Holder:
    """Who takes places: one session (`number`) of the process that drew the random word `process`."""

    process: str
    number: int
    pid: int
    host: str

    @property
    def token(self) -> str:
        """What its leases are marked with."""
        return f"{self.process} {self.number}"


@dataclass(frozen=True, slots=True)
class Wish:
    """A session that somebody wants: with one of these credentials, in their order; `sessions` may be open in all."""

    site: str
    device: str
    credentials: tuple[str, ...]
    sessions: int


@dataclass(frozen=True, slots=True)
class Granted:
    """The places are taken: log in with this credential, and only where this key is shown."""

    credential: str
    algorithm: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Barred:
    """No session now, and why. Where that `may_pass` soon, asking again is of use."""

    reason: Reason
    detail: str
    may_pass: bool = False


def claim(
    session: Session,
    wish: Wish,
    holder: Holder,
    now: datetime,
    is_alive: Callable[[int], bool] = process_is_alive,
) -> Granted | Barred:
    """Take the places of a session, all or none, within a session of `Database.write`."""
    key = host_keys.trusted(session, wish.device)
    if key is None:
        return Barred(Reason.HOST_KEY, f"no host key is trusted yet: run `wanmon device trust {wish.device}`")
    held = _held(session, holder, now, is_alive)
    chosen = _choose(session, wish, held, now)
    if isinstance(chosen, Barred):
        return chosen
    slot = next(iter(_free("ssh slot ", held, wish.sessions)), None)
    if f"ssh site {wish.site}" in held:
        return Barred(Reason.LOCAL, f"a session with a router of {wish.site} is open already", may_pass=True)
    if slot is None:
        return Barred(Reason.LOCAL, all_taken(wish.sessions), may_pass=True)
    # Never more in number than `chance` allows, so one of as many names is free.
    login = _free(_login(chosen), held, REFUSALS_TO_OPEN)[0]
    for name in (f"ssh site {wish.site}", slot, login):
        session.add(_lease(name, holder, now))
    session.flush()
    return Granted(chosen, key.algorithm, key.fingerprint)


def ended(
    session: Session, wish: Wish, holder: Holder, credential: str, reason: Reason | None, now: datetime
) -> datetime | None:
    """Keep how a login ended, and end its being under way: both or none.

    `reason` is the step that failed, none where it let us in. Returns until when the credential rests now, if it does.
    """
    session.execute(_places(holder).where(col(Lease.name).startswith(_login(credential), autoescape=True)))
    if reason in _LET_IN:
        credentials.worked(session, SSH, credential)
        credentials.remember_winner(session, SSH, wish.device, credential)
        session.execute(delete(Lease).where(col(Lease.name) == _REST + wish.device))
    elif reason is Reason.AUTH:
        credentials.refused(session, SSH, credential, wish.device, now)
        rest = Lease(name=_REST + wish.device, token=credential, pid=0, host="", since=now, renewed_at=now)
        session.merge(rest)
    if reason in (*_LET_IN, Reason.AUTH):
        host_keys.right_again(session, wish.device)
    session.flush()
    return credentials.paused_until(session, SSH, credential, now)


def other_key(session: Session, device: str, fingerprint: str, now: datetime) -> bool:
    """Keep that a device showed another key than the trusted one; whether that is news."""
    held: HostKey | None = host_keys.trusted(session, device)
    is_news = held is not None and held.changed_fingerprint != fingerprint
    host_keys.changed(session, device, fingerprint, now)
    return is_news


def give_back(session: Session, holder: Holder) -> None:
    """Free every place of a session."""
    session.execute(_places(holder))
    session.flush()


def all_taken(sessions: int) -> str:
    """How it is told that no place is free."""
    many = {1: "one session is", 8: "eight sessions are"}.get(sessions, f"{sessions} sessions are")
    return f"{many} open with routers, as many as may be (logins.sessions): try again"


def _choose(session: Session, wish: Wish, held: set[str], now: datetime) -> str | Barred:
    """The credential to try on the device now, or why none."""
    rest = session.get(Lease, _REST + wish.device)
    until = rests_until(rest.renewed_at if rest else None, now)
    if rest and until:
        told = f"{wish.device} refused credential {rest.token} at {shown(rest.renewed_at)}: it rests until"
        return Barred(Reason.LOCAL, f"{told} {shown(until)}, before the account is locked")
    winner = session.get(DeviceCredential, (wish.device, SSH))
    ordered = in_order(wish.credentials, winner.credential if winner else None, rest.token if rest else None)
    refusals = {name: _refusals(session, name) for name in ordered}
    chances = {name: chance(refusals[name], _under_way(name, held), now) for name in ordered}
    usable = [name for name in ordered if chances[name] is not Chance.PAUSED]
    if not usable:
        return Barred(Reason.LOCAL, _paused(session, ordered[0], len(refusals[ordered[0]]), now))
    if chances[usable[0]] is Chance.WAIT:
        told = f"credential {usable[0]} is being tried elsewhere, and nobody knows yet whether it is right"
        return Barred(Reason.LOCAL, told, may_pass=True)
    return usable[0]


def _paused(session: Session, credential: str, refusals: int, now: datetime) -> str:
    until = credentials.paused_until(session, SSH, credential, now) or now
    told = f"credential {credential} rests until {shown(until)}: {refusals} devices refused it"
    return f"{told}, so it is sent to no other; correct it in secrets.toml"


def _refusals(session: Session, credential: str) -> list[datetime]:
    query = select(CredentialRefusal.at).where(
        CredentialRefusal.protocol == SSH, CredentialRefusal.credential == credential
    )
    return list(session.exec(query))


def _held(session: Session, holder: Holder, now: datetime, is_alive: Callable[[int], bool]) -> set[str]:
    """The names of the places that are taken; those of the dead are freed."""
    rows = session.exec(select(Lease).where(col(Lease.name).startswith("ssh ")))
    places = [row for row in rows if not row.name.startswith(_REST)]
    free = [row for row in places if _is_free(row, holder, now, is_alive)]
    for row in free:
        session.delete(row)
    session.flush()
    return {row.name for row in places} - {row.name for row in free}


def _is_free(held: Lease, holder: Holder, now: datetime, is_alive: Callable[[int], bool]) -> bool:
    # One taken far in the future was written before the clock was set back: it must not hold for that long.
    if abs(now - held.renewed_at) > timedelta(seconds=TTL_S):
        return True
    if held.host != holder.host:
        return False
    if held.pid == holder.pid:  # in a container every `serve` is process 1: a predecessor drew another word
        return not held.token.startswith(f"{holder.process} ")
    return not is_alive(held.pid)


def _under_way(credential: str, held: set[str]) -> int:
    return len([name for name in held if name.rpartition(" ")[0] == _login(credential).rstrip()])


def _free(prefix: str, held: set[str], most: int) -> Sequence[str]:
    """The names of places with a number that nobody holds."""
    return [name for name in (f"{prefix}{number}" for number in islice(count(1), most)) if name not in held]


def _login(credential: str) -> str:
    return f"ssh login {credential} "


def _lease(name: str, holder: Holder, now: datetime) -> Lease:
    return Lease(name=name, token=holder.token, pid=holder.pid, host=holder.host, since=now, renewed_at=now)


def _places(holder: Holder) -> Delete:
    return delete(Lease).where(col(Lease.token) == holder.token, col(Lease.name).startswith("ssh "))
