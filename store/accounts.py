"""What the providers' accounts told us: their credit, and which of the messages that they list we never heard."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa

from store.schema import accounts, inbound
from store.sql import Tx, insert, one_of

_a = accounts.c
_CREDITS = sa.select(_a.channel, _a.credit, _a.currency, _a.read_at).where(_a.credit.is_not(None))
_SAVE = insert(accounts)
_SAVE = _SAVE.on_conflict_do_update(
    index_elements=[_a.channel],
    set_={name: _SAVE.excluded[name] for name in ("credit", "currency", "read_at")},
)
_HEARD = sa.select(inbound.c.external_id).where(
    inbound.c.channel == sa.bindparam("line"), one_of(inbound.c.external_id, "ids")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The credit of a line's account when it was last read."""

    amount: Decimal
    currency: str
    read_at: datetime


def credits(tx: Tx) -> dict[str, Reading]:  # noqa: A001  the field's word; nobody here asks Python for its credits
    """The last reading of each line's account."""
    return {
        row.channel: Reading(amount=row.credit, currency=row.currency, read_at=row.read_at)
        for row in tx.execute(_CREDITS)
    }


def save_credits(tx: Tx, found: Mapping[str, tuple[Decimal, str]], at: datetime) -> None:
    """Keep what each line's account said; whether the line is held is not touched."""
    rows = [
        {"channel": channel, "credit": amount, "currency": currency, "read_at": at}
        for channel, (amount, currency) in found.items()
    ]
    tx.execute(_SAVE, rows)


def unheard(tx: Tx, channel: str, external_ids: Collection[str]) -> set[str]:
    """Which of the messages with these ids never reached us on this line."""
    heard = tx.execute(_HEARD, {"line": channel, "ids": external_ids}).scalars()
    return set(external_ids) - set(heard)
