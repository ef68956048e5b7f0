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
