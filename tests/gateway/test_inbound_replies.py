"""Replies to a notice as the gateway takes them: kept with it by their messages, read by staff, gone with who is forgotten."""

from datetime import timedelta

import pytest

from dialogs.messages import InboundMessage
from dialogs.outreach import Audience
from gateway.inbound import expiry
from gateway.inbound.conversation import receive
from gateway.work import broadcasts, filing, forgetting
from gateway.work.broadcasts import NotSendable
from gateway.work.casework import NotPossible
from store import contacts, replies


@pytest.fixture
async def noticed(world):
    """Two people who got the notice that their water is cut."""
    await world.people(2)
    texts = {"es": "Corte de agua el martes"}
    args = (world.house, world.clock.now(), "ana", texts, Audience())
    await world.store.transact(lambda tx: broadcasts.create(tx, *args))
    while await world.store.transact(lambda tx: broadcasts.expand(tx, world.house, world.clock.now())):
        pass
    await world.drain()
    world.clock.advance(hours=1)
    return world


def text(world, number, words, external_id):
    return InboundMessage(
        channel="demo",
        external_id=external_id,
        sender=f"+5917000{number:04d}",
        recipient="4040",
        text=words,
        received_at=world.clock.now(),
    )


async def hear(world, *said):
    """A batch of what these people write."""
    batch = [text(world, number, words, f"{number}-{words}") for number, words in said]
    await world.store.transact(lambda tx: receive(tx, world.house, world.clock.now(), batch))


async def answered(world, notice=1):
    return [one.text for one in await world.store.read(lambda tx: replies.of(tx, notice))]


async def test_a_batch_of_replies_is_kept_and_answered(noticed):
    await hear(noticed, (1, "hasta que hora sera?"), (2, "gracias por avisar"), (3, "hay un bache en Obrajes"))
    assert await answered(noticed) == ["hasta que hora sera?", "gracias por avisar"]
    assert [row.rule for row in await noticed.rows("inbound")] == ["reply", "reply_thanks", "report"]
    said = [row.template for row in await noticed.rows() if row.template != "broadcast/notice"]
    assert said == ["reply/kept", "report/thanks"]
    assert len(await noticed.rows("cases")) == 1


@pytest.mark.parametrize(("answer", "kept"), [("1", ["no hay agua"]), ("2", []), ("mm", [])])
async def test_what_the_question_held_is_kept_by_its_answer(noticed, answer, kept):
    await hear(noticed, (1, "no hay agua"))
    assert await answered(noticed) == []
    await hear(noticed, (1, answer))
    assert await answered(noticed) == kept


async def test_who_never_answers_it_has_answered_the_notice(noticed):
    await hear(noticed, (1, "no hay agua"))
    noticed.clock.advance(hours=25)
    assert await noticed.store.transact(lambda tx: expiry.tick(tx, noticed.house, noticed.clock.now())) == 1
    assert await answered(noticed) == ["no hay agua"]


async def test_who_is_not_understood_has_answered_it_with_all_of_it(noticed):
    for words in ("no hay agua", "mmm", "jjj", "kkk"):
        await hear(noticed, (1, words))
    assert await answered(noticed) == ["no hay agua", "mmm", "jjj", "kkk"]


async def test_after_the_time_or_where_it_is_never_nothing_is_a_reply(noticed):
    noticed.configure("broadcasts", replies_for=timedelta(minutes=59))
    await hear(noticed, (1, "hasta que hora sera?"))
    noticed.configure("broadcasts", replies_for=timedelta(0))
    await hear(noticed, (2, "hasta que hora sera?"))
    assert await answered(noticed) == []


async def test_staff_read_them_and_that_is_kept(noticed):
    await hear(noticed, (1, "hasta que hora sera?"))
    now = noticed.clock.now()
    [one] = await noticed.store.transact(lambda tx: broadcasts.answers(tx, now, "ana", 1))
    assert (one.text, one.at) == ("hasta que hora sera?", now)
    audit = await noticed.rows("audit")
    assert (audit[-1].act, audit[-1].subject, audit[-1].actor) == ("broadcast.replies_read", "1", "ana")
    with pytest.raises(NotSendable, match="there is no broadcast 9"):
        await noticed.store.transact(lambda tx: broadcasts.answers(tx, now, "ana", 9))


async def file(world, reply):
    wanted = filing.Filing(text="no hay agua en Obrajes", reply=reply)
    now = world.clock.now()
    return await world.store.transact(
        lambda tx: filing.open_for(tx, world.house, now, "ana", wanted, new_code="482105930")
    )


async def test_a_reply_becomes_a_case_of_who_wrote_it(noticed):
    await hear(noticed, (2, "hasta que hora sera?"))
    [reply] = await noticed.store.read(lambda tx: replies.of(tx, 1))
    done = await file(noticed, reply.id)
    author = await noticed.store.read(lambda tx: contacts.by_msisdn(tx, "+59170000002"))
    assert (done.case.contact_id, done.case.channel) == (author.id, "office")
    assert (await noticed.rows())[-1].recipient == "+59170000002"
    with pytest.raises(NotPossible, match="there is no reply 99"):
        await file(noticed, 99)


async def test_the_words_go_with_who_is_forgotten_and_no_case_is_filed_for_them(noticed):
    await hear(noticed, (1, "MARCADOR hasta que hora sera?"), (2, "hasta que hora?"))
    [first, _] = await noticed.store.read(lambda tx: replies.of(tx, 1))
    person = await noticed.store.read(lambda tx: contacts.by_msisdn(tx, "+59170000001"))
    await forgetting.forget(noticed.store, person, noticed.clock.now(), "rosa")
    assert await answered(noticed) == ["", "hasta que hora?"]
    with pytest.raises(NotPossible, match="forgotten"):
        await file(noticed, first.id)
