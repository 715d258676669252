"""Cisco IOS 12.4 to 15: `ping` and `traceroute` of EXEC mode.

Privilege level 1 is enough where IOS takes the options on one line in user EXEC. Where it answers `% Invalid input
detected`, give the login level 15, or let the level that it has use both: `privilege exec level 1 ping` and
`privilege exec level 1 traceroute`. Source: Cisco IOS Configuration Fundamentals Command Reference.
"""

from wanmon.platforms.ios import ping, read_ping, read_trace, trace

__all__ = ["IS_VERIFIED", "NETMIKO", "PROFILES", "ping", "read_ping", "read_trace", "trace"]

NETMIKO = "cisco_ios"
PROFILES = ("cisco-ios",)
IS_VERIFIED = False
