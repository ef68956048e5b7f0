"""Taking what providers send, on both engines: each message once, whole, in turn, and nothing lost."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from dialogs import engine
from dialogs.messages import (
    Consent,
    ConsentChange,
    DeliveryReport,
    DeliveryStatus,
    InboundMessage,
    SessionEvent,
    Unreadable,
)
from gateway.inbound import expiry, inbox
from gateway.inbound.inbox import Inbox, Overloaded
from store import StoreUnavailable, contacts, schema

COMPLAINT = "no hay luz en la cancha de Alto Tacagua"
PHONE, NEIGHBOUR = "+59170000001", "+59170000002"


@pytest.fixture
def box(world):
    woken = []
    made = Inbox(world.store, world.house, lambda: woken.append(1))
    made.woken = woken
    return made


def sms(world, text=COMPLAINT, *, sender=PHONE, id_="m1", channel="demo"):
    return InboundMessage(
        channel=channel,
        external_id=id_,
        sender=sender,
        recipient="4040",
        text=text,
        received_at=world.clock.now(),
    )


def hop(world, history, *, sender=PHONE, session="s1", event=SessionEvent.RESUME):
    return InboundMessage(
        channel="keys",
        external_id=f"{session}:{history}:{event}",
        sender=sender,
        recipient="*384*40#",
        text=history,
        history=None if event is SessionEvent.CLOSE else history,
        session_key=session,
        session_event=event,
        received_at=world.clock.now(),
    )


async def rows(world, table, *columns):
    found = [table.c[name] for name in columns]
    return await world.store.read(lambda tx: [tuple(row) for row in tx.execute(sa.select(*found).order_by(table.c.id))])


async def test_a_complaint_is_a_case_and_a_reply_in_one_transaction(world, box):
    assert await box.receive([sms(world)]) == []
    assert await rows(world, schema.cases, "category", "place", "channel") == [("alumbrado", "alto-tacagua", "demo")]
    assert await rows(world, schema.inbound, "state", "rule", "case_id") == [("done", "report", 1)]
    assert await rows(world, schema.outbound, "kind", "template", "in_reply_to", "case_id", "state") == [
        ("reply", "report/thanks", 1, 1, "queued")
    ]
    assert box.woken


async def test_the_same_message_again_does_nothing(world, box):
    await box.receive([sms(world)])
    await box.receive([sms(world)])
    await asyncio.gather(*(box.receive([sms(world)]) for _ in range(5)))
    assert len(await rows(world, schema.cases, "id")) == 1
    assert len(await rows(world, schema.outbound, "id")) == 1
    assert len(await rows(world, schema.inbound, "id")) == 1


async def test_two_messages_of_one_person_at_once_are_taken_in_turn(world, box):
    await asyncio.gather(
        box.receive([sms(world, "hay un bache enorme en la calle", id_="a")]),
        box.receive([sms(world, "Sopocachi", id_="b")]),
    )
    assert await rows(world, schema.cases, "category", "place") == [("vias", "sopocachi")]


async def test_many_people_at_once_are_each_answered(world, box):
    people = [f"+5917000{number:04}" for number in range(100)]
    await asyncio.gather(*(box.receive([sms(world, sender=one, id_=one)]) for one in people))
    assert len({code for (code,) in await rows(world, schema.cases, "code")}) == len(people)
    assert sorted(to for (to,) in await rows(world, schema.outbound, "recipient")) == people


@pytest.mark.parametrize("sender", ["TIGO", "4455", "INFO", "+591", ""])
async def test_a_sender_that_is_no_telephone_is_kept_and_not_answered(world, box, sender):
    await box.receive([sms(world, sender=sender)])
    assert await rows(world, schema.inbound, "state", "contact_id") == [("silent", None)]
    assert await rows(world, schema.outbound, "id") == []


async def test_our_own_number_is_not_answered(world, box):
    await box.receive([sms(world, sender="+59170009999")])
    assert await rows(world, schema.inbound, "state") == [("silent",)]


async def test_a_number_in_national_form_is_the_same_person(world, box):
    await box.receive([sms(world, sender="70000001", id_="a")])
    await box.receive([sms(world, "estado", id_="b")])
    assert await rows(world, schema.contacts, "msisdn") == [(PHONE,)]


async def test_a_message_that_no_step_survives_is_kept_and_apologised_for(world, box, monkeypatch):
    well = engine.step

    def broken(book, facts, text, event=SessionEvent.NONE):
        if text == "poison":
            raise ZeroDivisionError(text)
        return well(book, facts, text, event)

    monkeypatch.setattr(engine, "step", broken)
    await asyncio.gather(
        box.receive([sms(world, id_="a")]),
        box.receive([sms(world, "poison", sender=NEIGHBOUR, id_="b")]),
    )
    assert sorted(await rows(world, schema.inbound, "external_id", "state")) == [("a", "done"), ("b", "failed")]
    templates = {template for (template,) in await rows(world, schema.outbound, "template")}
    assert templates == {"report/thanks", "notice/apology"}
    assert await rows(world, schema.alerts, "reason") == [("poison_message",)]
    await box.receive([sms(world, "poison", sender=NEIGHBOUR, id_="b")])
    assert len(await rows(world, schema.outbound, "id")) == 2


async def test_poison_from_nobody_is_kept_in_silence(world, box, monkeypatch):
    monkeypatch.setattr("gateway.inbound.conversation.record", lambda *_: 1 / 0)
    await box.receive([sms(world, sender="TIGO")])
    assert await rows(world, schema.inbound, "state") == [("failed",)]
    assert await rows(world, schema.outbound, "id") == []


async def test_poison_that_is_no_message_is_raised(world, box, monkeypatch):
    monkeypatch.setattr("gateway.outbound.receipts.apply", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        await box.receive([_report(world)])


def _report(world):
    return DeliveryReport(channel="demo", status=DeliveryStatus.DELIVERED, at=world.clock.now(), external_id="unknown")


async def test_a_report_of_a_message_nobody_knows_is_parked(world, box):
    await box.receive([_report(world)])
    assert await rows(world, schema.parked_reports, "external_id", "status") == [("unknown", "delivered")]


async def test_what_nobody_understood_is_kept_as_it_came(world, box):
    await box.receive([Unreadable(channel="demo", reason="json", raw=b"\x00\xff{")])
    assert await rows(world, schema.quarantine, "channel", "reason", "raw") == [("demo", "json", b"\x00\xff{")]


async def test_a_providers_opt_out_counts_and_cancels(world, box):
    await box.receive([sms(world)])
    change = ConsentChange(channel="demo", sender=PHONE, kind=Consent.OUT, at=world.clock.now())
    await box.receive([change])
    await box.receive([change])
    assert await rows(world, schema.consents, "kind", "source") == [("out", "demo")]
    await box.receive([ConsentChange(channel="demo", sender=PHONE, kind=Consent.HELP, at=world.clock.now())])
    person = await world.store.read(lambda tx: contacts.by_msisdn(tx, PHONE))
    assert person.opted_out_at is not None
    await box.receive([ConsentChange(channel="demo", sender=PHONE, kind=Consent.IN, at=world.clock.now())])
    person = await world.store.read(lambda tx: contacts.by_msisdn(tx, PHONE))
    assert person.opted_out_at is None


async def test_a_repeated_opt_in_does_not_undo_a_later_stop(world, box):
    """A provider may deliver the same START again after the person has sent STOP."""
    start = ConsentChange(
        channel="demo", sender=PHONE, kind=Consent.IN, at=world.clock.now(), message=sms(world, "START", id_="start")
    )
    stop = replace(start, kind=Consent.OUT, message=sms(world, "STOP", id_="stop"))
    for change in (start, stop, start):
        await box.receive([change])
    person = await world.store.read(lambda tx: contacts.by_msisdn(tx, PHONE))
    assert person.opted_out_at is not None
    assert await rows(world, schema.inbound, "external_id", "state", "rule") == [
        ("start", "silent", "consent"),
        ("stop", "silent", "consent"),
    ]


async def test_an_opt_out_of_nobody_is_nothing(world, box):
    await box.receive([ConsentChange(channel="demo", sender="TIGO", kind=Consent.OUT, at=world.clock.now())])
    assert await rows(world, schema.contacts, "id") == []


async def test_over_the_bound_nothing_is_kept(world, box, monkeypatch):
    monkeypatch.setattr(inbox, "WAITING_MOST", 1)
    with pytest.raises(Overloaded):
        await box.receive([sms(world, id_="a"), sms(world, id_="b", sender=NEIGHBOUR)])
    assert await rows(world, schema.inbound, "id") == []
    await box.receive([sms(world)])


async def test_a_store_that_is_away_is_said_to_the_provider(world, box, monkeypatch):
    async def away(_work):
        raise StoreUnavailable("disk full")

    monkeypatch.setattr(world.store, "transact", away)
    with pytest.raises(StoreUnavailable):
        await box.receive([sms(world)])
    assert not box.woken


async def test_a_dial_is_answered_by_a_screen_and_a_repeated_hop_by_the_same(world, box):
    [menu] = await box.receive([hop(world, "")])
    assert menu.text.startswith("Barrio Digital.")
    [again] = await box.receive([hop(world, "")])
    assert again.text == menu.text
    [ask] = await box.receive([hop(world, "1")])
    assert "cuentenos" in ask.text
    late = replace(hop(world, ""), external_id="an old copy of the dial")
    [stale] = await box.receive([late])
    assert stale.text == ask.text
    assert await rows(world, schema.outbound, "state") == [("answered",), ("answered",)]


async def test_missed_hops_are_made_up_for(world, box):
    [last] = await box.receive([hop(world, f"1*{COMPLAINT}")])
    assert last.text.startswith("Caso ")
    assert last.ends_session
    assert await rows(world, schema.cases, "place") == [("alto-tacagua",)]
    assert sorted(await rows(world, schema.outbound, "channel", "state")) == [("demo", "queued"), ("keys", "answered")]


async def test_another_caller_in_a_session_gets_an_end_and_nothing_is_done(world, box):
    await box.receive([hop(world, "")])
    [refused] = await box.receive([hop(world, "1", sender=NEIGHBOUR)])
    assert (refused.text, refused.ends_session) == ("No pudimos seguir esta llamada. Marque otra vez.", True)
    assert ("silent", "ussd_refused") in await rows(world, schema.inbound, "state", "rule")


async def test_a_line_that_breaks_is_gone_on_with_by_sms(world, box):
    await box.receive([hop(world, "")])
    await box.receive([hop(world, "1")])
    await box.receive([hop(world, "1*perros bravos muerden a los niños")])
    assert await box.receive([hop(world, "", event=SessionEvent.CLOSE)]) == []
    assert ("demo", "queued", "report/place") in await rows(world, schema.outbound, "channel", "state", "template")


async def test_the_texts_of_a_conversation_belong_to_the_case_it_opened(world, box):
    await box.receive([sms(world, "hay un bache enorme en la calle", id_="a")])
    await box.receive([sms(world, "Sopocachi", id_="b")])
    assert await rows(world, schema.inbound, "case_id") == [(1,), (1,)]


async def test_an_answer_about_a_strangers_case_is_not_kept_with_it(world, box):
    await box.receive([sms(world, id_="a")])
    [(code,)] = await rows(world, schema.cases, "code")
    await box.receive([sms(world, code, sender=NEIGHBOUR, id_="b")])
    assert await rows(world, schema.inbound, "case_id") == [(1,), (None,)]


async def test_half_told_reports_are_filed_when_their_time_is_up(world, box):
    await box.receive([sms(world, "hay un bache enorme en la calle")])
    assert await world.store.transact(lambda tx: expiry.tick(tx, world.house, world.clock.now())) == 0
    world.clock.advance(timedelta(days=1))
    assert await world.store.transact(lambda tx: expiry.tick(tx, world.house, world.clock.now())) == 1
    assert await rows(world, schema.cases, "category", "place") == [("vias", None)]
    assert ("notice", "report/thanks") in await rows(world, schema.outbound, "kind", "template")
    assert await world.store.transact(lambda tx: expiry.tick(tx, world.house, world.clock.now())) == 0


async def test_closing_ends_what_was_handed_in(world, box):
    waiting = asyncio.create_task(box.receive([sms(world)]))
    await asyncio.sleep(0)
    await box.close()
    await waiting
    assert len(await rows(world, schema.cases, "id")) == 1


@pytest.mark.parametrize(
    ("history", "opened", "screen"),
    [
        ("*" * 30, ["draft"], "Codigo"),
        ("1*hay un bache enorme en Sopocachi*1*hay basura en Munaypata", ["vias"], "recibido"),
        ("1*hay un bache enorme en la calle*menu*2", ["vias"], "Que necesita?"),
        ("2*1*hay un bache enorme en Sopocachi", [], "casos"),
    ],
    ids=["a person takes over", "two reports", "left half told", "behind the end"],
)
async def test_a_transcript_never_seen_is_followed_to_its_end_or_its_case(world, box, history, opened, screen):
    [answer] = await box.receive([hop(world, history)])
    assert screen in answer.text
    cases = await rows(world, schema.cases, "category", "draft")
    assert ["draft" if draft else category for category, draft in cases] == opened
    assert await rows(world, schema.inbound, "state", "text") == [("done", history)]
    assert ("poison_message",) not in await rows(world, schema.alerts, "reason")


async def test_what_gets_no_answer_of_its_own_is_said_in_one_line(world, box, logs):
    odd = [sms(world, sender="TIGO")] * 2
    odd += [hop(world, "1"), hop(world, ""), hop(world, "1*2", sender=NEIGHBOUR), _report(world)]
    for item in odd:
        await box.receive([item])
    assert [(line["event"], line["channel"]) for line in logs] == [
        ("message_not_answered", "demo"),
        ("message_repeated", "demo"),
        ("ussd_repeat", "keys"),
        ("ussd_refused", "keys"),
        ("report_parked", "demo"),
    ]
