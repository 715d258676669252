"""Host keys as fingerprints: what a device shows, and what it is trusted by."""

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass

from wanmon.errors import UsageError

_NAME = re.compile(r"[a-z0-9][a-z0-9@.-]{2,63}")
_PREFIX = "SHA256:"
_BYTES = hashlib.sha256().digest_size


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """A public key by its algorithm and hash: `SHA256:` and base64 without padding, as OpenSSH shows it (RFC 4648)."""

    algorithm: str
    text: str

    @classmethod
    def of(cls, key: bytes) -> "Fingerprint":
        """That of a public key as it goes over the wire: its name, then its numbers (RFC 4253 section 6.6)."""
        length = int.from_bytes(key[:4])
        digest = base64.b64encode(hashlib.sha256(key).digest()).decode().rstrip("=")
        return cls(key[4 : 4 + length].decode("ascii", "backslashreplace"), _PREFIX + digest)

    @classmethod
    def parse(cls, words: str) -> "Fingerprint":
        """What a person wrote: `SHA256:…`, also after the name of its algorithm, which is empty if not given.

        Raises `UsageError`.
        """
        algorithm, _, text = words.strip().rpartition(" ")
        if (algorithm and not _NAME.fullmatch(algorithm)) or not _is_sha256(text):
            raise UsageError(
                f"fingerprint {words!r:.100}: is not SHA256: and 43 characters, as `ssh-keygen -l` shows it"
            )
        return cls(algorithm, text)

    def fits(self, shown: "Fingerprint") -> bool:
        """Whether a key that a device shows is the one meant; where no algorithm was written the hash says it all."""
        return self.text == shown.text and self.algorithm in ("", shown.algorithm)

    def __str__(self) -> str:
        return f"{self.algorithm} {self.text}".lstrip()


def _is_sha256(text: str) -> bool:
    """Whether it is the one way to write some SHA-256: the last character of base64 could be written in four."""
    digest = text.removeprefix(_PREFIX)
    try:
        raw = base64.b64decode(f"{digest}=", validate=True)
    except (binascii.Error, ValueError):
        return False
    return len(raw) == _BYTES and text == _PREFIX + base64.b64encode(raw).decode().rstrip("=")
