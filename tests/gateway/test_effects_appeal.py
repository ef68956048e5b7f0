"""An appeal as it is performed: it is the other unit's, nobody's yet, first in its queue; who decided has no part in it."""

from datetime import timedelta

import pytest

from dialogs.cases import CaseStatus
from dialogs.effects import AppealCase, Conceal
from gateway.effects import RESIDENT
from gateway.work import casework
from gateway.work.casework import NotPossible
from store import cases

UNIT = "Transparencia"


@pytest.fixture
async def code(world):
    """A case that Ana resolved."""
    opened = await world.open_case(await world.person(), category="agua", unit="Agua y Saneamiento")
    await act(world, casework.assign, opened, to="Beto")
    await act(world, casework.resolve, opened, reply="no corresponde")
    return opened


def act(world, what, code, who="Ana", **more):
    return world.store.transact(lambda tx: what(tx, world.house, world.clock.now(), who, code, **more))


def appeal(world, code):
    due = world.clock.now() + timedelta(days=5)
    return world.asks(AppealCase(code=code, unit=UNIT, due_at=due))


async def test_it_is_the_other_units_and_nobodys_yet(world, code):
    await appeal(world, code)
    case = await world.case(code)
    assert (case.status, case.unit, case.assignee, case.priority) == (CaseStatus.APPEALED, UNIT, None, True)
    assert (case.due_at, case.confidential) == (world.clock.now() + timedelta(days=5), False)
    promises = await world.store.read(lambda tx: cases.promises(tx, case.id))
    assert (promises[-1].due_at, promises[-1].reason) == (case.due_at, "appealed")
    [*_, last] = await world.store.read(lambda tx: cases.events(tx, case.id))
    assert (last.actor, last.what, last.data) == (RESIDENT, "appealed", {"unit": UNIT, "status": "appealed"})


async def test_what_we_would_have_asked_is_asked_no_more(world, code):
    await appeal(world, code)
    assert {row.status for row in await world.rows("followups")} == {"cancelled"}


async def test_what_is_said_of_it_may_conceal_it_once(world, code):
    await world.asks(Conceal(code=code))
    await world.asks(Conceal(code=code))
    case = await world.case(code)
    events = await world.store.read(lambda tx: cases.events(tx, case.id))
    assert (case.confidential, [one.what for one in events].count("concealed")) == (True, 1)


@pytest.mark.parametrize(
    ("what", "more"),
    [
        (casework.assign, {"to": "Beto"}),
        (casework.start, {}),
        (casework.resolve, {"reply": "igual"}),
        (casework.not_competent, {"body": "EPSAS"}),
    ],
)
async def test_who_decided_has_no_part_in_it(world, code, what, more):
    await appeal(world, code)
    with pytest.raises(NotPossible, match="was appealed: somebody else"):
        await act(world, what, code, who="ana", **more)
    assert (await world.case(code)).status is CaseStatus.APPEALED
    assert (await act(world, what, code, who="Eva", **more)).changed


async def test_nor_is_it_given_to_who_decided(world, code):
    await appeal(world, code)
    with pytest.raises(NotPossible, match="somebody else"):
        await act(world, casework.assign, code, who="Eva", to="ANA")


async def test_who_decided_may_look_and_note(world, code):
    await appeal(world, code)
    assert (await act(world, casework.note, code, text="vi la apelacion")).changed


async def test_who_decided_another_case_has_a_part_in_it(world, code):
    other = await world.open_case(await world.person(9))
    assert (await act(world, casework.resolve, other, reply="hecho")).changed
    await appeal(world, other)
    with pytest.raises(NotPossible):
        await act(world, casework.start, other)
    assert (await act(world, casework.reopen, code)).changed
