"""Cases, what happened to them, and what stands beside them."""

import sqlalchemy as sa

from store.columns import Time, Words
from store.schema.base import KEY_IS_PLACE, metadata, only_where, ref, row_id

#: Cases at rest whose words are still there: what retention looks through. A query repeats it word for word.
OVER_WITH_WORDS = (
    "status IN ('answered', 'closed', 'duplicate', 'not_competent', 'rejected', 'resolved', 'withdrawn')"
    " AND (erased_at IS NULL OR erased_at < updated_at)"
)

#: Open cases that a neighbour may have told of too. A query repeats it word for word.
OPEN_TO_NEIGHBOURS = (
    "status IN ('appealed', 'assigned', 'forwarded', 'in_progress', 'planned', 'received', 'reopened',"
    " 'waiting_citizen') AND NOT confidential"
)

#: Anonymous cases of which the machine still knows whose they are. A query repeats it word for word.
ANONYMOUS_AND_KNOWN = "anonymous AND contact_id IS NOT NULL"

#: Every code ever given out. Rows outlive their cases, so that a code is never used twice.
codes = sa.Table("codes", metadata, sa.Column("code", sa.String(9), primary_key=True), **KEY_IS_PLACE)

cases = sa.Table(
    "cases",
    metadata,
    row_id(),
    sa.Column("code", sa.String(9), nullable=False, unique=True),
    ref("contact_id", "contacts", nullable=True, index=True),
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
    sa.Column("erased_at", Time),
    sa.Column("anonymous", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Index("ix_cases_neighbours", "place", "category", **only_where(OPEN_TO_NEIGHBOURS)),
    sa.Index("ix_cases_anonymous", "updated_at", **only_where(ANONYMOUS_AND_KNOWN)),
    sa.Index("ix_cases_over", "updated_at", **only_where(OVER_WITH_WORDS)),
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
    **KEY_IS_PLACE,
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
    row_id(),
    ref("case_id", "cases", index=True),
    sa.Column("due_at", Time, nullable=False),
    sa.Column("reason", sa.String(16), nullable=False),
    sa.Column("made_at", Time, nullable=False),
)

notes = sa.Table(
    "notes",
    metadata,
    row_id(),
    ref("case_id", "cases", index=True),
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
    **KEY_IS_PLACE,
)

#: Who wants to hear no more of which case.
mutes = sa.Table(
    "mutes",
    metadata,
    sa.Column("contact_id", sa.BigInteger, sa.ForeignKey("contacts.id"), primary_key=True, autoincrement=False),
    sa.Column("case_id", sa.BigInteger, sa.ForeignKey("cases.id"), primary_key=True, autoincrement=False),
    sa.Column("at", Time, nullable=False),
    **KEY_IS_PLACE,
)

#: Which case is the same as which other. ``stood``: the status to which it goes back if it is taken out again.
merges = sa.Table(
    "merges",
    metadata,
    sa.Column("case_id", sa.BigInteger, sa.ForeignKey("cases.id"), primary_key=True, autoincrement=False),
    ref("into_id", "cases", index=True),
    sa.Column("stood", sa.String(16), nullable=False),
    sa.Column("at", Time, nullable=False),
    **KEY_IS_PLACE,
)

followups = sa.Table(
    "followups",
    metadata,
    row_id(),
    ref("case_id", "cases"),
    sa.Column("resolution_no", sa.Integer, nullable=False),
    sa.Column("kind", sa.String(8), nullable=False),
    sa.Column("due_at", Time, nullable=False),
    sa.Column("status", sa.String(10), nullable=False),
    sa.UniqueConstraint("case_id", "resolution_no", "kind"),
    sa.Index(
        "ix_followups_due",
        "due_at",
        **only_where("status = 'waiting'"),
    ),
)
