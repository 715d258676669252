"""Circuits: list, show, add, set, remove."""

import typer

from wanmon.cli.frame.surroundings import Surroundings
from wanmon.cli.frame.verbs import Face, add_all
from wanmon.model.inventory import NOUN, Inventory

app = typer.Typer()


def _extras(here: Surroundings, inventory: Inventory, code: str) -> dict[str, str]:
    circuit = inventory.circuits[code]
    carrier = inventory.carriers[circuit.carrier]
    return {
        "site_name": inventory.sites[circuit.site].name,
        "carrier_name": carrier.name,
        "carrier_hotline": carrier.hotline,
    }


add_all(
    app,
    Face(
        NOUN["circuit"],
        help={
            "site": "The code of the site that it serves.",
            "carrier": "The code of its carrier.",
            "contract": "The contract document.",
            "role": "Whether it carries the traffic or stands by.",
            "receive_bps": "The contracted rate towards the site, in bit/s.",
            "transmit_bps": "The contracted rate from the site, in bit/s.",
            "starts_on": "The first day of the contract.",
            "ends_on": "The last day of the contract.",
            "device": "The device that ends it.",
            "interface": "The port of that device.",
            "probe_address": "The far side of the hand-off, if it answers.",
            "availability_target": "The share of the time that the contract promises: 0.995 for 99.5 %.",
            "excused": "Causes that are not charged to the carrier, separated by commas; blank for the usual ones.",
        },
        table=("code", "site", "carrier", "role", "receive_bps", "transmit_bps", "device", "interface", "ends_on"),
        extras=_extras,
    ),
)
