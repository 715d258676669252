"""What a script can let happen: the troubles, what each means, and what it needs to be told. Tables only."""

from dataclasses import dataclass
from enum import StrEnum

from wanmon.model.cause import Cause


class Trouble(StrEnum):
    """The troubles by the names that scripts use."""

    CUT = "cut"
    CUT_BELOW = "cut_below"
    CARRIER_CUT = "carrier_cut"
    PORT_PULL = "port_pull"
    FLAP = "flap"
    LOSS = "loss"
    SLOW = "slow"
    POWER_CUT = "power_cut"
    BROWN_OUT = "brown_out"
    REBOOT = "reboot"
    AGENT_DOWN = "agent_down"
    AGENT_RESTART = "agent_restart"
    FILTER_ECHO = "filter_echo"
    UPTIME_WRAP = "uptime_wrap"
    CLOCK_STEP = "clock_step"
    UNPLUG_MONITOR = "unplug_monitor"
    STOP_POLLER = "stop_poller"


class Target(StrEnum):
    """Whom a trouble befalls."""

    SITES = "sites"
    CARRIER = "carrier"
    OURSELVES = "ourselves"


@dataclass(frozen=True, slots=True)
class Kind:
    """What a trouble means, whom it befalls, and whether it lasts.

    `ratio` and `seconds` are what these two keys mean where they are left out; None where the trouble has no such key.
    `cause` is what an outage that it makes should be put down to.
    """

    meaning: str
    target: Target = Target.SITES
    lasts: bool = True
    ratio: float | None = None
    seconds: float | None = None
    cause: Cause | None = None


KINDS: dict[Trouble, Kind] = {
    Trouble.CUT: Kind("the line is cut beyond the hand-off: the port stays up", cause=Cause.CARRIER_PATH),
    Trouble.CUT_BELOW: Kind("the lines of all sites directly behind are cut", cause=Cause.CARRIER_PATH),
    Trouble.CARRIER_CUT: Kind("all circuits of a carrier are cut", Target.CARRIER, cause=Cause.CARRIER_PATH),
    Trouble.PORT_PULL: Kind("the port that the line ends on drops: cable, converter", cause=Cause.HANDOFF),
    Trouble.FLAP: Kind(
        "the port drops for a share (ratio) of every so many seconds", ratio=0.5, seconds=120.0, cause=Cause.HANDOFF
    ),
    Trouble.LOSS: Kind("a share (ratio) of all round trips is lost", ratio=0.3),
    Trouble.SLOW: Kind("every round trip takes so many seconds more", seconds=0.4),
    Trouble.POWER_CUT: Kind("the power is gone; the router boots when it is back", cause=Cause.POWER_OR_REBOOT),
    Trouble.BROWN_OUT: Kind(
        "the voltage sags: the router starts anew every so many seconds", seconds=300.0, cause=Cause.POWER_OR_REBOOT
    ),
    Trouble.REBOOT: Kind("the router is switched off and on", lasts=False, cause=Cause.POWER_OR_REBOOT),
    Trouble.AGENT_DOWN: Kind("SNMP is silent, then the agent starts anew"),
    Trouble.AGENT_RESTART: Kind("the agent alone starts anew, after so many seconds", lasts=False, seconds=5.0),
    Trouble.FILTER_ECHO: Kind("echo is filtered, SNMP is not"),
    Trouble.UPTIME_WRAP: Kind("sysUpTime passes 2^32 ticks after 497 days", lasts=False),
    Trouble.CLOCK_STEP: Kind(
        "our own clock is set forward by so many seconds", Target.OURSELVES, False, seconds=3600.0
    ),
    Trouble.UNPLUG_MONITOR: Kind("our own uplink is unplugged", Target.OURSELVES, cause=Cause.MONITOR),
    Trouble.STOP_POLLER: Kind("the poller is stopped, and started again", Target.OURSELVES, cause=Cause.MONITOR),
}
