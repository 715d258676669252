"""Real net-snmp agents behind lines that lose packets in one direction only."""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from ipaddress import ip_network

import pytest
from pydantic import SecretStr

from tests.rigs.netns import Namespace, namespaces
from tests.rigs.snmpd import COMMUNITY, start_snmpd
from wanmon.checks import loss_direction
from wanmon.checks.result import Result, Target, Tools
from wanmon.config.secrets import SnmpCredential
from wanmon.model.finding import Verdict
from wanmon.protocols.icmp import EchoClient
from wanmon.protocols.snmp.engine import SnmpEngine

pytestmark = pytest.mark.real

#: Each site with the chain in which it loses two of five echoes, and which echoes these are.
LOSSES = {"clean": None, "there": ("prerouting", "echo-request"), "back": ("output", "echo-reply")}
#: net-snmp keeps its ICMP counters for 5 s.
PARAMS = loss_direction.Params(count=100, settle_s=5.5)
_RULES = """\
table ip one_way {{
  chain {hook} {{
    type filter hook {hook} priority -10
    icmp type {kind} numgen inc mod 5 < 2 drop
  }}
}}
"""


@pytest.fixture(scope="module")
def found(
    need: Callable[[str], str], need_namespaces: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Result]]:
    """What the check says of each site; all are asked at once."""
    snmpd, folder = need("snmpd"), tmp_path_factory.mktemp("one_way")
    need("nft")
    with namespaces("hub", *LOSSES) as made, ExitStack() as agents:
        hub = made["hub"]
        for number, site in enumerate(LOSSES, 1):
            _join(hub, made[site], number)
            place = made[site]
            agent = start_snmpd(folder / site, ["0.0.0.0"], 161, snmpd, before=place.before, open_socket=place.socket)
            agents.enter_context(agent)
            if loss := LOSSES[site]:
                made[site].rules(_RULES.format(hook=loss[0], kind=loss[1]))
        with ThreadPoolExecutor(len(LOSSES)) as threads:
            numbers = range(1, len(LOSSES) + 1)
            results = threads.map(lambda number: hub.inside(lambda: asyncio.run(_ask(number))), numbers)
            yield dict(zip(LOSSES, results, strict=True))


def _join(hub: Namespace, site: Namespace, number: int) -> None:
    hub.ip(f"link add to-{number} type veth peer name wan0 netns {site.name}")
    hub.ip(f"address add 10.27.{number}.1/30 dev to-{number}", f"link set to-{number} up")
    site.ip(f"address add 10.27.{number}.2/30 dev wan0", "link set wan0 up")


async def _ask(number: int) -> Result:
    credential = SnmpCredential(
        name="lab", version="2c", community=SecretStr(COMMUNITY), networks=(ip_network("10.27.0.0/16"),)
    )
    engine = SnmpEngine()
    try:
        target = Target("A", f"10.27.{number}.2", 161, (credential,))
        return await loss_direction.run(target, PARAMS, Tools(EchoClient(timeout_s=0.5), engine))
    finally:
        await engine.close()


@pytest.mark.parametrize(
    ("site", "verdict", "there", "back"),
    [("clean", Verdict.OK, 0, 0), ("there", Verdict.CRITICAL, 0.4, 0), ("back", Verdict.CRITICAL, 0, 0.4)],
)
def test_the_direction_of_a_loss_is_told(
    found: dict[str, Result], site: str, verdict: Verdict, there: float, back: float
):
    """Two of five echoes are lost, on the way there or on the way back."""
    result = found[site]

    assert verdict is result.verdict, result.text
    assert pytest.approx((there, back), abs=0.03) == (result.measured("lost_there"), result.measured("lost_back"))
