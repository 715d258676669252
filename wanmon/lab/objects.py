"""The objects of one agent: instances in OID order, found by name and by "what comes next".

Knows no device: an instance is given its value, or the function that tells it for an instant. Read-only.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable

from wanmon.lab.encoding import length, number_content, oid_content, tlv, varbind
from wanmon.protocols.snmp.types import Oid, Syntax, Value

#: The value of a numeric instance at an instant, in milliseconds since 1970.
Read = Callable[[int], int]


class Fixed:
    """An instance whose value does not change while the store lives; its var-bind is encoded once."""

    __slots__ = ("_encoded", "_value", "oid", "syntax")

    def __init__(self, oid: Oid, syntax: Syntax, value: Value) -> None:
        self.oid = oid
        self.syntax = syntax
        self._value = value
        self._encoded = varbind(oid, syntax, _content(value))

    def value(self, at_ms: int) -> Value:
        """The value, whatever the instant."""
        return self._value

    def varbind(self, at_ms: int) -> bytes:
        """The encoded VarBind."""
        return self._encoded


class Moving:
    """A numeric instance read afresh for each instant; name and tag are encoded once."""

    __slots__ = ("_head", "_read", "oid", "syntax")

    def __init__(self, oid: Oid, syntax: Syntax, read: Read) -> None:
        self.oid = oid
        self.syntax = syntax
        self._read = read
        self._head = tlv(Syntax.OBJECT_IDENTIFIER, oid_content(oid)) + bytes((syntax,))

    def value(self, at_ms: int) -> int:
        """The value at an instant."""
        return self._read(at_ms)

    def varbind(self, at_ms: int) -> bytes:
        """The encoded VarBind at an instant."""
        content = number_content(self._read(at_ms))
        body = self._head + length(len(content)) + content
        return b"\x30" + length(len(body)) + body


Instance = Fixed | Moving


class ObjectStore:
    """Instances in lexicographic order."""

    def __init__(self, instances: Iterable[Instance]) -> None:
        self.instances = sorted(instances, key=lambda instance: instance.oid)
        self._oids = [instance.oid for instance in self.instances]
        self._by_oid = dict(zip(self._oids, self.instances, strict=True))
        # The object of an instance is its OID less the index, which mostly is one number; of a recording nobody knows.
        self._objects = {oid[:-1] for oid in self._oids}
        self._object_lengths = sorted({len(name) for name in self._objects})

    def get(self, oid: Oid) -> Instance | None:
        """The instance of exactly that name."""
        return self._by_oid.get(oid)

    def position_after(self, oid: Oid) -> int:
        """Where in `instances` the first one behind `oid` stands; the length of `instances` if none does."""
        return bisect_right(self._oids, oid)

    def absence(self, oid: Oid) -> Syntax:
        """How RFC 3416 (section 4.2.1) says that `oid` is not there: the object is missing, or only the row."""
        known = any(oid[:size] in self._objects for size in self._object_lengths)
        return Syntax.NO_SUCH_INSTANCE if known else Syntax.NO_SUCH_OBJECT


def _content(value: Value) -> bytes:
    """A value as the content of its TLV."""
    if value is None:
        return b""
    if isinstance(value, int):
        return number_content(value)
    return value if isinstance(value, bytes) else oid_content(value)
