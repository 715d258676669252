"""What the poller keeps in the database: written by the one writer, waited for by nobody.

Implements `poller.pipeline.Records`.
"""

from datetime import datetime

from sqlmodel import Session

from wanmon.clock import Clock
from wanmon.model.life import CredentialProtocol, DeviceState, Transition
from wanmon.store import credentials, life
from wanmon.store.writer import Writer


class StoreRecords:
    """Turns facts into writes."""

    def __init__(self, writer: Writer, clock: Clock) -> None:
        self._writer = writer
        self._clock = clock

    def device_state(self, state: DeviceState) -> None:
        """A device that changed its state."""
        self._writer.submit(lambda session: life.set_device_states(session, [state]))

    def transition(self, transition: Transition) -> None:
        """A site that changed its state."""
        self._writer.submit(lambda session: life.record_transitions(session, [transition]))

    def credential(self, device: str, winner: str, refused: tuple[str, ...]) -> None:
        """The credential that a device answered to ("" for none), and those it refused."""
        now = self._clock.now()
        self._writer.submit(lambda session: _credential(session, device, winner, refused, now))


def _credential(session: Session, device: str, winner: str, refused: tuple[str, ...], now: datetime) -> None:
    for credential in refused:
        credentials.refused(session, CredentialProtocol.SNMP, credential, device, now)
    if winner:
        credentials.remember_winner(session, CredentialProtocol.SNMP, device, winner)
        credentials.worked(session, CredentialProtocol.SNMP, winner)
