"""A reply to a notice: what joins it, what is a report all the same, what is asked; and no word of it is lost."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from dialogs import engine
from dialogs.book import BOOK, route
from dialogs.cases import CaseStatus
from dialogs.effects import KeepReply, LabelKind, OpenCase, Option, OptOut
from dialogs.facts import Facts, Need, NeedKind
from dialogs.messages import ChannelKind, SessionEvent
from dialogs.nodes import Silence, Start
from dialogs.outreach import Notice
from dialogs.reply import REPLY
from dialogs.understand import intents

NOW = datetime(2026, 3, 2, 14, tzinfo=UTC)
SENT = NOW - timedelta(hours=3)
WATER = Notice(id=7, text="Corte de agua el martes de 8 a 12 en Alto Tacagua No water on Tuesday", at=SENT)
MEETING = Notice(id=8, text="Reunion de vecinos el jueves a las 19 en la sede", at=SENT)
TWO_DAYS = timedelta(days=2)
THIS, BEFORE = KeepReply(notice=7), KeepReply(notice=7, this=False, before=True)


@pytest.fixture
def told(phone):
    """``told()``: somebody who got the notice of the water three hours ago."""

    def make(*cases, notice=WATER, **facts):
        one = phone(*cases, **{"replies_for": TWO_DAYS} | facts)
        one.notices = (notice,) if notice else ()
        return one

    return make


@pytest.fixture
def recent(make_case):
    """A case that was filed so long after the notice, or before it."""
    return lambda after, **more: make_case(opened_at=SENT + after, **more)


@pytest.mark.parametrize(
    "text",
    [
        "asta q ora va ser el corte?",
        "hasta que hora sera",
        "desde que hora es",
        "hasta cuando dura el corte",
        "para cuando vuelve",
        "cuando va a volver el agua",
        "cuanto va a durar",
        "y cuando vuelve",
        "y como hacemos para cocinar",
        "como hacemos sin agua",
        "por que cortan otra vez",
        "y nosotros por que no sabiamos",
        "porque no hay agua",
        "donde puedo preguntar",
        "y en mi calle tambien",
        "y en mi calle tambien?",
        "gracias por avisar hasta que hora sera",
        "hasta cuando dura el corte de agua",
        "hasta cuando dura pues el avance",
        "y tambien en la escuela",
        "tambien en la noche",
        "es verdad que cortan",
        "va a haber cisterna",
        "no hay agua?",
        "until what time",
        "will there be water in my street too?",
    ],
)
def test_a_question_joins_the_notice(told, text):
    one = told().says(text)
    assert (one.rule, one.heard, one.asked_for, one.session) == ("reply", ["reply/kept"], [THIS], None)
    assert one.told == {"sent": SENT}


@pytest.mark.parametrize(
    "text",
    [
        "no nos avisaron antes",
        "a mi no me dijeron nada",
        "nadie nos aviso de esto",
        "avisen antes por favor",
        "deben avisar con tiempo",
        "siempre lo mismo con ustedes",
        "otra vez lo mismo",
        "que mal servicio de agua",
        "ya es la tercera vez este mes del agua",
        "eso ya sabia del agua",
        "ya volvio el agua",
        "nobody told us before",
        "please tell us earlier",
        "ladrones inutiles",
        "gracias por la informacion pero avisen antes",
        "gracias por avisar avisen antes",
        "los felicito",
        "gracias por nada",
        "no voy a poder ir",
        "ya arreglaron el agua",
    ],
)
def test_so_does_a_remark_and_what_names_no_problem(told, text):
    one = told().says(text)
    assert (one.rule, one.heard, one.asked_for) == ("reply", ["reply/kept"], [THIS])


@pytest.mark.parametrize(
    "text",
    [
        "gracias",
        "gracias por avisar",
        "muchas gracias por el aviso",
        "se agradece",
        "bueno gracias por su informacion",
        "grasias por informar sobre el agua",
        "ya grasias señorita dios le pague",
        "gracias por informar cortan la calle",
        "corte de agua el martes gracias por avisarnos vecinos",
        "gracias por el dato cortan la calle",
        "thanks for letting us know",
        "thank you for the notice about water",
    ],
)
def test_thanks_join_it_and_are_answered_with_nothing(told, text):
    one = told().says(text)
    assert (one.rule, one.heard, one.asked_for, one.session) == ("reply_thanks", [], [THIS], None)


@pytest.mark.parametrize("text", ["no hay agua", "sigue sin agua", "there is no water", "agua"])
def test_what_may_be_either_is_asked(told, text):
    one = told().says(text)
    assert (one.rule, one.heard, one.asked_for, one.waits_at) == ("reply_asked", ["reply/which"], [], "reply/which")
    assert one.told == {"sent": SENT}
    assert list(one.offered) == [
        Option(key="1", value="reply_about", label=LabelKind.WORD, ref="reply_about"),
        Option(key="2", value="reply_other", label=LabelKind.WORD, ref="reply_other"),
    ]


@pytest.mark.parametrize("answer", ["1", "si", "es sobre el aviso"])
def test_about_the_notice(told, answer):
    one = told().says("no hay agua").says(answer)
    assert (one.heard, one.asked_for, one.session) == (["reply/kept"], [BEFORE], None)
    assert one.told == {"sent": SENT}


@pytest.mark.parametrize("answer", ["2", "no", "es otro problema"])
def test_about_another_problem_it_is_the_report_that_was_told(told, answer):
    one = told(place="alto-tacagua").says("no hay agua").says(answer)
    [opened] = one.asked_for
    assert isinstance(opened, OpenCase)
    assert (opened.category, opened.place, opened.description) == ("agua", "alto-tacagua", "no hay agua")
    assert one.heard == ["report/thanks"]


def test_who_is_not_understood_has_answered_the_notice_with_all_of_it(told):
    one = told().says("no hay agua").says("mmm").says("jjj")
    assert (one.heard, one.waits_at) == (["reply/which"], "reply/which")
    one.says("kkk")
    assert (one.rule, one.heard, one.session) == ("three_misses", ["reply/kept"], None)
    assert one.asked_for == [KeepReply(notice=7, this=True, before=True)]


def test_who_says_nothing_more_has_answered_it(told):
    one = told().says("no hay agua").is_silent_for_too_long()
    assert (one.heard, one.asked_for, one.session) == (["reply/kept"], [BEFORE], None)


def test_who_tells_something_else_instead_has_answered_it(told):
    one = told().says("no hay agua").says("no recogen la basura hace dias en Sopocachi")
    assert (one.rule, one.heard) == ("report_instead", ["reply/kept", "report/thanks"])
    assert one.asked_for[0] == BEFORE
    assert one.asked_for[1].category == "basura"


def test_who_takes_it_back_is_heard(told):
    one = told().says("no hay agua").says("cancelar")
    assert (one.heard, one.asked_for, one.session) == (["cancel/dropped"], [], None)


@pytest.mark.parametrize(
    "text",
    [
        "no hay agua en Villa Fatima",
        "no hay agua frente a la cancha",
        "hasta cuando no hay agua en la plaza",
        "there is no water next to the school",
        "there is no water in front of the school",
        "there is no water near my school",
    ],
)
def test_a_problem_and_where_it_is_are_a_report(told, text):
    assert told().says(text).rule == "report"


@pytest.mark.parametrize(
    "text",
    [
        "no recogen la basura",
        "y la basura cuando?",
        "cuando recogen la basura",
        "el poste de mi cuadra no prende",
        "gracias, pero el poste no prende",
        "gracias, no recogen la basura",
    ],
)
def test_another_matter_is_a_report(told, text):
    one = told().says(text)
    assert not [effect for effect in one.asked_for if isinstance(effect, KeepReply)]
    assert one.waits_at == "report/place"


def test_where_the_notice_is_about_no_problem_every_problem_is_another(told):
    assert told(notice=MEETING).says("no hay agua").waits_at == "report/place"
    assert told(notice=MEETING).says("donde queda la reunion").asked_for == [KeepReply(notice=8)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("BAJA", ["stop/done"]),
        ("ayuda", ["help/help"]),
        ("mi esposo me pega", ["safety/ask"]),
        ("en ingles por favor", ["language/done"]),
        ("propongo que pongan un parque", ["report/place"]),
        ("quiero hablar con una persona", ["person/done"]),
        ("mami ya llego", ["report/describe"]),
        ("buenas tardes", ["report/describe"]),
        ("...", ["report/describe"]),
        ("1", ["menu/main"]),
        ("que obras hay en Alto Tacagua?", ["project/none"]),
        ("cuando termina la obra", ["project/where"]),
        ("que estan haciendo", ["project/where"]),
        ("que mal, mi tio me pega", ["safety/ask"]),
        ("info proyecto", ["project/where"]),
        ("615302743", ["status/unknown"]),
    ],
)
def test_what_is_something_else_is_what_it_was(told, text, said):
    one = told().says(text)
    assert one.heard == said
    assert not [effect for effect in one.asked_for if isinstance(effect, KeepReply)]


@pytest.mark.parametrize(
    "text", ["se cae un muro sobre el agua?", "el inspector me pidio coima por el agua?", "que mal, todo bajo la mesa"]
)
def test_danger_and_secrets_are_cases(told, text):
    [opened, *_] = told().says(text).asked_for
    assert isinstance(opened, OpenCase)
    assert opened.priority or opened.confidential


def test_what_is_learnt_to_be_told_in_secret_is_a_remark_where_it_is_short(told):
    assert told().says("no nos avisaron antes").asked_for == [THIS]
    [opened, *_] = (
        told().says("no nos dijeron que la directora le pide favores a la chica para dejarla pasar").asked_for
    )
    assert isinstance(opened, OpenCase)
    assert opened.confidential
    assert told().says("no nos avisaron la directora pide").asked_for == [THIS]
    for text in ("no nos avisaron la directora pide cosas", "la directora le pide cosas raras"):
        [opened, *_] = told().says(text).asked_for
        assert (type(opened), opened.confidential) == (OpenCase, True)


def test_what_a_notice_is_about_may_be_learnt_too(told):
    cut = Notice(id=7, text="Corte programado el martes de 8 a 12", at=SENT)
    assert told(notice=cut).says("no hay agua").rule == "reply_asked"
    assert told(notice=cut).says("no recogen la basura").waits_at == "report/place"


def test_an_ok_needs_nothing(told):
    one = told().says("ok")
    assert (one.rule, one.asked_for) == ("assent", [])


@pytest.mark.parametrize("text", ["hasta que hora sera", "gracias", "no hay agua", "hasta cuando dura"])
def test_who_got_no_notice_is_read_as_ever(told, phone, text):
    before = phone().says(text)
    for one in (told(notice=None), told(replies_for=timedelta(0))):
        one.says(text)
        assert (one.rule, one.heard, one.asked_for) == (before.rule, before.heard, [])


@pytest.mark.parametrize("text", ["hasta que hora sera", "gracias", "hasta cuando dura", "no hay agua"])
def test_the_store_is_asked_only_where_it_matters(make_facts, text):
    facts = make_facts(replies_for=TWO_DAYS)
    assert route(facts, text, SessionEvent.NONE) == Need(kind=NeedKind.NOTICE)
    assert not isinstance(route(replace(facts, replies_for=timedelta(0)), text, SessionEvent.NONE), Need)


@pytest.mark.parametrize(
    "text", ["no hay agua en Villa Fatima", "se cae un muro", "BAJA", "menu", "que obras hay", "ok"]
)
def test_and_never_for_what_is_no_reply_to_any_notice(make_facts, text):
    assert not isinstance(route(make_facts(replies_for=TWO_DAYS), text, SessionEvent.NONE), Need)


def test_where_a_question_waits_nothing_is_a_reply(told, make_session):
    one = told(session=make_session("report/place", description="hay un bache", category="vias"))
    for text in ("gracias", "hasta cuando dura", "hasta que hora sera"):
        one.says(text)
        assert not [effect for effect in one.asked_for if isinstance(effect, KeepReply)]


@pytest.mark.parametrize("text", ["gracias", "hasta cuando dura", "hasta que hora sera"])
def test_nor_on_a_screen(make_facts, text):
    facts = make_facts(replies_for=TWO_DAYS, channel_kind=ChannelKind.USSD)
    assert not isinstance(route(facts, text, SessionEvent.RESUME), Need)


def test_a_question_about_it_can_be_answered_on_a_screen(told):
    one = told().says("no hay agua").on(ChannelKind.USSD).dials().presses("1")
    assert (one.heard, one.waits_at) == (["reply/which"], "reply/which")
    assert (one.presses("1").heard, one.asked_for) == (["reply/kept"], [BEFORE])


def test_after_a_receipt_only_what_shares_a_word_is_a_reply(told, recent):
    case = recent(timedelta(minutes=90))
    one = told(case)
    assert (one.says("gracias").rule, one.asked_for) == ("thanks", [])
    assert one.says("avisen con mas tiempo").rule != "reply"
    one = told(case)
    assert one.says("y el corte de agua hasta que hora es").asked_for == [THIS]
    assert told(case).says("no es del 8 al 12?").rule != "reply"


def test_what_was_filed_before_the_notice_matters_not(told, recent):
    for after in (timedelta(0), timedelta(days=-5)):
        assert told(recent(after)).says("hasta que hora sera").asked_for == [THIS]
        assert told(recent(after)).says("gracias").asked_for == [THIS]


def test_word_of_a_solution_is_heard_too(told, recent):
    solved = {"status": CaseStatus.RESOLVED, "resolved_at": SENT + timedelta(hours=1)}
    assert told(recent(timedelta(days=-5), **solved)).says("gracias").asked_for == []
    earlier = {"status": CaseStatus.RESOLVED, "resolved_at": SENT - timedelta(hours=1)}
    assert told(recent(timedelta(days=-5), **earlier)).says("gracias").asked_for == [THIS]


def test_how_a_case_stands_is_word_of_the_case(told, recent):
    case = recent(timedelta(days=-5))
    one = told(case).says("todavia no arreglan nada")
    assert (one.rule, one.heard) == ("undone", ["note/done"])
    assert told().says("todavia no arreglan nada").rule == "reply_asked"
    hidden = recent(timedelta(days=-5), confidential=True)
    assert told(hidden).says("todavia no arreglan nada").rule == "reply_asked"
    assert told(case).says("todavia no vuelve el agua").rule == "reply_asked"


def test_what_a_dialog_is_told(make_facts):
    facts: Facts = make_facts(replies_for=TWO_DAYS, notices=(WATER,))
    kept = {"notice": 7, "noticed_at": int(SENT.timestamp())}
    assert route(facts, "hasta que hora", SessionEvent.NONE) == Start(
        dialog="reply", rule="reply", step="keep", answers=kept
    )
    assert route(facts, "gracias", SessionEvent.NONE) == Silence(rule="reply_thanks", effects=(THIS,))
    asked = route(facts, "no hay agua", SessionEvent.NONE)
    assert isinstance(asked, Start)
    assert (asked.step, asked.answers["category"], asked.answers["description"]) == (None, "agua", "no hay agua")
    assert {name: asked.answers[name] for name in kept} == kept


def test_a_step_asks_and_then_answers(make_facts):
    facts = make_facts(replies_for=TWO_DAYS)
    assert engine.step(BOOK, facts, "gracias") == Need(kind=NeedKind.NOTICE)
    step = engine.step(BOOK, replace(facts, notices=(WATER,)), "gracias")
    assert (step.effects, step.rule, step.session) == ((THIS,), "reply_thanks", None)


def test_what_the_dialog_looks_like():
    assert (REPLY.start, REPLY.on_expire, REPLY.aside) == ("which", "keep_before", False)
    assert REPLY.steps["kept"].params(None, {}) == {"sent": datetime(1970, 1, 1, tzinfo=UTC)}


def test_to_opt_out_stays_first(told):
    one = told().says("no hay agua").says("BAJA")
    assert [effect for effect in one.asked_for if isinstance(effect, OptOut)] == [OptOut()]


@pytest.mark.parametrize(
    "text",
    [
        "cuando vuelve el agua",
        "y cuanto falta el agua",
        "los vecinos hasta que hora esperamos",
        "los vecinos hasta cuando esperamos",
        "los vecinos preguntan por que",
        "porque sin agua los vecinos",
        "como hacemos los vecinos",
        "donde queda la junta de vecinos",
        "donde puedo ver a la junta de vecinos",
        "donde podemos ver a los vecinos",
        "y en mi calle tambien",
        "y tambien en la calle",
        "tambien en la calle",
        "es verdad que los vecinos",
        "va a haber agua",
        "when will the street have it",
        "a los vecinos no nos avisaron",
        "nadie nos aviso a los vecinos",
        "avisen antes a los vecinos",
        "siempre lo mismo vecinos",
        "otra vez lo mismo vecinos",
        "que mal servicio",
        "tercera vez vecinos",
        "los vecinos ya sabiamos",
        "el agua ya regreso a la calle",
        "nobody warned us in the street",
        "tell us earlier in the street",
    ],
)
def test_each_way_of_asking_and_remarking_is_known_where_a_word_may_tell_of_a_wrong(told, text):
    assert told().says(text).rule == "reply"


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("no quiero maquina", "learnt"),
        ("perdon me confundi", "learnt"),
        ("bns dias", "greeting"),
        ("quienes son ustedes", "learnt"),
        ("aymar aruta", "learnt"),
        ("podrian poner una cancha en el terreno baldio de arriba", "learnt"),
        ("sakenme d sus mensajitos ya pues", "notices_off"),
        ("metanme otra ves en la lista", "notices_on"),
        ("q opsiones mas tienen", "learnt"),
    ],
)
def test_a_wish_that_was_learnt_is_no_reply(told, text, rule):
    assert told().says(text).rule == rule


def test_a_wish_that_is_only_likely_is_a_reply(told):
    one = told()
    name, probability = intents.guess("y en mi zona tambien", one.facts.city)
    assert (name, probability < intents.CERTAIN) == ("help", True)
    assert one.says("y en mi zona tambien").rule == "reply"


@pytest.mark.parametrize(
    ("text", "rule"), [("hay novedad?", "learnt"), ("ya arreglaron", "done"), ("te has equivocado", "denied")]
)
def test_each_word_of_a_case_is_of_the_case(told, recent, text, rule):
    assert told(recent(timedelta(days=-5))).says(text).rule == rule


@pytest.mark.parametrize(
    "text",
    ["donde queda la cancha", "y donde sera la cancha?", "y donde es la cancha"],
)
def test_who_asks_the_way_names_no_problem(told, text):
    assert told().says(text).rule == "reply"


def test_who_tells_a_problem_and_asks_the_way_has_told_it(told):
    meeting = Notice(id=7, text="Reunion de vecinos el jueves en la sede", at=SENT)
    for text in (
        "hay basura acumulada y donde es el botadero",
        "donde es para reclamar la basura que no recogen hace semanas",
    ):
        assert told(notice=meeting).says(text).rule == "report"


def test_a_word_of_four_letters_is_shared(told, recent):
    assert told(recent(timedelta(minutes=90))).says("hasta que hora el agua").asked_for == [THIS]


def test_who_asks_of_works_by_name_is_told_of_works_whatever_the_notice(told):
    works = Notice(id=9, text="La obra de asfaltado empieza el lunes", at=SENT)
    one = told(notice=works).says("que obras hay?")
    assert (one.heard, one.asked_for) == (["project/where"], [])
    assert told(notice=works).says("cuando termina la obra").asked_for == [KeepReply(notice=9)]
