"""Forgetting a person: number and words go, what happened stays, nothing more is sent, nobody comes back."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from dialogs.messages import InboundMessage, MessageKind, SessionEvent, Unreadable
from gateway import doctor
from gateway.findings import Level
from gateway.inbound.conversation import receive
from gateway.work import forgetting
from store import cases, contacts, erasure, farewells, guesses, messages
from store.schema import metadata

NUMBER = "+59170000001"
WORDS = "MARCADOR-el poste caido frente a mi casa"


def text(world, external_id, words=WORDS, sender=NUMBER, **more):
    plain = {"channel": "demo", "external_id": external_id, "sender": sender, "recipient": "4040", "text": words}
    return InboundMessage(received_at=world.clock.now(), **(plain | more))


async def hear(world, *said):
    world.clock.advance(seconds=1)
    return await world.store.transact(lambda tx: receive(tx, world.house, world.clock.now(), said))


async def who(world, number=NUMBER):
    return await world.store.read(lambda tx: contacts.by_msisdn(tx, number))


async def forget(world):
    world.clock.advance(seconds=1)
    return await forgetting.forget(world.store, await who(world), world.clock.now(), "rosa")


async def everything(world):
    """All that stands in the store, as one string."""
    said = []
    for table in metadata.sorted_tables:
        said += [repr(tuple(row)) for row in await world.store.read(lambda tx, t=table: list(tx.execute(sa.select(t))))]
    return "\n".join(said)


@pytest.fixture
async def known(world):
    """Somebody with a case, a conversation, a USSD session, something unreadable, and answers that wait."""
    await hear(world, text(world, "a", f"no hay luz en Alto Tacagua, {WORDS}"))
    await hear(world, text(world, "b", f"perro {WORDS}"))
    await hear(world, text(world, "x", "no hay agua en Obrajes", sender="+59170000002"))
    dial = {"channel": "keys", "session_event": SessionEvent.NEW, "session_key": "s1", "history": ""}
    await hear(world, text(world, "s1:0", "", **dial))
    odd = [
        (Unreadable(channel="demo", reason="odd", raw=raw), world.clock.now())
        for raw in (
            b"From=%2B59170000001&Body=\xff",
            "Tel +59170000001".encode("utf-16-be"),
            b"From=%2B59170000002",
        )
    ]
    await world.transact(messages.quarantine, odd)
    return world


async def test_number_and_words_go_and_what_happened_stays(known):
    before = {name: len(await known.rows(name)) for name in ("inbound", "outbound", "cases", "case_events", "contacts")}
    done = await forget(known)
    assert (done.cases, done.inbound, done.quarantined) == (2, 3, 2)
    left = await everything(known)
    assert "MARCADOR" not in left
    assert "59170000001" not in left
    assert "59170000002" in left
    after = {name: len(await known.rows(name)) for name in before}
    assert after == before | {"case_events": before["case_events"] + 2}
    [case, _, other] = await known.rows("cases")
    assert (case.contact_id, case.description, case.location_text) == (None, "", "")
    assert (case.category, case.place) != ("", None)
    assert other.description != ""
    assert [row.external_id for row in await known.rows("inbound")] == ["a", "b", "x", "s1:0"]


async def test_histories_hold_and_the_doctor_finds_nothing(known):
    await forget(known)
    [case, *_] = await known.rows("cases")
    assert await known.store.read(lambda tx: cases.broken_chain(tx, case.id)) is None
    assert (await known.store.read(lambda tx: cases.events(tx, case.id)))[-1].what == "erased"
    found = await known.store.read(lambda tx: doctor.examine(tx, known.clock.now()))
    assert [one for one in found if one.level is Level.ERROR] == []


async def test_the_audit_log_names_the_contact_by_its_id(known):
    person = await who(known)
    await forget(known)
    acts = [(row.actor, row.act, row.subject) for row in await known.rows("audit")]
    assert acts == [
        ("rosa", "contact.forgotten", f"contact {person.id}"),
        ("rosa", "contact.erased", f"contact {person.id}"),
    ]


async def test_how_often_they_guessed_codes_is_forgotten(known):
    await hear(known, text(known, "g", known.clock.new_codes(1)[0]))
    person = await who(known)
    assert await known.rows("code_misses", contact_id=person.id)
    await forget(known)
    assert [row.contact_id for row in await known.rows("code_misses")] == [guesses.EVERYBODY]


async def test_nothing_that_waits_is_sent(known):
    person = await who(known)
    await known.queue(person, MessageKind.NOTICE)
    await forget(known)
    sent = len(known.network.sent)
    await known.drain()
    assert {body["to"] for body in known.network.sent[sent:]} == {"+59170000002"}
    states = {row.state for row in await known.rows(contact_id=person.id)}
    assert states == {"cancelled", "answered"}


@pytest.mark.parametrize("answer", ["taken", "refused for now"])
async def test_what_was_under_way_is_never_sent_again(known, answer):
    """The process that hands a message over has it in memory; what it writes afterwards must not bring the row to life."""
    person = await who(known)
    taken = {}

    async def meanwhile():
        taken["done"] = await forget(known)
        return known.network.taken("P1") if answer == "taken" else replace(known.network.taken("P1"), status=503)

    known.network.script.append(meanwhile)
    await known.drain()
    assert taken["done"].cases == 2
    sent = [body for body in known.network.sent if body["to"] == NUMBER]
    known.clock.advance(hours=2)
    await known.drain()
    assert [body for body in known.network.sent if body["to"] in {NUMBER, ""}] == sent
    assert {(row.text, row.recipient) for row in await known.rows(contact_id=person.id)} == {("", "")}


async def test_a_message_that_comes_again_brings_nobody_back(known):
    await forget(known)
    before = len(await known.rows("inbound"))
    assert await hear(known, text(known, "a", f"no hay luz en Alto Tacagua, {WORDS}")) == [()]
    assert len(await known.rows("inbound")) == before
    left = await everything(known)
    assert "59170000001" not in left
    assert "MARCADOR" not in left


async def test_who_writes_again_is_somebody_new(known):
    await forget(known)
    await hear(known, text(known, "a"), text(known, "new", "hola de nuevo, falta agua en Obrajes"))
    person = await who(known)
    assert person.opted_out_at is None
    assert await known.store.read(lambda tx: cases.own(tx, [person.id])) != {person.id: ()}


async def test_nobody_forgotten_gets_notices(known):
    person = await who(known)
    await forget(known)
    [row] = await known.rows("contacts", id=person.id)
    assert (row.msisdn, row.place, row.sms_channel) == (f"gone-{person.id}", None, None)
    assert row.opted_out_at is not None


async def test_who_asked_for_it_is_forgotten_in_the_same_way_and_nobody_else(known):
    person = await who(known)
    await known.drain()
    await hear(known, text(known, "e1", "borrar mis datos"))
    await hear(known, text(known, "e2", "si"))
    await hear(known, text(known, "e3", f"falta agua en Obrajes, {WORDS}"))  # heard, and forgotten with the rest
    await known.drain()
    known.clock.advance(hours=23)
    assert await forgetting.forget_asked(known.store, known.clock.now(), "resident") == []
    known.clock.advance(hours=1)
    [(gone, done)] = await forgetting.forget_asked(known.store, known.clock.now(), "resident")
    assert (gone.id, gone.msisdn, done.cases) == (person.id, NUMBER, 3)
    left = await everything(known)
    assert "MARCADOR" not in left
    assert "59170000001" not in left
    assert "59170000002" in left
    assert await forgetting.forget_asked(known.store, known.clock.now(), "resident") == []
    found = await known.store.read(lambda tx: doctor.examine(tx, known.clock.now()))
    assert [one for one in found if one.level is Level.ERROR] == []


async def test_what_is_taken_back_in_the_last_instant_is_taken_back(known, monkeypatch):
    person = await who(known)
    await known.drain()
    await known.transact(farewells.ask, person.id, known.clock.now(), known.clock.now())
    rehearsed = forgetting.rehearse

    async def meanwhile(*args):
        await known.transact(farewells.take_back, person.id)
        return await rehearsed(*args)

    monkeypatch.setattr(forgetting, "rehearse", meanwhile)
    assert await forgetting.forget_asked(known.store, known.clock.now(), "resident") == []
    assert (await who(known)).id == person.id


async def test_cut_short_it_is_finished_later(known, monkeypatch):
    person = await who(known)

    async def die(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as cut:
        cut.setattr(forgetting, "_finish", die)
        with pytest.raises(KeyboardInterrupt):
            await forget(known)
    assert "MARCADOR" in await everything(known)
    assert await forgetting.finish_all(known.store, known.clock.now(), "system") == 1
    assert "MARCADOR" not in await everything(known)
    assert await forgetting.finish_all(known.store, known.clock.now(), "system") == 0
    assert await known.store.read(erasure.forgotten) == [(person.id, int(person.created_at.timestamp() * 1e6))]


async def test_a_rehearsal_counts_and_changes_nothing(known):
    before = await everything(known)
    would = await forgetting.rehearse(known.store, await who(known))
    assert await everything(known) == before
    done = await forget(known)
    assert (would.cases, would.inbound, would.outbound, would.quarantined) == (
        done.cases,
        done.inbound,
        done.outbound,
        done.quarantined,
    )


async def test_more_messages_than_one_transaction_holds(world, monkeypatch):
    monkeypatch.setattr(forgetting, "CHUNK", 4)
    monkeypatch.setattr(erasure, "WINDOW", 5)
    monkeypatch.setattr(forgetting, "WINDOW", 5)
    person = await world.person()
    await world.queue_all([(person, MessageKind.NOTICE)] * 23)
    done = await forget(world)
    assert done.outbound == 23
    assert {row.recipient for row in await world.rows()} == {""}


def test_traces_are_the_forms_in_which_words_lie_in_files():
    found = forgetting.traces(NUMBER, ["el señor de la tienda", "corto"])
    for raw in ("x+59170000001", "x%2B59170000001", "señor: el señor de la tienda", r"el se\u00f1or de la tienda"):
        assert any(trace in raw.encode() for trace in found), raw
    for raw in ("el%20se%C3%B1or%20de%20la%20tienda", "el+se%C3%B1or+de+la+tienda"):
        assert any(trace in raw.encode() for trace in found), raw
    for encoding in ("utf-16-le", "utf-16-be"):
        assert any(trace in "59170000001".encode(encoding) for trace in found)
    assert not any(b"corto" in trace for trace in found)
