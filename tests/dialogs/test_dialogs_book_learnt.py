"""What was learnt that a text wants: each label, what follows from it, and what outweighs it."""

from dataclasses import replace

import pytest

from dialogs.cases import CaseKind, CaseStatus
from dialogs.city import Learned
from dialogs.effects import AddNote, OpenCase, OptIn, OptOut
from dialogs.understand import intents

LABELS = (
    "report", "status", "help", "agent", "cancel", "start", "language", "info_project", "proposal",
    "done", "undone", "denied", "unknown", "greeting", "thanks", "menu", "stop",
)  # fmt: skip
#: A word that means nothing to anybody, for each label.
WORD = {label: f"bru{letter}ona" for label, letter in zip(LABELS, "abdefijlmnoprtuks", strict=True)}
MODEL = Learned(
    labels=LABELS,
    bias=(0.0,) * len(LABELS),
    weights={WORD[label]: ((at, 60.0),) for at, label in enumerate(LABELS)},
)


@pytest.fixture
def taught(phone):
    def make(*cases, model=MODEL):
        one = phone(*cases)
        one.facts = replace(one.facts, city=replace(one.facts.city, intents=model))
        return one

    return make


def said(label, more="zzt"):
    return f"{WORD[label]} {more}"


@pytest.mark.parametrize(
    ("label", "heard"),
    [
        ("status", ["status/none"]),
        ("help", ["help/help"]),
        ("agent", ["person/done"]),
        ("cancel", ["cancel/what"]),
        ("menu", ["menu/main"]),
        ("language", ["language/ask"]),
        ("info_project", ["project/where"]),
        ("unknown", ["report/describe"]),
        ("greeting", ["report/describe"]),
        ("thanks", []),
    ],
)
def test_each_label_leads_somewhere(taught, label, heard):
    assert taught().says(said(label)).heard == heard


def test_a_report_is_a_report(taught):
    assert taught().says(said("report")).rule == "report"


@pytest.mark.parametrize(("label", "rule"), [("stop", "notices_off"), ("start", "notices_on")])
def test_who_seems_to_want_no_notices_or_them_again_is_told_the_word_for_it(taught, now, label, rule):
    one = taught().says(said(label, "sus mensajes"))
    assert (one.rule, one.heard, one.session) == (rule, ["notices/on"], None)
    assert not any(isinstance(effect, OptIn | OptOut) for effect in one.last.effects)
    out = taught()
    out.facts = replace(out.facts, contact=replace(out.facts.contact, opted_out_at=now))
    assert out.says(said(label, "sus mensajes")).heard == ["notices/off"]


@pytest.mark.parametrize("label", ["stop", "start"])
def test_what_is_only_likely_about_notices_is_a_report(taught, label):
    one = taught(model=only_likely(label))
    text = said(label, "sus mensajes")
    assert intents.guess(text, one.facts.city)[0] == label
    assert one.says(text).rule == "report"


@pytest.mark.parametrize("word", ["avisos", "lista", "inscribanme", "manden", "messages"])
def test_notices_are_named_in_many_ways(taught, word):
    assert taught().says(said("stop", word)).rule == "notices_off"


@pytest.mark.parametrize("label", ["stop", "start"])
def test_who_names_no_notices_is_asked_what_it_is_about(taught, label):
    assert taught().says(said(label, "esto")).heard == ["report/category"]


def test_the_menu_is_shown_only_where_it_is_certain(taught):
    assert taught(model=only_likely("menu")).says(said("menu")).rule == "report"


def test_an_idea_is_told_as_one(taught):
    one = taught().says(said("proposal"))
    assert one.session.answers["kind"] is CaseKind.PROPOSAL


@pytest.mark.parametrize("label", ["done", "undone", "denied"])
def test_word_of_the_only_case_is_kept_with_it(taught, make_case, label):
    one = taught(make_case()).says(said(label))
    assert (one.rule, one.heard) == (label, ["note/done"])
    assert isinstance(one.last.effects[0], AddNote)


@pytest.mark.parametrize("label", ["done", "undone", "denied"])
def test_word_of_no_certain_case_shows_how_they_stand(taught, label):
    assert taught().says(said(label)).heard == ["status/none"]


def only_likely(label):
    """The same words, and a model that is never surer of this label than six in ten."""
    at = LABELS.index(label)
    bias = tuple(3.2 * (at == number) for number in range(len(LABELS)))
    return replace(MODEL, bias=bias, weights={WORD[label]: ((at, 0.1),)})


@pytest.mark.parametrize("label", ["unknown", "greeting", "thanks", "undone", "stop", "start", "menu"])
def test_a_problem_that_is_named_is_a_report_all_the_same(taught, label):
    assert taught().says(said(label, "no hay luz en la calle")).rule == "report"


ASKING = ["help", "status", "cancel", "language", "info_project"]


@pytest.mark.parametrize("label", ASKING)
def test_what_is_certainly_asked_about_a_problem_is_asked(taught, label):
    assert taught().says(said(label, "no hay luz en la calle")).rule == "learnt"


@pytest.mark.parametrize("label", ASKING)
def test_a_danger_is_a_report_whatever_is_asked_about_it(taught, label):
    assert taught().says(said(label, "se esta cayendo el muro")).rule == "report"


@pytest.mark.parametrize("label", ASKING)
def test_where_it_is_not_certain_a_problem_that_is_named_is_a_report(taught, label):
    one = taught(model=only_likely(label))
    text = said(label, "no hay luz en la calle")
    assert intents.guess(text, one.facts.city)[1] < intents.CERTAIN
    assert one.says(text).rule == "report"


@pytest.mark.parametrize("label", ["greeting", "thanks", "done"])
def test_a_word_of_the_citys_own_is_enough_for_a_report_where_words_would_be_lost(taught, label):
    assert taught().says(said(label, "agua")).rule == "report"


@pytest.mark.parametrize("label", ["help", "cancel", "language"])
def test_and_where_it_is_not_certain(taught, label):
    assert taught(model=only_likely(label)).says(said(label, "agua")).rule == "report"


@pytest.mark.parametrize("label", ["status", "info_project", "unknown"])
def test_one_word_of_the_citys_own_does_not_make_a_report_of_a_question(taught, label):
    assert taught(model=only_likely(label)).says(said(label, "agua")).rule in {"learnt", "unknown"}


@pytest.mark.parametrize(
    "word",
    [
        *("pero", "aunque", "todavia", "aun", "falta", "faltan", "tampoco", "peor", "sigue", "no", "ni", "nada"),
        *("nadie", "nunca", "ningun", "ninguna", "igual", "but", "still", "not", "nobody", "never"),
    ],
)
def test_thanks_that_deny_are_not_answered_with_silence(taught, word):
    assert taught().says(said("thanks", word)).rule == "report"


def test_thanks_for_a_case_of_ones_own_are_kept_with_it(taught, make_case):
    assert taught(make_case()).says(said("thanks", "no hay luz en la calle")).rule == "done"


def test_a_confidential_case_is_not_what_thanks_are_for(taught, make_case):
    one = taught(make_case(confidential=True), make_case("739184529", category="agua"))
    assert one.says(said("thanks", "no hay luz en la calle")).rule == "report"


def test_works_may_be_named_in_a_question_about_works(taught):
    assert taught().says(said("info_project", "la obra")).heard == ["project/where"]


def test_who_was_asked_about_a_case_is_asked_again(taught, make_case):
    one = taught(make_case(status=CaseStatus.RESOLVED, asked=True))
    assert one.says(said("undone")).heard == ["confirm/ask"]


def test_word_of_two_cases_shows_how_they_stand(taught, make_case):
    assert taught(make_case(), make_case("739184529")).says(said("undone")).heard == ["status/choose"]


def test_the_draft_that_a_person_reads_holds_the_words(taught):
    one = taught().says(said("agent"))
    assert said("agent") in one.last.effects[0].description


@pytest.mark.parametrize("text", ["auxilio se cae el muro", "me pidio coima el funcionario"])
def test_danger_and_secrets_are_nothing_else(taught, text):
    assert taught().says(said("thanks", text)).rule == "report"


def test_what_is_not_likely_is_not_meant(taught):
    weak = replace(MODEL, weights={WORD["help"]: ((2, 0.1),)})
    assert intents.guess(said("help"), taught(model=weak).facts.city) is None
    assert intents.guess(said("help"), taught(model=None).facts.city) is None
    assert intents.guess("", taught().facts.city) is None


# The edges.

#: Surely a street light, by what was learnt and by no word of the city's own.
UNHEARD = "estan los alambres de aluminio en el adorno"


@pytest.mark.parametrize("label", ["agent", "proposal", "help", "info_project"])
def test_what_was_learnt_is_the_rule(taught, label):
    assert taught().says(said(label)).rule == "learnt"


@pytest.mark.parametrize("text", ["auxilio se cae el muro", "me pidio coima el funcionario"])
def test_in_danger_or_in_confidence_nobody_is_put_off_with_a_person(taught, text):
    assert taught().says(said("agent", text)).rule == "report"


def test_works_that_are_named_are_a_report_but_in_a_question_about_works(taught):
    assert taught(model=only_likely("help")).says(said("help", "la obra")).rule == "report"
    assert taught(model=only_likely("info_project")).says(said("info_project", "la obra")).rule == "learnt"


def test_what_no_word_of_the_city_names_is_no_problem_that_is_named(taught, make_case):
    one = taught(make_case(category="agua")).says(said("undone", UNHEARD))
    assert (one.rule, one.heard) == ("undone", ["note/done"])


def test_what_no_word_of_the_city_names_is_not_what_thanks_are_for(taught, make_case):
    assert taught(make_case()).says(said("thanks", UNHEARD)).rule == "thanks"


@pytest.mark.parametrize("label", ["thanks", "undone"])
def test_of_two_cases_one_that_is_named_is_enough_to_show_them(taught, make_case, label):
    one = taught(make_case(), make_case("739184529", category="agua"))
    assert one.says(said(label, "no hay luz en la calle")).heard == ["status/choose"]


def test_what_is_kept_with_a_case_has_no_blanks_around_it(taught, make_case):
    one = taught(make_case()).says(f"  {said('undone')} ")
    assert one.asked_for[0] == AddNote(code=make_case().code, text=said("undone"))


def test_thanks_that_are_only_likely_are_not_answered_with_silence(taught):
    likely = replace(MODEL, weights={WORD["thanks"]: ((LABELS.index("thanks"), 8.0),)})
    one = taught(model=likely)
    assert 0.5 < intents.guess(said("thanks"), one.facts.city)[1] < intents.CERTAIN
    assert one.says(said("thanks")).rule == "report"


@pytest.mark.parametrize(
    ("text", "chance", "kind"),
    [
        ("un bache grande en Obrajes", 0.7, CaseKind.PROPOSAL),
        ("un bache grande en Obrajes", 0.69, CaseKind.GRIEVANCE),
        ("una biblioteca en Obrajes", 0.5, CaseKind.PROPOSAL),
    ],
)
def test_where_a_problem_is_named_an_idea_must_be_certain(taught, monkeypatch, text, chance, kind):
    monkeypatch.setattr(intents, "guess", lambda *_: ("proposal", chance))
    [opened] = [effect for effect in taught().says(text).asked_for if isinstance(effect, OpenCase)]
    assert opened.kind is kind
