"""A deployment of wanmon whose inventory is the ground, made by wanmon's own commands, and `serve` in its place."""

from pathlib import Path

from tests.rigs.ground import DISTRICTS, HUB, NETWORK, PARENTS, SITES, Ground, address_of, uplink
from tests.rigs.province import Province, device_of, init_province
from tests.rigs.serving import Running, start
from tests.rigs.snmpd import COMMUNITY

#: In the monitor's namespace every port is free.
WEB_PORT = 17700


def make_ground_province(folder: Path, liveness_interval_s: int = 5, fast_interval_s: int = 10) -> Province:
    """A folder in which all sites of the ground are active, each but the hub with one circuit that ends at `wan0`."""
    province = init_province(folder, SITES)
    province.write_secrets(COMMUNITY, NETWORK)
    intervals = f"{liveness_interval_s},{fast_interval_s},600"
    circuits = [_circuit_row(site) for site in SITES if site != HUB]
    province.apply(
        {
            "units": ["code,name,kind,level", "27,Bắc Ninh,tỉnh,province"],
            "classes": ["code,name,liveness_interval_s,fast_interval_s,slow_interval_s", f"all,Every site,{intervals}"],
            "sites": ["code,name,unit,kind,site_class,status,parent", *map(_site_row, SITES)],
            "carriers": ["code,name", "VNPT,VNPT Bắc Ninh"],
            "devices": ["name,site,role,address,liveness,snmp", *map(_device_row, SITES)],
            "circuits": ["code,site,carrier,receive_bps,transmit_bps,device,interface", *circuits],
        }
    )
    return province


def serve_in(ground: Ground, province: Province) -> Running:
    """Start serving a deployment in the monitor's namespace; it is asked over HTTP from here."""
    listen = ("--listen", f"127.0.0.1:{WEB_PORT}")
    monitor = ground.monitor
    return start(province.folder, "serve", *listen, port=WEB_PORT, before=monitor.before, connection=monitor.connection)


def circuit_of(site: str) -> str:
    """The carrier's circuit id."""
    return f"VNPT-{site}-1"


def _site_row(site: str) -> str:
    kind, parent = ("datacenter", "") if site == HUB else ("peoples_committee", PARENTS[site])
    level = "District" if site in DISTRICTS else "Site"
    return f"{site},{level} {site},27,{kind},all,active,{parent}"


def _device_row(site: str) -> str:
    return f"{device_of(site)},{site},edge,{address_of(site)},icmp,lab"


def _circuit_row(site: str) -> str:
    return f"{circuit_of(site)},{site},VNPT,100000000,100000000,{device_of(site)},{uplink(site)}"
