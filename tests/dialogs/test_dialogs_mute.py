"""One case is silenced by its code beside an opt-out word, and heard again; nobody is opted out of more than they said."""

from datetime import UTC, datetime

import pytest

from dialogs.book import route
from dialogs.cases import CaseStatus
from dialogs.effects import Mute, OptOut, Unmute
from dialogs.messages import SessionEvent
from dialogs.nodes import Start

MINE, THEIRS, NOBODYS = "482105930", "739184529", "100000006"
AGO = datetime(2026, 1, 5, tzinfo=UTC)


@pytest.fixture
def behind(phone, make_case):
    """Somebody with a case, who supports a neighbour's; ``supported`` is what the store says of that."""
    return lambda **columns: phone(make_case(MINE), make_case(THEIRS, contact_id=2, **columns), supports=[THEIRS])


@pytest.mark.parametrize(
    "text",
    [
        f"BAJA {MINE}",
        f"{MINE} baja",
        "baja 482 105 930",
        "BAJA482105930",
        "Baja 482.105.930 por favor",
        "baja 4821O593O",
        "baja cuatro ocho dos uno cero cinco nueve tres cero",
        f"hola, baja del caso {MINE}, gracias",
        f"silenciar {MINE}",
        f"no quiero mas avisos de {MINE}",
        f"no quiero recibir mensajes del caso {MINE}",
        f"quiero darme de baja del caso {MINE}",
        f"ya no {MINE} mas",
        f"STOP {MINE}",
        f"stop case {MINE}",
        f"i do not want any more messages about {MINE}",
    ],
)
def test_ones_own_case_is_silenced(behind, text):
    one = behind().says(text)
    assert (one.rule, one.heard, one.told) == ("code", ["mute/done"], {"code": MINE})
    assert (one.asked_for, one.session) == ([Mute(code=MINE)], None)


@pytest.mark.parametrize("text", [f"ALTA {MINE}", f"alta del caso {MINE}", f"{MINE} activar", f"start {MINE}"])
def test_and_heard_again(behind, text):
    one = behind().says(text)
    assert (one.rule, one.heard, one.told) == ("code", ["unmute/done"], {"code": MINE})
    assert (one.asked_for, one.session) == ([Unmute(code=MINE)], None)


def test_who_wants_no_messages_at_all_is_told_so(phone, make_case):
    one = phone(make_case(MINE), opted_out_at=AGO).says(f"ALTA {MINE}")
    assert (one.heard, one.told, one.asked_for) == (["unmute/nothing"], {"code": MINE}, [Unmute(code=MINE)])


@pytest.mark.parametrize("status", CaseStatus)
def test_a_case_that_is_supported_is_silenced_whatever_became_of_it(behind, status):
    one = behind(status=status)
    assert (one.says(f"baja {THEIRS}").heard, one.asked_for) == (["mute/done"], [Mute(code=THEIRS)])
    assert (one.says(f"alta {THEIRS}").heard, one.asked_for) == (["unmute/done"], [Unmute(code=THEIRS)])


@pytest.mark.parametrize("word", ["baja", "alta"])
def test_a_strangers_code_is_answered_like_one_that_nobody_has(phone, make_case, word):
    one = phone(make_case(THEIRS, contact_id=2), make_case(MINE, contact_id=2, confidential=True))
    for code in (THEIRS, MINE, NOBODYS):
        assert (one.says(f"{word} {code}").heard, one.told) == (["status/unknown"], {"code": code})
        assert (one.asked_for, one.rule) == ([], "code")


@pytest.mark.parametrize("word", ["baja", "alta"])
def test_a_case_that_became_confidential_is_not_there_for_who_supports_it(behind, word):
    one = behind(confidential=True).says(f"{word} {THEIRS}")
    assert (one.heard, one.asked_for) == (["status/unknown"], [])


def test_who_wants_nothing_at_all_is_heard_whatever_code_stands_beside_it(phone, make_case):
    one = phone(make_case(THEIRS, contact_id=2))
    for code in (THEIRS, NOBODYS):
        one.says(f"quiero darme de baja de su lista {code}")
        assert (one.heard, one.asked_for) == (["stop/done"], [OptOut()])


def test_what_a_dialog_is_told_of_such_a_text(make_facts):
    decision = route(make_facts(), f"quiero darme de baja de su lista {THEIRS}", SessionEvent.NONE)
    assert decision == Start(dialog="mute", rule="code", answers={"code": THEIRS, "all": True})
    assert route(make_facts(), f"baja {THEIRS}", SessionEvent.NONE).answers == {"code": THEIRS}


def test_of_several_codes_ones_own_is_meant(behind):
    assert behind().says(f"baja {NOBODYS} {MINE}").asked_for == [Mute(code=MINE)]
    assert behind().says(f"baja {THEIRS} {MINE}").asked_for == [Mute(code=MINE)]
    assert behind().says(f"baja {THEIRS} {NOBODYS}").asked_for == [Mute(code=THEIRS)]


@pytest.mark.parametrize(
    "text",
    [
        f"{MINE} la presion del agua esta baja",
        f"{MINE} la calle baja sigue oscura",
        f"en la parte baja no hay luz, mi caso es {MINE}",
        f"{MINE} baja tension",
        f"baja {MINE} 2 postes",
        f"{MINE} den de alta el poste",
        f"mi vecina tiene {THEIRS} y aqui en la calle baja tampoco hay agua",
    ],
)
def test_a_text_that_tells_more_silences_nothing(behind, text):
    asked = behind().says(text).asked_for
    assert not [effect for effect in asked if isinstance(effect, Mute | Unmute | OptOut)]


@pytest.mark.parametrize("text", ["silenciar", "baja del caso", "alta del caso", "mute case", "unmute"])
def test_without_a_code_it_is_told_how(behind, text):
    one = behind().says(text)
    assert (one.rule, one.heard, one.asked_for) == ("command", ["mute/how"], [])


@pytest.mark.parametrize(("word", "said"), [("baja", "mute/done"), ("alta", "unmute/done")])
def test_a_report_that_is_half_told_goes_on(behind, word, said):
    one = behind().says("hay un bache enorme en la calle").says(f"{word} {MINE}")
    assert (one.heard, one.waits_at) == ([said], "report/place")


def test_by_ussd_it_is_one_screen(ussd_phone, make_case):
    one = ussd_phone(make_case(MINE)).dials().presses(f"baja {MINE}")
    assert (one.heard, one.asked_for) == (["mute/done"], [Mute(code=MINE)])


def test_to_hear_of_a_case_again_leaves_the_question_that_waits(at):
    one = at("report/place")
    pending = one.session
    one.says("alta 482105930")
    assert (one.heard, one.session) == (["unmute/done"], pending)


def test_of_two_codes_ones_own_is_meant(phone, make_case):
    one = phone(make_case(), make_case("615302743", contact_id=2))
    assert one.says("baja 615302743 482105930").asked_for == [Mute(code="482105930")]
