"""Which dialog a text belongs to where no word commands: codes, answers, late answers, and reports."""

from dataclasses import replace

import pytest

from dialogs import engine
from dialogs.book import BOOK
from dialogs.cases import CaseStatus
from dialogs.effects import AddNote, OpenCase, ReopenCase

MINE = "482105930"

# Then a code, anywhere.


def test_a_code_outranks_the_question_that_waits_and_leaves_it(at):
    one = at("report/place")
    pending = one.session
    one.says("482105930")
    assert (one.rule, one.heard, one.session) == ("code", ["status/own"], pending)


@pytest.mark.parametrize("text", ["482105930 ahora se cayo un señor adentro", "ahora se cayo un señor 482-105-930"])
def test_a_story_with_ones_own_code_is_a_note(phone, make_case, text):
    one = phone(make_case()).says(text)
    assert (one.rule, one.heard) == ("note", ["note/done"])
    assert one.asked_for == [AddNote(code=MINE, text=text)]


@pytest.mark.parametrize(
    "text",
    [
        "482105930 por favor vengan",
        "482105930 cuando van a venir los trabajadores",
        "482105930 siguen los trabajadores del lugar alli?",
        "que paso con mi reclamo del poste 482105930",
    ],
)
def test_few_words_or_a_question_with_ones_own_code_asks_how_it_stands(phone, make_case, text):
    assert phone(make_case()).says(text).heard == ["status/own"]


def test_a_story_with_another_numbers_code_adds_nothing(phone, make_case):
    one = phone(make_case(contact_id=2)).says("482105930 ahora se cayo un señor adentro")
    assert (one.heard, one.asked_for) == (["status/stranger"], [])


def test_the_first_code_that_somebody_has_is_meant(phone, make_case):
    one = phone(make_case()).says("615302743 482105930")
    assert one.told["code"] == MINE


def test_digits_in_a_report_are_no_code(phone):
    assert phone().says("no hay luz hace 3 dias mi numero es 70000001 calle 12 de Sopocachi").rule == "report"


@pytest.mark.parametrize("text", ["615302743", "codigo 615302743 por favor", "que paso con mi caso 615302743"])
def test_a_code_that_nobody_has_is_told_so(phone, text):
    assert phone().says(text).rule == "code_unknown"


def test_a_valid_code_that_nobody_has_in_a_report_is_no_code(phone):
    assert phone().says("hay basura junto al medidor 615302743 de Sopocachi").rule == "report"


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("cuanto falta pa lo mio 615302743", "code_unknown"),
        ("6 1 5 3 0 2 7 4 3", "code_unknown"),
        ("6 1 5 3 0 2 7 4 3 1", "unknown"),
        ("a mi me dieron este de aqui 615302743 nomas", "code_unknown"),
        ("no hay agua en mi casa ni luz 615302743 en Sopocachi", "report"),
    ],
)
def test_a_valid_code_that_nobody_has_is_asked_about_unless_a_problem_is_told(phone, text, rule):
    assert phone().says(text).rule == rule


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("gracias por todo", "thanks"),
        ("gracias ya vinieron pero la basura sigue igual", "report"),
        ("gracias por nada alcalde un mes sin recojo de basura", "report"),
        ("buenas tardes señor, el muro se cae sobre mi casa", "report"),
        ("y mi reclamo, el talud se esta deslizando", "report"),
        ("quiero que me llamen, se esta cayendo el muro", "report"),
    ],
)
def test_courtesy_and_commands_never_hide_a_problem_or_a_danger(phone, text, rule):
    assert phone().says(text).rule == rule


def test_near_digits_among_many_words_are_no_code(phone, make_case):
    assert phone(make_case()).says("que pasa que no hay luz en el poste 482105931 de Sopocachi").rule == "report"


# Then an answer to what is pending, or a report that comes instead of one.


@pytest.mark.parametrize("where", ["menu/main", "confirm/ask", "status/choose", "cancel/what", "language/ask"])
def test_a_whole_complaint_instead_of_a_choice_is_a_report(at, where):
    one = at(where).says("hay mucha basura en la esquina de Munaypata")
    assert (one.rule, one.heard) == ("report_instead", ["report/thanks"])


@pytest.mark.parametrize("text", ["basura", "hay mucha basura", "algo que no se entiende nada"])
def test_few_words_or_unknown_ones_instead_of_a_choice_are_a_miss(at, text):
    assert at("menu/main").says(text).rule == "miss"


def test_a_verdict_about_the_problem_is_an_answer_and_no_report(at):
    one = at("confirm/ask").says("no, el poste sigue sin luz")
    assert (one.rule, one.heard) == ("answer", ["confirm/reopened"])


def test_a_complaint_is_an_answer_where_one_was_asked_for(at):
    assert at("report/place").says("frente al basural de la esquina").rule == "answer"


# Then a late answer to a confirmation.


@pytest.fixture
def asked(phone, make_case):
    return phone(make_case(status=CaseStatus.RESOLVED, asked=True))


def test_a_late_no_reopens(asked):
    one = asked.says("no sigue igual")
    assert (one.rule, one.heard) == ("late_answer", ["confirm/reopened"])
    assert isinstance(one.asked_for[0], ReopenCase)


def test_a_late_half_is_asked_what_to_do(asked):
    assert asked.says("a medias nomas").waits_at == "confirm/what_now"


def test_a_late_yes_to_a_case_that_moved_on_changes_nothing(phone, make_case):
    one = phone(make_case(status=CaseStatus.REOPENED, asked=True)).says("si")
    assert (one.heard, one.asked_for) == (["confirm/past"], [])


def test_no_where_nothing_was_asked_is_no_answer(phone, make_case):
    one = phone(make_case(status=CaseStatus.RESOLVED)).says("no")
    assert (one.rule, one.heard) == ("unknown", ["report/describe"])


def test_a_report_after_a_confirmation_is_a_report(asked):
    assert asked.says("hay mucha basura en la esquina de Munaypata").rule == "report"
    assert asked.says("no recogen la basura en la esquina hace dias Munaypata").rule == "report"


def test_a_text_about_another_matter_is_no_late_answer(asked):
    """ "No hay agua" begins like a no, and is no word about a lamp."""
    assert asked.says("no hay agua").rule == "report"


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        ("482105930 no sigue igual", "confirm/reopened"),
        ("482105930 si", "confirm/rate"),
        ("no 482105930", "confirm/reopened"),
    ],
)
def test_an_answer_with_the_code_of_the_case_is_the_answer(asked, text, heard):
    assert asked.says(text).heard == [heard]
    assert asked.rule == "code_answer"


@pytest.mark.parametrize("text", ["ok", "ya", "si", "si gracias"])
def test_assent_with_nothing_pending_needs_no_answer(phone, text):
    one = phone().says(text)
    assert (one.heard, one.session) == ([], None)


def test_few_words_that_are_no_verdict_are_no_late_answer(asked):
    assert asked.says("basura en Munaypata").rule == "report"


# Then it is a new report.


@pytest.mark.parametrize("text", ["", " ", "...", "123", "😡😡😡", "no", "a b c", "📷", "9 9 9 9 9"])
def test_what_tells_nothing_is_asked_and_counts_as_a_miss(phone, text):
    one = phone().says(text)
    assert (one.rule, one.heard, one.session.misses) == ("unknown", ["report/describe"], 1)


def test_what_tells_nothing_is_kept_to_a_bound(phone):
    assert len(phone().says("9 " * 500).session.answers["heard"]) == 200


@pytest.mark.parametrize("text", ["Mami ya llego a las 8 dejame cena", "son unos inutiles ladrones todos", "asdfgh"])
def test_what_is_not_for_the_city_is_asked_about_and_kept(phone, text):
    one = phone().says(text)
    assert (one.rule, one.heard, one.session.answers["heard"]) == ("unknown", ["report/describe"], text)


@pytest.mark.parametrize("text", ["2", "la 1 porfa", "opcion dos"])
def test_a_key_pressed_for_a_question_that_is_over_shows_the_menu(phone, text):
    one = phone().says(text)
    assert (one.rule, one.heard) == ("stray", ["menu/main"])


def test_anything_else_is_a_report(phone):
    assert phone().says("algo raro paso aqui con los vecinos").rule == "report"


def test_a_question_whose_time_is_over_is_no_question(at):
    one = at("confirm/ask")
    one.facts = replace(one.facts, now=one.session.expires_at)
    assert one.says("hola").heard == ["report/describe"]


def test_a_question_that_is_no_more_is_no_question(phone, make_session):
    assert phone(session=make_session("report/receipt")).says("hola").heard == ["report/describe"]


def test_the_rule_that_decided_is_kept(phone, make_case):
    step = phone(make_case()).says("482105930").last
    assert step.rule == "code"
    assert not any(isinstance(effect, OpenCase) for effect in step.effects)


def test_a_step_is_a_function(make_facts):
    known = make_facts()
    text = "no hay luz en Sopocachi"
    assert engine.step(BOOK, known, text) == engine.step(BOOK, known, text)


def test_a_complaint_that_mentions_a_neighbours_code_is_a_complaint(phone, make_case):
    text = "mi vecina reclamo 482105930 y en mi casa en Munaypata tambien no hay agua hace dos dias"
    assert phone(make_case(contact_id=2)).says(text).rule == "report"


@pytest.mark.parametrize(
    "text",
    [
        "mi ex me amenaza de muerte, que ya no me escriba",
        "me amenazan de muerte por celular, que no me escriban mas",
        "mi padrastro me pega, que ya no me escriba",
    ],
)
def test_who_is_threatened_is_not_opted_out_by_a_phrase(phone, text):
    assert phone().says(text).rule == "safety"


@pytest.mark.parametrize("text", ["mi cel es 71234567", "71234567"])
def test_a_telephone_number_is_no_damaged_code(phone, make_case, text):
    assert phone(make_case()).says(text).rule in {"report", "unknown"}


def test_an_advertisement_that_was_not_learnt_is_asked_about_and_kept(phone):
    text = "Su paquete esta retenido pague Bs 12 en bit.ly/x9zq"
    assert phone().says(text).rule == "unknown"


def test_a_number_beside_a_code_and_a_command_is_left_out(phone, make_case):
    assert phone(make_case()).says("1 retirar 482105930").heard == ["cancel/sure"]


def test_an_o_in_eight_digits_makes_them_a_damaged_code(phone):
    assert phone().says("7123456O").rule == "code_unknown"
    assert phone().says("712 345 6O").rule == "code_unknown"
    assert phone().says("712 345 60").rule != "code_unknown"


def test_a_code_in_words_is_what_a_text_is_about_as_one_in_digits(phone):
    said = "seiscientos quince, trescientos dos, setecientos cuarenta y tres"
    assert phone().says(f"aver fijese pues {said}").rule == "code_unknown"
    assert phone().says(said).rule == "code_unknown"
    assert phone().says(f"no hay agua hace tres dias en toda la calle {said}").rule == "report"


def test_eight_digits_near_ones_own_case_are_its_damaged_code(phone, make_case):
    assert phone(make_case("712345677")).says("71234567").heard == ["status/hint"]
