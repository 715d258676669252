"""`inventory validate | plan | apply`: nothing half done, nothing undone unseen."""

import json
from pathlib import Path

import pytest
import typer

NEW = "code,name,unit,kind,site_class,parent\nBN-0200,Trạm y tế,256,department,agency,BN-DC1\n"


@pytest.fixture
def new_site(province):
    """A file that adds one site."""
    Path("sites.csv").write_text(NEW, encoding="utf-8")
    return "sites.csv"


def test_the_example_is_valid(wanmon, province):
    ended = wanmon("inventory", "validate", "inventory")

    counts = "135 units, 4 classes, 2 carriers, 178 sites, 178 devices, 185 circuits, 2 services, 9 checks, 12 holidays"
    assert (0, f"valid: {counts}\n", "") == (ended.status, ended.out, ended.err)


def test_a_file_that_is_no_whole_is_checked_row_by_row_and_says_so(wanmon, new_site):
    ended = wanmon("inventory", "validate", new_site)

    assert (0, "valid: 1 site\n") == (ended.status, ended.out)
    assert [
        "each row was checked alone, without units, classes: `wanmon inventory plan` asks the database"
    ] == ended.errors


def test_validation_needs_no_database(wanmon, new_site, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "bac-ninh" / new_site

    assert 0 == wanmon("inventory", "validate", path).status


def test_a_row_that_stands_in_two_files_is_told(wanmon, new_site, province):
    Path("more").mkdir()
    Path("more/sites.csv").write_text(NEW, encoding="utf-8")
    ended = wanmon("inventory", "validate", new_site, "more/sites.csv")

    assert (1, ["wanmon: more/sites.csv:2: code 'BN-0200': stands in sites.csv:2 already"]) == (
        ended.status,
        ended.errors,
    )


def test_a_plan_shows_every_difference_and_changes_nothing(wanmon, new_site, untouched):
    Path("carriers.csv").write_text("code,name\nVNPT,VNPT tỉnh Bắc Ninh\n", encoding="utf-8")
    ended = wanmon("inventory", "plan", new_site, "carriers.csv", "-o", "json")

    assert 0 == ended.status
    assert [
        {
            "action": "set",
            "noun": "carrier",
            "key": "VNPT",
            "field": "name",
            "old": "VNPT Bắc Ninh",
            "new": "VNPT tỉnh Bắc Ninh",
        },
        *(
            {"action": "add", "noun": "site", "key": "BN-0200", "field": field, "old": "", "new": value}
            for field, value in {
                "name": "Trạm y tế",
                "unit": "256",
                "kind": "department",
                "site_class": "agency",
                "status": "planned",
                "parent": "BN-DC1",
            }.items()
        ),
    ] == json.loads(ended.out)
    assert untouched()


def test_apply_adds_and_changes_and_logs_who(wanmon, new_site, stored):
    ended = wanmon("inventory", "apply", new_site, "--yes", "--author", "Nguyễn Văn A", "--reason", "khai trương")

    assert (0, "Trạm y tế") == (ended.status, stored().sites["BN-0200"].name)
    assert ended.errors[-1] == "change 2 is made"


def test_applying_the_same_again_changes_nothing(wanmon, new_site):
    wanmon("inventory", "apply", new_site, "--yes")
    ended = wanmon("inventory", "apply", new_site, "--yes")

    assert (0, "", ["nothing to change; 1 row is so already"]) == (ended.status, ended.out, ended.errors)


def test_apply_removes_only_with_prune(wanmon, province, stored):
    Path("carriers.csv").write_text("code,name\nVNPT,VNPT Bắc Ninh\n", encoding="utf-8")
    Path("circuits.csv").write_text(
        "\n".join(
            line
            for line in Path("inventory/circuits.csv").read_text(encoding="utf-8").splitlines()
            if ",VIETTEL," not in line
        ),
        encoding="utf-8",
    )
    assert 0 == wanmon("inventory", "apply", "carriers.csv", "circuits.csv", "--yes").status
    assert "VIETTEL" in stored().carriers

    assert 0 == wanmon("inventory", "apply", "carriers.csv", "circuits.csv", "--prune", "--yes").status
    assert "VIETTEL" not in stored().carriers


def test_a_dry_run_shows_and_changes_nothing(wanmon, new_site, untouched):
    ended = wanmon("inventory", "apply", new_site, "--dry-run")

    assert 0 == ended.status
    assert "BN-0200" in ended.out
    assert untouched()


def test_rows_may_come_on_standard_input(wanmon, province, stored, monkeypatch, tmp_path):
    path = tmp_path / "in.csv"
    path.write_text(NEW, encoding="utf-8")
    with path.open() as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        ended = wanmon("inventory", "apply", "-", "--noun", "site", "--yes")

    assert 0 == ended.status
    assert "BN-0200" in stored().sites


def on_a_terminal(monkeypatch: pytest.MonkeyPatch, answer: bool) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)

    def confirm(text: str, **options: object) -> bool:
        if not answer:
            raise typer.Abort
        return True

    monkeypatch.setattr("typer.confirm", confirm)


def test_on_a_terminal_apply_asks_and_takes_no_for_an_answer(wanmon, new_site, untouched, monkeypatch):
    on_a_terminal(monkeypatch, answer=False)
    ended = wanmon("inventory", "apply", new_site)

    assert (1, "wanmon: nothing was done") == (ended.status, ended.errors[-1])
    assert untouched()


def test_what_changed_between_the_look_and_the_yes_is_not_undone_unseen(wanmon, new_site, stored, monkeypatch):
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("typer.confirm", lambda *args, **options: somebody_else(wanmon))
    ended = wanmon("inventory", "apply", new_site)

    assert 1 == ended.status
    assert ended.errors[-1] == "wanmon: the inventory was changed meanwhile: run `wanmon inventory plan` again"
    assert "BN-0200" not in stored().sites


def somebody_else(wanmon) -> bool:
    return 0 == wanmon("carrier", "set", "VNPT", "--hotline", "18001260").status


def test_the_log_tells_who_changed_what_the_newest_first(wanmon, province):
    wanmon("carrier", "set", "VNPT", "--hotline", "18001260", "--author", "Trần Thị B", "--reason", "số mới")
    wanmon("carrier", "add", "FPT", "--name", "FPT Telecom", "--author", "Nguyễn Văn A")
    wanmon("carrier", "remove", "FPT")
    removed, added, changed = json.loads(wanmon("inventory", "log", "--limit", "3", "-o", "json").out)

    assert ("remove", "add", "set") == (removed["action"], added["action"], changed["action"])
    assert {
        "at": "2026-03-02T19:00:00+07:00",
        "author": "Trần Thị B",
        "command": "carrier set VNPT",
        "reason": "số mới",
        "noun": "carrier",
        "key": "VNPT",
        "field": "hotline",
        "old": "0000 000 001",
        "new": "18001260",
    }.items() <= changed.items()
    assert ("Nguyễn Văn A", "FPT Telecom") == (added["author"], json.loads(added["new"])["name"])


def test_the_log_of_one_row_is_short_for_people(wanmon, province):
    wanmon("carrier", "add", "FPT", "--name", "FPT Telecom", "--author", "Nguyễn Văn A")
    lines = wanmon("inventory", "log", "FPT").out.splitlines()

    assert 2 == len(lines)
    assert "2026-03-02 19:00:00  Nguyễn Văn A" == lines[1][:33]
    assert lines[1].endswith("name=FPT Telecom")


def test_a_row_that_nobody_changed_is_told(wanmon, province):
    ended = wanmon("inventory", "log", "BN-9999")

    assert (0, "", ["no change of BN-9999"]) == (ended.status, ended.out, ended.errors)


def test_the_problems_of_all_files_are_told_together(wanmon, province, untouched):
    Path("carriers.csv").write_text("code,name,colour\nvnpt,VNPT,red\n", encoding="utf-8")
    Path("sites.csv").write_text(NEW.replace("256", "999"), encoding="utf-8")
    ended = wanmon("inventory", "plan", "carriers.csv", "nofile.csv", "sites.csv")

    assert 1 == ended.status
    assert ["carriers.csv:1:", "carriers.csv:2:", "nofile.csv:"] == [line.split()[1] for line in ended.errors]
    assert untouched()


def test_a_row_that_names_nothing_is_told_beside_a_broken_cell(wanmon, province, untouched):
    Path("carriers.csv").write_text("code,name\nvnpt,VNPT\n", encoding="utf-8")
    Path("sites.csv").write_text(NEW.replace("256", "999"), encoding="utf-8")
    ended = wanmon("inventory", "apply", "carriers.csv", "sites.csv", "--yes")

    assert (1, ["carriers.csv:2:", "sites.csv:2:"]) == (ended.status, [line.split()[1] for line in ended.errors])
    assert untouched()


def test_a_check_of_no_kind_is_refused_by_a_file_alone(wanmon, province):
    Path("checks.csv").write_text("code,kind,site\na,icmp,BN-0001\n", encoding="utf-8")
    ended = wanmon("inventory", "validate", "checks.csv")

    assert 1 == ended.status
    assert ended.errors[0].startswith("wanmon: checks.csv:2: kind 'icmp': is none of dns_lookup, ")
