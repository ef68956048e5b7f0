"""Relabelling: who answers changes with the category, what was promised and who may see it do not."""

import pytest

from gateway.work import casework, relabelling
from gateway.work.casework import NotPossible
from gateway.work.relabelling import Labels
from store import audit, cases


@pytest.fixture
async def code(world):
    return await world.open_case(await world.person(), category="agua", unit="Agua y Saneamiento")


def relabel(world, code, category="alumbrado", place=None):
    """Ana's act, in a transaction of its own."""
    to = Labels(category=category, place=place)
    return world.store.transact(lambda tx: relabelling.relabel(tx, world.house, world.clock.now(), "Ana", code, to=to))


async def events(world, code):
    case = await world.case(code)
    return [(one.actor, one.what, one.data) for one in await world.store.read(lambda tx: cases.events(tx, case.id))]


async def test_the_unit_of_the_new_category_answers(world, code):
    before = await world.case(code)
    done = await relabel(world, code)
    case = await world.case(code)
    assert (done.case, done.changed) == (case, True)
    assert (case.category, case.unit) == ("alumbrado", "Alumbrado Público")
    assert (case.status, case.due_at, case.assignee) == (before.status, before.due_at, before.assignee)
    assert await world.rows("outbound") == []


async def test_what_was_understood_first_stands_in_the_history_and_in_the_log(world, code):
    await relabel(world, code, place="alto-tacagua")
    data = {
        "category": "alumbrado",
        "unit": "Alumbrado Público",
        "place": "alto-tacagua",
        "was": {"category": "agua", "unit": "Agua y Saneamiento", "place": None},
    }
    assert (await events(world, code))[1:] == [("Ana", "relabelled", data)]
    [entry] = await world.store.read(lambda tx: audit.entries(tx, 9))
    assert (entry.actor, entry.act, entry.subject, entry.data) == ("Ana", "case.relabelled", code, data)


async def test_done_again_it_changes_nothing(world, code):
    await relabel(world, code, place="alto-tacagua")
    before = await events(world, code)
    done = await relabel(world, code, place="alto-tacagua")
    assert not done.changed
    assert await events(world, code) == before
    assert not (await relabel(world, code)).changed  # no place said: it stays


async def test_the_place_alone_can_be_put_right(world, code):
    done = await relabel(world, code, category="agua", place="Sopocachi")
    assert (done.case.category, done.case.place, done.case.unit) == ("agua", "sopocachi", "Agua y Saneamiento")


async def test_a_case_that_is_over_can_be_relabelled_for_the_sake_of_what_is_learnt(world, code):
    await world.resolve(code)
    assert (await relabel(world, code)).case.category == "alumbrado"


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ({"category": "alumbrao"}, "there is no category alumbrao; did you mean alumbrado?"),
        ({"category": "Luz de la cale"}, "there is no category Luz de la cale; did you mean alumbrado?"),
        ({"place": "Sopocahci bajo alto"}, "there is no such place: Sopocahci bajo alto; did you mean Sopocachi"),
    ],
)
async def test_what_is_unknown_is_answered_with_what_is_near(world, code, words, line):
    before = await events(world, code)
    with pytest.raises(NotPossible) as refused:
        await relabel(world, code, **words)
    assert str(refused.value).startswith(line)
    assert await events(world, code) == before


async def test_what_is_near_nothing_is_answered_with_where_to_look(world, code):
    with pytest.raises(NotPossible, match="there is no category xyzzy; there are: agua, alcantarillado, "):
        await relabel(world, code, "xyzzy")
    with pytest.raises(NotPossible, match=r"there is no such place: xyzzy; write a zone or barrio as in city/places"):
        await relabel(world, code, place="xyzzy")


async def test_a_confidential_case_is_not_shown_to_another_unit(world):
    code = await world.open_case(category="tramites_corrupcion", unit="Transparencia", confidential=True)
    with pytest.raises(NotPossible, match="confidential: another unit would see it"):
        await relabel(world, code, "obras")
    with pytest.raises(NotPossible, match="confidential"):  # nor is it said whether the place is known
        await relabel(world, code, "obras", place="xyzzy")


async def test_a_confidential_case_may_go_to_those_who_work_such_cases_and_stays_there(world):
    code = await world.open_case(category="obras", unit="Supervisión de Obras", confidential=True)
    done = await relabel(world, code, "seguridad")
    assert (done.case.category, done.case.unit, done.case.confidential) == ("seguridad", "Seguridad Ciudadana", True)
    with pytest.raises(NotPossible, match="confidential"):
        await relabel(world, code, "obras")


async def test_within_its_unit_a_confidential_case_can_be_relabelled(world):
    code = await world.open_case(category="vias", unit="Mantenimiento Vial", confidential=True)
    done = await relabel(world, code, "gradas_aceras", place="obrajes")
    assert (done.case.category, done.case.place, done.case.confidential) == ("gradas_aceras", "obrajes", True)


async def test_no_other_category_makes_a_case_confidential(world, code):
    assert not (await relabel(world, code, "seguridad")).case.confidential


async def test_who_had_it_keeps_it_until_somebody_else_has(world, code):
    await world.store.transact(lambda tx: casework.assign(tx, world.house, world.clock.now(), "Ana", code, to="Beto"))
    assert (await relabel(world, code)).case.assignee == "Beto"
