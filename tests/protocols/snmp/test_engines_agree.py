"""Our own wire and pysnmp, asked the same, say the same: of a scripted agent, and of a real one."""

import asyncio
import os
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from pysnmp.proto import rfc1902

from tests.protocols.snmp.scripted_agent import Question, Scene, converse, honest, refusal, reply
from tests.rigs.snmpd import AUTH_PASSWORD, COMMUNITY, PRIV_PASSWORD, SYS_NAME, USER, Snmpd, start_snmpd
from wanmon.config.secrets import SnmpCredential
from wanmon.model.reason import Reason
from wanmon.protocols.snmp.engine import SnmpEngine
from wanmon.protocols.snmp.types import Answer, Oid, Reading, Syntax, Value

Engine = Literal["native", "pysnmp"]
ENGINES: tuple[Engine, ...] = ("native", "pysnmp")

NAME: list[Oid] = [(1, 3, 6, 1, 2, 1, 1, 5, 0)]
BASE: Oid = (1, 3, 6, 1, 4, 1, 8072, 9999)
EVERYTHING = {
    (*BASE, 1): rfc1902.Integer32(-(2**31)),
    (*BASE, 2): rfc1902.Integer32(2**31 - 1),
    (*BASE, 3): rfc1902.OctetString(bytes(range(256))),
    (*BASE, 4): rfc1902.OctetString(b""),
    (*BASE, 5): rfc1902.ObjectIdentifier((1, 3, 6, 1, 4, 1, 2**32 - 1)),
    (*BASE, 6): rfc1902.IpAddress("10.27.0.1"),
    (*BASE, 7): rfc1902.Counter32(2**32 - 1),
    (*BASE, 8): rfc1902.Gauge32(2**31),
    (*BASE, 9): rfc1902.TimeTicks(2**32 - 1),
    (*BASE, 10): rfc1902.Opaque(b"\x9f\x78\x04\x41\x20\x00\x00"),
    (*BASE, 11, 0): rfc1902.Gauge32(0),
}
V2C_ONLY = {(*BASE, 12): rfc1902.Counter64(2**64 - 1)}


def both(tell: Callable[[Engine], Any]) -> tuple[Any, Any]:
    native, reference = (tell(engine) for engine in ENGINES)
    return native, reference


def heard(script: Callable[[Question], Any], version: str, engine: Engine, oids: list[Oid]) -> dict[str, Any]:
    """A get, a walk and two reads of one engine."""
    told: dict[str, Any] = {}

    async def story(scene: Scene) -> None:
        told["get"] = await scene.session.get(oids)
        told["walk"] = await scene.session.walk(BASE)
        reading = Reading(oids)
        first, second = await scene.session.read(reading), await scene.session.read(reading)
        told["read"] = (sorted(first.changed), first.reason, second.changed, reading.values)

    converse(script, story, version=version, engine=engine, timeout_s=0.5, retries=0)
    return told


@pytest.mark.parametrize("version", ["1", "2c"])
def test_of_every_type_of_value_both_engines_say_the_same(version: str) -> None:
    table = EVERYTHING | (V2C_ONLY if version == "2c" else {})
    oids = [*table, (*BASE, 99)]
    native, reference = both(lambda engine: heard(honest(table), version, engine, oids))

    assert native == reference
    assert list(table) == [varbind.oid for varbind in native["walk"].varbinds]
    assert [*range(len(table))] == native["read"][0]


@pytest.mark.parametrize("status", [1, 5, 13, 16])
def test_of_error_statuses_both_engines_say_the_same(status: int) -> None:
    oids = [*EVERYTHING]
    truthful = honest(EVERYTHING)

    def script(question: Question) -> Any:
        return [refusal(question, status, 1)] if oids[0] in question.oids else truthful(question)

    native, reference = both(lambda engine: heard(script, "2c", engine, oids))

    assert native == reference
    assert native["get"].reason in (Reason.REFUSED, Reason.TOO_BIG)


def test_of_rows_that_do_not_grow_both_engines_say_the_same() -> None:
    def script(question: Question) -> Any:
        return [reply(question, [((*BASE, number), rfc1902.Integer32(1)) for number in (1, 2)])]

    def walked(engine: Engine) -> Answer:
        told: list[Answer] = []

        async def story(scene: Scene) -> None:
            told.append(await scene.session.walk(BASE))

        converse(script, story, engine=engine)
        return told[0]

    native, reference = both(walked)

    assert native == reference
    assert Reason.MALFORMED == native.reason


def test_the_reference_engine_says_mismatched_to_other_oids() -> None:
    async def story(scene: Scene) -> None:
        answer = await scene.session.get([BASE])

        assert Reason.MISMATCHED == answer.reason

    converse(lambda q: [reply(q, [((*BASE, 5), rfc1902.Integer32(1))])], story, engine="pysnmp")


def test_the_reference_engine_keeps_deadlines() -> None:
    async def story(scene: Scene) -> None:
        began_s = scene.now_s()
        answer = await scene.session.get([BASE], deadline_s=began_s + 0.2)

        assert Reason.DEADLINE == answer.reason
        assert scene.now_s() - began_s < 1

    converse(lambda _question: [], story, engine="pysnmp", timeout_s=5)


def test_the_reference_engine_ends_silence_as_a_timeout() -> None:
    async def story(scene: Scene) -> None:
        answer = await scene.session.get([BASE])

        assert Reason.TIMEOUT == answer.reason
        assert 2 == len(scene.agent.questions)
        assert 1 == scene.engine.counters.timeouts

    converse(lambda _question: [], story, engine="pysnmp", timeout_s=0.5, retries=1)


# -- a real agent


@pytest.fixture
def snmpd(need: Callable[[str], str], tmp_path: Path, free_udp_port: int) -> Iterator[Snmpd]:
    with start_snmpd(tmp_path, ["127.0.0.1", "127.9.9.9"], free_udp_port, need("snmpd")) as agent:
        yield agent


def credential(version: str, **values: object) -> SnmpCredential:
    return SnmpCredential.model_validate({"name": "lab", "version": version, "networks": ["127.0.0.0/8"], **values})


def usm(
    user: str = USER,
    auth: tuple[str, str] | None = ("SHA-256", AUTH_PASSWORD),
    priv: tuple[str, str] | None = ("AES-128", PRIV_PASSWORD),
) -> SnmpCredential:
    keys = {
        name: {"protocol": given[0], "password": given[1]}
        for name, given in (("auth", auth), ("priv", priv))
        if given is not None
    }
    return credential("3", user=user, **keys)


def asked(
    agent: Snmpd,
    *secrets: SnmpCredential,
    oids: list[Oid],
    engine: Engine = "native",
    address: str = "127.0.0.1",
    timeout_s: float = 5.0,
) -> list[Answer]:
    """One get with every credential, in one engine."""

    async def run() -> list[Answer]:
        sessions = SnmpEngine()
        try:
            return [
                await sessions.session(address, agent.port, secret, engine=engine, timeout_s=timeout_s, retries=1).get(
                    oids
                )
                for secret in secrets
            ]
        finally:
            await sessions.close()

    return asyncio.run(run())


def walked(agent: Snmpd, secret: SnmpCredential, root: Oid, engine: Engine) -> Answer:
    async def run() -> Answer:
        sessions = SnmpEngine()
        try:
            return await sessions.session("127.9.9.9", agent.port, secret, engine=engine).walk(root)
        finally:
            await sessions.close()

    return asyncio.run(run())


def net_snmp(agent: Snmpd, program: str, *oids: str) -> str:
    """What net-snmp's own tools print of the agent, numbers only."""
    command = [program, "-On", "-Oe", "-Ot", "-Ox", "-v2c", "-c", COMMUNITY, f"127.0.0.1:{agent.port}", *oids]
    environment = {**os.environ, "MIBS": "", "SNMP_PERSISTENT_DIR": str(agent.log.parent)}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=20).stdout


def printed(text: str) -> dict[Oid, tuple[str, str]]:
    """(type, text) by OID, of `-On -Oe -Ot -Ox` output; values that go on in further lines are joined."""
    rows: dict[Oid, tuple[str, str]] = {}
    for line in re.split(r"\n(?=\.\d)", text.strip()):
        name, _, value = line.partition(" = ")
        kind, _, rest = value.partition(": ")
        rows[tuple(map(int, name[1:].split(".")))] = (kind, rest.replace("\n", " ").strip())
    return rows


def printed_value(kind: str, text: str) -> Value:
    match kind:
        case "INTEGER" | "Counter32" | "Gauge32" | "Counter64" | "Timeticks":
            return int(text)
        case "Hex-STRING":
            return bytes.fromhex(text)
        case "OID":
            return tuple(map(int, text.strip(".").split(".")))
        case "IpAddress":
            return bytes(map(int, text.split(".")))
        case _:
            return b""


IF_TABLE: Oid = (1, 3, 6, 1, 2, 1, 2, 2)
# ifIndex to ifOperStatus, and ifSpecific: what does not move between two walks.
STEADY = {(*IF_TABLE, 1, column) for column in (1, 2, 3, 4, 5, 6, 7, 8, 22)}


@pytest.mark.real
@pytest.mark.parametrize("version", ["1", "2c"])
@pytest.mark.parametrize("engine", ENGINES)
def test_a_walk_of_a_real_agent_equals_snmpbulkwalk(
    snmpd: Snmpd, need: Callable[[str], str], version: str, engine: Engine
) -> None:
    theirs = printed(net_snmp(snmpd, need("snmpbulkwalk"), "1.3.6.1.2.1.2.2"))
    ours = walked(snmpd, credential(version, community=COMMUNITY), IF_TABLE, engine)

    assert ours.reason is None
    assert list(theirs) == [varbind.oid for varbind in ours.varbinds]
    for varbind in ours.varbinds:
        if varbind.oid[:10] in STEADY:
            assert printed_value(*theirs[varbind.oid]) == varbind.value


@pytest.mark.real
def test_a_walk_of_all_that_a_real_agent_has_ends_without_a_word(snmpd: Snmpd, need: Callable[[str], str]) -> None:
    """Thousands of rows of every type; most names depend on the moment, those of the system group do not."""
    system = printed(net_snmp(snmpd, need("snmpbulkwalk"), "1.3.6.1.2.1.1"))
    ours = walked(snmpd, credential("2c", community=COMMUNITY), (1, 3, 6, 1), "native")

    assert (None, True) == (ours.reason, len(ours.varbinds) > 500)
    assert list(system) == [varbind.oid for varbind in ours.varbinds if varbind.oid[:7] == (1, 3, 6, 1, 2, 1, 1)]


@pytest.mark.real
@pytest.mark.parametrize("version", ["1", "2c"])
@pytest.mark.parametrize("address", ["127.0.0.1", "127.9.9.9"])
def test_a_get_from_a_real_agent_equals_snmpget(
    snmpd: Snmpd, need: Callable[[str], str], version: str, address: str
) -> None:
    oids = [(1, 3, 6, 1, 2, 1, 1, number, 0) for number in (1, 2, 4, 5, 6)]
    theirs = printed(net_snmp(snmpd, need("snmpget"), *(".".join(map(str, oid)) for oid in oids)))
    (ours,) = asked(snmpd, credential(version, community=COMMUNITY), oids=oids, address=address)

    assert {oid: printed_value(*row) for oid, row in theirs.items()} == {row.oid: row.value for row in ours.varbinds}
    assert SYS_NAME.encode() == ours.varbinds[3].value


@pytest.mark.real
@pytest.mark.parametrize("engine", ENGINES)
def test_a_wrong_community_is_silence(snmpd: Snmpd, engine: Engine) -> None:
    """That is all that v2c says (RFC 1157 section 4.1): nothing."""
    (answer,) = asked(snmpd, credential("2c", community="wrong"), oids=NAME, engine=engine, timeout_s=0.3)

    assert Reason.TIMEOUT == answer.reason


@pytest.mark.real
@pytest.mark.parametrize(
    "secret",
    [usm(), usm("digested", ("SHA-512", AUTH_PASSWORD), None), usm("open", None, None)],
    ids=["authPriv SHA-256 AES-128", "authNoPriv SHA-512", "noAuthNoPriv"],
)
@pytest.mark.parametrize("engine", ENGINES)
def test_version_3_is_spoken_at_every_level(snmpd: Snmpd, secret: SnmpCredential, engine: Engine) -> None:
    (answer,) = asked(snmpd, secret, oids=NAME, engine=engine)

    assert ([SYS_NAME.encode()], None) == ([varbind.value for varbind in answer.varbinds], answer.reason)


WRONG = {
    "unknown user": (usm("nobody"), Reason.AUTH, "unknown user"),
    "wrong password": (
        usm(auth=("SHA-256", "not-the-password")),
        Reason.AUTH,
        "wrong authentication password or protocol",
    ),
    "wrong algorithm": (usm(auth=("SHA-512", AUTH_PASSWORD)), Reason.AUTH, "wrong authentication password or protocol"),
    "level too low": (usm("digested", None, None), Reason.REFUSED, "authorizationError"),
    "level too high": (usm("digested", ("SHA-512", AUTH_PASSWORD)), Reason.AUTH, "level"),
}


@pytest.mark.real
@pytest.mark.parametrize(("secret", "reason", "detail"), WRONG.values(), ids=WRONG.keys())
@pytest.mark.parametrize("engine", ENGINES)
def test_what_is_wrong_with_a_version_3_credential_is_told(
    snmpd: Snmpd, secret: SnmpCredential, reason: Reason, detail: str, engine: Engine
) -> None:
    """A wrong credential is not a dead device."""
    (answer,) = asked(snmpd, secret, oids=NAME, engine=engine)

    assert (reason, True) == (answer.reason, answer.was_heard)
    assert detail in answer.detail
    assert not [word for word in (AUTH_PASSWORD, PRIV_PASSWORD, "not-the-password") if word in answer.detail]


@pytest.mark.real
@pytest.mark.parametrize("engine", ENGINES)
def test_one_user_name_with_two_passwords_stays_two_credentials(snmpd: Snmpd, engine: Engine) -> None:
    """pysnmp keeps users by name: the second must not be asked with the keys of the first, nor the first spoilt."""
    right, wrong = usm(), usm(auth=("SHA-256", "not-the-password"))
    answers = asked(snmpd, right, wrong, right, wrong, oids=NAME, engine=engine)

    assert [None, Reason.AUTH, None, Reason.AUTH] == [answer.reason for answer in answers]


@pytest.mark.real
@pytest.mark.parametrize("engine", ENGINES)
def test_a_reading_over_version_3_is_followed(snmpd: Snmpd, engine: Engine) -> None:
    async def run() -> None:
        sessions = SnmpEngine()
        reading = Reading([*NAME, (1, 3, 6, 1, 2, 1, 1, 3, 0), (1, 3, 6, 1, 2, 1, 1, 99, 0)])
        session = sessions.session("127.0.0.1", snmpd.port, usm(), engine=engine)
        began_s = time.monotonic()
        first, second = await session.read(reading), await session.read(reading)
        await sessions.close()

        assert ([0, 1], None, None) == (first.changed, first.reason, first.answered)
        assert 0 not in second.changed
        assert began_s < first.received_at_s <= second.received_at_s
        assert (SYS_NAME.encode(), int, None) == (reading.values[0], type(reading.values[1]), reading.values[2])

    asyncio.run(run())


@pytest.mark.real
def test_a_reading_of_a_real_agent_equals_its_walk(snmpd: Snmpd) -> None:
    """The hot path against the slow one, on what a kernel really counts."""

    async def run() -> None:
        sessions = SnmpEngine()
        session = sessions.session("127.0.0.1", snmpd.port, credential("2c", community=COMMUNITY))
        table = await session.walk(IF_TABLE)
        reading = Reading([varbind.oid for varbind in table.varbinds])
        for _ in range(5):
            assert (await session.read(reading)).reason is None
        again = await session.get(reading.oids)
        await sessions.close()

        steady = [index for index, oid in enumerate(reading.oids) if oid[:10] in STEADY]
        assert steady
        assert [again.varbinds[index].value for index in steady] == [reading.values[index] for index in steady]
        counters = [i for i, varbind in enumerate(again.varbinds) if varbind.syntax is Syntax.COUNTER32]
        assert all(int(reading.values[i]) <= int(again.varbinds[i].value) for i in counters)  # type: ignore[arg-type]

    asyncio.run(run())


@pytest.mark.real
def test_closing_leaves_no_task_and_no_socket_of_pysnmp(snmpd: Snmpd) -> None:
    async def run() -> None:
        before = len(list(Path("/proc/self/fd").iterdir()))
        sessions = SnmpEngine()
        for secret in (usm(), usm("open", None, None)):
            await sessions.session("127.0.0.1", snmpd.port, secret, engine="pysnmp").get(NAME)
        await sessions.close()
        await asyncio.sleep(0)
        await asyncio.sleep(0)

        assert before == len(list(Path("/proc/self/fd").iterdir()))
        assert {asyncio.current_task()} == asyncio.all_tasks()

    asyncio.run(run())
