"""Every metric that is rendered from the board: name, type, help and labels, in base units.

The help of what is read from a device ends with the object it comes from.
"""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["counter", "gauge", "histogram"]

SITE = ("site",)
CIRCUIT = ("site", "circuit")
PERIOD = ("site", "period")
CIRCUIT_PERIOD = ("site", "circuit", "period")
DEVICE = ("site", "device")
INTERFACE = ("site", "device", "interface")
CHECK = ("site", "device", "check", "target")


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric family."""

    name: str
    kind: Kind
    help: str
    labels: tuple[str, ...]


_SITE_INFO = (
    "site", "name", "unit", "unit_name", "district", "district_name",
    "kind", "class", "status", "latitude", "longitude",
)  # fmt: skip

METRICS = (
    Metric("wanmon_site_state", "gauge", "State: 0 unknown, 1 up, 2 degraded, 3 down, 4 unreachable.", SITE),
    Metric("wanmon_site_up", "gauge", "1 for up and degraded, 0 for down and unreachable, absent while unknown.", SITE),
    Metric("wanmon_site_unknown", "gauge", "1 while nothing is known of the site.", SITE),
    Metric("wanmon_site_degraded", "gauge", "1 while the site is up and something is amiss.", SITE),
    Metric("wanmon_site_last_change_timestamp_seconds", "gauge", "When the site took on its present state.", SITE),
    Metric("wanmon_site_maintenance", "gauge", "1 while the site, or every circuit of it, is under maintenance.", SITE),
    Metric(
        "wanmon_site_maintenance_end_timestamp_seconds",
        "gauge",
        "When the window in force ends; absent outside of one, and while it has no end.",
        SITE,
    ),
    Metric("wanmon_site_upstream_down", "gauge", "1 while every site that it stands behind is lost.", SITE),
    Metric(
        "wanmon_site_verdict",
        "gauge",
        "1 for what both ends say together of the way to the site, 0 for the others; absent while nothing is known.",
        ("site", "verdict"),
    ),
    Metric(
        "wanmon_site_root_cause_info",
        "gauge",
        "The site that cut an unreachable one off; of several the one that fell first.",
        ("site", "root_cause_site"),
    ),
    Metric("wanmon_site_outage_acknowledged", "gauge", "1 while somebody has taken the open outage on.", SITE),
    Metric(
        "wanmon_site_outages_total",
        "counter",
        "Outages that have ended since this process began, by cause, counted when the cause is known.",
        ("site", "cause"),
    ),
    Metric("wanmon_site_monitored_seconds_total", "counter", "Time watched: exactly the sum of the five states.", SITE),
    Metric("wanmon_site_up_seconds_total", "counter", "Time up. Undecided silence is counted once decided.", SITE),
    Metric("wanmon_site_degraded_seconds_total", "counter", "Time degraded.", SITE),
    Metric("wanmon_site_down_seconds_total", "counter", "Time down, from the first miss on.", SITE),
    Metric("wanmon_site_unreachable_seconds_total", "counter", "Time cut off above.", SITE),
    Metric("wanmon_site_unknown_seconds_total", "counter", "Time in which nothing was known.", SITE),
    Metric(
        "wanmon_site_maintenance_seconds_total",
        "counter",
        "Time under maintenance, whatever the state: it overlaps the others.",
        SITE,
    ),
    Metric(
        "wanmon_site_availability_ratio",
        "gauge",
        "Share of the time that counts in which the site was there; NaN where there is no data.",
        PERIOD,
    ),
    Metric("wanmon_site_coverage_ratio", "gauge", "Share of the time that counts of which the state is known.", PERIOD),
    Metric("wanmon_site_availability_target_ratio", "gauge", "What is expected of the class of the site.", PERIOD),
    Metric("wanmon_isolated", "gauge", "1 while we ourselves are cut off: nothing is known of any site.", ()),
    Metric("wanmon_site_info", "gauge", "The site as the inventory has it.", _SITE_INFO),
    Metric("wanmon_site_parent_info", "gauge", "The one or two parents of the site.", ("site", "parent", "rank")),
    Metric("wanmon_inventory_sites", "gauge", "Sites of the inventory.", ("kind", "status")),
    Metric(
        "wanmon_circuit_info",
        "gauge",
        "The circuit as the inventory has it; interface is empty while it is not bound to a port.",
        ("site", "circuit", "carrier", "role", "device", "interface"),
    ),
    Metric(
        "wanmon_circuit_contracted_receive_bytes_per_second", "gauge", "Contracted rate toward the site.", CIRCUIT
    ),
    Metric(
        "wanmon_circuit_contracted_transmit_bytes_per_second", "gauge", "Contracted rate from the site.", CIRCUIT
    ),
    Metric("wanmon_circuit_contract_end_timestamp_seconds", "gauge", "The end of the contract's last day.", CIRCUIT),
    Metric("wanmon_circuit_up", "gauge", "1 while the circuit carries, absent while nothing speaks for it.", CIRCUIT),
    Metric(
        "wanmon_circuit_availability_ratio",
        "gauge",
        "Share of the time that counts in which the circuit was there, while the way above it was open.",
        CIRCUIT_PERIOD,
    ),
    Metric(
        "wanmon_circuit_chargeable_availability_ratio",
        "gauge",
        "The same without the outages that the contract excuses.",
        CIRCUIT_PERIOD,
    ),
    Metric("wanmon_circuit_coverage_ratio", "gauge", "Share of its time of which the state is known.", CIRCUIT_PERIOD),
    Metric("wanmon_circuit_availability_target_ratio", "gauge", "What the contract promises.", CIRCUIT_PERIOD),
    Metric("wanmon_device_up", "gauge", "1 while the device answers its probe of life.", DEVICE),
    Metric("wanmon_snmp_up", "gauge", "1 if the last SNMP poll was answered.", DEVICE),
    Metric("wanmon_icmp_up", "gauge", "1 if the last echo was answered.", DEVICE),
    Metric(
        "wanmon_device_icmp_filtered",
        "gauge",
        "1 while SNMP judges the life of the device because it answers that and no echo.",
        DEVICE,
    ),
    Metric(
        "wanmon_device_info",
        "gauge",
        "What the device says it is (sysDescr 1.3.6.1.2.1.1.1 and its profile).",
        ("site", "device", "role", "vendor", "model", "os_version", "serial"),
    ),
    Metric(
        "wanmon_device_boot_time_seconds", "gauge", "When the agent started (sysUpTime 1.3.6.1.2.1.1.3).", DEVICE
    ),
    Metric("wanmon_device_reboots_total", "counter", "Restarts of the agent seen since this process began.", DEVICE),
    Metric(
        "wanmon_device_last_poll_timestamp_seconds", "gauge", "End of the last SNMP poll, 0 before the first.", DEVICE
    ),
    Metric(
        "wanmon_device_last_success_timestamp_seconds",
        "gauge",
        "End of the last SNMP poll that was answered, 0 before the first.",
        DEVICE,
    ),
    Metric("wanmon_device_poll_duration_seconds", "gauge", "How long the last SNMP poll took.", DEVICE),
    Metric(
        "wanmon_device_poll_failures_total",
        "counter",
        "Probes and polls that failed, by protocol and reason.",
        ("site", "device", "protocol", "reason"),
    ),
    Metric(
        "wanmon_device_credential_info",
        "gauge",
        "The name of the credential that the device answers to.",
        ("site", "device", "protocol", "credential"),
    ),
    Metric(
        "wanmon_device_cpu_utilization_ratio",
        "gauge",
        "Load of a processor, 1 is all of it (hrProcessorLoad 1.3.6.1.2.1.25.3.3.1.2, or the vendor's).",
        ("site", "device", "cpu"),
    ),
    Metric(
        "wanmon_device_memory_used_bytes",
        "gauge",
        "Memory in use (hrStorageUsed 1.3.6.1.2.1.25.2.3.1.6, or the vendor's).",
        ("site", "device", "pool"),
    ),
    Metric(
        "wanmon_device_memory_size_bytes",
        "gauge",
        "Memory that there is (hrStorageSize 1.3.6.1.2.1.25.2.3.1.5, or the vendor's).",
        ("site", "device", "pool"),
    ),
    Metric(
        "wanmon_device_temperature_celsius",
        "gauge",
        "Temperature (entPhySensorValue 1.3.6.1.2.1.99.1.1.1.4, or the vendor's).",
        ("site", "device", "sensor"),
    ),
    Metric(
        "wanmon_device_power_supply_up",
        "gauge",
        "1 while a power supply that is there gives power (the vendor's object).",
        ("site", "device", "supply"),
    ),
    Metric(
        "wanmon_ups_on_battery",
        "gauge",
        "1 while the load runs from the battery (upsOutputSource 1.3.6.1.2.1.33.1.4.1, or the vendor's).",
        DEVICE,
    ),
    Metric(
        "wanmon_ups_battery_charge_ratio",
        "gauge",
        "Charge of the battery, 1 is full (upsEstimatedChargeRemaining 1.3.6.1.2.1.33.1.2.4, or the vendor's).",
        DEVICE,
    ),
    Metric(
        "wanmon_ups_runtime_seconds",
        "gauge",
        "How long the battery would last (upsEstimatedMinutesRemaining 1.3.6.1.2.1.33.1.2.3, or the vendor's).",
        DEVICE,
    ),
    Metric("wanmon_icmp_requests_total", "counter", "Echo requests sent.", DEVICE),
    Metric("wanmon_icmp_replies_total", "counter", "Echo replies in time.", DEVICE),
    Metric("wanmon_icmp_loss_ratio", "gauge", "Share of the echoes of the last 5 minutes without a reply.", DEVICE),
    Metric("wanmon_icmp_rtt_seconds", "histogram", "Round trips of the echoes.", DEVICE),
    Metric("wanmon_icmp_jitter_seconds", "gauge", "Smoothed difference of successive round trips (RFC 3550).", DEVICE),
    Metric(
        "wanmon_interface_info",
        "gauge",
        "The port (ifName 1.3.6.1.2.1.31.1.1.1.1, ifAlias 1.3.6.1.2.1.31.1.1.1.18, ifDescr 1.3.6.1.2.1.2.2.1.2).",
        ("site", "device", "interface", "if_index", "alias", "description"),
    ),
    Metric("wanmon_interface_up", "gauge", "1 if the port is up (ifOperStatus 1.3.6.1.2.1.2.2.1.8).", INTERFACE),
    Metric(
        "wanmon_interface_admin_up", "gauge", "1 if the port is enabled (ifAdminStatus 1.3.6.1.2.1.2.2.1.7).", INTERFACE
    ),
    Metric(
        "wanmon_interface_oper_status",
        "gauge",
        "1 up, 2 down, 3 testing, 4 unknown, 5 dormant, 6 not present, 7 lower layer down "
        "(ifOperStatus 1.3.6.1.2.1.2.2.1.8).",
        INTERFACE,
    ),
    Metric(
        "wanmon_interface_speed_bytes_per_second",
        "gauge",
        "Speed of the port (ifHighSpeed 1.3.6.1.2.1.31.1.1.1.15, else ifSpeed 1.3.6.1.2.1.2.2.1.5).",
        INTERFACE,
    ),
    Metric(
        "wanmon_interface_last_change_timestamp_seconds",
        "gauge",
        "When the port took on its present state (ifLastChange 1.3.6.1.2.1.2.2.1.9).",
        INTERFACE,
    ),
    Metric(
        "wanmon_interface_receive_bytes_total",
        "counter",
        "Octets received (ifHCInOctets 1.3.6.1.2.1.31.1.1.1.6, else ifInOctets 1.3.6.1.2.1.2.2.1.10).",
        INTERFACE,
    ),
    Metric(
        "wanmon_interface_transmit_bytes_total",
        "counter",
        "Octets sent (ifHCOutOctets 1.3.6.1.2.1.31.1.1.1.10, else ifOutOctets 1.3.6.1.2.1.2.2.1.16).",
        INTERFACE,
    ),
    Metric(
        "wanmon_interface_receive_packets_total",
        "counter",
        "Unicast packets received (ifHCInUcastPkts 1.3.6.1.2.1.31.1.1.1.7, else ifInUcastPkts 1.3.6.1.2.1.2.2.1.11).",
        INTERFACE,
    ),
    Metric(
        "wanmon_interface_transmit_packets_total",
        "counter",
        "Unicast packets sent (ifHCOutUcastPkts 1.3.6.1.2.1.31.1.1.1.11, else ifOutUcastPkts 1.3.6.1.2.1.2.2.1.17).",
        INTERFACE,
    ),
    Metric(
        "wanmon_interface_receive_errors_total",
        "counter",
        "Packets received with errors (ifInErrors 1.3.6.1.2.1.2.2.1.14).",
        INTERFACE,
    ),
    Metric(
        "wanmon_interface_transmit_errors_total",
        "counter",
        "Packets not sent because of errors (ifOutErrors 1.3.6.1.2.1.2.2.1.20).",
        INTERFACE,
    ),
    Metric(
        "wanmon_interface_receive_discards_total",
        "counter",
        "Packets received and dropped without an error (ifInDiscards 1.3.6.1.2.1.2.2.1.13).",
        INTERFACE,
    ),
    Metric(
        "wanmon_interface_transmit_discards_total",
        "counter",
        "Packets dropped before sending without an error (ifOutDiscards 1.3.6.1.2.1.2.2.1.19).",
        INTERFACE,
    ),
    Metric(
        "wanmon_check_success", "gauge", "1 if the check is ok, 0 on a warning or worse, absent while unknown.", CHECK
    ),
    Metric("wanmon_check_runs_total", "counter", "Runs of the check.", CHECK),
    Metric(
        "wanmon_check_failures_total",
        "counter",
        "Runs that were not ok, by reason; those that could not be made are among them.",
        (*CHECK, "reason"),
    ),
    Metric("wanmon_check_duration_seconds", "gauge", "How long the last run took.", CHECK),
    Metric("wanmon_check_last_run_timestamp_seconds", "gauge", "End of the last run.", CHECK),
    Metric("wanmon_check_last_success_timestamp_seconds", "gauge", "End of the last run that was ok.", CHECK),
    Metric("wanmon_check_interval_seconds", "gauge", "How often the check is run.", CHECK),
    Metric("wanmon_check_rtt_seconds", "gauge", "The round trip that the last run measured.", CHECK),
    Metric("wanmon_check_loss_ratio", "gauge", "The share that the last run lost.", CHECK),
    Metric(
        "wanmon_check_tls_certificate_expiry_timestamp_seconds",
        "gauge",
        "When the first certificate of the chain expires.",
        CHECK,
    ),
    Metric(
        "wanmon_check_info",
        "gauge",
        "The kind of the check, and where it is asked from (`hub` or `site`).",
        (*CHECK, "kind", "vantage"),
    ),
)  # fmt: skip
METRIC = {metric.name: metric for metric in METRICS}
