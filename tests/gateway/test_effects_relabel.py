"""What a resident puts right: the category brings its unit, the place may stay, the date does; it is all in the history."""

import pytest

from dialogs.effects import Relabel
from gateway.effects import RESIDENT
from store import cases, labels


@pytest.fixture
async def code(world):
    return await world.open_case(await world.person(), category="agua", unit="Agua y Saneamiento")


def put_right(world, code, category=None, unit=None, place=None):
    """As the dialog asks for it."""
    return world.asks(Relabel(code=code, category=category, unit=unit, place=place))


async def events(world, code):
    case = await world.case(code)
    return [(one.actor, one.what, one.data) for one in await world.store.read(lambda tx: cases.events(tx, case.id))][1:]


async def test_category_unit_and_place_change_and_the_date_stays(world, code):
    before = await world.case(code)
    [done] = await put_right(world, code, "alumbrado", "Alumbrado Público", "alto-tacagua")
    after = await world.case(code)
    assert (after.category, after.unit, after.place) == ("alumbrado", "Alumbrado Público", "alto-tacagua")
    assert (after.status, after.due_at, done.case_id) == (before.status, before.due_at, before.id)
    was = {"category": "agua", "unit": "Agua y Saneamiento", "place": before.place}
    now = {"category": "alumbrado", "unit": "Alumbrado Público", "place": "alto-tacagua"}
    assert await events(world, code) == [(RESIDENT, "relabelled", {**now, "was": was})]


async def test_what_is_not_said_stays(world, code):
    await put_right(world, code, place="obrajes")
    after = await world.case(code)
    assert (after.category, after.unit, after.place) == ("agua", "Agua y Saneamiento", "obrajes")


async def test_what_is_so_already_leaves_no_mark(world, code):
    await put_right(world, code, "agua", "Agua y Saneamiento")
    assert await events(world, code) == []


async def test_it_is_a_line_to_learn_from(world, code):
    await put_right(world, code, "alumbrado", "Alumbrado Público")
    [line] = await world.store.read(lambda tx: list(labels.relabelled(tx)))
    assert (line.was, line.category) == ("agua", "alumbrado")
