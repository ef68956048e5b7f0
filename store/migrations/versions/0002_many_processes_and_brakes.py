"""What many processes, faults and floods taught: counters for the brakes.

Forward only, as all are; it says what this revision changed, not what the schema says today.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "spending",
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("scope", sa.String(length=80), nullable=False),
        sa.Column("messages", sa.BigInteger(), nullable=False),
        sa.Column("segments", sa.BigInteger(), nullable=False),
        sa.Column("slowed_at", sa.BigInteger(), nullable=True),
        sa.Column("stopped_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("day", "scope", name="pk_spending"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "contact_sends",
        sa.Column("contact_id", _ID, autoincrement=False, nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("messages", sa.Integer(), nullable=False),
        sa.Column("recent", sa.JSON(), nullable=False),
        sa.Column("silenced_on", sa.String(length=10), nullable=True),
        sa.PrimaryKeyConstraint("contact_id", name="pk_contact_sends"),
    )
    op.create_table(
        "chores",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("late_at", sa.BigInteger(), nullable=True),
        sa.Column("done_at", sa.BigInteger(), nullable=True),
        sa.Column("cursor", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_chores"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "problems",
        sa.Column("what", sa.String(length=96), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("told_at", sa.BigInteger(), nullable=True),
        sa.Column("clear_at", sa.BigInteger(), nullable=True),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("what", name="pk_problems"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "heard",
        sa.Column("channel", sa.String(length=64), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("messages", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("channel", "day", name="pk_heard"),
        sqlite_with_rowid=False,
    )
    op.add_column("cases", sa.Column("erased_at", sa.BigInteger(), nullable=True))
    over = "status IN ('answered', 'closed', 'duplicate', 'not_competent', 'rejected', 'resolved', 'withdrawn')"
    written = sa.text(f"{over} AND (erased_at IS NULL OR erased_at < updated_at)")
    op.create_index("ix_cases_over", "cases", ["updated_at"], sqlite_where=written, postgresql_where=written)
    op.drop_index("ix_alerts_open", table_name="alerts")
    unseen = sa.text("seen_by IS NULL")
    op.create_index("ix_alerts_open", "alerts", ["reason", "subject"], sqlite_where=unseen, postgresql_where=unseen)
    op.create_table(
        "paces",
        sa.Column("channel", sa.String(length=64), nullable=False),
        sa.Column("booked_until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("channel", name="pk_paces"),
    )
