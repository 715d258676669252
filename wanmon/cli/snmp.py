"""Ask one agent for objects: get, walk."""

import asyncio
import time
from dataclasses import replace
from functools import partial
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wanmon.cli.frame.options import Output, OutputOption
from wanmon.cli.frame.output import say, show_records
from wanmon.cli.frame.surroundings import Surroundings
from wanmon.errors import Ambiguous, NotFound, UsageError, WanmonError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wanmon.cli.frame.asking import Ask
    from wanmon.poller.targets import DeviceTarget
    from wanmon.profiles.names import Names
    from wanmon.protocols.snmp.asking import Session
    from wanmon.protocols.snmp.types import Answer, Oid

app = typer.Typer()

DEADLINE_S = 60.0

Target = Annotated[str, typer.Argument(metavar="TARGET", help="A device, its site or address.")]
Objects = Annotated[
    list[str],
    typer.Argument(
        metavar="OID...",
        help="Numeric OIDs, or names of standard MIBs and profiles: ifName, sysName.0; to walk, also ifTable.",
    ),
]
Credential = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="A credential to use instead; also for an address not in the inventory."),
]
Port = Annotated[int, typer.Option(help="The UDP port of an address that is not in the inventory.", min=1, max=65535)]
Raw = Annotated[bool, typer.Option("--raw", help="Numbers and hex digits only: no names, no meanings.")]


@app.command()
def get(
    ctx: typer.Context,
    target: Target,
    objects: Objects,
    credential: Credential = None,
    port: Port = 161,
    raw: Raw = False,
    output: OutputOption = Output.TABLE,
) -> None:
    """Ask for single instances. Exit 1 if one of them is not there."""
    here: Surroundings = ctx.obj
    names = here.names
    oids = [names.resolve(text) for text in objects]
    answers = asyncio.run(_ask(here, _target(here, target, credential, port), [partial(_get, oids)]))
    _show(answers, None if raw else names, output)
    _complain(answers)
    if any(varbind.is_missing for answer in answers for varbind in answer.varbinds):
        raise typer.Exit(1)


@app.command()
def walk(
    ctx: typer.Context,
    target: Target,
    objects: Annotated[
        list[str] | None, typer.Argument(metavar="[OID...]", help="As for get; with --record everything if none.")
    ] = None,
    credential: Credential = None,
    port: Port = 161,
    record: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write a walk that `wanmon lab agents --walk FILE` plays, and print none."),
    ] = None,
    raw: Raw = False,
    output: OutputOption = Output.TABLE,
) -> None:
    """Ask for everything below each OID. What came before a failure is shown, or recorded, too."""
    here: Surroundings = ctx.obj
    names = here.names
    roots = [names.root(text) for text in objects or ()]
    if record is not None:
        _record(here, _target(here, target, credential, port), roots, record)
        return
    if not roots:
        raise UsageError("say what to walk: OIDs or names; or --record FILE for everything that the agent has")
    asks = [partial(_walk, root) for root in roots]
    answers = asyncio.run(_ask(here, _target(here, target, credential, port), asks))
    _show(answers, None if raw else names, output)
    _complain(answers)


def _record(here: Surroundings, target: "DeviceTarget", roots: "Sequence[Oid]", file: Path) -> None:
    """Walk in parts and write what came; what failed is the error of the command, after that."""
    from wanmon.cli.frame import recorder

    recorder.check_new(file)
    roots = roots or [recorder.WHOLE_TREE]
    with recorder.progress() as moved:
        asks = [partial(recorder.walk_in_parts, root, moved) for root in roots]
        answers = asyncio.run(_ask(here, target, asks))
    count = recorder.write(file, roots, answers, here.clock.now())
    if count:
        say(f"{count} instances written to {file}")
    _complain(answers)
    if not count:
        raise WanmonError(f"{target.address} has nothing there: {file} was not written")


async def _get(oids: "Sequence[Oid]", session: "Session") -> "Answer":
    return await session.get(oids, time.monotonic() + DEADLINE_S)


async def _walk(root: "Oid", session: "Session") -> "Answer":
    return await session.walk(root, time.monotonic() + DEADLINE_S)


async def _ask(here: Surroundings, target: "DeviceTarget", asks: "Sequence[Ask]") -> "list[Answer]":
    from wanmon.cli.frame.asking import asking

    async with asking(here) as tools:
        return [(await tools.ask(target, ask))[1] for ask in asks]


def _target(here: Surroundings, text: str, credential: str | None, port: int) -> "DeviceTarget":
    """A device of the inventory, or an address with a credential that may be sent there."""
    from wanmon.cli.frame.asking import address_target, named_credential, targets_of

    if credential:
        named_credential(here, credential)
    try:
        found = targets_of(here.inventory(), [text])
    except NotFound:
        if not _is_address(text):
            raise
        if not credential:
            raise UsageError(f"{text} is not in the inventory: give --credential NAME") from None
        return address_target(text, port, credential)
    if len(found) > 1:
        raise Ambiguous("device", text, [f"{each.name} {each.address}" for each in found])
    return replace(found[0], credentials=(credential,)) if credential else found[0]


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _show(answers: "Sequence[Answer]", names: "Names | None", output: Output) -> None:
    """What came, also of an answer that failed half way; without names as numbers and digits only."""
    from wanmon.cli.frame import varbind_view as view

    varbinds = [varbind for answer in answers for varbind in answer.varbinds]
    if output is Output.TABLE:
        for varbind in varbinds:
            typer.echo(view.line(varbind, names) if names else view.raw_line(varbind))
    elif names:
        show_records([view.varbind_record(varbind, names) for varbind in varbinds], view.COLUMNS, output)
    else:
        show_records([view.raw_record(varbind) for varbind in varbinds], view.RAW_COLUMNS, output)


def _complain(answers: "Sequence[Answer]") -> None:
    """Make the first failure the error of the command."""
    for answer in answers:
        if answer.reason:
            raise WanmonError(_failure(answer))


def _failure(answer: "Answer") -> str:
    from wanmon.model.reason import Reason

    if answer.reason is Reason.LOCAL and answer.detail:
        return answer.detail
    return f"{answer.reason}: {answer.detail}" if answer.detail else f"no answer: {answer.reason}"
