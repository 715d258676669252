"""The lines of the ports of one device, made cheap: labels are formatted once, then only numbers are filled in."""

from collections.abc import Callable, Mapping, Sequence
from operator import index

from wanmon.metrics.lines import sample, series
from wanmon.poller.jobs import Column, Port

Convert = Callable[[int], float] | None


def _is_one(value: int) -> int:
    return int(index(value) == 1)  # TypeError for None or text: what is not known is not 0


#: Which families a column feeds, and how its numbers become theirs.
FAMILIES: Mapping[str, tuple[tuple[str, Convert], ...]] = {
    "oper_status": (("wanmon_interface_oper_status", None), ("wanmon_interface_up", _is_one)),
    "admin_status": (("wanmon_interface_admin_up", _is_one),),
    **{
        role: ((f"wanmon_interface_{role}_total", None),)
        for role in (
            "receive_bytes", "transmit_bytes", "receive_packets", "transmit_packets",
            "receive_errors", "transmit_errors", "receive_discards", "transmit_discards",
        )
    },
}  # fmt: skip
LAST_CHANGE = "wanmon_interface_last_change_timestamp_seconds"


class PortLines:
    """Renders the ports of one device; made anew when they change."""

    def __init__(self, site: str, device: str, ports: Sequence[Port]) -> None:
        self.ports = ports
        self._names = [(site, device, port.name) for port in ports]
        self._templates: dict[str, tuple[Sequence[int], str]] = {}
        self._boot_time_s: float | None = None

    def described(self) -> dict[str, bytes]:
        """The families that change only with the ports themselves."""
        info = [
            sample("wanmon_interface_info", (*name, str(port.if_index), port.alias, port.description), 1)
            for name, port in zip(self._names, self.ports, strict=True)
        ]
        speed = [
            sample("wanmon_interface_speed_bytes_per_second", name, port.speed_bps / 8)
            for name, port in zip(self._names, self.ports, strict=True)
            if port.speed_bps is not None
        ]
        return {
            "wanmon_interface_info": "".join(info).encode(),
            "wanmon_interface_speed_bytes_per_second": "".join(speed).encode(),
        }

    def render(
        self, columns: Mapping[str, Column], changed: frozenset[str] | None, boot_time_s: float | None
    ) -> dict[str, bytes]:
        """The families fed by the columns `changed` (None = all)."""
        rendered = {}
        for role, column in columns.items():
            if changed is None or role in changed:
                for family, convert in FAMILIES.get(role, ()):
                    rendered[family] = self._column(family, column, convert)
        moved = boot_time_s != self._boot_time_s or changed is None or "last_change" in changed
        if moved and boot_time_s is not None and "last_change" in columns:
            self._boot_time_s = boot_time_s
            since = boot_time_s
            rendered[LAST_CHANGE] = self._column(LAST_CHANGE, columns["last_change"], lambda ticks: since + ticks / 100)
        return rendered

    def _column(self, family: str, column: Column, convert: Convert) -> bytes:
        rows, template = self._templates.get(family, ((), ""))
        if rows is not column.rows:
            rows, template = column.rows, self._template(family, column.rows, "%d" if convert is None else "%s")
            self._templates[family] = (rows, template)
        try:
            if min(column.values, default=0) < 0:  # type: ignore[type-var, operator]  # else TypeError
                return self._sparse(family, column, convert)
            values = column.values if convert is None else [convert(value) for value in column.values]  # type: ignore[arg-type]  # else TypeError
            return (template % tuple(values)).encode()
        except TypeError:
            return self._sparse(family, column, convert)

    def _template(self, family: str, rows: Sequence[int], slot: str) -> str:
        return "".join(f"{series(family, self._names[row]).replace('%', '%%')} {slot}\n" for row in rows)

    def _sparse(self, family: str, column: Column, convert: Convert) -> bytes:
        """A column with holes, or with values that none of these objects may have: those ports are left out."""
        there = [(row, v) for row, v in zip(column.rows, column.values, strict=True) if isinstance(v, int) and v >= 0]
        return "".join(sample(family, self._names[row], convert(v) if convert else v) for row, v in there).encode()
