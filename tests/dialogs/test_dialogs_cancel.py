"""Cancel: inside a dialog it ends the dialog; alone it asks what is meant; only what may be withdrawn is offered."""

from dataclasses import replace

import pytest

from dialogs.cases import TRANSITIONS, CaseStatus
from dialogs.effects import OptOut, Withdraw
from dialogs.messages import ChannelKind

MINE, MINE_TOO = "482105930", "615302743"


@pytest.mark.parametrize("text", ["cancelar", "CANCEL", "anular mi reclamo", "me equivoque", "dejalo asi"])
def test_alone_it_asks_what_is_meant(phone, text):
    one = phone().says(text)
    assert (one.heard, one.asked_for) == (["cancel/what"], [])
    assert [option.value for option in one.offered] == ["cancel_optout", "cancel_withdraw"]


def test_inside_a_dialog_it_ends_the_dialog(phone):
    one = phone().says("hay un bache enorme en la calle").says("cancelar")
    assert (one.heard, one.asked_for, one.session) == (["cancel/dropped"], [], None)


def test_inside_itself_too(phone):
    assert phone().says("cancelar").says("cancelar").heard == ["cancel/dropped"]


def test_one_is_no_more_notices(phone):
    one = phone().says("cancelar").says("1")
    assert (one.heard, one.asked_for, one.session) == (["stop/done"], [OptOut()], None)


def test_two_offers_ones_own_cases(phone, make_case):
    one = phone(make_case(), make_case("359204811", contact_id=2), make_case(MINE_TOO)).says("cancelar").says("2")
    assert one.heard == ["cancel/which"]
    assert [option.value for option in one.offered] == [MINE, MINE_TOO]


def test_a_case_is_withdrawn(phone, make_case):
    one = phone(make_case(), make_case(MINE_TOO)).says("cancelar").says("2").says("2")
    assert one.asked_for == [Withdraw(code=MINE_TOO)]
    assert (one.heard, one.told, one.session) == (["cancel/withdrawn"], {"code": MINE_TOO}, None)


def test_many_cases_are_paged(phone, make_case):
    cases = [make_case(code) for code in (MINE, MINE_TOO, "359204811", "904716233")]
    one = phone(*cases).says("cancelar").says("2").says("9").says("1")
    assert one.asked_for == [Withdraw(code="904716233")]


@pytest.mark.parametrize("status", CaseStatus)
def test_what_may_not_be_withdrawn_is_not_offered(phone, make_case, status):
    one = phone(make_case(status=status)).says("cancelar").says("2")
    allowed = CaseStatus.WITHDRAWN in TRANSITIONS[status]
    assert one.heard == (["cancel/which"] if allowed else ["cancel/none"])


def test_who_has_no_case_is_told_so(phone):
    one = phone().says("cancelar").says("2")
    assert (one.heard, one.session) == (["cancel/none"], None)


def test_a_secret_case_is_not_offered(phone, make_case):
    assert phone(make_case(confidential=True)).says("cancelar").says("2").heard == ["cancel/none"]


def test_three_misses_leave_everything_as_it_was(phone, make_case):
    one = phone(make_case()).says("cancelar").says("x").says("w").says("z")
    assert (one.heard, one.asked_for) == (["cancel/dropped"], [])
    one.says("cancelar").says("2").says("x").says("w").says("z")
    assert (one.heard, one.asked_for) == (["cancel/dropped"], [])


def test_silence_changes_nothing(phone, make_case):
    one = phone(make_case()).says("cancelar").says("2").is_silent_for_too_long()
    assert one.last.effects == ()


def test_by_keys_the_same(phone, make_case):
    one = phone(make_case()).on(ChannelKind.USSD).dials().presses("cancelar")
    assert one.heard == ["cancel/dropped"]
    one = phone(make_case()).on(ChannelKind.USSD).presses("cancelar").presses("2").presses("1")
    assert one.heard == ["cancel/withdrawn"]


def test_a_digit_means_the_case_that_was_read_though_the_list_has_changed(phone, make_case):
    light, waste = make_case(), make_case("615302743", category="basura")
    one = phone(waste, light).says("cancelar").says("2")
    assert [option.value for option in one.offered] == [waste.code, light.code]
    one.cases = [replace(waste, status=CaseStatus.NOT_COMPETENT), light]  # staff were quicker
    one.says("1")
    assert (one.rule, one.heard, one.asked_for) == ("miss", ["cancel/which"], [])
    assert [option.value for option in one.offered] == [light.code]
    assert one.says("1").asked_for == [Withdraw(code=light.code)]


def test_a_new_case_at_the_top_of_the_list_moves_no_digit(phone, make_case):
    light, waste = make_case(), make_case("615302743", category="basura")
    one = phone(light).says("cancelar").says("2")
    one.cases = [waste, light]
    assert one.says("1").asked_for == [Withdraw(code=light.code)]


def test_a_list_whose_cases_are_gone_ends_the_question(phone, make_case):
    one = phone(make_case()).says("cancelar").says("2")
    one.cases = []
    one.says("1")
    assert (one.rule, one.heard, one.session) == ("nothing_left", ["cancel/dropped"], None)


@pytest.mark.parametrize("text", ["RETIRAR", "retirar mi queja", "quiero retirar mi reclamo", "withdraw my case"])
def test_who_says_to_take_back_is_asked_which(phone, make_case, text):
    one = phone(make_case()).says(text)
    assert (one.heard, one.asked_for) == (["cancel/which"], [])


@pytest.mark.parametrize(
    "text", [f"retirar {MINE}", f"RETIRO {MINE}", f"cancelar {MINE}", f"{MINE} quiero retirar mi reclamo"]
)
def test_with_its_code_a_case_is_asked_about_once(phone, make_case, text):
    one = phone(make_case(), make_case(MINE_TOO)).says(text)
    assert (one.heard, one.told, one.asked_for) == (["cancel/sure"], {"code": MINE, "category": "alumbrado"}, [])
    one.says("si")
    assert (one.heard, one.asked_for, one.session) == (["cancel/withdrawn"], [Withdraw(code=MINE)], None)


@pytest.mark.parametrize("answers", [["no"], ["2"], ["xqzw", "eh", "..."]])
def test_only_a_yes_takes_it_back(phone, make_case, answers):
    one = phone(make_case()).says(f"retirar {MINE}")
    for text in answers:
        one = one.says(text)
    assert (one.heard, one.told, one.asked_for) == (["cancel/kept"], {"code": MINE}, [])


def test_thanks_with_the_yes_are_a_yes(phone, make_case):
    assert phone(make_case()).says(f"retirar {MINE}").says("si gracias").heard == ["cancel/withdrawn"]


def test_a_case_that_went_on_meanwhile_stays(phone, make_case):
    one = phone(make_case()).says(f"retirar {MINE}")
    one.cases = []
    assert (one.says("si").heard, one.asked_for) == (["cancel/none"], [])


@pytest.mark.parametrize("columns", [{"confidential": True}, {"status": CaseStatus.CLOSED}])
def test_with_its_code_too_only_what_may_be_withdrawn_is(phone, make_case, columns):
    assert phone(make_case(**columns)).says(f"retirar {MINE}").heard == ["cancel/none"]


def test_nobody_takes_back_a_neighbours_case(phone, make_case):
    one = phone(make_case(contact_id=2)).says(f"retirar {MINE}")
    assert (one.heard, one.asked_for) == (["status/stranger"], [])


def test_to_take_back_what_is_half_told_drops_it(phone, make_case):
    one = phone(make_case()).says("hay un bache enorme en la calle").says("retirar")
    assert (one.heard, one.asked_for, one.session) == (["cancel/dropped"], [], None)


@pytest.mark.parametrize("before", ["menu", "cancelar", "idioma"])
def test_where_we_asked_something_else_it_still_means_a_case(phone, make_case, before):
    assert phone(make_case()).says(before).says("retirar").heard == ["cancel/which"]
