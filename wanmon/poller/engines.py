"""What an operator should know of the SNMPv3 engines that are asked, logged once.

Neither is an error of the asking: both are worked around. But a cloned engine id is a mistake in the devices, and boots
that go backwards are a device that lost its memory, or another one in its place.
"""

from wanmon.log import log
from wanmon.protocols.snmp.remotes import Remotes


class EngineWatch:
    """Looks at the engines now and then, and tells what is new."""

    def __init__(self, remotes: Remotes) -> None:
        self._remotes = remotes
        self._sharing: set[tuple[str, str]] = set()
        self._rolled_back: dict[str, int] = {}

    def look(self) -> None:
        """Log the engine ids that more addresses than before have in common, and boots that went backwards since."""
        for engine_id, addresses in self._remotes.clones().items():
            new = {(engine_id, address) for address in addresses} - self._sharing
            if new:
                self._sharing |= new
                log.warning("snmp engine id shared", engine_id=engine_id, addresses=" ".join(addresses))
        rolled_back = self._remotes.rolled_back()
        for address, count in rolled_back.items():
            if count != self._rolled_back.get(address):
                log.warning("snmp engine boots went backwards", address=address, times=count)
        self._rolled_back = rolled_back
