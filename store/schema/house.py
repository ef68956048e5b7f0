"""What the house does by itself and for itself: notices, alerts, staff and their acts, providers' accounts."""

import sqlalchemy as sa

from store.columns import Time
from store.schema.base import KEY_IS_PLACE, ROW_ID, metadata, only_where, row_id

#: ``cursor`` is the last contact id queued; ``text_hash`` is what the second person approved.
broadcasts = sa.Table(
    "broadcasts",
    metadata,
    row_id(),
    sa.Column("texts", sa.JSON, nullable=False),
    sa.Column("text_hash", sa.String(64), nullable=False),
    sa.Column("place", sa.String(64)),
    sa.Column("created_by", sa.String(64), nullable=False),
    sa.Column("created_at", Time, nullable=False),
    sa.Column("approved_by", sa.String(64)),
    sa.Column("approved_at", Time),
    sa.Column("due_at", Time, nullable=False),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("recipients", sa.Integer, nullable=False),
    sa.Column("cursor", sa.BigInteger, nullable=False),
    sa.Column("last_contact", sa.BigInteger, nullable=False),
)

#: What must be looked at by a person: poison messages, hand-overs, doubtful sends, low credit.
alerts = sa.Table(
    "alerts",
    metadata,
    row_id(),
    sa.Column("reason", sa.String(64), nullable=False),
    sa.Column("subject", sa.String(64)),
    sa.Column("at", Time, nullable=False),
    sa.Column("seen_by", sa.String(64)),
    sa.Index(
        "ix_alerts_open",  # the subject too: an emergency raises one a case, and each asks whether it stands already
        "reason",
        "subject",
        **only_where("seen_by IS NULL"),
    ),
)

#: What staff did and who looked at what. Append-only, one hash chain; never a resident's words or number.
audit = sa.Table(
    "audit",
    metadata,
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("at", Time, nullable=False),
    sa.Column("actor", sa.String(64), nullable=False),
    sa.Column("act", sa.String(32), nullable=False),
    sa.Column("subject", sa.String(64)),
    sa.Column("data", sa.JSON, nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
)

staff = sa.Table(
    "staff",
    metadata,
    row_id(),
    sa.Column("name", sa.String(64), nullable=False, unique=True),
    sa.Column("role", sa.String(16), nullable=False),
    sa.Column("created_at", Time, nullable=False),
)

#: What a provider's account told us last: credit and when it was read.
accounts = sa.Table(
    "accounts",
    metadata,
    sa.Column("channel", sa.String(64), primary_key=True),
    sa.Column("credit", sa.Numeric(18, 4)),
    sa.Column("currency", sa.String(8)),
    sa.Column("problem", sa.String(64)),
    sa.Column("held_until", Time),
    sa.Column("read_at", Time, nullable=False),
)

#: Until when a line that has a rate is booked, where several processes feed it.
paces = sa.Table(
    "paces",
    metadata,
    sa.Column("channel", sa.String(64), primary_key=True),
    sa.Column("booked_until", Time, nullable=False),
)

#: How much was sent on a local day (``2026-03-02``): on a line, to a country, of a broadcast, to a number prefix.
#: ``slowed_at``: when broadcasts, notices or follow-ups were first held for it that day; ``stopped_at``: replies.
spending = sa.Table(
    "spending",
    metadata,
    sa.Column("day", sa.String(10), primary_key=True),
    sa.Column("scope", sa.String(80), primary_key=True),
    sa.Column("messages", sa.BigInteger, nullable=False),
    sa.Column("segments", sa.BigInteger, nullable=False),
    sa.Column("slowed_at", Time),
    sa.Column("stopped_at", Time),
    **KEY_IS_PLACE,
)

#: Who got how many messages on the ``day`` of the last one, and when the latest were handed over (``recent``, in
#: microseconds, oldest first). A row lives a day, so the table is small. No foreign key: no words and no number here.
contact_sends = sa.Table(
    "contact_sends",
    metadata,
    sa.Column("contact_id", ROW_ID, primary_key=True, autoincrement=False),
    sa.Column("day", sa.String(10), nullable=False),
    sa.Column("messages", sa.Integer, nullable=False),
    sa.Column("recent", sa.JSON, nullable=False),
    sa.Column("silenced_on", sa.String(10)),
)

#: How many codes that nobody has a contact texted; counted ``until`` then, after which the row goes. Contact 0 is all
#: of them together. No foreign key: neither a number nor a code is here.
code_misses = sa.Table(
    "code_misses",
    metadata,
    sa.Column("contact_id", ROW_ID, primary_key=True, autoincrement=False),
    sa.Column("misses", sa.Integer, nullable=False),
    sa.Column("until", Time, nullable=False),
)
