"""Delivery reports, as far as the store is concerned: where messages stand, which parts arrived, what is parked.

Rule: who moves a message has read where it stands under a lock in the same transaction, so that two reports never
overtake each other.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from dialogs.messages import DeliveryReport, DeliveryStatus
from store.columns import EXTERNAL_ID_LENGTH, Time, given
from store.hot import Hot
from store.outbox import FINAL, State
from store.schema import outbound, outbound_parts, parked_reports
from store.sql import Tx, one_of

#: At most so many parked reports are taken out at once.
CHUNK = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a message stands. ``parts`` is how many it went out in, ``arrived`` are those reported delivered."""

    id: int
    channel: str
    state: State
    attempts: int
    external_id: str | None = None
    parts: int | None = None
    reason: str | None = None
    arrived: frozenset[str] = frozenset()


_o = outbound.c
_STANDING = sa.select(*(_o[name] for name in ("id", "channel", "state", "attempts", "external_id", "parts", "reason")))
_BY_OURS = _STANDING.where(one_of(_o.id, "keys")).order_by(_o.id).with_for_update()
_BY_THEIRS = _STANDING.where(one_of(_o.external_id, "keys")).order_by(_o.id).with_for_update()


def known_id(external_id: str) -> str:
    """Give a provider's id in the form in which columns hold it."""
    return given(external_id, EXTERNAL_ID_LENGTH)


def standing(tx: Tx, our_ids: Collection[int], external_ids: Collection[str]) -> list[Standing]:
    """Where the messages of these ids stand, locked until the transaction ends; in the order of our ids."""
    found: dict[int, Standing] = {}
    for statement, keys in ((_BY_OURS, our_ids), (_BY_THEIRS, external_ids)):
        for row in tx.execute(statement, {"keys": keys}).mappings() if keys else ():
            found[row["id"]] = Standing(**{**row, "state": State(row["state"])})
    return [found[key] for key in sorted(found)]


_p = outbound_parts.c
_ARRIVED = sa.select(_p.outbound_id, _p.part_id).where(one_of(_p.outbound_id, "ids"))
_ARRIVE = sa.insert(outbound_parts)


def arrived(tx: Tx, ids: Collection[int]) -> dict[int, frozenset[str]]:
    """Which parts of these messages were reported delivered."""
    parts: dict[int, set[str]] = {}
    for row in tx.execute(_ARRIVED, {"ids": ids}) if ids else ():
        parts.setdefault(row.outbound_id, set()).add(row.part_id)
    return {key: frozenset(value) for key, value in parts.items()}


_ADVANCE = (
    sa.update(outbound)
    .where(_o.id == sa.bindparam("row"))
    .values(
        state=sa.bindparam("as_"),
        external_id=sa.bindparam("their_id"),
        parts=sa.bindparam("of"),
        reason=sa.bindparam("why"),
        settled_at=sa.func.coalesce(_o.settled_at, sa.bindparam("settled", type_=Time)),
        due_at=None,
        owner=None,
        lease_until=None,
    )
)


def advance(tx: Tx, moved: Sequence[tuple[Standing, Standing]], now: datetime) -> None:
    """Keep where messages stand now: pairs of before and after. A message that a report speaks of is not sent again."""
    rows = [
        {
            "row": after.id,
            "as_": after.state,
            "their_id": after.external_id,
            "of": after.parts,
            "why": after.reason,
            "settled": now if after.state in FINAL else None,
        }
        for _, after in moved
    ]
    if rows:
        tx.execute(_ADVANCE, rows)
    parts = [
        {"outbound_id": after.id, "part_id": part}
        for before, after in moved
        for part in sorted(after.arrived - before.arrived)
    ]
    if parts:
        tx.execute(_ARRIVE, parts)


_k = parked_reports.c
_PARK = sa.insert(parked_reports)
_PARKED = sa.select(parked_reports).where(one_of(_k.external_id, "external_ids")).order_by(_k.id)
_JOINED = (
    sa.select(parked_reports)
    .join(outbound, sa.and_(_o.external_id == _k.external_id, _o.channel == _k.channel))
    .order_by(_k.id)
    .limit(CHUNK)
    .with_for_update(of=parked_reports, skip_locked=True)
)
_UNPARK = sa.delete(parked_reports).where(one_of(_k.id, "ids"))
_PURGE = sa.delete(parked_reports).where(_k.at <= sa.bindparam("before"))


def park(tx: Tx, reports: Sequence[DeliveryReport], now: datetime) -> None:
    """Keep reports about messages that nobody knows yet."""
    if reports:
        tx.execute(_PARK, [_parked(report, now) for report in reports])


def _parked(report: DeliveryReport, now: datetime) -> dict[str, object]:
    return {
        "channel": report.channel,
        "external_id": report.external_id,
        "status": report.status,
        "reason": report.reason,
        "parts": report.parts,
        "part_id": report.part_id,
        "at": now,
    }


_EARLY = Hot(sa.select(_k.id).where(one_of(_k.external_id, "external_ids")))


def unpark(tx: Tx, keys: Collection[tuple[str, str]]) -> list[DeliveryReport]:
    """Take out the parked reports of these (channel, external id), oldest first."""
    wanted = {known_id(external_id) for _, external_id in keys}
    if not wanted or not _EARLY.all(tx, {"external_ids": wanted}):  # asked for every message; hardly ever is there one
        return []
    rows = tx.execute(_PARKED, {"external_ids": wanted}).mappings()
    return _take(tx, [row for row in rows if (row["channel"], row["external_id"]) in keys])


def unpark_known(tx: Tx) -> list[DeliveryReport]:
    """Take out parked reports, at most 500, whose message is known by now. What another process takes is its."""
    return _take(tx, list(tx.execute(_JOINED).mappings()))


def _take(tx: Tx, rows: Sequence[sa.RowMapping]) -> list[DeliveryReport]:
    if rows:
        tx.execute(_UNPARK, {"ids": [row["id"] for row in rows]})
    return [
        DeliveryReport(
            channel=row["channel"],
            external_id=row["external_id"],
            status=DeliveryStatus(row["status"]),
            reason=row["reason"],
            parts=row["parts"],
            part_id=row["part_id"],
            at=row["at"],
        )
        for row in rows
    ]


def purge_parked(tx: Tx, before: datetime) -> int:
    """Drop reports parked before this time; say how many. Nobody will ever ask for them."""
    return tx.execute(_PURGE, {"before": before}).rowcount
