"""How the agents of devices can be spoken to, as it was learnt."""

from sqlmodel import Session, select

from wanmon.model.device import Device
from wanmon.model.life import DeviceManners
from wanmon.protocols.snmp.manners import Learnt


def learnt(session: Session) -> dict[str, Learnt]:
    """What is known of each device's agent."""
    return {
        row.device: Learnt(row.limit_bytes, row.barred_bytes, row.bulk, row.srtt_s, row.rttvar_s)
        for row in session.exec(select(DeviceManners))
    }


def keep(session: Session, device: str, manners: Learnt) -> None:
    """Keep what is known now; of a device that has left the inventory nothing is kept."""
    if session.exec(select(Device.id).where(Device.name == device)).first() is not None:
        session.merge(DeviceManners(device=device, **manners._asdict()))
        session.flush()
