"""From the bytes of a device to the page: whatever encoding names are in, everything parses and no series comes twice.

WANMON_TEXTS says how many random texts (2,000 unless told; `make texts` tries 100,000).
"""

import os
import random
import unicodedata
from collections.abc import Iterator

from tests.metrics.rendered import OPEN, TEXT, columns, lines, of, polled, samples, track
from tests.metrics.test_device_lines import UP, shown
from tests.poller.scripted import library
from wanmon.poller.device.layout import learn
from wanmon.poller.device.sensors import MOST_OF_A_KIND, Health, health
from wanmon.profiles.objects import MibObject
from wanmon.profiles.sensors import Temperature
from wanmon.protocols.snmp.types import Oid, Value

HOW_MANY = int(os.environ.get("WANMON_TEXTS", "2000"))
A_DEVICE_S = 250
WORDS = ["Bắc Ninh", "Trụ sở Đảng ủy", "UBND xã Phù Lương", "Cổng số 1", "kết nối Viettel", "đường truyền"]
BREAKERS = [b'"', b"\\", b"\n", b"\r\n", b'"} 1\nevil{x="', b"\\n", b"# EOF", b"{", b"}", b"%d", b"%s%", b"\0", b"\x85"]
SURROGATES = [b"\xed\xa0\x80", b"\xed\xbf\xbf", b"\xed\xa0\xbd\xed\xb8\x80"]


def tcvn3(luck: random.Random) -> bytes:
    """TCVN 5712 type 3: one byte above 0xA0 for each letter with its marks."""
    return bytes(luck.choice([luck.randrange(0x20, 0x7F), luck.randrange(0xA1, 0xFF)]) for _ in range(12))


def vni(luck: random.Random) -> bytes:
    """VNI: a letter, then a byte for its marks."""
    return b"".join(bytes([luck.choice(b"aeiouy"), luck.randrange(0xC0, 0x100)]) for _ in range(6))


def cp1258(luck: random.Random) -> bytes:
    """Windows' code page of Vietnam: some letters whole, tones as bytes of their own."""
    return unicodedata.normalize("NFD", luck.choice(WORDS)).encode("cp1258", "ignore")


def utf8(luck: random.Random) -> bytes:
    return unicodedata.normalize(luck.choice(["NFC", "NFD"]), luck.choice(WORDS)).encode()


def anything(luck: random.Random) -> bytes:
    return luck.randbytes(luck.randrange(24))


def mixed(luck: random.Random) -> bytes:
    parts = [luck.choice([*BREAKERS, *SURROGATES, luck.choice(WORDS).encode(), luck.randbytes(2)]) for _ in range(4)]
    return b"".join(parts)


def texts(seed: int) -> Iterator[bytes]:
    luck = random.Random(seed)
    makers = [tcvn3, vni, cp1258, utf8, anything, mixed]
    while True:
        yield luck.choice(makers)(luck)


def health_of(found: Iterator[bytes]) -> Health:
    """Sensors that are called so."""
    rows = [(row,) for row in range(MOST_OF_A_KIND)]
    cells = {"heat": dict.fromkeys(rows, 20), "label": {row: next(found) for row in rows}}
    objects = {
        "heat": MibObject.model_validate({"name": "heat", "oid": "1.3.6.1", "syntax": "integer", "unit": "celsius"}),
        "label": MibObject.model_validate({"name": "label", "oid": "1.3.6.2", "syntax": "text"}),
    }
    return health({"temperature": Temperature(value="heat", label="label")}, objects, cells)


def test_no_text_of_a_device_blinds_the_scrape():
    """snmp_exporter #824, the other way round: one bad name and a whole scrape is refused."""
    found = texts(seed=20)
    for number in range(-(-HOW_MANY // (3 * A_DEVICE_S + 1 + MOST_OF_A_KIND))):
        rows = range(1, A_DEVICE_S + 1)
        walked: dict[Oid, dict[int, Value]] = {
            root: {row: next(found) for row in rows}
            for root in (
                (1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 1),
                (1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 18),
                (1, 3, 6, 1, 2, 1, 2, 2, 1, 2),
            )
        }
        walked[1, 3, 6, 1, 2, 1, 2, 2, 1, 8] = dict.fromkeys(rows, 1)
        sysname = next(found)
        layout = learn(library().named("net-snmp"), {"name": sysname, "description": sysname}, walked)
        layout.reading.values[:] = [1] * len(layout.reading.oids)
        of_device = track()
        of_device.snmp.identity = layout.identity
        made = lines(of_device, polled(layout.ports, columns=columns(A_DEVICE_S), health=health_of(found)))
        page = shown(made, accept=OPEN if number % 2 else TEXT)

        assert samples(page)
        assert A_DEVICE_S == len(of(page, UP))
        assert MOST_OF_A_KIND == len(of(page, "wanmon_device_temperature_celsius"))
