"""Where the lab answers."""

import pytest

from wanmon.errors import WanmonError
from wanmon.lab.addresses import lab_address


@pytest.mark.parametrize(
    ("real", "played"),
    [("10.27.0.0", "127.27.0.0"), ("10.27.4.1", "127.27.4.1"), ("10.27.255.255", "127.27.255.255")],
)
def test_an_address_of_the_province_is_played_on_loopback(real, played):
    assert (played, 1161) == lab_address(real)


@pytest.mark.parametrize(
    "outside", ["10.26.255.255", "10.28.0.0", "127.27.0.1", "2001:db8::1", "::ffff:10.27.0.1", "x", ""]
)
def test_everything_else_is_refused(outside):
    with pytest.raises(WanmonError, match=r"10\.27\.0\.0/16"):
        lab_address(outside)
