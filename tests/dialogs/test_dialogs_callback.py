"""Call back: when is asked once, silence means at any hour, and nothing else that was told is lost."""

import pytest

from dialogs.cases import CaseKind
from dialogs.effects import HandOver, OpenCase, Say


def draft(one):
    [case] = [effect for effect in one.asked_for if isinstance(effect, OpenCase)]
    return case


@pytest.mark.parametrize(
    "text", ["LLAMAME", "llamenme por favor", "me pueden llamar", "call me", "quiero que me llamen hoy"]
)
def test_who_wants_a_call_is_asked_when(phone, text):
    one = phone().says(text)
    assert (one.heard, one.asked_for) == (["callback/when"], [])
    assert [option.value for option in one.offered] == ["call_morning", "call_afternoon", "call_any"]


@pytest.mark.parametrize(("key", "wish"), [("1", "En la mañana"), ("2", "En la tarde"), ("3", "A cualquier hora")])
def test_staff_read_when(phone, key, wish):
    one = phone().says("llamame").says(key)
    case = draft(one)
    assert (case.description, case.kind, case.draft, case.confidential) == (wish, CaseKind.REQUEST, True, False)
    assert one.asked_for[1:] == [HandOver(reason="asked_for_a_call", code=case.code)]
    assert (one.heard, one.told, one.session) == (["callback/done"], {"code": case.code}, None)


def test_what_the_call_is_about_is_kept(phone):
    one = phone().says("quiero que me llamen para explicarles lo de la graderia").says("1")
    assert draft(one).description == "En la mañana / quiero que me llamen para explicarles lo de la graderia"


def test_a_secret_among_it_is_kept_as_one(phone):
    assert draft(phone().says("quiero que me llamen porque el inspector me pide coima").says("1")).confidential


def test_silence_means_at_any_hour(phone):
    one = phone().says("llamame").is_silent_for_too_long()
    assert draft(one).description == "A cualquier hora"


def test_three_misses_mean_at_any_hour(phone):
    one = phone().says("llamame").says("x").says("w").says("z")
    assert draft(one).description.startswith("A cualquier hora")


def test_a_report_meanwhile_is_filed_and_the_call_is_kept(phone):
    one = phone().says("llamame").says("no hay agua en Sopocachi")
    assert sorted(effect.category for effect in one.asked_for if isinstance(effect, OpenCase)) == ["agua", "otro"]


def test_on_a_screen_the_code_comes_by_sms_too(ussd_phone):
    one = ussd_phone().dials().presses("llamame").presses("1")
    assert [effect.by_sms for effect in one.last.effects if isinstance(effect, Say)] == [True, False]
    assert one.heard == ["callback/done (sms)", "callback/done"]


def test_who_has_opened_enough_today_is_told_so(phone, make_case, now):
    cases = [make_case(code=code, opened_at=now) for code in ("482105930", "739184529", "100000006")]
    one = phone(*cases, most_cases=3).says("llamame")
    assert (one.heard, one.session) == (["enough/said"], None)


@pytest.mark.parametrize(("text", "heard"), [("LLAMAME", "callback/when"), ("operador", "person/done")])
def test_who_asks_again_has_asked_once(phone, text, heard):
    one = phone().says("llamame").says(text)
    assert one.heard == [heard]
    assert len([effect for effect in one.asked_for if isinstance(effect, OpenCase)]) == (heard == "person/done")
