"""The tables. Times are integers (microseconds, UTC) behind one column type; ids are integers the store gives out.

Few indexes, and each earns its keep: pages dirtied per message are what slows a large store down.
"""

from typing import Any

import sqlalchemy as sa

from store.columns import EXTERNAL_ID_LENGTH, Given, Time, Words

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


#: On SQLite, an INTEGER primary key *is* the row's place: no second tree to find it, one page less to write.
_ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


#: The same for other keys: the table is the tree of its key.
_KEY_IS_PLACE: dict[str, Any] = {"sqlite_with_rowid": False}


def _id() -> sa.Column[int]:
    return sa.Column("id", _ROW_ID, primary_key=True)


def _ref(name: str, to: str, *, nullable: bool = False, index: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, sa.ForeignKey(f"{to}.id"), nullable=nullable, index=index)


contacts = sa.Table(
    "contacts",
    metadata,
    _id(),
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
        sqlite_where=sa.text("place IS NOT NULL"),
        postgresql_where=sa.text("place IS NOT NULL"),
    ),
)

#: Every opt-out and opt-in, by whom and when; ``contacts.opted_out_at`` is the present state.
consents = sa.Table(
    "consents",
    metadata,
    _id(),
    _ref("contact_id", "contacts", index=True),
    sa.Column("kind", sa.String(8), nullable=False),
    sa.Column("source", sa.String(32), nullable=False),
    sa.Column("at", Time, nullable=False),
)

#: ``state``: new → done | failed (poison, shown to staff) | silent (a sender that gets no answer).
inbound = sa.Table(
    "inbound",
    metadata,
    _id(),
    sa.Column("channel", sa.String(64), nullable=False),
    sa.Column("external_id", Given(EXTERNAL_ID_LENGTH), nullable=False),
    _ref("contact_id", "contacts", nullable=True),
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
        sqlite_where=sa.text("case_id IS NOT NULL"),
        postgresql_where=sa.text("case_id IS NOT NULL"),
    ),
    sa.Index(
        "ix_inbound_failed",
        "received_at",
        sqlite_where=sa.text("state = 'failed'"),
        postgresql_where=sa.text("state = 'failed'"),
    ),
)

#: The outbox. ``state``: queued, handing_over, retry_at, in_doubt, accepted, sent, delivered, failed, expired,
#: cancelled, answered (a USSD screen: given as the answer, never sent). ``priority``: 0 reply, 1 notice and
#: follow-up, 2 broadcast. ``due_at`` is when it may next be tried; NULL once the state is final or handed over.
outbound = sa.Table(
    "outbound",
    metadata,
    _id(),
    sa.Column("channel", sa.String(64), nullable=False),
    _ref("contact_id", "contacts"),
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
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    ),
    sa.Index(
        "ix_outbound_flying",
        "lease_until",
        sqlite_where=sa.text("lease_until IS NOT NULL"),
        postgresql_where=sa.text("lease_until IS NOT NULL"),
    ),
    sa.Index(
        "uq_outbound_external_id",
        "external_id",
        "channel",
        unique=True,
        sqlite_where=sa.text("external_id IS NOT NULL"),
        postgresql_where=sa.text("external_id IS NOT NULL"),
    ),
    sa.Index(
        "uq_outbound_broadcast",
        "broadcast_id",
        "contact_id",
        unique=True,
        sqlite_where=sa.text("broadcast_id IS NOT NULL"),
        postgresql_where=sa.text("broadcast_id IS NOT NULL"),
    ),
    sa.Index(
        "ix_outbound_case_id",
        "case_id",
        sqlite_where=sa.text("case_id IS NOT NULL"),
        postgresql_where=sa.text("case_id IS NOT NULL"),
    ),
    sa.Index(
        "ix_outbound_waiting_contact",
        "contact_id",
        sqlite_where=sa.text("due_at IS NOT NULL OR lease_until IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL OR lease_until IS NOT NULL"),
    ),
)

#: Which parts of a long message were reported delivered, where a provider reports each part.
outbound_parts = sa.Table(
    "outbound_parts",
    metadata,
    sa.Column("outbound_id", sa.BigInteger, sa.ForeignKey("outbound.id"), primary_key=True),
    sa.Column("part_id", Given(255), primary_key=True),
    **_KEY_IS_PLACE,
)

#: Delivery reports whose message is not known yet; applied when the send's answer arrives, dropped after 72 h.
parked_reports = sa.Table(
    "parked_reports",
    metadata,
    _id(),
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
    _id(),
    sa.Column("channel", sa.String(64), nullable=False),
    sa.Column("reason", sa.String(64), nullable=False),
    sa.Column("raw", sa.LargeBinary, nullable=False),
    sa.Column("received_at", Time, nullable=False, index=True),
)

sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("contact_id", _ROW_ID, sa.ForeignKey("contacts.id"), primary_key=True, autoincrement=False),
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
        sqlite_where=sa.text("case_code IS NOT NULL"),
        postgresql_where=sa.text("case_code IS NOT NULL"),
    ),
)

#: A carrier's USSD session: what has been typed in it and the screen it stands on, so that a retry gets the same one.
ussd_sessions = sa.Table(
    "ussd_sessions",
    metadata,
    sa.Column("channel", sa.String(64), primary_key=True),
    sa.Column("key", Given(255), primary_key=True),
    _ref("contact_id", "contacts"),
    sa.Column("history", Words, nullable=False),
    sa.Column("hops", sa.Integer, nullable=False),
    sa.Column("screen", Words, nullable=False),
    sa.Column("ended", sa.Boolean, nullable=False),
    sa.Column("updated_at", Time, nullable=False, index=True),
    **_KEY_IS_PLACE,
)

#: Every code ever given out. Rows outlive their cases, so that a code is never used twice.
codes = sa.Table("codes", metadata, sa.Column("code", sa.String(9), primary_key=True), **_KEY_IS_PLACE)

cases = sa.Table(
    "cases",
    metadata,
    _id(),
    sa.Column("code", sa.String(9), nullable=False, unique=True),
    _ref("contact_id", "contacts", nullable=True, index=True),
    sa.Column("kind", sa.String(12), nullable=False),
    sa.Column("category", sa.String(32), nullable=False),
    sa.Column("place", sa.String(64)),
    sa.Column("location_text", Words, nullable=False),
    sa.Column("description", Words, nullable=False),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("unit", sa.String(64), nullable=False),
    sa.Column("assignee", sa.String(64)),
    sa.Column("confidential", sa.Boolean, nullable=False),
    sa.Column("priority", sa.Boolean, nullable=False),
    sa.Column("draft", sa.Boolean, nullable=False),
    sa.Column("channel", sa.String(64), nullable=False),
    sa.Column("opened_at", Time, nullable=False),
    sa.Column("due_at", Time, nullable=False),
    sa.Column("updated_at", Time, nullable=False),
    sa.Column("resolved_at", Time),
    sa.Column("resolution_no", sa.Integer, nullable=False),
    sa.Column("reply", Words, nullable=False),
    sa.Column("rating", sa.Integer),
    sa.Column("outcome", sa.String(10)),
    sa.Column("last_seq", sa.Integer, nullable=False),
    sa.Column("last_hash", sa.String(64), nullable=False),
)

#: What happened to a case: who, when, what. Append-only; ``hash`` covers the row and the hash before it, so a change
#: in the middle shows. People's words are not in ``data``: they stay erasable without breaking the chain.
case_events = sa.Table(
    "case_events",
    metadata,
    sa.Column("case_id", sa.BigInteger, sa.ForeignKey("cases.id"), primary_key=True, autoincrement=False),
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", Time, nullable=False),
    sa.Column("actor", sa.String(64), nullable=False),
    sa.Column("what", sa.String(32), nullable=False),
    sa.Column("data", sa.JSON, nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
    **_KEY_IS_PLACE,
)

#: A digest a day over the heads of all chains: a case that was deleted whole shows here.
digests = sa.Table(
    "digests",
    metadata,
    sa.Column("day", sa.String(10), primary_key=True),
    sa.Column("cases", sa.Integer, nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("made_at", Time, nullable=False),
)

#: Every date promised to a resident. Rows are added, never rewritten.
promises = sa.Table(
    "promises",
    metadata,
    _id(),
    _ref("case_id", "cases", index=True),
    sa.Column("due_at", Time, nullable=False),
    sa.Column("reason", sa.String(16), nullable=False),
    sa.Column("made_at", Time, nullable=False),
)

notes = sa.Table(
    "notes",
    metadata,
    _id(),
    _ref("case_id", "cases", index=True),
    sa.Column("author", sa.String(64), nullable=False),
    sa.Column("text", Words, nullable=False),
    sa.Column("at", Time, nullable=False),
)

supporters = sa.Table(
    "supporters",
    metadata,
    sa.Column("case_id", sa.BigInteger, sa.ForeignKey("cases.id"), primary_key=True, autoincrement=False),
    sa.Column("contact_id", sa.BigInteger, sa.ForeignKey("contacts.id"), primary_key=True, autoincrement=False),
    sa.Column("at", Time, nullable=False),
    **_KEY_IS_PLACE,
)

followups = sa.Table(
    "followups",
    metadata,
    _id(),
    _ref("case_id", "cases"),
    sa.Column("resolution_no", sa.Integer, nullable=False),
    sa.Column("kind", sa.String(8), nullable=False),
    sa.Column("due_at", Time, nullable=False),
    sa.Column("status", sa.String(10), nullable=False),
    sa.UniqueConstraint("case_id", "resolution_no", "kind"),
    sa.Index(
        "ix_followups_due",
        "due_at",
        sqlite_where=sa.text("status = 'waiting'"),
        postgresql_where=sa.text("status = 'waiting'"),
    ),
)

#: ``cursor`` is the last contact id queued; ``text_hash`` is what the second person approved.
broadcasts = sa.Table(
    "broadcasts",
    metadata,
    _id(),
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
    _id(),
    sa.Column("reason", sa.String(64), nullable=False),
    sa.Column("subject", sa.String(64)),
    sa.Column("at", Time, nullable=False),
    sa.Column("seen_by", sa.String(64)),
    sa.Index(
        "ix_alerts_open", "reason", sqlite_where=sa.text("seen_by IS NULL"), postgresql_where=sa.text("seen_by IS NULL")
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
    _id(),
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
