"""Look for what is wrong here, or with a device or address, and say what to do about it."""

import asyncio
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from wanmon.cli.frame.options import Output, OutputOption
from wanmon.cli.frame.output import show_records
from wanmon.cli.frame.surroundings import Surroundings
from wanmon.errors import UsageError

if TYPE_CHECKING:
    from wanmon.cli.frame.doctor.finding import Finding
    from wanmon.cli.frame.doctor.subject import Asked

app = typer.Typer()

_MOST_COMMUNITY = 255


@app.command()
def doctor(
    ctx: typer.Context,
    target: Annotated[str | None, typer.Argument(help="A device, a site or an address; else this machine.")] = None,
    community: Annotated[
        str | None, typer.Option(metavar="-", help="Read a community to try from stdin; never from here.")
    ] = None,
    port: Annotated[int | None, typer.Option(metavar="PORT", min=1, max=65535, help="Its SNMP port.")] = None,
    snmp: Annotated[str | None, typer.Option(metavar="NAME[,NAME]", help="SNMP credentials to try, in order.")] = None,
    ssh: Annotated[str | None, typer.Option(metavar="NAME", help="The SSH credential that it is to have.")] = None,
    output: OutputOption = Output.TABLE,
) -> None:
    """Examine this machine, or a device, the devices of a site, or an address, and end with what to do.

    Exit 0 if all is well, 1 if something is wrong, 3 if there are warnings only. Changes nothing in the inventory.
    """
    from wanmon.cli.frame.doctor.finding import status

    here: Surroundings = ctx.obj
    options = {"--community": community, "--port": port, "--snmp": snmp, "--ssh": ssh}
    if target is None:
        useless = [name for name, value in options.items() if value is not None]
        if useless:
            raise UsageError(f"{', '.join(useless)}: say of which device or address")
        findings = _alone(here)
    else:
        findings = _place(here, target, _asked(community, port, snmp, ssh))
    _show(findings, output)
    if status(findings):
        raise typer.Exit(status(findings))


def _alone(here: Surroundings) -> "list[Finding]":
    from wanmon.cli.frame.doctor import alone

    return alone.examine(here)


def _asked(community: str | None, port: int | None, snmp: str | None, ssh: str | None) -> "Asked":
    from wanmon.cli.frame.doctor.subject import GIVEN, Asked

    names = tuple(name.strip() for name in (snmp or "").split(",") if name.strip())
    if community is None:
        return Asked(port, names, ssh or "")
    if community != "-":
        raise UsageError("--community takes - alone, and reads the community from stdin: argv is for all to see")
    return Asked(port, (GIVEN, *names), ssh or "", sys.stdin.readline(_MOST_COMMUNITY + 2).rstrip("\r\n"))


def _place(here: Surroundings, text: str, asked: "Asked") -> "list[Finding]":
    from wanmon.cli.frame.doctor.subject import given, subjects

    inventory = here.inventory()
    found = subjects(inventory, here.secrets, text, asked)
    if asked.community and len({subject.address for subject in found}) > 1:
        raise UsageError("--community is for one address: name a device instead of its site")
    credential = given(asked.community, found[0].address) if asked.snmp[:1] == ("given",) else None
    from wanmon.cli.frame.asking import asking
    from wanmon.cli.frame.doctor import place
    from wanmon.store.host_keys import every

    with here.database.read() as session:
        keys = every(session)
        session.expunge_all()

    async def examine() -> "list[Finding]":
        async with asking(here, given=credential) as tools:
            each = [await place.examine(here, tools, inventory, one, keys.get(one.target.name)) for one in found]
        return [finding for findings in each for finding in findings]

    return asyncio.run(examine())


def _show(findings: "Sequence[Finding]", output: Output) -> None:
    from wanmon.cli.frame.doctor.finding import COLUMNS
    from wanmon.cli.frame.doctor.place import READY

    told = [finding for finding in findings if output is not Output.TABLE or finding.subject != READY]
    several = len({finding.target for finding in told}) > 1
    columns = COLUMNS if several else COLUMNS[1:]
    show_records([finding.record() for finding in told], COLUMNS, output, table=columns)
    lines = [finding.advice for finding in findings if finding.subject == READY]
    if output is Output.TABLE and lines:
        typer.echo("\n" + "\n".join(lines))
