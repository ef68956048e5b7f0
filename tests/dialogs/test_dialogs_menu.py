"""Menu and help: five ways by key, each to its dialog; help answers and gives way."""

from datetime import timedelta

import pytest

from dialogs.effects import HandOver
from dialogs.messages import ChannelKind

WAYS = {
    "1": "report/describe",
    "2": "status/none",
    "3": "notices/on",
    "4": "language/ask",
    "5": "person/done",
}


@pytest.mark.parametrize(("key", "said"), WAYS.items())
@pytest.mark.parametrize("kind", [ChannelKind.SMS, ChannelKind.USSD])
def test_each_key_leads_to_its_dialog(phone, key, said, kind):
    one = phone(channel_kind=kind).says("menu").says(key)
    assert one.heard[-1] == said


def test_every_way_stands_on_the_menu(ussd_phone):
    assert [option.key for option in ussd_phone().dials().offered] == list(WAYS)


@pytest.mark.parametrize("key", ["0", "6", "9", "reporte algo"])
def test_another_key_is_a_miss(ussd_phone, key):
    one = ussd_phone().dials().presses(key)
    assert (one.rule, one.heard, one.waits_at) == ("miss", ["menu/main"], "menu/main")


def test_three_misses_go_to_a_person(ussd_phone):
    one = ussd_phone().dials().presses("7").presses("8").presses("77")
    assert one.heard == ["handover/done (sms)", "handover/done"]
    assert one.asked_for[-1] == HandOver(reason="three_misses", code="739184529")


def test_the_menu_stands_for_an_hour_and_just_ends(ussd_phone, now):
    one = ussd_phone().dials()
    assert one.session.expires_at == now + timedelta(hours=1)
    one.is_silent_for_too_long()
    assert (one.last.effects, one.session) == ((), None)


def test_help_answers_and_gives_way(phone):
    one = phone().says("hay un bache enorme en la calle").says("ayuda")
    assert (one.heard, one.waits_at) == (["help/help"], "report/place")
    assert one.says("Sopocachi").heard == ["report/thanks"]


def test_help_alone_waits_for_nothing(phone):
    assert phone().says("ayuda").session is None


def test_a_key_may_be_pressed_with_the_words_behind_it(phone):
    assert phone().says("menu").says("2 Ver mi caso").heard == ["status/none"]
    assert phone().says("menu").says("1 Ver mi caso").rule == "miss"
