"""A device is given a platform that is at hand, whoever gives it and however."""

from collections.abc import Callable

import pytest

from wanmon.errors import InventoryError
from wanmon.exchange import judging, plan
from wanmon.exchange.csvfile import parse
from wanmon.exchange.folder import Proposal
from wanmon.model.change import Action
from wanmon.model.inventory import EMPTY, NOUN, Edit, preview
from wanmon.platforms.registry import names

Apply = Callable[..., int | None]

KNOWN = "auto, cisco_ios, cisco_xe, fortinet, hp_comware, huawei_vrp, juniper_junos, linux, mikrotik_routeros"
SAID = f"is none of {KNOWN}"
FILES = {
    "unit": "code,name,level\n27,Bắc Ninh,province\n",
    "class": "code,name\nhub,Hub\n",
    "site": "code,name,unit,kind,site_class\nDC1,Trung tâm,27,datacenter,hub\n",
}


def speaking(platform: str) -> Edit:
    return Edit(Action.SET, NOUN["device"], "BN-0001-R1", {"platform": platform})


def proposal(platform: str) -> Proposal:
    files = {**FILES, "device": f"name,site,address,snmp,platform\nDC1-R1,DC1,10.27.0.1,none,{platform}\n"}
    return Proposal({name: parse(NOUN[name], text.encode(), f"{name}s.csv").rows for name, text in files.items()})


@pytest.mark.parametrize("platform", ["auto", *names()])
def test_a_device_may_speak_what_is_known(province: object, change: Apply, platform: str) -> None:
    change(speaking(platform))

    assert () == plan.make(EMPTY, proposal(platform)).problems


@pytest.mark.parametrize("platform", ["cisco", "reading", "registry"])
def test_a_device_may_speak_nothing_else(province: object, change: Apply, platform: str) -> None:
    with pytest.raises(InventoryError) as refused:
        change(speaking(platform))

    assert (f"device BN-0001-R1: platform {platform}: {SAID}",) == refused.value.problems
    assert (f"devices.csv:2: platform '{platform}': {SAID}",) == plan.make(EMPTY, proposal(platform)).problems
    assert [f"devices.csv:2: platform '{platform}': {SAID}"] == list(judging.alone(proposal(platform)))


def test_a_platform_that_is_gone_does_not_stand_in_the_way_of_other_files() -> None:
    """An older program may have known more."""
    current = plan.make(EMPTY, proposal("linux")).after
    gone = Edit(Action.SET, NOUN["device"], "DC1-R1", {"platform": "zynos"})
    sites = Proposal({"site": proposal("linux").rows["site"]})

    assert () == plan.make(preview(current, [gone]), sites).problems
    assert 1 == len(plan.make(preview(current, [gone]), proposal("zynos")).problems)
