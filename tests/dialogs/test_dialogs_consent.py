"""Opt-out and opt-in: asked for once, answered once, and nothing else is given up with it."""

from datetime import UTC, datetime

import pytest

from dialogs.effects import OptIn, OptOut

AGO = datetime(2026, 1, 5, tzinfo=UTC)


@pytest.mark.parametrize("opted_out_at", [None, AGO])
def test_a_stop_is_answered_once_each_time(phone, opted_out_at):
    one = phone(opted_out_at=opted_out_at).says("BAJA")
    assert (one.asked_for, one.heard, one.told) == ([OptOut()], ["stop/done"], {})


@pytest.mark.parametrize("opted_out_at", [None, AGO])
def test_a_start_is_answered_once_each_time(phone, opted_out_at):
    one = phone(opted_out_at=opted_out_at).says("ALTA")
    assert (one.asked_for, one.heard, one.told) == ([OptIn()], ["start/done"], {})


def test_who_has_opted_out_is_still_answered(phone, make_case):
    one = phone(make_case(), opted_out_at=AGO)
    assert one.says("482105930").heard == ["status/own"]
    assert one.says("no hay luz en Sopocachi").heard == ["report/thanks"]


@pytest.mark.parametrize(("opted_out_at", "said"), [(None, "notices/on"), (AGO, "notices/off")])
def test_the_menu_says_how_notices_stand_and_changes_nothing(ussd_phone, opted_out_at, said):
    one = ussd_phone(opted_out_at=opted_out_at).dials().presses("3")
    assert (one.heard, one.asked_for, one.session) == ([said], [], None)


@pytest.mark.parametrize("text", ["BAJA", "ALTA"])
def test_a_report_goes_on_afterwards(phone, text):
    one = phone().says("hay un bache enorme en la calle").says(text)
    assert one.says("Sopocachi").heard == ["report/thanks"]
