"""Host keys as people give them: `SHA256:...`, as OpenSSH shows it, with the type of the key before it or not."""

import re

from wanmon.errors import UsageError
from wanmon.protocols.ssh.host_key import Fingerprint

#: 32 bytes in base64 without padding (RFC 4648 section 3.2); the last of 43 digits has two bits that are 0.
_FINGERPRINT = re.compile(r"(?:([a-z0-9][a-z0-9@.-]{0,63}) )?(SHA256:[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048])")


def fingerprint(text: str) -> Fingerprint:
    """The key that a person gave; its algorithm is empty where they did not. Raises `UsageError`."""
    match = _FINGERPRINT.fullmatch(text.strip())
    if not match:
        raise UsageError(
            f"--fingerprint {text!r:.80}: is not SHA256: and 43 digits, as `ssh-keygen -lf` shows it on the console"
        )
    return Fingerprint(match[1] or "", match[2])
