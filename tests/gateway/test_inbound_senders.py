"""One person is one, however their number is written; our own numbers are ours in every form; no screen is empty."""

import asyncio
from dataclasses import replace

import pytest

from dialogs import engine
from dialogs.messages import InboundMessage, SessionEvent
from gateway.inbound.inbox import Inbox


@pytest.fixture
def box(world):
    return Inbox(world.store, world.house, lambda: None)


def sms(world, text, *, sender, id_):
    return InboundMessage(
        channel="demo", external_id=id_, sender=sender, recipient="4040", text=text, received_at=world.clock.now()
    )


async def test_two_forms_of_one_number_are_never_in_one_batch(world, box):
    await asyncio.gather(
        box.receive([sms(world, "hola", sender="+59170000007", id_="m0")]),  # the batch that the others wait behind
        box.receive([sms(world, "hay un bache enorme en la calle", sender="+59170000001", id_="m1")]),
        box.receive([sms(world, "Sopocachi", sender="70000001", id_="m2")]),
    )
    assert [(row.category, row.place) for row in await world.rows("cases")] == [("vias", "sopocachi")]


@pytest.mark.parametrize(
    "sender",
    [
        "+59170009999",
        "70009999",
        "59170009999",
        "0059170009999",
        "7000 9999",
        "4040",  # the line it came in on
        "5050",  # another of our lines
        "*384*40#",
    ],
)
async def test_our_own_numbers_get_no_answer_in_any_form(world, box, sender):
    await box.receive([sms(world, "hola", sender=sender, id_="m1")])
    assert [row.rule for row in await world.rows("inbound")] == ["no_number"]
    assert await world.rows("outbound") == []


async def test_what_our_messages_are_sent_as_is_ours_too(world):
    line = world.config.channels["other"].model_copy(update={"address": "70008888", "sender_id": "+12025550143"})
    config = replace(world.config, channels={**world.config.channels, "other": line})
    box = Inbox(world.store, replace(world.house, config=config), lambda: None)
    for count, sender in enumerate(["+12025550143", "+59170008888", "70008888"]):
        await box.receive([sms(world, "hola", sender=sender, id_=f"m{count}")])
    assert [row.rule for row in await world.rows("inbound")] == ["no_number"] * 3


@pytest.mark.parametrize("sender", ["911", "40404", "123456", "+4040", "Entel", "BancoSol", "AT2024", "", "?"])
async def test_services_and_names_get_no_answer_but_are_kept(world, box, sender):
    await box.receive([sms(world, "Su saldo es 10 Bs", sender=sender, id_="m1")])
    assert [(row.text, row.rule) for row in await world.rows("inbound")] == [("Su saldo es 10 Bs", "no_number")]
    assert (await world.rows("outbound"), await world.rows("contacts")) == ([], [])


async def test_a_dial_that_failed_is_not_answered_by_an_empty_screen_when_it_comes_again(world, box, monkeypatch):
    dial = InboundMessage(
        channel="keys",
        external_id="s1:0",
        sender="+59170000001",
        recipient="*384*40#",
        text="",
        received_at=world.clock.now(),
        session_event=SessionEvent.NEW,
        session_key="s1",
        history="",
    )
    with monkeypatch.context() as broken:
        broken.setattr(engine, "step", lambda *_: 1 / 0)
        [apology] = await box.receive([dial])
    [again] = await box.receive([dial])
    assert (apology.ends_session, again.ends_session) == (True, True)
    assert again.text.startswith("No pudimos seguir")
