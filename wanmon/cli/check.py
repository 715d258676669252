"""Connectivity toward the hub: run checks now, list them, list their kinds, tell how they went."""

import asyncio
import sys
from contextlib import contextmanager, nullcontext, suppress
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wanmon.cli.frame.options import DryRun, Output, OutputOption, Where
from wanmon.cli.frame.output import say, show_records
from wanmon.cli.frame.surroundings import Surroundings
from wanmon.errors import UsageError, WanmonError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from wanmon.cli.frame.check_run import Round
    from wanmon.model.inventory import Inventory
    from wanmon.poller.checking.questions import Question

app = typer.Typer()

Kind = Annotated[str | None, typer.Option("--kind", metavar="KIND", help="Only checks of this kind.")]
_DECLARE = "declare some in checks.csv (see wanmon check kinds), then wanmon inventory apply checks.csv"
_PLATFORM_TABLE = ("platform", "is_verified", "profiles", "ping", "traceroute")
_KIND_COLUMNS = ("kind", "vantage", "summary", "params")
_WATCH_EVERY_S = 10.0
_INTERRUPTED = 130


@app.command()
def run(
    ctx: typer.Context,
    sites: Annotated[list[str] | None, typer.Argument(help="Codes, names, addresses or circuit ids.")] = None,
    every_site: Annotated[bool, typer.Option("--all", help="The checks of every site.")] = False,
    kind: Kind = None,
    watch: Annotated[bool, typer.Option("--watch", help="Again and again, until Ctrl-C.")] = False,
    every: Annotated[
        float | None, typer.Option("--every", metavar="SECONDS", min=1, max=86_400, help="How often, with --watch.")
    ] = None,
    plugin: Annotated[
        bool, typer.Option("--plugin", help="One line and an exit status as monitoring plugins have them.")
    ] = False,
    output: OutputOption = Output.TABLE,
) -> None:
    """Run the checks that sites have, now, and judge the way to each site. Exit 0 if all are ok, 1 if none, 3 if some.

    Of sites that are named, what the verdict needs and no check declares is asked as well: (echo), (snmp), (ssh).
    Checks of one --kind alone make no verdict. With --plugin: 0 ok, 1 warning, 2 critical, 3 for everything else.
    """
    here: Surroundings = ctx.obj
    _refuse_mixed(sites, output, every_site=every_site, watch=watch, every=every, plugin=plugin)
    _log_to_stderr()
    inventory = here.inventory()
    asked = _questions(inventory, None if every_site else sites, kind, anyway=not (every_site or kind or plugin))
    judged = None if kind else inventory
    if plugin:
        status = asyncio.run(_plugged(here, asked))
    elif watch:
        status = _watch(here, asked, judged, output, _WATCH_EVERY_S if every is None else every)
    else:
        status = asyncio.run(_once(here, asked, judged, output))
    if status:
        raise typer.Exit(status)


@app.command("list")
def list_checks(ctx: typer.Context, where: Where = None, output: OutputOption = Output.TABLE) -> None:
    """List the checks that the inventory declares."""
    from wanmon.cli.frame.choosing import having
    from wanmon.cli.frame.rows import plain
    from wanmon.model.inventory import NOUN

    noun = NOUN["check"]
    inventory = ctx.obj.inventory()
    records = [plain(noun, row) for _, row in having(noun, inventory.checks, where or ())]
    show_records(records, noun.columns, output, none="no checks")


@app.command()
def kinds(output: OutputOption = Output.TABLE) -> None:
    """List the kinds of check, where each is asked from, and the parameters that it takes."""
    from wanmon.checks.registry import kinds as known

    records = [
        {
            "kind": kind.name,
            "vantage": kind.vantage,
            "summary": kind.summary,
            "params": {name: field.default for name, field in kind.params.model_fields.items()},
        }
        for kind in known().values()
    ]
    show_records(records, _KIND_COLUMNS, output)


@app.command()
def history(
    ctx: typer.Context,
    site: Annotated[str, typer.Argument(metavar="SITE", help="A code, a name, an address or a circuit id.")],
    kind: Kind = None,
    limit: Annotated[int, typer.Option(min=1, max=1_000_000, metavar="NUMBER", help="At most so many.")] = 100,
    output: OutputOption = Output.TABLE,
) -> None:
    """Tell how the checks of a site went, the newest first: a line for each time in which one went one way."""
    from wanmon.cli.frame.checking import HISTORY, stretch_record
    from wanmon.store import stretches

    here: Surroundings = ctx.obj
    inventory = here.inventory()
    code, checks = _checks_of(inventory, site, kind)
    with here.database.read() as session:
        found = stretches.listed(session, code, checks=checks if kind else None, limit=limit + 1)
    records = [stretch_record(each, inventory.checks) for each in found[:limit]]
    show_records(records, HISTORY, output, none=f"no check of {code} was run yet: `wanmon check run {code}`")
    if len(found) > limit:
        say(f"there are more than {limit}: these are the newest; `--limit` shows more")


@app.command()
def accept(
    ctx: typer.Context,
    site: Annotated[str, typer.Argument(metavar="SITE", help="A code, a name, an address or a circuit id.")],
    kind: Annotated[str, typer.Option("--kind", metavar="KIND", help="The kind of check.")] = "path_trace",
    dry_run: DryRun = False,
) -> None:
    """Accept the present path to a site: the next run takes it for what later ones are compared with."""
    from wanmon.store import paths

    here: Surroundings = ctx.obj
    code, checks = _checks_of(here.inventory(), site, kind)
    if dry_run:
        with here.database.read() as session:
            known = paths.baselines(session)
        targets = [target for check, whose, target in known if whose == code and check in checks]
    else:
        with here.database.write() as session:
            targets = [row.target for row in paths.forget(session, code, checks)]
    if not targets:
        raise WanmonError(f"site {code} has no path to compare with yet: the next run of {kind} takes one")
    done = "would be forgotten" if dry_run else "is forgotten: the next run takes the present one"
    say(f"the path of {code} to {', '.join(targets)} {done}")


@app.command()
def platforms(output: OutputOption = Output.TABLE) -> None:
    """List the platforms of routers that checks from the site log in to, and what each is told."""
    from wanmon.platforms import registry
    from wanmon.platforms.asking import PingRequest, TraceRequest

    known = [registry.platform(name) for name in registry.names()]
    ping, trace = PingRequest("192.0.2.1", source="198.51.100.1"), TraceRequest("192.0.2.1", source="198.51.100.1")
    records = [
        {
            "platform": each.name,
            "summary": each.summary,
            "netmiko": each.netmiko,
            "profiles": list(each.profiles),
            "is_verified": each.is_verified,
            "ping": "; ".join(each.ping(ping)),
            "traceroute": "; ".join(each.trace(trace)),
        }
        for each in known
    ]
    show_records(records, list(records[0]), output, table=_PLATFORM_TABLE)


def _refuse_mixed(
    sites: "Sequence[str] | None", output: Output, *, every_site: bool, watch: bool, every: float | None, plugin: bool
) -> None:
    """Raises `UsageError` for options that contradict each other."""
    if plugin and (watch or every_site or output is not Output.TABLE):
        raise UsageError("--plugin writes one line of some sites: leave --watch, --all and --output away")
    if bool(sites) == every_site:
        raise UsageError("say whose checks to run: sites, or --all")
    if every is not None and not watch:
        raise UsageError("--every says how often --watch runs the checks: add --watch")


def _log_to_stderr() -> None:
    """Our own mistakes are told there: stdout is for the answer alone."""
    from wanmon import log

    log.configure("error")


def _questions(
    inventory: "Inventory", sites: "Sequence[str] | None", kind: str | None, *, anyway: bool
) -> "list[Question]":
    """What to ask, site by site; with `anyway` also what the verdicts need and nobody declared."""
    from wanmon.checks import registry
    from wanmon.poller.checking.questions import asked_anyway, questions
    from wanmon.store.search import find_site

    if kind:
        registry.kind(kind)
    known = registry.kinds()
    codes = inventory.sites if sites is None else dict.fromkeys(find_site(inventory, text).code for text in sites)
    asked: list[Question] = []
    for code in codes:
        declared = questions(inventory, known, [code], kind)
        asked += [*declared, *(asked_anyway(inventory, known, code, declared) if anyway else ())]
    if not asked:
        raise WanmonError(_nothing_to_ask([] if sites is None else list(codes), kind, anyway=anyway))
    return asked


def _nothing_to_ask(codes: "Sequence[str]", kind: str | None, *, anyway: bool) -> str:
    if anyway:
        return (
            f"{', '.join(codes)}: neither a check nor an edge device to ask, or retired: see wanmon device add --help"
        )
    what = "checks" + (f" of kind {kind}" if kind else "")
    whose = f"site{'s' * (len(codes) > 1)} {', '.join(codes)} {'have' if len(codes) > 1 else 'has'} no {what}"
    return f"{whose if codes else f'there are no {what} yet'}: {_DECLARE}"


def _checks_of(inventory: "Inventory", site: str, kind: str | None) -> tuple[str, list[str]]:
    """The code of a site, and those of all checks of a kind. Raises `NotFound` for what there is not."""
    from wanmon.checks import registry
    from wanmon.store.search import find_site

    if kind:
        registry.kind(kind)
    codes = [code for code, check in inventory.checks.items() if kind in (None, check.kind)]
    return find_site(inventory, site).code, codes


async def _plugged(here: Surroundings, asked: "Sequence[Question]") -> int:
    from wanmon.cli.frame.check_run import rounds
    from wanmon.cli.frame.plugin import told

    async with rounds(here) as asking:
        found = await asking.run(asked)
    line, status = told(found.asked)
    typer.echo(line)
    return status


async def _once(here: Surroundings, asked: "Sequence[Question]", judged: "Inventory | None", output: Output) -> int:
    from wanmon.cli.frame.check_run import rounds
    from wanmon.cli.frame.checking import status

    async with rounds(here) as asking:
        found = await asking.run(asked, judged)
    _show(found, output)
    return status(found.asked)


def _watch(
    here: Surroundings, asked: "Sequence[Question]", judged: "Inventory | None", output: Output, every_s: float
) -> int:
    """Rounds until Ctrl-C; the exit status is that of the last one."""
    from wanmon.cli.frame.checking import status

    last: list[Round] = []
    with suppress(KeyboardInterrupt):
        asyncio.run(_watched(here, asked, judged, output, every_s, last))
    return status(last[-1].asked) if last else _INTERRUPTED


async def _watched(
    here: Surroundings,
    asked: "Sequence[Question]",
    judged: "Inventory | None",
    output: Output,
    every_s: float,
    last: "list[Round]",
) -> None:
    from wanmon.cli.frame.check_run import rounds

    async with rounds(here) as asking:
        with _redrawn() if output is Output.TABLE and sys.stdout.isatty() else nullcontext(_show) as show:
            while True:
                last[:] = [await asking.run(asked, judged)]
                show(last[0], output)
                await asyncio.sleep(max(0.0, every_s - last[0].took_s))


@contextmanager
def _redrawn() -> "Iterator[Callable[[Round, Output], None]]":
    """Shows each round in the place of the one before."""
    from rich.live import Live

    from wanmon.cli.frame.output import console

    with Live(console=console(), auto_refresh=False) as live:
        yield lambda found, _: live.update(_drawn(found), refresh=True)


def _drawn(found: "Round") -> Any:
    """The sum and the worst above: a terminal may have fewer lines than there are checks."""
    from rich.console import Group
    from rich.text import Text

    from wanmon.cli.frame.checking import TABLE, WORST_FIRST, record, summary
    from wanmon.cli.frame.output import table
    from wanmon.cli.frame.verdict_view import lines

    ordered = sorted(found.asked, key=lambda each: WORST_FIRST.index(each.result.verdict))
    rows = table([record(each) for each in ordered], TABLE)
    verdicts = (Text(line) for line in lines(found.told))
    return Group(Text(summary(found.asked, found.took_s), "bold"), *verdicts, rows)


def _show(found: "Round", output: Output) -> None:
    """The answer on stdout, and the sum of it on stderr."""
    from wanmon.cli.frame.checking import COLUMNS, TABLE, record, summary
    from wanmon.cli.frame.output import show_json
    from wanmon.cli.frame.verdict_view import fields, lines

    records = [record(each) for each in found.asked]
    if output is Output.JSON:
        show_json([{**each, **fields(found.told, each["site"])} for each in records])
    else:
        show_records(records, COLUMNS, output, table=TABLE)
    if output is Output.TABLE:
        for line in lines(found.told):
            typer.echo(line)
    say(summary(found.asked, found.took_s))
