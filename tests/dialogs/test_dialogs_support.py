"""Support: a neighbour's open case, by its code; nothing of it is told, and nothing half told is left."""

import pytest

from dialogs.cases import OPEN, CaseStatus
from dialogs.effects import Support

THEIRS = "482105930"


@pytest.fixture
def neighbour(phone, make_case):
    """Somebody who knows the code of another's case."""
    return lambda **columns: phone(make_case(contact_id=2, **columns))


@pytest.mark.parametrize(
    "text",
    [
        f"APOYO {THEIRS}",
        f"{THEIRS} apoyo",
        f"yo tambien apoyo el reclamo {THEIRS}",
        f"me sumo {THEIRS}",
        f"support {THEIRS}",
    ],
)
def test_a_neighbour_is_added(neighbour, text):
    one = neighbour().says(text)
    assert (one.rule, one.heard, one.told) == ("code", ["support/done"], {"code": THEIRS})
    assert (one.asked_for, one.session) == ([Support(code=THEIRS)], None)


@pytest.mark.parametrize("status", sorted(set(CaseStatus) - set(OPEN)))
def test_what_is_over_is_only_told(neighbour, status):
    one = neighbour(status=status).says(f"apoyo {THEIRS}")
    assert (one.heard, one.asked_for) == (["status/stranger"], [])


def test_a_confidential_case_is_not_there(neighbour):
    one = neighbour(confidential=True).says(f"apoyo {THEIRS}")
    assert (one.heard, one.asked_for) == (["status/unknown"], [])


def test_ones_own_case_needs_no_support(phone, make_case):
    one = phone(make_case()).says(f"apoyo {THEIRS}")
    assert (one.heard, one.asked_for) == (["status/own"], [])


@pytest.mark.parametrize("text", ["apoyo", "yo apoyo", "quiero apoyar"])
def test_without_a_code_it_is_told_how(neighbour, text):
    one = neighbour().says(text)
    assert (one.heard, one.asked_for) == (["support/how"], [])


def test_a_report_that_is_half_told_goes_on(neighbour):
    one = neighbour().says("hay un bache enorme en la calle").says(f"apoyo {THEIRS}")
    assert (one.heard, one.session.dialog, one.session.step) == (["support/done"], "report", "place")


@pytest.mark.parametrize(
    "text", ["necesitamos apoyo para limpiar la quebrada de Alto Tacagua", "no hay apoyo de nadie, no hay agua"]
)
def test_who_asks_for_support_reports(neighbour, text):
    assert neighbour().says(text).rule == "report"
