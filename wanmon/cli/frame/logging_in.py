"""Logins on routers from the command line, under the same leases as those of a running service."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from wanmon.cli.frame.surroundings import Surroundings
from wanmon.poller.entering import Entrances
from wanmon.poller.logins import Logins
from wanmon.poller.writing import Directly
from wanmon.protocols.ssh.session import SshClient


@asynccontextmanager
async def logging_in(here: Surroundings) -> AsyncIterator[Logins]:
    """Logins, which leave neither a session nor a lease when they end."""
    settings = here.settings.logins
    client = SshClient(settings.sessions)
    logins = Logins(Entrances(client), here.secrets, settings, Directly(here.database), here.clock)
    try:
        yield logins
    finally:
        await logins.close()
        await client.close()
