"""The present verdict on the way to each site."""

from datetime import datetime

from sqlmodel import Session, select

from wanmon.model.finding import SiteVerdict, TwoWay
from wanmon.model.site import Site


def keep(session: Session, site: str, verdict: TwoWay, hop: int | None, text: str, now: datetime) -> None:
    """Take in a verdict of `now`; the same one as before holds since it began. A site that is gone is passed over."""
    if session.exec(select(Site.id).where(Site.code == site)).first() is None:
        return
    held = session.get(SiteVerdict, site)
    if held is None:
        session.add(SiteVerdict(site=site, verdict=verdict, hop=hop, text=text, since=now, last_at=now))
    else:
        if (held.verdict, held.hop) != (verdict, hop):
            held.since = now
        held.verdict, held.hop, held.text, held.last_at = verdict, hop, text, now
    session.flush()


def withdraw(session: Session, site: str) -> None:
    """Nothing is claimed of a site any more."""
    held = session.get(SiteVerdict, site)
    if held is not None:
        session.delete(held)
        session.flush()


def of(session: Session, site: str) -> SiteVerdict | None:
    """The verdict on one site."""
    return session.get(SiteVerdict, site)


def present(session: Session) -> dict[str, SiteVerdict]:
    """All verdicts, by site."""
    return {row.site: row for row in session.exec(select(SiteVerdict))}
