"""Added: who goes on telling what they have just told, or are just asked about, opens no second case."""

from datetime import timedelta

import pytest

from dialogs.added import SOON
from dialogs.cases import CaseStatus
from dialogs.effects import AddNote, OpenCase
from dialogs.understand import categories, safety


@pytest.fixture
def told_just_now(phone, make_case, now):
    """A telephone that reported a street light in Sopocachi five minutes ago."""

    def make(**more):
        return phone(make_case(**{"opened_at": now - timedelta(minutes=5)} | more), place="sopocachi")

    return make


@pytest.mark.parametrize(
    "text",
    [
        "y tambien esta doblado el fierro",
        "tb esta doblado el fierro",
        "ademas parpadea toda la noche",
        "ah me olvide es en la calle 8 alado del kinder",
        "me falto decirles que es la casa verde",
        "perdon no es la calle 3 es la 5",
        "y es frente al kinder",
        "gracias pero hasta ahora no vienen",
        "y tambien el foco del frente no prende",
        "also it blinks all night",
        "pero sigue parpadeando de noche",
        "esto me olvide decirles es un poste de madera",
        "se me olvido la esquina es la de la farmacia",
        "and also the cable hangs",
        "i forgot to say it is a wooden pole",
        "it is near the kiosk",
        "joven me falto decirle parpadea toda la noche",
        "y tambien en Sopocachi el foco de la esquina no prende",  # the like, there
    ],
)
def test_who_goes_on_is_noted(told_just_now, make_case, text):
    one = told_just_now().says(text)
    assert (one.rule, one.heard) == ("added", ["note/done"])
    assert one.asked_for[0] == AddNote(code=make_case().code, text=text)
    assert one.session is None


@pytest.mark.parametrize(
    "text",
    [
        "y tambien no recogen la basura",  # surely something else
        "y tambien en Kupini el foco no prende",  # the like somewhere else
        "no recogen la basura",
    ],
)
def test_what_is_something_else_is_a_report(told_just_now, text):
    assert [type(effect) for effect in told_just_now().says(text).asked_for] == [OpenCase]


WORDS = "no ay lus en la kancha desde ayer"


@pytest.mark.parametrize("text", [WORDS, "No hay luz en la cancha, desde ayer!!"])
def test_the_same_words_once_more_are_answered_with_how_it_stands(told_just_now, make_case, text):
    one = told_just_now(description=WORDS).says(text)
    assert (one.rule, one.heard, one.asked_for, one.session) == ("told_twice", ["status/own"], [], None)
    assert one.told["code"] == make_case().code


def test_of_several_it_is_the_case_that_these_words_opened(phone, make_case, now):
    fresh = {"opened_at": now - timedelta(hours=2)}
    one = phone(make_case(**fresh), make_case("739184529", description=WORDS, **fresh)).says(WORDS)
    assert (one.rule, one.told["code"]) == ("told_twice", "739184529")


@pytest.mark.parametrize("more", [{"confidential": True}, {"status": CaseStatus.RESOLVED}, {"contact_id": 2}])
def test_what_is_secret_over_or_anothers_is_not_told_of(told_just_now, more):
    assert told_just_now(description=WORDS, **more).says(WORDS).rule == "report"


def test_a_day_later_the_same_words_are_told_anew(told_just_now, now):
    day = timedelta(days=1)
    assert told_just_now(description=WORDS, opened_at=now - day).says(WORDS).rule == "report"
    assert told_just_now(description=WORDS, opened_at=now - day + timedelta(seconds=1)).says(WORDS).rule == "told_twice"


def test_in_danger_every_text_is_acted_on(told_just_now):
    text = "se cae el muro de la escuela"
    [opened, *_] = told_just_now(description=text).says(text).asked_for
    assert (type(opened), opened.priority) == (OpenCase, True)


def test_what_no_word_of_the_city_names_is_no_other_problem(told_just_now, city):
    text = "y tambien el ensayo de la morenada a las 8 y traer matraca"
    guess = categories.guess(text, city)
    assert (guess.sure, guess.heard, guess.best == "agua") == (True, False, False)  # or this shows nothing
    assert told_just_now(category="agua").says(text).rule == "added"


def test_a_wish_not_to_be_named_is_not_kept_where_many_read_it(told_just_now):
    assert told_just_now().says("y tambien que no publiquen mi nombre").rule != "added"


def test_it_is_kept_without_blanks_around_it(told_just_now):
    [note] = told_just_now().says("  y tambien esta doblado el fierro ").asked_for
    assert note.text == "y tambien esta doblado el fierro"


@pytest.mark.parametrize("text", ["y tambien el poste se cae, hay cables sueltos", "y tambien piden coima"])
def test_danger_and_secrets_are_cases_of_their_own(told_just_now, text):
    assert isinstance(told_just_now().says(text).asked_for[0], OpenCase)


def test_a_secret_told_as_the_way_to_a_house_is_a_case_of_its_own(told_just_now):
    [opened, *_] = told_just_now().says("me falto decir que es la denuncia anonima").asked_for
    assert isinstance(opened, OpenCase)


def test_an_hour_is_soon_and_more_is_not(told_just_now, now):
    assert timedelta(hours=1) == SOON
    text = "y tambien esta doblado el fierro"
    assert told_just_now(opened_at=now - SOON + timedelta(seconds=1)).says(text).rule == "added"
    assert told_just_now(opened_at=now - SOON).says(text).rule != "added"


@pytest.mark.parametrize("more", [{"confidential": True}, {"status": CaseStatus.RESOLVED}])
def test_nothing_is_added_to_what_is_over_or_confidential(told_just_now, more):
    assert told_just_now(**more).says("y tambien esta doblado el fierro").rule != "added"


def test_nothing_is_added_to_an_older_case_behind_a_confidential_one(phone, make_case, now):
    secret = make_case("482105949", confidential=True, opened_at=now)
    older = make_case(opened_at=now - timedelta(minutes=5))
    assert phone(secret, older).says("y tambien esta doblado el fierro").rule != "added"


def test_who_never_told_anything_reports(phone):
    assert phone().says("y tambien el foco de la esquina no prende").heard == ["report/place"]


@pytest.mark.parametrize("text", ["el foco hasta ahora nadie lo vio", "el foco alumbra menos que una vela"])
@pytest.mark.parametrize("question", ["confirm/ask", "confirm/what_now"])
def test_the_like_told_instead_of_an_answer_is_noted_and_the_question_stands(at, question, text):
    one = at(question).says(text)
    assert (one.rule, one.heard, one.waits_at) == ("added", ["note/done"], question)
    assert isinstance(one.asked_for[0], AddNote)


@pytest.mark.parametrize(
    "text",
    [
        "en Kupini el foco de la cancha no prende",
        "en Sopocachi el foco de la cancha no prende",
        "el otro foco de la cancha tampoco prende",
        "hay mucha basura en la esquina",
        "ahi esta saliendo agua nomas",  # likely water, not surely
        "el foco chispea y se cae el poste",
    ],
)
def test_another_problem_told_instead_of_an_answer_is_a_report(at, text):
    assert at("confirm/ask").says(text).rule == "report_instead"


def test_nothing_is_noted_with_a_confidential_case_that_is_asked_about(phone, make_case, make_session):
    secret = make_case(status=CaseStatus.RESOLVED, confidential=True)
    one = phone(secret, session=make_session("confirm/ask", code=secret.code))
    assert one.says("el foco hasta ahora nadie lo vio").rule == "report_instead"


def test_what_was_learnt_of_secrets_says_nothing_of_the_way_to_a_house(told_just_now, monkeypatch):
    monkeypatch.setattr(safety, "confidential", lambda *_: True)
    for which in ("me falto decirles que es la casa verde", "me olvide decirles que es la casa verde"):
        assert told_just_now().says(which).rule == "added"
    for more in ("me falto decirles que es la casa verde zzt", "y tambien esta doblado el fierro"):
        assert told_just_now().says(more).rule != "added"


@pytest.mark.parametrize(
    "text",
    [
        "y tambien pidio coima",
        "me olvide decir que es el que pide coima",
        "tambien el dirigente quiere plata por cada foco",
    ],
)
def test_a_secret_in_few_words_is_one_all_the_same(told_just_now, text):
    [opened, *_] = told_just_now().says(text).asked_for
    assert isinstance(opened, OpenCase)
    assert opened.confidential
