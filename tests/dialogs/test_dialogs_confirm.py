"""Confirm: the resident has the last word on "resolved", once, and only while there is something to confirm."""

from datetime import timedelta

import pytest

from dialogs import promises
from dialogs.cases import CONFIRMABLE, CaseStatus, Outcome
from dialogs.effects import AddNote, CloseCase, HandOver, OpenCase, RateCase, ReopenCase
from dialogs.messages import ChannelKind
from dialogs.understand import answers, intents, safety

MINE = "482105930"


@pytest.fixture
def asked(phone, make_case, make_session):
    """``asked(status=…)``: a telephone that was just asked whether its case is solved."""

    def make(where="confirm/ask", **case):
        given = {"status": CaseStatus.RESOLVED, "asked": True} | case
        return phone(make_case(**given), session=make_session(where, code=MINE))

    return make


@pytest.mark.parametrize("text", ["si", "1", "SI!", "sí, ya está arreglado", "ok", "ya quedó bien", "la 1 porfa"])
def test_yes_closes_and_asks_how_well(asked, text):
    one = asked().says(text)
    assert one.asked_for == [CloseCase(code=MINE, outcome=Outcome.CONFIRMED)]
    assert (one.heard, one.waits_at, one.told) == (["confirm/rate"], "confirm/rate", {"code": MINE})
    assert [option.value for option in one.offered] == [f"rating_{mark}" for mark in range(1, 6)]


@pytest.mark.parametrize("text", ["no", "3", "No sigue igual", "mentira", "nadie vino", "janiwa"])
def test_no_brings_it_back_with_a_new_date(asked, city, now, text):
    one = asked().says(text)
    due = promises.for_reopened(city, "alumbrado", now)
    assert one.asked_for == [ReopenCase(code=MINE, due_at=due, reason="resident_said_no")]
    assert (one.heard, one.told, one.session) == (["confirm/reopened"], {"code": MINE, "due": due}, None)


@pytest.mark.parametrize("text", ["2", "a medias", "si pero falta un lado", "mas o menos"])
def test_half_lets_the_person_choose(asked, text):
    one = asked().says(text)
    assert (one.asked_for, one.heard, one.waits_at) == ([], ["confirm/what_now"], "confirm/what_now")
    assert [option.value for option in one.offered] == ["half_reopen", "half_leave"]


def test_half_may_come_back(asked, city, now):
    one = asked().says("a medias").says("1")
    assert one.heard == ["confirm/reopened"]
    assert one.asked_for[0].due_at == promises.for_reopened(city, "alumbrado", now)


def test_half_may_be_left_and_is_counted_as_half(asked):
    one = asked().says("a medias").says("2")
    assert one.asked_for == [CloseCase(code=MINE, outcome=Outcome.HALF)]
    assert (one.heard, one.told, one.session) == (["confirm/half"], {"code": MINE}, None)


@pytest.mark.parametrize(("text", "mark"), [("5", 5), ("un 1", 1), ("muy bien", 5), ("regular", 3), ("4/5", 4)])
def test_a_mark_is_kept(asked, text, mark):
    one = asked().says("si").says(text)
    assert one.asked_for == [RateCase(code=MINE, rating=mark)]
    assert (one.heard, one.session) == (["confirm/thanks"], None)


def test_who_gives_no_mark_is_let_go(asked):
    one = asked().says("si").says("6").says("7").says("8")
    assert (one.rule, one.heard, one.asked_for, one.session) == ("three_misses", ["confirm/unrated"], [], None)


def test_yes_but_is_asked_again(asked):
    one = asked().says("si pero")
    assert (one.rule, one.says_back[-1].lead) == ("miss", "common/miss")


def test_three_answers_that_fit_nothing_go_to_a_person(asked):
    one = asked().says("quizas").says("nose yo").says("pregunte")
    assert one.heard == ["handover/done"]
    assert isinstance(one.asked_for[0], OpenCase)
    assert one.asked_for[0].description == "quizas nose yo pregunte"
    assert one.asked_for[1] == HandOver(reason="three_misses", code="739184529")


def test_three_that_fit_no_half_go_to_a_person(asked):
    assert asked().says("a medias").says("x").says("w").says("z").heard == ["handover/done"]


@pytest.mark.parametrize("status", set(CaseStatus) - CONFIRMABLE)
@pytest.mark.parametrize(
    ("where", "text"),
    [
        ("confirm/ask", "si"),
        ("confirm/ask", "no"),
        ("confirm/ask", "a medias"),
        ("confirm/what_now", "1"),
        ("confirm/what_now", "2"),
    ],
)
def test_an_answer_to_a_case_that_moved_on_changes_nothing(asked, where, text, status):
    one = asked(where, status=status).says(text)
    assert (one.asked_for, one.heard, one.told, one.session) == ([], ["confirm/past"], {"code": MINE}, None)


@pytest.mark.parametrize("text", ["si", "no"])
def test_an_answer_to_a_case_that_is_no_longer_theirs_changes_nothing(asked, text):
    one = asked(contact_id=2).says(text)
    assert (one.asked_for, one.heard) == ([], ["confirm/past"])


def test_an_information_is_confirmed_like_a_repair(asked):
    assert asked(status=CaseStatus.ANSWERED).says("si").heard == ["confirm/rate"]


def test_the_question_names_the_case_and_what_it_is_about(asked):
    assert asked().says("hola").told == {"code": MINE, "category": "alumbrado"}


def test_the_question_about_a_secret_case_names_only_its_code(asked):
    assert asked(confidential=True).says("hola").told == {"code": MINE, "category": None}


def test_the_question_about_a_case_that_is_gone_names_only_its_code(asked):
    assert asked(status=CaseStatus.CLOSED).says("hola").told == {"code": MINE, "category": None}


def test_a_category_that_is_no_more_gets_the_shortest_time(asked, city, now):
    one = asked(category="gone").says("no")
    assert one.told["due"] == promises.for_reopened(city, "gone", now)


def test_the_question_is_bound_to_its_case_and_stands_two_weeks(asked, now):
    one = asked().says("a medias")
    assert one.session.case == MINE
    assert one.session.expires_at == now + timedelta(days=14)


def test_silence_just_ends_here(asked):
    """The follow-up that closes a case for silence is a row of its own."""
    one = asked()
    one.is_silent_for_too_long()
    assert (one.last.effects, one.session) == ((), None)


@pytest.mark.parametrize("text", ["1 mala la atencion", "4 buena la respuesta"])
def test_a_mark_is_an_answer_though_its_words_may_tell_of_a_problem(asked, text):
    assert asked().says(text).rule in {"answer", "miss"}


@pytest.mark.parametrize("text", ["si ya prende la luz", "la mitad nomas an hecho falta un foco"])
def test_word_of_how_it_stands_is_an_answer_though_it_names_another_problem(asked, text):
    one = asked(category="agua")
    wanted = intents.guess(text, one.facts.city)
    assert wanted[0] in {"done", "undone"}
    assert wanted[1] >= intents.CERTAIN
    assert one.says(text).rule == "answer"


def test_what_is_hardly_word_of_it_is_another_problem(asked):
    one = asked()
    name, probability = intents.guess("todavia nada de la basura", one.facts.city)
    assert (name, probability < intents.CERTAIN) == ("undone", True)
    assert one.says("todavia nada de la basura").rule == "report_instead"


NOT_SO = "igualito botando agua"


def test_a_no_may_have_been_learnt(asked):
    one = asked(category="agua")
    assert answers.verdict(NOT_SO, one.facts.city) is None
    assert isinstance(one.says(NOT_SO).last.effects[0], ReopenCase)


def test_it_must_be_certain_and_short(asked, monkeypatch):
    for text, chance, heard in (
        ("zzt", intents.CERTAIN, "confirm/reopened"),
        ("zzt", intents.CERTAIN - 0.01, "confirm/ask"),
        ("zzt " * answers.LONGEST, 1.0, "confirm/reopened"),
        ("zzt " * (answers.LONGEST + 1), 1.0, "confirm/ask"),
    ):
        monkeypatch.setattr(intents, "guess", lambda *_, chance=chance: ("undone", chance))
        assert asked().says(text).heard == [heard]


@pytest.mark.parametrize("name", ["done", "denied", "status"])
def test_nothing_else_is_learnt(asked, monkeypatch, name):
    monkeypatch.setattr(intents, "guess", lambda *_: (name, 1.0))
    assert asked().says("zzt").heard == ["confirm/ask"]
    monkeypatch.setattr(intents, "guess", lambda *_: None)
    assert asked().says("zzt").heard == ["confirm/ask"]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("zzt", "answer"),
        ("zzt en Sopocachi", "answer"),
        ("zzt en Kupini", "miss"),
        ("zzt agua", "miss"),
        ("el otro zzt", "miss"),
        ("no he ido a ver zzt", "miss"),
        ("yo no estuve alla", "miss"),
    ],
)
def test_who_tells_of_another_or_has_not_looked_says_no_no(asked, monkeypatch, text, rule):
    monkeypatch.setattr(intents, "guess", lambda *_: ("undone", 1.0))
    one = asked(category="alumbrado", place="sopocachi").says(text)
    assert one.heard == [{"answer": "confirm/reopened", "miss": "confirm/ask"}[rule]]


@pytest.mark.parametrize(
    "text",
    [
        "sigue igualito con chispas el poste",
        "igualito sigue cayendose el muro",
        "no vinieron y el poste se esta cayendo",
        "sigue inundando mi casa igualito",
    ],
)
def test_a_danger_told_instead_of_an_answer_is_a_case_and_comes_first(asked, text):
    [opened, *_] = asked().says(text).asked_for
    assert isinstance(opened, OpenCase)
    assert opened.priority


@pytest.mark.parametrize("text", ["no sigue con chispas el poste", "no vinieron, se cae el poste"])
def test_a_danger_that_comes_late_is_a_case_too(phone, make_case, text):
    late = phone(make_case(status=CaseStatus.RESOLVED, asked=True))
    assert answers.verdict(text, late.facts.city) == "no"
    [opened, *_] = late.says(text).asked_for
    assert isinstance(opened, OpenCase)
    assert opened.priority


def test_a_secret_is_no_learnt_no(asked, monkeypatch):
    monkeypatch.setattr(intents, "guess", lambda *_: ("undone", 1.0))
    monkeypatch.setattr(safety, "confidential", lambda *_: True)
    assert asked().says("zzt").heard == ["confirm/ask"]


def test_a_learnt_no_about_another_kind_of_problem_is_none(asked):
    assert asked(category="basura").says("ahi esta saliendo agua nomas").rule == "report_instead"
    assert asked(contact_id=2).says(NOT_SO).heard == ["confirm/ask"]


def test_of_a_case_that_is_gone_no_place_and_no_problem_is_named_by_a_no(asked, monkeypatch):
    monkeypatch.setattr(intents, "guess", lambda *_: ("undone", 1.0))
    assert asked(contact_id=2).says("zzt").heard == ["confirm/past"]
    assert asked(contact_id=2).says("zzt en Kupini").heard == ["confirm/ask"]
    assert asked(contact_id=2).says("zzt agua").heard == ["confirm/ask"]


def test_the_problem_that_is_asked_about_is_no_other(asked):
    one = asked()
    assert intents.guess("no hay luz", one.facts.city)[0] == "report"
    assert one.says("no hay luz").rule == "answer"


def test_where_the_case_is_gone_a_no_is_an_answer(asked):
    assert asked(contact_id=2).says("no hay agua").rule == "answer"


def test_a_mark_that_nobody_asked_for_is_none(at):
    assert at("menu/main").says("1 mala la atencion").rule == "report_instead"


def test_a_report_instead_of_an_answer_leaves_the_case_to_a_late_one(asked):
    one = asked().says("hay mucha basura en la esquina de Munaypata")
    assert (one.rule, one.heard) == ("report_instead", ["report/thanks"])
    assert one.says("no sigue igual").rule == "late_answer"


def test_more_words_with_the_code_leave_the_question(asked):
    one = asked().says("482105930 los vecinos pusieron otro foco ellos mismos")
    assert isinstance(one.asked_for[0], AddNote)
    assert one.waits_at == "confirm/ask"


@pytest.mark.parametrize(("key", "said"), [("1", "confirm/rate"), ("2", "confirm/what_now"), ("3", "confirm/reopened")])
def test_by_keys_the_same(asked, key, said):
    assert asked().on(ChannelKind.USSD).dials().presses(key).heard == [said]


@pytest.mark.parametrize("text", ["no hay agua", "no hay luz"])
def test_another_complaint_instead_of_a_mark_is_a_report(phone, make_case, make_session, text):
    closed = make_case(status=CaseStatus.CLOSED)
    one = phone(closed, session=make_session("confirm/rate", code=MINE, verdict="yes")).says(text)
    assert (one.rule, one.heard) == ("report_instead", ["report/place"])


@pytest.mark.parametrize("text", ["no", "no gracias", "5", "muy bien"])
def test_what_is_no_complaint_is_no_report(phone, make_case, make_session, text):
    closed = make_case(status=CaseStatus.CLOSED)
    one = phone(closed, session=make_session("confirm/rate", code=MINE, verdict="yes")).says(text)
    assert one.rule in {"answer", "miss", "thanks"}
