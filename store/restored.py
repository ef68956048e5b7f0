"""What a backup that is put back still has to send, and what the store that it replaces knows of that.

Rule 1: what the former store has not handed over either did not go, and waits as before. What it says is over (sent,
stopped, too late) is over in the backup too.
Rule 2: what it does not know, or cannot be asked, may have gone after the backup was made: it is in doubt.
Rule 3: a broadcast that was being queued goes on only if the former store has not gone on with it. Otherwise it is
stopped, for whom it reached since is in no row of the backup.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from dialogs.outreach import BroadcastStatus
from store.outbox import State
from store.schema import broadcasts, outbound
from store.sql import Tx, one_of

_o, _b = outbound.c, broadcasts.c
_CHUNK = 5_000
#: So does a row say that nobody has begun to send it, or that the provider certainly did not take it.
_WAITS = (State.QUEUED, State.RETRY_AT)
_UNKNOWN = (State.HANDING_OVER, State.IN_DOUBT)
#: What tells a row from another store's row of the same number.
_SAME = (_o.id, _o.created_at, _o.contact_id)
_OUTCOME = ("state", "attempts", "external_id", "reason", "doubted", "parts", "handed_at", "settled_at")

_DUE = sa.select(*_SAME).where(_o.due_at <= sa.bindparam("now"), _o.state.in_(_WAITS)).order_by(_o.id)
_FATES = sa.select(*_SAME, *(_o[name] for name in _OUTCOME)).where(one_of(_o.id, "ids"))
_DOUBT = (
    sa.update(outbound)
    .where(_o.id == sa.bindparam("row"))
    .values(state=State.HANDING_OVER, owner="restored", lease_until=sa.bindparam("now"), due_at=None)
)
_TAKE_OVER = (
    sa.update(outbound)
    .where(_o.id == sa.bindparam("row"))
    .values(due_at=None, **{name: sa.bindparam(f"their_{name}") for name in _OUTCOME})
)
_QUEUEING = sa.select(_b.id, _b.created_at, _b.cursor).where(
    _b.status == BroadcastStatus.QUEUEING, _b.due_at <= sa.bindparam("now")
)
_STANDS = sa.select(_b.id, _b.created_at, _b.cursor).where(_b.status == BroadcastStatus.QUEUEING)
_STOP = sa.update(broadcasts).where(one_of(_b.id, "ids")).values(status=BroadcastStatus.CANCELLED, cursor=0)

Key = tuple[int, datetime, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsent:
    """What was to be sent when a backup was made and has fallen due since: messages, and broadcasts half queued."""

    messages: Sequence[Key]
    broadcasts: frozenset[Key]


@dataclass(frozen=True, slots=True, kw_only=True)
class Since:
    """What the former store knows of them. Empty: it could not be asked."""

    fates: Mapping[Key, Mapping[str, Any]] = field(default_factory=dict)
    queueing: frozenset[Key] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """How many messages are in doubt, how many are known to be over, and which broadcasts were stopped."""

    in_doubt: int
    over: int
    stopped: Sequence[int]


def unsent(tx: Tx, now: datetime) -> Unsent:
    """Ask a backup what it has to send by now."""
    messages = [(row.id, row.created_at, row.contact_id) for row in tx.execute(_DUE, {"now": now})]
    return Unsent(messages=messages, broadcasts=_keys(tx.execute(_QUEUEING, {"now": now})))


def since(tx: Tx, asked: Unsent) -> Since:
    """Ask the store that is to be replaced what became of it."""
    ids = [row for row, *_ in asked.messages]
    found = {(row["id"], row["created_at"], row["contact_id"]): row for row in _fates(tx, ids)}
    return Since(
        fates={key: found[key] for key in asked.messages if key in found},
        queueing=_keys(tx.execute(_STANDS)),
    )


def settle(tx: Tx, asked: Unsent, known: Since, now: datetime) -> Settled:
    """Write it into the backup. What is in doubt is left as by a process that died: see ``gateway.outbound.lease``."""
    doubt: list[dict[str, Any]] = []
    over: list[dict[str, Any]] = []
    for key in asked.messages:
        fate = known.fates.get(key)
        if fate is None or fate["state"] in _UNKNOWN:
            doubt.append({"row": key[0], "now": now})
        elif fate["state"] not in _WAITS:
            over.append({"row": key[0], **{f"their_{name}": fate[name] for name in _OUTCOME}})
    stopped = sorted(row for row, *_ in asked.broadcasts - known.queueing)
    for statement, rows in ((_DOUBT, doubt), (_TAKE_OVER, over)):
        if rows:
            tx.execute(statement, rows)
    tx.execute(_STOP, {"ids": stopped})
    return Settled(in_doubt=len(doubt), over=len(over), stopped=stopped)


def _fates(tx: Tx, ids: Sequence[int]) -> Iterator[dict[str, Any]]:
    for start in range(0, len(ids), _CHUNK):
        for row in tx.execute(_FATES, {"ids": ids[start : start + _CHUNK]}).mappings():
            yield dict(row)


def _keys(rows: Iterable[Any]) -> frozenset[Key]:
    return frozenset((row.id, row.created_at, row.cursor) for row in rows)
