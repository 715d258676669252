"""Every profile reads a walk as it should: one YAML, one walk, one expected JSON with the same name.

`walks/` are invented, by the MIBs alone; what `expected/walks/` tells was read by eye out of recordings of real
devices, which stay where they are ($WANMON_WALKS, or the folder shared/walks beside the checkout).
"""

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from wanmon.cli.frame.health_view import health_record
from wanmon.cli.frame.poll_view import wan_port_record
from wanmon.config.layout import shipped
from wanmon.lab.replay_reading import read_once
from wanmon.lab.snmprec import read
from wanmon.poller.device.promises import broken
from wanmon.poller.jobs import PollResult
from wanmon.profiles.library import load

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
RECORDINGS = Path(os.environ.get("WANMON_WALKS") or ROOT.parent / "shared" / "walks")
LIBRARY = load([shipped("inventory") / "profiles"])
#: Real agents are the judges of these, in other tests: net-snmp's own.
JUDGED_ELSEWHERE = {"if-mib", "net-snmp"}
INVENTED = sorted(file.stem for file in (HERE / "expected").glob("*.json"))
RECORDED = sorted(file.stem for file in (HERE / "expected" / "walks").glob("*.json"))


def expected(file: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


def told(result: PollResult) -> dict[str, Any]:
    """What was read, in the form of the expected files; a reason for the WAN port is words, and is tested by itself."""
    identity = asdict(result.identity)
    del identity["description"]
    status = result.columns["oper_status"]
    proposal = wan_port_record(result, LIBRARY.profiles[result.profile])
    return {
        "profile": result.profile,
        "identity": identity,
        "interfaces": {"count": len(result.ports), "up": sum(value == 1 for value in status.values)},
        "sensors": health_record(result.health),
        "wan_port": proposal["interface"] if proposal else None,
    }


@pytest.mark.parametrize("name", INVENTED)
def test_a_walk_that_we_invented_is_read_by_its_profile(name: str):
    result = read_once(read(HERE / "walks" / f"{name}.snmprec"), LIBRARY)

    assert expected(HERE / "expected" / f"{name}.json") == told(result)
    assert [] == list(broken(LIBRARY.named(name), result))


@pytest.mark.parametrize("name", RECORDED)
def test_a_real_device_is_read_as_it_was_recorded(name: str):
    recording = RECORDINGS / f"{name}.snmprec.bz2"
    if not recording.exists():
        pytest.skip(f"{recording.name} is not there: set WANMON_WALKS to the folder of recordings")
    result = read_once(read(recording), LIBRARY)

    assert expected(HERE / "expected" / "walks" / f"{name}.json") == told(result)
    assert (None, []) == (result.reason, list(broken(LIBRARY.profiles[result.profile], result)))


def test_every_profile_is_tried_and_none_is_called_verified_on_what_we_invented():
    real = {expected(HERE / "expected" / "walks" / f"{name}.json")["profile"] for name in RECORDED}
    devices = {name: profile for name, profile in LIBRARY.profiles.items() if not profile.is_part}
    verified = {name for name, profile in devices.items() if profile.verified}

    assert real | JUDGED_ELSEWHERE == verified
    assert set(INVENTED) == devices.keys() - verified


def test_a_walk_and_what_is_expected_of_it_come_together():
    assert INVENTED == sorted(file.stem for file in (HERE / "walks").glob("*.snmprec"))
