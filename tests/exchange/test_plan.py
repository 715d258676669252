import unicodedata

import pytest

from wanmon.errors import InventoryError
from wanmon.exchange import plan
from wanmon.exchange.csvfile import parse
from wanmon.exchange.folder import Proposal, joined
from wanmon.exchange.plan import Difference, describe
from wanmon.model.change import Action
from wanmon.model.inventory import EMPTY, NOUN, NOUNS, preview

ADD, SET, REMOVE = Action.ADD, Action.SET, Action.REMOVE

FILES = {
    "unit": "code,name,level,parent\n27,Bắc Ninh,province,\n256,Bắc Ninh,district,27\n",
    "class": "code,name\nhub,Hub\ncommune,Xã\n",
    "carrier": "code,name,hotline\nVNPT,VNPT,1\n",
    "site": (
        "code,name,unit,kind,site_class,parent,status\n"
        "DC1,Trung tâm,27,datacenter,hub,,active\n"
        "BN-1,UBND Hồ,256,peoples_committee,commune,DC1,active\n"
        "BN-2,UBND Lim,256,peoples_committee,commune,DC1,planned\n"
    ),
    "device": "name,site,address,snmp\nBN-1-R1,BN-1,10.27.1.1,wan\n",
    "circuit": (
        "code,site,carrier,receive_bps,transmit_bps,starts_on,device,interface\n"
        "C/1,BN-1,VNPT,100,100,2023-07-01,BN-1-R1,wan0\n"
    ),
    "service": "code,name,site,address,port\ndc-portal,Cổng,DC1,10.27.0.10,443\n",
    "check": "code,kind,site_class,params\necho,icmp_echo,commune,\n",
    "holiday": "day,name\n2026-09-02,Quốc khánh\n",
}


def proposal(**files):
    sheets = {name: parse(NOUN[name], text.encode(), f"{name}.csv") for name, text in files.items()}
    return joined(
        Proposal({name: read.rows}, read.problems, read.broken, frozenset() if read.is_whole else frozenset({name}))
        for name, read in sheets.items()
    )


@pytest.fixture
def current():
    made = plan.make(EMPTY, proposal(**FILES))
    assert () == made.problems
    return made.after


def lines(made):
    return [(d.action, d.noun, d.key, d.field, d.old, d.new) for d in describe(made)]


def test_an_empty_inventory_takes_every_row(current):
    made = plan.make(EMPTY, proposal(**FILES))

    assert (13, 0, 0, 0) == (made.count(ADD), made.count(SET), made.count(REMOVE), made.unchanged)
    assert Difference(ADD, "site", "BN-1", "name", "", "UBND Hồ") in list(describe(made))
    assert Difference(ADD, "device", "BN-1-R1", "", "", "") in list(describe(made))


def test_rows_come_after_those_that_they_refer_to(current):
    names = [noun.name for noun in NOUNS]
    made = plan.make(EMPTY, proposal(**dict(reversed(FILES.items()))))

    assert sorted(made.edits, key=lambda edit: names.index(edit.noun.name)) == list(made.edits)


def test_the_same_files_again_change_nothing(current):
    made = plan.make(current, proposal(**FILES), prune=True)

    assert ((), 13, ()) == (made.edits, made.unchanged, made.problems)


def test_the_rows_of_the_database_compare_like_those_of_files(current):
    """A table class holds the same values: enums, dates, canonical addresses."""
    tables = {
        noun.plural: {
            key: noun.table.model_validate({column: getattr(row, column) for column in noun.columns})
            for key, row in current.rows(noun).items()
        }
        for noun in NOUNS
    }

    assert () == plan.make(type(current)(**tables), proposal(**FILES)).edits


def test_a_change_names_its_fields_with_old_and_new(current):
    made = plan.make(
        current,
        proposal(
            site="code,name,unit,kind,site_class,status,latitude\n"
            "BN-2,UBND Lim,256,peoples_committee,commune,active,21.5\n"
        ),
    )

    assert [
        (SET, "site", "BN-2", "status", "planned", "active"),
        (SET, "site", "BN-2", "latitude", "", "21.5"),
    ] == lines(made)
    assert "active" == made.after.sites["BN-2"].status


def test_a_column_left_out_leaves_the_row_as_it_is_and_a_blank_cell_does_not(current):
    without = plan.make(current, proposal(carrier="code,name\nVNPT,VNPT\n"))
    blank = plan.make(current, proposal(carrier="code,name,hotline\nVNPT,VNPT,\n"))

    assert () == without.edits
    assert [(SET, "carrier", "VNPT", "hotline", "1", "")] == lines(blank)


def test_a_column_left_out_means_the_default_for_a_new_row(current):
    made = plan.make(current, proposal(device="name,site,address,snmp\nBN-2-R1,BN-2,10.27.1.2,none\n"))

    assert (161, "icmp", "edge") == tuple(made.edits[0].values[name] for name in ("port", "liveness", "role"))


def test_a_decomposed_name_is_the_same_name(current):
    decomposed = unicodedata.normalize("NFD", FILES["site"])

    assert decomposed != FILES["site"]
    assert () == plan.make(current, proposal(site=decomposed)).edits


@pytest.mark.parametrize("name", ["=1+1", "+84", "-x", "@a", '=cmd|"/c calc"!A1'])
def test_a_formula_is_a_name_like_any_other(current, name):
    quoted = name.replace('"', '""')
    made = plan.make(current, proposal(carrier=f'code,name\nVNPT,"{quoted}"\n'))

    assert [(SET, "carrier", "VNPT", "name", "VNPT", name)] == lines(made)


def test_nothing_is_removed_unless_told_to(current):
    made = plan.make(current, proposal(check="code,kind\n"))

    assert () == made.edits


def test_pruning_removes_only_rows_of_the_nouns_that_have_a_file(current):
    made = plan.make(current, proposal(check="code,kind\n", service=FILES["service"]), prune=True)

    assert [(REMOVE, "check", "echo", "", "", "")] == lines(made)
    assert {} == made.after.checks


def test_what_refers_is_removed_before_what_it_refers_to(current):
    empty = {name: text.partition("\n")[0] + "\n" for name, text in FILES.items()}
    made = plan.make(current, proposal(**empty), prune=True)

    assert [noun.name for noun in reversed(NOUNS)] == list(dict.fromkeys(edit.noun.name for edit in made.edits))
    assert EMPTY == made.after
    assert Difference(REMOVE, "unit", "27", "name", "Bắc Ninh", "") in list(describe(made))


def test_a_broken_rule_is_told_with_the_line_it_stands_on(current):
    made = plan.make(
        current,
        proposal(
            device="name,site,address,snmp\nBN-2-R1,BN-2,10.27.1.1,none\nBN-3-R1,BN-3,10.27.1.3,none\n",
            site="code,name,unit,kind,site_class,parent\nBN-2,x,256,party,comune,DC1\nBN-4,y,256,party,commune,BN-4\n",
        ),
    )

    assert [
        "site.csv:2: site_class 'comune': no such class; did you mean 'commune'?",
        "device.csv:3: site 'BN-3': no such site; did you mean 'BN-4'?",
        "site.csv:3: parent 'BN-4': the topology runs in a cycle",
        "device.csv:2: address '10.27.1.1': overlaps with device BN-1-R1",
    ] == list(made.problems)


def test_a_broken_row_that_is_in_no_file_is_told_by_its_key(current):
    made = plan.make(current, proposal(carrier="code,name\nFPT,FPT\n"), prune=True)

    assert ["carrier VNPT would be removed by --prune, but circuit C/1 names it as carrier"] == list(made.problems)


def test_a_missing_value_is_not_called_none(current):
    made = plan.make(current, proposal(site="code,name,unit,kind,site_class,parent\nBN-2,x,256,party,commune,\n"))

    assert ["site.csv:2: parent '': missing: only a datacenter has no parent"] == list(made.problems)


def test_the_rest_of_a_row_is_judged_with_what_the_inventory_has(current):
    """`echo` is for a class already: a file that adds a site contradicts it, one that sets the interval does not."""
    fine = plan.make(current, proposal(check="code,kind,interval_s\necho,icmp_echo,30\n"))
    twofold = plan.make(current, proposal(check="code,kind,site\necho,icmp_echo,BN-1\n"))
    nowhere = plan.make(current, proposal(check="code,kind\nnew,icmp_echo\n"))
    words = "a check is for one site or for one class: fill exactly one of site, site_class"

    assert ((), [(SET, "check", "echo", "interval_s", "60", "30")]) == (fine.problems, lines(fine))
    assert [f"check.csv:2: code 'echo': {words}"] == list(twofold.problems)
    assert [f"check.csv:2: code 'new': {words}"] == list(nowhere.problems)


def test_the_edits_lead_from_before_to_after(current):
    made = plan.make(current, proposal(unit="code,name,level\n27,Tỉnh Bắc Ninh,province\n99,x,province\n"), prune=True)

    assert made.after == preview(made.before, made.edits)
    assert made.before == current


def test_what_pruning_would_take_from_others_is_told_as_such(current):
    text = FILES["site"].replace(
        "BN-2,UBND Lim,256,peoples_committee,commune,DC1", "BN-2,UBND Lim,256,party,commune,BN-1"
    )
    without = text.replace("BN-1,UBND Hồ,256,peoples_committee,commune,DC1,active\n", "")
    made = plan.make(current, proposal(site=without), prune=True)

    assert [
        "site.csv:3: parent 'BN-1': would be removed by --prune, but site BN-2 names it as parent",
        "site BN-1 would be removed by --prune, but device BN-1-R1 names it as site",
        "site BN-1 would be removed by --prune, but circuit C/1 names it as site",
    ] == list(made.problems)


def test_broken_cells_do_not_hide_what_is_wrong_between_rows():
    """Nobody is blamed for naming a row that stands there and is broken itself."""
    files = {
        "unit": "code,name,level,parent,colour\n27,Bắc Ninh,provinc,,red\n256,x,district,27,\n257,y,district,28,\n",
        "class": "code,name\nhub,Hub\n",
        "site": (
            "code,name,unit,kind,site_class,parent,latitude\n"
            "DC1,Trung tâm,27,datacenter,hub,,99\n"
            "BN-1,UBND Hồ,258,party,comune,DC1,21\n"
            "BN-2,UBND Lim,259,party,hub,BN-2,91\n"
            "BN-3,UBND Chờ,256,party,hub,BN-3,21\n"
        ),
        "device": "name,site,address,snmp\nBN-1-R1,BN-1,10.27.1.1,wan\nBN-2-R1,BN-2,10.27.1.1.1,wan\n",
    }
    made = plan.make(EMPTY, proposal(**files))

    assert [
        "unit.csv:1: unknown column 'colour'",
        "unit.csv:2: level 'provinc': is none of province, district, commune; did you mean 'province'?",
        "site.csv:2: latitude '99': must be 90.0 or less",
        "site.csv:4: latitude '91': must be 90.0 or less",
        "device.csv:3: address '10.27.1.1.1': is not an IPv4 or IPv6 address",
        "unit.csv:4: parent '28': no such unit",
        "site.csv:3: unit '258': no such unit; did you mean '257'?",
        "site.csv:3: site_class 'comune': no such class",
        "site.csv:5: parent 'BN-3': the topology runs in a cycle",
        "site.csv:4: unit '259': no such unit; did you mean '257'?",
        "site.csv:4: parent 'BN-2': leads back to itself",
    ] == list(made.problems)


def test_a_row_that_is_broken_is_not_taken_for_one_left_out(current):
    broken = FILES["carrier"].replace("VNPT,VNPT,1", "VNPT,,1")
    made = plan.make(current, proposal(carrier=broken), prune=True)

    assert ["carrier.csv:2: name '': is empty: give a value"] == list(made.problems)
    assert 0 == made.count(REMOVE)


def test_of_a_file_that_breaks_off_nothing_is_said_to_be_missing(current):
    made = plan.make(
        EMPTY, proposal(unit='code,name,level\n27,"x', **{name: FILES[name] for name in ("class", "site")}), prune=True
    )

    (problem,) = made.problems
    assert problem.startswith('unit.csv:2: a quote " is opened here')


def test_two_files_with_the_same_row_are_a_problem_of_the_second(current):
    first, second = (proposal(carrier="code,name\nVNPT,VNPT\n") for _ in range(2))

    assert ["carrier.csv:2: code 'VNPT': stands in carrier.csv:2 already"] == list(joined([first, second]).problems)


def test_an_inventory_made_from_nothing_must_be_sound():
    """`init` and `demo` take a whole province or none of it."""
    with pytest.raises(InventoryError, match="no such unit"):
        plan.whole(proposal(site="code,name,unit,kind,site_class\nA-1,A,99,datacenter,hub\n"))
