"""ANONIMO: the report that is told, the case that was just told, or the next one; nobody can call about it."""

from datetime import timedelta

import pytest

from dialogs import anonymous
from dialogs.cases import CaseStatus
from dialogs.effects import AddNote, AlertStaff, Anonymise, Conceal, OpenCase, SetPlace
from dialogs.engine import OFFERED, SHOWN
from dialogs.enough import room
from dialogs.facts import Appeals

MINE, OLDER, NEW = "482105930", "100000006", "739184529"
DAY, HOUR, INSTANT = timedelta(days=1), timedelta(hours=1), timedelta(microseconds=1)


@pytest.fixture
def fresh(make_case, now):
    """``fresh(CODE)``: a case that was told an hour ago."""

    def make(code=MINE, **more):
        return make_case(code, **{"opened_at": now - HOUR, **more})

    return make


def opened(phone):
    [case] = [effect for effect in phone.asked_for if isinstance(effect, OpenCase)]
    return case


WISHES = [
    "ANONIMO",
    "anónima por favor",
    "en forma anonima",
    "quiero que sea anonimo",
    "y que sea anonimo por favor",
    "y tambien que quede anonimo",
    "no quiero que sepan quien soy",
    "sin mi nombre",
    "sin dar mi nombre",
    "anonymous",
    "make it anonymous",
]


@pytest.mark.parametrize("text", WISHES)
def test_who_has_just_told_something_means_that(phone, fresh, text):
    one = phone(fresh()).says(text)
    assert (one.rule, one.heard, one.session) == ("anonymous", ["anonymous/done"], None)
    assert one.asked_for == [Anonymise(code=MINE)]
    assert one.told == {"code": MINE}


@pytest.mark.parametrize("text", [*WISHES, "quiero hacer una denuncia anonima"])
def test_who_told_nothing_yet_begins_a_report(phone, text):
    one = phone().says(text)
    assert (one.rule, one.heard, one.asked_for) == ("anonymous", ["report/describe"], [])
    assert (one.waits_at, one.says_back[-1].lead) == ("report/describe", "common/anonymous")
    filed = opened(one.says("no hay luz en la plaza de Sopocachi"))
    assert (filed.anonymous, filed.confidential, filed.description) == (
        True,
        True,
        "no hay luz en la plaza de Sopocachi",
    )
    assert one.heard == ["report/hidden"]
    assert set(one.told) == {"code", "due"}
    assert not any(isinstance(effect, SetPlace) for effect in one.asked_for)
    assert one.asked_for[-1] == AlertStaff(reason="confidential", code=NEW)


def test_a_report_that_is_told_goes_on_at_its_question(phone):
    one = phone().says("no hay luz en mi calle")
    assert (one.waits_at, one.says_back[-1].lead) == ("report/place", None)
    one.says("anonimo")
    assert (one.rule, one.heard, one.asked_for) == ("anonymous", ["report/place"], [])
    assert (one.waits_at, one.says_back[-1].lead, one.session.misses) == ("report/place", "common/anonymous", 0)
    filed = opened(one.says("Sopocachi"))
    assert (filed.anonymous, filed.confidential, filed.place, filed.description) == (
        True,
        True,
        "sopocachi",
        "no hay luz en mi calle",
    )


def test_the_question_about_the_kind_says_it_too(phone, make_session):
    one = phone(session=make_session("report/category", description="algo pasa"))
    assert one.says("anonimo").says_back[-1].lead == "common/anonymous"
    assert (one.heard, one.waits_at) == (["report/category"], "report/category")


def test_misses_are_kept_and_what_the_engine_keeps_for_one_question_is_not(phone, make_session):
    waits = make_session("report/place", description="x y z", category="agua", **{OFFERED: True, SHOWN: "1:2"})
    one = phone(session=waits).says("ksjdf")
    one = phone(session=waits)
    one.session = one.session.__class__(
        dialog="report", step="place", answers=waits.answers, expires_at=waits.expires_at, misses=2
    )
    one.says("anonimo")
    assert one.session.misses == 2
    assert one.session.answers == {"description": "x y z", "category": "agua", "anonymous": True}


def test_left_half_told_it_is_anonymous_all_the_same(phone):
    one = phone().says("no hay luz en mi calle").says("anonimo").is_silent_for_too_long()
    assert opened(one).anonymous


def test_who_is_asked_about_a_neighbour_is_asked_no_more(phone, make_case, now):
    neighbour = make_case(OLDER, contact_id=2, opened_at=now - HOUR, description="no hay luz en la calle 5")
    one = phone(neighbour, neighbour_days=14).says("no hay luz en la calle 5 de Sopocachi")
    assert one.waits_at == "report/neighbours"
    assert opened(one.says("anonimo")).anonymous
    assert (one.heard, one.session, one.says_back[-1].lead) == (["report/hidden"], None, None)


def test_a_day_is_the_longest_that_a_receipt_is_meant(phone, make_case, now):
    one = phone(make_case(opened_at=now - DAY + INSTANT)).says("anonimo")
    assert one.heard == ["anonymous/done"]
    one = phone(make_case(opened_at=now - DAY)).says("anonimo")
    assert one.heard == ["report/describe"]


def test_the_newest_is_meant_and_only_while_it_is_open(phone, fresh):
    assert phone(fresh(), fresh(OLDER)).says("anonimo").asked_for == [Anonymise(code=MINE)]
    one = phone(fresh(status=CaseStatus.RESOLVED), fresh(OLDER)).says("anonimo")
    assert (one.heard, one.asked_for) == (["report/describe"], [])


def test_where_something_else_is_asked_a_report_is_begun(phone, fresh, make_session):
    waits = make_session("cancel/sure", description="hay un bache", code=MINE)
    one = phone(fresh(), session=waits).says("anonimo")
    assert (one.heard, one.session.answers) == (["report/describe"], {"anonymous": True})


@pytest.mark.parametrize(
    "text", ["anonimo {}", "anonima {}", "quiero que mi caso {} sea anonimo", "{} sin mi nombre", "anonymous {}"]
)
def test_with_a_code_it_is_that_case(phone, make_case, fresh, text):
    one = phone(fresh(), make_case(OLDER)).says(text.format(OLDER))
    assert (one.rule, one.heard, one.asked_for) == ("anonymous", ["anonymous/done"], [Anonymise(code=OLDER)])


def test_the_code_of_another_is_answered_as_ever(phone, make_case):
    one = phone(make_case(contact_id=2)).says(f"anonimo {MINE}")
    assert (one.heard, one.asked_for) == (["status/stranger"], [])
    one = phone(make_case(contact_id=2, confidential=True, anonymous=True)).says(f"anonimo {MINE}")
    assert (one.heard, one.asked_for) == (["status/unknown"], [])


def test_what_is_asked_about_that_case_is_asked_no_more_and_all_else_is(phone, fresh, make_session):
    asked = make_session("correct/tell", code=MINE)
    assert phone(fresh(), session=asked).says(f"anonimo {MINE}").session is None
    one = phone(fresh(), fresh(OLDER), session=asked).says(f"anonimo {OLDER}")
    assert one.waits_at == "correct/tell"
    one = phone(fresh(), session=make_session("report/place", description="no hay luz")).says(f"anonimo {MINE}")
    assert (one.waits_at, one.heard) == ("report/place", ["anonymous/done"])


@pytest.mark.parametrize(
    "text",
    [
        "la directora vende los cupos, quiero que quede anonimo",
        "roban material de la obra y lo hago sin dar mi nombre",
        "hay un bache en Sopocachi pero que no sepan mi nombre",
        "there is a pothole in Sopocachi, I tell it without giving my name",
    ],
)
def test_a_report_that_says_it_is_anonymous_too(phone, text):
    filed = opened(phone().says(text))
    assert (filed.anonymous, filed.confidential) == (True, True)


@pytest.mark.parametrize("text", ["el inspector me pidio coima", "es confidencial, no digan nada", "temo represalias"])
def test_what_is_only_confidential_is_not_anonymous(phone, text):
    filed = opened(phone().says(text))
    assert (filed.anonymous, filed.confidential) == (False, True)


@pytest.mark.parametrize("later", ["Sopocachi, pero que quede anonimo", "al lado del puente, de forma anonima pues"])
def test_it_may_be_said_with_the_place(phone, later):
    one = phone().says("hay un bache enorme en la calle").says(later)
    assert opened(one).anonymous
    assert one.heard == ["report/hidden"]


def test_danger_is_answered_as_danger(phone):
    one = phone().says("se esta cayendo un muro sobre las casas, que quede anonimo")
    assert (one.heard, opened(one).anonymous, opened(one).priority) == (["report/danger"], True, True)


def test_on_a_screen_the_code_comes_by_sms_too(ussd_phone):
    one = ussd_phone().dials().presses("1").presses("anonimo").presses("no hay luz en la plaza de Sopocachi")
    assert one.heard == ["report/hidden (sms)", "report/hidden"]
    assert one.says_back[0].params == one.says_back[1].params
    assert set(one.told) == {"code", "due"}
    one = ussd_phone().dials().presses("1").presses("no hay luz en la plaza de Sopocachi")
    assert one.heard == ["report/thanks (sms)", "report/thanks"]


def test_more_that_is_told_of_a_case_may_ask_for_it(phone, make_case):
    told = f"{MINE} por favor que quede anonimo porque me conocen"
    one = phone(make_case()).says(told)
    assert one.asked_for == [AddNote(code=MINE, text=told), Anonymise(code=MINE)]
    plain = f"{MINE} por favor vengan hoy porque se oscurece"
    assert phone(make_case()).says(plain).asked_for == [AddNote(code=MINE, text=plain)]


def test_why_one_appeals_may_ask_for_it(phone, make_case, make_session):
    appeals = Appeals(unit="Transparencia", within=30 * DAY)
    case, why = make_case(status=CaseStatus.APPEALED), make_session("appeal/why", code=MINE)
    told = "no estoy conforme y quiero que quede anonimo porque me conocen en la obra"
    one = phone(case, session=why, appeals=appeals).says(told)
    assert one.asked_for == [Anonymise(code=MINE), AddNote(code=MINE, text=told)]
    told = "el inspector me pidio coima"
    one = phone(case, session=why, appeals=appeals).says(told)
    assert one.asked_for == [Conceal(code=MINE), AddNote(code=MINE, text=told)]


@pytest.mark.parametrize("text", ["llamame", "por favor llamenme", "call me"])
def test_nobody_calls_about_what_was_just_told_so(phone, fresh, text):
    one = phone(fresh(anonymous=True, confidential=True)).says(text)
    assert (one.rule, one.heard, one.asked_for, one.told) == ("command", ["anonymous/no_call"], [], {})


def test_nobody_calls_about_what_is_being_told_so_and_the_question_stands(phone):
    one = phone().says("anonimo").says("llamame")
    assert (one.heard, one.asked_for, one.waits_at) == (["anonymous/no_call"], [], "report/describe")


def test_nobody_calls_about_the_case_whose_code_stands_there(phone, make_case):
    one = phone(make_case(anonymous=True, confidential=True)).says(f"llamame {MINE}")
    assert (one.rule, one.heard) == ("code", ["anonymous/no_call"])
    assert phone(make_case()).says(f"llamame {MINE}").heard == ["status/own"]
    one = phone(make_case(anonymous=True, confidential=True)).says(f"ayuda {MINE}")
    assert one.heard == ["status/own"]


def test_nobody_calls_who_says_in_one_breath_that_nobody_may_know_them(phone):
    one = phone().says("quiero que me llamen pero que sea anonimo")
    assert one.heard == ["anonymous/no_call"]


def test_about_anything_else_one_is_called(phone, fresh, make_case, make_session):
    assert phone(fresh()).says("llamame").waits_at == "callback/when"
    hidden = {"anonymous": True, "confidential": True}
    assert phone(make_case(**hidden)).says("llamame").waits_at == "callback/when"
    assert phone(fresh(), fresh(OLDER, **hidden)).says("llamame").waits_at == "callback/when"
    waits = make_session("menu/main")
    assert phone(fresh(**hidden), session=waits).says("llamame").waits_at == "callback/when"
    told = phone().says("no hay luz en mi calle").says("llamame")
    assert told.waits_at == "callback/when"


def test_who_asks_for_a_person_while_telling_something_so_tells_them_so(phone):
    one = phone(spare_code="400000004").says("no hay luz en mi calle").says("anonimo").says("operador")
    filed = [effect for effect in one.asked_for if isinstance(effect, OpenCase)]
    assert [(case.anonymous, case.confidential) for case in filed] == [(True, True), (True, True)]
    draft = opened(phone().says("operador"))
    assert (draft.anonymous, draft.confidential) == (False, False)


def test_what_nobody_understood_is_anonymous_too(phone):
    one = phone().says("anonimo")
    for _ in range(3):
        one.says("...")
    assert (opened(one).draft, opened(one).anonymous, opened(one).confidential) == (True, True, True)
    one = phone().says("quiero hablar con una persona pero que sea anonimo por favor")
    assert (opened(one).draft, opened(one).anonymous) == (True, True)


def test_who_has_opened_many_cases_can_tell_one_more_so(make_facts, make_case, now):
    many = tuple(make_case(str(100000000 + at), opened_at=now) for at in range(5))
    facts = make_facts(own_cases=many)
    assert room(facts, {"description": "no hay luz"}) == "full"
    assert room(facts, {"description": "no hay luz", "anonymous": True}) == "room"


def test_their_status_is_told_to_who_gives_the_code_and_listed_to_nobody(phone, make_case):
    case = make_case(anonymous=True, confidential=True)
    one = phone(case).says(MINE)
    assert (one.heard, one.told["category"]) == (["status/own"], None)
    assert phone(case).says("mis casos").heard == ["status/none"]


def test_what_anonymity_wants_of_other_sessions(make_session):
    assert not anonymous.is_half_told(None)
    assert not anonymous.is_half_told(make_session("report/place", description="x"))
    assert not anonymous.is_half_told(make_session("callback/when", anonymous=True))
    assert anonymous.is_half_told(make_session("report/place", anonymous=True))
