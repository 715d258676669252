"""The ports that circuits end on, out of a poll of their device: whether they are up, when they changed, their octets.

Where each value lies is looked up once for a layout of ports, since a poll has thousands of values and needs a handful.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from wanmon.health.rates import Reading
from wanmon.log import log
from wanmon.poller.device.port_names import meant
from wanmon.poller.jobs import Column, PollResult, Port

#: ifOperStatus of a port that carries traffic (RFC 2863).
UP = 1


@dataclass(frozen=True, slots=True)
class WanPort:
    """A port that a circuit ends on, as one poll shows it; None for what was not read."""

    name: str
    is_up: bool | None
    last_change_ticks: int | None
    speed_bps: int | None
    receive: Reading | None
    transmit: Reading | None


class WanPorts:
    """Finds the bound ports of one device in its polls."""

    def __init__(self, device: str, names: frozenset[str]) -> None:
        self.names = names
        self._device = device
        self._ports: Sequence[Port] = ()
        self._rows: dict[str, int] = {}
        self._places: dict[tuple[str, int], tuple[Sequence[int], int | None]] = {}

    def of(self, result: PollResult) -> list[WanPort]:
        """The ports of `names` that the device has."""
        if result.ports is not self._ports:
            self._ports = result.ports
            self._rows = {port.name: row for row, port in enumerate(result.ports) if port.name in self.names}
            self._places.clear()
            self._tell_missing()
        return list(self._found(result))

    def _tell_missing(self) -> None:
        for name in sorted(self.names - self._rows.keys()):
            log.warning("bound port not found", device=self._device, port=name, meant=meant(name, self._ports))

    def _found(self, result: PollResult) -> Iterator[WanPort]:
        for name, row in self._rows.items():
            status = self._value(result.columns, "oper_status", row)
            yield WanPort(
                name,
                None if status is None else status == UP,
                self._value(result.columns, "last_change", row),
                result.ports[row].speed_bps,
                self._octets(result, "receive_bytes", row),
                self._octets(result, "transmit_bytes", row),
            )

    def _octets(self, result: PollResult, role: str, row: int) -> Reading | None:
        bits = 32 if (role, row) in result.narrow else 64
        value = self._value(result.columns, role, row, bits)
        if value is None or result.uptime is None:
            return None
        return Reading(
            value,
            bits,
            result.uptime.received_s,
            result.uptime.ticks,
            self._value(result.columns, "discontinuity", row),
        )

    def _value(self, columns: Mapping[str, Column], role: str, row: int, bits: int = 32) -> int | None:
        """A number of at most so many bits, none below zero: agents say others, too."""
        column = columns.get(role)
        if column is None:
            return None
        place = self._place(column, role, row)
        value = None if place is None else column.values[place]
        if not isinstance(value, int) or isinstance(value, bool):
            return None
        return value if 0 <= value < 1 << bits else None

    def _place(self, column: Column, role: str, row: int) -> int | None:
        known = self._places.get((role, row))
        if known is None or known[0] is not column.rows:
            place = column.rows.index(row) if row in column.rows else None
            known = self._places[role, row] = (column.rows, place)
        return known[1]
