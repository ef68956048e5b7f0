"""Lets a story happen again in an empty store, in one transaction that is never committed.

Rule 1: there is no outbox at work and no carrier here, so nothing can be sent; what we would say are rows that vanish.
Rule 2: no number of anybody comes in: each contact takes a number that is nobody's.
Rule 3: one moment that fails is told as such and the rest goes on.
"""

import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import permutations
from pathlib import Path

from dialogs.cases import Case
from dialogs.messages import ChannelKind, Consent, ConsentChange, InboundMessage, SessionEvent
from gateway.effects import House
from gateway.inbound import conversation, expiry
from gateway.replay import staff
from gateway.replay.dice import SameDice
from gateway.replay.story import Acted, Heard, Moment, Passed, Story, Wished
from gateway.work import followups
from gateway.work.casework import NotPossible
from store import Store, Tx, cases, contacts, migrate, open_store, past, sessions
from store.past import Told

#: What falls due is done when it was done then; what was not done then, so long after it fell due. The service does it
#: within a second or two, unless it was down, and whoever writes in between is answered as they were.
GRACE = timedelta(minutes=1)
#: Ticks at one moment: filing a half-told report may let a question go, and so on; more would be a loop.
_ROUNDS = 10
#: Sessions looked at that end at one moment.
_MANY = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """What came of it.

    ``answers``: what each text (by its id) would be answered. ``unasked``: what each contact would be told besides.
    ``failed``: texts on which the dialogs fail, with the kind of error. ``refused``: staff's acts that are no longer
    possible, because the case stands otherwise than it did.
    """

    answers: Mapping[int, Sequence[Told]]
    unasked: Mapping[int, Sequence[Told]]
    failed: Mapping[int, str]
    refused: int


class _Undo(Exception):
    """Leaves a transaction, so that nothing of it stays."""


async def rerun(house: House, story: Story) -> Again:
    """Let it happen again, to the last moment that is known; ``house`` gives config, words, lines, none of its dice."""
    with tempfile.TemporaryDirectory(prefix="barrio-replay-") as folder:
        url = f"sqlite:///{Path(folder) / 'replay.db'}"
        migrate(url)
        store = open_store(url)
        await store.start()
        try:
            return await _alone(store, house, story)
        finally:
            await store.close()


async def _alone(store: Store, house: House, story: Story) -> Again:
    found: list[Again] = []

    def run(tx: Tx) -> None:
        found.append(_Stage(tx=tx, house=house, story=story).play())
        raise _Undo

    try:
        await store.transact(run)
    except _Undo:
        return found[0]
    raise RuntimeError("a replay was committed")


@dataclass(slots=True)
class _Stage:
    """An empty house on which a story happens again."""

    tx: Tx
    house: House
    story: Story
    dice: SameDice = field(default_factory=SameDice)
    numbers: Mapping[int, str] = field(default_factory=dict)
    theirs: Mapping[str, int] = field(default_factory=dict)
    answers: dict[int, list[Told]] = field(default_factory=lambda: defaultdict(list))
    unasked: dict[int, list[Told]] = field(default_factory=lambda: defaultdict(list))
    failed: dict[int, str] = field(default_factory=dict)
    refused: int = 0
    last: int = 0
    known: dict[int, int] = field(default_factory=dict)
    later: dict[int, list[str]] = field(default_factory=dict)
    ticked: datetime | None = None
    then: Mapping[str, Case] = field(default_factory=dict)

    def play(self) -> Again:
        """Play it to its end."""
        self.house = replace(self.house, clock=self.dice)
        self.later = {contact: list(codes) for contact, codes in self.story.later.items()}
        self.then = {one.case.code: one.case for one in self.story.past.happened}
        people = sorted(set(self.story.past.people) - set(self.story.left_out))
        self.numbers = dict(zip(people, _numbers(self.house), strict=False))
        self.theirs = {number: contact for contact, number in self.numbers.items()}
        for moment in self.story.moments:
            self.ticked = self.ticked or moment.at
            self._wait(moment.at)
            self._happen(moment, moment.at)
        return Again(answers=self.answers, unasked=self.unasked, failed=self.failed, refused=self.refused)

    def _happen(self, moment: Moment, at: datetime) -> None:
        match moment:
            case Heard():
                self._hear(moment, at)
            case Acted():
                try:
                    with self.tx.begin_nested():
                        self.dice.lay(())
                        staff.act(self.tx, self.house, at, moment, self._number(moment), self._was_told(moment))
                except NotPossible:
                    self.refused += 1
            case Wished():
                self._wish(moment, at)
            case Passed():
                self._tick(at)
        self._collect(moment.said.id if isinstance(moment, Heard) else None)

    def _hear(self, moment: Heard, at: datetime) -> None:
        """Try the codes in each order: which is for the report and which for one that it left cannot be seen."""
        message = self._message(moment, at)
        if message is None:
            self.failed[moment.said.id] = "no such line"
            return
        wanted = (*moment.opened, self.dice.invent()) if moment.opened else ()
        orders = list(permutations(wanted)) or [()]
        try:
            if not any(self._try(moment, message, at, order) for order in orders):
                self._try(moment, message, at, orders[0], anyway=True)
        except Exception as error:  # noqa: BLE001  whatever a dialog raises is what this is to find
            self.failed[moment.said.id] = type(error).__name__

    def _try(
        self, moment: Heard, message: InboundMessage, at: datetime, order: Sequence[str], *, anyway: bool = False
    ) -> bool:
        """Whether the cases came out with the codes they had; otherwise nothing has happened, unless ``anyway``."""
        self.dice.lay(order)
        with self.tx.begin_nested() as attempt:
            conversation.receive(self.tx, self.house, at, [message])
            fits = anyway or self._fits(moment)
            if not fits:
                attempt.rollback()
        return fits

    def _fits(self, moment: Heard) -> bool:
        made = cases.named(self.tx, moment.opened)
        return all(code in made and made[code].category == self.then[code].category for code in moment.opened)

    def _message(self, moment: Heard, at: datetime) -> InboundMessage | None:
        said = moment.said
        line = self.house.channels.get(said.channel)
        if line is None:
            kind = ChannelKind.USSD if said.session_key is not None else ChannelKind.SMS
            line = next((one for one in self.house.channels.values() if one.kind is kind), None)
        if line is None:
            return None
        return InboundMessage(
            channel=line.id,
            external_id=f"{said.id}",
            sender=self.numbers[said.contact_id],
            recipient=line.address,
            text=said.text,
            received_at=at,
            session_event=SessionEvent(said.session_event),
            session_key=said.session_key,
            history=None if said.session_key is None else said.text,
        )

    def _wish(self, moment: Wished, at: datetime) -> None:
        wish = moment.wish
        line = wish.source if wish.source in self.house.channels else next(iter(self.house.channels))
        number = self.numbers[wish.contact_id]
        change = ConsentChange(channel=line, sender=number, kind=Consent(wish.kind), at=at)
        conversation.receive(self.tx, self.house, at, [change])

    def _number(self, moment: Acted) -> str | None:
        contact = moment.of.case.contact_id
        return None if contact is None else self.numbers[contact]

    def _was_told(self, moment: Acted) -> str:
        """The notice that went out with an act; the reply of an earlier resolution is kept nowhere else."""
        contact = moment.of.case.contact_id
        notices = self.story.unasked.get(contact, ()) if contact is not None else ()
        return next((one.text for one in notices if one.case_id == moment.of.case.id and one.at == moment.at), "")

    def _wait(self, until: datetime) -> None:
        """Let everything fire that fell due meanwhile."""
        while self.ticked is not None and (due := past.next_due(self.tx, self.ticked, followups.IDLE)) is not None:
            if due + GRACE > until:
                return
            self._tick(due + GRACE)

    def _tick(self, at: datetime) -> None:
        self.ticked = at
        for _ in range(_ROUNDS):
            over = sessions.expired(self.tx, at, _MANY)
            self.dice.lay([self._next_code(contact_id, at) for contact_id, _ in over])
            done = expiry.tick(self.tx, self.house, at) + followups.tick(self.tx, self.house, at)
            self._strike_out([contact_id for contact_id, _ in over])
            self._collect(None)
            if not done:
                return

    def _next_code(self, contact_id: int, at: datetime) -> str:
        """The code of the case that time opened next for a contact of the stage, if it did so about now."""
        ahead = self.later.get(self._whose(contact_id))
        fits = ahead and abs(self.then[ahead[0]].opened_at - at) < _ABOUT
        return ahead[0] if ahead and fits else self.dice.invent()

    def _strike_out(self, over: Sequence[int]) -> None:
        """Codes that have their case are not offered again."""
        for contact_id in over:
            ahead = self.later.get(self._whose(contact_id), [])
            if ahead and cases.named(self.tx, ahead[:1]):
                del ahead[0]

    def _collect(self, said: int | None) -> None:
        """Take down what would be said now."""
        for one in past.told_after(self.tx, self.last):
            self.last = one.id
            whose = self._whose(one.contact_id)
            if one.in_reply_to is not None and said is not None:
                self.answers[said].append(one)
            else:
                self.unasked[whose].append(one)

    def _whose(self, contact_id: int) -> int:
        """Whose conversation a contact of the stage has."""
        if contact_id not in self.known:
            self.known[contact_id] = self.theirs[contacts.by_ids(self.tx, [contact_id])[contact_id].msisdn]
        return self.known[contact_id]


#: How far from then a question's time may be over now, where the dialogs' times were changed.
_ABOUT = timedelta(days=2)


def _numbers(house: House) -> Iterator[str]:
    """Numbers that are nobody's, and none of our own lines."""
    ours = {line.address for line in house.channels.values()}
    count = 0
    while True:
        count += 1
        if (number := f"+5917000{count:04d}") not in ours:
            yield number
