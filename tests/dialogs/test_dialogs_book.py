"""Which dialog a text belongs to, by its words: opt-out, danger, commands, courtesy, each in its order and its limits."""

import pytest

from dialogs.book import BOOK, COMMANDS
from dialogs.cases import CaseStatus
from dialogs.effects import AddNote, OptIn, OptOut
from dialogs.messages import ChannelKind

# Opt-out words come first, in every state.


@pytest.mark.parametrize("text", ["BAJA", "stop", "no quiero mas mensajes", "salir", "BAJA gracias"])
def test_a_stop_stops_in_every_state_and_leaves_what_was_pending(at, state, text):
    one = at(state)
    pending = one.session
    one.says(text)
    assert (one.rule, one.heard, one.asked_for) == ("stop", ["stop/done"], [OptOut()])
    assert one.session == pending


def test_alto_stops_everywhere_but_where_a_place_was_asked(at, state):
    assert (at(state).says("ALTO").rule == "stop") == (state != "report/place")


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


def test_violence_is_heard_in_every_state(at, state):
    one = at(state).says("mi marido me pega tengo miedo")
    assert (one.rule, one.heard[-1]) == ("miss" if state == "safety/ask" else "safety", "safety/ask")


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


@pytest.mark.parametrize("text", ["ayuda", "estado", "alta"])
def test_an_aside_leaves_the_question_that_waits(at, question, text):
    one = at(question)
    pending = None if (question, text) == ("status/choose", "estado") else one.session
    assert (one.says(text).rule, one.session) == ("command", pending)


def test_naming_a_language_leaves_the_question_that_waits_unless_it_was_for_one(at, question):
    one = at(question)
    pending = None if question == "language/ask" else one.session
    assert (one.says("english").heard, one.session) == (["language/done"], pending)


def test_a_command_outranks_the_question_that_waits(at, question):
    assert at(question).says("menu").waits_at == "menu/main"


def test_cancel_ends_the_question_that_waits(at, question):
    """Where the question is ours, there is nothing of theirs to end: they may mean the messages, or the case."""
    one = at(question).says("cancelar")
    if question.startswith("confirm/"):
        assert (one.rule, one.heard, one.waits_at) == ("command", ["cancel/what"], "cancel/what")
    else:
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


def test_a_greeting_shows_again_what_is_pending(at, question):
    one = at(question)
    pending = one.session
    one.says("hola")
    assert (one.rule, one.heard, one.session) == ("greeting", [question], pending)


def test_a_greeting_before_a_report_is_part_of_it(phone):
    assert phone().says("hola buenas no hay luz en Sopocachi").rule == "report"


def test_thanks_need_no_answer(at, state):
    one = at(state)
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


def test_a_report_that_mentions_a_language_is_one_also_where_a_language_is_asked_for(phone):
    one = phone().says("idioma")  # as it happens: the question is about no case
    assert one.waits_at == "language/ask"
    assert one.says("hay un bache enorme frente al colegio ingles en Sopocachi").rule == "report_instead"


@pytest.mark.parametrize("text", ["ya esta arreglado", "arreglado", "it is fixed"])
def test_word_that_it_is_mended_is_kept_with_the_one_case(phone, make_case, text):
    case = make_case()
    assert phone(case).says(text).asked_for == [AddNote(code=case.code, text=text)]


def test_word_that_it_is_mended_is_asked_back_where_it_asks_or_may_be_of_many(phone, make_case):
    assert phone(make_case()).says("ya esta arreglado?").heard == ["status/own"]
    assert phone(make_case(), make_case("739184529")).says("ya esta arreglado").heard == ["status/choose"]


@pytest.mark.parametrize("text", ["ya esta arreglado", "ok", "👍"])
def test_assent_of_who_has_no_case_needs_no_answer(phone, text):
    assert phone().says(text).heard == []


@pytest.mark.parametrize("text", ["🙏🙏", "👍", "oks grax", "yusulpayki"])
def test_signs_and_short_thanks_need_no_answer(phone, make_case, text):
    assert phone(make_case()).says(text).heard == []


def test_advertising_is_asked_about_and_never_filed(phone):
    assert phone().says("GANASTE 500 Bs! llama ya al 70009999 y reclama tu premio").heard == ["report/describe"]


def test_anger_is_no_description(make_session, phone):
    one = phone(session=make_session("report/describe"))
    assert (one.says("ladrones d porkeria").rule, one.waits_at) == ("miss", "report/describe")
    assert one.says("no hay luz en Kupini").heard == ["report/thanks"]


@pytest.mark.parametrize("text", ["que paso con nuestros reclamos", "y nuestro reclamo", "any news about my case"])
def test_how_ours_stand_is_asked(phone, text):
    assert phone().says(text).heard == ["status/none"]


@pytest.mark.parametrize(
    "text", ["cuatro ocho dos uno cero cinco nueve tres cero", "es el kuatro ocho dos 105 nueve tres sero"]
)
def test_a_code_read_aloud_is_no_story(phone, make_case, text):
    assert phone(make_case()).says(text).heard == ["status/own"]


def test_words_beside_a_code_read_aloud_are_a_story(phone, make_case):
    one = phone(make_case()).says("cuatro ocho dos uno cero cinco nueve tres cero se cayo una señora ahi")
    assert one.heard == ["note/done"]


def test_numbers_beside_a_written_code_are_words(phone, make_case):
    assert phone(make_case()).says("482105930 uno dos tres probando").heard == ["note/done"]


def test_what_came_back_by_itself_may_be_taken_back(phone, make_case):
    assert phone(make_case()).says("ya no es necesario ya llego la luz").heard == ["cancel/what"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("al 482105930 agreguen que una señora no ve por donde va", "note/done"),
        ("482105930 ahora el carro de basura tampoco pasa por el hueco", "note/done"),
        ("482105930 va o no va", "status/own"),
        ("482105930 quisiera saber que pasa con lo que les dije", "status/own"),
    ],
)
def test_a_word_that_asks_may_stand_in_a_story(phone, make_case, text, said):
    assert phone(make_case()).says(text).heard == [said]
