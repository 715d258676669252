"""What a person types, and the site that is meant."""

from collections.abc import Callable
from typing import Any

import pytest

from wanmon.errors import Ambiguous, NotFound
from wanmon.model.change import Action
from wanmon.model.inventory import NOUN, Edit, Inventory
from wanmon.store import inventory, search
from wanmon.store.database import Database
from wanmon.store.folding import folded, spelled

MORE_SITES = {
    "BN-0003": "UBND phường Phú Lương",
    "BN-0004": "UBND xã Ninh Xá",
    "BN-0005": "UBND xã Đình Bảng",
    "BN-0006": "UBND xã Hòa Tiến",
    "BN-0007": "UBND phường Ninh Xá Đông",
    "BN-0008": "Sở Y tế",
}


@pytest.fixture
def sites(province: Database, change: Callable[..., Any]) -> Inventory:
    """The smallest province and some names that are easily confused."""
    common = {"unit": "BN", "site_class": "commune", "kind": "peoples_committee", "parent": "BN-DC1"}
    change(
        *(
            Edit(Action.ADD, NOUN["site"], code, {"code": code, "name": name, **common})
            for code, name in MORE_SITES.items()
        )
    )
    with province.read() as session:
        return inventory.load(session)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("BN-0001", "BN-0001"),
        (" bn-0001 ", "BN-0001"),
        ("bn-0001-r1", "BN-0001"),
        ("10.27.2.1", "BN-0002"),
        ("vnpt-mw-7", "BN-0001"),
        ("UBND phường Ninh Xá", "BN-0001"),
        ("ubnd phuong ninh xa", "BN-0001"),
        ("phường ninh xá đông", "BN-0007"),
        ("Phù Lương", "BN-0002"),
        ("Phú Lương", "BN-0003"),
        ("dinh bang", "BN-0005"),
        ("ĐÌNH BẢNG", "BN-0005"),
        ("Hoà Tiến", "BN-0006"),
        ("Hòa Tiến", "BN-0006"),
        ("Hoa Tien", "BN-0006"),
        ("so y te", "BN-0008"),
        ("0008", "BN-0008"),
        ("mw-7", "BN-0001"),
    ],
)
def test_a_site_is_found_by_what_people_call_it(sites: Inventory, text: str, code: str):
    assert code == search.find_site(sites, text).code


@pytest.mark.parametrize(
    ("text", "matches"),
    [
        ("Phu Luong", ("BN-0002 UBND xã Phù Lương", "BN-0003 UBND phường Phú Lương")),
        ("xã ninh xá", ("BN-0004 UBND xã Ninh Xá",)),
        ("ninh xá", ("BN-0001 UBND phường Ninh Xá", "BN-0004 UBND xã Ninh Xá", "BN-0007 UBND phường Ninh Xá Đông")),
    ],
)
def test_what_fits_several_sites_lists_them(sites: Inventory, text: str, matches: tuple[str, ...]):
    if len(matches) == 1:
        assert matches[0].split()[0] == search.find_site(sites, text).code
        return
    with pytest.raises(Ambiguous) as told:
        search.find_site(sites, text)

    assert (matches, 2) == (told.value.matches, told.value.exit_status)


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("BN-0099", "did you mean BN-"),
        ("UBND xa Dinh Bagn", "did you mean BN-0005 UBND xã Đình Bảng"),
        ("Hà Nội 1000 năm", "see `wanmon site list`"),
        ("", "see `wanmon site list`"),
        ("%", "see `wanmon site list`"),
        ("\u0301", "see `wanmon site list`"),
    ],
)
def test_what_fits_nothing_is_told_with_the_nearest(sites: Inventory, text: str, advice: str):
    with pytest.raises(NotFound) as told:
        search.find_site(sites, text)

    assert advice in str(told.value)


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ("ninh xa", ["BN-0001", "BN-0004", "BN-0007"]),
        ("xa ninh phuong", ["BN-0001", "BN-0007"]),
        ("10.27.2", ["BN-0002"]),
        ("vnpt", ["BN-0001"]),
        ("nowhere", []),
    ],
)
def test_a_list_takes_every_site_with_all_the_words(sites: Inventory, query: str, codes: list[str]):
    assert codes == [site.code for site in search.matching_sites(sites, query)]


def test_an_empty_query_lists_everything(sites: Inventory):
    assert sorted(sites.sites) == [site.code for site in search.matching_sites(sites, "")]


def test_devices_are_found_by_their_own_name_or_by_that_of_their_site(sites: Inventory):
    assert ["BN-0002-R1"] == [device.name for device in search.find_devices(sites, "bn-0002-r1")]
    assert ["BN-0002-R1"] == [device.name for device in search.find_devices(sites, "10.27.2.1")]
    assert ["BN-0001-R1"] == [device.name for device in search.find_devices(sites, "UBND phường Ninh Xá")]
    with pytest.raises(NotFound, match="site BN-DC1 has none"):
        search.find_devices(sites, "bn-dc1")


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Phường Đình Bảng", "phuong dinh bang"),
        ("Hoà  Tiến,\tThuỷ", "hoa tien thuy"),
        ("ĐỒNG NGUYÊN", "dong nguyen"),
        ("BN-0001", "bn 0001"),
        ("", ""),
    ],
)
def test_folding_leaves_words_of_plain_letters(text: str, plain: str):
    assert plain == folded(text)


def test_spelling_keeps_the_tone_but_not_the_vowel_it_is_typed_on():
    assert spelled("Hoà Thuý") == spelled("Hòa Thúy")
    assert spelled("Phù") != spelled("Phú")
    assert spelled("o") != spelled("ơ")
