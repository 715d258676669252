"""Which credential opened which device, and which was refused where. Names only, never secrets."""

from datetime import datetime

from sqlalchemy import delete
from sqlmodel import Session, col, select

from wanmon.health import breaker
from wanmon.model.life import CredentialProtocol, CredentialRefusal, DeviceCredential


def remember_winner(session: Session, protocol: CredentialProtocol, device: str, credential: str) -> None:
    """Keep which credential `device` answered to, to be tried first the next time."""
    session.merge(DeviceCredential(device=device, protocol=protocol, credential=credential))
    session.flush()


def winners(session: Session, protocol: CredentialProtocol) -> dict[str, str]:
    """The credential that each device answered to last, by device."""
    rows = session.exec(select(DeviceCredential).where(DeviceCredential.protocol == protocol))
    return {row.device: row.credential for row in rows}


def refused(session: Session, protocol: CredentialProtocol, credential: str, device: str, now: datetime) -> None:
    """Keep that `device` refused `credential` now."""
    session.merge(CredentialRefusal(protocol=protocol, credential=credential, device=device, at=now))
    session.flush()


def worked(session: Session, protocol: CredentialProtocol, credential: str) -> None:
    """Forget every refusal of a credential that just worked: it is not the credential that is wrong."""
    session.execute(
        delete(CredentialRefusal).where(
            col(CredentialRefusal.protocol) == protocol, col(CredentialRefusal.credential) == credential
        )
    )


def paused_until(session: Session, protocol: CredentialProtocol, credential: str, now: datetime) -> datetime | None:
    """Until when a credential must not be tried anywhere; none while it may."""
    return pauses(session, protocol, now).get(credential)


def pauses(session: Session, protocol: CredentialProtocol, now: datetime) -> dict[str, datetime]:
    """Every credential that must not be tried now, and until when."""
    refusals: dict[str, list[datetime]] = {}
    for row in session.exec(select(CredentialRefusal).where(CredentialRefusal.protocol == protocol)):
        refusals.setdefault(row.credential, []).append(row.at)
    found = {credential: breaker.paused_until(instants, now) for credential, instants in refusals.items()}
    return {credential: until for credential, until in found.items() if until}
