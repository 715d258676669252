"""The control file of faults."""

from random import Random

import pytest

from wanmon.errors import WanmonError
from wanmon.lab.faults import Fault, FaultKind, garbled, parse_fault, read_faults

PORTS = {"BN-0001-R1": ("lo", "eth0"), "BN-0002-R1": ("lo", "Gi0/0:1")}


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("silent", Fault(FaultKind.SILENT)),
        ("slow 10", Fault(FaultKind.SLOW, delay_s=10)),
        ("slow:0.5", Fault(FaultKind.SLOW, delay_s=0.5)),
        (" port_down   Gi0/0:1 ", Fault(FaultKind.PORT_DOWN, port="Gi0/0:1")),
        ("port_down:eth0", Fault(FaultKind.PORT_DOWN, port="eth0")),
        *((kind, Fault(FaultKind(kind))) for kind in ("rebooted", "counters_reset", "garbage", "wrong_auth")),
    ],
)
def test_a_fault_is_a_word_and_what_belongs_to_it(text, fault):
    assert fault == parse_fault(text)


@pytest.mark.parametrize(
    "text", ["", "dead", "slow", "slow x", "slow -1", "slow nan", "slow 1e9", "port_down", "silent 3"]
)
def test_what_is_no_fault_is_refused_in_one_line(text):
    with pytest.raises(WanmonError) as refusal:
        parse_fault(text)

    assert "\n" not in str(refusal.value)


def test_a_control_file_gives_devices_their_faults(tmp_path):
    file = tmp_path / "faults.yaml"
    file.write_text("BN-0001-R1: slow 10\nBN-0002-R1: [silent, port_down Gi0/0:1, slow: 2]\n")

    assert {
        "BN-0001-R1": (Fault(FaultKind.SLOW, delay_s=10),),
        "BN-0002-R1": (
            Fault(FaultKind.SILENT),
            Fault(FaultKind.PORT_DOWN, port="Gi0/0:1"),
            Fault(FaultKind.SLOW, delay_s=2),
        ),
    } == read_faults(file, PORTS)


@pytest.mark.parametrize("content", [None, "", "# nothing\n", "{}\n"])
def test_no_file_or_an_empty_one_is_no_fault(tmp_path, content):
    file = tmp_path / "faults.yaml"
    if content is not None:
        file.write_text(content)

    assert {} == read_faults(file, PORTS)


@pytest.mark.parametrize(
    "content",
    [
        b"BN-0001-R1: dead\n",
        b"BN-0001-R1: silent\nBN-9999-R1: silent\n",
        b"BN-0001-R1: port_down eth9\n",
        b"BN-0001-R1: [silent, [silent]]\n",
        b"BN-0001-R1:\n",
        b"- silent\n",
        b"silent\n",
        b"1: silent\n",
        b"BN-0001-R1: 2026-99-99\n",
        b"BN-0001-R1: {\n",
        b"BN-0001-R1: !!python/object:os.system x\n",
        b"\xff\xfe",
        b"[" * 5_000,
        b"#" * 1_000_001,
    ],
)
def test_a_file_with_anything_wrong_is_refused_whole_in_one_line(tmp_path, content):
    file = tmp_path / "faults.yaml"
    file.write_bytes(content)

    with pytest.raises(WanmonError) as refusal:
        read_faults(file, PORTS)
    assert str(file) in str(refusal.value)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("content", ["- silent\n", "silent\n", "1: silent\n", "0\n", "[]\n"])
def test_a_file_of_another_shape_is_shown_what_its_lines_look_like(tmp_path, content):
    file = tmp_path / "faults.yaml"
    file.write_text(content)

    with pytest.raises(WanmonError) as refusal:
        read_faults(file, PORTS)
    assert f"{file}: is no list of faults by device: write lines like `BN-0001-R1: silent`" == str(refusal.value)


@pytest.mark.parametrize(
    ("content", "line"),
    [("BN-0001-R1: silent\nBN-0002-R1: [\n", 3), ("BN-0001-R1: silent\n\tBN-0002-R1: slow 1\n", 2), ("a: 'b\n", 2)],
)
def test_bad_yaml_is_told_by_its_line(tmp_path, content, line):
    file = tmp_path / "faults.yaml"
    file.write_text(content)

    with pytest.raises(WanmonError) as refusal:
        read_faults(file, PORTS)
    assert str(refusal.value).startswith(f"{file}:{line}: not YAML: ")
    assert "^" not in str(refusal.value)


def test_a_directory_is_no_control_file(tmp_path):
    with pytest.raises(WanmonError, match="cannot be read"):
        read_faults(tmp_path, PORTS)


def test_garbage_has_any_length_and_keeps_something_of_the_reply_at_times():
    random = Random(1)
    reply = bytes(range(60))
    sent = [garbled(reply, random) for _ in range(500)]

    assert reply not in sent
    assert any(len(datagram) > 1_000 for datagram in sent)
    assert any(datagram == reply[: len(datagram)] for datagram in sent)
    assert any(len(datagram) == 60 for datagram in sent)
    assert any(datagram.startswith(reply) for datagram in sent)


@pytest.mark.parametrize("reply", [b"", b"0"])
def test_garbage_can_be_made_of_next_to_nothing(reply):
    random = Random(1)
    for _ in range(100):
        garbled(reply, random)
