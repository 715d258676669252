"""The composition of `serve`: executor, poller, records, exposition and web, put together and taken down again."""

import asyncio
import signal
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import uvicorn
from sqlmodel import Session

from wanmon.checks.registry import kinds
from wanmon.checks.result import Tools
from wanmon.cli.frame.surroundings import Surroundings
from wanmon.clock import SteadyClock
from wanmon.errors import LeaseHeld, WanmonError
from wanmon.health import period
from wanmon.health.figures import figures
from wanmon.log import log
from wanmon.metrics.device import DeviceRenderer
from wanmon.metrics.exposition import Exposition
from wanmon.metrics.figures import lines
from wanmon.metrics.own import Counted, registry
from wanmon.model.inventory import Inventory
from wanmon.poller.board import Board
from wanmon.poller.breaker import CredentialBreaker
from wanmon.poller.checking.asking import Asker
from wanmon.poller.checking.recording import CheckRecords
from wanmon.poller.checking.rounds import Rounds
from wanmon.poller.engines import EngineWatch
from wanmon.poller.entering import Entrances
from wanmon.poller.execute import LocalExecutor
from wanmon.poller.keys import KeyRing
from wanmon.poller.logins import Logins
from wanmon.poller.loop import Poller
from wanmon.poller.paths import PathTracer, keeping
from wanmon.poller.pipeline import Pipeline
from wanmon.poller.records import StoreRecords
from wanmon.poller.service import Service
from wanmon.poller.verdicts import Verdicts
from wanmon.poller.writing import Through
from wanmon.protocols.icmp import EchoClient, EchoForbidden, forbidden
from wanmon.protocols.snmp.engine import SnmpEngine
from wanmon.protocols.ssh.session import SshClient
from wanmon.protocols.trace import trace
from wanmon.store import history
from wanmon.store.writer import Writer
from wanmon.web.app import application

STOP_WITHIN_S = 5.0
#: What a running process cannot change.
AT_START = ("database", "listen", "external_url", "log_level", "echo", "canaries")
#: Connections at a time; who comes next is told to come back (503).
MAX_CONNECTIONS = 512


@dataclass(frozen=True, slots=True)
class Serving:
    """A running `serve`, as its pages and its caller see it."""

    pipeline: Pipeline
    poller: Poller
    listen: str

    @property
    def board(self) -> Board:
        """The present."""
        return self.pipeline.board

    async def poll_now(self, name: str, deadline_s: float) -> None:
        """Poll one device at once."""
        await self.poller.poll_now(name, deadline_s)


@dataclass(frozen=True, slots=True)
class Parts:
    """What `serve` is made of."""

    snmp: SnmpEngine
    keys: KeyRing
    executor: LocalExecutor
    writer: Writer
    pipeline: Pipeline
    poller: Poller
    checks: Rounds
    ssh: SshClient
    logins: Logins
    service: Service


async def serve(here: Surroundings, listen: str, started: Callable[[Serving], Awaitable[None]]) -> None:
    """Poll and answer until SIGTERM or SIGINT; `started` runs beside it once the web answers.

    Raises `WanmonError` where the database is served by another, the port is taken, or the lease was lost.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    # Until everything stands there is nothing to read again, and by default a hangup would end the process.
    loop.add_signal_handler(signal.SIGHUP, lambda: None)
    refusal = await forbidden()
    parts = _composed(here, echo_is_allowed=refusal is None)
    try:
        parts.service.begin()
        _warn(here, parts.pipeline, refusal)
        try:
            await _answer(here, parts, listen, stop, started)
        finally:
            parts.service.end()
    finally:
        await parts.logins.close()
        await parts.ssh.close()
        parts.writer.close(STOP_WITHIN_S)
        await parts.snmp.close()


def _composed(here: Surroundings, *, echo_is_allowed: bool) -> Parts:
    settings, clock = here.settings, SteadyClock(here.clock)
    breaker, snmp = CredentialBreaker(clock), SnmpEngine()
    keys = KeyRing(settings.snmp, here.secrets, snmp, breaker)
    echo = EchoClient(settings.echo.timeout_s, settings.echo.per_second) if echo_is_allowed else None
    executor = LocalExecutor(keys, here.library, echo, settings.snmp)
    writer = Writer(here.database)
    ssh = SshClient(settings.logins.sessions)
    logins = Logins(Entrances(ssh), here.secrets, settings.logins, Through(writer), clock)
    tracer = PathTracer(
        trace, lambda: pipeline.board, keeping(writer), clock, logins, lambda site, hops: verdicts.traced(site, hops)
    )
    pipeline = Pipeline(DeviceRenderer(), StoreRecords(writer, clock, tracer.told))
    pipeline.poller.last_reload_at_s = clock.now().timestamp()
    poller = Poller(executor, pipeline, clock, settings.snmp.in_flight, settings.canaries)
    watch = EngineWatch(snmp.remotes)
    # Where echo is forbidden this client says so with each check that asks for one.
    tools = Tools(echo or EchoClient(settings.echo.timeout_s, settings.echo.per_second), snmp, logins)
    checks = _checks(tools, keys, writer, poller, pipeline, clock)
    verdicts = Verdicts(pipeline, writer, clock)
    service = Service(
        here.database, writer, poller, pipeline, executor, keys, breaker, clock, _live_figures, watch.look, checks,
        {"paths": tracer.run, "verdicts": verdicts.run},
    )  # fmt: skip
    return Parts(snmp, keys, executor, writer, pipeline, poller, checks, ssh, logins, service)


def _checks(
    tools: Tools, keys: KeyRing, writer: Writer, poller: Poller, pipeline: Pipeline, clock: SteadyClock
) -> Rounds:
    records = CheckRecords(writer, clock)
    asker = Asker(tools, keys, records.path)
    return Rounds(
        asker, records, kinds(), clock, pipeline.show_checks, lambda: pipeline.board.is_isolated, poller.answered
    )


def _live_figures(session: Session, inventory: Inventory, now: datetime) -> dict[str, bytes]:
    """The figures of this month and the last one, rendered."""
    months = {"this_month": period.this_month(now), "last_month": period.last_month(now)}
    return lines({label: figures(inventory, history.load(session, month.span, now)) for label, month in months.items()})


async def _answer(
    here: Surroundings,
    parts: Parts,
    listen: str,
    stop: asyncio.Event,
    started: Callable[[Serving], Awaitable[None]],
) -> None:
    """Open the port and run everything until told to stop."""
    listening = _listen(listen)
    try:
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, lambda: _reload(here, parts))
        host, port = listening[0].getsockname()[:2]
        serving = Serving(parts.pipeline, parts.poller, f"{host}:{port}")
        counted = Counted(
            parts.pipeline.poller,
            parts.snmp.counters,
            parts.writer.counters,
            lambda: parts.poller.skipped,
            parts.snmp.remotes,
            parts.checks,
        )
        app = application(serving, Exposition(registry(counted)), here.clock, here.settings.external_url)
        await _run(parts.service, _server(app), listening, stop, started(serving))
    finally:
        for opened in listening:
            opened.close()


async def _run(
    service: Service,
    server: uvicorn.Server,
    listening: list[socket.socket],
    stop: asyncio.Event,
    started: Awaitable[None],
) -> None:
    """Everything at once, until told to stop or until one of them fails."""
    polling = asyncio.ensure_future(service.run())
    answering = asyncio.ensure_future(server.serve(listening))
    telling = asyncio.ensure_future(started)
    stopping = asyncio.ensure_future(stop.wait())
    await asyncio.wait({polling, answering, stopping}, return_when=asyncio.FIRST_COMPLETED)
    server.should_exit = True
    polling.cancel()
    telling.cancel()
    stopping.cancel()
    outcomes = await asyncio.gather(polling, answering, telling, stopping, return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, BaseExceptionGroup):
            lost, _ = outcome.split(LeaseHeld)
            raise lost.exceptions[0] if lost else outcome
        if isinstance(outcome, Exception):
            raise outcome


class _Server(uvicorn.Server):
    """uvicorn without its signal handlers: this process has its own."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _server(app: object) -> uvicorn.Server:
    config = uvicorn.Config(
        app,  # type: ignore[arg-type]  # an ASGI application
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        limit_concurrency=MAX_CONNECTIONS,
        timeout_graceful_shutdown=2,
        http="h11",
        ws="none",
    )
    return _Server(config)


def _warn(here: Surroundings, pipeline: Pipeline, refusal: EchoForbidden | None) -> None:
    """Profiles that cannot be used; and one clear line where echo is asked for and forbidden."""
    for problem in here.library.problems:
        log.warning("profile not loaded", problem=problem)
    if refusal and any(track.target.liveness == "icmp" for track in pipeline.tracks.values()):
        log.warning(str(refusal), consequence="devices are judged by SNMP alone")


def _reload(here: Surroundings, parts: Parts) -> None:
    """Read configuration, secrets and profiles again; what is broken leaves everything as it was, and says so."""
    track, before = parts.pipeline.poller, here.settings
    try:
        here.reread()
    except WanmonError as error:
        track.last_reload_ok = False
        log.error("the configuration is not taken, the old one stays", reason=str(error))
        return
    settings, secrets = here.settings, here.secrets
    for key in AT_START:
        if getattr(settings, key) != getattr(before, key):
            log.warning("a setting takes effect at the next start only", key=key)
    parts.keys.use(settings.snmp, secrets)
    parts.logins.use(settings.logins, secrets)
    parts.executor.use(here.library, settings.snmp)
    if settings.snmp.in_flight != before.snmp.in_flight:
        log.warning("a setting takes effect at the next start only", key="snmp.in_flight")
    for problem in here.library.problems:
        log.warning("profile not loaded", problem=problem)
    track.last_reload_ok, track.last_reload_at_s = True, here.clock.now().timestamp()
    log.info("configuration taken", file=str(settings.file), snmp_credentials=len(secrets.snmp))


def _listen(listen: str) -> list[socket.socket]:
    """Open sockets at HOST:PORT, before anything else begins. Raises `WanmonError`."""
    host, _, port = listen.rpartition(":")
    opened: list[socket.socket] = []
    try:
        for family, kind, _, _, place in socket.getaddrinfo(
            host.strip("[]"), int(port), type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        ):
            listening = socket.socket(family, kind)
            opened.append(listening)
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            listening.bind(place)
            listening.listen(MAX_CONNECTIONS)
            listening.setblocking(False)
    except OSError as error:
        for each in opened:
            each.close()
        raise WanmonError(f"cannot listen on {listen}: {error.strerror}: choose another with --listen") from None
    return opened
