"""Simulate the devices of an inventory on this machine, or a whole province through a script of faults."""

import asyncio
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wanmon.cli.frame.options import Output, OutputOption
from wanmon.cli.frame.output import console, say, show_json, show_record, show_records
from wanmon.cli.frame.surroundings import Surroundings
from wanmon.errors import NotFound, UsageError

if TYPE_CHECKING:
    from wanmon.config.secrets import SnmpCredential
    from wanmon.lab.agent import Part
    from wanmon.lab.script import Script
    from wanmon.model.inventory import Inventory

app = typer.Typer()

EXAMPLE = "bac-ninh"
FIRST_WALK = "127.28.0.1"
InventoryFolder = Annotated[
    Path | None, typer.Option("--inventory", metavar="FOLDER", help="CSV files of an inventory; else the example.")
]


@app.callback()
def _lab() -> None:
    """Simulate the devices of an inventory on this machine, or a whole province through a script of faults."""


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
    walk: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="Play this recorded walk (.snmprec, also .bz2 or .gz) instead; repeatable."),
    ] = None,
    address: Annotated[
        str, typer.Option(help="Where the first recorded walk answers; the others behind it.")
    ] = FIRST_WALK,
    port: Annotated[int, typer.Option(help="The UDP port of recorded walks.", min=1, max=65535)] = 1161,
) -> None:
    """Answer SNMP for every device of the inventory: 10.27.x.y is played on 127.27.x.y, port 1161.

    With --walk, for recorded devices instead, their counters moving on; without credentials these answer to the
    community `public`.

    A fault is silent, slow SECONDS, rebooted, counters_reset, ifindex_shuffled, garbage, wrong_auth or port_down NAME.
    """
    from wanmon.cli.frame.recordings import public_credential, recordings, told
    from wanmon.lab.agents import run_agents
    from wanmon.lab.province import specs

    here: Surroundings = ctx.obj
    accepted = _accepted(here, credential)
    played: Sequence[Part]
    if walk:
        accepted = accepted or [public_credential()]
        played = chosen = recordings(walk, address, port)
        lines = [told(each, accepted) for each in chosen]
    else:
        played, lines = specs(here.inventory()), []

    def ready() -> None:
        for line in lines:
            say(line)
        say(f"{_counted(len(played))} on loopback; Ctrl-C ends {'it' if len(played) == 1 else 'them'}")

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


def _accepted(here: Surroundings, names: "Sequence[str] | None") -> "list[SnmpCredential]":
    known = here.secrets.snmp
    for name in names or ():
        if name not in known:
            raise NotFound("credential", name, f"{here.settings.secrets_file} has {', '.join(known) or 'none'}")
    return [each for name, each in known.items() if not names or name in names]


def _counted(agents: int) -> str:
    return "1 agent answers" if agents == 1 else f"{agents} agents answer"


@app.command()
def script(
    file: Annotated[
        str | None, typer.Argument(metavar="[SCRIPT]", help="A file, or the name of a shipped one.")
    ] = None,
    inventory: InventoryFolder = None,
    output: OutputOption = Output.TABLE,
) -> None:
    """List the scripts of faults that are shipped; or judge one, and tell what happens in it."""
    from wanmon.cli.frame import simulation_view as view
    from wanmon.lab import script as scripts

    known = _inventory(inventory)
    if file is None:
        shipped = [view.script_record(name, scripts.read(path, known)) for name, path in _shipped()]
        show_records(shipped, view.SCRIPTS, output)
        return
    chosen = scripts.read(scripts.find(file), known)
    if output is Output.TABLE:
        say(f"{chosen.name}: {chosen.days:g} days, {len(chosen.events)} faults")
    show_records(view.event_records(chosen), view.EVENTS, output, none="nothing happens")


@app.command()
def run(
    file: Annotated[str, typer.Argument(metavar="SCRIPT", help="A file, or the name of a shipped one.")],
    sites: Annotated[int | None, typer.Option(metavar="N", min=1, help="Only the first N sites.")] = None,
    days: Annotated[float | None, typer.Option(metavar="D", min=0.001, help="Only so many days of it.")] = None,
    seed: Annotated[int | None, typer.Option(help="Another seed, other dice.")] = None,
    inventory: InventoryFolder = None,
    keep: Annotated[Path | None, typer.Option(metavar="FILE", help="Keep the database that it leaves.")] = None,
    full: Annotated[bool, typer.Option("--full", help="Ask every turn, without the shortcut. Slow.")] = False,
    output: OutputOption = Output.TABLE,
) -> None:
    """Play a script with the real poller on a simulated province, and judge what it found by what really was.

    Exit 0 if nothing was missed and nothing was false, else 1.
    """
    from wanmon.cli.frame import simulation_view as view
    from wanmon.lab import script as scripts
    from wanmon.lab.outcome import examine
    from wanmon.lab.plot import left_out
    from wanmon.lab.run import Run

    if keep is not None and keep.exists():
        raise UsageError(f"--keep {keep}: is there already: name a new file")
    chosen = _with_seed(scripts.read(scripts.find(file), _inventory(inventory)), seed)
    played_on = _inventory(inventory, sites)
    if others := left_out(chosen, played_on):
        say(f"{others} of {len(chosen.events)} events befall sites beyond the first {sites}: they are left out")
    with tempfile.TemporaryDirectory(prefix="wanmon-lab-") as folder:
        simulation = Run(chosen, played_on, keep or Path(folder) / "wanmon.db", days, is_short=not full)
        with _progress(simulation.until_s) as moved:
            played = simulation.play(lambda watch: moved(watch.clock.now_s))
        try:
            verdict = examine(played)
        finally:
            played.database.close()
    records, figures = view.outage_records(verdict, chosen), view.summary(verdict, chosen, played)
    if output is Output.JSON:
        show_json({"summary": figures, "outages": records})
    elif output is Output.CSV:
        show_records(records, view.OUTAGES, output)
    else:
        show_records([row for row in records if view.telling(row)], view.OUTAGES, output, none="no outages")
        typer.echo("")
        show_record(figures, output)
    if verdict.false or verdict.missed:
        raise typer.Exit(1)


def _inventory(folder: Path | None, sites: int | None = None) -> "Inventory":
    """The inventory to play on: that of a folder, or the example."""
    from wanmon.config.layout import shipped
    from wanmon.lab.keeping import shipped_inventory
    from wanmon.lab.province import first_sites

    whole = shipped_inventory(folder or shipped("inventory") / EXAMPLE)
    return whole if sites is None else first_sites(whole, sites)


def _shipped() -> list[tuple[str, Path]]:
    from wanmon.lab.script import shipped_scripts

    return list(shipped_scripts().items())


def _with_seed(chosen: "Script", seed: int | None) -> "Script":
    return chosen if seed is None else chosen.model_copy(update={"seed": seed})


@contextmanager
def _progress(until_s: float) -> Iterator[Callable[[float], None]]:
    """Shows how far the simulated time has come, on a terminal."""
    from wanmon.lab.course import START_S

    if not sys.stderr.isatty():
        yield lambda now_s: None
        return
    from rich.progress import Progress

    with Progress(console=console(stderr=True), transient=True) as progress:
        bar = progress.add_task("simulating", total=until_s - START_S)
        yield lambda now_s: progress.update(bar, completed=now_s - START_S)
