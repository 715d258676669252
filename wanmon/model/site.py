"""Sites: the connection points, and the classes that say how closely each is watched."""

from enum import StrEnum
from typing import Annotated

from sqlmodel import Field

from wanmon.model.fields import (
    Blankable,
    Code,
    Day,
    Fields,
    Latitude,
    Longitude,
    Milliseconds,
    Name,
    Seconds,
    ServiceHours,
    Share,
    Slug,
    Text,
    choice,
)


class SiteStatus(StrEnum):
    """Planned sites are polled but never alert nor count; retired ones are not polled."""

    PLANNED = "planned"
    ACTIVE = "active"
    RETIRED = "retired"


class SiteKind(StrEnum):
    """What sort of office a site is. A `datacenter` is a hub."""

    DATACENTER = "datacenter"
    PEOPLES_COMMITTEE = "peoples_committee"
    DEPARTMENT = "department"
    SERVICE_UNIT = "service_unit"
    PARTY = "party"
    MASS_ORGANISATION = "mass_organisation"
    CENTRAL_AGENCY = "central_agency"


class SiteClassFields(Fields):
    """How closely sites of a class are watched, and what is expected of them.

    Intervals are in seconds. A round trip above `slow_ms` (milliseconds, the 95th percentile of 5 minutes) degrades a
    site. `service_hours` are as in `model.hours`; `availability_target` is a share, 0.995 for 99.5 %.
    """

    code: Slug = Field(unique=True, index=True)
    name: Name
    liveness_interval_s: Seconds = 5
    fast_interval_s: Seconds = 30
    slow_interval_s: Seconds = 600
    slow_ms: Milliseconds = 150
    service_hours: ServiceHours = "24x7"
    availability_target: Share = 0.995


class SiteClass(SiteClassFields, table=True):
    """A class of sites in the inventory."""

    __tablename__ = "site_class"

    id: int | None = Field(default=None, primary_key=True)


class SiteFields(Fields):
    """A site as files and commands give it. Every site but a hub has one or two parents on the way to a hub."""

    code: Code = Field(unique=True, index=True)
    name: Name
    unit: Code = Field(foreign_key="unit.code")
    kind: SiteKind = Field(sa_type=choice(SiteKind))
    site_class: Slug = Field(foreign_key="site_class.code")
    status: SiteStatus = Field(default=SiteStatus.PLANNED, sa_type=choice(SiteStatus))
    parent: Annotated[Code | None, Blankable] = Field(default=None, foreign_key="site.code")
    second_parent: Annotated[Code | None, Blankable] = Field(default=None, foreign_key="site.code")
    latitude: Annotated[Latitude | None, Blankable] = None
    longitude: Annotated[Longitude | None, Blankable] = None
    street: Text = ""
    activated_on: Day = None
    retired_on: Day = None

    @property
    def parents(self) -> tuple[str, ...]:
        """The codes of its one or two parents, first choice first; none for a hub."""
        return tuple(code for code in (self.parent, self.second_parent) if code)


class Site(SiteFields, table=True):
    """A connection point of the inventory."""

    id: int | None = Field(default=None, primary_key=True)
