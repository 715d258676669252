"""Host keys as fingerprints: what a device shows, and what it is trusted by."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """A public key by its algorithm and hash: `SHA256:` and base64 without padding, as OpenSSH shows it (RFC 4648)."""

    algorithm: str
    text: str

    def __str__(self) -> str:
        return f"{self.algorithm} {self.text}"
