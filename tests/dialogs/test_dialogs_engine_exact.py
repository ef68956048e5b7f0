"""What mutants of the engine and the nodes showed to be untested, on the smallest dialogs that show it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from dialogs import engine, graph
from dialogs.effects import AddNote, LabelKind, Option, Say
from dialogs.messages import ChannelKind, SessionEvent
from dialogs.nodes import Answer, Ask, Book, Choose, Dialog, Do, End, Fork, Lost, ShowAgain, Start
from dialogs.session import Session


def options(count, kind=LabelKind.WORD):
    return tuple(Option(key="", value=f"v{n}", label=kind, ref=f"v{n}") for n in range(count))


ONE = Dialog(
    name="one",
    start="fork",
    steps={
        "fork": Fork(pick=lambda _facts, _answers: "on", exits={"on": "ask"}),
        "ask": Ask(parse=lambda _facts, _session, text: {"told": text} if text == "yes" else None, next="cases"),
        "cases": Choose(options=lambda _facts, _answers: options(2, LabelKind.CASE), save="case", next="words"),
        "words": Choose(options=lambda _facts, _answers: options(3)[::-1], save="word", next="end"),
        "end": End(),
    },
)
MANY = Dialog(
    name="many",
    start="list",
    steps={"list": Choose(options=lambda _facts, _answers: options(7), save="it", next="end", page=2), "end": End()},
)
TOLD = Dialog(
    name="told",
    start="ask",
    on_expire="file",
    steps={
        "ask": Ask(parse=lambda _facts, _session, _text: None, next="file"),
        "file": Do(
            effects=lambda facts, _answers: (
                AddNote(code=facts.new_code, text="kept"),
                Say(template="told/sms", by_sms=True),
                Say(template="told/screen"),
            ),
            next="end",
        ),
        "end": End(),
    },
)
ROUND = Dialog(name="round", start="a", steps={"a": Do(effects=lambda *_: (), next="a")})
ASIDE = Dialog(name="aside", start="ask", aside=True, steps={"ask": TOLD.steps["ask"]})
LOST = Dialog(name="lost", start="a", steps={"a": Do(effects=lambda *_: (), next="nowhere:")})
DIALOGS = {dialog.name: dialog for dialog in (ONE, MANY, TOLD, ROUND, ASIDE, LOST)}


def book(decision):
    return Book(dialogs=DIALOGS, route=lambda _facts, _text, _event: decision)


ANSWER = Answer(rule="r")


def goes(facts, text="", decision=ANSWER):
    return engine.step(book(decision), facts, text, SessionEvent.NONE)


@pytest.fixture
def stands(make_facts, now):
    def at(dialog, step, **more):
        session = Session(dialog=dialog, step=step, expires_at=now + timedelta(hours=1), **more)
        return make_facts(session=session, spare_code="999999999")

    return at


def test_the_names_under_which_a_session_keeps_things_stay_the_same():
    assert (engine.HEARD, engine.SHOWN, engine.OFFERED) == ("heard", "shown", "offered")


def test_an_offer_to_go_on_is_two_digits():
    assert [(one.key, one.value, one.label, one.ref) for one in engine.RESUME_OPTIONS] == [
        ("1", "continue", LabelKind.WORD, "resume_continue"),
        ("2", "restart", LabelKind.WORD, "resume_restart"),
    ]


def test_a_start_brings_its_misses_along_a_chain_of_steps(make_facts):
    result = goes(make_facts(), decision=Start(dialog="one", rule="r", misses=1))
    assert (result.session.step, result.session.misses) == ("ask", 1)
    assert goes(make_facts(), decision=Start(dialog="one", rule="r")).session.misses == 0


@pytest.mark.parametrize(
    ("kind", "said"), [(ChannelKind.SMS, ["told/sms", "told/screen", "told/end"]), (ChannelKind.USSD, ["told/sms"])]
)
def test_a_report_that_is_left_is_kept_under_the_spare_code_and_says_what_it_may(stands, kind, said):
    result = goes(replace(stands("told", "ask"), channel_kind=kind), decision=Start(dialog="many", rule="r"))
    assert [one for one in result.effects if isinstance(one, AddNote)] == [AddNote(code="999999999", text="kept")]
    assert [one.template for one in result.effects if isinstance(one, Say)] == [*said, "many/list"]
    assert result.session.dialog == "many"


def test_a_dialog_aside_that_asks_takes_the_place_of_what_was_pending(stands):
    assert goes(stands("many", "list"), decision=Start(dialog="aside", rule="r")).session.dialog == "aside"


def test_pages_go_one_at_a_time_both_ways_and_forget_misses(stands):
    facts = stands("many", "list", misses=1)
    seen = []
    for key in ("9", "9", "9", "0", " 0 "):
        result = goes(facts, key)
        assert result.session.misses == 0
        facts = replace(facts, session=result.session)
        seen.append((result.session.page, [one.value for one in result.effects[0].options]))
    assert seen == [
        (1, ["v2", "v3", "9", "0"]),
        (2, ["v4", "v5", "9", "0"]),
        (3, ["v6", "0"]),
        (2, ["v4", "v5", "9", "0"]),
        (1, ["v2", "v3", "9", "0"]),
    ]


def test_a_page_that_holds_them_all_offers_no_more():
    assert [one.key for one in engine.page(options(6), 0, 6)] == ["1", "2", "3", "4", "5", "6"]
    assert [(one.key, one.ref, one.label) for one in engine.page(options(9), 1, 3)][3:] == [
        ("9", "more", LabelKind.WORD),
        ("0", "back", LabelKind.WORD),
    ]


def test_what_was_shown_of_cases_says_nothing_of_a_list_of_words(stands):
    result = goes(stands("one", "words", answers={engine.SHOWN: "1:v0,2:v1", "case": "v0"}), "1")
    assert result.session is None
    chosen = goes(stands("one", "cases", answers={engine.SHOWN: "1:v1,2:v0"}), "1")
    assert chosen.session.answers["case"] == "v1"


def test_who_wrote_the_dialogs_is_told_where_they_lead_nowhere(make_facts, stands):
    for decision, said in (
        (Start(dialog="round", rule="r"), "round/a goes round in circles"),
        (Start(dialog="lost", rule="r"), "there is no dialog nowhere"),
        (ShowAgain(rule="r"), "ShowAgain without a session"),
    ):
        with pytest.raises(Lost, match=f"^{said}$"):
            goes(make_facts(), decision=decision)
    with pytest.raises(Lost, match=r"^one/end asks nothing$"):
        book(None).waiting(replace(stands("one", "ask").session, step="end"))


def test_a_target_is_a_step_a_dialog_or_both():
    whole = book(None)
    assert graph.resolve(whole, ONE, "words") == ("one", "words")
    assert graph.resolve(whole, ONE, "many:") == ("many", "list")
    assert graph.resolve(whole, ONE, "many:end") == ("many", "end")
    assert graph.resolve(whole, ONE, "list") is None
    assert graph.resolve(whole, ONE, "many:ask") is None
    assert graph.resolve(whole, ONE, "nowhere:") is None
    assert graph.resolve(whole, ONE, "") is None
    assert graph.resolve(whole, ONE, "a:b:end") is None
    assert graph.always_asks(ONE.steps["ask"])
    assert not graph.always_asks(ONE.steps["end"])
    assert not graph.always_asks(ONE.steps["fork"])
