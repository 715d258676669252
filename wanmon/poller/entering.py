"""How a router is entered: its platform tells the client's device type, its row the rest."""

from wanmon.checks.result import RouterTarget
from wanmon.config.secrets import SshCredential
from wanmon.errors import WanmonError
from wanmon.model.reason import Reason
from wanmon.platforms import registry
from wanmon.protocols.ssh.fault import SshFault
from wanmon.protocols.ssh.host_key import Fingerprint
from wanmon.protocols.ssh.session import Login, Session, SshClient


class Entrances:
    """Implements `poller.logins.Opens` over a real client, which is closed by who made it."""

    def __init__(self, client: SshClient) -> None:
        self._client = client

    async def open(
        self, router: RouterTarget, credential: SshCredential, trusted: Fingerprint, step_s: float, deadline_s: float
    ) -> Session:
        """Log in once. Raises `SshFault`, which is LOCAL for what we ourselves did wrong."""
        try:
            device_type = registry.platform(router.platform).netmiko
            login = Login(router.address, router.port, device_type, credential, trusted, step_s)
            return await self._client.open(login, deadline_s)
        except SshFault:
            raise
        except WanmonError as error:
            raise SshFault(Reason.LOCAL, f"{router.device}: {error}") from None
