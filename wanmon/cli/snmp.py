"""Ask one agent for objects: get, walk."""

import asyncio
import time
from dataclasses import replace
from functools import partial
from ipaddress import ip_address
from typing import TYPE_CHECKING, Annotated

import typer

from wanmon.cli.frame.options import Output, OutputOption
from wanmon.cli.frame.output import show_records
from wanmon.cli.frame.surroundings import Surroundings
from wanmon.errors import Ambiguous, NotFound, UsageError, WanmonError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wanmon.cli.frame.asking import Ask
    from wanmon.poller.targets import DeviceTarget
    from wanmon.protocols.snmp.asking import Session
from wanmon.protocols.snmp.types import Answer, Oid

app = typer.Typer()

DEADLINE_S = 60.0
_COLUMNS = ("oid", "name", "syntax", "value")

Target = Annotated[str, typer.Argument(metavar="TARGET", help="A device, its site or address.")]
Objects = Annotated[
    list[str], typer.Argument(metavar="OID...", help="Numeric OIDs, or names that a profile knows: ifName, sysName.0.")
]
Credential = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="A credential to use instead; also for an address not in the inventory."),
]
Port = Annotated[int, typer.Option(help="The UDP port of an address that is not in the inventory.", min=1, max=65535)]


@app.command()
def get(
    ctx: typer.Context,
    target: Target,
    objects: Objects,
    credential: Credential = None,
    port: Port = 161,
    output: OutputOption = Output.TABLE,
) -> None:
    """Ask for single instances. Exit 1 if one of them is not there."""
    here: Surroundings = ctx.obj
    oids = [here.library.resolve(text) for text in objects]
    answers = asyncio.run(_ask(here, _target(here, target, credential, port), [partial(_get, oids)]))
    _show(here, answers, output)
    if any(varbind.is_missing for answer in answers for varbind in answer.varbinds):
        raise typer.Exit(1)


@app.command()
def walk(
    ctx: typer.Context,
    target: Target,
    objects: Objects,
    credential: Credential = None,
    port: Port = 161,
    output: OutputOption = Output.TABLE,
) -> None:
    """Ask for everything below each OID."""
    here: Surroundings = ctx.obj
    asks = [partial(_walk, here.library.resolve(text)) for text in objects]
    _show(here, asyncio.run(_ask(here, _target(here, target, credential, port), asks)), output)


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


def _show(here: Surroundings, answers: "Sequence[Answer]", output: Output) -> None:
    """What came, also of an answer that failed half way; then the failure as the error of the command."""
    from wanmon.cli.frame.varbind_view import line, names_of, varbind_record

    names = names_of(here.library.objects())
    varbinds = [varbind for answer in answers for varbind in answer.varbinds]
    if output is Output.TABLE:
        for varbind in varbinds:
            typer.echo(line(varbind, names))
    else:
        show_records([varbind_record(varbind, names) for varbind in varbinds], _COLUMNS, output)
    for answer in answers:
        if answer.reason:
            raise WanmonError(_failure(answer))


def _failure(answer: "Answer") -> str:
    from wanmon.model.reason import Reason

    if answer.reason is Reason.LOCAL and answer.detail:
        return answer.detail
    return f"{answer.reason}: {answer.detail}" if answer.detail else f"no answer: {answer.reason}"
