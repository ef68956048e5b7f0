"""Correct: 1, or no, after a receipt tells us that we misunderstood; the case itself is put right."""

from datetime import timedelta

import pytest

from dialogs.cases import CaseStatus
from dialogs.correct import CORRECT
from dialogs.effects import AddNote, OpenCase, Relabel, SetPlace
from dialogs.messages import ChannelKind

MINE = "482105930"


@pytest.fixture
def receipt(phone, make_case, now):
    """``receipt(status=…)``: somebody who filed a street light in Sopocachi half an hour ago."""

    def make(*others, contact_place="sopocachi", **more):
        given = {"opened_at": now - timedelta(minutes=30), **more}
        return phone(make_case(**given), *others, place=contact_place)

    return make


@pytest.mark.parametrize("text", ["1", "uno", "1.", "no", "no es asi", "no es", "incorrecto"])
def test_the_key_or_a_short_no_asks_to_be_told_again(receipt, text):
    one = receipt().says(text)
    assert (one.rule, one.heard, one.told) == ("corrected", ["correct/tell"], {"code": MINE})


@pytest.mark.parametrize(
    "text", ["2", "no hay luz", "no hay agua", "todavia no arreglaron nada", "no vinieron", "si no"]
)
def test_another_key_or_what_else_is_not_does_not(receipt, text):
    assert receipt().says(text).rule != "corrected"


@pytest.mark.parametrize(
    "more",
    [{"confidential": True}, {"status": CaseStatus.RESOLVED}, {"contact_id": 2}],
    ids=["confidential", "over", "another's"],
)
def test_without_a_receipt_that_could_be_wrong_a_key_is_a_key(receipt, more):
    assert receipt(**more).says("1").rule == "stray"


def test_a_day_later_a_key_is_a_key(receipt, now):
    assert receipt(opened_at=now - timedelta(days=1)).says("1").rule == "stray"
    assert receipt(opened_at=now - timedelta(days=1) + timedelta(seconds=1)).says("1").rule == "corrected"


def test_of_two_receipts_the_last_is_meant(receipt, make_case, now):
    newer = make_case("739184529", opened_at=now - timedelta(minutes=5))
    assert receipt(newer).says("1").told == {"code": "739184529"}
    lower = make_case(
        "100000009", opened_at=now - timedelta(minutes=5)
    )  # the last is not the one of the highest number
    assert receipt(lower).says("1").told == {"code": "100000009"}
    together = make_case("739184529", opened_at=now - timedelta(minutes=30))
    assert receipt(together).says("1").told == {"code": "739184529"}


def test_where_a_question_waits_1_is_its_answer(receipt):
    assert receipt().says("menu").says("1").waits_at == "report/describe"


def test_on_a_screen_a_key_is_one_of_the_menu(receipt):
    assert receipt().on(ChannelKind.USSD).says("1").waits_at == "menu/main"


def test_what_is_told_again_puts_the_case_right(receipt, city):
    text = "es la basura, en Villa Fatima"
    one = receipt().says("1").says(text)
    assert one.asked_for == [
        Relabel(code=MINE, category="basura", unit=city.categories["basura"].unit, place="villa-fatima"),
        AddNote(code=MINE, text=text),
        SetPlace(place="villa-fatima"),
    ]
    assert (one.heard, one.session) == (["correct/done"], None)
    assert one.told == {"code": MINE, "category": "basura", "place": "villa-fatima"}


def test_what_is_not_told_stays(receipt, city):
    [relabel, _note] = receipt().says("1").says("es basura").asked_for
    assert relabel == Relabel(code=MINE, category="basura", unit=city.categories["basura"].unit, place=None)
    assert receipt().says("1").says("es basura").told == {"code": MINE, "category": "basura", "place": "sopocachi"}
    one = receipt().says("1").says("era en Villa Fatima")
    assert one.asked_for[0] == Relabel(code=MINE, category=None, unit=None, place="villa-fatima")
    assert one.told == {"code": MINE, "category": "alumbrado", "place": "villa-fatima"}


def test_where_they_write_from_changes_only_if_it_was_learnt_from_this_case(receipt):
    one = receipt(contact_place="obrajes").says("1").says("era en Villa Fatima")
    assert SetPlace not in {type(effect) for effect in one.asked_for}


@pytest.mark.parametrize("text", ["no, es en Villa Copacabana", "no es, es Villa Copacabana"])
def test_a_no_that_tells_what_is_right_is_enough(receipt, text):
    one = receipt().says(text)
    assert (one.rule, one.heard, one.told["place"]) == ("corrected", ["correct/done"], "villa-copacabana")


def test_who_names_nothing_is_asked_what_it_is_about(receipt, city):
    one = receipt().says("1").says("asi no era pues oiga")
    assert one.waits_at == "correct/category"
    assert len(one.offered) == 6
    one.says("el agua pues que no llega")
    assert one.asked_for[0] == Relabel(code=MINE, category="agua", unit=city.categories["agua"].unit, place=None)
    assert one.asked_for[1] == AddNote(code=MINE, text="asi no era pues oiga")


@pytest.mark.parametrize("text", ["x", "..."])
def test_three_times_nothing_leaves_the_case_as_it_is(receipt, text):
    one = receipt().says("1").says(text).says(text).says(text)
    assert (one.heard, one.told, one.asked_for, one.session) == (["correct/left"], {"code": MINE}, [], None)


def test_three_misses_of_what_it_is_keep_the_words(receipt):
    one = receipt().says("1").says("asi no era pues oiga").says("x").says("x").says("x")
    assert (one.heard, one.told) == (["correct/noted"], {"code": MINE})
    assert one.asked_for == [AddNote(code=MINE, text="asi no era pues oiga")]


@pytest.mark.parametrize("status", [CaseStatus.ASSIGNED, CaseStatus.IN_PROGRESS, CaseStatus.PLANNED])
def test_of_a_case_that_somebody_works_on_it_is_more_to_tell(receipt, status):
    one = receipt(status=status).says("1").says("es la basura")
    assert (one.heard, one.asked_for) == (["correct/noted"], [AddNote(code=MINE, text="es la basura")])


def test_a_case_that_is_over_when_they_answer_is_more_to_tell(receipt):
    one = receipt().says("1")
    one.cases = ()
    assert one.says("es la basura").heard == ["correct/noted"]


@pytest.mark.parametrize(
    ("text", "heard", "confidential", "priority"),
    [
        ("el inspector me pide coima", "report/thanks", True, False),
        ("se derrumba el talud en Villa Fatima", "report/danger", False, True),
        ("auxilio hay heridos", "report/danger", False, True),
    ],
)
def test_a_secret_or_a_danger_is_a_case_of_its_own(receipt, text, heard, confidential, priority):
    one = receipt().says("1").says(text)
    assert one.heard == [heard]
    [opened] = [effect for effect in one.asked_for if isinstance(effect, OpenCase)]
    assert (opened.description, opened.confidential, opened.priority) == (text, confidential, priority)


def test_without_words_an_empty_note_is_kept(receipt, make_case):
    """As where a session of an earlier version holds none."""
    facts = receipt().known("")
    assert CORRECT.steps["note"].effects(facts, {"code": MINE}) == (AddNote(code=MINE, text=""),)


def test_of_a_case_that_is_gone_only_what_was_told_is_said(receipt):
    facts = receipt(contact_id=2).known("")
    assert CORRECT.steps["done"].params(facts, {"code": MINE}) == {"code": MINE, "category": None, "place": None}


def test_silence_changes_nothing(receipt):
    one = receipt().says("1").is_silent_for_too_long()
    assert (one.heard, one.asked_for, one.session) == ([], [], None)


@pytest.mark.parametrize(
    "text", ["perdon no es sopocachi es en Kupini", "queda en Kupini", "y es en Kupini cerca a la cancha"]
)
def test_who_goes_on_with_where_it_is_puts_the_place_right(receipt, text):
    one = receipt().says(text)
    assert (one.rule, one.asked_for[0]) == ("corrected", Relabel(code=MINE, category=None, unit=None, place="kupini"))


@pytest.mark.parametrize("text", ["es en Sopocachi cerca a la cancha", "es en la esquina", "y tambien en Kupini"])
def test_where_in_the_same_place_it_is_or_that_it_is_elsewhere_too_is_more_to_tell(receipt, text):
    one = receipt().says(text)
    assert (one.rule, one.asked_for) == ("added", [AddNote(code=MINE, text=text)])


@pytest.mark.parametrize("text", ["no es alumbrado, es basura", "no es la luz es basura nomas"])
def test_of_two_kinds_the_one_that_it_is_not_yet_is_meant(receipt, city, text):
    one = receipt().says("1").says(text)
    assert one.asked_for[0] == Relabel(code=MINE, category="basura", unit=city.categories["basura"].unit, place=None)


def test_what_the_receipt_said_already_names_nothing(receipt):
    assert receipt().says("1").says("era en Sopocachi").waits_at == "correct/category"
