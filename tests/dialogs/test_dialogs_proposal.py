"""Proposals: an idea is asked for, filed without a question about its kind, and supported by its code."""

import pytest

from dialogs.cases import CaseKind
from dialogs.effects import OpenCase
from dialogs.messages import ChannelKind

IDEA = "una biblioteca para los niños en Villa Fatima"


def opened(one):
    [case] = [effect for effect in one.asked_for if isinstance(effect, OpenCase)]
    return case


@pytest.mark.parametrize("text", ["PROPUESTA", "tengo una idea", "quiero hacer una propuesta", "i have an idea"])
def test_who_has_an_idea_is_asked_for_it(phone, text):
    one = phone().says(text)
    assert (one.rule, one.heard) == ("command", ["proposal/tell"])


@pytest.mark.parametrize("text", [IDEA, "no hay luz en Sopocachi"])
def test_what_is_told_then_is_a_proposal_whatever_it_says(phone, text):
    one = phone().says("propuesta").says(text)
    assert (opened(one).kind, opened(one).description) == (CaseKind.PROPOSAL, text)
    assert (one.heard, one.told["code"], one.told["fix"]) == (["report/proposed"], opened(one).code, "1")


def test_dots_are_no_idea(phone):
    one = phone().says("propuesta").says("...")
    assert (one.rule, one.waits_at) == ("miss", "proposal/tell")


def test_where_is_asked_and_what_kind_is_not(phone):
    one = phone().says("propuesta").says("algo nuevo y lindo para todos nosotros")
    assert one.waits_at == "report/place"
    assert opened(one.says("Obrajes")).kind is CaseKind.PROPOSAL


def test_an_idea_told_at_once_is_not_asked_what_kind_it_is(phone):
    one = phone().says("propongo algo nuevo y lindo en Obrajes")
    assert (opened(one).kind, one.heard) == (CaseKind.PROPOSAL, ["report/proposed"])
    assert opened(one).category in one.facts.city.categories


def test_danger_outranks_an_idea(phone):
    one = phone().says("propuesta").says("se derrumba el talud en Villa Fatima")
    assert one.heard == ["report/danger"]
    assert one.on(ChannelKind.USSD).dials().presses("propuesta").presses("se derrumba el talud").heard[0] == (
        "report/thanks (sms)"
    )


def test_on_a_screen_the_receipt_of_an_idea_comes_by_sms_too(ussd_phone):
    one = ussd_phone().dials().presses("propuesta").presses(IDEA)
    assert one.heard == ["report/proposed (sms)", "report/proposed"]
    assert [say.params["fix"] for say in one.says_back] == ["1", None]
