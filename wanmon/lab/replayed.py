"""A session with a recorded walk, inside this process: what a device of that kind would answer, at once and unchanged."""

from bisect import bisect_right
from collections.abc import Sequence

from wanmon.lab.snmprec import Recorded
from wanmon.protocols.snmp.types import Answer, Oid, Reading, Readout, Syntax, VarBind


class ReplayedSession:
    """Implements `types.Session` over a recording; every question is answered, and `questions` counts them."""

    def __init__(self, recorded: Recorded) -> None:
        self.questions = 0
        self._recorded = recorded
        self._order = sorted(recorded)

    async def get(self, oids: Sequence[Oid], deadline_s: float | None = None) -> Answer:
        """What was recorded of these instances."""
        self.questions += 1
        return Answer(tuple(map(self._varbind, oids)), was_heard=True)

    async def walk(self, root: Oid, deadline_s: float | None = None) -> Answer:
        """Everything recorded below `root`."""
        self.questions += 1
        found = []
        for oid in self._order[bisect_right(self._order, root) :]:
            if oid[: len(root)] != root:
                break
            found.append(self._varbind(oid))
        return Answer(tuple(found), was_heard=True)

    async def read(self, reading: Reading, deadline_s: float | None = None) -> Readout:
        """The same values as ever."""
        self.questions += 1
        values = [self._varbind(oid).value for oid in reading.oids]
        changed = [place for place, value in enumerate(values) if value != reading.values[place]]
        reading.values[:] = values
        return Readout(changed, 1.0)

    def _varbind(self, oid: Oid) -> VarBind:
        return VarBind(oid, *self._recorded.get(oid, (Syntax.NO_SUCH_INSTANCE, None)))
