"""What ran through a circuit on one local day, packed."""

from datetime import date

from sqlmodel import Field, SQLModel


class CircuitDay(SQLModel, table=True):
    """The 288 five-minute averages of both directions, as `health.blocks.pack` makes them."""

    __tablename__ = "circuit_day"

    circuit: str = Field(primary_key=True, foreign_key="circuit.code", ondelete="CASCADE")
    on: date = Field(primary_key=True)
    averages: bytes
