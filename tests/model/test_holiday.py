"""Days off as rows: their key is a date as text."""

import pytest
from pydantic import ValidationError

from wanmon.model.holiday import HolidayFields


def test_a_holiday_is_known_by_its_day():
    row = HolidayFields.model_validate({"day": " 2026-09-02 ", "name": "Quốc khánh"})

    assert ("2026-09-02", 2) == (row.day, row.on.day)


@pytest.mark.parametrize("day", ["", "2026-02-30", "02/09/2026", "2026-13-01", "hôm nay"])
def test_what_is_no_date_is_refused(day: str):
    with pytest.raises(ValidationError, match="is not a date like 2026-09-02"):
        HolidayFields.model_validate({"day": day, "name": "x"})
