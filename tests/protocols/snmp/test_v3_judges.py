"""SNMPv3 against net-snmp's agent, which shares no code with us; what pysnmp and gufo_snmp read there is read by us.

One agent with a user for every pair of algorithms. net-snmp calls Reeder's long keys AES-192-C and AES-256-C, and
Blumenthal's AES-192 and AES-256.
"""

import asyncio
import itertools
import os
import socket
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Literal

import pytest
from gufo.snmp import SnmpVersion
from gufo.snmp import user as gufo
from gufo.snmp.sync import SnmpSession as GufoSession

from tests.protocols.snmp.secured_agent import AUTH_PASSWORD, NAME, PRIV_PASSWORD, UPTIME, usm
from tests.protocols.snmp.test_keys import GUFO
from tests.rigs.snmpd import SYS_NAME, Snmpd, start_snmpd
from wanmon.config.secrets import SnmpCredential
from wanmon.model.reason import Reason
from wanmon.protocols.snmp.engine import SnmpEngine
from wanmon.protocols.snmp.keys import DIGESTS
from wanmon.protocols.snmp.types import Answer, Oid, Reading, Value

pytestmark = pytest.mark.real

IF_TABLE: Oid = (1, 3, 6, 1, 2, 1, 2, 2)
SYSTEM: Oid = (1, 3, 6, 1, 2, 1, 1)
# What does not move between two walks: ifIndex to ifOperStatus.
STEADY = {(*IF_TABLE, 1, column) for column in range(1, 9)}
RESTARTS = 100 if "WANMON_SOAK" in os.environ else 5

NET_SNMP_PRIVACY = {
    None: "",
    "DES": "DES",
    "AES-128": "AES",
    "AES-192": "AES-192-C",
    "AES-256": "AES-256-C",
    "AES-192-Blumenthal": "AES-192",
    "AES-256-Blumenthal": "AES-256",
}
GUFO_PRIVACY = {
    "DES": (gufo.DesKey, gufo.KeyExpansion.Blumenthal),
    "AES-128": (gufo.Aes128Key, gufo.KeyExpansion.Blumenthal),
    "AES-192": (gufo.Aes192Key, gufo.KeyExpansion.Cisco),
    "AES-256": (gufo.Aes256Key, gufo.KeyExpansion.Cisco),
    "AES-192-Blumenthal": (gufo.Aes192Key, gufo.KeyExpansion.Blumenthal),
    "AES-256-Blumenthal": (gufo.Aes256Key, gufo.KeyExpansion.Blumenthal),
}
ENGINE_ID = bytes.fromhex("80001f8804") + b"judge"
PAIRS = [*itertools.product(DIGESTS, NET_SNMP_PRIVACY)]


def user_of(auth: str, priv: str | None) -> str:
    return f"{auth}.{priv or 'none'}"


def lines() -> list[str]:
    """snmpd.conf for all users; the engine id stays the same where all that was kept is lost."""
    found = ["engineID judge"]
    for auth, priv in PAIRS:
        user, privacy = user_of(auth, priv), NET_SNMP_PRIVACY[priv]
        keys = f'{auth} "{AUTH_PASSWORD}"' + (f' {privacy} "{PRIV_PASSWORD}"' if privacy else "")
        found += [f"createUser {user} {keys}", f"rouser {user} {'priv' if privacy else 'auth'}"]
    return found


@pytest.fixture(scope="module")
def agent(need: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Snmpd]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with start_snmpd(tmp_path_factory.mktemp("v3"), ["127.0.0.1"], port, need("snmpd"), lines()) as running:
        yield running


def asking(work: Callable[[SnmpEngine], Awaitable[None]]) -> None:
    async def run() -> None:
        engine = SnmpEngine()
        try:
            await work(engine)
        finally:
            await engine.close()

    asyncio.run(run())


def got(
    agent: Snmpd,
    secret: SnmpCredential,
    oids: list[Oid],
    engine_name: Literal["native", "pysnmp"] = "native",
    timeout_s: float = 2.0,
) -> Answer:
    told: list[Answer] = []

    async def work(engine: SnmpEngine) -> None:
        session = engine.session("127.0.0.1", agent.port, secret, engine=engine_name, timeout_s=timeout_s, retries=1)
        told.append(await session.get(oids))

    asking(work)
    return told[0]


@pytest.mark.parametrize(("auth", "priv"), PAIRS, ids=[user_of(*pair) for pair in PAIRS])
def test_every_pair_of_algorithms_is_understood_by_net_snmp(agent: Snmpd, auth: str, priv: str | None) -> None:
    secret = usm(auth, priv, user=user_of(auth, priv))
    native, reference = (got(agent, secret, [NAME], name) for name in ("native", "pysnmp"))  # type: ignore[arg-type]

    assert (None, SYS_NAME.encode()) == (native.reason, native.varbinds[0].value)
    assert reference == native


@pytest.mark.parametrize("auth", DIGESTS)
@pytest.mark.parametrize("priv", GUFO_PRIVACY)
def test_gufo_snmp_reads_the_same(agent: Snmpd, auth: str, priv: str) -> None:
    key, expansion = GUFO_PRIVACY[priv]
    user = gufo.User(
        user_of(auth, priv),
        auth_key=GUFO[auth](AUTH_PASSWORD.encode()),
        priv_key=key(PRIV_PASSWORD.encode()),
        key_expansion=expansion,
    )
    names: list[Oid] = [(*SYSTEM, number, 0) for number in (1, 4, 5, 6)]
    with GufoSession(addr="127.0.0.1", port=agent.port, version=SnmpVersion.v3, user=user) as theirs:
        told = theirs.get_many([".".join(map(str, oid)) for oid in names])
    ours = got(agent, usm(auth, priv, user=user_of(auth, priv)), names)

    assert told == {".".join(map(str, varbind.oid)): varbind.value for varbind in ours.varbinds}


def walked(agent: Snmpd, secret: SnmpCredential, root: Oid, engine_name: Literal["native", "pysnmp"]) -> Answer:
    told: list[Answer] = []

    async def work(engine: SnmpEngine) -> None:
        told.append(await engine.session("127.0.0.1", agent.port, secret, engine=engine_name).walk(root))

    asking(work)
    return told[0]


@pytest.mark.parametrize("priv", ["AES-128", "DES", None])
def test_of_a_table_both_engines_say_the_same(agent: Snmpd, priv: str | None) -> None:
    secret = usm("SHA-256", priv, user=user_of("SHA-256", priv))
    native, reference = (walked(agent, secret, IF_TABLE, name) for name in ("native", "pysnmp"))  # type: ignore[arg-type]

    assert (None, None) == (native.reason, reference.reason)
    assert [bind.oid for bind in reference.varbinds] == [bind.oid for bind in native.varbinds]
    assert [bind for bind in reference.varbinds if bind.oid[:10] in STEADY] == [
        bind for bind in native.varbinds if bind.oid[:10] in STEADY
    ]


def test_a_reading_equals_the_walk_of_the_same_table(agent: Snmpd) -> None:
    """The hot path, sealed anew for each PDU and each round."""

    async def work(engine: SnmpEngine) -> None:
        session = engine.session("127.0.0.1", agent.port, usm("SHA", "AES-128", user=user_of("SHA", "AES-128")))
        table = await session.walk(IF_TABLE)
        reading = Reading([bind.oid for bind in table.varbinds])
        for _ in range(5):
            assert None is (await session.read(reading)).reason
        now: dict[Oid, Value] = dict(zip(reading.oids, reading.values, strict=True))

        assert table.varbinds
        assert [now[bind.oid] for bind in table.varbinds if bind.oid[:10] in STEADY] == [
            bind.value for bind in table.varbinds if bind.oid[:10] in STEADY
        ]

    asking(work)


KNOWN = user_of("SHA-256", "AES-128")
WRONG: dict[str, tuple[SnmpCredential, Reason, str]] = {
    "user": (usm("SHA-256", user="nobody"), Reason.AUTH, "unknown user"),
    "authentication password": (
        usm("SHA-256", user=KNOWN, passwords=("something-else", PRIV_PASSWORD)), Reason.AUTH,
        "wrong authentication password or protocol",
    ),
    "authentication protocol": (
        usm("SHA-512", user=KNOWN), Reason.AUTH, "wrong authentication password or protocol",
    ),
    "level": (
        usm("SHA-256", user=user_of("SHA-256", None)), Reason.AUTH,
        "the agent does not take the user at this security level",
    ),
    "privacy password": (
        usm("SHA-256", user=KNOWN, passwords=(AUTH_PASSWORD, "something-else")), Reason.PRIVACY,
        "wrong privacy password or protocol",
    ),
    "privacy protocol": (usm("SHA-256", "DES", user=KNOWN), Reason.PRIVACY, "wrong privacy password or protocol"),
    "extension of the key": (
        usm("SHA", "AES-256-Blumenthal", user=user_of("SHA", "AES-256")), Reason.PRIVACY, "wrong privacy",
    ),
    "context": (usm("SHA-256", user=KNOWN, context="nowhere"), Reason.REFUSED, "the agent has no such context"),
}  # fmt: skip


@pytest.mark.parametrize(("secret", "reason", "detail"), WRONG.values(), ids=WRONG.keys())
def test_what_is_wrong_with_a_credential_is_told_apart_and_the_agent_known_to_live(
    agent: Snmpd, secret: SnmpCredential, reason: Reason, detail: str
) -> None:
    """net-snmp says nothing at all to what it cannot decrypt, nor to a context that it has not."""
    answer = got(agent, secret, [NAME], timeout_s=0.25)

    assert (reason, True) == (answer.reason, answer.was_heard)
    assert detail in answer.detail


def test_an_agent_that_is_not_there_is_silence_or_a_closed_port(free_udp_port: int) -> None:
    async def work(engine: SnmpEngine) -> None:
        answer = await engine.session("127.0.0.1", free_udp_port, usm(), timeout_s=0.2, retries=0).get([NAME])

        assert (Reason.REFUSED, False) == (answer.reason, answer.was_heard)

    asking(work)


def test_a_restarted_net_snmp_is_back_within_two_rounds_each_time(
    need: Callable[[str], str], tmp_path: Path, free_udp_port: int
) -> None:
    """Its boots grow, as it keeps them in a file; once it has lost the file they begin anew, and that is told."""
    secret = usm("SHA-256", user=KNOWN)

    async def work(engine: SnmpEngine) -> None:
        session = engine.session("127.0.0.1", free_udp_port, secret, timeout_s=0.5, retries=1)
        remote = engine.remotes.at(("127.0.0.1", free_udp_port))
        for kept in (*range(10, 10 + RESTARTS), 0):
            more = [*lines(), f"oldEngineID 0x{ENGINE_ID.hex()}", f"engineBoots {kept}"]
            running = await asyncio.to_thread(start_snmpd, tmp_path, ["127.0.0.1"], free_udp_port, need("snmpd"), more)
            try:
                reasons = [(await session.get([UPTIME])).reason for _ in range(2)]
            finally:
                await asyncio.to_thread(running.stop)

            assert (None, kept + 1) == (reasons[1], remote.boots)
        assert (1, {}) == (engine.remotes.boots_backwards, engine.remotes.clones())

    asking(work)


def test_a_first_question_costs_milliseconds(agent: Snmpd) -> None:
    """pysnmp takes a tenth of a second for each credential, and a socket each."""

    async def work(engine: SnmpEngine) -> None:
        before, began_s = len(list(Path("/proc/self/fd").iterdir())), time.process_time()
        for auth, priv in PAIRS:
            session = engine.session("127.0.0.1", agent.port, usm(auth, priv, user=user_of(auth, priv)))
            assert None is (await session.get([NAME])).reason

        assert time.process_time() - began_s < 0.05 * len(PAIRS)
        assert 1 == len(list(Path("/proc/self/fd").iterdir())) - before

    asking(work)
