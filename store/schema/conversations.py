"""Who writes to us, what came in, what goes out, and where each conversation stands."""

import sqlalchemy as sa

from store.columns import EXTERNAL_ID_LENGTH, Given, Time, Words
from store.schema.base import KEY_IS_PLACE, ROW_ID, metadata, only_where, ref, row_id

contacts = sa.Table(
    "contacts",
    metadata,
    row_id(),
    sa.Column("msisdn", sa.String(20), nullable=False, unique=True),
    sa.Column("language", sa.String(8), nullable=False),
    sa.Column("place", sa.String(64)),
    sa.Column("sms_channel", sa.String(64)),
    sa.Column("opted_out_at", Time),
    sa.Column("created_at", Time, nullable=False),
    sa.Column("last_seen_at", Time, nullable=False),
    sa.Index(
        "ix_contacts_place",
        "place",
        **only_where("place IS NOT NULL"),
    ),
)

#: Who asked to be forgotten, and when it may be done.
farewells = sa.Table(
    "farewells",
    metadata,
    sa.Column("contact_id", sa.BigInteger, sa.ForeignKey("contacts.id"), primary_key=True, autoincrement=False),
    sa.Column("asked_at", Time, nullable=False),
    sa.Column("due_at", Time, nullable=False),
    **KEY_IS_PLACE,
)

#: Every opt-out and opt-in, by whom and when; ``contacts.opted_out_at`` is the present state.
consents = sa.Table(
    "consents",
    metadata,
    row_id(),
    ref("contact_id", "contacts", index=True),
    sa.Column("kind", sa.String(8), nullable=False),
    sa.Column("source", sa.String(32), nullable=False),
    sa.Column("at", Time, nullable=False),
)

#: ``state``: new → done | failed (poison, shown to staff) | silent (a sender that gets no answer).
inbound = sa.Table(
    "inbound",
    metadata,
    row_id(),
    sa.Column("channel", sa.String(64), nullable=False),
    sa.Column("external_id", Given(EXTERNAL_ID_LENGTH), nullable=False),
    ref("contact_id", "contacts", nullable=True),
    sa.Column("sender", Given(64), nullable=False),
    sa.Column("recipient", Given(64), nullable=False),
    sa.Column("text", Words, nullable=False),
    sa.Column("session_event", sa.String(8), nullable=False),
    sa.Column("session_key", Given(255)),
    sa.Column("sent_at", Time),
    sa.Column("received_at", Time, nullable=False),
    sa.Column("state", sa.String(8), nullable=False),
    sa.Column("rule", sa.String(32)),
    sa.Column("case_id", sa.BigInteger),
    sa.UniqueConstraint("channel", "external_id"),
    sa.Index(
        "ix_inbound_case_id",
        "case_id",
        **only_where("case_id IS NOT NULL"),
    ),
    sa.Index(
        "ix_inbound_failed",
        "received_at",
        **only_where("state = 'failed'"),
    ),
)

#: The outbox. ``state``: queued, handing_over, retry_at, in_doubt, accepted, sent, delivered, failed, expired,
#: cancelled, answered (a USSD screen: given as the answer, never sent). ``priority``: 0 reply, 1 notice and
#: follow-up, 2 broadcast. ``due_at`` is when it may next be tried; NULL once the state is final or handed over.
outbound = sa.Table(
    "outbound",
    metadata,
    row_id(),
    sa.Column("channel", sa.String(64), nullable=False),
    ref("contact_id", "contacts"),
    sa.Column("recipient", sa.String(20), nullable=False),
    sa.Column("text", Words, nullable=False),
    sa.Column("kind", sa.String(10), nullable=False),
    sa.Column("template", sa.String(64)),
    sa.Column("segments", sa.Integer, nullable=False),
    sa.Column("in_reply_to", sa.BigInteger),
    sa.Column("case_id", sa.BigInteger),
    sa.Column("broadcast_id", sa.BigInteger),
    sa.Column("state", sa.String(12), nullable=False),
    sa.Column("priority", sa.Integer, nullable=False),
    sa.Column("created_at", Time, nullable=False),
    sa.Column("due_at", Time),
    sa.Column("expires_at", Time),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("owner", sa.String(36)),
    sa.Column("lease_until", Time),
    sa.Column("external_id", Given(EXTERNAL_ID_LENGTH)),
    sa.Column("reason", Given(128)),
    sa.Column("doubted", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("parts", sa.Integer),
    sa.Column("handed_at", Time),
    sa.Column("settled_at", Time),
    sa.Index(
        "ix_outbound_due",  # each line is paced by itself, so what is due is asked for by line
        "channel",
        "priority",
        "due_at",
        **only_where("due_at IS NOT NULL"),
    ),
    sa.Index(
        "ix_outbound_flying",
        "lease_until",
        **only_where("lease_until IS NOT NULL"),
    ),
    sa.Index(
        "uq_outbound_external_id",
        "external_id",
        "channel",
        unique=True,
        **only_where("external_id IS NOT NULL"),
    ),
    sa.Index(
        "uq_outbound_broadcast",
        "broadcast_id",
        "contact_id",
        unique=True,
        **only_where("broadcast_id IS NOT NULL"),
    ),
    sa.Index(
        "ix_outbound_noticed",  # which notice somebody got last, where it must be known
        "contact_id",
        **only_where("broadcast_id IS NOT NULL"),
    ),
    sa.Index(
        "ix_outbound_case_id",
        "case_id",
        **only_where("case_id IS NOT NULL"),
    ),
    sa.Index(
        "ix_outbound_waiting_contact",
        "contact_id",
        **only_where("due_at IS NOT NULL OR lease_until IS NOT NULL"),
    ),
)

#: Which parts of a long message were reported delivered, where a provider reports each part.
outbound_parts = sa.Table(
    "outbound_parts",
    metadata,
    sa.Column("outbound_id", sa.BigInteger, sa.ForeignKey("outbound.id"), primary_key=True),
    sa.Column("part_id", Given(255), primary_key=True),
    **KEY_IS_PLACE,
)

#: Delivery reports whose message is not known yet; applied when the send's answer arrives, dropped after 72 h.
parked_reports = sa.Table(
    "parked_reports",
    metadata,
    row_id(),
    sa.Column("channel", sa.String(64), nullable=False),
    sa.Column("external_id", Given(EXTERNAL_ID_LENGTH), nullable=False),
    sa.Column("status", sa.String(10), nullable=False),
    sa.Column("reason", Given(128)),
    sa.Column("parts", sa.Integer),
    sa.Column("part_id", Given(255)),
    sa.Column("at", Time, nullable=False),
    sa.Index("ix_parked_reports_external_id", "external_id", "channel"),
)

quarantine = sa.Table(
    "quarantine",
    metadata,
    row_id(),
    sa.Column("channel", sa.String(64), nullable=False),
    sa.Column("reason", sa.String(64), nullable=False),
    sa.Column("raw", sa.LargeBinary, nullable=False),
    sa.Column("received_at", Time, nullable=False, index=True),
)

#: Which messages answer which broadcast. Their words stand in ``inbound`` alone, and go from there.
replies = sa.Table(
    "replies",
    metadata,
    sa.Column("broadcast_id", sa.BigInteger, sa.ForeignKey("broadcasts.id"), primary_key=True, autoincrement=False),
    sa.Column("inbound_id", sa.BigInteger, sa.ForeignKey("inbound.id"), primary_key=True, autoincrement=False),
    **KEY_IS_PLACE,
)

sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("contact_id", ROW_ID, sa.ForeignKey("contacts.id"), primary_key=True, autoincrement=False),
    sa.Column("dialog", sa.String(32), nullable=False),
    sa.Column("step", sa.String(32), nullable=False),
    sa.Column("answers", sa.JSON, nullable=False),
    sa.Column("misses", sa.Integer, nullable=False),
    sa.Column("page", sa.Integer, nullable=False),
    sa.Column("case_code", sa.String(9)),
    sa.Column("updated_at", Time, nullable=False),
    # No index: it would move with every message, and a tick reads the few thousand that stand in milliseconds.
    sa.Column("expires_at", Time, nullable=False),
    sa.Index(
        "ix_sessions_case_code",
        "case_code",
        **only_where("case_code IS NOT NULL"),
    ),
)

#: A carrier's USSD session: what has been typed in it and the screen it stands on, so that a retry gets the same one.
ussd_sessions = sa.Table(
    "ussd_sessions",
    metadata,
    sa.Column("channel", sa.String(64), primary_key=True),
    sa.Column("key", Given(255), primary_key=True),
    ref("contact_id", "contacts"),
    sa.Column("history", Words, nullable=False),
    sa.Column("hops", sa.Integer, nullable=False),
    sa.Column("screen", Words, nullable=False),
    sa.Column("ended", sa.Boolean, nullable=False),
    sa.Column("updated_at", Time, nullable=False, index=True),
    **KEY_IS_PLACE,
)
