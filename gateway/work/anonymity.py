"""Anonymous cases lose their number: so long after they are over that nothing more is asked, nobody can tell whose.

Rule 1: messages first, the case last. Cut short, the case still says whose it was, and the next night goes on.
Rule 2: whose number stood for nothing but such cases loses it too: when a contact was made would tell the rest.
Rule 3: the audit log names the case and never the contact.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

from store import Store, Tx, anonymity, audit, erasure
from store.anonymity import Known, Telling
from store.erasure import CHUNK, WINDOW

#: So many cases are read at once.
CASES = 500


async def drop_numbers(store: Store, keep: timedelta, now: datetime, actor: str) -> int:
    """Let the machine forget whose the anonymous cases are that have been over for ``keep``; return how many."""
    dropped = 0
    for case in await store.read(lambda tx: anonymity.due(tx, now - keep, CASES)):
        dropped += await _drop(store, case, now, actor)
    return dropped


async def _drop(store: Store, case: Known, now: datetime, actor: str) -> bool:
    found = await _telling(store, case)
    if any(one.waits for one in found):
        return False
    for one in found:
        for few in _parts(one):
            await store.transact(partial(anonymity.part, found=few, now=now))
    alone = not any(one.others for one in found)
    await store.transact(lambda tx: _leave(tx, case, now, actor, alone=alone))
    return True


async def _telling(store: Store, case: Known) -> list[Telling]:
    last = max(await store.read(erasure.last_ids))
    return [await store.read(partial(anonymity.telling, case=case, after=after)) for after in range(0, last, WINDOW)]


def _parts(found: Telling) -> Iterator[Telling]:
    """As many rows as one transaction should hold."""
    names = ("inbound", "outbound", "naming_in", "naming_out")
    most = max(len(getattr(found, name)) for name in names)
    for at in range(0, most, CHUNK // len(names)):
        few = slice(at, at + CHUNK // len(names))
        yield Telling(
            inbound=found.inbound[few],
            outbound=found.outbound[few],
            naming_in=found.naming_in[few],
            naming_out=found.naming_out[few],
        )


def _leave(tx: Tx, case: Known, now: datetime, actor: str, *, alone: bool) -> None:
    anonymity.leave(tx, case)
    if alone and not erasure.cases_of(tx, case.contact_id):
        erasure.erase_contact(tx, case.contact_id, now)
    audit.append(tx, actor=actor, act="case.unlinked", subject=case.code, data={}, at=now)
