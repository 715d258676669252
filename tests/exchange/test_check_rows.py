"""A check that could not be asked is refused when its file is read, not when it is run."""

import pytest

from wanmon.checks.registry import names
from wanmon.exchange import judging, plan
from wanmon.exchange.csvfile import parse
from wanmon.exchange.folder import Proposal
from wanmon.model.inventory import EMPTY, NOUN

KINDS = ", ".join(names())
FILES = {
    "unit": "code,name,level\n27,Bắc Ninh,province\n",
    "class": "code,name\nhub,Hub\n",
    "site": "code,name,unit,kind,site_class\nDC1,Trung tâm,27,datacenter,hub\n",
    "device": "name,site,address,snmp\nDC1-R1,DC1,10.27.0.1,none\n",
    "service": "code,name,site,address,port\ndc-portal,Cổng,DC1,10.27.0.10,443\n",
}


def proposal(**files):
    return Proposal({name: parse(NOUN[name], text.encode(), f"{name}s.csv").rows for name, text in files.items()})


def check(kind, params="{}", target=""):
    quoted = params.replace('"', '""')
    return f'code,kind,site,site_class,target,interval_s,params\nasked,{kind},,hub,{target},60,"{quoted}"\n'


def problems(text, **files):
    return list(plan.make(EMPTY, proposal(**{**FILES, **files}, check=text)).problems)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (check("icmp"), f"kind 'icmp': is none of {KINDS}; did you mean 'icmp_echo'?"),
        (
            check("icmp_echo", '{"conut": 3}'),
            """params '{"conut": 3}': 'conut' is no parameter: it takes count, interval_s, timeout_s, size, df, """
            "dscp, source, loss_warning_ratio, loss_critical_ratio, rtt_warning_s, rtt_critical_s; "
            "did you mean 'count'?",
        ),
        (
            check("tcp_connect", '{"port": 99999}', "dc-portal"),
            """params '{"port": 99999}': port '99999': must be 65535 or less""",
        ),
        (
            check("icmp_echo", '{"count": "many"}'),
            """params '{"count": "many"}': count 'many': is not a whole number: digits only""",
        ),
        (
            check("icmp_echo", '{"rtt_warning_s": 2}'),
            """params '{"rtt_warning_s": 2}': a warning threshold lies above its critical one""",
        ),
        (
            check("tcp_connect", target="nosvc"),
            "target 'nosvc': is no service, no device, no address and no full host name like www.bacninh.gov.vn",
        ),
        (
            check("icmp_echo", target="dc-portl"),
            "target 'dc-portl': is no service, no device, no address and no full host name like www.bacninh.gov.vn; "
            "did you mean 'dc-portal'?",
        ),
        (
            check("tcp_connect"),
            """target '': tcp_connect has no port to ask: name a service, or add one to params, like {"port": 443}""",
        ),
        (
            check("tcp_connect", target="10.27.0.1"),
            "target '10.27.0.1': tcp_connect has no port to ask: name a service, or add one to params, "
            'like {"port": 443}',
        ),
        (
            check("dns_lookup", target="dc-portal"),
            'params \'{}\': dns_lookup has no name to look up: add one to params, like {"name": "www.bacninh.gov.vn"}',
        ),
        (
            check("mtu_path", '{"expected": 1400, "minimum": 1500}'),
            """params '{"expected": 1400, "minimum": 1500}': a warning threshold lies below its critical one""",
        ),
        (
            check("http_get", '{"host": "admin:secret@dc"}', "dc-portal"),
            """params '{"host": "admin:secret@dc"}': host 'admin:secret@dc': is no host name like """
            "www.bacninh.gov.vn, and no address",
        ),
        (
            check("path_trace", '{"baseline": ["10.27.0.1", "router"]}'),
            """params '{"baseline": ["10.27.0.1", "router"]}': baseline "['10.27.0.1', 'router']": 'router' does """
            "not appear to be an IPv4 or IPv6 address",
        ),
    ],
    ids=[
        "kind",
        "unknown",
        "too big",
        "no number",
        "together",
        "target",
        "near",
        "no port",
        "address without port",
        "no name",
        "less is worse",
        "user name",
        "no address",
    ],
)
def test_what_cannot_be_asked_is_told_with_its_field(text, said):
    assert [f"checks.csv:2: {said}"] == problems(text)


@pytest.mark.parametrize(
    "text",
    [
        check("icmp_echo"),
        check("icmp_echo", '{"count": 3}', "10.27.0.10"),
        check("icmp_echo", target="2001:db8::1"),
        check("icmp_echo", target="DC1-R1"),
        check("tcp_connect", target="dc-portal"),
        check("tcp_connect", '{"port": 22}'),
        check("tcp_connect", '{"port": 443}', "www.bacninh.gov.vn"),
        check("http_get", target="dc-portal"),
        check("http_get", target="www.bacninh.gov.vn"),
        check("tls_certificate", target="10.27.0.10"),
        check("tls_certificate"),
        check("dns_lookup", '{"name": "dc.bn.gov.vn"}', "10.27.0.53"),
        check("dns_lookup", '{"name": "dc.bn.gov.vn", "record": "AAAA"}', "dc-portal"),
        check("path_trace"),
        check("path_trace", '{"baseline": ["*", "10.27.0.1"]}', "dc-portal"),
        check("mtu_path", '{"expected": 1400}', "2001:db8::1"),
    ],
)
def test_what_can_be_asked_is_taken(text):
    assert [] == problems(text)


def test_everything_wrong_with_a_check_is_told_at_once():
    found = problems(check("tcp_connect", '{"prot": 1, "timeout_s": 0}', "nosvc"))

    assert ["params", "params", "target"] == [problem.split()[1] for problem in found]


def test_a_service_whose_row_is_broken_is_still_one():
    files = {**FILES, "service": "code,name,site,address,port\ndc-portal,Cổng,DC1,10.27.0.10,0\n"}
    sheet = parse(NOUN["service"], files["service"].encode(), "services.csv")
    rows = proposal(**files, check=check("tcp_connect", target="dc-portal")).rows
    made = plan.make(EMPTY, Proposal(rows, sheet.problems, sheet.broken))

    assert ["services.csv:2: port '0': must be 1 or more"] == list(made.problems)


def test_a_service_that_a_check_asks_is_not_pruned_unseen():
    current = plan.make(EMPTY, proposal(**FILES, check=check("tcp_connect", target="dc-portal"))).after
    made = plan.make(current, proposal(service="code,name,site,address,port\n"), prune=True)

    assert ["service dc-portal would be removed by --prune, but check asked names it as target"] == list(made.problems)


def test_a_check_that_was_wrong_before_does_not_stand_in_the_way_of_other_files():
    current = plan.make(EMPTY, proposal(**FILES, check=check("icmp"))).after

    assert () == plan.make(current, proposal(service=FILES["service"])).problems
    assert () == plan.make(current, proposal(check=check("icmp_echo"))).problems


def test_a_file_alone_is_judged_by_kind_and_parameters():
    """Its targets may stand in the database."""
    fine = judging.alone(proposal(check="code,kind,interval_s\nasked,tcp_connect,30\n"))
    wrong = judging.alone(proposal(check=check("icmp", target="nosvc")))

    assert [] == list(fine)
    assert [f"checks.csv:2: kind 'icmp': is none of {KINDS}"] == [problem.partition(";")[0] for problem in wrong]


def test_a_service_without_an_address_is_refused_in_one_line():
    """Nothing could be asked of it, so nothing is run."""
    files = {**FILES, "service": "code,name,site,address,port\ndc-portal,Cổng,DC1,,443\n"}
    sheet = parse(NOUN["service"], files["service"].encode(), "services.csv")
    rows = proposal(**files, check=check("http_get", target="dc-portal")).rows
    made = plan.make(EMPTY, Proposal(rows, sheet.problems, sheet.broken))

    assert ["services.csv:2: address '': is empty: give a value"] == list(made.problems)
