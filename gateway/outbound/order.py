"""One person's replies go in the order in which they were written, and none waits for long behind another.

Rule: a reply that has one to the same person behind it is tried again five minutes after its last attempt, however long
its back-off is, and one that waits for the morning goes with the answer to what the person writes in the night. So an
old answer is never read after a newer one, and the newer waits for minutes (six attempts: less than half an hour), not
for the hours that a back-off can take.
"""

from datetime import UTC, datetime, timedelta

from dialogs.messages import ChannelKind
from gateway.outbound import quiet
from gateway.outbound.handover import AWAKE
from gateway.outbound.house import House
from store import Tx, handover

#: Nothing is tried more often than this because of what waits behind it.
PATIENCE = timedelta(minutes=5)
#: So many of the newest replies of a line are looked at.
CHUNK = 500
_EVER = datetime(2000, 1, 1, tzinfo=UTC)


def tick(tx: Tx, house: House, now: datetime) -> int:
    """Make due the replies that hold up newer ones; say how many."""
    lines = [line.id for line in house.channels.values() if line.kind is ChannelKind.SMS]
    # By night an answer that is late itself hurries nothing: what it waits for would be put aside again at once.
    hours, zone = house.config.quiet_hours, house.config.service.timezone
    since = now - AWAKE if quiet.opens_at(now, hours.start, hours.end, zone) else _EVER
    return sum(handover.hurry(tx, line, now, tried=now - PATIENCE, since=since, limit=CHUNK) for line in lines)
