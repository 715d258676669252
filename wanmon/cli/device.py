"""Devices: list, show, add, set, remove."""

from typing import Any

import typer

from wanmon.cli.frame.surroundings import Surroundings
from wanmon.cli.frame.verbs import Face, add_all
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
    from wanmon.model.life import CredentialProtocol
    from wanmon.store.credentials import winners
    from wanmon.store.life import load_states

    with here.database.read() as session:
        state = load_states(session).devices.get(name)
        credential = winners(session, CredentialProtocol.SNMP).get(name, "")
    return {
        "site_name": inventory.sites[inventory.devices[name].site].name,
        "state": state.state if state else "unknown",
        "since": state.since if state else None,
        "reason": state.reason if state else "",
        "credential": credential,
        "circuits": [circuit.code for circuit in inventory.circuits.values() if circuit.device == name],
    }


FACE = Face(
    NOUN["device"],
    help=FACE_HELP,
    table=("name", "site", "role", "address", "port", "liveness", "snmp", "profile"),
    extras=_extras,
)
add_all(app, FACE)
