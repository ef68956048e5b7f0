from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from dialogs.cases import TRANSITIONS, Case, CaseKind, CaseStatus, IllegalMove, Outcome
from store import Clash, cases, merges, schema


@pytest.fixture
def opened(store, clock, new_case):
    """``await opened(contact_id, ...)``: a case, opened now."""

    async def make(contact_id=None, **more):
        row = new_case(contact_id, **more)
        await store.transact(lambda tx: cases.open_cases(tx, [row], clock.now()))
        return (await store.read(lambda tx: cases.named(tx, [row.code])))[row.code]

    return make


@pytest.fixture
def change(store, clock):
    """``await change(case, status=...)``: a change by staff, now."""

    async def make(case, what="changed", data=None, **columns):
        return await store.transact(
            lambda tx: cases.change(
                tx, case.id, actor="staff:ana", what=what, at=clock.now(), data=data or {}, **columns
            )
        )

    return make


async def ask(store, case, resolution_no=1, status="asked"):
    row = {
        "case_id": case.id,
        "resolution_no": resolution_no,
        "kind": "confirm",
        "due_at": case.due_at,
        "status": status,
    }
    await store.transact(lambda tx: tx.execute(sa.insert(schema.followups), row))


async def test_a_case_comes_back_as_it_was_opened(store, people, clock, new_case):
    (contact,) = await people(1)
    row = new_case(
        contact.id,
        kind=CaseKind.REQUEST,
        place="alto-tacagua",
        location_text="frente a la escuela\x00",
        confidential=True,
        priority=True,
        draft=True,
        actor="staff:ana",
    )
    (ident,) = await store.transact(lambda tx: cases.open_cases(tx, [row], clock.now()))
    (case,) = (await store.read(lambda tx: cases.named(tx, [row.code]))).values()
    assert case == Case(
        id=ident,
        code=row.code,
        kind=CaseKind.REQUEST,
        category="lighting",
        description="un poste caido",
        status=CaseStatus.RECEIVED,
        unit="Alumbrado",
        channel="demo",
        opened_at=clock.now(),
        due_at=row.due_at,
        updated_at=clock.now(),
        contact_id=contact.id,
        place="alto-tacagua",
        location_text="frente a la escuela\ufffd",
        confidential=True,
        priority=True,
    )
    (promised,) = await store.read(lambda tx: cases.promises(tx, ident))
    assert (promised.due_at, promised.reason, promised.made_at) == (row.due_at, "opened", clock.now())
    (event,) = await store.read(lambda tx: cases.events(tx, ident))
    assert (event.seq, event.actor, event.what, event.data["status"]) == (1, "staff:ana", "opened", "received")


async def test_ids_come_back_in_the_order_of_the_rows(store, clock, new_case):
    rows = [new_case() for _ in range(5)]
    shuffled = [rows[n] for n in (3, 0, 4, 1, 2)]
    ids = await store.transact(lambda tx: cases.open_cases(tx, shuffled, clock.now()))
    found = await store.read(lambda tx: cases.named(tx, [row.code for row in rows]))
    assert ids == [found[row.code].id for row in shuffled]


async def test_a_code_is_given_out_once_for_ever(store, clock, new_case):
    row = new_case()
    codes = {row.code, "111111111"}
    assert await store.read(lambda tx: cases.free_codes(tx, codes)) == codes
    await store.transact(lambda tx: cases.open_cases(tx, [row], clock.now()))
    assert await store.read(lambda tx: cases.free_codes(tx, codes)) == {"111111111"}
    with pytest.raises(Clash) as clash:
        await store.transact(lambda tx: cases.open_cases(tx, [new_case(code="111111111"), row], clock.now()))
    assert clash.value.table == "codes"
    assert await store.read(lambda tx: cases.free_codes(tx, codes)) == {"111111111"}


@pytest.mark.parametrize("count", [1, 50])
async def test_a_batch_costs_the_same_whatever_its_size(store, people, clock, new_case, count, statements):
    ids = [one.id for one in await people(count)]

    def cost(tx):
        with statements(tx) as said:
            rows = [new_case(ident) for ident in ids]
            codes = [row.code for row in rows]
            assert cases.free_codes(tx, codes) == set(codes)
            cases.open_cases(tx, rows, clock.now())
            assert all(len(theirs) == 1 for theirs in cases.own(tx, ids).values())
            assert len(cases.named(tx, codes)) == count
            assert cases.closed(tx, ids) == dict.fromkeys(ids, ())
        return [one.split()[0] for one in said]

    assert await store.transact(cost) == ["SELECT", *["INSERT"] * 4, *["SELECT"] * 3]


async def test_nothing_costs_nothing(store, clock, statements):
    def cost(tx):
        with statements(tx) as said:
            assert cases.open_cases(tx, [], clock.now()) == []
            assert cases.own(tx, []) == cases.closed(tx, []) == cases.named(tx, []) == {}
            assert cases.free_codes(tx, []) == set()
            assert cases.supporters_of(tx, []) == {}
        return said

    assert await store.transact(cost) == []


async def test_own_cases_are_those_not_over_newest_first(store, people, opened, change, clock):
    first, second = await people(2)
    kept, done = [], []
    for status in (None, CaseStatus.RESOLVED, CaseStatus.ANSWERED, CaseStatus.NOT_COMPETENT):
        case = await opened(first.id)
        kept.append(await change(case, status=status) if status else case)
        clock.advance(minutes=1)
    for status in (CaseStatus.WITHDRAWN, CaseStatus.DUPLICATE, CaseStatus.REJECTED):
        await change(await opened(first.id), status=status)
    for _ in range(2):
        case = await change(await opened(first.id), status=CaseStatus.RESOLVED)
        done.append(await change(case, status=CaseStatus.CLOSED, outcome=Outcome.CONFIRMED))
    theirs = await opened(second.id)
    own = await store.read(lambda tx: cases.own(tx, [first.id, second.id, 999]))
    assert own == {first.id: tuple(reversed(kept)), second.id: (theirs,), 999: ()}
    closed = await store.read(lambda tx: cases.closed(tx, [first.id, second.id]))
    assert closed == {first.id: tuple(reversed(done)), second.id: ()}


async def test_own_cases_are_twenty_at_most(store, people, new_case, clock):
    (contact,) = await people(1)
    rows = [new_case(contact.id) for _ in range(23)]
    ids = await store.transact(lambda tx: cases.open_cases(tx, rows, clock.now()))
    own = await store.read(lambda tx: cases.own(tx, [contact.id]))
    assert [case.id for case in own[contact.id]] == list(reversed(ids))[:20]


async def test_a_case_knows_whether_its_resident_was_asked(store, people, opened, change):
    (contact,) = await people(1)
    case = await change(await opened(contact.id), status=CaseStatus.RESOLVED, resolution_no=1)
    assert not case.asked
    await ask(store, case, status="waiting")
    assert not (await store.read(lambda tx: cases.named(tx, [case.code])))[case.code].asked
    await store.transact(lambda tx: tx.execute(sa.update(schema.followups).values(status="asked")))
    asked = (await store.read(lambda tx: cases.named(tx, [case.code])))[case.code]
    assert asked == replace(case, asked=True)
    assert (await store.read(lambda tx: cases.own(tx, [contact.id])))[contact.id] == (asked,)
    reopened = await change(asked, status=CaseStatus.REOPENED)
    again = await change(reopened, status=CaseStatus.RESOLVED, resolution_no=2)
    assert not again.asked
    assert (await store.read(lambda tx: cases.named(tx, [case.code])))[case.code] == again


async def test_a_change_is_kept_and_becomes_an_event(store, opened, change, clock):
    case = await opened()
    later = clock.advance(hours=1)
    changed = await change(
        case,
        "resolved",
        {"by": "cuadrilla 3"},
        status=CaseStatus.RESOLVED,
        assignee="staff:ana",
        reply="poste reparado",
        resolved_at=later,
        resolution_no=1,
        rating=5,
        draft=False,
    )
    expected = replace(
        case,
        status=CaseStatus.RESOLVED,
        assignee="staff:ana",
        reply="poste reparado",
        resolved_at=later,
        resolution_no=1,
        rating=5,
        updated_at=later,
    )
    assert changed == expected
    assert (await store.read(lambda tx: cases.named(tx, [case.code])))[case.code] == expected
    _, event = await store.read(lambda tx: cases.events(tx, case.id))
    assert (event.seq, event.at, event.actor, event.what) == (2, later, "staff:ana", "resolved")
    assert event.data == {"by": "cuadrilla 3", "status": "resolved"}


@pytest.mark.parametrize("wanted", [status for status in CaseStatus if status not in TRANSITIONS[CaseStatus.RECEIVED]])
async def test_an_illegal_move_changes_nothing(store, opened, change, wanted):
    case = await opened()
    with pytest.raises(IllegalMove):
        await change(case, status=wanted, reply="no")
    assert (await store.read(lambda tx: cases.named(tx, [case.code])))[case.code] == case
    assert len(await store.read(lambda tx: cases.events(tx, case.id))) == 1


@pytest.mark.parametrize("column", ["code", "contact_id", "opened_at", "last_hash", "nonsense"])
async def test_what_makes_a_case_that_case_cannot_be_changed(opened, change, column):
    with pytest.raises(TypeError, match=column):
        await change(await opened(), **{column: "x"})


async def test_there_is_no_changing_a_case_that_is_not_there(store, clock):
    with pytest.raises(KeyError):
        await store.transact(lambda tx: cases.change(tx, 999, actor="staff:ana", what="noted", at=clock.now(), data={}))


async def test_promises_are_added_never_rewritten(store, opened, clock):
    case = await opened()
    due = clock.now() + timedelta(days=9)
    await store.transact(lambda tx: cases.promise(tx, case.id, due, "reopened", clock.now()))
    promised = await store.read(lambda tx: cases.promises(tx, case.id))
    assert [(one.due_at, one.reason) for one in promised] == [(case.due_at, "opened"), (due, "reopened")]


async def test_notes_are_read_in_order(store, opened, clock):
    case, other = await opened(), await opened()
    await store.transact(lambda tx: cases.note(tx, case.id, "resident", "sigue igual\x00", clock.now()))
    await store.transact(lambda tx: cases.note(tx, other.id, "resident", "de otro", clock.now()))
    await store.transact(lambda tx: cases.note(tx, case.id, "staff:ana", "voy mañana", clock.now()))
    kept = await store.read(lambda tx: cases.notes(tx, case.id))
    assert [(one.author, one.text) for one in kept] == [("resident", "sigue igual\ufffd"), ("staff:ana", "voy mañana")]


async def test_a_neighbour_supports_a_case_once(store, people, opened, clock):
    first, second = await people(2)
    case, other = await opened(), await opened()

    async def support(contact):
        return await store.transact(lambda tx: cases.support(tx, case.id, contact.id, clock.now()))

    assert [await support(first), await support(first), await support(second)] == [True, False, True]
    assert await store.read(lambda tx: cases.supporters(tx, case.id)) == 2
    known = await store.read(lambda tx: cases.who_supports(tx, case.id, 9))
    assert list(known.items()) == [(first.id, case.code), (second.id, case.code)]
    assert list(await store.read(lambda tx: cases.who_supports(tx, case.id, 1))) == [first.id]
    assert await store.read(lambda tx: cases.supporters_of(tx, [case.id, other.id])) == {case.id: 2, other.id: 0}


async def test_what_neighbours_told_is_open_recent_and_counted(store, people, opened, change, clock):
    lamp = {"category": "alumbrado", "place": "sopocachi"}
    one, two = await people(2)
    old = await opened(one.id, **lamp, opened_at=clock.now() - timedelta(days=9))
    first, second = await opened(one.id, **lamp), await opened(two.id, **lamp)
    over, hidden = await opened(one.id, **lamp), await opened(one.id, **lamp, confidential=True)
    await change(over, status=CaseStatus.RESOLVED)
    elsewhere = await opened(one.id, category="alumbrado", place="obrajes")
    await opened(one.id, category="agua", place="sopocachi")
    await opened(one.id, category="alumbrado")
    await store.transact(lambda tx: cases.support(tx, first.id, two.id, clock.now()))
    asked = [("alumbrado", "sopocachi"), ("alumbrado", "obrajes"), ("agua", "calacoto")]
    found = await store.read(lambda tx: cases.neighbours(tx, asked, clock.now() - timedelta(days=9)))
    assert found == {
        asked[0]: (second, replace(first, supporters=1)),
        asked[1]: (elsewhere,),
        asked[2]: (),
    }
    assert {old.code, hidden.code}.isdisjoint(case.code for case in found[asked[0]])
    assert await store.read(lambda tx: cases.neighbours(tx, [], clock.now())) == {}


async def test_of_what_neighbours_told_the_newest_are_read(store, opened, clock, monkeypatch):
    monkeypatch.setattr(cases, "_MOST_NEIGHBOURS", 2)
    told = [await opened(category="agua", place="sopocachi") for _ in range(3)]
    pair = ("agua", "sopocachi")
    found = await store.read(lambda tx: cases.neighbours(tx, [pair], clock.now() - timedelta(days=1)))
    assert found[pair] == (told[2], told[1])


async def test_who_stands_behind_a_merged_case_supports_the_other_and_only_while_it_is_merged(
    store, people, opened, clock
):
    ana, beto, carla, dario = await people(4)
    first, second, third = await opened(ana.id), await opened(beto.id), await opened()

    def link(tx):
        merges.link(tx, second.id, first.id, CaseStatus.RECEIVED, clock.now())
        merges.link(tx, third.id, second.id, CaseStatus.PLANNED, clock.now())

    def said(tx):
        counted = cases.supporters_of(tx, [first.id, second.id, third.id])
        return list(counted.values()), cases.who_supports(tx, first.id, 9)

    for case, who in ((first, carla), (second, carla), (second, ana), (third, dario)):
        await store.transact(lambda tx, case=case, who=who: cases.support(tx, case.id, who.id, clock.now()))
        clock.advance(minutes=1)
    alone = await store.read(said)
    assert alone == ([1, 2, 1], {carla.id: first.code})
    await store.transact(link)
    known = {carla.id: first.code, dario.id: third.code, beto.id: first.code}
    # Ana reported the first: she is no supporter of it. The third is nobody's, and one voice all the same.
    assert await store.read(said) == ([4, 4, 1], known)
    assert await store.read(lambda tx: merges.of(tx, third.id)) == merges.Merge(
        into=second.code, stood=CaseStatus.PLANNED
    )
    for case in (second, third):
        await store.transact(lambda tx, case=case: merges.unlink(tx, case.id))
    assert await store.read(said) == alone
    assert await store.read(lambda tx: merges.of(tx, third.id)) is None


async def test_staff_see_priority_first_and_then_what_is_due_first(store, opened, change, clock):
    late = await opened(due_at=clock.now() + timedelta(days=1), place="obrajes")
    soon = await opened(due_at=clock.now() + timedelta(days=2), unit="Aseo")
    urgent = await opened(due_at=clock.now() + timedelta(days=9), priority=True)
    done = await change(await opened(due_at=clock.now() + timedelta(hours=1)), status=CaseStatus.RESOLVED)

    async def codes(**wanted):
        return [case.code for case in await store.read(lambda tx: cases.listing(tx, **wanted))]

    assert await codes() == [urgent.code, done.code, late.code, soon.code]
    assert await codes(limit=2) == [urgent.code, done.code]
    assert await codes(status=CaseStatus.RESOLVED) == [done.code]
    assert await codes(place="obrajes") == [late.code]
    assert await codes(unit="Aseo", status=CaseStatus.RECEIVED) == [soon.code]
    assert await codes(overdue_at=clock.now() + timedelta(days=2)) == [late.code]
    assert await codes(place="nowhere") == []
