"""Cases that somebody wants to hear no more of; people who asked to be forgotten; anonymous cases; replies to notices.

Forward only, as all are; it says what this revision changed, not what the schema says today.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "mutes",
        sa.Column("contact_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("case_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name="fk_mutes_contact_id"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_mutes_case_id"),
        sa.PrimaryKeyConstraint("contact_id", "case_id", name="pk_mutes"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "farewells",
        sa.Column("contact_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name="fk_farewells_contact_id"),
        sa.PrimaryKeyConstraint("contact_id", name="pk_farewells"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "replies",
        sa.Column("broadcast_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("inbound_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["broadcast_id"], ["broadcasts.id"], name="fk_replies_broadcast_id"),
        sa.ForeignKeyConstraint(["inbound_id"], ["inbound.id"], name="fk_replies_inbound_id"),
        sa.PrimaryKeyConstraint("broadcast_id", "inbound_id", name="pk_replies"),
        sqlite_with_rowid=False,
    )
    notices = sa.text("broadcast_id IS NOT NULL")
    op.create_index("ix_outbound_noticed", "outbound", ["contact_id"], sqlite_where=notices, postgresql_where=notices)
    op.add_column("cases", sa.Column("anonymous", sa.Boolean(), server_default=sa.false(), nullable=False))
    known = sa.text("anonymous AND contact_id IS NOT NULL")
    op.create_index("ix_cases_anonymous", "cases", ["updated_at"], sqlite_where=known, postgresql_where=known)
