"""What is asked every second, or at every send, is answered from an index: a store of a million messages is not read.

SQLite says how it would answer; its planner takes a partial index only where a statement repeats the condition.
"""

import pytest
import sqlalchemy as sa

from store import attempts, brakes, broadcasts, handover, outbox, outreach, receipts, replies
from store.schema import metadata

STATEMENTS = {
    "what is due": (handover._DUE, "ix_outbound_due"),
    "who is busy": (handover._DUE, "ix_outbound_waiting_contact"),
    "leases that ended": (attempts._LAPSED, "ix_outbound_flying"),
    "hand-overs of the dead": (attempts._OF_OTHERS, "ix_outbound_flying"),
    "by a provider's id": (receipts._BY_THEIRS, "uq_outbound_external_id"),
    "by our id": (receipts._BY_OURS, "INTEGER PRIMARY KEY"),
    "parked for an answer": (receipts._PARKED, "ix_parked_reports_external_id"),
    "parked too late": (receipts._JOINED, "uq_outbound_external_id"),
    "what waits for a contact": (outbox._CANCEL_FOR_CONTACT, "ix_outbound_waiting_contact"),
    "replies that wait for who is silenced": (brakes._SILENCE, "ix_outbound_waiting_contact"),
    "what a brake holds of a broadcast": (brakes._WAITING_FOR, "uq_outbound_broadcast"),
    "what waits about a case": (outbox._CANCEL_FOR_CASE, "ix_outbound_case_id"),
    "what waits of a broadcast": (outbox._OF_BROADCAST, "uq_outbound_broadcast"),
    "how a broadcast goes": (outbox._COUNTS, "uq_outbound_broadcast"),
    "what has expired": (outbox._EXPIRE, "ix_outbound_due (channel=? AND priority=? AND due_at"),
    "on which lines something waits": (outbox._NEXT_LINE, "ix_outbound_due (channel>?)"),
    "what is left of a broadcast": (outbox._LEFT, "uq_outbound_broadcast"),
    "the newest replies that are due": (handover._HURRY, "ix_outbound_due"),
    "what holds them up": (handover._HURRY, "ix_outbound_waiting_contact"),
    "who has just written": (handover._TALKING, "ix_outbound_waiting_contact"),
    "the last notice of somebody": (replies._NOTICED, "ix_outbound_noticed"),
    "follow-ups": (outreach._DUE, "ix_followups_due"),
    "follow-ups of a case": (outreach._CANCEL, "sqlite_autoindex_followups_1"),
    "the residents of a place": (broadcasts._MEMBERS.where(broadcasts._OF_PLACE), "ix_contacts_place"),
}


@pytest.mark.parametrize("name", STATEMENTS)
def test_it_is_answered_from_an_index(name):
    statement, index = STATEMENTS[name]
    engine = sa.create_engine("sqlite://")
    metadata.create_all(engine)
    text = str(statement.compile(engine))
    with engine.connect() as tx:
        plan = [row[3] for row in tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", (None,) * text.count("?"))]
    engine.dispose()
    assert any(index in step for step in plan)
    assert not [step for step in plan if step in {"SCAN outbound", "SCAN followups", "SCAN contacts", "SCAN cases"}]


def test_statements_for_many_rows_take_many_rows():
    """An ``IN`` of a list cannot be said to many rows at once; the batch would fail and be done one by one."""
    for statement in (brakes._HOLD, attempts._SETTLE, receipts._ADVANCE, outreach._MARK, outreach._PLAN):
        assert "POSTCOMPILE" not in str(statement.compile())
