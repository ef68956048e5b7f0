"""Forgetting a person who asks for it: their number and words go, what happened stays.

Rule 1: the number goes first, in the transaction that also cancels what waits for it; whoever writes from it
afterwards is somebody new. So nothing of the old is added while the rest is sought.
Rule 2: cases stay with their code, category and history, and belong to nobody. A message that comes again is known by
its id and brings nobody back.
Rule 3: the audit log names the contact's id, never the number.
Rule 4: who asked for it by telephone is forgotten in the same way, when their time has come and nothing is on its way
to them; what they take back until the number goes is taken back.
"""

import json
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from urllib.parse import quote, quote_plus

from dialogs.contacts import Contact
from store import Store, Tx, anonymity, audit, contacts, erasure, farewells
from store.erasure import CHUNK, WINDOW, Found

#: What takes the number from a person and gives what they had said; None: it is not to be done.
_Begin = Callable[[Tx, Contact, datetime, str], list[str] | None]

#: How many cases of a person are erased in one transaction.
CASES = 50
#: Shorter words than this are everybody's; finding them again would prove nothing.
TELLING = 16


@dataclass(slots=True, kw_only=True)
class Forgotten:
    """What was erased (or, in a rehearsal, would be): counts, and the words, so that files can be searched for them."""

    cases: int = 0
    inbound: int = 0
    outbound: int = 0
    quarantined: int = 0
    words: list[str] = field(default_factory=list, repr=False)

    def add(self, other: "Forgotten") -> None:
        """Count what was erased of somebody else too; not their words."""
        self.cases += other.cases
        self.inbound += other.inbound
        self.outbound += other.outbound
        self.quarantined += other.quarantined


async def rehearse(store: Store, person: Contact) -> Forgotten:
    """Count what would be erased; nothing is. An anonymous case is not counted: that would say whose it is."""
    done = Forgotten(cases=await store.read(lambda tx: _countable(tx, person.id)))
    async for part in _walk(store, person.id):
        done.inbound += len(part.inbound)
        done.outbound += len(part.outbound)
    done.quarantined = len(await _unread(store, person.msisdn))
    return done


def _countable(tx: Tx, contact_id: int) -> int:
    return len(erasure.cases_of(tx, contact_id)) - len(anonymity.of_people(tx, [contact_id]))


async def forget(store: Store, person: Contact, now: datetime, actor: str) -> Forgotten:
    """Erase a person from the store; many short transactions, so that others wait for none of them.

    Killed half-way, the number is gone from the contact and may stand in messages: ``finish_all`` goes on from there.
    """
    return await _forget(store, person, now, actor, _begin) or Forgotten()


async def forget_asked(store: Store, now: datetime, actor: str) -> list[tuple[Contact, Forgotten]]:
    """Forget those who asked for it and whose time has come; give each as they were, and what was erased."""
    waiting = await store.read(lambda tx: contacts.by_ids(tx, farewells.due(tx, now)))
    asked = [(person, await _forget(store, person, now, actor, _begin_asked)) for person in waiting.values()]
    return [(person, done) for person, done in asked if done is not None]


async def finish_all(store: Store, now: datetime, actor: str) -> int:
    """Finish what was begun and cut short; return for how many people."""
    begun = await store.read(erasure.unfinished)
    for contact_id in begun:
        await _finish(store, contact_id, now, actor, Forgotten())
    return len(begun)


def again(tx: Tx, contact_id: int, made: int, now: datetime, actor: str) -> bool:
    """Forget in a backup somebody who was forgotten after it was made; in one transaction, for nobody else is there.

    ``made`` is when the contact was made: another store's contact with this id is another person. Say if it was done.
    """
    if erasure.named_since(tx, contact_id) != made:
        return False
    marks = _marks(contacts.by_ids(tx, [contact_id])[contact_id].msisdn)
    erasure.erase_contact(tx, contact_id, now)
    ids = erasure.cases_of(tx, contact_id)
    erasure.erase_cases(tx, ids, actor, now, leave=ids)
    for after in range(0, max(erasure.last_ids(tx)), WINDOW):
        erasure.erase_messages(tx, erasure.find(tx, contact_id, after), now)
    last = 0
    while page := erasure.quarantined(tx, last):
        last = page[-1][0]
        erasure.drop_quarantined(tx, [ident for ident, raw in page if _names(raw, marks)])
    return True


def traces(msisdn: str, words: Iterable[str]) -> list[bytes]:
    """The bytes by which a person could be found in a file: the number, and what only they are likely to have said."""
    found = dict.fromkeys(_marks(msisdn))
    for word in words:
        if len(word) >= TELLING:
            found |= dict.fromkeys(_written(word))
    return list(found)


async def _forget(store: Store, person: Contact, now: datetime, actor: str, begin: _Begin) -> Forgotten | None:
    done = await rehearse(store, person)
    await _drop_unread(store, person.msisdn)
    words = await store.transact(lambda tx: begin(tx, person, now, actor))
    if words is None:
        return None
    done.words += words
    await _finish(store, person.id, now, actor, done)
    await _drop_unread(store, person.msisdn)  # what came in between
    return done


def _begin(tx: Tx, person: Contact, now: datetime, actor: str) -> list[str]:
    data = {"contact": person.id, "made": erasure.named_since(tx, person.id)}
    audit.append(tx, actor=actor, act=erasure.BEGUN, subject=f"contact {person.id}", data=data, at=now)
    return erasure.erase_contact(tx, person.id, now)


def _begin_asked(tx: Tx, person: Contact, now: datetime, actor: str) -> list[str] | None:
    """Not if they have taken it back in this instant."""
    contacts.lock(tx, [person.id])
    return _begin(tx, person, now, actor) if farewells.stands(tx, person.id, now) else None


async def _finish(store: Store, contact_id: int, now: datetime, actor: str, done: Forgotten) -> None:
    """Erase the rest of a person whose contact has lost its number, until a whole walk finds nothing."""
    while ids := (await store.read(lambda tx: erasure.cases_of(tx, contact_id)))[:CASES]:
        done.words += await store.transact(partial(erasure.erase_cases, ids=ids, actor=actor, now=now, leave=ids))
    found = True
    while found:
        found = False
        async for part in _walk(store, contact_id):
            done.words += await store.transact(partial(erasure.erase_messages, found=part, now=now))
            found = True
    await store.transact(lambda tx: _end(tx, contact_id, now, actor, done))


def _end(tx: Tx, contact_id: int, now: datetime, actor: str, done: Forgotten) -> None:
    data = {"contact": contact_id, "cases": done.cases, "inbound": done.inbound, "outbound": done.outbound}
    audit.append(tx, actor=actor, act=erasure.ENDED, subject=f"contact {contact_id}", data=data, at=now)


async def _walk(store: Store, contact_id: int) -> AsyncIterator[Found]:
    """What is left of a person's messages, in parts that fit into one transaction."""
    last = max(await store.read(erasure.last_ids))
    for after in range(0, last, WINDOW):
        found = await store.read(partial(erasure.find, contact_id=contact_id, after=after))
        for part in _parts(found):
            yield part


def _parts(found: Found) -> Iterator[Found]:
    most = max(len(found.inbound), len(found.outbound))
    for at in range(0, most, CHUNK // 2):
        part = slice(at, at + CHUNK // 2)
        yield Found(inbound=found.inbound[part], outbound=found.outbound[part])


async def _unread(store: Store, msisdn: str) -> list[int]:
    """The unreadable requests that hold this number."""
    found: list[int] = []
    last, marks = 0, _marks(msisdn)
    while page := await store.read(partial(erasure.quarantined, after=last)):
        last = page[-1][0]
        found += [ident for ident, raw in page if _names(raw, marks)]
    return found


async def _drop_unread(store: Store, msisdn: str) -> None:
    if ids := await _unread(store, msisdn):
        await store.transact(lambda tx: erasure.drop_quarantined(tx, ids))


def _marks(msisdn: str) -> list[bytes]:
    """A number as bytes: its digits as they stand in text, JSON and URLs, and with two bytes a character."""
    digits = msisdn.lstrip("+").encode("ascii")
    return [digits, b"\x00".join(bytes([digit]) for digit in digits)]


def _names(raw: bytes, marks: Iterable[bytes]) -> bool:
    return any(mark in raw for mark in marks)


def _written(word: str) -> list[bytes]:
    """Words as bytes: as they are, in JSON, in a URL, and with two bytes a character."""
    ways = (word, json.dumps(word)[1:-1], quote(word), quote_plus(word))
    return [*(way.encode() for way in ways), word.encode("utf-16-le")[:-1]]
