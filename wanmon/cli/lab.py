"""Simulate the devices of an inventory on this machine."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from wanmon.cli.frame.output import say
from wanmon.cli.frame.surroundings import Surroundings
from wanmon.errors import NotFound

app = typer.Typer()


@app.callback()
def _lab() -> None:
    """Simulate the devices of an inventory on this machine."""


@app.command()
def agents(
    ctx: typer.Context,
    faults: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="YAML like `BN-0001-R1: silent`, looked at once a second while running."),
    ] = None,
    credential: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Credentials to answer to; all SNMP ones by default.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Another seed, another province.")] = 0,
    while_stdin_open: Annotated[
        bool, typer.Option("--while-stdin-open", help="End when standard input does, as a child process should.")
    ] = False,
) -> None:
    """Answer SNMP for every device of the inventory: 10.27.x.y is played on 127.27.x.y, port 1161.

    A fault is silent, slow SECONDS, rebooted, counters_reset, ifindex_shuffled, garbage, wrong_auth or port_down NAME.
    """
    from wanmon.lab.agents import run_agents
    from wanmon.lab.province import specs

    here: Surroundings = ctx.obj
    known = here.secrets.snmp
    for name in credential or ():
        if name not in known:
            raise NotFound("credential", name, f"{here.settings.secrets_file} has {', '.join(known) or 'none'}")
    accepted = [each for name, each in known.items() if not credential or name in credential]
    played = specs(here.inventory())

    def ready() -> None:
        say(f"{len(played)} agents answer on loopback; Ctrl-C ends them")

    work = run_agents(
        played,
        accepted,
        here.clock,
        seed=seed,
        control_file=faults,
        while_stdin_open=while_stdin_open,
        ready=ready,
    )
    asyncio.run(work)
