"""A session with a recorded walk, inside this process: what such a device would answer, at once and unchanged."""

from bisect import bisect_right
from collections.abc import Sequence

from wanmon.lab.snmprec import Recorded
from wanmon.protocols.snmp.conversation import Conversation, Heard
from wanmon.protocols.snmp.manners import DEFAULT_BYTES, Manners
from wanmon.protocols.snmp.message import Question, Version
from wanmon.protocols.snmp.packing import HEADERS_BYTES
from wanmon.protocols.snmp.types import Oid, Reading, Readout, Syntax, VarBind

_END = VarBind((2, 0), Syntax.END_OF_MIB_VIEW, None)
#: About what a var-bind takes; nothing here is sent anywhere.
_VARBIND_BYTES = HEADERS_BYTES + 26


class ReplayedSession(Conversation):
    """Implements `asking.Session` over a recording; every question is answered, and `questions` counts them."""

    def __init__(self, recorded: Recorded) -> None:
        super().__init__(Version.V2C, 0, Manners(DEFAULT_BYTES, 1.0))
        self.questions = 0
        self._recorded = recorded
        self._order = sorted(recorded)

    async def read(self, reading: Reading, deadline_s: float | None = None) -> Readout:
        """The same values as ever."""
        self.questions += 1
        values = [self._varbind(oid).value for oid in reading.oids]
        changed = [place for place, value in enumerate(values) if value != reading.values[place]]
        reading.values[:] = values
        return Readout(changed, 1.0)

    async def _hear(
        self, question: Question, oids: Sequence[Oid], max_repetitions: int, deadline_s: float | None
    ) -> Heard:
        self.questions += 1
        if question is Question.GET:
            varbinds = [self._varbind(oid) for oid in oids]
        else:
            places = [bisect_right(self._order, oid) for oid in oids]
            varbinds = [self._at(place + row) for row in range(max_repetitions) for place in places]
        return Heard(tuple(varbinds), _VARBIND_BYTES * len(varbinds))

    def _at(self, place: int) -> VarBind:
        return self._varbind(self._order[place]) if place < len(self._order) else _END

    def _varbind(self, oid: Oid) -> VarBind:
        return VarBind(oid, *self._recorded.get(oid, (Syntax.NO_SUCH_INSTANCE, None)))
