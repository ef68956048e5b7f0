"""Staff acts beside conversations and beside each other, on both engines."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
import sqlalchemy as sa

from dialogs.cases import CaseStatus
from dialogs.messages import ChannelKind
from gateway import app
from gateway.cli.phone import MovedClock, Network, Phone, latest_case, simulated
from gateway.config import StoreConfig
from gateway.work import casework, filing
from gateway.work.casework import NotPossible, Told
from store import Clash, audit, cases, schema, sessions

PHONE = "+59170000001"
REPORT = "no hay luz en mi calle en Alto Tacagua"


@pytest.fixture
async def house(loaded, store_url, clock):
    """An application that is open, and what reaches its telephones."""
    moved, network = MovedClock(clock), Network([])
    joined = app.build(replace(loaded, store=StoreConfig(url=store_url)), moved, network)
    await joined.open()
    joined.network, joined.moved = network, moved
    yield joined
    await joined.stop()


@pytest.fixture
async def code(house):
    await Phone(house, PHONE).text(REPORT)
    house.network.take()
    return (await house.store.read(lambda tx: latest_case(tx, PHONE))).code


def act(house, fn, code, **words):
    """One act of Ana's, in a transaction of its own."""
    return house.store.transact(lambda tx: fn(tx, house.house, house.clock.now(), "Ana", code, **words))


async def talking(house):
    """Where each conversation stands."""
    return await house.store.read(lambda tx: [one.dialog for one in sessions.load(tx, [1]).values()])


async def test_a_resolution_leaves_the_conversation_alone(house, code):
    phone = Phone(house, PHONE)
    await phone.text("vengan a ver lo que pasa aqui")  # asks what it is about
    before = await talking(house)
    assert before
    done = await act(house, casework.resolve, code, reply="se cambio el foco")
    assert (done.case.status, done.told, done.changed) == (CaseStatus.RESOLVED, Told.BY_SMS, True)
    assert await talking(house) == before


async def test_reopening_ends_the_question_about_the_resolution(house, code):
    phone = Phone(house, PHONE)
    await act(house, casework.resolve, code, reply="se cambio el foco")
    await phone.wait(timedelta(days=3), house.moved)
    assert await talking(house) == ["confirm"]
    await act(house, casework.reopen, code)
    assert await talking(house) == []
    await house.settle()
    house.network.take()
    await phone.wait(timedelta(days=20), house.moved)
    assert house.network.take() == []


async def test_two_colleagues_who_resolve_at_once_tell_once(house, code):
    both = [act(house, casework.resolve, code, reply="se cambio el foco") for _ in range(2)]
    done = await asyncio.gather(*both)
    assert sorted(one.changed for one in done) == [False, True]
    await house.settle()
    assert len(house.network.take()) == 1
    assert {one.case.resolution_no for one in done} == {1}


async def test_two_colleagues_who_disagree_are_told_apart(house, code):
    acts = [
        act(house, casework.resolve, code, reply="se cambio el foco"),
        act(house, casework.not_competent, code, body="DELAPAZ"),
    ]
    first, second = await asyncio.gather(*acts, return_exceptions=True)
    refused = [one for one in (first, second) if isinstance(one, NotPossible)]
    assert len(refused) == 1
    assert "cannot become" in str(refused[0])


async def test_many_acts_at_once_leave_both_chains_whole(house, code):
    acts = [act(house, casework.note, code, text=f"nota {number}") for number in range(8)]
    await asyncio.gather(*acts)
    assert await house.store.read(lambda tx: cases.broken_chain(tx, 1)) is None
    assert await house.store.read(audit.broken) is None
    assert len(await house.store.read(lambda tx: cases.notes(tx, 1))) == 8


async def test_what_is_refused_leaves_no_trace(house, code):
    before = await house.store.read(lambda tx: audit.entries(tx, 10))
    with pytest.raises(NotPossible, match="a resolution says in words"):
        await act(house, casework.resolve, code, reply="\n\t")
    assert await house.store.read(lambda tx: audit.entries(tx, 10)) == before


async def test_who_filed_at_the_office_is_answered_by_sms_like_anybody(house):
    wanted = filing.Filing(text=REPORT, msisdn="70000001", language="en")
    [new] = house.clock.new_codes(1)
    now = house.clock.now()
    done = await house.store.transact(lambda tx: filing.open_for(tx, house.house, now, "Ana", wanted, new_code=new))
    assert (done.case.channel, done.told) == ("office", Told.BY_SMS)
    await house.settle()
    [(number, receipt)] = house.network.take()
    assert number == PHONE
    assert receipt.startswith("We have your case ")
    await Phone(house, PHONE).text(done.case.code)
    [(_, status)] = house.network.take()
    assert "received" in status


async def test_a_receipt_goes_out_at_night_and_a_notice_waits(house):
    house.moved.move(timedelta(hours=12))  # ten in the evening
    wanted = filing.Filing(text=REPORT, msisdn=PHONE)
    [new] = house.clock.new_codes(1)
    now = house.clock.now()
    await house.store.transact(lambda tx: filing.open_for(tx, house.house, now, "Ana", wanted, new_code=new))
    await house.settle()
    assert len(house.network.take()) == 1
    await act(house, casework.resolve, new, reply="listo")
    await house.settle()
    assert house.network.take() == []
    await Phone(house, PHONE).wait(timedelta(hours=10), house.moved)
    assert len(house.network.take()) == 1


async def test_a_taken_code_is_a_clash_and_files_nothing(house, code):
    wanted = filing.Filing(text=REPORT)
    now = house.clock.now()
    with pytest.raises(Clash):
        await house.store.transact(lambda tx: filing.open_for(tx, house.house, now, "Ana", wanted, new_code=code))
    assert len(await house.store.read(cases.listing)) == 1


@pytest.mark.parametrize(
    ("text", "category", "priority"),
    [
        ("sin agua desde ayer en Obrajes", "agua", False),
        ("uyuyuy", "otro", False),
        ("se esta cayendo el muro sobre las casas, hay heridos", "muros_taludes", True),
    ],
)
async def test_a_filing_is_understood_like_a_text(house, text, category, priority):
    [new] = house.clock.new_codes(1)
    now = house.clock.now()
    wanted = filing.Filing(text=text)
    done = await house.store.transact(lambda tx: filing.open_for(tx, house.house, now, "Ana", wanted, new_code=new))
    assert (done.case.category, done.case.priority) == (category, priority)


@pytest.mark.parametrize("written", ["482-105-930", " 482 105 930 ", "caso 482105930", "4 8 2 1 0 5 9 3 0"])
async def test_a_code_is_found_however_it_is_written(house, code, written):
    wanted = written if code == "482105930" else code
    assert (await house.store.read(lambda tx: casework.find(tx, wanted))).code == code


async def test_no_act_stands_in_the_audit_log_without_its_author(house, code):
    for fn, words in (
        (casework.assign, {"to": "Luis"}),
        (casework.start, {}),
        (casework.plan, {"due": house.clock.now() + timedelta(days=5)}),
        (casework.note, {"text": "x"}),
        (casework.resolve, {"reply": "listo"}),
        (casework.reopen, {}),
        (casework.not_competent, {"body": "ABC"}),
    ):
        await act(house, fn, code, **words)
    entries = await house.store.read(lambda tx: audit.entries(tx, 20))
    assert {entry.actor for entry in entries} == {"Ana"}
    assert [entry.act for entry in reversed(entries)] == [
        "case.assigned",
        "case.started",
        "case.planned",
        "case.noted",
        "case.resolved",
        "case.reopened",
        "case.not_competent",
    ]


# --- the telephone of chat and demo ---


async def test_a_telephone_speaks_only_to_simulated_lines(loaded):
    real = {
        "tw": loaded.channels["demo"].model_copy(update={"id": "tw", "provider": "twilio"}),
        "at": loaded.channels["demo-ussd"].model_copy(update={"id": "at", "provider": "africastalking"}),
    }
    service = loaded.service.model_copy(update={"default_channel": "tw"})
    pretended = simulated(replace(loaded, channels=real, service=service))
    assert {line.provider for line in pretended.channels.values()} == {"simulator"}
    assert {line.kind for line in pretended.channels.values()} == {ChannelKind.SMS, ChannelKind.USSD}
    assert pretended.service.default_channel is None


async def test_a_moved_clock_goes_on_and_never_back(clock):
    moved = MovedClock(clock, timedelta(days=-14))
    assert moved.now() == clock.now() - timedelta(days=14)
    assert moved.monotonic() == clock.monotonic()
    moved.move(timedelta(days=14))
    assert moved.now() == clock.now()
    assert moved.monotonic() == clock.monotonic() + timedelta(days=14).total_seconds()
    clock.advance(seconds=5)
    assert moved.now() == clock.now()


async def test_two_telephones_get_their_own_messages(house):
    for number in (PHONE, "+59170000002"):
        await Phone(house, number).text(REPORT)
    assert [number for number, _ in house.network.take()] == [PHONE, "+59170000002"]
    assert house.network.take() == []


async def test_keys_of_one_call_are_one_conversation(house):
    phone = Phone(house, PHONE)
    [menu] = await phone.dial()
    [asked] = await phone.press("1")
    [filed] = await phone.press(REPORT)
    assert "1 " in menu.text
    assert asked.text != menu.text
    assert filed.ends_session
    count = sa.select(sa.func.count()).select_from(schema.metadata.tables["ussd_sessions"])
    assert await house.store.read(lambda tx: tx.execute(count).scalar_one()) == 1


async def test_a_telephone_that_never_wrote_has_no_case(house):
    with pytest.raises(NotPossible, match="this telephone has no case"):
        await house.store.read(partial(latest_case, number="+59170000099"))
