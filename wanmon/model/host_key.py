"""The SSH host keys by which devices are known: enrolled by a person, never taken up by themselves."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from wanmon.model.fields import UtcDateTime


class HostKey(SQLModel, table=True):
    """The key that a device is trusted by, and another one that it showed since.

    `algorithm` is its type (`ssh-ed25519`, `ssh-rsa`, …), `fingerprint` is `SHA256:` and base64 without padding, as
    OpenSSH shows it. A `changed_fingerprint` is an alarm: somebody else answers, or the router was replaced.
    """

    __tablename__ = "host_key"

    device: str = Field(primary_key=True, foreign_key="device.name", ondelete="CASCADE")
    algorithm: str
    fingerprint: str
    trusted_at: datetime = Field(sa_type=UtcDateTime)
    trusted_by: str
    changed_fingerprint: str = ""
    changed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
