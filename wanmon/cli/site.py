"""Sites: list, show, neighbours, add, set, activate, retire, remove."""

from datetime import datetime
from typing import Annotated, Any

import typer

from wanmon.cli.device import FACE_HELP as DEVICE_HELP
from wanmon.cli.frame import choosing, rows, verbs
from wanmon.cli.frame.changing import change
from wanmon.cli.frame.options import Author, DryRun, Output, OutputOption, Reason, UnitOption, Where
from wanmon.cli.frame.output import say, show_record, show_records
from wanmon.cli.frame.signature import sign
from wanmon.cli.frame.surroundings import Surroundings
from wanmon.clock import LOCAL
from wanmon.errors import UsageError
from wanmon.model.inventory import NOUN, Edit, Inventory, units_within
from wanmon.model.site import SiteKind, SiteStatus

app = typer.Typer()
SITE, DEVICE = NOUN["site"], NOUN["device"]
_WHICH = "Codes, names with or without diacritics, addresses or circuit ids."
_NOBODY_HEARD = "no neighbour was told yet: `serve` asks every device that speaks SNMP for them once an hour"
_DEVICE_COLUMNS = ("role", "address", "port", "liveness", "snmp", "profile")

_FACE = verbs.Face(
    SITE,
    help={
        "name": "Its name.",
        "unit": "The code of the unit that it serves.",
        "kind": "What sort of office it is; a datacenter is a hub.",
        "site_class": "How closely it is watched.",
        "status": "Planned sites are polled and never alert.",
        "parent": "The site on its way to the hub; a hub has none.",
        "second_parent": "The other way, if there is one.",
        "latitude": "North, in degrees.",
        "longitude": "East, in degrees.",
        "street": "Where to send somebody.",
        "activated_on": "The first day that counts.",
        "retired_on": "The last day that counted.",
    },
    table=("code", "name", "unit", "kind", "site_class", "status", "parent", "second_parent"),
)
_DEVICE_FACE = verbs.Face(DEVICE, help={c: f"Of its edge router: {DEVICE_HELP[c]}" for c in _DEVICE_COLUMNS}, table=())


@app.command("list")
def list_sites(
    ctx: typer.Context,
    query: Annotated[str, typer.Argument(help="Words to look for, with or without diacritics.")] = "",
    unit: UnitOption = None,
    status: Annotated[SiteStatus | None, typer.Option(help="Only those of this status.")] = None,
    where: Where = None,
    output: OutputOption = Output.TABLE,
) -> None:
    """List the sites; with QUERY those that have its words in code, name, devices, addresses or circuits."""
    inventory = ctx.obj.inventory()
    units = units_within(inventory, choosing.find(inventory, NOUN["unit"], unit)) if unit else None
    keys = [
        key
        for key, row in choosing.having(SITE, inventory.sites, where or ())
        if (units is None or inventory.sites[key].unit in units) and status in (None, inventory.sites[key].status)
    ]
    verbs.show_keys(ctx.obj, _FACE, inventory, choosing.looked_for(inventory, SITE, query, keys), output)


@app.command()
def show(
    ctx: typer.Context,
    site: Annotated[str, typer.Argument(metavar="SITE", help=_WHICH)],
    output: OutputOption = Output.TABLE,
) -> None:
    """Show one site: its fields, state, parents, devices and circuits."""
    from wanmon.cli.frame.site_view import site_record
    from wanmon.store.life import load_states

    here: Surroundings = ctx.obj
    inventory = here.inventory()
    with here.database.read() as session:
        states = load_states(session)
    code = choosing.find(inventory, SITE, site)
    record = site_record(inventory, states, code, here.clock.now())
    del record["site"]  # the row has it as `code`
    show_record({**rows.plain(SITE, inventory.sites[code]), **record}, output)


@app.command()
def neighbours(
    ctx: typer.Context,
    site: Annotated[str | None, typer.Argument(metavar="SITE", help=_WHICH)] = None,
    every: Annotated[bool, typer.Option("--all", help="What all sites see.")] = False,
    output: OutputOption = Output.TABLE,
) -> None:
    """Show who a site's devices say that they are connected to, and where that contradicts the parents.

    Devices tell it by LLDP or CDP, once an hour while `serve` runs. The inventory is never changed by it.
    """
    from wanmon.cli.frame.neighbour_view import COLUMNS, TABLE, counted, neighbour_records
    from wanmon.store.life import last_beat
    from wanmon.store.neighbours import load

    if (site is None) is not every:
        raise UsageError("say whose neighbours: a site, or --all")
    here: Surroundings = ctx.obj
    inventory = here.inventory()
    sites = None if site is None else {choosing.find(inventory, SITE, site)}
    with here.database.read() as session:
        rows, as_of = load(session), last_beat(session)
    records = neighbour_records(inventory, rows, as_of or here.clock.now(), sites)
    show_records(records, COLUMNS, output, table=TABLE, none=_NOBODY_HEARD)
    if records:
        say(counted(records))


def _add(
    ctx: typer.Context, key: str, dry_run: bool, author: str | None, reason: str, device: str | None, **flags: Any
) -> None:
    values = rows.given(flags)
    if values.get("kind") not in (None, SiteKind.DATACENTER) and not values.get("parent"):
        raise UsageError(f"site {key}: missing --parent: only a datacenter has none")
    of_device = {column: values.pop(column) for column in _DEVICE_COLUMNS if column in values}
    edits = [rows.addition(SITE, key, values)]
    if of_device or device:
        edits.append(rows.addition(DEVICE, device or f"{key}-R1", {**of_device, "site": key}))
    change(ctx.obj, lambda inventory: edits, sign(f"site add {key}", author, reason), dry_run=dry_run)


verbs.register(
    app,
    "add",
    "Add a site; with --address and --snmp its edge router, too.",
    _add,
    [
        verbs.parameter("key", Annotated[str, typer.Argument(metavar="CODE", help="For life, never reused.")]),
        *verbs.flag_parameters(_FACE, needed=rows.required(SITE)),
        verbs.parameter(
            "device", Annotated[str | None, typer.Option(metavar="NAME", help="Its edge router; else CODE-R1.")], None
        ),
        *verbs.flag_parameters(_DEVICE_FACE, columns=_DEVICE_COLUMNS),
    ],
)
verbs.add_set(app, _FACE)


@app.command()
def activate(
    ctx: typer.Context,
    sites: Annotated[list[str], typer.Argument(help=_WHICH)],
    dry_run: DryRun = False,
    author: Author = None,
    reason: Reason = "",
) -> None:
    """Make sites active from today on: they alert and count."""
    values = {"status": SiteStatus.ACTIVE, "activated_on": _today(ctx.obj), "retired_on": None}
    _turn(ctx.obj, sites, values, sign(f"site activate {' '.join(sites)}"[:200], author, reason), dry_run=dry_run)


@app.command()
def retire(
    ctx: typer.Context,
    sites: Annotated[list[str], typer.Argument(help=_WHICH)],
    dry_run: DryRun = False,
    author: Author = None,
    reason: Reason = "",
) -> None:
    """Retire sites from today on: they are no longer polled, and their codes stay theirs."""
    values = {"status": SiteStatus.RETIRED, "retired_on": _today(ctx.obj)}
    _turn(ctx.obj, sites, values, sign(f"site retire {' '.join(sites)}"[:200], author, reason), dry_run=dry_run)


verbs.add_remove(app, _FACE)


def _turn(here: Surroundings, sites: list[str], values: dict[str, Any], signature: Any, *, dry_run: bool) -> None:
    """Give sites another status, and leave alone those that have it: their date tells the past."""

    def wish(inventory: Inventory) -> list[Edit]:
        keys = choosing.several(inventory, SITE, sites, None)
        turning = [key for key in keys if inventory.sites[key].status is not values["status"]]
        return rows.alterations(inventory, SITE, turning, values)

    change(here, wish, signature, dry_run=dry_run)


def _today(here: Surroundings) -> Any:
    now: datetime = here.clock.now()
    return now.astimezone(LOCAL).date()
