"""The example province is what `inventory/README.md` says it is."""

import unicodedata
from collections import Counter
from ipaddress import ip_address, ip_network
from math import dist
from pathlib import Path

import pytest

from wanmon.exchange import folder, plan
from wanmon.model import rules
from wanmon.model.carrier import CircuitRole
from wanmon.model.inventory import EMPTY, NOUN, NOUNS, Inventory
from wanmon.model.site import SiteKind, SiteStatus

FOLDER = Path(__file__).parents[2] / "inventory" / "bac-ninh"


@pytest.fixture(scope="module")
def province() -> Inventory:
    planned = plan.make(EMPTY, folder.read(str(FOLDER)))
    assert () == planned.problems
    return planned.after


def test_no_rule_is_broken(province):
    assert [] == rules.problems(province)


def test_the_header_of_each_file_is_the_columns_of_its_noun():
    headers = {path.name: path.read_text(encoding="utf-8").partition("\n")[0] for path in FOLDER.glob("*.csv")}

    assert {f"{noun.plural}.csv": ",".join(noun.columns) for noun in NOUNS} == headers


def test_there_are_177_connection_points_and_the_hub(province):
    classes = Counter(site.site_class for site in province.sites.values())

    assert {"hub": 1, "district": 8, "commune": 126, "agency": 43} == classes
    assert ["BN-DC1", *(f"BN-{number:04}" for number in range(1, 178))] == list(province.sites)
    assert {SiteStatus.ACTIVE} == {site.status for site in province.sites.values()}


def test_the_units_are_those_of_2023(province):
    levels = Counter(unit.level.value for unit in province.units.values())
    kinds = Counter(unit.kind for unit in province.units.values() if unit.level == "commune")

    assert {"province": 1, "district": 8, "commune": 126} == levels
    assert {"phường": 52, "xã": 70, "thị trấn": 4} == kinds
    assert all(code == unit.official_code for code, unit in province.units.items())


def test_every_unit_but_the_province_has_one_committee(province):
    committees = Counter(s.unit for s in province.sites.values() if s.kind is SiteKind.PEOPLES_COMMITTEE)

    assert Counter(set(province.units) - {"27"}) == committees


def test_two_wards_are_called_ninh_xa(province):
    """Names are no keys."""
    wards = [unit.code for unit in province.units.values() if unit.name == "Ninh Xá"]
    sites = [site for site in province.sites.values() if site.name == "UBND phường Ninh Xá"]

    assert ["09184", "09445"] == wards
    assert ["BN-0001", "BN-0006"] == [site.parent for site in sites]


def test_all_text_is_nfc_and_ends_lines_with_a_newline():
    for path in FOLDER.glob("*.csv"):
        text = path.read_bytes().decode("utf-8")

        assert unicodedata.normalize("NFC", text) == text
        assert "\r" not in text
        assert text.endswith("\n")


def test_communes_stand_behind_their_district_and_all_others_behind_the_hub(province):
    homes = {site.unit: site.code for site in province.sites.values() if site.site_class == "district"}
    for site in province.sites.values():
        expected = homes[province.units[site.unit].parent] if site.site_class == "commune" else "BN-DC1"

        assert (None if site.site_class == "hub" else expected) == site.parent


def test_every_pin_lies_nearest_to_its_own_district(province):
    centres = {s.unit: (s.latitude, s.longitude) for s in province.sites.values() if s.site_class == "district"}
    for site in province.sites.values():
        if site.site_class == "commune":
            nearest = min(centres, key=lambda unit: dist(centres[unit], (site.latitude, site.longitude)))

            assert province.units[site.unit].parent == nearest


def test_no_two_sites_share_a_pin(province):
    pins = Counter((site.latitude, site.longitude) for site in province.sites.values())

    assert 1 == max(pins.values())


def test_every_site_has_one_edge_router_with_an_address_of_its_own(province):
    addresses = [device.address for device in province.devices.values()]

    assert [f"{code}-R1" for code in province.sites] == list(province.devices)
    assert len(addresses) == len(set(addresses))
    assert all(ip_address(address) in ip_network("10.27.0.0/16") for address in addresses)


def test_no_service_takes_the_address_of_a_device(province):
    services = {service.address for service in province.services.values()}

    assert set() == services & {device.address for device in province.devices.values()}


def test_every_circuit_is_bound_to_a_port_of_its_sites_router(province):
    for circuit in province.circuits.values():
        assert f"{circuit.site}-R1" == circuit.device
        assert ("wan0" if circuit.role is CircuitRole.PRIMARY else "wan1") == circuit.interface


@pytest.mark.parametrize(
    ("site_class", "roles", "mbps"),
    [("district", ["primary", "backup"], 500), ("commune", ["primary"], 100), ("agency", ["primary"], 200)],
)
def test_each_class_has_its_circuits_and_rates(province, site_class, roles, mbps):
    for site in province.sites.values():
        if site.site_class == site_class:
            circuits = [circuit for circuit in province.circuits.values() if circuit.site == site.code]

            assert roles == [circuit.role.value for circuit in circuits]
            assert {mbps * 10**6} == {rate for c in circuits for rate in (c.receive_bps, c.transmit_bps)}
            assert len(circuits) == len({circuit.carrier for circuit in circuits})


def test_the_checks_ask_what_is_there(province):
    assert {"icmp_echo", "snmp_system", "tcp_connect"} == {check.kind for check in province.checks.values()}
    assert {"", "dc-portal"} == {check.target for check in province.checks.values()}
    assert all(not check.target or check.target in province.services for check in province.checks.values())


def test_every_class_is_asked_by_echo_and_snmp_and_the_hub_for_its_portal(province):
    asked = Counter((check.site_class, check.kind) for check in province.checks.values())
    expected = {(site_class, kind): 1 for site_class in province.classes for kind in ("icmp_echo", "snmp_system")}

    assert {**expected, ("hub", "tcp_connect"): 1} == asked


def test_reading_it_twice_changes_nothing(province):
    again = plan.make(province, folder.read(str(FOLDER)), prune=True)

    assert () == again.edits
    assert sum(len(province.rows(NOUN[noun.name])) for noun in NOUNS) == again.unchanged
