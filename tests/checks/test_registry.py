"""The folder is the registry: what lies there has the shape of a kind."""

import inspect
from typing import Any

import pytest

from wanmon.checks import registry
from wanmon.checks.result import CheckParams
from wanmon.errors import NotFound, UsageError
from wanmon.model.reason import Reason


@pytest.mark.parametrize("kind", registry.kinds().values(), ids=lambda kind: kind.name)
def test_every_kind_has_a_docstring_parameters_with_defaults_and_run(kind: registry.Kind):
    assert kind.summary.endswith(".")
    assert issubclass(kind.params, CheckParams)
    assert kind.params() == registry.parse_params(kind, {})
    assert inspect.iscoroutinefunction(kind.run)
    assert ["target", "params", "tools"] == list(inspect.signature(kind.run).parameters)
    assert "forbid" == kind.params.model_config["extra"]


@pytest.mark.parametrize("kind", registry.kinds().values(), ids=lambda kind: kind.name)
def test_every_kind_names_its_reasons_once_and_its_own_trouble_among_them(kind: registry.Kind):
    """Metrics have a series for each from the start; that they cover the verdicts is asserted with each table."""
    assert len(set(kind.reasons)) == len(kind.reasons)
    assert Reason.LOCAL in kind.reasons
    assert Reason.ISOLATED not in kind.reasons


def test_a_kind_is_found_by_its_file_name():
    assert {"icmp_echo", "snmp_system", "tcp_connect"} <= registry.kinds().keys()
    assert "tcp_connect" == registry.kind("tcp_connect").name


@pytest.mark.parametrize("name", ["nothing", "registry", "result", "__init__", "../icmp_echo", "os", ""])
def test_only_what_lies_in_the_folder_is_a_kind(name: str):
    with pytest.raises(NotFound, match="there are dns_lookup, "):
        registry.kind(name)


@pytest.mark.parametrize(
    ("kind", "values", "message"),
    [
        ("icmp_echo", {"cuont": 3}, "icmp_echo: cuont = 3: Extra inputs are not permitted"),
        ("icmp_echo", {"count": 0}, "icmp_echo: count = 0: Input should be greater than or equal to 1"),
        ("icmp_echo", {"count": "many"}, "icmp_echo: count = 'many': Input should be a valid integer"),
        ("tcp_connect", {"port": 70_000}, "tcp_connect: port = 70000: "),
        ("snmp_system", {"timeout_s": float("nan")}, "snmp_system: timeout_s = nan: "),
        ("icmp_echo", {"rtt_warning_s": 2}, "icmp_echo: params = {'rtt_warning_s': 2}: a warning threshold lies"),
    ],
    ids=["unknown", "too small", "no number", "too big", "NaN", "together"],
)
def test_a_parameter_that_does_not_fit_is_one_line(kind: str, values: dict[str, Any], message: str):
    with pytest.raises(UsageError) as caught:
        registry.parse_params(registry.kind(kind), values)

    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


def test_a_long_value_does_not_make_a_long_line():
    with pytest.raises(UsageError) as caught:
        registry.parse_params(registry.kind("icmp_echo"), {"count": "9" * 10_000})

    assert len(str(caught.value)) < 300
