"""Who may be asked with which secret, and by which engine."""

import asyncio
import socket

import pytest

from tests.protocols.snmp.scripted_agent import credential
from wanmon.config.secrets import SnmpCredential
from wanmon.model.reason import Reason
from wanmon.protocols.snmp.counters import SnmpCounters
from wanmon.protocols.snmp.engine import SnmpEngine
from wanmon.protocols.snmp.types import Reading

V3 = SnmpCredential.model_validate(
    {"name": "core", "version": "3", "user": "wanmon", "networks": ["10.27.0.0/24", "fd00::/8"]}
)
ELSEWHERE = SnmpCredential.model_validate(
    {"name": "core", "version": "2c", "community": "geheim", "networks": ["10.27.0.0/24"]}
)


@pytest.mark.parametrize("engine_name", ["native", "pysnmp"])
@pytest.mark.parametrize("secret", [V3, ELSEWHERE], ids=["v3", "v2c"])
@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "router.example", "", "127.0.0.1%lo"])
def test_a_secret_is_not_sent_outside_its_networks(address: str, secret: SnmpCredential, engine_name: str) -> None:
    """Not one packet, whoever asks; the listener would hear it."""

    async def run() -> None:
        engine = SnmpEngine()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
            listener.bind(("127.0.0.1", 0))
            listener.setblocking(False)
            session = engine.session(address, listener.getsockname()[1], secret, engine=engine_name)  # type: ignore[arg-type]
            got, walked = await session.get([(1, 3, 6)]), await session.walk((1, 3, 6))
            readout = await session.read(Reading([(1, 3, 6)]))
            with pytest.raises(BlockingIOError):
                listener.recv(1500)
        await engine.close()

        assert (Reason.LOCAL, Reason.LOCAL, Reason.LOCAL) == (got.reason, walked.reason, readout.reason)
        assert (got.detail, got.detail) == (walked.detail, readout.detail)
        assert "geheim" not in got.detail
        assert SnmpCounters() == engine.counters

    asyncio.run(run())


def test_the_detail_names_the_credential_and_where_to_look() -> None:
    async def run() -> None:
        answer = await SnmpEngine().session("127.0.0.1", 161, ELSEWHERE).get([(1, 3, 6)])

        assert "credential 'core' may not be sent to 127.0.0.1: see its networks in secrets.toml" == answer.detail

    asyncio.run(run())


def test_request_ids_are_random_31_bit_numbers_of_four_bytes() -> None:
    engine = SnmpEngine()
    ids = {engine.new_id() for _ in range(2000)}

    assert len(ids) > 1990
    assert all(2**23 <= number < 2**31 for number in ids)
    assert any(number < 2**30 for number in ids)


def test_an_engine_that_was_closed_opens_again() -> None:
    async def run() -> None:
        engine = SnmpEngine()
        session = engine.session("127.0.0.1", 9, credential(), timeout_s=0.05, retries=0)
        first = await session.get([(1, 3, 6)])
        await engine.close()
        await engine.close()
        second = await session.get([(1, 3, 6)])
        await engine.close()

        assert (Reason.REFUSED, Reason.REFUSED) == (first.reason, second.reason)

    asyncio.run(run())
