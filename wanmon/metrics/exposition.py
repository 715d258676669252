"""A scrape: the board and our own counters as text or OpenMetrics.

Headers come from the catalogue, sample lines from the board as they were rendered; the two formats differ in their
headers alone. Negotiation, and wanmon's own families, are prometheus-client's.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder

from wanmon.errors import NotFound
from wanmon.health.two_way import Judgement
from wanmon.metrics import site
from wanmon.metrics.catalog import METRICS, Metric
from wanmon.metrics.checks import CheckRenderer
from wanmon.metrics.lines import sample
from wanmon.model.inventory import Inventory, units_within
from wanmon.poller.board import Board, DeviceLines, SiteView
from wanmon.poller.seconds import SiteSeconds

Chunks = defaultdict[str, list[bytes]]


@dataclass(frozen=True, slots=True)
class Scrape:
    """The body of an answer and its exact content type; Prometheus 3 refuses any other."""

    body: bytes
    content_type: str


@dataclass(slots=True)
class Exposition:
    """Answers scrapes. What the inventory says is rendered once for each inventory."""

    registry: CollectorRegistry
    _of: Inventory | None = None
    _described: dict[str, bytes] = field(default_factory=dict)
    _sites: dict[str, tuple[SiteView, dict[str, bytes]]] = field(default_factory=dict)
    _seconds_of: Mapping[str, SiteSeconds] | None = None
    _seconds: dict[str, bytes] = field(default_factory=dict)
    _checks: CheckRenderer = field(default_factory=CheckRenderer)
    _verdicts_of: Mapping[str, Judgement] | None = None
    _verdicts: dict[str, bytes] = field(default_factory=dict)

    def everything(self, board: Board, now_s: float, accept: str) -> Scrape:
        """The whole board and wanmon's own metrics; `now_s` (monotonic) decides what is old."""
        chunks = _device_chunks(board, board.sites, now_s)
        self._render_anew(board)
        for families in (
            self._described,
            *(families for _, families in self._sites.values()),
            self._seconds,
            self._verdicts,
        ):
            for name, lines_of in families.items():
                chunks[name].append(lines_of)
        for name, lines_of in board.figures.items():
            chunks[name].append(lines_of)
        self._add_checks(chunks, board, board.sites, now_s)
        chunks["wanmon_isolated"].append(sample("wanmon_isolated", (), board.is_isolated).encode())
        encoder, content_type = choose_encoder(accept)
        return Scrape(_body(chunks, _is_open(content_type), encoder(self.registry)), content_type)

    def _render_anew(self, board: Board) -> None:
        """What is not as it was at the last scrape: most sites are, most of the time."""
        if self._of is not board.inventory:
            self._of = board.inventory
            self._described = _encoded(
                [*site.described(board.inventory, board.sites.keys()), *site.counted(board.inventory)]
            )
            self._sites = {}
        for code, view in board.sites.items():
            held = self._sites.get(code)
            if held is None or held[0] is not view:
                self._sites[code] = (view, _encoded(site.states(code, view)))
        if self._seconds_of is not board.seconds:
            self._seconds_of = board.seconds
            lines = (line for code, counted in board.seconds.items() for line in site.counted_seconds(code, counted))
            self._seconds = _encoded(lines)
        if self._verdicts_of is not board.verdicts:
            self._verdicts_of = board.verdicts
            self._verdicts = _encoded(
                line for code, each in board.verdicts.items() for line in site.verdict(code, each)
            )

    def narrowed(self, board: Board, codes: Collection[str], now_s: float, accept: str) -> Scrape:
        """Some sites alone."""
        chunks = _device_chunks(board, codes, now_s)
        lines = [*site.described(board.inventory, codes), *_of_sites(board, codes)]
        for name, lines_of in _encoded(lines).items():
            chunks[name].append(lines_of)
        self._add_checks(chunks, board, codes, now_s)
        return _without_own(chunks, accept)

    def device(self, board: Board, name: str, now_s: float, accept: str) -> Scrape:
        """One device alone."""
        chunks: Chunks = defaultdict(list)
        _add_device(chunks, board.devices[name], now_s)
        return _without_own(chunks, accept)

    def _add_checks(self, chunks: Chunks, board: Board, codes: Collection[str], now_s: float) -> None:
        """The checks of some sites."""
        for key, lines in self._checks.lines(board.checks).items():
            if key.site in codes:
                for family, text in lines.shown(now_s):
                    chunks[family].append(text)


def chosen(board: Board, sites: Collection[str], units: Collection[str]) -> set[str]:
    """The sites that `?site=` and `?unit=` name; a unit stands for all within it. Raises `NotFound`."""
    for code in sites:
        if code not in board.sites:
            raise NotFound("site", code)
    wanted = set(sites)
    for unit in units:
        if unit not in board.inventory.units:
            raise NotFound("unit", unit)
        within = units_within(board.inventory, unit)
        wanted |= {code for code in board.sites if board.inventory.sites[code].unit in within}
    return wanted


def _of_sites(board: Board, codes: Collection[str]) -> Iterator[site.Line]:
    for code in codes:
        yield from site.states(code, board.sites[code])
        if code in board.seconds:
            yield from site.counted_seconds(code, board.seconds[code])
        if code in board.verdicts:
            yield from site.verdict(code, board.verdicts[code])


def _device_chunks(board: Board, codes: Collection[str], now_s: float) -> Chunks:
    """The lines of the devices of some sites, by family."""
    chunks: Chunks = defaultdict(list)
    devices = board.inventory.devices
    for name, lines in board.devices.items():
        if devices[name].site in codes:
            _add_device(chunks, lines, now_s)
    return chunks


def _add_device(chunks: Chunks, lines: DeviceLines, now_s: float) -> None:
    """What is shown of a device now: values that are old are not."""
    shown = [lines.own]
    if now_s < lines.values_until_s:
        shown.append(lines.values)
    if now_s < lines.echo_until_s:
        shown.append(lines.echo)
    for families in shown:
        for family, text in families.items():
            chunks[family].append(text)


def _without_own(chunks: Chunks, accept: str) -> Scrape:
    _, content_type = choose_encoder(accept)
    is_open = _is_open(content_type)
    return Scrape(_body(chunks, is_open, b"# EOF\n" if is_open else b""), content_type)


def _encoded(lines: Iterable[site.Line]) -> dict[str, bytes]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for name, line in lines:
        found[name].append(line)
    return {name: "".join(texts).encode() for name, texts in found.items()}


def _is_open(content_type: str) -> bool:
    return content_type.startswith("application/openmetrics-text")


def _body(chunks: Chunks, is_open: bool, own: bytes) -> bytes:
    parts: list[bytes] = []
    headers = _OPEN_HEADERS if is_open else _TEXT_HEADERS
    for metric in METRICS:
        lines = chunks.get(metric.name)
        if lines:
            parts.append(headers[metric.name])
            parts += lines
    return b"".join([*parts, own])


def _header(metric: Metric, name: str, escape: Callable[[str], str]) -> bytes:
    return f"# HELP {name} {escape(metric.help)}\n# TYPE {name} {metric.kind}\n".encode()


def _open_header(metric: Metric) -> bytes:
    """OpenMetrics names a counter family without its `_total`."""
    name = metric.name.removesuffix("_total") if metric.kind == "counter" else metric.name
    return _header(metric, name, lambda text: text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n"))


_TEXT_HEADERS = {
    m.name: _header(m, m.name, lambda text: text.replace("\\", r"\\").replace("\n", r"\n")) for m in METRICS
}
_OPEN_HEADERS = {m.name: _open_header(m) for m in METRICS}
