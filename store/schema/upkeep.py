"""What the house remembers about its upkeep: which chore is due, which problem stands, how often a line is heard."""

import sqlalchemy as sa

from store.columns import Time
from store.schema.base import KEY_IS_PLACE, metadata

#: What one process does for all now and then. Who finds it due moves ``due_at`` on and does it; ``late_at`` is when
#: somebody must be told that it was not done since ``done_at``. ``cursor``: the last id it has come to.
chores = sa.Table(
    "chores",
    metadata,
    sa.Column("name", sa.String(32), primary_key=True),
    sa.Column("due_at", Time, nullable=False),
    sa.Column("late_at", Time),
    sa.Column("done_at", Time),
    sa.Column("cursor", sa.BigInteger, nullable=False, server_default="0"),
    **KEY_IS_PLACE,
)

#: What stands in the way of the service and was, or is to be, told to the person on call: ``kind`` or ``kind subject``.
#: ``told_at``: the last time; ``clear_at``: since when it is not seen any more; ``message_id``: what was said last.
problems = sa.Table(
    "problems",
    metadata,
    sa.Column("what", sa.String(96), primary_key=True),
    sa.Column("since", Time, nullable=False),
    sa.Column("told_at", Time),
    sa.Column("clear_at", Time),
    sa.Column("message_id", sa.BigInteger),
    **KEY_IS_PLACE,
)

#: How many messages came in on a line on a local day (``2026-03-02``), and when the last did.
heard = sa.Table(
    "heard",
    metadata,
    sa.Column("channel", sa.String(64), primary_key=True),
    sa.Column("day", sa.String(10), primary_key=True),
    sa.Column("messages", sa.BigInteger, nullable=False),
    sa.Column("last_at", Time, nullable=False),
    **KEY_IS_PLACE,
)
