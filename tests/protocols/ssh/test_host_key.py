"""Fingerprints of host keys, as they are shown and as a person writes them."""

import subprocess

import pytest

from tests.rigs.ssh_server import host_key
from wanmon.errors import UsageError
from wanmon.protocols.ssh.host_key import Fingerprint

TEXT = "SHA256:uNiVztksCsDhcc0u9e8BrrJXVGDp7SRFJ2PKTRvhVhI"


@pytest.mark.parametrize("kind", ["ecdsa", "ed25519", "rsa"])
def test_a_fingerprint_is_the_one_that_openssh_shows(kind, need, tmp_path):
    key = host_key(kind)
    (tmp_path / "key.pub").write_text(f"{key.get_name()} {key.get_base64()}\n", encoding="ascii")
    listed = subprocess.run(
        [need("ssh-keygen"), "-l", "-f", str(tmp_path / "key.pub")], capture_output=True, text=True, check=True
    )
    made = Fingerprint.of(key.asbytes())

    assert listed.stdout.split()[1] == made.text
    assert key.get_name() == made.algorithm


@pytest.mark.parametrize(
    ("words", "algorithm"), [(TEXT, ""), (f"  {TEXT}\n", ""), (f"ssh-rsa {TEXT}", "ssh-rsa")], ids=repr
)
def test_a_written_fingerprint_is_taken_with_or_without_its_algorithm(words, algorithm):
    assert Fingerprint(algorithm, TEXT) == Fingerprint.parse(words)


@pytest.mark.parametrize(
    "words",
    [
        "",
        "SHA256:",
        TEXT[:-1],
        TEXT + "=",
        TEXT + "A",
        TEXT[:-1] + "J",  # the same bytes, written otherwise
        TEXT.replace("SHA256:", "sha256:"),
        "MD5:16:27:ac:a5:76:28:2d:36:63:1b:56:4d:eb:df:a6:48",
        TEXT.replace("u", "ü", 1),
        f"SSH RSA {TEXT}",
        f"ssh-rsa;reload {TEXT}",
    ],
)
def test_what_is_no_fingerprint_is_refused(words):
    """A fingerprint that can never fit would make every login an alarm."""
    with pytest.raises(UsageError, match="is not SHA256: and 43 characters"):
        Fingerprint.parse(words)


@pytest.mark.parametrize(
    ("trusted", "fits"),
    [
        (Fingerprint("ssh-rsa", TEXT), True),
        (Fingerprint("", TEXT), True),
        (Fingerprint("ssh-ed25519", TEXT), False),
        (Fingerprint("ssh-rsa", TEXT[:-1] + "A"), False),
        (Fingerprint("", ""), False),
    ],
)
def test_a_key_fits_by_its_hash_and_by_its_algorithm_where_one_is_written(trusted, fits):
    assert fits == trusted.fits(Fingerprint("ssh-rsa", TEXT))
