"""What mutants of the dialogs showed to be untested: each word of the book's lists, and the very edges of its rules."""

from dataclasses import MISSING, fields
from datetime import timedelta

import pytest

from dialogs import cases, city, contacts, effects, facts, messages, nodes, outreach, session
from dialogs.book import BOOK
from dialogs.cases import CONFIRMABLE, OPEN, TRANSITIONS, CaseStatus, IllegalMove, move

MINE = "482105930"
STORY = "poste chico lejos hoy"

DIALOGS = "report status confirm menu help language stop start notices cancel handover person note safety enough"
ASKING = """
    estado status como cuando paso pasa va saber respuesta quedo quedaron seguimiento consulta consultar novedad novedades
    reclamo caso codigo cod nro numero denuncia queja how when what case code
"""


def test_the_book_holds_these_dialogs():
    assert {*DIALOGS.split()} <= {*BOOK.dialogs}


def test_the_way_into_every_dialog_is_declared():
    begun = {entry.partition(":")[0] for entry in BOOK.entries}
    reached = {"confirm", "notices", "handover", "enough"}  # from another dialog, or when something falls due
    assert {*DIALOGS.split()} <= begun | reached
    for entry in BOOK.entries:
        dialog, _, step = entry.partition(":")
        assert step in {"", *BOOK.dialogs[dialog].steps}, entry


def test_a_story_with_ones_own_code_is_a_note(phone, make_case):
    assert phone(make_case()).says(f"{MINE} {STORY}").rule == "note"


@pytest.mark.parametrize("word", ASKING.split())
def test_a_word_that_asks_makes_it_a_question(phone, make_case, word):
    assert phone(make_case()).says(f"{MINE} {STORY} {word}").rule == "code"


#: Words that stand in the store, in transcripts and in Open311: another word there is another thing.
KEPT = {
    cases.CaseKind: "grievance request feedback proposal",
    cases.CaseStatus: "received assigned in_progress planned waiting_citizen forwarded resolved answered not_competent "
    "duplicate rejected withdrawn reopened appealed closed",
    cases.Outcome: "confirmed half silent unasked withdrawn",
    messages.ChannelKind: "sms ussd web",
    messages.SessionEvent: "none new resume close",
    messages.MessageKind: "reply notice followup broadcast",
    messages.DeliveryStatus: "queued sent delivered failed",
    messages.Consent: "in out help",
    effects.LabelKind: "word category place language case",
    outreach.FollowUpKind: "confirm remind close",
    outreach.FollowUpStatus: "waiting asked answered done cancelled",
    outreach.BroadcastStatus: "waiting_approval queueing queued cancelled",
    facts.NeedKind: "closed_cases neighbours supported appealable notice",
}
#: What is so unless somebody says otherwise. What is not named here is None, or must be said.
UNLESS_SAID = {
    cases.Case: {
        "location_text": "",
        "confidential": False,
        "anonymous": False,
        "priority": False,
        "resolution_no": 0,
        "reply": "",
        "asked": False,
        "supporters": 0,
    },
    city.Category: {"words": {}, "emergency": False},
    city.HolidayRules: {"fixed": frozenset(), "easter": frozenset(), "sunday_moves": True},
    city.Place: {"aliases": (), "common": False},
    city.Words: {"called": ()},
    contacts.Contact: {},
    effects.OpenCase: {
        "location_text": "",
        "confidential": False,
        "anonymous": False,
        "priority": False,
        "draft": False,
    },
    effects.Say: {"params": {}, "options": (), "ends_session": False, "by_sms": False},
    facts.Need: {"category": "", "place": "", "code": ""},
    facts.Facts: {
        "spare_code": "",
        "own_cases": (),
        "named_cases": {},
        "most_cases": 5,
        "neighbour_days": 0,
        "replies_for": timedelta(0),
        "found": {},
    },
    messages.InboundMessage: {"session_event": messages.SessionEvent.NONE},
    messages.OutboundMessage: {"kind": messages.MessageKind.REPLY, "ends_session": False},
    messages.Unreadable: {"status": 200},
    nodes.Start: {"answers": {}, "misses": 0, "drops": False},
    effects.KeepReply: {"this": True, "before": False},
    nodes.ShowAgain: {"by_sms": False},
    nodes.Silence: {"effects": ()},
    outreach.FollowUp: {"status": outreach.FollowUpStatus.WAITING},
    session.Session: {"answers": {}, "misses": 0, "page": 0},
}
WORKING = "assigned in_progress planned waiting_citizen forwarded resolved answered not_competent duplicate rejected withdrawn"
MAY_BECOME = {
    **dict.fromkeys(("received", "assigned", "in_progress", "planned", "waiting_citizen"), WORKING),
    **dict.fromkeys(("forwarded", "reopened", "appealed"), WORKING),
    "resolved": "reopened appealed closed withdrawn",
    "answered": "reopened appealed closed withdrawn",
    "not_competent": "reopened appealed closed",
    "rejected": "reopened appealed closed",
    "duplicate": "reopened closed",
    "withdrawn": "reopened",
    "closed": "reopened appealed",
}


@pytest.mark.parametrize(("kind", "words"), KEPT.items(), ids=lambda one: getattr(one, "__name__", ""))
def test_a_word_that_is_kept_stays_the_same(kind, words):
    assert [one.value for one in kind] == words.split()


@pytest.mark.parametrize(("value", "unless_said"), UNLESS_SAID.items(), ids=lambda one: getattr(one, "__name__", ""))
def test_what_is_not_said_is_so(value, unless_said):
    given = {}
    for one in fields(value):
        if one.default_factory is not MISSING:
            given[one.name] = one.default_factory()
        elif one.default is not MISSING:
            given[one.name] = one.default
    assert {name: default for name, default in given.items() if default is not None} == unless_said


def test_a_case_may_become_this_and_nothing_else():
    assert {one.value: {*map(str, TRANSITIONS[one])} for one in CaseStatus} == {
        status: {*after.split()} for status, after in MAY_BECOME.items()
    }
    with pytest.raises(IllegalMove, match=r"^a case that is withdrawn cannot become closed$"):
        move(CaseStatus.WITHDRAWN, CaseStatus.CLOSED)


def test_what_is_open_and_what_can_be_confirmed():
    assert {*map(str, OPEN)} == {
        *("received", "assigned", "in_progress", "planned", "waiting_citizen", "forwarded", "reopened", "appealed")
    }
    assert {*map(str, CONFIRMABLE)} == {"resolved", "answered"}


def test_what_a_second_person_approves_is_these_texts_for_these_people():
    everybody, one_place = outreach.Audience(), outreach.Audience(place="sopocachi")
    named = outreach.fingerprint({"es": "a", "en": "b"}, everybody)
    assert named == outreach.fingerprint({"en": "b", "es": "a"}, everybody)
    assert (
        len(
            {
                named,
                outreach.fingerprint({"es": "a", "en": "c"}, everybody),
                outreach.fingerprint({"es": "a", "en": "b"}, one_place),
            }
        )
        == 3
    )
