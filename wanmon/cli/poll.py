"""Poll devices now and print what was read."""

import asyncio
from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wanmon.cli.frame.options import Output, OutputOption
from wanmon.cli.frame.output import say, show_csv, show_fields, show_json, show_table
from wanmon.cli.frame.progress import progress
from wanmon.cli.frame.surroundings import Surroundings
from wanmon.errors import NotFound, UsageError

if TYPE_CHECKING:
    from wanmon.cli.frame.asking import Asking
    from wanmon.poller.execute import LocalExecutor
    from wanmon.poller.jobs import PollResult
    from wanmon.poller.targets import DeviceTarget

app = typer.Typer()

_PORT_TABLE = (
    "interface", "if_index", "alias", "speed_bps", "admin_status", "oper_status", "receive_bytes", "transmit_bytes",
)  # fmt: skip


class EngineName(StrEnum):
    """Which SNMP engine asks."""

    NATIVE = "native"
    PYSNMP = "pysnmp"


@app.command()
def poll(
    ctx: typer.Context,
    targets: Annotated[list[str] | None, typer.Argument(help="Devices, addresses or sites.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Every device that speaks SNMP.")] = False,
    engine: Annotated[EngineName | None, typer.Option(help="Which SNMP engine asks; else the configured one.")] = None,
    output: OutputOption = Output.TABLE,
) -> None:
    """Poll devices once, now, whether `serve` runs or not. Exit 1 if it failed, 3 if it failed in part."""
    from wanmon.cli.frame.asking import all_targets, targets_of

    here: Surroundings = ctx.obj
    if bool(targets) == every:
        raise UsageError("say whom to poll: devices, addresses or sites, or --all")
    inventory = here.inventory()
    wanted = all_targets(inventory) if every else targets_of(inventory, targets or ())
    if not wanted:
        raise NotFound("device", "--all", "`wanmon device add` brings the first")
    records = asyncio.run(_poll_all(here, wanted, engine))
    _show(records, output)
    failed = [record for record in records if record["reason"]]
    if failed:
        whole = len(failed) == len(records) and not any(record["interfaces"] for record in failed)
        raise typer.Exit(1 if whole else 3)


async def _poll_all(here: Surroundings, wanted: "Sequence[DeviceTarget]", engine: Any) -> list[dict[str, Any]]:
    from wanmon.cli.frame.asking import asking
    from wanmon.cli.frame.poll_view import device_record
    from wanmon.poller.execute import LocalExecutor

    async with asking(here, engine) as tools:
        executor = LocalExecutor(tools.keys, here.library, None, tools.settings)
        places = asyncio.Semaphore(tools.settings.in_flight)
        with progress(len(wanted), "polling") as done:
            results = await asyncio.gather(*(_poll_one(executor, tools, target, places, done) for target in wanted))
        _warn_of_clones(tools)
    _warn_of_missing_ports(here, wanted, results)
    return [device_record(target, result, here.library) for target, result in zip(wanted, results, strict=True)]


async def _poll_one(
    executor: "LocalExecutor",
    tools: "Asking",
    target: "DeviceTarget",
    places: asyncio.Semaphore,
    done: Callable[[], None],
) -> "PollResult":
    from wanmon.poller.agenda import DEADLINE_SHARE
    from wanmon.poller.jobs import Job, PollResult, Task

    async with places:
        result = await executor.execute(Job(Task.FAST, target, DEADLINE_SHARE * target.fast_interval_s))
    assert isinstance(result, PollResult)
    tools.learnt(target.name, result.credential if result.profile else "", result.refused)
    done()
    return result


def _warn_of_clones(tools: "Asking") -> None:
    for engine_id, addresses in tools.snmp.remotes.clones().items():
        say(f"{', '.join(addresses)} have one SNMPv3 engine id ({engine_id}): give each device its own")


def _warn_of_missing_ports(
    here: Surroundings, targets: "Sequence[DeviceTarget]", results: "Sequence[PollResult]"
) -> None:
    """Circuits that end on a port which its device does not have."""
    from wanmon.poller.device.port_names import meant

    ports = {target.name: result.ports for target, result in zip(targets, results, strict=True) if result.ports}
    for circuit in here.inventory().circuits.values():
        there = ports.get(circuit.device or "", ())
        if circuit.interface and there and circuit.interface not in {port.name for port in there}:
            likely = meant(circuit.interface, there)
            advice = f"did you mean {likely!r}?" if likely else "see the interfaces above"
            say(f"{circuit.code} ends on {circuit.interface!r}, and {circuit.device} has no such port: {advice}")


def _show_device(record: dict[str, Any]) -> None:
    from wanmon.cli.frame.health_view import health_lines

    lists = ("identity", "interfaces", "sensors")
    fields = {key: value for key, value in record.items() if key not in lists}
    proposal = record["wan_port"]
    fields["wan_port"] = f"{proposal['interface']}: {proposal['reason']}" if proposal else None
    show_fields({**fields, **record["identity"]})
    show_table(record["interfaces"], _PORT_TABLE)
    show_table(health_lines(record["sensors"]), ("sensor", "name", "value"))


def _show(records: Sequence[dict[str, Any]], output: Output) -> None:
    from wanmon.cli.frame.poll_view import PORT_COLUMNS, port_records

    if output is Output.JSON:
        show_json(records)
    elif output is Output.CSV:
        flat = [port for record in records for port in port_records(record)]
        show_csv(flat, ("device", "site", "reason", *PORT_COLUMNS))
    else:
        for number, record in enumerate(records):
            if number:
                typer.echo()
            _show_device(record)
