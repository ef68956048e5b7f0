"""The disclosure rules, from the text that is sent to the words that come back, for every kind of asker and case."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs import telling
from dialogs.cases import CaseStatus
from dialogs.effects import LabelKind, Option

SECRET = {"confidential": True, "category": "seguridad", "place": "sopocachi", "description": "secreto"}
#: Everything a person may write that makes us speak of cases, none of them with the secret case's code.
ASKING = ["estado", "mis casos", "cancelar", "menu", "hola", "gracias", "si", "no", "482105931", "48210593", "ayuda"]


def test_a_reporter_is_told_what_and_where(make_case):
    case = make_case()
    assert telling.to_owner(case) == {
        "code": "482105930",
        "category": "alumbrado",
        "status": CaseStatus.RECEIVED,
        "due": case.due_at,
    }


def test_a_strangers_view_has_no_room_for_more_than_the_state(make_case):
    assert set(telling.to_stranger(make_case())) == {"code", "status", "updated"}


def test_a_list_holds_what_may_be_listed(make_case):
    secret, plain = make_case(confidential=True), make_case("615302743")
    assert telling.listed([secret, plain]) == (plain,)
    assert telling.options([secret, plain]) == (
        Option(key="", value="615302743", label=LabelKind.CASE, ref="615302743:alumbrado"),
    )


def test_a_case_is_found_by_its_code_or_not(make_case):
    assert telling.named([make_case()], "482105930") == make_case()
    assert telling.named([make_case()], "615302743") is None
    assert telling.named([], None) is None


@pytest.mark.parametrize("text", ASKING)
def test_a_secret_case_shows_nowhere_but_under_its_code(phone, make_case, text):
    one = phone(make_case(**SECRET)).says(text)
    said = repr(one.last)
    assert "482105930" not in said
    assert "seguridad" not in said
    assert "sopocachi" not in said


@pytest.mark.parametrize("text", ["482105930", "482105930 sigue pasando lo mismo siempre", "que paso con 482105930?"])
@pytest.mark.parametrize("contact", [1, 2, None])
def test_a_secret_case_is_named_to_nobody(phone, make_case, text, contact):
    one = phone(make_case(**SECRET, contact_id=contact)).says(text)
    assert "secreto" not in repr(one.says_back)
    assert "seguridad" not in repr(one.says_back)
    assert "sopocachi" not in repr(one.says_back)


@pytest.mark.parametrize("text", ["482105930", "482105930 no sigue igual todo esta oscuro", "estado 482105930?"])
def test_a_stranger_gets_no_category_place_or_text(phone, make_case, text):
    one = phone(make_case(contact_id=2, description="poste apagado", reply="foco cambiado")).says(text)
    said = repr(one.last)
    for kept in ("alumbrado", "sopocachi", "poste", "foco", "escuela"):
        assert kept not in said


@pytest.mark.parametrize("text", ["si", "no", "cancelar", "482105930 sigue igual por favor vengan"])
def test_a_stranger_moves_nobody_elses_case(phone, make_case, text):
    theirs = make_case(contact_id=2, status=CaseStatus.RESOLVED, asked=True)
    assert "482105930" not in repr(phone(theirs).says(text).asked_for)


@given(typed=st.from_regex(r"[1-9][0-9]{6,9}", fullmatch=True))
def test_no_digits_whatever_find_another_numbers_case_but_its_code(phone, make_case, typed):
    case = make_case(contact_id=2)
    one = phone(case).says(typed)
    assert (case.code in repr(one.last)) == (typed == case.code)


@given(days=st.integers(0, 90), status=st.sampled_from(CaseStatus), secret=st.booleans())
def test_what_is_told_to_a_stranger_depends_on_state_and_day_alone(phone, make_case, days, status, secret):
    case = make_case(contact_id=2, status=status, confidential=secret)
    other = make_case(
        contact_id=3,
        status=status,
        confidential=secret,
        category="basura",
        place=None,
        description="otra cosa",
        reply="otra",
        due_at=case.due_at + timedelta(days=days),
        opened_at=case.opened_at - timedelta(days=days),
    )
    assert phone(case).says(case.code).last == phone(other).says(case.code).last
