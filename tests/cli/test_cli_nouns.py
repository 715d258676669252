"""`list`, `show`, `add`, `set`, `remove` of units, carriers, sites, devices and circuits."""

import getpass
import json
import socket
from datetime import date

import pytest

from wanmon.model.site import SiteStatus
from wanmon.store import inventory
from wanmon.store.database import Database

ADD = (
    "--name",
    "Trạm y tế Võ Cường",
    "--unit",
    "256",
    "--kind",
    "department",
    "--class",
    "agency",
    "--parent",
    "BN-DC1",
)


def codes(ended) -> list[str]:
    return [row["code"] for row in json.loads(ended.out)]


@pytest.fixture
def latest_change(province):
    """The newest changeset and its changes as (noun, key, field, old, new)."""

    def load():
        database = Database.open(f"sqlite:///{province}/var/wanmon.db")
        with database.read() as session:
            found = inventory.changes(session)
        database.close()
        newest = found[0][0]
        rows = [(c.noun, c.key, c.field, c.old, c.new) for changeset, c in found if changeset.id == newest.id]
        return newest, rows[::-1]

    return load


@pytest.mark.parametrize(
    "text",
    ["BN-0002", "bn-0002", "UBND huyện Yên Phong", "yen phong", "10.27.2.1", "VNPT-BN-0002-1", "BN-0002-R1"],
    ids=["code", "code in small letters", "name", "part of it without diacritics", "address", "circuit", "device"],
)
def test_a_site_is_found_by_whatever_one_knows_of_it(wanmon, province, text):
    assert "BN-0002" == json.loads(wanmon("site", "show", text, "-o", "json").out)["code"]


def test_a_list_can_be_searched_and_narrowed(wanmon, province):
    in_district = codes(wanmon("site", "list", "--unit", "Yên Phong", "-o", "json"))

    assert "BN-0002" in in_district
    assert 15 == len(in_district)
    assert ["BN-0002"] == codes(wanmon("site", "list", "yen phong huyen", "-o", "json"))
    assert [] == codes(wanmon("site", "list", "--status", "planned", "-o", "json"))
    assert 8 == len(codes(wanmon("site", "list", "--where", "class=district", "-o", "json")))
    assert ["VIETTEL"] == codes(wanmon("carrier", "list", "viettel", "-o", "json"))


def test_a_site_is_added_with_its_router_in_one_change(wanmon, stored, latest_change):
    ended = wanmon(
        "site", "add", "BN-0200", *ADD, "--address", "10.27.9.200", "--snmp", "wan-v2c", "--liveness", "snmp"
    )
    rows = stored()
    _, changes = latest_change()

    assert (0, ["change 2: 1 site added, 1 device added"]) == (ended.status, ended.errors)
    assert SiteStatus.PLANNED is rows.sites["BN-0200"].status
    device = rows.devices["BN-0200-R1"]
    assert ("10.27.9.200", "snmp", "wan-v2c") == (device.address, device.liveness, device.snmp)
    assert [("site", "BN-0200"), ("device", "BN-0200-R1")] == [change[:2] for change in changes]


def test_a_dry_run_shows_what_would_be_added_and_adds_nothing(wanmon, untouched):
    ended = wanmon("site", "add", "BN-0200", *ADD, "--address", "10.27.9.200", "--snmp", "wan-v2c", "--dry-run")

    assert 0 == ended.status
    site, device = ended.out.splitlines()[1:]
    assert ["add", "site", "BN-0200"] == site.split()[:3]
    assert (
        "name=Trạm y tế Võ Cường, unit=256, kind=department, site_class=agency, status=planned, parent=BN-DC1" in site
    )
    assert ["add", "device", "BN-0200-R1"] == device.split()[:3]
    assert "address=10.27.9.200, port=161, liveness=icmp, snmp=wan-v2c" in device
    assert untouched()


def test_a_dry_run_is_refused_for_the_same_reasons(wanmon, untouched):
    ended = wanmon("site", "add", "BN-0001", *ADD, "--dry-run")

    assert (1, ["wanmon: site BN-0001: already exists"]) == (ended.status, ended.errors)
    assert untouched()


def test_what_is_set_is_logged_with_author_reason_and_place(wanmon, latest_change):
    wanmon("carrier", "set", "VNPT", "--hotline", "18001260", "--author", "Trần Thị B", "--reason", "số mới")
    changeset, changes = latest_change()

    assert ("Trần Thị B", "số mới", "carrier set VNPT") == (changeset.author, changeset.reason, changeset.command)
    assert changeset.origin.startswith(socket.gethostname())
    assert [("carrier", "VNPT", "hotline", "0000 000 001", "18001260")] == changes


def test_the_author_is_who_became_root_or_else_the_user(wanmon, latest_change, monkeypatch):
    wanmon("carrier", "set", "VNPT", "--email", "a@vnpt.example")
    assert getpass.getuser() == latest_change()[0].author

    monkeypatch.setenv("SUDO_USER", "truc-ca")
    monkeypatch.setenv("SSH_CONNECTION", "10.27.0.99 50000 10.27.0.5 22")
    wanmon("carrier", "set", "VNPT", "--email", "b@vnpt.example")
    changeset, _ = latest_change()
    assert "truc-ca" == changeset.author
    assert changeset.origin.endswith(" from 10.27.0.99")


def test_names_in_decomposed_form_are_kept_composed(wanmon, stored):
    """macOS and some spreadsheets write NFD."""
    wanmon("unit", "set", "256", "--name", "Ba\u0306\u0301c Ninh")

    assert "B\u1eafc Ninh" == stored().units["256"].name


def test_several_rows_are_set_by_a_value_that_they_have(wanmon, stored):
    ended = wanmon("device", "set", "--where", "snmp=wan-v2c", "--where", "site=BN-0001", "--snmp", "new,wan-v2c")
    assert (0, ["change 2: 1 device changed"]) == (ended.status, ended.errors)

    ended = wanmon("device", "set", "--where", "snmp=wan-v2c", "--snmp", "new,wan-v2c")
    assert ["change 3: 177 devices changed"] == ended.errors
    assert {"new,wan-v2c"} == {device.snmp for device in stored().devices.values()}


def test_setting_what_is_so_already_changes_nothing(wanmon, untouched):
    ended = wanmon("device", "set", "BN-0001-R1", "--snmp", "wan-v2c")

    assert (0, ["nothing to change: everything is so already"]) == (ended.status, ended.errors)
    assert untouched()


def test_an_empty_value_clears_a_field(wanmon, stored):
    wanmon("site", "set", "BN-0009", "--second-parent", "BN-0002")
    assert "BN-0002" == stored().sites["BN-0009"].second_parent

    wanmon("site", "set", "BN-0009", "--second-parent", "")
    assert stored().sites["BN-0009"].second_parent is None


def test_a_site_is_activated_and_retired_on_the_local_day(wanmon, stored):
    wanmon("site", "add", "BN-0200", *ADD)
    ended = wanmon("site", "activate", "BN-0200")
    site = stored().sites["BN-0200"]
    assert (0, SiteStatus.ACTIVE, date(2026, 3, 2)) == (ended.status, site.status, site.activated_on)

    ended = wanmon("site", "retire", "BN-0200", "--reason", "nhập vào BN-0001")
    site = stored().sites["BN-0200"]
    assert (0, SiteStatus.RETIRED, date(2026, 3, 2)) == (ended.status, site.status, site.retired_on)


def test_activating_an_active_site_leaves_its_date_alone(wanmon, untouched):
    ended = wanmon("site", "activate", "BN-0001", "BN-0002")

    assert (0, ["nothing to change: everything is so already"]) == (ended.status, ended.errors)
    assert untouched()


@pytest.mark.parametrize(
    ("noun", "key", "flags", "change"),
    [
        ("unit", "99999", ["--name", "Nam Sơn", "--level", "commune", "--parent", "256"], ["--kind", "phường"]),
        ("carrier", "FPT", ["--name", "FPT Telecom"], ["--hotline", "1900 6600"]),
        (
            "device",
            "BN-0001-U1",
            ["--site", "BN-0001", "--role", "ups", "--address", "10.27.1.200", "--snmp", "none"],
            ["--liveness", "tcp:80"],
        ),
        (
            "circuit",
            "FTTH/2026-7",
            ["--site", "BN-0001", "--carrier", "VNPT", "--receive-bps", "100000000", "--transmit-bps", "100000000"],
            ["--ends-on", "2030-12-31"],
        ),
    ],
    ids=["unit", "carrier", "device", "circuit"],
)
def test_every_noun_is_added_shown_changed_and_removed(wanmon, stored, noun, key, flags, change):
    assert 0 == wanmon(noun, "add", key, *flags).status
    assert 0 == wanmon(noun, "set", key, *change).status
    shown = json.loads(wanmon(noun, "show", key, "-o", "json").out)
    assert change[1] == shown[change[0][2:].replace("-", "_")]
    assert 0 == wanmon(noun, "remove", key).status
    assert 1 == wanmon(noun, "show", key).status


def test_what_is_removed_is_named_in_full(wanmon, untouched):
    """`site remove ho` must not find a site that merely has it in its name."""
    ended = wanmon("device", "remove", "10.27.1.1")

    assert (1, "wanmon: there is no device '10.27.1.1': ") == (ended.status, ended.errors[0][:40])
    assert untouched()


def test_a_device_shows_what_hangs_on_it(wanmon, province):
    shown = json.loads(wanmon("device", "show", "10.27.2.1", "-o", "json").out)

    assert ("BN-0002-R1", "unknown", ["VIETTEL-BN-0002-2", "VNPT-BN-0002-1"]) == (
        shown["name"],
        shown["state"],
        shown["circuits"],
    )
