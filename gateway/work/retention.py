"""Retention: words and numbers go when their time is over; what happened stays.

Rule 1: a case keeps its words until it has been over for long enough, and the messages that belong to it with it. A
message without a case goes by its own age, a number when its owner has been silent and no case of theirs has words.
Rule 2: at most 500 rows a transaction, and each walk remembers how far it came, so that a night's work on a large
store is many short transactions, and begins where the last one ended.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from gateway.care import Retention
from store import Tx, chores, erasure
from store.erasure import Found

#: Who acts when time does.
SYSTEM = "system"
#: Each case is several statements, so fewer of them go into one transaction.
CASES = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Stride:
    """What one transaction did: how many rows it erased. ``more``: there may be more."""

    erased: int
    more: bool


def erase_cases(tx: Tx, rules: Retention, now: datetime) -> Stride:
    """Erase the words of cases that have been over for long enough. A confidential one also becomes nobody's."""
    found = erasure.over(tx, ordinary=now - rules.texts, sensitive=now - rules.sensitive, limit=CASES)
    leave = [case_id for case_id, confidential in found if confidential]
    erasure.erase_cases(tx, [case_id for case_id, _ in found], SYSTEM, now, leave=leave)
    return Stride(erased=len(found), more=len(found) == CASES)


def erase_inbound(tx: Tx, rules: Retention, now: datetime) -> Stride:
    """Erase what was said outside of cases."""
    found = erasure.old_inbound(tx, _come_to(tx, "erase_inbound", now), now - rules.texts)
    erasure.erase_messages(tx, Found(inbound=found.ids, outbound=()), now)
    chores.move(tx, "erase_inbound", found.until)
    return Stride(erased=len(found.ids), more=found.more)


def erase_outbound(tx: Tx, rules: Retention, now: datetime) -> Stride:
    """Erase what we said outside of cases."""
    found = erasure.old_outbound(tx, _come_to(tx, "erase_outbound", now), now - rules.texts)
    erasure.erase_messages(tx, Found(inbound=(), outbound=found.ids), now)
    chores.move(tx, "erase_outbound", found.until)
    return Stride(erased=len(found.ids), more=found.more)


def erase_numbers(tx: Tx, rules: Retention, now: datetime) -> Stride:
    """Take their number from people who have been silent for long enough; the walk begins again each time."""
    found = erasure.silent(tx, _come_to(tx, "erase_numbers", now), now - rules.numbers)
    for contact_id in found.ids:
        erasure.erase_contact(tx, contact_id, now)
    chores.move(tx, "erase_numbers", found.until if found.more else 0)
    return Stride(erased=len(found.ids), more=found.more)


#: All of it, in order: numbers after the cases that keep them.
STRIDES: tuple[Callable[[Tx, Retention, datetime], Stride], ...] = (
    erase_cases,
    erase_inbound,
    erase_outbound,
    erase_numbers,
)


def _come_to(tx: Tx, name: str, now: datetime) -> int:
    """How far a walk has come; the row is held, so that two processes do not walk the same way."""
    chores.claim(tx, name, now, again=now)
    stands = chores.read(tx, name)
    return stands.cursor if stands else 0
