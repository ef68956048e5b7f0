"""The engine on a book of its own, so that no word of a real dialog can hide a mistake of the machine."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from dialogs import engine
from dialogs.city import City, HolidayRules, Words
from dialogs.contacts import Contact
from dialogs.effects import AddNote, LabelKind, OptIn, Option, Say
from dialogs.facts import Facts, Need, NeedKind, Step
from dialogs.messages import ChannelKind, SessionEvent
from dialogs.nodes import Answer, Ask, Book, Choose, Dialog, Do, End, Fork, Lost, Resume, ShowAgain, Silence, Start
from dialogs.session import Session

NOW = datetime(2026, 11, 23, 14, tzinfo=UTC)
CITY = City(
    timezone=UTC,
    country="BO",
    languages=("es",),
    categories={},
    macrodistritos={},
    places={},
    hotlines={},
    holidays=HolidayRules(),
    words={"es": Words(language="es", name="Español", reviewed_by="tests", commands={}, options={})},
)
CONTACT = Contact(id=1, msisdn="+59170000001", language="es", created_at=NOW, last_seen_at=NOW)


def letters(_facts, _session, text):
    return {"word": text} if text.isalpha() else None


def colours(_facts, _answers):
    return tuple(Option(key="", value=f"c{n}", label=LabelKind.WORD, ref=f"c{n}") for n in range(14))


TEA = Dialog(
    name="tea",
    start="word",
    on_expire="note",
    timeout=timedelta(hours=2),
    steps={
        "word": Ask(
            parse=letters,
            next="colour",
            known=lambda _facts, answers: {} if answers.get("word") else None,
            params=lambda _facts, answers: {"heard": answers.get("heard", "")},
        ),
        "colour": Choose(
            options=colours,
            save="colour",
            next="note",
            understand=lambda _facts, _answers, text: {"red": "c2", "blue": "nowhere"}.get(text),
            give_up="note",
        ),
        "note": Do(effects=lambda _facts, answers: (AddNote(code="1", text=str(answers)),), next="thanks"),
        "thanks": End(params=lambda _facts, answers: {"word": answers.get("word", "")}),
    },
)
PICK = Dialog(
    name="pick",
    start="which",
    steps={
        "which": Choose(
            options=lambda _facts, _answers: colours(_facts, _answers)[:2],
            save="which",
            next={"c0": "tea:", "c1": "tea:thanks"},
            known=lambda _facts, answers: {"which": answers["told"]} if "told" in answers else None,
        )
    },
)
ASIDE = Dialog(name="aside", start="say", aside=True, steps={"say": End()})
NEEDY = Dialog(
    name="needy",
    start="fork",
    steps={
        "fork": Fork(
            pick=lambda facts, _answers: "go" if facts.found else Need(kind=NeedKind.CLOSED_CASES),
            exits={"go": "end"},
        ),
        "end": End(),
    },
)
ROUND = Dialog(
    name="round",
    start="a",
    steps={
        "a": Do(effects=lambda *_: (OptIn(),), next="b"),
        "b": Do(effects=lambda *_: (), next="a"),
        "off": Do(effects=lambda *_: (), next="nowhere:"),
    },
)
HANDOVER = Dialog(name="handover", start="bye", steps={"bye": End()})
MENU = Dialog(name="menu", start="main", steps={"main": Ask(parse=letters, next="main")})
DIALOGS = {dialog.name: dialog for dialog in (TEA, PICK, ASIDE, NEEDY, ROUND, HANDOVER, MENU)}


def book(decision):
    return Book(dialogs=DIALOGS, route=lambda _facts, _text, _event: decision)


def facts(session=None, **more):
    return Facts(
        now=NOW, contact=CONTACT, channel_kind=ChannelKind.SMS, city=CITY, new_code="123456789", session=session, **more
    )


def at(step, *, dialog="tea", **more):
    return Session(dialog=dialog, step=step, expires_at=NOW + timedelta(hours=1), **more)


def take(decision, session=None, text="x", event=SessionEvent.NONE) -> Step:
    result = engine.step(book(decision), facts(session), text, event)
    assert isinstance(result, Step)
    return result


def said(step: Step) -> list[str]:
    return [effect.template for effect in step.effects if isinstance(effect, Say)]


def test_a_start_asks_its_first_question_and_waits():
    step = take(Start(dialog="tea", rule="begun"))
    assert said(step) == ["tea/word"]
    assert step.session == Session(dialog="tea", step="word", expires_at=NOW + timedelta(hours=2))
    assert step.rule == "begun"


def test_what_was_told_is_not_asked():
    step = take(Start(dialog="tea", rule="begun", answers={"word": "hi"}))
    assert said(step) == ["tea/colour"]


def test_an_answer_goes_on_to_the_next_question():
    step = take(Answer(rule="answer"), at("word"), "hello")
    assert said(step) == ["tea/colour"]
    assert step.session.answers == {"word": "hello"}


def test_a_digit_chooses_and_the_dialog_comes_to_its_end():
    step = take(Answer(rule="answer"), at("colour", answers={"word": "hello"}), "3")
    assert step.session is None
    assert step.effects[0] == AddNote(code="1", text="{'word': 'hello', 'colour': 'c2'}")
    assert step.effects[1] == Say(template="tea/thanks", params={"word": "hello"}, ends_session=True)


def test_words_that_mean_an_option_choose_it():
    assert take(Answer(rule="answer"), at("colour"), "red").session is None


def test_words_that_mean_no_option_are_a_miss():
    assert take(Answer(rule="answer"), at("colour"), "blue").rule == "miss"


def test_options_are_paged_with_nine_and_zero():
    first = take(Start(dialog="tea", rule="begun", answers={"word": "hi"}))
    assert [option.key for option in first.effects[-1].options] == ["1", "2", "3", "4", "5", "6", "9"]
    second = take(Answer(rule="answer"), first.session, "9")
    assert second.session.page == 1
    assert [(option.key, option.value) for option in second.effects[-1].options] == [
        ("1", "c6"),
        ("2", "c7"),
        ("3", "c8"),
        ("4", "c9"),
        ("5", "c10"),
        ("6", "c11"),
        ("9", "9"),
        ("0", "0"),
    ]
    third = take(Answer(rule="answer"), second.session, "9")
    assert [option.key for option in third.effects[-1].options] == ["1", "2", "0"]
    back = take(Answer(rule="answer"), third.session, "0")
    assert back.session.page == 1
    assert take(Answer(rule="answer"), back.session, "1").effects[0].text == "{'word': 'hi', 'colour': 'c6'}"


@pytest.mark.parametrize("key", ["9", "0", "8"])
def test_a_key_that_is_not_on_the_page_is_a_miss(key):
    last = replace(at("colour"), page=2)
    expected = "page" if key == "0" else "miss"
    assert take(Answer(rule="answer"), last, key).rule == expected


def test_a_miss_is_asked_again_and_what_was_said_is_kept():
    step = take(Answer(rule="answer"), at("word"), "12 3")
    assert step.session.misses == 1
    assert step.session.answers == {"heard": "12 3"}
    assert step.effects == (Say(template="tea/word", params={"heard": "12 3"}, lead="common/miss"),)


def test_three_misses_hand_over():
    session = at("word", misses=2, answers={"heard": "1 2"})
    step = take(Answer(rule="answer"), session, "3")
    assert said(step) == ["handover/bye"]
    assert step.rule == "three_misses"


def test_three_misses_go_where_the_step_says():
    assert said(take(Answer(rule="answer"), at("colour", misses=2), "?")) == ["tea/thanks"]


def test_what_was_heard_is_kept_to_a_bound():
    step = take(Answer(rule="answer"), at("word", answers={"heard": "1" * 590}), "2" * 400)
    assert len(step.session.answers["heard"]) == 600


def test_a_fitting_answer_forgets_the_misses():
    assert take(Answer(rule="answer"), at("word", misses=2), "hello").session.misses == 0


def test_an_option_may_lead_to_another_dialog():
    assert said(take(Answer(rule="answer"), at("which", dialog="pick"), "1")) == ["tea/word"]
    assert said(take(Answer(rule="answer"), at("which", dialog="pick"), "2")) == ["tea/thanks"]


def test_a_known_choice_goes_its_own_way():
    assert said(take(Start(dialog="pick", rule="begun", answers={"told": "c1"}))) == ["tea/thanks"]


def test_an_aside_leaves_what_was_pending():
    pending = at("colour")
    step = take(Start(dialog="aside", rule="begun"), pending)
    assert step.session == pending
    assert said(step) == ["aside/say"]


def test_what_is_left_half_told_is_kept_with_a_code_of_its_own():
    begun = book(Start(dialog="pick", rule="begun"))
    result = engine.step(begun, facts(at("colour", answers={"word": "hi"}), spare_code="987654321"), "x")
    assert [type(effect).__name__ for effect in result.effects] == ["AddNote", "Say", "Say"]
    assert said(result) == ["tea/thanks", "pick/which"]
    assert result.session.dialog == "pick"


def test_what_the_person_wants_forgotten_is_forgotten():
    step = take(Start(dialog="pick", rule="begun", drops=True), at("colour", answers={"word": "hi"}))
    assert said(step) == ["pick/which"]


ASKING = Dialog(name="asking", start="do", steps={"do": ROUND.steps["a"], "b": TEA.steps["word"]})


@pytest.mark.parametrize("lead", ["common/anonymous", None])
def test_a_word_may_stand_before_the_question_and_what_is_done_before_it_is_done(lead):
    begun = Book(
        dialogs={**DIALOGS, "asking": ASKING}, route=lambda *_: Start(dialog="asking", rule="begun", lead=lead)
    )
    step = engine.step(begun, facts(), "x")
    assert step.effects == (OptIn(), Say(template="asking/b", params={"heard": ""}, lead=lead))


def test_no_word_stands_before_an_end_or_before_more_facts():
    [end] = take(Start(dialog="aside", rule="begun", lead="common/anonymous")).effects
    assert end.lead is None
    needy = book(Start(dialog="needy", rule="begun", lead="common/anonymous"))
    assert engine.step(needy, facts(), "x") == Need(kind=NeedKind.CLOSED_CASES)


def test_what_is_half_told_may_need_more_facts_to_be_kept():
    needy = replace(NEEDY, on_expire="fork", steps={**NEEDY.steps, "ask": TEA.steps["word"]})
    begun = Book(dialogs={**DIALOGS, "needy": needy}, route=lambda *_: Start(dialog="pick", rule="begun"))
    assert engine.step(begun, facts(at("ask", dialog="needy")), "x") == Need(kind=NeedKind.CLOSED_CASES)


def test_a_step_may_ask_for_more_facts():
    begin = book(Start(dialog="needy", rule="begun"))
    assert engine.step(begin, facts(), "x") == Need(kind=NeedKind.CLOSED_CASES)
    known = engine.step(begin, facts(found={NeedKind.CLOSED_CASES: ()}), "x")
    assert isinstance(known, Step)
    assert said(known) == ["needy/end"]
    half_told = at("colour", answers={"word": "hi"})
    assert engine.step(begin, facts(half_told, spare_code="987654321"), "x") == Need(kind=NeedKind.CLOSED_CASES)


def test_an_unfinished_conversation_is_offered_and_gone_on_with():
    offered = take(Resume(rule="unfinished"), at("colour", answers={"word": "hi"}))
    assert said(offered) == ["resume/ask"]
    assert [option.key for option in offered.effects[0].options] == ["1", "2"]
    resumed = take(Answer(rule="answer"), offered.session, "1")
    assert said(resumed) == ["tea/colour"]
    assert resumed.session == at("colour", answers={"word": "hi"})


def test_an_unfinished_conversation_is_begun_again():
    offered = take(Resume(rule="unfinished"), at("colour", answers={"word": "hi"}))
    assert said(take(Answer(rule="answer"), offered.session, "2")) == ["menu/main"]


def test_an_answer_to_the_old_question_needs_no_offer():
    offered = take(Resume(rule="unfinished"), at("word"))
    assert said(take(Answer(rule="answer"), offered.session, "hello")) == ["tea/colour"]


def test_the_question_is_said_again():
    step = take(ShowAgain(rule="greeting"), at("word"))
    assert step.effects == (Say(template="tea/word", params={"heard": ""}),)


def test_the_question_is_said_by_sms_where_the_line_broke():
    step = take(ShowAgain(rule="dropped", by_sms=True), at("word"))
    assert step.effects == (Say(template="tea/word", params={"heard": ""}, lead="common/unfinished", by_sms=True),)


def test_silence_says_nothing_and_keeps_the_session():
    assert take(Silence(rule="thanks"), at("word")) == Step(session=at("word"), effects=(), rule="thanks")


@pytest.mark.parametrize("decision", [Answer(rule="a"), Resume(rule="a"), ShowAgain(rule="a")])
@pytest.mark.parametrize(
    "session",
    [
        None,
        Session(dialog="tea", step="word", expires_at=NOW),
        at("word", dialog="gone"),
        at("gone"),
        at("thanks"),
    ],
)
def test_a_session_that_waits_for_nothing_is_none(decision, session):
    assert engine.pending(book(decision), facts(session)) is None
    with pytest.raises(Lost):
        engine.step(book(decision), facts(session), "x")


def test_a_question_nobody_answered_keeps_what_is_known():
    step = engine.expire(book(None), facts(), at("colour", answers={"word": "hi"}))
    assert step.effects[0] == AddNote(code="1", text="{'word': 'hi'}")
    assert step.rule == "expired"


@pytest.mark.parametrize("dialog", ["pick", "gone"])
def test_a_question_without_a_way_out_just_ends(dialog):
    step = engine.expire(book(None), facts(), at("which", dialog=dialog))
    assert step == Step(session=None, effects=(), rule="expired")


def test_going_round_in_circles_is_noticed():
    with pytest.raises(Lost, match="circles"):
        take(Start(dialog="round", rule="begun"))


def test_a_dialog_that_is_not_there_is_noticed():
    with pytest.raises(Lost, match="nowhere"):
        take(Start(dialog="round", rule="begun", step="off"))


def test_a_text_that_told_nothing_counts_as_a_miss():
    assert take(Start(dialog="tea", rule="unknown", misses=1)).session.misses == 1


def test_a_step_that_asks_nothing_waits_for_nothing():
    with pytest.raises(Lost, match="asks nothing"):
        book(None).waiting(at("thanks"))


def test_a_question_remembers_its_case():
    step = take(Start(dialog="tea", rule="begun", answers={"code": "482105930"}))
    assert step.session.case == "482105930"


def test_what_a_fork_saw_is_kept_for_the_question_behind_it():
    fork = Fork(
        pick=lambda _facts, answers: str(answers["way"]),
        exits={"on": "word"},
        keep=lambda _facts, answers: {"saw": f"{answers['way']}!"},
    )
    forked = replace(TEA, start="fork", steps={**TEA.steps, "fork": fork})
    start = Start(dialog="tea", rule="begun", answers={"way": "on", "saw": "nothing"})
    step = engine.step(Book(dialogs={**DIALOGS, "tea": forked}, route=lambda *_: start), facts(), "x")
    assert step.session.answers == {"way": "on", "saw": "on!"}
