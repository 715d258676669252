"""What ran through the circuits, a packed row for each of them and each local day."""

from datetime import date

from sqlmodel import Session, select

from wanmon.model.carrier import Circuit
from wanmon.model.circuit_day import CircuitDay


def put(session: Session, circuit: str, on: date, averages: bytes) -> None:
    """Store a day as far as it has come; of a circuit that has left the inventory nothing is kept."""
    held = session.get(CircuitDay, (circuit, on))
    if held is not None:
        held.averages = averages
    elif session.exec(select(Circuit.code).where(Circuit.code == circuit)).first() is not None:
        session.add(CircuitDay(circuit=circuit, on=on, averages=averages))
    session.flush()


def of_day(session: Session, on: date) -> dict[str, bytes]:
    """The packed averages of every circuit on a day."""
    return {row.circuit: row.averages for row in session.exec(select(CircuitDay).where(CircuitDay.on == on))}
