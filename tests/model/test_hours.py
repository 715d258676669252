"""Service hours as people write them, read strictly: a slip must not become a figure."""

import re

import pytest

from wanmon.model.hours import ROUND_THE_CLOCK, Hours, parse_week

MORNING, AFTERNOON, WHOLE = Hours(450, 690), Hours(810, 1020), Hours(0, 1440)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("mon-fri 07:30-11:30,13:30-17:00; sat 07:30-11:30", [(MORNING, AFTERNOON)] * 5 + [(MORNING,), ()]),
        ("sun 00:00-24:00", [()] * 6 + [(WHOLE,)]),
        ("mon,wed-thu 07:30-11:30", [(MORNING,), (), (MORNING,), (MORNING,), (), (), ()]),
        (" mon  13:30-17:00 , 07:30-11:30 ", [(MORNING, AFTERNOON)] + [()] * 6),
        ("mon 07:30-11:30; mon 11:30-12:00", [(MORNING, Hours(690, 720))] + [()] * 6),
    ],
    ids=["office", "to-midnight", "list-of-days", "blanks-and-order", "touching"],
)
def test_hours_are_read_for_each_day_in_order(text: str, days):
    week = parse_week(text)

    assert tuple(days) == week.days
    assert not week.holds_on_holidays


def test_round_the_clock_holds_on_holidays():
    assert ROUND_THE_CLOCK == parse_week("24x7")
    assert ((WHOLE,),) * 7 == ROUND_THE_CLOCK.days
    assert ROUND_THE_CLOCK.holds_on_holidays


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "'' is not like `mon-fri"),
        ("24/7", "'24/7' is not like `mon-fri"),
        ("mon-fri", "'mon-fri' is not like `mon-fri"),
        ("mon 07:30-11:30;", "'' is not like `mon-fri"),
        ("Mon 07:30-11:30", "'Mon' is no day or range of days"),
        ("t2-t6 07:30-11:30", "'t2-t6' is no day or range of days"),
        ("mon- 07:30-11:30", "'mon-' is no day or range of days"),
        ("mon-tue-wed 07:30-11:30", "'mon-tue-wed' is no day or range of days"),
        ("sat-mon 07:30-11:30", "'sat-mon' runs backwards"),
        ("mon 7:30-11:30", "'7:30-11:30' is not like 07:30-11:30"),
        ("mon 07:60-11:30", "'07:60-11:30' is not like 07:30-11:30"),
        ("mon 07:30-11:30,", "'' is not like 07:30-11:30"),
        ("mon 07:30-24:01", "goes beyond 24:00"),
        ("mon 08:00-08:00", "does not end after it begins"),
        ("mon 22:00-06:00", "hours over midnight end at 24:00 and go on next day"),
        ("mon 07:30-11:30,11:00-12:00", "the hours 07:30-11:30 and 11:00-12:00 of mon overlap"),
        ("mon-fri 07:30-11:30; wed 08:00-09:00", "the hours 07:30-11:30 and 08:00-09:00 of wed overlap"),
        ("mon,mon 07:30-11:30", "the hours 07:30-11:30 and 07:30-11:30 of mon overlap"),
        ("mon 07:30-11:30\n\x1b[2J", "is not like 07:30-11:30"),
    ],
)
def test_bad_hours_are_refused_in_one_line(text: str, message: str):
    with pytest.raises(ValueError, match=re.escape(message)) as error:
        parse_week(text)

    assert str(error.value).isprintable()
