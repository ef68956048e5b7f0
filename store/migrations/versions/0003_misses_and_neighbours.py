"""Who texts codes that nobody has, counted for a day; open cases by place and category, for who tells the same again.

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
