"""The same work on both engines leaves the same rows. Random work, from a seed; a seed that fails becomes a case here."""

import random  # noqa: TID251  a test throws its own dice, from a seed
from datetime import timedelta

import pytest
import sqlalchemy as sa

from dialogs.cases import TRANSITIONS, CaseStatus
from dialogs.messages import Consent, Unreadable
from dialogs.session import Session
from store import alerts, audit, cases, contacts, farewells, guesses, messages, mutes, open_store, schema, sessions
from store.contacts import Seen
from store.guesses import Tally
from store.messages import InboundState, Settled
from store.sessions import UssdState

PEOPLE = [f"+5917000{n:04d}" for n in range(8)]
TEXTS = ["hay un poste caído", "a\x00b", "🙏" * 40, "\ud800", "", "x" * 900, "'; DROP TABLE cases; --"]


class Day:
    """Random work on a store, each act one transaction; the same seed does the same anywhere."""

    def __init__(self, seed, clock, message, new_case):
        self.dice = random.Random(seed)  # noqa: S311  not for secrets
        self.clock, self.message, self.new_case = clock, message, new_case
        self.codes: list[str] = []
        self.heard = 0

    def act(self, tx):
        self.clock.advance(minutes=self.dice.randrange(1, 600))
        acts = [self.hear, self.hear, self.open, self.move, self.sit, self.dial, self.consent, self.raise_, self.purge]
        acts += [self.guess]
        self.dice.choice(acts)(tx)

    def some(self, least=1):
        return self.dice.sample(PEOPLE, self.dice.randint(least, len(PEOPLE)))

    def known(self, tx, numbers):
        lines = ["demo", "other", None]
        seen = [
            Seen(msisdn=one, language="es", sms_channel=self.dice.choice(lines), at=self.clock.now()) for one in numbers
        ]
        return [contacts.ensure(tx, seen)[one] for one in numbers]

    def hear(self, tx):
        people = self.known(tx, self.some())
        self.heard += len(people)
        ids = [str(self.dice.randrange(self.heard)) for _ in people]
        batch = [
            (self.message(one, self.dice.choice(TEXTS), sender=who.msisdn), who.id)
            for one, who in zip(ids, people, strict=True)
        ]
        kept = [ident for ident in messages.record(tx, batch) if ident is not None]
        states = [InboundState.DONE, InboundState.FAILED, InboundState.SILENT]
        messages.settle(tx, [Settled(id=ident, state=self.dice.choice(states), rule="r") for ident in kept])
        raw = Unreadable(channel="demo", reason="json", raw=self.dice.randbytes(9))
        messages.quarantine(tx, [(raw, self.clock.now())])

    def open(self, tx):
        rows = [
            self.new_case(who.id, description=self.dice.choice(TEXTS), priority=self.dice.random() < 0.2)
            for who in self.known(tx, self.some())
        ]
        self.codes += [row.code for row in rows]
        for ident in cases.open_cases(tx, rows, self.clock.now()):
            cases.note(tx, ident, "resident", self.dice.choice(TEXTS), self.clock.now())

    def move(self, tx):
        for code in self.dice.sample(self.codes, min(3, len(self.codes))):
            case = cases.named(tx, [code])[code]
            status = self.dice.choice(sorted(TRANSITIONS[case.status]))
            data = {"n": self.dice.randrange(9), "why": None}
            resolved = {"resolution_no": case.resolution_no + 1} if status is CaseStatus.RESOLVED else {}
            at = self.clock.now()
            cases.change(tx, case.id, actor="staff:ana", what=status, at=at, data=data, status=status, **resolved)
            cases.support(tx, case.id, self.known(tx, self.some())[0].id, at)
            (who, *_) = self.known(tx, self.some())
            mutes.mute(tx, case.id, who.id, at) if self.dice.random() < 0.7 else mutes.unmute(tx, case.id, who.id)
            audit.append(tx, actor="staff:ana", act="move", subject=code, data=data, at=at)
            if not cases.own(tx, [case.contact_id])[case.contact_id]:
                sessions.end_for_case(tx, code)

    def sit(self, tx):
        rows = []
        for who in self.known(tx, self.some()):
            session = Session(
                dialog="report",
                step="place",
                answers={"text": self.dice.choice(TEXTS), "n": 1.5, "no": None},
                case=self.dice.choice([None, *self.codes[-3:]]),
                expires_at=self.clock.now() + timedelta(hours=1),
            )
            rows.append((who.id, self.dice.choice([session, session, None])))
        sessions.save(tx, rows, self.clock.now())

    def dial(self, tx):
        (who, *_) = self.known(tx, self.some())
        state = UssdState(contact_id=who.id, history="1*2", hops=2, screen="Gracias", ended=False)
        sessions.save_ussd(tx, [(("ussd", str(self.dice.randrange(5))), state)], self.clock.now())

    def consent(self, tx):
        for who in self.known(tx, self.some()):
            contacts.consent(tx, who.id, self.dice.choice(list(Consent)), "demo", self.clock.now())
            contacts.set_places(tx, {who.id: "obrajes"}, self.clock.now())
            farewells.ask(tx, who.id, self.clock.now(), self.clock.now() + timedelta(days=1))
        for contact_id in farewells.due(tx, self.clock.now())[:2]:
            farewells.take_back(tx, contact_id)

    def raise_(self, tx):
        alerts.raise_alert(tx, self.dice.choice(["poison", "credit"]), self.dice.choice([None, "7"]), self.clock.now())
        for alert in alerts.open_alerts(tx):
            if self.dice.random() < 0.3:
                alerts.see(tx, alert.id, "staff:ana")

    def guess(self, tx):
        people = [who.id for who in self.known(tx, self.some())]
        stood = guesses.tallies(tx, people)
        until = self.clock.now() + timedelta(days=self.dice.randrange(3))
        kept = {who: Tally(misses=one.misses + 1, until=until) for who, one in stood.items()}
        guesses.keep(tx, {people[0]: Tally(misses=1, until=until), **kept})

    def purge(self, tx):
        guesses.forget(tx, self.clock.now(), 3)
        messages.purge_quarantine(tx, self.clock.now() - timedelta(days=1))
        sessions.purge_ussd(tx, self.clock.now() - timedelta(days=1))
        cases.digest(tx, self.clock.now().date(), self.clock.now())


def everything(tx):
    """All rows of all tables. Ids are left out where PostgreSQL may leave gaps in them: after a conflict."""
    found = {}
    for table in schema.metadata.sorted_tables:
        rows = tx.execute(sa.select(table)).mappings().all()
        found[table.name] = sorted((sorted(row.items(), key=str) for row in map(dict, rows)), key=str)
    return found


def without_gaps(found):
    """Number contacts, messages and cases by their own keys, as both engines would without gaps."""
    numbers = {"contacts": "msisdn", "inbound": "external_id", "cases": "code"}
    names = {table: {dict(row)["id"]: dict(row)[key] for row in found[table]} for table, key in numbers.items()}
    points = {"contact_id": "contacts", "case_id": "cases"}

    def name(table, column, value):
        if column == "id":
            return names[table][value] if table in names else None
        return names[points[column]].get(value) if column in points else value

    return {
        table: sorted((sorted(((c, name(table, c, v)) for c, v in row), key=str) for row in rows), key=str)
        for table, rows in found.items()
    }


async def live(store, day, acts):
    for _ in range(acts):
        await store.transact(day.act)
    broken = [
        await store.read(lambda tx, c=code: cases.broken_chain(tx, cases.named(tx, [c])[c].id)) for code in day.codes
    ]
    assert broken == [None] * len(day.codes)
    assert await store.read(audit.broken) is None
    return without_gaps(await store.read(everything))


@pytest.fixture
def days(message, new_case, clock):
    def make(seed):
        fresh = type(clock)()
        clock.set(fresh.now())
        clock._drawn = 0
        return Day(seed, clock, message, new_case)

    return make


@pytest.mark.parametrize("seed", [1, 7, 2026])
async def test_the_same_day_leaves_the_same_rows_on_both_engines(sqlite_url, postgres_url, days, seed):
    lived = []
    for url in (sqlite_url, postgres_url):
        store = open_store(url)
        await store.start()
        lived.append(await live(store, days(seed), 60))
        await store.close()
    assert lived[0] == lived[1]
    assert all(lived[0][name] for name in ("cases", "case_events", "inbound", "sessions", "consents", "audit"))
