import io
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wanmon.exchange import csvfile
from wanmon.exchange.csvfile import parse
from wanmon.model.inventory import NOUN, NOUNS

UNIT, SITE, DEVICE, CIRCUIT, CHECK = (NOUN[name] for name in ("unit", "site", "device", "circuit", "check"))


def sheet(noun, text):
    return parse(noun, text.encode() if isinstance(text, str) else text, "f.csv")


def cells(noun, text):
    read = sheet(noun, text)
    assert () == read.problems
    return [dict(row.cells) for row in read.rows]


def problems(noun, text):
    return list(sheet(noun, text).problems)


@pytest.mark.parametrize(
    "data",
    [
        "code,name,level\nA,Hồ,commune\n",
        "code,name,level\r\nA,Hồ,commune\r\n",
        "code,name,level\rA,Hồ,commune",
        "\ufeffcode,name,level\nA,Hồ,commune",
        "code;name;level\nA;Hồ;commune",
        "\ufeffcode;name;level\nA;Hồ;commune",
        " code , name,level\n A ,\tHồ, commune ",
        '"code","name","level"\n"A","Hồ","commune"',
        "code,name,level\n\n,,\nA,Hồ,commune\n\n",
    ],
    ids=["plain", "crlf", "cr", "bom", "semicolon", "bom and semicolon", "spaces", "quotes", "blank lines"],
)
def test_files_of_every_spreadsheet_read_alike(data):
    assert [{"code": "A", "name": "Hồ", "level": "commune"}] == cells(UNIT, data)


def test_the_delimiter_is_that_of_the_header_whatever_the_rows_hold():
    text = "code;name;level\nA;Sở Văn hóa, Thể thao, Du lịch, và, và;commune\n"

    assert "Sở Văn hóa, Thể thao, Du lịch, và, và" == cells(UNIT, text)[0]["name"]


def test_only_the_columns_of_the_file_are_returned():
    """A column left out says nothing about rows that exist."""
    row = sheet(SITE, "name,code,unit,kind,site_class,street\nx,A,27,party,agency,\n").rows[0]

    assert {"name": "x", "code": "A", "unit": "27", "kind": "party", "site_class": "agency", "street": ""} == row.cells
    assert ("A", "f.csv:2") == (row.key, row.place)


@pytest.mark.parametrize("text", ["=1+1", "@SUM(A1)", "+84 222", "-1", '=HYPERLINK("http://x";"y")', "<b>x</b>", "%0A"])
def test_formulas_and_markup_are_data(text):
    quoted = text.replace('"', '""')

    assert text == cells(UNIT, f'code,name,level\nA,"{quoted}",commune')[0]["name"]


@pytest.mark.parametrize(
    ("encoded", "name"),
    [
        ("Hồ".encode("utf-16"), "UTF-16"),
        ("phường".encode("utf-32"), "UTF-32"),
        (b"code,name,level\nA,xa\xde Ho\xcca Long, \xd0i\xeanh T\xf4\xd2,commune\n", "Windows-1258"),
        (b"code,name,level\nA,ph\xad\xeang \xa7\xe5ng K\xfe,commune\n", "TCVN3 (ABC)"),
        (b"code,name,level\nA,Ba\xe9c Ninh Tha\xf8nh pho\xe1 Que\xe1 Vo\xf5,commune\n", "VNI"),
        ("code,name,level\nA,Müller Straße,commune\n".encode("latin-1"), "Windows-1252"),
    ],
    ids=["utf-16", "utf-32", "windows-1258", "tcvn3", "vni", "latin-1"],
)
def test_another_encoding_is_refused_by_its_name(encoded, name):
    (problem,) = problems(UNIT, encoded)

    assert problem.endswith(f"is {name}, not UTF-8: save it as `CSV UTF-8`")


def test_the_first_line_that_is_not_utf_8_is_named():
    data = "code,name,level\nA,Hồ,commune\n".encode() + b"B,xa\xf5 Ho\xf8a Long\n"

    assert ["f.csv:3: is VNI, not UTF-8: save it as `CSV UTF-8`"] == problems(UNIT, data)


def test_bytes_that_are_no_text_are_refused_without_a_guess():
    assert ["f.csv:1: is neither UTF-8 nor an encoding known here: save it as `CSV UTF-8`"] == problems(
        UNIT, bytes(range(128, 256))
    )


@pytest.mark.parametrize(
    ("header", "said"),
    [
        (
            "code,nane,level",
            ["unknown column 'nane'; did you mean 'name'?", "column 'name' is missing: every unit needs one"],
        ),
        (
            "Code,name,level",
            ["unknown column 'Code'; did you mean 'code'?", "column 'code' is missing: every unit needs one"],
        ),
        ("code,name,level,name", ["column 'name' stands there twice"]),
        ("code,name,level,", ["column 4 has no name: delete it, or name it"]),
        ("code,name,level,\x1b[2J", ["unknown column '\\x1b[2J'"]),
        ("code\tname\tlevel", ["unknown column 'code\\tname\\tlevel'"]),
    ],
    ids=["misspelt", "capital", "twice", "nameless", "escape codes", "tabs"],
)
def test_a_wrong_header_is_told_column_by_column(header, said):
    found = problems(UNIT, f"{header}\nA,x,commune,\n")

    assert [f"f.csv:1: {words}" for words in said] == found[: len(said)]


@pytest.mark.parametrize("text", ["", "\n\n", "\ufeff", "\r\n;;;\r\n"])
def test_an_empty_file_is_told_its_columns(text):
    (problem,) = problems(UNIT, text)

    assert "is empty: the first line names the columns, code,official_code,name" in problem


def test_a_file_of_a_header_alone_has_no_rows():
    assert [] == cells(UNIT, "code,name,level\n")


@pytest.mark.parametrize(
    ("noun", "column", "value", "said"),
    [
        (UNIT, "level", "comune", "is none of province, district, commune; did you mean 'commune'?"),
        (UNIT, "level", "", "is empty: give a value"),
        (UNIT, "name", "", "is empty: give a value"),
        (UNIT, "name", "x\x07y", "has the unprintable character U+0007"),
        (UNIT, "name", "x\u202ey", "has the unprintable character U+202E"),
        (UNIT, "name", "x" * 201, "is longer than 200 characters"),
        (UNIT, "code", "bn 1", "is no code like BN-0001"),
        (UNIT, "valid_from", "31/12/2023", "is not a date like 2026-03-31"),
        (UNIT, "valid_from", "2023-02-30", "is not a date like 2026-03-31"),
        (SITE, "latitude", "90.5", "must be 90.0 or less"),
        (SITE, "latitude", "nan", "must be"),
        (SITE, "longitude", "E106", "is not a number: digits with a decimal point, like 21.18"),
        (SITE, "status", "activ", "is none of planned, active, retired; did you mean 'active'?"),
        (SITE, "status", "", "is empty: give a value, or leave the whole column out"),
        (SITE, "site_class", "Hub", "is no word like dc-portal"),
        (DEVICE, "name", "r1", "is no device name like BN-0001-R1"),
        (DEVICE, "address", "10.27.0.256", "is not an IPv4 or IPv6 address"),
        (DEVICE, "address", "224.0.0.1", "is not the address of one host"),
        (DEVICE, "port", "0", "must be 1 or more"),
        (DEVICE, "port", "161 UDP", "is not a whole number: digits only"),
        (DEVICE, "liveness", "tcp:0", "is none of icmp, snmp, tcp:PORT"),
        (DEVICE, "snmp", "none;new", "is no list of credential names like `new,old`, nor `none`"),
        (CIRCUIT, "code", "số 1", "is no circuit id"),
        (CIRCUIT, "receive_bps", "0", "must be more than 0"),
        (CIRCUIT, "receive_bps", "100M", "is not a whole number: digits only"),
        (CIRCUIT, "receive_bps", "10000000000001", "must be 10000000000000 or less"),
        (CIRCUIT, "receive_bps", "9" * 4000, "must be 10000000000000 or less"),
        (CHECK, "params", "[1]", 'is not a JSON object like {"count": 3}'),
        (CHECK, "params", "{", 'is not a JSON object like {"count": 3}'),
    ],
    ids=lambda value: value.name if hasattr(value, "name") else str(value)[:20],
)  # fmt: skip
def test_what_is_wrong_with_a_cell_is_said_in_plain_words(noun, column, value, said):
    row = {**GOOD[noun.name], column: value}
    text = io.StringIO()
    csvfile.csv.writer(text).writerows([row.keys(), row.values()])
    (problem,) = problems(noun, text.getvalue())

    assert problem.startswith(f"f.csv:2: {column} '")
    assert f": {said}" in problem


GOOD = {
    "unit": {"code": "A", "name": "x", "level": "commune"},
    "site": {"code": "A", "name": "x", "unit": "27", "kind": "party", "site_class": "agency"},
    "device": {"name": "A", "site": "A", "address": "10.27.0.1", "snmp": "none"},
    "circuit": {"code": "A", "site": "A", "carrier": "C", "receive_bps": "1", "transmit_bps": "1"},
    "check": {"code": "a", "kind": "icmp_echo", "site": "A"},
}


def test_every_problem_of_a_file_is_told_at_once_with_its_line():
    text = "code,name,level\nA,x,commune\na,,commun\nA,y,commune\nB,z\nC,z,commune,more\nD,ok,commune\n"

    assert [
        "f.csv:3: code 'a': is no code like BN-0001: capital letters without diacritics, digits, `.` and `-`, "
        "at most 32",
        "f.csv:3: name '': is empty: give a value",
        "f.csv:3: level 'commun': is none of province, district, commune; did you mean 'commune'?",
        "f.csv:4: code 'A': stands on line 2 already; a unit has one row",
        "f.csv:5: has 2 cells where the first line names 3 columns",
        "f.csv:6: has 4 cells where the first line names 3 columns",
    ] == problems(UNIT, text)


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("code,name,colour,level", "unknown column 'colour'"),
        ("code,name,name,level", "column 'name' stands there twice"),
        ("code,nane,official_code,level", "unknown column 'nane'; did you mean 'name'?"),
    ],
    ids=["unknown", "twice", "misspelt"],
)
def test_a_wrong_column_does_not_hide_what_is_wrong_below_it(header, said):
    found = problems(UNIT, f"{header}\nA,x,,commun\nB,y,commune\n")

    assert f"f.csv:1: {said}" == found[0]
    assert [
        "f.csv:2: level 'commun': is none of province, district, commune; did you mean 'commune'?",
        "f.csv:3: has 3 cells where the first line names 4 columns",
    ] == found[-2:]


def test_a_broken_row_stands_there_with_its_sound_cells():
    read = sheet(UNIT, "code,name,level,parent\nA,x,commun,27\nB,y\nC,z,commune,27\n")

    assert [("A", {"code": "A", "name": "x", "parent": "27"}), ("B", {})] == [
        (row.key, row.cells) for row in read.broken
    ]
    assert (["C"], True) == ([row.key for row in read.rows], read.is_whole)


@pytest.mark.parametrize(
    "text",
    ["", "name,level\nx,commune\n", 'code,name,level\nA,"x,commune\n', "code,name,level\nA,x\0,commune\n"],
    ids=["empty", "no key", "open quote", "nul"],
)
def test_where_rows_cannot_be_told_the_sheet_is_no_whole(text):
    assert not sheet(UNIT, text).is_whole


def test_a_row_over_several_lines_counts_them():
    text = 'code,name,level\nA,"Sở\nNội vụ",commune\nB,x,commun\n'

    assert "f.csv:4:" == problems(UNIT, text)[0].partition(" ")[0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('code,name,level\nB,"x,commune\nC,y,commune\n', 'f.csv:2: a quote " is opened here and never closed'),
        ('code,name,level\nB,"x"y,commune\n', 'f.csv:2: text stands behind a closing quote "'),
        (f"code,name,level\nB,{'x' * 200_000},commune\n", "f.csv:2: a cell holds more than 4096 bytes"),
        (f"code,name,level\nB,{'x' * 100_000},commune\n", f"f.csv:2: name '{'x' * 59}…': a cell holds more than 4096"),
        (f"code,name,level\nB,{'ệ' * 1366},commune\n", f"f.csv:2: name '{'ệ' * 59}…': a cell holds more than 4096"),
        ("code,name,level\nA,x,commune\nB,x\0,commune\n", "f.csv:3: holds a NUL byte"),
        ("code," * 9999 + "\n", "f.csv:1: has 10000 columns"),
    ],
    ids=["open quote", "text behind a quote", "200 kB", "100 kB", "4098 bytes", "nul", "10,000 columns"],
)
def test_broken_and_oversized_input_is_refused_with_its_line(text, said):
    assert problems(UNIT, text)[0].startswith(said)


def test_what_was_found_before_a_broken_quote_is_told_too():
    text = 'code,name,level\nA,x,commun\nB,"x,commune\n'

    assert ["f.csv:2:", "f.csv:3:"] == [problem.partition(" ")[0] for problem in problems(UNIT, text)]


def test_a_file_above_16_mib_is_refused():
    assert ["f.csv: is larger than 16 MiB: split it"] == problems(UNIT, b"x" * (16 * 1024 * 1024 + 1))


def test_rows_above_the_limit_are_refused(monkeypatch):
    monkeypatch.setattr(csvfile, "MAX_ROWS", 2)

    assert ["f.csv:4: more than 2 rows or problems: split the file"] == problems(
        UNIT, "code,name,level\nA,x,commune\nB,x,commune\nC,x,commune\nD,x,commune\n"
    )


def test_json_nested_deeper_than_its_parser_goes_is_a_problem_not_a_crash():
    (problem,) = problems(CHECK, "code,kind,site,params\na,b,A," + "[" * 4000)

    assert problem.startswith("f.csv:2: ")


def test_a_rule_of_the_whole_row_waits_for_the_rest_of_the_row():
    """Who is to be asked may stand in the database alone; a file with every column has to say it."""
    whole = ",".join(CHECK.columns) + "\na,icmp_echo,,,,60,{}\n"

    assert [{"code": "a", "kind": "icmp_echo", "interval_s": "30"}] == cells(
        CHECK, "code,kind,interval_s\na,icmp_echo,30"
    )
    assert ["f.csv:2: code 'a': a check is for one site or for one class: fill exactly one of site, site_class"] == (
        problems(CHECK, whole)
    )


def test_a_file_is_read_from_its_path_and_from_standard_input(tmp_path):
    path = tmp_path / "units.csv"
    path.write_bytes(b"code,name,level\nA,x,commune\n")
    from_path = csvfile.read(UNIT, str(path))
    from_stdin = csvfile.read(UNIT, "-", stdin=io.BytesIO(path.read_bytes()))

    assert from_path.rows[0].cells == from_stdin.rows[0].cells
    assert f"{path}:2" == from_path.rows[0].place
    assert "stdin:2" == from_stdin.rows[0].place


@pytest.mark.parametrize(
    ("name", "said"),
    [("missing.csv", "there is no such file or folder"), (".", "cannot be read"), ("a\0b", "cannot be read")],
)
def test_a_file_that_cannot_be_read_is_told_in_one_line(tmp_path, name, said):
    read = csvfile.read(UNIT, f"{tmp_path}/{name}")
    (problem,) = read.problems

    assert said in problem
    assert not read.is_whole


@settings(max_examples=300, deadline=None)
@given(
    noun=st.sampled_from(NOUNS),
    body=st.one_of(
        st.binary(max_size=400),
        st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")),
        st.text(alphabet='{}[]",;=\n\r A1é\u0301.-:', max_size=200).map(str.encode),
    ),
    headed=st.booleans(),
)
def test_whatever_bytes_come_the_answer_is_rows_and_problems(noun, body, headed):
    header = ",".join(noun.columns).encode() + b"\n" if headed else b""
    read = sheet(noun, header + body)

    assert all(problem.startswith("f.csv") and problem.isprintable() for problem in read.problems)
    assert all(row.key for row in (*read.rows, *read.broken))
    assert bool(read.problems) >= bool(read.broken)


@settings(max_examples=200, deadline=None)
@given(row=st.data())
def test_any_cells_under_a_good_header_are_rows_and_problems(row):
    noun = row.draw(st.sampled_from(NOUNS))
    values = row.draw(st.lists(st.text(max_size=30), min_size=len(noun.columns), max_size=len(noun.columns)))
    text = io.StringIO()
    csvfile.csv.writer(text).writerows([noun.columns, values])
    data = text.getvalue().encode("utf-8", "surrogatepass")

    assert all(problem.isprintable() for problem in sheet(noun, data).problems)


def test_decomposed_names_are_kept_for_the_plan_to_compose():
    decomposed = unicodedata.normalize("NFD", "Đại Phúc")

    assert decomposed == cells(UNIT, f"code,name,level\nA,{decomposed},commune")[0]["name"]
