"""The nightly digest over all cases' histories, and what becomes of it when the clock is set back behind it.

A digest covers what had happened up to a moment. If the clock is then set back by more than ``store.cases.MARGIN``,
what happens now is dated before that moment: the digest would no longer hold, although nobody changed anything. So it
is withdrawn: the audit log keeps which one it was, and its day gets another as soon as that day is over again.
"""

from datetime import datetime, timedelta

import structlog

from gateway.effects import House
from store import Tx, alerts, audit, cases

log = structlog.get_logger(__name__)

SYSTEM = "system"
ALERT_BACK = "clock_set_back"


def make(tx: Tx, house: House, now: datetime) -> int:
    """Write down one hash over the ends of all cases' histories, for the day that has ended."""
    cases.digest(tx, now.astimezone(house.config.service.timezone).date() - timedelta(days=1), now)
    return 1


def withdraw(tx: Tx, _house: House, now: datetime) -> int:
    """Withdraw the digests that cover what is still to come by this clock; say how many."""
    withdrawn = cases.withdraw_digests(tx, now)
    for day, digest in withdrawn:
        log.warning("digest_withdrawn", day=day)
        audit.append(tx, actor=SYSTEM, act="digest.withdrawn", subject=day, data={"digest": digest}, at=now)
        alerts.raise_alert(tx, ALERT_BACK, day, now)
    return len(withdrawn)
