"""Devices: list, show, add, set, replace, remove, trust."""

from typing import Annotated, Any

import typer

from wanmon.cli.frame.options import Author, DryRun, Output, OutputOption, Reason
from wanmon.cli.frame.output import say, show_records
from wanmon.cli.frame.signature import sign
from wanmon.cli.frame.surroundings import Surroundings
from wanmon.cli.frame.verbs import Face, add_all, flag_parameters, parameter, register
from wanmon.model.inventory import NOUN, Inventory

app = typer.Typer()

FACE_HELP = {
    "site": "The code of its site.",
    "role": "Edge routers speak for the site; others only degrade it.",
    "address": "Its management address, IPv4 or IPv6.",
    "port": "Its SNMP port.",
    "liveness": "How its life is judged: icmp, snmp or tcp:PORT.",
    "snmp": "Names of its SNMP credentials in the order to try, or `none` on purpose.",
    "profile": "Its profile, or `auto`.",
    "ssh": "Names of its SSH credentials in the order to try, or `none`.",
    "ssh_port": "Its SSH port.",
    "platform": "How its command line speaks (`wanmon check platforms`), or `auto` as its profile says.",
}


def _extras(here: Surroundings, inventory: Inventory, name: str) -> dict[str, Any]:
    from wanmon.cli.frame.machine_view import host_key_record, machine_records
    from wanmon.model.life import CredentialProtocol
    from wanmon.store.credentials import winners
    from wanmon.store.host_keys import trusted
    from wanmon.store.life import load_states
    from wanmon.store.machines import of

    with here.database.read() as session:
        state = load_states(session).devices.get(name)
        credential = winners(session, CredentialProtocol.SNMP).get(name, "")
        login = winners(session, CredentialProtocol.SSH).get(name, "")
        key, stood = trusted(session, name), of(session, name)
    return {
        "site_name": inventory.sites[inventory.devices[name].site].name,
        "state": state.state if state else "unknown",
        "since": state.since if state else None,
        "reason": state.reason if state else "",
        "credential": credential,
        "login": login,
        **host_key_record(inventory.devices[name], key),
        "circuits": [circuit.code for circuit in inventory.circuits.values() if circuit.device == name],
        "machines": machine_records(stood),
    }


def _listed(here: Surroundings, inventory: Inventory) -> dict[str, dict[str, Any]]:
    from wanmon.cli.frame.machine_view import host_key_word
    from wanmon.store.host_keys import every

    with here.database.read() as session:
        keys = every(session)
    return {name: {"host_key": host_key_word(device, keys.get(name))} for name, device in inventory.devices.items()}


FACE = Face(
    NOUN["device"],
    help=FACE_HELP,
    table=("name", "site", "role", "address", "port", "liveness", "snmp", "profile", "host_key"),
    extras=_extras,
    listed=("host_key",),
    also=_listed,
)
add_all(app, FACE)


def _replace(
    ctx: typer.Context,
    name: str,
    interface: list[str] | None,
    fingerprint: str | None,
    dry_run: bool,
    author: str | None,
    reason: str,
    **flags: str | None,
) -> None:
    from wanmon.cli.frame import fingerprints, replacing
    from wanmon.cli.frame.rows import given

    here: Surroundings = ctx.obj
    wanted = replacing.Replacement(
        replacing.find(here.inventory(), name),
        given(flags),
        replacing.port_names(interface or ()),
        None if fingerprint is None else fingerprints.fingerprint(fingerprint),
    )
    signature = sign(f"device replace {wanted.device}", author, reason)
    replacing.replace(here, wanted, signature, dry_run=dry_run)


register(
    app,
    "replace",
    "Put another machine in the place of a device; the old one stays in its history.",
    _replace,
    [
        parameter("name", Annotated[str, typer.Argument(metavar="DEVICE", help="Its name.")]),
        *flag_parameters(FACE, columns=("address", "port", "snmp", "profile", "ssh", "ssh_port", "platform")),
        parameter(
            "interface",
            Annotated[
                list[str] | None,
                typer.Option(metavar="OLD=NEW", help="A port that circuits end on, and its name on the new machine."),
            ],
            None,
        ),
        parameter(
            "fingerprint",
            Annotated[str | None, typer.Option(metavar="SHA256:...", help="Its host key, as its console shows it.")],
            None,
        ),
    ],
)


@app.command()
def trust(
    ctx: typer.Context,
    names: Annotated[list[str] | None, typer.Argument(metavar="DEVICE...", help="Their names.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Every device with a login and no trusted key.")] = False,
    fingerprint: Annotated[
        str | None, typer.Option(metavar="SHA256:...", help="The key that it must show, as its console has it.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Trust what is shown, unasked; never another key.")] = False,
    dry_run: DryRun = False,
    author: Author = None,
    reason: Reason = "",
    output: OutputOption = Output.TABLE,
) -> None:
    """Trust devices by the SSH host keys that they show, after asking. Exit 1 if none is trusted then, 3 if some."""
    from wanmon.cli.frame import fingerprints, trusting
    from wanmon.store.host_keys import every as every_key

    here: Surroundings = ctx.obj
    with here.database.read() as session:
        keys = list(every_key(session))
    devices = trusting.devices_of(here.inventory(), keys, names or (), every=every)
    word = trusting.Word(None if fingerprint is None else fingerprints.fingerprint(fingerprint), yes)
    trusting.refuse_unasked(word, devices)
    named = "--all" if every else " ".join(device.name for device in devices)
    records = trusting.trust(here, devices, word, sign(f"device trust {named}"[:200], author, reason), dry_run=dry_run)
    show_records(records, trusting.COLUMNS, output, table=trusting.COLUMNS[:-1])
    for record in records:
        if record["detail"]:
            say(record["detail"])
    good = sum(record["outcome"] in (trusting.Outcome.TRUSTED, trusting.Outcome.ALREADY) for record in records)
    if good < len(records):
        raise typer.Exit(3 if good else 1)
