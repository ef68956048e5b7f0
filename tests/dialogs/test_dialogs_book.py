"""Which dialog a text belongs to: every rule in its order, and against its neighbours."""

from dataclasses import replace

import pytest

from dialogs import engine
from dialogs.book import BOOK, COMMANDS
from dialogs.cases import CaseStatus
from dialogs.effects import AddNote, OpenCase, OptIn, OptOut, ReopenCase
from dialogs.messages import ChannelKind, SessionEvent
from dialogs.nodes import Ask, Choose

MINE = "482105930"
QUESTIONS = [
    f"{dialog.name}/{name}"
    for dialog in BOOK.dialogs.values()
    for name, node in dialog.steps.items()
    if isinstance(node, Ask | Choose)
]
#: What makes each question possible: a case, a description.
ANSWERED = {"code": MINE, "description": "hay un bache", "verdict": "half"}


@pytest.fixture
def at(phone, make_case, make_session):
    """``at("confirm/ask")``: a telephone of which this was asked, about a resolved case of theirs."""

    def make(where: str, **more):
        resolved = make_case(status=CaseStatus.RESOLVED)
        return phone(resolved, session=make_session(where, **ANSWERED), **more)

    return make


# Opt-out words come first, in every state.


@pytest.mark.parametrize("where", [None, *QUESTIONS])
@pytest.mark.parametrize("text", ["BAJA", "stop", "no quiero mas mensajes", "salir", "BAJA gracias"])
def test_a_stop_stops_in_every_state_and_leaves_what_was_pending(at, phone, where, text):
    one = phone() if where is None else at(where)
    pending = one.session
    one.says(text)
    assert (one.rule, one.heard, one.asked_for) == ("stop", ["stop/done"], [OptOut()])
    assert one.session == pending


@pytest.mark.parametrize("where", [None, *QUESTIONS])
def test_alto_stops_everywhere_but_where_a_place_was_asked(at, phone, where):
    one = (phone() if where is None else at(where)).says("ALTO")
    assert (one.rule == "stop") == (where != "report/place")


@pytest.mark.parametrize("text", ["alto", "Alto.", " ALTO ", "bajo"])
def test_alto_and_bajo_begin_a_places_name_where_one_was_asked(at, text):
    one = at("report/place").says(text)
    assert (one.rule, one.asked_for) == ("miss", [])
    assert one.says(f"{text} tacagua").heard == ["report/thanks"]


def test_baja_is_no_beginning_of_a_place(at):
    assert at("report/place").says("baja").rule == "stop"


def test_alto_stops_while_an_offer_to_go_on_stands(at):
    one = at("report/place").on(ChannelKind.USSD).dials()
    assert one.on(ChannelKind.SMS).says("alto").rule == "stop"


def test_a_stop_word_inside_a_report_is_a_report(phone):
    assert phone().says("no hay luz en la zona baja de Sopocachi ya basta").rule == "report"


def test_a_stop_outranks_danger(phone):
    assert phone().says("stop").rule == "stop"
    assert phone().says("mi marido me pega, stop").rule == "safety"


# Then what may endanger a person.


@pytest.mark.parametrize("where", [None, *(where for where in QUESTIONS if where != "safety/ask")])
def test_violence_is_heard_in_every_state(at, phone, where):
    one = (phone() if where is None else at(where)).says("mi marido me pega tengo miedo")
    assert (one.rule, one.heard) == ("safety", ["safety/ask"])


def test_violence_outranks_a_code(phone, make_case):
    assert phone(make_case()).says("482105930 el inspector me amenaza").rule == "safety"


def test_who_was_asked_already_is_not_asked_from_the_beginning(at):
    assert at("safety/ask").says("mi marido me pega").rule == "miss"


# Then a command that is the whole message.


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("AYUDA", "help/help"),
        ("ayuda porfa", "help/help"),
        ("alluda", "help/help"),
        ("?", "help/help"),
        ("menu", "menu/main"),
        ("estado", "status/none"),
        ("reclamo", "report/describe"),
        ("quiero hablar con una persona", "person/done"),
        ("ALTA", "start/done"),
        ("idioma", "language/ask"),
        ("english", "language/done"),
        ("cancelar", "cancel/what"),
        ("gracias estado", "status/none"),
    ],
)
def test_a_command_alone_is_obeyed(phone, text, said):
    one = phone().says(text)
    assert (one.rule, one.heard) == ("command", [said])


@pytest.mark.parametrize(
    "text",
    [
        "ayuda! entra tierra a mi casa",
        "el menu del comedor escolar de Sopocachi esta malogrado",
        "reclamo por la basura en Sopocachi",
        "quiero reportar un poste caido en Sopocachi",
        "no cancelan la basura en la esquina de Sopocachi",
    ],
)
def test_a_command_inside_a_longer_text_is_a_report(phone, text):
    assert phone().says(text).rule == "report"


@pytest.mark.parametrize("where", [where for where in QUESTIONS if where != "status/choose"])
@pytest.mark.parametrize("text", ["ayuda", "estado", "alta"])
def test_an_aside_leaves_the_question_that_waits(at, where, text):
    one = at(where)
    pending = one.session
    assert (one.says(text).rule, one.session) == ("command", pending)


def test_an_aside_that_is_asked_for_again_leaves_no_old_question_of_its_own(at):
    assert at("status/choose").says("estado").session is None
    assert at("language/ask").says("english").session is None


@pytest.mark.parametrize("where", QUESTIONS)
def test_a_command_outranks_the_question_that_waits(at, where):
    assert at(where).says("menu").waits_at == "menu/main"


@pytest.mark.parametrize("where", QUESTIONS)
def test_cancel_ends_the_question_that_waits(at, where):
    one = at(where).says("cancelar")
    assert (one.rule, one.heard, one.session) == ("command", ["cancel/dropped"], None)


def test_opting_in_is_asked_for(phone):
    assert phone().says("alta").asked_for == [OptIn()]


def test_every_command_has_its_dialog():
    assert set(COMMANDS.values()) <= set(BOOK.dialogs)


# Then greeting or thanks alone.


@pytest.mark.parametrize("text", ["hola", "Buenas tardes", "hola buen dia", "hello"])
def test_a_greeting_asks_what_happened(phone, text):
    one = phone().says(text)
    assert (one.rule, one.heard) == ("greeting", ["report/describe"])


@pytest.mark.parametrize("where", QUESTIONS)
def test_a_greeting_shows_again_what_is_pending(at, where):
    one = at(where)
    pending = one.session
    one.says("hola")
    assert (one.rule, one.heard, one.session) == ("greeting", [where], pending)


def test_a_greeting_before_a_report_is_part_of_it(phone):
    assert phone().says("hola buenas no hay luz en Sopocachi").rule == "report"


@pytest.mark.parametrize("where", [None, *QUESTIONS])
def test_thanks_need_no_answer(at, phone, where):
    one = phone() if where is None else at(where)
    pending = one.session
    one.says("muchas gracias")
    assert (one.rule, one.last.effects, one.session) == ("thanks", (), pending)


def test_yes_thanks_is_no_answer_where_none_is_waited_for(phone, at):
    assert phone().says("si gracias").rule == "thanks"
    assert at("report/place").says("ok gracias").rule == "thanks"


def test_yes_thanks_is_an_answer_where_one_is_waited_for(at):
    assert at("safety/ask").says("si gracias").heard == ["safety/called"]
    assert at("confirm/ask").says("si muchas gracias").heard == ["confirm/rate"]
    assert at("confirm/rate").says("muy bien gracias").heard == ["confirm/thanks"]


def test_yes_thanks_is_a_late_answer(phone, make_case):
    one = phone(make_case(status=CaseStatus.RESOLVED, asked=True)).says("si gracias")
    assert (one.rule, one.heard) == ("late_answer", ["confirm/rate"])


def test_a_screen_is_never_left_empty_by_thanks(ussd_phone):
    one = ussd_phone().dials().presses("gracias")
    assert (one.rule, one.heard) == ("miss", ["menu/main"])


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


def test_few_words_that_are_no_verdict_are_no_late_answer(asked):
    assert asked.says("basura en Munaypata").rule == "report"


# Then it is a new report.


@pytest.mark.parametrize("text", ["", " ", "...", "123", "😡😡😡", "si", "a b c", "📷"])
def test_what_tells_nothing_is_asked_and_counts_as_a_miss(phone, text):
    one = phone().says(text)
    assert (one.rule, one.heard, one.session.misses) == ("unknown", ["report/describe"], 1)


def test_what_tells_nothing_is_kept_to_a_bound(phone):
    assert len(phone().says("9 " * 500).session.answers["heard"]) == 200


def test_anything_else_is_a_report(phone):
    assert phone().says("mamani quispe condori").rule == "report"


# USSD.


def test_a_dial_shows_the_menu(ussd_phone):
    one = ussd_phone().dials()
    assert (one.rule, one.heard) == ("dialled", ["menu/main"])
    assert len(one.offered) == 5


def test_a_dial_while_a_confirmation_waits_shows_it_first(at):
    one = at("confirm/ask").on(ChannelKind.USSD).dials()
    assert (one.rule, one.heard, one.waits_at) == ("confirmation_waits", ["confirm/ask"], "confirm/ask")


def test_a_dial_after_a_confirmation_was_talked_over_shows_it_first(ussd_phone, make_case):
    one = ussd_phone(make_case(), make_case("615302743", status=CaseStatus.RESOLVED, asked=True)).dials()
    assert (one.rule, one.heard) == ("confirmation_waits", ["confirm/ask"])
    assert one.presses("1").told["code"] == "615302743"


def test_a_dial_shows_the_menu_anew_where_only_the_menu_was_left(ussd_phone):
    assert ussd_phone().dials().dials().rule == "dialled"


@pytest.mark.parametrize("where", [where for where in QUESTIONS if where.split("/")[0] not in ("menu", "confirm")])
def test_a_dial_offers_to_go_on_with_what_was_left(at, where):
    one = at(where).on(ChannelKind.USSD)
    pending = one.session
    one.dials()
    assert (one.rule, one.heard) == ("unfinished", ["resume/ask"])
    assert [option.value for option in one.offered] == ["continue", "restart"]
    one.presses("1")
    assert (one.rule, one.heard, one.session) == ("resumed", [where], pending)


def test_a_dial_may_begin_again(at):
    one = at("report/place").on(ChannelKind.USSD).dials().presses("2")
    assert (one.rule, one.heard, one.waits_at) == ("restarted", ["menu/main"], "menu/main")


def test_who_answers_the_old_question_at_once_need_not_be_offered_it(at):
    one = at("report/place").on(ChannelKind.USSD).dials().presses("Sopocachi")
    assert one.heard == ["report/thanks (sms)", "report/thanks"]


def test_a_question_said_again_ends_the_offer(phone, make_session):
    one = phone(session=make_session("report/category", description="ayuda vengan", place="sopocachi"))
    one.on(ChannelKind.USSD).dials().hangs_up()
    assert one.heard == ["report/category (sms)"]
    chosen = one.offered[0].value
    one.on(ChannelKind.SMS).says("1")
    assert one.heard == ["report/thanks"]
    assert one.told["category"] == chosen


@pytest.mark.parametrize("where", [None, *(where for where in QUESTIONS if not where.startswith("report/"))])
def test_a_line_that_breaks_says_nothing(at, ussd_phone, where):
    one = ussd_phone() if where is None else at(where).on(ChannelKind.USSD)
    pending = one.session
    one.hangs_up()
    assert (one.rule, one.last.effects, one.session) == ("dropped", (), pending)


@pytest.mark.parametrize("where", ["report/category", "report/place"])
def test_a_line_that_breaks_in_a_report_asks_on_by_sms(at, where):
    one = at(where).on(ChannelKind.USSD).hangs_up()
    assert (one.rule, one.heard, one.waits_at) == ("dropped", [f"{where} (sms)"], where)


def test_a_dial_and_a_broken_line_are_not_read_as_texts(phone):
    assert phone().says("BAJA", SessionEvent.NEW).rule == "dialled"
    assert phone().says("BAJA", SessionEvent.CLOSE).rule == "dropped"


def test_a_hop_after_the_session_was_forgotten_shows_the_menu(ussd_phone):
    assert ussd_phone().presses("3").heard == ["menu/main"]
    assert ussd_phone().presses("hay basura en Munaypata").heard == ["menu/main"]


def test_a_stop_is_obeyed_on_a_screen(ussd_phone):
    one = ussd_phone().dials().presses("baja")
    assert (one.heard, one.asked_for) == (["stop/done"], [OptOut()])


def test_a_question_whose_time_is_over_is_no_question(at):
    one = at("confirm/ask")
    one.facts = replace(one.facts, now=one.session.expires_at)
    assert one.says("hola").heard == ["report/describe"]


def test_a_question_that_is_no_more_is_no_question(phone, make_session):
    assert phone(session=make_session("report/how_urgent")).says("hola").heard == ["report/describe"]


def test_the_rule_that_decided_is_kept(phone, make_case):
    step = phone(make_case()).says("482105930").last
    assert step.rule == "code"
    assert not any(isinstance(effect, OpenCase) for effect in step.effects)


def test_a_step_is_a_function(make_facts):
    known = make_facts()
    text = "no hay luz en Sopocachi"
    assert engine.step(BOOK, known, text) == engine.step(BOOK, known, text)
