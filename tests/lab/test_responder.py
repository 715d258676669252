"""What an agent says to v1 and v2c requests, and that nothing it is sent can stop it.

The judge of the good cases is net-snmp (`test_agents.py`); here are those that its tools do not produce.
"""

from random import Random

import pytest

from wanmon.config.secrets import SnmpCredential
from wanmon.lab.agent import Agent
from wanmon.lab.agent_wire import Malformed, read_names, read_request
from wanmon.lab.encoding import length, number_content, oid_content, tlv
from wanmon.lab.faults import Fault, FaultKind
from wanmon.lab.responder import LARGEST_VARBINDS
from wanmon.lab.spec import AgentSpec, PortSpec
from wanmon.lab.timeline import Timeline

GET, GET_NEXT, SET, GET_BULK = 0xA0, 0xA1, 0xA3, 0xA5
UPTIME = (1, 3, 6, 1, 2, 1, 1, 3, 0)
NAME = (1, 3, 6, 1, 2, 1, 1, 5, 0)
LAST = (1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 19, 4)
DISCOVERY = bytes.fromhex(
    "303e02010330110204088d84a3020300ffe30401040201030410300e0400020100020100040004000400301404000400a00e02041ba4aa78"
    "0201000201003000"
)
SPEC = AgentSpec("BN-0001-R1", "127.27.0.1", 1161, "BN-0001", ports=(PortSpec("eth0"),))


@pytest.fixture
def agent(hand_clock):
    credentials = [
        SnmpCredential(version="2c", community="lab-community", networks=("127.0.0.0/8",)),
        SnmpCredential(version="3", user="open", networks=("127.0.0.0/8",)),
    ]
    return Agent(SPEC, credentials, 7, Timeline(hand_clock))


def nulls(*oids):
    """The variable-bindings of a request."""
    return b"".join(tlv(0x30, tlv(6, oid_content(oid)) + b"\x05\x00") for oid in oids)


def request(tag, *oids, version=1, second=0, third=0, community=b"lab-community"):
    numbers = b"".join(tlv(2, number_content(number)) for number in (123_456_789, second, third))
    pdu = tlv(tag, numbers + tlv(0x30, nulls(*oids)))
    return tlv(0x30, tlv(2, number_content(version)) + tlv(4, community) + pdu)


def varbinds_of(reply):
    """The variable-bindings of a response, undecoded, after checking its frame by the request's reader."""
    return read_request(reply.replace(b"\xa2", b"\xa0", 1)).varbinds


def test_a_response_repeats_version_community_and_request_id(agent):
    asked = read_request(request(GET, NAME))
    told = read_request(agent.answer(request(GET, NAME)).replace(b"\xa2", b"\xa0", 1))

    assert (asked.version, asked.community, asked.request_id) == (told.version, told.community, told.request_id)


def test_the_same_request_again_gets_fresh_values(agent, hand_clock):
    first = agent.answer(request(GET, UPTIME))
    hand_clock.move(1)

    assert first != agent.answer(request(GET, UPTIME))


def test_a_remembered_request_forgets_the_ports_that_moved(agent):
    asked = request(GET, (1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 1, 2))
    assert b"eth0" in agent.answer(asked)
    agent.set_faults([Fault(FaultKind.IFINDEX_SHUFFLED)])

    assert b"eth0" not in agent.answer(asked)


def test_an_empty_request_gets_an_empty_response(agent):
    for tag in (GET, GET_NEXT, GET_BULK):
        assert b"" == varbinds_of(agent.answer(request(tag, third=10)))


def test_a_get_that_does_not_fit_is_too_big(agent):
    reply = read_request(agent.answer(request(GET, *[NAME] * 400)).replace(b"\xa2", b"\xa0", 1))

    assert (1, 0, b"") == (reply.second, reply.third, reply.varbinds)


def test_a_getbulk_is_cut_to_what_fits(agent):
    content = varbinds_of(agent.answer(request(GET_BULK, *[(1, 3)] * 50, third=2_000_000_000)))

    assert LARGEST_VARBINDS - 100 < len(content) <= LARGEST_VARBINDS
    assert len(read_names(content)) > 100


def test_negative_counts_of_a_getbulk_are_zero(agent):
    assert b"" == varbinds_of(agent.answer(request(GET_BULK, NAME, second=-5, third=-5)))


def test_a_getbulk_ends_when_every_column_has_ended(agent):
    names = read_names(varbinds_of(agent.answer(request(GET_BULK, LAST, (1, 3, 7), third=100))))

    assert [LAST, (1, 3, 7)] == names


def test_a_getbulk_of_v1_does_not_exist(agent):
    assert agent.answer(request(GET_BULK, NAME, version=0, third=5)) is None


@pytest.mark.parametrize("tag", [0xA2, 0xA4, 0xA6, 0xA7, 0xA8, 0x30])
def test_what_is_no_request_gets_no_answer(agent, tag):
    assert agent.answer(request(tag, NAME)) is None


@pytest.mark.parametrize("community", [b"public", b"", b"lab-communit", b"LAB-COMMUNITY", b"x" * 300])
def test_a_wrong_community_gets_no_answer(agent, community):
    assert agent.answer(request(GET, NAME, community=community)) is None


@pytest.mark.parametrize("version", [0, 1, 3])
def test_a_request_cut_at_any_byte_gets_no_answer(agent, version):
    whole = request(GET, NAME, UPTIME, version=version)
    for end in range(len(whole)):
        assert agent.answer(whole[:end]) is None


def test_v3_messages_cut_or_changed_never_stop_an_agent(agent):
    """The whole one is net-snmp's discovery, and gets a report."""
    random = Random(20260302)
    assert agent.answer(DISCOVERY) is not None
    for end in range(len(DISCOVERY)):
        agent.answer(DISCOVERY[:end])
        octets = bytearray(DISCOVERY)
        octets[end] = random.randrange(256)
        agent.answer(bytes(octets))

    assert agent.answer(DISCOVERY) is not None
    assert b"BN-0001-R1" in agent.answer(request(GET, NAME))


def test_lengths_need_not_be_shortest(agent):
    """Some pollers always write two octets of length."""
    inner = request(GET, NAME)[2:]

    assert b"BN-0001-R1" in agent.answer(b"\x30\x82" + len(inner).to_bytes(2, "big") + inner)


@pytest.mark.parametrize(
    "oid",
    [b"", b"\x2b\x86", b"\x2b" + b"\x01" * 200, b"\x2b\x90\x80\x80\x80\x00", b"\x2b" + b"\xff" * 300 + b"\x01"],
    ids=["empty", "cut", "long", "arc of 33 bits", "endless arc"],
)
def test_an_oid_that_cannot_be_is_malformed(oid):
    with pytest.raises(Malformed):
        read_names(tlv(0x30, tlv(6, oid) + b"\x05\x00"))


def test_random_and_mutated_datagrams_never_stop_an_agent(agent):
    """v1, v2c and v3, single octets changed or added, and plain noise."""
    random = Random(20260302)
    whole = [
        request(tag, NAME, LAST, version=version, third=7)
        for tag in (GET, GET_NEXT, SET, GET_BULK)
        for version in (0, 1, 3)
    ]
    for _ in range(6_000):
        octets = bytearray(random.choice(whole))
        for _ in range(random.randint(1, 4)):
            octets[random.randrange(len(octets))] = random.randrange(256)
        agent.answer(bytes(octets))
        agent.answer(random.randbytes(random.randrange(80)))

    assert b"BN-0001-R1" in agent.answer(request(GET, NAME))


def test_nested_and_oversized_lengths_are_refused_at_once(agent):
    for datagram in (b"\x30" * 60_000, b"\x30\x84\xff\xff\xff\xff" * 1_000, b"\x30\x80" + b"\x00" * 60_000):
        assert agent.answer(datagram) is None


@pytest.mark.parametrize(
    ("number", "content"),
    [(0, "00"), (127, "7f"), (128, "0080"), (255, "00ff"), (256, "0100"), (2**32 - 1, "00ffffffff"),
     (2**64 - 1, "00ffffffffffffffff"), (-1, "ff"), (-128, "80"), (-129, "ff7f")],
)  # fmt: skip
def test_numbers_are_written_as_short_as_they_can_be(number, content):
    """X.690 section 8.3.2."""
    assert content == number_content(number).hex()


@pytest.mark.parametrize(("size", "written"), [(0, "00"), (127, "7f"), (128, "8180"), (255, "81ff"), (256, "820100")])
def test_lengths_are_written_as_short_as_they_can_be(size, written):
    assert written == length(size).hex()


def test_oids_are_written_seven_bits_to_the_octet():
    """X.690 section 8.19.5 gives 2.999.3 as its example."""
    assert "883703" == oid_content((2, 999, 3)).hex()
    assert [(2, 999, 3), (1, 3, 6, 2**32 - 1)] == read_names(nulls((2, 999, 3), (1, 3, 6, 2**32 - 1)))
