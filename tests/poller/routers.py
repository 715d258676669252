"""Routers to log in to, in a real database, and a client that logs in by a script: it only counts and answers.

Run as a program, it logs in to all of them from a process of its own.
"""

import asyncio
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from wanmon.checks.result import RouterTarget
from wanmon.clock import Clock, SystemClock
from wanmon.config.secrets import Secrets, SshCredential
from wanmon.config.settings import LoginSettings
from wanmon.model.change import Action
from wanmon.model.inventory import NOUN, Edit
from wanmon.model.reason import Reason
from wanmon.poller.logins import Logins, OpenSession
from wanmon.poller.writing import Directly, Writes
from wanmon.protocols.ssh.fault import SshFault
from wanmon.protocols.ssh.host_key import Fingerprint
from wanmon.store import host_keys, inventory, schema
from wanmon.store.database import Database

KEY = Fingerprint("ssh-ed25519", "SHA256:" + "q" * 43)
SITE = {"unit": "BN", "kind": "party", "site_class": "any", "status": "active"}


def make_database(folder: Path, sites: int, now: datetime) -> Database:
    """A hub and so many sites with a router each, all of them trusted by the same key."""
    url = f"sqlite:///{folder}/wanmon.db"
    schema.upgrade(url)
    rows = [
        ("unit", "BN", {"name": "Bắc Ninh", "level": "province"}),
        ("class", "any", {"name": "Any"}),
        ("site", "DC1", SITE | {"kind": "datacenter", "name": "Hub"}),
    ]
    for number in range(1, sites + 1):
        router = target(number)
        rows.append(("site", router.site, SITE | {"name": "x", "parent": "DC1"}))
        rows.append(("device", router.device, {"site": router.site, "address": router.address, "snmp": "none"}))
    edits = [Edit(Action.ADD, NOUN[noun], key, {NOUN[noun].key: key, **row}) for noun, key, row in rows]
    database = Database.open(url)
    with database.write() as session:
        inventory.apply(session, edits, author="l", origin="o", command="t", reason="", at=now)
        for number in range(1, sites + 1):
            host_keys.trust(session, target(number).device, KEY.algorithm, KEY.text, "lan", now)
    return database


def target(number: int, *credentials: str) -> RouterTarget:
    """The router of a site, by its number."""
    site = f"BN-{number:04}"
    address = f"10.27.{number // 250}.{number % 250 + 1}"
    return RouterTarget(site, f"{site}-R1", address, 22, "linux", credentials or ("routers",))


def secrets(*names: str) -> Secrets:
    """Logins that may be sent to every router."""
    given = {"username": "wanmon", "password": "kanari-5e31", "networks": ["10.27.0.0/16"]}
    ssh = {name: SshCredential.model_validate({"name": name, **given}) for name in names or ("routers",)}
    return Secrets(ssh=ssh)


@dataclass
class Prompt:
    """A session that answers each command with itself."""

    client: "Scripted"
    is_closed: bool = False

    async def run(self, command: str, within_s: float) -> str:
        return command

    async def close(self) -> None:
        if not self.is_closed:
            self.is_closed = True
            self.client.open_now -= 1


@dataclass
class Scripted:
    """Stands where the SSH client stands: `answer` tells of each login how it fails, if it does."""

    answer: Callable[[RouterTarget, str], SshFault | None] = lambda router, credential: None
    takes_s: float = 0.0
    tries: list[tuple[str, str]] = field(default_factory=list)
    open_now: int = 0
    most: int = 0

    async def open(
        self, router: RouterTarget, credential: SshCredential, trusted: Fingerprint, step_s: float, deadline_s: float
    ) -> OpenSession:
        self.tries.append((router.device, credential.name))
        await asyncio.sleep(self.takes_s)
        fault = self.answer(router, credential.name)
        if fault is not None:
            raise fault
        self.open_now += 1
        self.most = max(self.most, self.open_now)
        return Prompt(self)


def refusal() -> SshFault:
    """What a router says to a wrong password."""
    return SshFault(Reason.AUTH, "the password was not taken")


def logins(
    database: Database,
    client: Scripted,
    clock: Clock,
    *names: str,
    settings: LoginSettings | None = None,
    write: Writes | None = None,
) -> Logins:
    """Logins beside a database."""
    writes = write or Directly(database)
    return Logins(client, secrets(*names), settings or LoginSettings(), writes, clock, lambda: 0.0)


async def try_all(held: Logins, sites: int, deadline_s: float) -> list[str]:
    """Log in to every router, all at once; what is said of each."""

    async def one(number: int) -> str:
        try:
            async with held.session(target(number), deadline_s):
                return "let in"
        except SshFault as fault:
            return str(fault)

    return await asyncio.gather(*map(one, range(1, sites + 1)))


def main(folder: str, sites: str) -> None:
    """Log in to every router, which all refuse; each try is a line of a file."""

    def refuse(router: RouterTarget, credential: str) -> SshFault:
        with (Path(folder) / "tries").open("a", encoding="ascii") as tries:
            tries.write(f"{router.device}\n")
        return refusal()

    database = Database.open(f"sqlite:///{folder}/wanmon.db")
    held = logins(database, Scripted(refuse, takes_s=0.05), SystemClock())
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    said = asyncio.run(try_all(held, int(sites), 30.0))
    sys.stdout.writelines(f"said {each}\n" for each in said)


if __name__ == "__main__":
    main(*sys.argv[1:])
