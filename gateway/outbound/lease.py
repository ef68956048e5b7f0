"""Hand-overs whose end nobody recorded: the process died, or the store was away when the answer came.

Rule: such a message is in doubt, never queued, because the provider may have it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

import structlog

from gateway.channels import Channel
from gateway.config import OutboxConfig
from gateway.outbound.house import House
from gateway.outbound.results import ALERT_IN_DOUBT, Limits, lapse, subject
from store import Tx, alerts, attempts, crash
from store.attempts import Lapsed

log = structlog.get_logger(__name__)

#: At most so many in one transaction.
CHUNK = 500


def tick(tx: Tx, house: House, now: datetime) -> int:
    """Put in doubt what has outlived its lease, whoever held it, at most 500; say how many."""
    return _doubt(tx, attempts.lapsed(tx, now, CHUNK), house.channels, house.config.outbox, now)


def recover(tx: Tx, owner: str, channels: Mapping[str, Channel], outbox: OutboxConfig, now: datetime) -> int:
    """Put in doubt what another process was handing over when it ended, at most 500; say how many.

    On SQLite whoever serves is alone, so that is all that is not ``owner``'s. On PostgreSQL others may live, so it is
    what has outlived its lease.
    """
    alone = tx.dialect.name == "sqlite"
    rows = attempts.of_others(tx, owner, CHUNK) if alone else attempts.lapsed(tx, now, CHUNK)
    return _doubt(tx, rows, channels, outbox, now)


def _doubt(tx: Tx, rows: Sequence[Lapsed], channels: Mapping[str, Channel], outbox: OutboxConfig, now: datetime) -> int:
    settled = []
    for row in rows:
        channel = channels.get(row.channel)
        safe = channel is not None and channel.sender is not None and channel.sender.idempotent
        result, doubtful = lapse(row, now, limits=Limits(max_attempts=outbox.max_attempts, safe=safe))
        settled.append(result)
        log.warning("lease_ended", message=row.id, channel=row.channel)
        if doubtful:
            alerts.raise_alert(tx, ALERT_IN_DOUBT, subject(row), now)
    attempts.settle(tx, settled)
    if rows:
        crash.point("lease.doubted")
    return len(rows)
