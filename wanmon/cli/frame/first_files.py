"""The files that `wanmon init` writes for the operator to fill in: every key with its default, commented out."""

WANMON_TOML = """\
# wanmon's configuration. Every key stands here with its default: take the # away and write another value.
# Flags and WANMON_* variables (nested with __, like WANMON_SNMP__ENGINE) beat this file.
# Relative paths are relative to this file. `wanmon config check` tells what is wrong, `config show` what is in force.

# Where the inventory, the states and the log of changes lie.
#database = "sqlite:///var/wanmon.db"

# The credentials, readable by the owner alone.
#secrets = "secrets.toml"

# A folder of profiles of your own, beside the shipped ones; none by default.
#profiles = "profiles"

# Where the web answers: HOST:PORT, IPv6 hosts in brackets.
#listen = "127.0.0.1:17700"

# Addresses that tell whether we ourselves are cut off: our own gateway, hosts of the hub. While none of them answers,
# nothing is called down. With none given, most sites falling silent at once are taken for our own silence.
#canaries = []

# How others reach wanmon and Grafana, for the links in alerts.
#external_url = ""
#grafana_url = ""

# debug, info, warning or error
#log_level = "info"

[snmp]
# native or pysnmp
#engine = "native"
# How long to wait for a reply while the times of an agent are not known, and how often to ask again.
#timeout_s = 2.0
#retries = 2
# The largest reply to ask for: what fits one packet. Of agents that bear less, less is asked.
#max_response_bytes = 1400
# Devices asked at the same time.
#in_flight = 64
# Networks within which an agent may answer from another address than was asked: ["10.27.3.0/29"]
#other_sources = []

[echo]
# How long to wait for the reply to an echo.
#timeout_s = 1.0
# Echoes sent in a second, at most.
#per_second = 500

[logins]
# Sessions on routers at the same time, of serve and the command line together.
#sessions = 8
# How long each step of a login may take, and a session as a whole.
#timeout_s = 10.0
#session_s = 60.0
"""

SECRETS_TOML = """\
# Credentials, by name; the inventory names them and holds none. Mode 0600, or it is refused.
# A value is the text itself, file:PATH or env:NAME. networks: the only addresses it may be sent to.

#[snmp.wan-v2c]
#version = "2c"
#community = "file:/etc/wanmon/community"
#networks = ["192.0.2.0/24"]

#[snmp.core-v3]
#version = "3"
#user = "wanmon"
#auth = { protocol = "SHA-256", password = "env:WANMON_AUTH" }
#priv = { protocol = "AES-128", password = "env:WANMON_PRIV" }
# Only where the device asks for one.
#context = ""
#networks = ["198.51.100.0/24"]

#[ssh.routers]
#username = "wanmon"
#password = "env:WANMON_SSH"
#networks = ["192.0.2.0/24"]
"""
