"""What is shown of the present: one immutable snapshot, swapped whole.

A scrape takes the board once and reads it in peace; it never waits for a poll and never sees half of one. Devices are
kept as the bytes that were rendered when their poll ended.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from wanmon.health.two_way import Judgement
from wanmon.model.cause import Cause
from wanmon.model.inventory import EMPTY, Inventory
from wanmon.model.state import State
from wanmon.poller.checking.book import Entry
from wanmon.poller.checking.questions import Key
from wanmon.poller.seconds import SiteSeconds

#: Rendered samples by metric family.
Families = Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class DeviceLines:
    """What is exported of one device.

    `own` is always shown; `values`, read from the device, only until `values_until_s`, and `echo` until
    `echo_until_s` (monotonic): three intervals without an answer, and they are old.
    """

    own: Families = field(default_factory=dict)
    values: Families = field(default_factory=dict)
    values_until_s: float = 0.0
    echo: Families = field(default_factory=dict)
    echo_until_s: float = 0.0


@dataclass(frozen=True, slots=True)
class SiteView:
    """The present state of a site. `reason` tells what is amiss or why it is lost, `roots` who cut it off.

    `circuits` are the states of those circuits of which something is claimed; `outages` counts those that have ended,
    by cause. `maintenance_ends_s` is None outside maintenance, and infinite for a window without an end.
    """

    state: State
    since: datetime | None
    reason: str = ""
    roots: tuple[str, ...] = ()
    is_upstream_down: bool = False
    is_acknowledged: bool = False
    maintenance_ends_s: float | None = None
    circuits: Mapping[str, State] = field(default_factory=dict)
    outages: Mapping[Cause, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Board:
    """All that is shown, by device name and site code. `is_ready` once every device was asked.

    `figures` are the rendered ones of this month and the last, as they were reckoned last; `checks` what is held of
    each question; `verdicts` those on the ways to sites of which something is claimed.
    """

    inventory: Inventory = EMPTY
    devices: Mapping[str, DeviceLines] = field(default_factory=dict)
    sites: Mapping[str, SiteView] = field(default_factory=dict)
    seconds: Mapping[str, SiteSeconds] = field(default_factory=dict)
    figures: Families = field(default_factory=dict)
    checks: Mapping[Key, Entry] = field(default_factory=dict)
    verdicts: Mapping[str, Judgement] = field(default_factory=dict)
    is_isolated: bool = False
    is_ready: bool = False

    def with_device(self, name: str, lines: DeviceLines) -> "Board":
        """The board with one device shown anew."""
        return replace(self, devices={**self.devices, name: lines})

    def with_site(self, code: str, view: SiteView) -> "Board":
        """The board with one site shown anew."""
        return replace(self, sites={**self.sites, code: view})
