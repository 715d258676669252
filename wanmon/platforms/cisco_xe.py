"""Cisco IOS XE 3.x, 16 and 17: `ping` and `traceroute` of EXEC mode.

Rights are those of IOS: privilege level 1, or 15 where user EXEC does not take the options. Its agent cannot be told
from that of IOS, so a device has to be given this platform by name.
Source: Cisco IOS XE Configuration Fundamentals Command Reference.
"""

from wanmon.platforms.ios import ping, read_ping, read_trace, trace

__all__ = ["IS_VERIFIED", "NETMIKO", "PROFILES", "ping", "read_ping", "read_trace", "trace"]

NETMIKO = "cisco_xe"
PROFILES = ()
IS_VERIFIED = False
