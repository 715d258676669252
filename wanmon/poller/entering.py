"""How a router is entered: its platform tells the client's device type, its row the rest."""

from wanmon.checks.result import RouterTarget
from wanmon.config.secrets import SshCredential
from wanmon.config.settings import LoginSettings
from wanmon.errors import WanmonError
from wanmon.model.reason import Reason
from wanmon.platforms import registry
from wanmon.protocols.ssh.fault import SshFault
from wanmon.protocols.ssh.host_key import Fingerprint
from wanmon.protocols.ssh.session import Login, Session, SshClient


class Entrances:
    """Implements `poller.logins.Opens` over a real client, which is closed by who made it."""

    def __init__(self, client: SshClient, settings: LoginSettings) -> None:
        self._client = client
        self._settings = settings

    def use(self, settings: LoginSettings) -> None:
        """Go on with other settings."""
        self._settings = settings

    async def open(
        self, router: RouterTarget, credential: SshCredential, trusted: Fingerprint, deadline_s: float
    ) -> Session:
        """Log in once. Raises `SshFault`, which is LOCAL for what we ourselves did wrong."""
        try:
            device_type = registry.platform(router.platform).netmiko
            step_s = min(self._settings.timeout_s, deadline_s)
            login = Login(router.address, router.port, device_type, credential, trusted, step_s)
            return await self._client.open(login, deadline_s)
        except SshFault:
            raise
        except WanmonError as error:
            raise SshFault(Reason.LOCAL, f"{router.device}: {error}") from None
