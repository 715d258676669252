"""The SSH host keys that devices are trusted by. A key is trusted by a person's word alone; another one is an alarm."""

from datetime import datetime

from sqlmodel import Session, col, select

from wanmon.model.host_key import HostKey


def trusted(session: Session, device: str) -> HostKey | None:
    """The key that a device is trusted by."""
    return session.get(HostKey, device)


def every(session: Session) -> dict[str, HostKey]:
    """The key that each device is trusted by, by device."""
    return {row.device: row for row in session.exec(select(HostKey))}


def trust(session: Session, device: str, algorithm: str, fingerprint: str, by: str, now: datetime) -> None:
    """Trust a device by this key from now on, by somebody's word; an alarm about it is over."""
    row = HostKey(device=device, algorithm=algorithm, fingerprint=fingerprint, trusted_at=now, trusted_by=by)
    session.merge(row)
    session.flush()


def changed(session: Session, device: str, fingerprint: str, now: datetime) -> None:
    """Keep that a device showed another key than the trusted one; the first time of the same one counts."""
    held = session.get(HostKey, device)
    if held is not None and held.changed_fingerprint != fingerprint:
        held.changed_fingerprint, held.changed_at = fingerprint, now
        session.flush()


def right_again(session: Session, device: str) -> None:
    """Keep that a device showed the trusted key: an alarm about it is over."""
    held = session.get(HostKey, device)
    if held is not None and held.changed_fingerprint:
        held.changed_fingerprint, held.changed_at = "", None
        session.flush()


def forget(session: Session, device: str) -> None:
    """Trust no key of a device any more."""
    held = session.get(HostKey, device)
    if held is not None:
        session.delete(held)
        session.flush()


def alarms(session: Session) -> list[HostKey]:
    """The devices that showed another key than the trusted one, by name."""
    rows = select(HostKey).where(HostKey.changed_fingerprint != "").order_by(col(HostKey.device))
    return list(session.exec(rows))
