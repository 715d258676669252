"""What wanmon tells of itself, as a collector of prometheus-client: its families are few, and rendered by it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from itertools import accumulate
from platform import python_version
from typing import Protocol

from prometheus_client import CollectorRegistry, PlatformCollector, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from wanmon.health.rates import DropReason
from wanmon.metrics.device import REASONS
from wanmon.poller.loop import DURATION_BUCKETS_S, LAG_BUCKETS_S
from wanmon.poller.track import Histogram, PollerTrack
from wanmon.protocols.snmp.counters import SnmpCounters
from wanmon.protocols.snmp.remotes import Remotes
from wanmon.store.writer import WriterCounters

PROTOCOLS = tuple(REASONS)


class CountsChecks(Protocol):
    """What runs checks, as far as it counts."""

    @property
    def in_flight(self) -> int:
        """Checks under way."""
        ...

    @property
    def overruns(self) -> int:
        """Runs that were left out."""
        ...


@dataclass(frozen=True, slots=True)
class Counted:
    """The plain objects in which the lower ranks count."""

    poller: PollerTrack
    snmp: SnmpCounters
    writer: WriterCounters
    skipped_ticks: Callable[[], int]
    engines: Remotes
    checks: CountsChecks


def registry(counted: Counted) -> CollectorRegistry:
    """A registry with wanmon's own metrics, and those of its process."""
    made = CollectorRegistry()
    ProcessCollector(registry=made)
    PlatformCollector(registry=made)
    made.register(OwnMetrics(counted))
    return made


class OwnMetrics(Collector):
    """Reads the counters at each scrape."""

    def __init__(self, counted: Counted) -> None:
        self._counted = counted

    def collect(self) -> Iterator[Metric]:
        """Every family of wanmon's own."""
        build = GaugeMetricFamily("wanmon_build_info", "The program.", labels=["version", "python_version"])
        build.add_metric([version("wanmon"), python_version()], 1)
        yield build
        yield from self._polls()
        yield from self._durations()
        yield from self._rest()

    def _polls(self) -> Iterator[Metric]:
        counts = self._counted.poller
        polls = CounterMetricFamily("wanmon_polls", "Probes and polls made.", labels=["protocol"])
        failures = CounterMetricFamily(
            "wanmon_poll_failures", "Probes and polls that failed.", labels=["protocol", "reason"]
        )
        overruns = CounterMetricFamily(
            "wanmon_poll_overruns", "Polls left out: the one before was still under way.", labels=["protocol"]
        )
        for protocol in PROTOCOLS:
            polls.add_metric([protocol], counts.polls[protocol])
            overruns.add_metric([protocol], counts.overruns[protocol])
            for reason in REASONS[protocol]:
                failures.add_metric([protocol, reason.value], counts.failures[protocol, reason])
        yield polls
        yield failures
        yield overruns

    def _durations(self) -> Iterator[Metric]:
        counts = self._counted.poller
        yield _histograms(
            "wanmon_poll_duration_seconds", "How long probes and polls take.", counts.durations, DURATION_BUCKETS_S
        )
        yield _histograms(
            "wanmon_poll_schedule_lag_seconds", "How late probes and polls begin.", counts.lags, LAG_BUCKETS_S
        )

    def _rest(self) -> Iterator[Metric]:
        counts, snmp, writer = self._counted.poller, self._counted.snmp, self._counted.writer
        yield GaugeMetricFamily("wanmon_polls_in_flight", "Probes and polls under way.", counts.in_flight)
        checks = self._counted.checks
        yield GaugeMetricFamily("wanmon_checks_in_flight", "Checks under way.", checks.in_flight)
        yield CounterMetricFamily(
            "wanmon_check_overruns", "Checks left out: the run before was still under way.", checks.overruns
        )
        yield CounterMetricFamily(
            "wanmon_poll_skipped_ticks", "Ticks passed over: the loop was late.", self._counted.skipped_ticks()
        )
        yield CounterMetricFamily("wanmon_task_restarts", "Tasks that failed and were restarted.", counts.task_restarts)
        yield CounterMetricFamily("wanmon_snmp_requests", "SNMP requests sent for the first time.", snmp.requests)
        yield CounterMetricFamily("wanmon_snmp_retries", "SNMP requests sent again.", snmp.retries)
        yield CounterMetricFamily("wanmon_snmp_malformed", "Datagrams that are no SNMP reply.", snmp.malformed)
        yield CounterMetricFamily("wanmon_snmp_mismatched", "SNMP replies that nobody asked for.", snmp.mismatched)
        yield CounterMetricFamily("wanmon_snmp_late", "SNMP replies after their request ended.", snmp.late)
        yield from self._engines()
        dropped = CounterMetricFamily(
            "wanmon_samples_dropped", "Pairs of octet counters that give no rate.", labels=["reason"]
        )
        for reason in DropReason:
            dropped.add_metric([reason.value], counts.dropped_samples[reason])
        yield dropped
        yield CounterMetricFamily(
            "wanmon_database_errors", "Writes that the database refused for the moment.", writer.errors
        )
        yield CounterMetricFamily("wanmon_database_dropped_writes", "Writes that were given up.", writer.dropped)
        yield GaugeMetricFamily(
            "wanmon_config_last_reload_successful", "1 if the last reading of the configuration went well.",
            counts.last_reload_ok,
        )  # fmt: skip
        yield GaugeMetricFamily(
            "wanmon_config_last_reload_success_timestamp_seconds",
            "When the configuration was last read well.",
            counts.last_reload_at_s,
        )

    def _engines(self) -> Iterator[Metric]:
        engines = self._counted.engines
        yield GaugeMetricFamily(
            "wanmon_snmp_engine_clones",
            "Addresses whose SNMPv3 engine has its engine id in common with another.",
            sum(map(len, engines.clones().values())),
        )
        yield CounterMetricFamily(
            "wanmon_snmp_boots_backwards",
            "Times that the boots of an SNMPv3 engine, or its time within one boot, went backwards.",
            engines.boots_backwards,
        )


def _histograms(
    name: str, text: str, counted: Mapping[str, Histogram], bounds: tuple[float, ...]
) -> HistogramMetricFamily:
    family = HistogramMetricFamily(name, text, labels=["protocol"])
    for protocol in PROTOCOLS:
        histogram = counted.get(protocol) or Histogram(bounds)
        edges = [*(repr(float(bound)) for bound in bounds), "+Inf"]
        buckets = list(zip(edges, accumulate(histogram.counts), strict=True))
        family.add_metric([protocol], buckets=buckets, sum_value=histogram.total)
    return family
