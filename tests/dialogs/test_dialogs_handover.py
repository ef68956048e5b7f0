"""Hand over: what nobody understood is kept whole as a draft; who asks for a person gets one."""

import pytest

from dialogs import promises
from dialogs.cases import CaseKind
from dialogs.effects import HandOver, OpenCase
from dialogs.report import DESCRIPTION_MOST


def draft(one):
    [case] = [effect for effect in one.asked_for if isinstance(effect, OpenCase)]
    return case


def test_three_misses_become_a_draft(phone, city, now):
    one = phone().says("😡").says("..").says("99")
    assert one.asked_for == [
        OpenCase(
            code="739184529",
            kind=CaseKind.GRIEVANCE,
            category="otro",
            description="😡 .. 99",
            due_at=promises.by_a_person(city, now),
            draft=True,
        ),
        HandOver(reason="three_misses", code="739184529"),
    ]
    assert (one.heard, one.told, one.session) == (["handover/done"], {"code": "739184529"}, None)


def test_what_was_told_before_stands_first(phone, make_session):
    waiting = make_session("menu/main", description="hay un bache", heard="7 8")
    one = phone(session=waiting).says("77").says("x").says("z")
    assert draft(one).description == "hay un bache / 7 8 77 x z"


def test_a_long_story_is_cut(phone, make_session):
    waiting = make_session("menu/main", description="a" * 5000)
    one = phone(session=waiting).says("x").says("w").says("z")
    assert len(draft(one).description) == DESCRIPTION_MOST


def test_a_draft_may_be_confidential(phone, make_session):
    one = phone(session=make_session("menu/main")).says("77").says("me pidieron coima").says("88")
    assert draft(one).confidential


@pytest.mark.parametrize("text", ["quiero hablar con una persona", "operador", "pueden atenderme por favor"])
def test_who_asks_for_a_person_gets_one(phone, city, now, text):
    one = phone().says(text)
    assert one.asked_for == [
        OpenCase(
            code="739184529",
            kind=CaseKind.REQUEST,
            category="otro",
            description="",
            due_at=promises.by_a_person(city, now),
            draft=True,
        ),
        HandOver(reason="asked_for_a_person", code="739184529"),
    ]
    assert (one.heard, one.told, one.session) == (["person/done"], {"code": "739184529"}, None)


@pytest.mark.parametrize(("keys", "said"), [(["5"], "person/done"), (["7", "8", "77"], "handover/done")])
def test_a_code_shown_on_a_screen_comes_by_sms_too(ussd_phone, keys, said):
    one = ussd_phone().dials()
    for key in keys:
        one.presses(key)
    assert one.heard == [f"{said} (sms)", said]
    assert one.says_back[0].params == one.says_back[1].params == {"code": "739184529"}


def test_the_draft_may_be_asked_for_like_any_case(phone, make_case):
    assert phone(make_case("739184529", category="otro")).says("739184529").heard == ["status/own"]
