"""What `snmp get` and `snmp walk` print of each kind of value, interpreted and raw."""

import pytest

from wanmon.cli.frame.varbind_view import line, raw_line, raw_record, varbind_record
from wanmon.profiles.names import names_of
from wanmon.protocols.snmp.types import Syntax, VarBind

NAMES = names_of([])
IF = (1, 3, 6, 1, 2, 1, 2, 2, 1)
SYSTEM = (1, 3, 6, 1, 2, 1, 1)
LLDP = (1, 0, 8802, 1, 1, 2, 1, 4, 1, 1)

CASES = {
    "enum": (
        VarBind((*IF, 8, 1), Syntax.INTEGER, 1),
        "ifOperStatus.1 = INTEGER: up(1)",
        ".1.3.6.1.2.1.2.2.1.8.1 = INTEGER: 1",
        "up",
    ),
    "enum beyond the table": (
        VarBind((*IF, 8, 1), Syntax.INTEGER, 9),
        "ifOperStatus.1 = INTEGER: 9",
        ".1.3.6.1.2.1.2.2.1.8.1 = INTEGER: 9",
        "9",
    ),
    "text": (
        VarBind((*SYSTEM, 5, 0), Syntax.OCTET_STRING, "Bắc Ninh".encode()),
        "sysName.0 = STRING: Bắc Ninh",
        ".1.3.6.1.2.1.1.5.0 = Hex-STRING: 42 E1 BA AF 63 20 4E 69 6E 68",
        "Bắc Ninh",
    ),
    "text with an escape sequence": (
        VarBind((*SYSTEM, 5, 0), Syntax.OCTET_STRING, b"\x1b[2J"),
        "sysName.0 = Hex-STRING: 1B 5B 32 4A",
        ".1.3.6.1.2.1.1.5.0 = Hex-STRING: 1B 5B 32 4A",
        "0x1b5b324a",
    ),
    "MAC": (
        VarBind((*IF, 6, 1), Syntax.OCTET_STRING, b"ABCDEF"),
        "ifPhysAddress.1 = STRING: 41:42:43:44:45:46",
        ".1.3.6.1.2.1.2.2.1.6.1 = Hex-STRING: 41 42 43 44 45 46",
        "41:42:43:44:45:46",
    ),
    "name or MAC": (
        VarBind((*LLDP, 5, 0, 1, 1), Syntax.OCTET_STRING, b"\x38\x91\xd5\xfb\x74\x2c"),
        "lldpRemChassisId.0.1.1 = STRING: 38:91:d5:fb:74:2c",
        ".1.0.8802.1.1.2.1.4.1.1.5.0.1.1 = Hex-STRING: 38 91 D5 FB 74 2C",
        "38:91:d5:fb:74:2c",
    ),
    "bits": (
        VarBind((*LLDP, 11, 0, 1, 1), Syntax.OCTET_STRING, b"\x28"),
        "lldpRemSysCapSupported.0.1.1 = STRING: bridge, router",
        ".1.0.8802.1.1.2.1.4.1.1.11.0.1.1 = Hex-STRING: 28",
        "bridge, router",
    ),
    "date": (
        VarBind((1, 3, 6, 1, 2, 1, 25, 1, 2, 0), Syntax.OCTET_STRING, bytes.fromhex("07ea030213050900") + b"+\x07\x00"),
        "hrSystemDate.0 = STRING: 2026-03-02T19:05:09+07:00",
        ".1.3.6.1.2.1.25.1.2.0 = Hex-STRING: 07 EA 03 02 13 05 09 00 2B 07 00",
        "2026-03-02T19:05:09+07:00",
    ),
    "bytes that look like text": (
        VarBind((1, 3, 6, 1, 2, 1, 17, 2, 5, 0), Syntax.OCTET_STRING, b"ABCDEFGH"),
        "dot1dStpDesignatedRoot.0 = Hex-STRING: 41 42 43 44 45 46 47 48",
        ".1.3.6.1.2.1.17.2.5.0 = Hex-STRING: 41 42 43 44 45 46 47 48",
        "0x4142434445464748",
    ),
    "ip": (
        VarBind((1, 3, 6, 1, 2, 1, 4, 20, 1, 1, 10, 27, 0, 1), Syntax.IP_ADDRESS, b"\x0a\x1b\x00\x01"),
        "ipAdEntAddr.10.27.0.1 = IpAddress: 10.27.0.1",
        ".1.3.6.1.2.1.4.20.1.1.10.27.0.1 = Hex-STRING: 0A 1B 00 01",
        "10.27.0.1",
    ),
    "ticks": (
        VarBind((*SYSTEM, 3, 0), Syntax.TIMETICKS, 8_640_000 + 123),
        "sysUpTime.0 = Timeticks: (8640123) 1 day, 0:00:01.23",
        ".1.3.6.1.2.1.1.3.0 = Timeticks: 8640123",
        "1 day, 0:00:01.23",
    ),
    "float": (
        VarBind((1, 3, 6, 1, 4, 1, 2021, 10, 1, 6, 1), Syntax.OPAQUE, b"\x9f\x78\x04\x41\x20\x00\x00"),
        "laLoadFloat.1 = Opaque: 10",
        ".1.3.6.1.4.1.2021.10.1.6.1 = Hex-STRING: 9F 78 04 41 20 00 00",
        "10",
    ),
    "opaque text": (
        VarBind((1, 3, 6, 1, 4, 1, 2021, 10, 1, 6, 1), Syntax.OPAQUE, b"\x09\x07\x032"),
        "laLoadFloat.1 = Hex-STRING: 09 07 03 32",
        ".1.3.6.1.4.1.2021.10.1.6.1 = Hex-STRING: 09 07 03 32",
        "0x09070332",
    ),
    "OID": (
        VarBind((*SYSTEM, 2, 0), Syntax.OBJECT_IDENTIFIER, (1, 3, 6, 1, 4, 1, 9)),
        "sysObjectID.0 = OID: 1.3.6.1.4.1.9",
        ".1.3.6.1.2.1.1.2.0 = OID: 1.3.6.1.4.1.9",
        "1.3.6.1.4.1.9",
    ),
    "counter": (
        VarBind((*IF, 10, 1), Syntax.COUNTER32, 7),
        "ifInOctets.1 = Counter32: 7",
        ".1.3.6.1.2.1.2.2.1.10.1 = Counter32: 7",
        "7",
    ),
    "nobody's": (
        VarBind((1, 3, 6, 1, 4, 1, 9999, 1, 0), Syntax.NULL, None),
        ".1.3.6.1.4.1.9999.1.0 = NULL",
        ".1.3.6.1.4.1.9999.1.0 = NULL",
        "",
    ),
    "missing": (
        VarBind((*SYSTEM, 5, 1), Syntax.NO_SUCH_INSTANCE, None),
        "sysName.1 = No Such Instance currently exists at this OID",
        ".1.3.6.1.2.1.1.5.1 = No Such Instance currently exists at this OID",
        "",
    ),
}


@pytest.mark.parametrize(("varbind", "shown", "raw", "text"), CASES.values(), ids=CASES.keys())
def test_a_value_is_shown_by_what_it_means_and_raw_by_its_digits(varbind, shown, raw, text):
    assert shown == line(varbind, NAMES)
    assert raw == raw_line(varbind)
    assert text == varbind_record(varbind, NAMES)["text"]


def test_a_record_keeps_the_value_beside_its_meaning():
    varbind = CASES["MAC"][0]

    assert {
        "oid": "1.3.6.1.2.1.2.2.1.6.1",
        "name": "ifPhysAddress.1",
        "syntax": "octet_string",
        "value": "ABCDEF",
        "text": "41:42:43:44:45:46",
    } == varbind_record(varbind, NAMES)
    assert {"oid": "1.3.6.1.2.1.2.2.1.6.1", "syntax": "octet_string", "value": "0x414243444546"} == raw_record(varbind)
