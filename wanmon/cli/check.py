"""Connectivity toward the hub: run checks now, list them, list their kinds."""

import asyncio
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wanmon.cli.frame.options import Output, OutputOption, Where
from wanmon.cli.frame.output import show_records
from wanmon.cli.frame.surroundings import Surroundings
from wanmon.errors import UsageError, WanmonError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wanmon.cli.frame.checking import Question

app = typer.Typer()

_TABLE = ("site", "check", "target", "verdict", "text")
_DECLARE = "declare some in checks.csv (see wanmon check kinds), then wanmon inventory apply checks.csv"
_KIND_COLUMNS = ("kind", "summary", "params")
_PLATFORM_TABLE = ("platform", "is_verified", "profiles", "ping", "traceroute")


@app.command()
def run(
    ctx: typer.Context,
    sites: Annotated[list[str] | None, typer.Argument(help="Codes, names, addresses or circuit ids.")] = None,
    every: Annotated[bool, typer.Option("--all", help="The checks of every site.")] = False,
    kind: Annotated[str | None, typer.Option(metavar="KIND", help="Only checks of this kind.")] = None,
    output: OutputOption = Output.TABLE,
) -> None:
    """Run the checks that sites have, now. Exit 0 if all are ok, 1 on a warning or worse, 3 if some cannot be told."""
    here: Surroundings = ctx.obj
    if bool(sites) == every:
        raise UsageError("say whose checks to run: sites, or --all")
    from wanmon.cli.frame import checking

    asked = _questions(here, None if every else sites, kind)
    records = asyncio.run(_run_all(here, asked))
    show_records(records, checking.COLUMNS, output, table=_TABLE)
    status = _status({str(record["verdict"]) for record in records})
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
    """List the kinds of check and the parameters that each takes."""
    from wanmon.checks.registry import kinds as known

    records = [
        {
            "kind": kind.name,
            "summary": kind.summary,
            "params": {name: field.default for name, field in kind.params.model_fields.items()},
        }
        for kind in known().values()
    ]
    show_records(records, _KIND_COLUMNS, output)


def _questions(here: Surroundings, sites: "Sequence[str] | None", kind: str | None) -> "list[Question]":
    from wanmon.checks import registry
    from wanmon.cli.frame.checking import questions
    from wanmon.store.search import find_site

    if kind:
        registry.kind(kind)
    known = registry.kinds()
    inventory = here.inventory()
    codes = inventory.sites if sites is None else dict.fromkeys(find_site(inventory, text).code for text in sites)
    asked = questions(inventory, known, list(codes), kind)
    if not asked:
        raise WanmonError(_nothing_to_ask([] if sites is None else list(codes), kind))
    return asked


def _nothing_to_ask(codes: "Sequence[str]", kind: str | None) -> str:
    what = "checks" + (f" of kind {kind}" if kind else "")
    whose = f"site{'s' * (len(codes) > 1)} {', '.join(codes)} {'have' if len(codes) > 1 else 'has'} no {what}"
    return f"{whose if codes else f'there are no {what} yet'}: {_DECLARE}"


async def _run_all(here: Surroundings, asked: "Sequence[Question]") -> list[dict[str, Any]]:
    from wanmon.cli.frame.asking import asking
    from wanmon.cli.frame.checking import run_all

    async with asking(here) as tools:
        return await run_all(asked, tools)


def _status(verdicts: set[str]) -> int:
    if verdicts & {"warning", "critical"}:
        return 1
    return 3 if "unknown" in verdicts else 0


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
