"""The walk over all that ships finds nothing; and over dialogs that are broken on purpose it finds what is broken."""

from dataclasses import replace

import pytest

from dialogs import graph, telling
from dialogs.book import BOOK, route
from dialogs.messages import ChannelKind, SessionEvent
from dialogs.nodes import Silence, no_params
from gateway.city import with_a_project
from gateway.config import HOME, load
from tests.walk.walking import STEPS_MOST, walk

#: Said only if two act in the same instant: who changes a case ends the conversation about it.
IN_A_RACE = {"confirm/past"}
LANGUAGES = load(HOME / "config.yaml", {}).city.languages


@pytest.fixture(scope="session")
def city():
    return with_a_project(load(HOME / "config.yaml", {}).city)


@pytest.mark.timeout(600)  # half a minute, five where coverage is measured and others use the machine
@pytest.mark.parametrize("language", LANGUAGES)
def test_from_every_state_everything_that_may_come_is_answered_once_and_an_end_is_near(city, language):
    walked = walk(BOOK, city, language)
    print(f"{language}: {walked.size()}")
    assert walked.broken == {}
    assert all(far <= STEPS_MOST for far in walked.farthest.values())
    spoken = set(graph.templates(BOOK)) - IN_A_RACE
    for kind in (ChannelKind.SMS, ChannelKind.USSD):
        assert spoken - {template for template, on in walked.said if on is kind} == set(), "the walk goes everywhere"


def broken(dialog, step, **changed):
    """The book with one step changed."""
    was = BOOK.dialogs[dialog]
    steps = {**was.steps, step: replace(was.steps[step], **changed)}
    return replace(BOOK, dialogs={**BOOK.dialogs, dialog: replace(was, steps=steps)})


def twice(effects):
    return lambda facts, answers: [*effects(facts, answers), *effects(facts, answers)]


def few_on_a_screen(options):
    return lambda facts, answers: options(facts, answers)[: 2 if facts.channel_kind is ChannelKind.USSD else 9]


def about_a_bribe(receipt):
    return lambda facts, answers: {**receipt(facts, answers), "category": "otro"}


def tired(facts, text, event):
    return Silence(rule="tired") if text == "..." and event is SessionEvent.NONE else route(facts, text, event)


def whose(facts, answers):
    case = facts.named_cases[answers["code"]]
    return {**telling.to_stranger(case), **telling.to_owner(case)}


REPORT, MENU = BOOK.dialogs["report"].steps, BOOK.dialogs["menu"].steps
PLANTED = {
    "a value that the template was not given": (
        broken("report", "thanks", params=no_params),
        "nothing asked: RenderFailed",
    ),
    "a way to a dialog that is not there": (
        broken("menu", "main", next={**MENU["main"].next, "menu_status": "state:"}),
        "menu/main: Lost",
    ),
    "a choice without a way": (broken("menu", "main", next={}), "menu/main: KeyError"),
    "a question from which nonsense leads nowhere": (
        broken("menu", "main", give_up="main"),
        "menu/main: by nonsense alone, no end",
    ),
    "a question that comes again whatever is answered": (
        broken("safety", "ask", next="ask", give_up="ask"),
        "safety/ask: by answers alone, no end",
    ),
    "a key that was offered and is none": (
        broken("menu", "main", options=few_on_a_screen(MENU["main"].options)),
        "menu/main: '5' is offered and not understood",
    ),
    "a silence that nobody declared": (
        replace(BOOK, route=tired),
        "nothing asked: no answer, and tired is no silence",
    ),
    "a stop that is only said": (
        broken("stop", "set", effects=lambda _facts, _answers: ()),
        "nothing asked: a stop that is not honoured",
    ),
    "a case that is opened twice": (
        broken("report", "file", effects=twice(REPORT["file"].effects)),
        "nothing asked: a new case has the code of another",
    ),
    "a neighbour who hears what and where": (
        broken("status", "stranger", params=whose),
        "nothing asked: status/stranger tells more",
    ),
    "nine choices on a screen": (
        broken("report", "category", page=9),
        "report/category does not fit a screen",
    ),
    "a receipt that names a bribe": (
        broken("report", "thanks", params=about_a_bribe(REPORT["thanks"].params)),
        "nothing asked: report/thanks names what a confidential case is about",
    ),
}


@pytest.mark.parametrize(("book", "what"), PLANTED.values(), ids=PLANTED)
def test_what_is_broken_is_found_with_the_way_that_leads_there(city, book, what):
    found = walk(book, city, "es", levels=2).broken
    assert any(what in one for one in found), found
