"""The book on a screen: a dial, keys, a line that breaks."""

from dialogs.cases import CaseStatus
from dialogs.effects import OptOut
from dialogs.messages import ChannelKind, SessionEvent


def test_a_dial_shows_the_menu(ussd_phone):
    one = ussd_phone().dials()
    assert (one.rule, one.heard) == ("dialled", ["menu/main"])
    assert len(one.offered) == 5


def test_a_dial_while_a_confirmation_waits_shows_it_first(at):
    one = at("confirm/ask").on(ChannelKind.USSD).dials()
    assert (one.rule, one.heard, one.waits_at) == ("confirmation_waits", ["confirm/ask"], "confirm/ask")


def test_a_dial_after_a_confirmation_was_talked_over_shows_it_first(ussd_phone, make_case):
    one = ussd_phone(make_case(), make_case("615302743", status=CaseStatus.RESOLVED, asked=True)).dials()
    assert (one.rule, one.heard) == ("confirmation_waits", ["confirm/ask"])
    assert one.presses("1").told["code"] == "615302743"


def test_a_dial_shows_the_menu_anew_where_only_the_menu_was_left(ussd_phone):
    assert ussd_phone().dials().dials().rule == "dialled"


def test_a_dial_offers_to_go_on_with_what_was_left(at, question):
    one = at(question).on(ChannelKind.USSD)
    pending = one.session
    one.dials()
    if question.startswith(("menu/", "confirm/")):
        assert one.rule in ("dialled", "confirmation_waits")
        return
    assert (one.rule, one.heard) == ("unfinished", ["resume/ask"])
    assert [option.value for option in one.offered] == ["continue", "restart"]
    one.presses("1")
    assert (one.rule, one.heard, one.session) == ("resumed", [question], pending)


def test_a_dial_may_begin_again(at):
    one = at("report/place").on(ChannelKind.USSD).dials().presses("2")
    assert (one.rule, one.heard, one.waits_at) == ("restarted", ["menu/main"], "menu/main")


def test_who_answers_the_old_question_at_once_need_not_be_offered_it(at):
    one = at("report/place").on(ChannelKind.USSD).dials().presses("Sopocachi")
    assert one.heard == ["report/thanks (sms)", "report/thanks"]


def test_a_question_said_again_ends_the_offer(phone, make_session):
    one = phone(session=make_session("report/category", description="ayuda vengan", place="sopocachi"))
    one.on(ChannelKind.USSD).dials().hangs_up()
    assert one.heard == ["report/category (sms)"]
    chosen = one.offered[0].value
    one.on(ChannelKind.SMS).says("1")
    assert one.heard == ["report/thanks"]
    assert one.told["category"] == chosen


def test_a_line_that_breaks_in_a_report_asks_on_by_sms_and_else_says_nothing(at, state):
    one = at(state).on(ChannelKind.USSD)
    pending = one.session
    one.hangs_up()
    half_told = state is not None and state.startswith("report/")
    assert (one.rule, one.heard, one.session) == ("dropped", [f"{state} (sms)"] if half_told else [], pending)


def test_a_dial_and_a_broken_line_are_not_read_as_texts(phone):
    assert phone().says("BAJA", SessionEvent.NEW).rule == "dialled"
    assert phone().says("BAJA", SessionEvent.CLOSE).rule == "dropped"


def test_a_hop_after_the_session_was_forgotten_shows_the_menu(ussd_phone):
    assert ussd_phone().presses("3").heard == ["menu/main"]
    assert ussd_phone().presses("hay basura en Munaypata").heard == ["menu/main"]


def test_a_stop_is_obeyed_on_a_screen(ussd_phone):
    one = ussd_phone().dials().presses("baja")
    assert (one.heard, one.asked_for) == (["stop/done"], [OptOut()])


def test_by_keys_the_code_comes_by_sms_too(ussd_phone):
    one = ussd_phone().dials().presses("1")
    assert one.heard == ["report/describe"]
    assert one.presses("poste sin luz en la plaza").heard == ["report/place"]
    assert one.presses("Achachicala").heard == ["report/thanks (sms)", "report/thanks"]
    by_sms, on_screen = (say.params for say in one.says_back)
    assert (by_sms["fix"], by_sms | {"fix": None}) == ("1", on_screen)  # the last screen takes no answer
    assert [say.ends_session for say in one.says_back] == [False, True]


def test_danger_by_keys_gets_the_receipt_by_sms(ussd_phone):
    one = ussd_phone().dials().presses("1").presses("se derrumba el talud sobre las casas")
    assert one.heard == ["report/thanks (sms)", "report/danger"]


def test_a_report_begun_by_keys_is_finished_by_sms(ussd_phone):
    one = ussd_phone().dials().presses("1").presses("la grada se esta rompiendo").hangs_up()
    assert one.heard == ["report/place (sms)"]
    assert one.says_back[0].lead == "common/unfinished"
    assert one.on(ChannelKind.SMS).says("Vino Tinto").heard == ["report/thanks"]


def test_who_hangs_up_before_saying_anything_is_not_written_to(ussd_phone):
    one = ussd_phone().dials().presses("1").hangs_up()
    assert (one.rule, one.heard) == ("dropped", [])
    assert one.waits_at == "report/describe"


def test_an_unreadable_beginning_is_not_asked_about(ussd_phone):
    assert ussd_phone().dials().presses("1").presses("..").hangs_up().heard == []
