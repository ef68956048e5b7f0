"""Note: more words about a case of one's own stay with that case; they never become a second one."""

import pytest

from dialogs.cases import CaseStatus
from dialogs.effects import AddNote, AlertStaff

MINE = "482105930"


@pytest.mark.parametrize(
    "text",
    [
        "482105930 ahora se cayo un señor mayor adentro",
        "tambien esta oscuro el parque, vecinos asustados 482-105-930",
        "  482 105 930 tambien esta oscuro el parque  ",
    ],
)
def test_words_with_ones_own_code_are_kept_as_they_are(phone, make_case, text):
    one = phone(make_case()).says(text)
    assert one.asked_for == [AddNote(code=MINE, text=text.strip())]
    assert (one.heard, one.told) == (["note/done"], {"code": MINE})


def test_a_note_leaves_what_was_pending(phone, make_case, make_session):
    pending = make_session("report/place", description="bache", category="vias")
    one = phone(make_case(), session=pending).says("482105930 tambien esta oscuro el parque")
    assert (one.rule, one.session) == ("note", pending)


def test_a_note_to_a_secret_case_is_answered_without_a_word_of_it(phone, make_case):
    one = phone(make_case(confidential=True)).says("482105930 tambien esta oscuro el parque")
    assert one.told == {"code": MINE}


def test_a_note_opens_no_second_case(phone, make_case):
    one = phone(make_case()).says("482105930 no hay luz en la cancha de Alto Tacagua")
    assert [type(effect) for effect in one.asked_for] == [AddNote]


@pytest.mark.parametrize(("words", "rule"), [("uno dos tres", "code"), ("uno dos tres cuatro", "note")])
def test_four_words_are_a_story(phone, make_case, words, rule):
    assert phone(make_case()).says(f"482105930 {words}").rule == rule


@pytest.mark.parametrize(
    "status",
    [
        CaseStatus.CLOSED,
        CaseStatus.WITHDRAWN,
        CaseStatus.DUPLICATE,
        CaseStatus.REJECTED,
        CaseStatus.RESOLVED,
        CaseStatus.ANSWERED,
    ],
)
def test_words_about_a_case_that_is_over_are_kept_and_somebody_is_called(phone, make_case, status):
    text = "482105930 otra vez esta apagado el poste"
    one = phone(make_case(status=status)).says(text)
    assert one.asked_for == [AddNote(code=MINE, text=text), AlertStaff(reason="noted_when_over", code=MINE)]
    assert one.heard == ["note/done"]


def test_a_danger_is_heard_though_it_comes_with_a_question(phone, make_case):
    text = "482105930 cuando van a venir? hay un cable pelado y se electrocuto un niño"
    one = phone(make_case()).says(text)
    assert one.asked_for == [AddNote(code=MINE, text=text), AlertStaff(reason="emergency", code=MINE)]


def test_a_stranger_adds_nothing_to_a_case(phone, make_case):
    one = phone(make_case(contact_id=2)).says("482105930 tambien esta oscuro el parque, hay peligro")
    assert (one.heard, one.asked_for) == (["status/stranger"], [])
