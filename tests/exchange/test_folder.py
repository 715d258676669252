import io

import pytest

from wanmon.errors import InventoryError, UsageError
from wanmon.exchange import folder

UNITS = "code,name,level\n27,Bắc Ninh,province\n"
CARRIERS = "code,name\nVNPT,VNPT Bắc Ninh\n"


@pytest.fixture
def written(tmp_path):
    def write(**files):
        for name, text in files.items():
            (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
        return str(tmp_path)

    return write


def test_a_folder_may_hold_any_of_the_files(written):
    proposal = folder.read(written(carriers=CARRIERS, units=UNITS))

    assert ["unit", "carrier"] == [noun.name for noun in proposal.nouns]
    assert ["27"] == [row.key for row in proposal.rows["unit"]]


def test_a_file_without_rows_is_still_a_file(written):
    """With --prune it removes all; a missing file removes nothing."""
    assert {"carrier": ()} == folder.read(written(carriers="code,name\n")).rows


def test_the_problems_of_all_files_are_told_together(written):
    path = written(units="code,name,level\n27,,province\n", carriers="code,name\nvnpt,VNPT\n", devises=CARRIERS)
    proposal = folder.read(path)

    assert [
        f"{path}/carriers.csv:2: code 'vnpt': is no code like BN-0001: capital letters without diacritics, digits, "
        "`.` and `-`, at most 32",
        f"{path}/devises.csv: no kind of row has this name; did you mean 'devices'?",
        f"{path}/units.csv:2: name '': is empty: give a value",
    ] == sorted(proposal.problems)


def test_what_is_no_csv_file_or_hidden_is_passed_over(written, tmp_path):
    for name in ("README.md", ".~lock.sites.csv#", "._units.csv"):
        (tmp_path / name).write_bytes(b"\0")

    assert ["unit"] == [noun.name for noun in folder.read(written(units=UNITS)).nouns]


def test_two_files_of_one_noun_are_one_too_many(written, tmp_path):
    (tmp_path / "units.CSV").write_text(UNITS, encoding="utf-8")
    (problem,) = folder.read(written(units=UNITS)).problems

    assert problem.endswith("a second file of units: keep one")


def test_a_folder_without_any_file_is_told_what_it_could_hold(tmp_path):
    (problem,) = folder.read(str(tmp_path)).problems

    assert "holds none of units.csv, classes.csv" in problem


def test_the_name_of_a_single_file_says_what_its_rows_are(written):
    assert ["carrier"] == [noun.name for noun in folder.read(written(carriers=CARRIERS) + "/carriers.csv").nouns]


def test_a_file_of_any_name_is_read_as_what_it_is_said_to_be(tmp_path):
    (tmp_path / "from Mr Nam.csv").write_text(UNITS, encoding="utf-8")

    assert ["unit"] == [noun.name for noun in folder.read(f"{tmp_path}/from Mr Nam.csv", "unit").nouns]
    assert ["unit"] == [noun.name for noun in folder.read("-", "unit", stdin=io.BytesIO(UNITS.encode())).nouns]


@pytest.mark.parametrize(
    ("path", "noun", "said"),
    [
        ("-", None, r"cannot tell what the rows of '-' are: say it with --noun unit\|class\|"),
        (__file__, None, r"test_folder\.py' are: say it with --noun "),
        ("list.csv", "devise", "did you mean 'device'"),
        (".", "unit", "is a folder"),
    ],
)
def test_what_cannot_be_known_is_asked_for(path, noun, said):
    with pytest.raises(UsageError, match=said):
        folder.read(path, noun)


def test_a_file_that_is_not_there_is_not_asked_what_its_rows_are(tmp_path):
    with pytest.raises(InventoryError, match=r"/nofile\.csv: there is no such file or folder"):
        folder.read(f"{tmp_path}/nofile.csv")
