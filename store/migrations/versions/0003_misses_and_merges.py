"""Codes that nobody has, counted by who texts them; cases that tell of one problem: found by place, and merged.

Forward only, as all are; it says what this revision changed, not what the schema says today.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "code_misses",
        sa.Column(
            "contact_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("misses", sa.Integer(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("contact_id", name="pk_code_misses"),
    )
    still = (
        "status IN ('appealed', 'assigned', 'forwarded', 'in_progress', 'planned', 'received', 'reopened',"
        " 'waiting_citizen') AND NOT confidential"
    )
    written = sa.text(still)
    columns = ["place", "category"]
    op.create_index("ix_cases_neighbours", "cases", columns, sqlite_where=written, postgresql_where=written)
    op.create_table(
        "merges",
        sa.Column("case_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("into_id", sa.BigInteger(), nullable=False),
        sa.Column("stood", sa.String(length=16), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_merges_case_id"),
        sa.ForeignKeyConstraint(["into_id"], ["cases.id"], name="fk_merges_into_id"),
        sa.PrimaryKeyConstraint("case_id", name="pk_merges"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_merges_into_id", "merges", ["into_id"], unique=False)
