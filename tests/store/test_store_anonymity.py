"""Anonymous cases as rows: which are due, what would tell whose they are, and how that ends."""

from datetime import timedelta

import pytest

from dialogs.cases import CaseStatus
from dialogs.messages import MessageKind
from store import anonymity, cases, contacts, erasure, messages, outbox, schema
from store.anonymity import NOBODY, Known
from store.messages import InboundState, Settled
from store.outbox import NewOutbound

DAY = timedelta(days=1)


@pytest.fixture
async def two(store, people, new_case, clock):
    """Two people, each with an anonymous case; the first has an ordinary one besides."""
    one, other = await people(2)
    rows = [new_case(one.id, anonymous=True), new_case(other.id, anonymous=True), new_case(one.id)]
    ids = await store.transact(lambda tx: cases.open_cases(tx, rows, clock.now()))
    return [Known(id=ident, code=row.code, contact_id=row.contact_id) for ident, row in zip(ids, rows, strict=True)]


async def end(store, clock, case, status=CaseStatus.REJECTED):
    def work(tx):
        cases.change(tx, case.id, actor="ana", what="ended", at=clock.now(), data={}, status=status)

    await store.transact(work)


async def due(store, clock, most=9):
    return await store.read(lambda tx: anonymity.due(tx, clock.now(), most))


async def test_what_is_anonymous_is_read_so(store, two):
    named = await store.read(lambda tx: cases.named(tx, [case.code for case in two]))
    assert [named[case.code].anonymous for case in two] == [True, True, False]
    ids = [case.contact_id for case in two]
    assert await store.read(lambda tx: anonymity.of_people(tx, ids)) == two[:2]
    assert await store.read(lambda tx: anonymity.of_people(tx, ids[1:2])) == two[1:2]
    assert await store.read(lambda tx: anonymity.of_people(tx, [])) == []


@pytest.mark.parametrize("status", [CaseStatus.WITHDRAWN, CaseStatus.NOT_COMPETENT, CaseStatus.DUPLICATE])
async def test_due_is_what_is_over_the_longest_first(store, two, clock, status):
    assert await due(store, clock) == []
    for case in (two[1], two[0], two[2]):
        clock.advance(DAY)
        await end(store, clock, case, status)
    assert await due(store, clock) == [two[1], two[0]]
    assert await due(store, clock, 1) == [two[1]]


@pytest.mark.parametrize("status", [CaseStatus.RESOLVED, CaseStatus.ANSWERED, CaseStatus.ASSIGNED])
async def test_who_may_still_be_asked_is_known(store, two, clock, status):
    await end(store, clock, two[0], status)
    clock.advance(400 * DAY)
    assert await due(store, clock) == []


async def test_what_would_tell_whose_it_is(store, two, clock, message):
    case, _, plain = two
    who = case.contact_id

    def work(tx):
        said = [message(f"m{at}", text) for at, text in enumerate(("uno", "dos", f"y {case.code}?", "cuatro"))]
        ids = messages.record(tx, [(one, who) for one in said])
        of = [case.id, None, plain.id, plain.id]
        messages.settle(
            tx,
            [Settled(id=row, state=InboundState.DONE, case_id=its) for row, its in zip(ids, of, strict=True)],
        )
        line = {"channel": "demo", "contact_id": who, "recipient": "+59170000000", "segments": 1}
        line |= {"kind": MessageKind.REPLY, "created_at": clock.now()}
        heard = [
            NewOutbound(text="de este", case_id=case.id, **line),
            NewOutbound(text="a uno", in_reply_to=ids[0], **line),
            NewOutbound(text=f"nombra {case.code}", **line),
            NewOutbound(text="otro", case_id=plain.id, **line),
        ]
        return ids, outbox.queue(tx, heard)

    ids, ours = await store.transact(work)
    found = await store.read(lambda tx: anonymity.telling(tx, case, 0))
    assert (list(found.inbound), list(found.outbound)) == (ids[:1], ours[:2])
    assert (list(found.naming_in), list(found.naming_out)) == (ids[2:3], ours[2:3])
    assert (found.others, found.waits) == (True, True)
    beyond = await store.read(lambda tx: anonymity.telling(tx, case, max(*ids, *ours)))
    assert (beyond.inbound, beyond.outbound, beyond.others, beyond.waits) == ([], [], False, False)

    await store.transact(lambda tx: anonymity.part(tx, found, clock.now()))
    nobody = await store.read(lambda tx: contacts.by_msisdn(tx, NOBODY))
    assert nobody.opted_out_at == clock.now()
    rows = await store.read(lambda tx: tx.execute(schema.inbound.select().order_by(schema.inbound.c.id)).all())
    assert [(row.contact_id, row.sender, row.text) for row in rows] == [
        (nobody.id, "", "uno"),
        (who, rows[1].sender, "dos"),
        (who, rows[1].sender, ""),
        (who, rows[1].sender, "cuatro"),
    ]
    rows = await store.read(lambda tx: tx.execute(schema.outbound.select().order_by(schema.outbound.c.id)).all())
    assert [(row.contact_id, row.recipient != "", row.text) for row in rows] == [
        (nobody.id, False, "de este"),
        (nobody.id, False, "a uno"),
        (who, True, ""),
        (who, True, "otro"),
    ]
    await store.transact(lambda tx: anonymity.leave(tx, case))
    assert await store.read(lambda tx: erasure.cases_of(tx, who)) == [plain.id]


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("mi cel es 70000001.", "mi cel es ########."),
        ("+591 700-000-01 o 70 00 00 01", "######## o ########"),
        ("59170000001", "########"),
        ("70000002 no es mio, 170000001 tampoco, ni 700000011", "70000002 no es mio, 170000001 tampoco, ni 700000011"),
    ],
)
async def test_ones_own_number_is_struck_out_however_it_is_written(text, left):
    assert anonymity.without(text, "+59170000001") == left


async def test_it_is_struck_out_of_the_words_of_the_case_alone(store, people, new_case, clock, message):
    [one] = await people(1)
    mine = f"soy {one.msisdn}, el vende 70000099"
    rows = [new_case(one.id, anonymous=True, description=mine, location_text=mine), new_case(one.id, description=mine)]

    def work(tx):
        ids = cases.open_cases(tx, rows, clock.now())
        cases.note(tx, ids[0], "ana", mine, clock.now())
        [said] = messages.record(tx, [(message("m1", mine), one.id)])
        messages.settle(tx, [Settled(id=said, state=InboundState.DONE, case_id=ids[0])])
        anonymity.leave(tx, Known(id=ids[0], code=rows[0].code, contact_id=one.id))
        return ids, cases.named(tx, [row.code for row in rows]), cases.notes(tx, ids[0]), messages.thread(tx, ids[0])

    _, named, notes, thread = await store.transact(work)
    left = "soy ########, el vende 70000099"
    case, other = (named[row.code] for row in rows)
    assert (case.description, case.location_text, case.contact_id) == (left, left, None)
    assert ([one.text for one in notes], [one.text for one in thread]) == ([left], [left])
    assert (other.description, other.contact_id) == (mine, one.id)


async def test_a_code_is_named_however_it_is_written():
    assert anonymity.names("como va el 482 105-930?", ["482105930"])
    assert not anonymity.names("como va el 482 105-930?", ["739184529"])
    assert not anonymity.names("nada", [])
