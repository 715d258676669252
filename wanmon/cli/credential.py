"""Credentials by name, never their values: list, status, test."""

import asyncio
from collections import Counter
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wanmon.cli.frame.amounts import number
from wanmon.cli.frame.options import Output, OutputOption
from wanmon.cli.frame.output import say, show_records
from wanmon.cli.frame.surroundings import Surroundings
from wanmon.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wanmon.poller.targets import DeviceTarget
    from wanmon.protocols.snmp.asking import Session
from wanmon.protocols.snmp.types import Answer

app = typer.Typer()

_LIST = (
    "credential", "protocol", "version", "user", "auth_protocol", "priv_protocol", "networks", "device_count",
    "paused_until", "is_known",
)  # fmt: skip
_STATUS = ("credential", "protocol", "device", "outcome", "paused_until")
_TEST = ("device", "address", "outcome", "detail")


@app.command("list")
def list_credentials(ctx: typer.Context, output: OutputOption = Output.TABLE) -> None:
    """List the credentials of secrets.toml and those that devices name, with who uses them. No values."""
    from wanmon.cli.frame.credential_view import credential_records
    from wanmon.model.life import CredentialProtocol
    from wanmon.store import credentials

    here: Surroundings = ctx.obj
    used = Counter(name for device in here.inventory().devices.values() for name in device.snmp.split(","))
    with here.database.read() as session:
        pauses = {each: credentials.pauses(session, each, here.clock.now()) for each in CredentialProtocol}
    show_records(credential_records(here.secrets, used, pauses), _LIST, output, none="no credentials")


@app.command()
def status(
    ctx: typer.Context,
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="Only this credential.")] = None,
    output: OutputOption = Output.TABLE,
) -> None:
    """Tell which credential each device took last, and which ones rest because devices refused them."""
    from wanmon.cli.frame.credential_view import outcome_records
    from wanmon.model.life import CredentialProtocol
    from wanmon.store import credentials

    here: Surroundings = ctx.obj
    with here.database.read() as session:
        winners = {each: credentials.winners(session, each) for each in CredentialProtocol}
        pauses = {each: credentials.pauses(session, each, here.clock.now()) for each in CredentialProtocol}
    records = outcome_records(winners, pauses)
    show_records(
        [r for r in records if name in (None, r["credential"])], _STATUS, output, none="no device took a credential yet"
    )


@app.command("test")
def try_out(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="An SNMP credential of secrets.toml.")],
    devices: Annotated[list[str] | None, typer.Argument(help="Devices or sites; else all that name it.")] = None,
    output: OutputOption = Output.TABLE,
) -> None:
    """Try a credential on devices, one after another; stops when three refuse it. Exit 1 if none took it, 3 if some."""
    from wanmon.cli.frame.asking import all_targets, named_credential, targets_of

    here: Surroundings = ctx.obj
    named_credential(here, name)
    inventory = here.inventory()
    wanted = targets_of(inventory, devices) if devices else [t for t in all_targets(inventory) if name in t.credentials]
    if not wanted:
        raise UsageError(f"no device names credential {name}: say which to try")
    records = asyncio.run(_test_all(here, wanted, name))
    if records or output is not Output.TABLE:
        show_records(records, _TEST, output)
    if len(records) < len(wanted):
        say(f"stopped after {len(records)} of {number(len(wanted), 'device')}: {_rest(here, name)}")
    took = sum(record["outcome"] == "took" for record in records)
    if took < len(wanted):
        raise typer.Exit(3 if took else 1)


def _rest(here: Surroundings, name: str) -> str:
    """Until when a credential rests, by what is written down."""
    from wanmon.cli.frame.asking import resting
    from wanmon.model.life import CredentialProtocol
    from wanmon.store import credentials

    with here.database.read() as session:
        return resting(name, credentials.paused_until(session, CredentialProtocol.SNMP, name, here.clock.now()))


async def _test_all(here: Surroundings, wanted: "Sequence[DeviceTarget]", name: str) -> list[dict[str, Any]]:
    from dataclasses import replace

    from wanmon.cli.frame.asking import asking
    from wanmon.model.reason import REFUSALS

    records: list[dict[str, Any]] = []
    async with asking(here) as tools:
        for target in wanted:
            if tools.breaker.is_paused(name):
                break
            _, answer = await tools.ask(replace(target, credentials=(name,)), _system)
            detail = answer.detail or (answer.reason or "")
            outcome = "took" if answer.varbinds else "refused" if answer.reason in REFUSALS else "failed"
            records.append({"device": target.name, "address": target.address, "outcome": outcome, "detail": detail})
    return records


async def _system(session: "Session") -> "Answer":
    from wanmon.poller.device.reader import GREETING

    return await session.get(GREETING)
