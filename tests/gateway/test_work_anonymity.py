"""Anonymous cases: what is performed, what staff's reading by person leaves out, and how the number goes in the end."""

import pytest

from dialogs.messages import InboundMessage, MessageKind, SessionEvent
from gateway import doctor
from gateway.care import Retention
from gateway.effects import RESIDENT
from gateway.findings import Level
from gateway.inbound.conversation import receive
from gateway.keeping import Keeping
from gateway.replay import story
from gateway.work import anonymity, casework, forgetting, merging
from gateway.work.casework import NotPossible
from store import audit, cases, contacts, mutes, past, phone
from store.anonymity import NOBODY
from tests.gateway.test_work_forgetting import everything, forget, who

NUMBER, SECRET = "+59170000001", "roban cemento de la obra, quiero que quede anonimo"
KEEP = Retention().anonymous


async def hear(world, words, sender=NUMBER, channel="demo", **more):
    """One text; its answers go out."""
    world.clock.advance(seconds=61)
    plain = {"channel": channel, "external_id": world.clock.now().isoformat(), "sender": sender, "recipient": "4040"}
    said = InboundMessage(received_at=world.clock.now(), text=words, **plain | more)
    await world.store.transact(lambda tx: receive(tx, world.house, world.clock.now(), [said]))
    await world.drain()


async def codes(world):
    """Of the cases of the one person that a test is about."""
    neighbour = await who(world, "+59170000002")
    return [row.code for row in await world.rows("cases") if neighbour is None or row.contact_id != neighbour.id]


async def close(world, code):
    case = await world.case(code)
    await world.transact(
        lambda tx: cases.change(
            tx, case.id, actor="ana", what="rejected", at=world.clock.now(), data={}, status="rejected"
        )
    )


async def drop(world):
    return await anonymity.drop_numbers(world.store, KEEP, world.clock.now(), "system")


@pytest.fixture
async def told(world):
    """Somebody with an ordinary case and an anonymous one, who asked how that stands; and a neighbour."""
    await hear(world, "no hay luz en la plaza de Obrajes")
    await hear(world, SECRET)
    [_, secret] = await codes(world)
    await hear(world, secret)
    await hear(world, "no hay agua en Sopocachi", sender="+59170000002")
    return world


async def test_a_case_becomes_anonymous_once_and_its_history_says_so(world):
    await hear(world, "no hay luz en la plaza de Obrajes")
    await hear(world, "anonimo")
    await hear(world, "anonimo")
    [code] = await codes(world)
    case = await world.case(code)
    assert (case.anonymous, case.confidential) == (True, True)
    events = await world.store.read(lambda tx: cases.events(tx, case.id))
    assert [(one.actor, one.what, one.data) for one in events if one.what == "anonymised"] == [
        (RESIDENT, "anonymised", {})
    ]
    assert [row.case_id for row in await world.rows("inbound")] == [case.id] * 3


async def test_one_that_is_told_so_is_opened_so_and_where_they_write_from_is_not_learnt(world):
    await hear(world, "en la calle 5 de Obrajes botan basura, que quede anonimo por favor")
    [code] = await codes(world)
    assert (await world.case(code)).anonymous
    assert (await who(world)).place is None


async def test_the_machine_still_knows_where_to_answer(told):
    [_, secret] = await codes(told)
    before = len(told.network.sent)
    await told.store.transact(
        lambda tx: casework.resolve(tx, told.house, told.clock.now(), "ana", secret, reply="se denuncio")
    )
    await told.drain()
    [notice] = told.network.sent[before:]
    assert (notice["to"], "se denuncio" in notice["text"]) == (NUMBER, False)


async def test_what_is_read_by_person_holds_nothing_of_it(told):
    [plain, secret] = await codes(told)
    person = await who(told)
    found = await told.store.read(lambda tx: past.read(tx, [person.id]))
    assert [one.case.code for one in found.happened] == [plain]
    assert [one.text for one in found.said] == ["no hay luz en la plaza de Obrajes"]
    assert len(found.told) == 1
    assert secret not in repr(found).replace("-", "")
    assert [one.text for one in await told.store.read(lambda tx: past.said(tx, [person.id]))] == [
        "no hay luz en la plaza de Obrajes"
    ]


async def test_nor_of_the_wish_or_of_a_code_that_is_named_beside_other_things(told):
    [plain, secret] = await codes(told)
    await hear(told, "anonimo")  # newest is it already
    await hear(told, f"{plain} es lo mismo que conte en {secret} por favor vengan")
    await hear(told, "buenas")
    person = await who(told)
    found = await told.store.read(lambda tx: past.read(tx, [person.id]))
    assert [one.text for one in found.said] == ["no hay luz en la plaza de Obrajes", "buenas"]
    assert secret not in repr(found).replace("-", "")


async def test_nor_of_a_wish_that_came_to_nothing(world):
    await hear(world, "anonimo")
    await hear(world, "cancelar")
    person = await who(world)
    found = await world.store.read(lambda tx: past.read(tx, [person.id]))
    assert "nonim" not in repr(found)


async def test_nor_of_the_screens_on_which_it_was_told(world):
    keys = {"channel": "keys", "session_key": "s1"}
    for event, history in (
        (SessionEvent.NEW, ""),
        (SessionEvent.RESUME, "1"),
        (SessionEvent.RESUME, "1*anonimo"),
        (SessionEvent.RESUME, "1*anonimo*no hay luz en la plaza de Obrajes"),
    ):
        await hear(world, history, history=history, session_event=event, **keys)
    [code] = await codes(world)
    assert (await world.case(code)).anonymous
    person = await who(world)
    found = await world.store.read(lambda tx: past.read(tx, [person.id]))
    assert (found.said, found.told, found.happened) == ([], [], [])


async def test_who_names_it_leads_to_nobodys_other_cases(told):
    [_, secret] = await codes(told)
    await hear(told, f"mi vecina conto {secret} y aqui tampoco hay agua en Sopocachi desde ayer", "+59170000002")
    since = told.clock.now().replace(year=2020)
    _, everybody = await told.store.read(lambda tx: story.people(tx, since))
    read = await told.store.read(lambda tx: story.read(tx, everybody))
    assert secret not in [one.case.code for one in read.past.happened]
    assert SECRET not in repr(read)


async def test_what_was_half_told_so_is_kept_apart_from_what_is_done_in_the_same_breath(world):
    await hear(world, "no hay luz en la plaza de Obrajes")
    [plain] = await codes(world)
    await world.resolve(plain)
    world.clock.advance(days=2)
    await hear(world, "anonimo")
    await hear(world, "hay un bache enorme en la calle")
    await hear(world, f"retirar {plain}")
    [_, secret] = await codes(world)
    assert (await world.case(secret)).anonymous
    plain_id, secret_id = (await world.case(plain)).id, (await world.case(secret)).id
    said = {row.text: row.case_id for row in await world.rows("inbound")}
    assert said["anonimo"] == said["hay un bache enorme en la calle"] == secret_id
    assert said[f"retirar {plain}"] == plain_id
    shown = f"{secret[:3]}-{secret[3:6]}-{secret[6:]}"
    assert {row.case_id for row in await world.rows() if shown in row.text} == {secret_id}
    assert {row.case_id for row in await world.rows() if row.template == "cancel/sure"} == {plain_id}


async def test_it_is_merged_with_nothing(told):
    [plain, secret] = await codes(told)
    with pytest.raises(NotPossible, match="confidential"):
        await told.store.transact(lambda tx: merging.merge(tx, told.house, told.clock.now(), "ana", secret, into=plain))


async def test_the_number_goes_so_long_after_it_is_over_and_no_sooner(told):
    [plain, secret] = await codes(told)
    person = await who(told)
    case = await told.case(secret)
    await told.transact(mutes.mute, case.id, person.id, told.clock.now())
    await hear(told, f"{plain} es lo mismo que conte en {secret} por favor vengan")
    told.clock.advance(KEEP * 2)
    assert await drop(told) == 0  # it is open
    await close(told, secret)
    told.clock.advance(KEEP)
    assert await drop(told) == 0
    told.clock.advance(microseconds=1)
    assert await drop(told) == 1
    assert await drop(told) == 0
    after = await told.case(secret)
    assert (after.contact_id, after.anonymous, after.description) == (None, True, SECRET)
    assert (await who(told)).id == person.id  # they have another case
    assert await told.rows("mutes") == []


async def test_then_no_row_says_any_more_whose_it_was(told):
    [plain, secret] = await codes(told)
    person, case = await who(told), await told.case(secret)
    await hear(told, f"{plain} es lo mismo que conte en {secret} por favor vengan")
    await close(told, secret)
    told.clock.advance(KEEP * 2)
    assert await drop(told) == 1
    nobody = (await who(told, NOBODY)).id
    its_in = await told.rows("inbound", case_id=case.id)
    assert [(row.contact_id, row.sender, bool(row.text)) for row in its_in] == [(nobody, "", True)] * 2
    its_out = await told.rows(case_id=case.id)
    assert {(row.contact_id, row.recipient, bool(row.text)) for row in its_out} == {(nobody, "", True)}
    shown = f"{secret[:3]}-{secret[3:6]}-{secret[6:]}"
    for row in [*await told.rows("inbound", contact_id=person.id), *await told.rows(contact_id=person.id)]:
        assert secret not in row.text
        assert shown not in row.text
    kept = [row.text for row in await told.rows("inbound", contact_id=person.id)]
    assert kept == ["no hay luz en la plaza de Obrajes", ""]  # what named both has lost its words
    [entry] = [one for one in await told.rows("audit") if one.act == "case.unlinked"]
    assert (entry.actor, entry.subject, entry.data) == ("system", secret, {})
    found = await told.store.read(lambda tx: doctor.examine(tx, told.clock.now()))
    assert [one for one in found if one.level is Level.ERROR] == []


async def test_answers_to_what_was_half_told_go_too(world):
    await hear(world, "no hay luz en mi calle")
    await hear(world, "anonimo")
    await hear(world, "Sopocachi")
    await hear(world, "ayuda")
    [code] = await codes(world)
    await close(world, code)
    world.clock.advance(KEEP * 2)
    person = await who(world)
    assert await drop(world) == 1
    assert [row.text for row in await world.rows("inbound", contact_id=person.id)] == ["ayuda"]
    assert len(await world.rows(contact_id=person.id)) == 1


async def test_a_number_that_stood_for_nothing_else_goes_whole(world):
    await hear(world, SECRET)
    [code] = await codes(world)
    await close(world, code)
    world.clock.advance(KEEP * 2)
    assert await drop(world) == 1
    assert NUMBER[1:] not in await everything(world)
    assert (await world.case(code)).description == SECRET
    assert await who(world) is None
    lines = ["demo"]
    assert await world.store.read(lambda tx: phone.exchanges(tx, lines, NUMBER, 60)) == []
    await hear(world, code)  # whoever writes from it now is somebody else
    assert await world.store.read(lambda tx: contacts.by_msisdn(tx, NUMBER)) is not None
    assert [row.template for row in await world.rows()][-1] == "status/unknown"


async def test_of_two_such_cases_the_first_leaves_the_number(world):
    await hear(world, SECRET)
    await hear(world, "el inspector pide coima y quiero que quede anonimo")
    [first, second] = await codes(world)
    await close(world, first)
    world.clock.advance(KEEP * 2)
    assert await drop(world) == 1
    assert (await world.case(second)).contact_id == (await who(world)).id
    await close(world, second)
    world.clock.advance(KEEP * 2)
    assert await drop(world) == 1
    assert await who(world) is None


async def test_not_while_one_of_ours_about_it_is_under_way(told):
    [_, secret] = await codes(told)
    person, case = await who(told), await told.case(secret)
    await close(told, secret)
    told.clock.advance(KEEP * 2)
    await told.queue(person, MessageKind.NOTICE, case_id=case.id)
    await told.queue(person, MessageKind.NOTICE)
    assert await drop(told) == 0
    assert (await told.case(secret)).contact_id == person.id
    await told.drain()
    assert await drop(told) == 1


async def test_cut_short_it_is_done_the_next_night(told, monkeypatch):
    [_, secret] = await codes(told)
    await close(told, secret)
    told.clock.advance(KEEP * 2)

    def fails(*_args, **_more):
        raise RuntimeError("killed")

    with monkeypatch.context() as patched:
        patched.setattr(anonymity, "_leave", fails)
        with pytest.raises(RuntimeError):
            await drop(told)
    assert (await told.case(secret)).contact_id is not None
    assert await drop(told) == 1


async def test_as_many_at_once_as_a_transaction_should_hold(told, monkeypatch):
    [_, secret] = await codes(told)
    await close(told, secret)
    told.clock.advance(KEEP * 2)
    monkeypatch.setattr(anonymity, "CHUNK", 4)
    assert await drop(told) == 1
    assert len(await told.rows("inbound", contact_id=(await who(told, NOBODY)).id)) == 2


async def test_serve_does_it_each_night(told):
    [_, secret] = await codes(told)
    await close(told, secret)
    told.clock.advance(KEEP * 2)
    await Keeping(told.store, told.house).retain()
    assert (await told.case(secret)).contact_id is None


async def test_who_is_forgotten_is_forgotten_and_counted_without_it(told):
    person = await who(told)
    counted = await forgetting.rehearse(told.store, person)
    assert counted.cases == 1
    done = await forget(told)
    assert done.cases == 1
    left = await everything(told)
    assert NUMBER[1:] not in left
    assert "cemento" not in left
    [entry] = [one for one in await told.store.read(lambda tx: audit.entries(tx, 9)) if one.act == "contact.erased"]
    assert entry.data["cases"] == 1
    [_, secret] = await codes(told)
    assert ((await told.case(secret)).contact_id, (await told.case(secret)).description) == (None, "")
