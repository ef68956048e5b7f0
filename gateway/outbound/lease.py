"""Hand-overs whose end nobody recorded: the process died, or the store was away when the answer came.

Rule: such a message is in doubt, never queued, because the provider may have it.
"""

from collections.abc import Mapping
from datetime import datetime

import structlog

from gateway.channels import Channel
from gateway.config import OutboxConfig
from gateway.outbound.house import House
from gateway.outbound.results import ALERT_IN_DOUBT, Limits, lapse, subject
from store import Tx, alerts, handover

log = structlog.get_logger(__name__)

#: At most so many in one transaction.
CHUNK = 500


def tick(tx: Tx, house: House, now: datetime) -> int:
    """End what has outlived its lease, whoever held it."""
    return end_leases(tx, house.channels, house.config.outbox, now)


def end_leases(
    tx: Tx, channels: Mapping[str, Channel], outbox: OutboxConfig, now: datetime, *, only_owner: str | None = None
) -> int:
    """Put hand-overs whose lease has ended in doubt, at most 500; say how many.

    ``only_owner`` is for whoever owns the store alone and has just started: everybody else's lease has ended.
    """
    rows = handover.lapsed(tx, now, CHUNK, only_owner=only_owner)
    settled = []
    for row in rows:
        channel = channels.get(row.channel)
        safe = channel is not None and channel.sender is not None and channel.sender.idempotent
        result, doubtful = lapse(row, now, limits=Limits(max_attempts=outbox.max_attempts, safe=safe))
        settled.append(result)
        log.warning("lease_ended", message=row.id, channel=row.channel)
        if doubtful:
            alerts.raise_alert(tx, ALERT_IN_DOUBT, subject(row), now)
    handover.settle(tx, settled)
    return len(rows)
