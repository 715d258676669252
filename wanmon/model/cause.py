"""Why an outage happened: a closed list."""

from enum import StrEnum


class Cause(StrEnum):
    """As stored and shown: `carrier_path` is the carrier's, `handoff` what lies between its line and the router."""

    MONITOR = "monitor"  # the silence began in our own fault or absence
    PLANNED = "planned"  # wholly inside a maintenance window
    UPSTREAM = "upstream"  # cut above: the root is another site
    POWER_OR_REBOOT = "power_or_reboot"  # the machine started anew
    HANDOFF = "handoff"  # the WAN port itself dropped: line, cable, power of the ONT or converter
    CARRIER_PATH = "carrier_path"  # the WAN port never dropped: the cut lies beyond the hand-off
    SILENT_REBOOT = "silent_reboot"  # a restart so short that nobody missed the machine
    UNKNOWN = "unknown"  # nothing that was read decides
