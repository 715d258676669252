"""Routers that really speak LLDP, one of them plugged into the wrong neighbour.

    T-DC1 to-1 -- wan0 T-0001 lan1 -- wan0 T-0002

The inventory has both sites directly behind the hub. The wires are bare: a bridge of a carrier's passes no LLDP.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from tests.rigs.lldpd import agentx_lines, start_lldpd
from tests.rigs.netns import Namespace, namespaces
from tests.rigs.province import Province, device_of, init_province
from tests.rigs.serving import start, wait_until
from tests.rigs.snmpd import COMMUNITY, start_snmpd

pytestmark = pytest.mark.real

HUB, FIRST, SECOND = "T-DC1", "T-0001", "T-0002"
ADDRESSES = {HUB: "10.27.0.1", FIRST: "10.27.1.1", SECOND: "10.27.2.1"}
WEB_PORT = 17701
LLDP_SYSTEM_NAME = "1.0.8802.1.1.2.1.4.1.1.9"
SLOW_S = 5


@pytest.fixture(scope="module")
def routers(need: Callable[[str], str], need_namespaces: None) -> Iterator[dict[str, Namespace]]:
    """The three, once each hears its neighbours."""
    for program in ("ip", "snmpwalk", "lldpcli"):
        need(program)
    snmpd, lldpd = need("snmpd"), need("lldpd")
    with namespaces(*ADDRESSES) as made, TemporaryDirectory(prefix="wanmon-lldp-") as folder, ExitStack() as daemons:
        Path(folder).chmod(0o755)  # the LLDP daemon becomes a user of its own
        _wire(made)
        for site, router in made.items():
            place, name, before = Path(folder, site), device_of(site), router.before
            lines = [f"sysName {name}", *agentx_lines(place)]
            agent = start_snmpd(place, ["0.0.0.0"], 161, snmpd, lines, before=before, open_socket=router.socket)
            daemons.enter_context(agent)
            daemons.enter_context(start_lldpd(place, name, ADDRESSES[site], lldpd, before))
        for site, router in made.items():
            count = 2 if site == FIRST else 1
            wait_until(partial(_hears, router, count), 20, f"{site} hears {count}")
        yield made


def _wire(made: dict[str, Namespace]) -> None:
    for upper, port, lower, network in ((HUB, "to-1", FIRST, "10.27.101"), (FIRST, "lan1", SECOND, "10.27.102")):
        made[upper].ip(f"link add {port} type veth peer name wan0 netns {made[lower].name}")
        made[upper].ip(f"address add {network}.1/30 dev {port}", f"link set {port} up")
        made[lower].ip(f"address add {network}.2/30 dev wan0", "link set wan0 up", f"route add default via {network}.1")
    for site, router in made.items():
        router.ip(f"address add {ADDRESSES[site]}/32 dev lo")
    made[FIRST].set("net/ipv4/ip_forward", 1)
    made[HUB].ip(f"route add {ADDRESSES[FIRST]} via 10.27.101.2", f"route add {ADDRESSES[SECOND]} via 10.27.101.2")
    made[HUB].ip("route add 10.27.102.0/30 via 10.27.101.2")
    made[FIRST].ip(f"route add {ADDRESSES[SECOND]} via 10.27.102.2")


def _hears(router: Namespace, count: int) -> bool:
    walk = ("snmpwalk", "-v2c", "-c", COMMUNITY, "-Oqv", "127.0.0.1", LLDP_SYSTEM_NAME)
    return router.call(*walk).stdout.count("-R1") == count


@pytest.fixture(scope="module")
def province(tmp_path_factory: pytest.TempPathFactory) -> Province:
    """The inventory, by which both sites are wired to the hub."""
    made = init_province(tmp_path_factory.mktemp("province"), tuple(ADDRESSES))
    made.write_secrets(COMMUNITY, "10.27.0.0/16")
    devices = [f"{device_of(site)},{site},edge,{address},icmp,lab" for site, address in ADDRESSES.items()]
    circuits = [f"VNPT-{site}-1,{site},VNPT,10000000,10000000,{device_of(site)},wan0" for site in (FIRST, SECOND)]
    made.apply(
        {
            "units": ["code,name,kind,level", "27,Bắc Ninh,tỉnh,province"],
            "classes": [
                "code,name,liveness_interval_s,fast_interval_s,slow_interval_s", f"all,Every site,2,5,{SLOW_S}",
            ],
            "sites": [
                "code,name,unit,kind,site_class,status,parent",
                f"{HUB},Hub,27,datacenter,all,active,",
                *(f"{site},Site {site},27,department,all,active,{HUB}" for site in (FIRST, SECOND)),
            ],
            "carriers": ["code,name", "VNPT,VNPT Bắc Ninh"],
            "devices": ["name,site,role,address,liveness,snmp", *devices],
            "circuits": ["code,site,carrier,receive_bps,transmit_bps,device,interface", *circuits],
        }
    )  # fmt: skip
    return made


def _told(province: Province) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = json.loads(province.done("site", "neighbours", "--all", "-o", "json"))
    return told


def test_a_site_that_is_plugged_into_another_one_contradicts_its_parent(routers, province):
    hub = routers[HUB]
    listen = ("--listen", f"127.0.0.1:{WEB_PORT}")
    with start(province.folder, "serve", *listen, port=WEB_PORT, before=hub.before, connection=hub.connection):
        wait_until(lambda: len(_told(province)) >= 4, 6 * SLOW_S, "every router was asked for its neighbours", 1)
    told = {(row["device"], row["interface"]): row for row in _told(province)}

    assert {
        ("T-0001-R1", "lan1"): ("T-0002-R1", "10.27.2.1", "lldp", ""),
        ("T-0001-R1", "wan0"): ("T-DC1-R1", "10.27.0.1", "lldp", ""),
        ("T-0002-R1", "wan0"): (
            "T-0001-R1", "10.27.1.1", "lldp",
            "T-0002's wan0 sees T-0001-R1 of T-0001, which is not its parent (T-DC1); "
            "T-0002 and its parent T-DC1 do not see each other anywhere",
        ),
        ("T-DC1-R1", "to-1"): ("T-0001-R1", "10.27.1.1", "lldp", ""),
    } == {
        place: (row["neighbour_device"], row["address"], row["protocol"], row["contradicts"])
        for place, row in told.items()
    }  # fmt: skip
    assert {"to-1", "wan0", "lan1"} == {row["port_description"] for row in told.values()}
    assert all(row["system_description"].startswith("Debian GNU/Linux") for row in told.values())


def test_an_inventory_that_is_put_right_is_contradicted_no_more(routers, province):
    assert any(row["contradicts"] for row in _told(province))
    province.done("site", "set", SECOND, "--parent", FIRST)

    assert not any(row["contradicts"] for row in _told(province))
