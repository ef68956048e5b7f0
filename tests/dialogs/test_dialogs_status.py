"""Status: the reporter's number hears how far a case is, another number the coarse state, of a secret one nobody aught."""

from dataclasses import replace

import pytest

from dialogs import engine
from dialogs.book import BOOK
from dialogs.cases import CaseStatus
from dialogs.effects import LabelKind, Option
from dialogs.facts import Need, NeedKind

MINE, MINE_TOO, THEIRS = "482105930", "615302743", "359204811"
OVER = [CaseStatus.CLOSED, CaseStatus.WITHDRAWN, CaseStatus.DUPLICATE, CaseStatus.REJECTED]


@pytest.mark.parametrize(
    "text",
    [
        "482105930",
        "482-105-930",
        "482 105 930",
        "que paso con el 482 105 930?",
        "Codigo: 482105930",
        "ESTADO 482.105.930",
        "buenas tardes quiero saber como va mi reclamo 482105930 gracias",
    ],
)
def test_a_code_becomes_an_answer_however_it_is_written(phone, make_case, text):
    one = phone(make_case()).says(text)
    assert (one.rule, one.heard) == ("code", ["status/own"])


def test_the_reporter_hears_what_where_how_far_and_until_when(phone, make_case):
    case = make_case(status=CaseStatus.IN_PROGRESS)
    assert phone(case).says(MINE).told == {
        "code": MINE,
        "category": "alumbrado",
        "status": CaseStatus.IN_PROGRESS,
        "due": case.due_at,
    }


@pytest.mark.parametrize("status", CaseStatus)
def test_the_reporter_may_ask_for_a_case_in_every_state(phone, make_case, status):
    one = phone(make_case(status=status)).says(MINE)
    assert one.heard == ["status/own"]
    assert one.told["status"] is status


def test_another_number_hears_the_coarse_state_only(phone, make_case):
    case = make_case(THEIRS, contact_id=2)
    one = phone(case).says(THEIRS)
    assert one.heard == ["status/stranger"]
    assert one.told == {"code": THEIRS, "status": case.status, "updated": case.updated_at}


def test_a_case_filed_without_a_number_is_a_strangers(phone, make_case):
    assert phone(make_case(contact_id=None)).says(MINE).heard == ["status/stranger"]


def test_a_secret_case_of_another_is_as_unknown_as_none(phone, make_case):
    secret = phone(make_case(THEIRS, contact_id=2, confidential=True)).says(THEIRS)
    none = phone().says(THEIRS)
    assert secret.last.effects == none.last.effects
    assert secret.heard == ["status/unknown"]
    assert secret.told == {"code": THEIRS}


def test_a_secret_case_of_ones_own_names_nothing(phone, make_case):
    told = phone(make_case(confidential=True)).says(MINE).told
    assert (told["code"], told["category"]) == (MINE, None)
    assert "place" not in told


@pytest.mark.parametrize("text", ["estado", "mi caso", "482105931"])
def test_a_secret_case_is_not_spoken_of_unless_its_code_is_given(phone, make_case, text):
    one = phone(make_case(confidential=True)).says(text)
    assert one.heard in (["status/none"], ["status/unknown"])
    assert MINE not in repr(one.last)


def test_a_secret_case_is_not_counted(phone, make_case):
    one = phone(make_case(confidential=True), make_case(MINE_TOO)).says("estado")
    assert one.told["code"] == MINE_TOO


def test_a_code_with_a_slip_is_a_hint_to_ones_own_case(phone, make_case):
    one = phone(make_case()).says("482105931")
    assert (one.rule, one.heard) == ("code_unknown", ["status/hint"])
    assert one.told == {"typed": "482105931", "code": MINE}


@pytest.mark.parametrize("typed", ["48210593", "4821059300", "428105930", "482105903", "482105913"])
def test_slips_of_the_thumb_are_near(phone, make_case, typed):
    assert phone(make_case()).says(typed).told["code"] == MINE


def test_a_closed_case_is_near_too(phone, make_case):
    assert phone(make_case(status=CaseStatus.CLOSED)).says("482105931").heard == ["status/hint"]


def test_three_slips_are_another_number(phone, make_case):
    assert phone(make_case()).says("482105777").heard == ["status/unknown"]


def test_two_cases_as_near_are_no_hint(phone, make_case):
    one = phone(make_case("482105930"), make_case("482105950")).says("482105940")
    assert one.heard == ["status/unknown"]


def test_the_nearer_of_two_is_the_hint(phone, make_case):
    one = phone(make_case("482105977"), make_case("482105930")).says("482105931")
    assert one.told["code"] == "482105930"


def test_nobody_elses_case_is_ever_a_hint(phone, make_case):
    one = phone(make_case(contact_id=2)).says("482105931")
    assert one.heard == ["status/unknown"]
    assert one.told == {"code": "482105931"}


def test_a_code_that_nobody_has_is_unknown_and_the_rest_is_asked_for(phone, make_case):
    one = phone(make_case()).says(THEIRS)
    assert one.heard == ["status/unknown"]
    assert one.told == {"code": THEIRS}


def test_one_open_case_is_told_at_once(phone, make_case):
    one = phone(make_case(), make_case(MINE_TOO, contact_id=2)).says("estado")
    assert one.heard == ["status/own"]
    assert one.told["code"] == MINE


def test_two_open_cases_are_offered(phone, make_case):
    one = phone(make_case(), make_case(MINE_TOO, category="basura")).says("estado")
    assert one.heard == ["status/choose"]
    assert one.offered == (
        Option(key="1", value=MINE, label=LabelKind.CASE, ref=f"{MINE}:alumbrado"),
        Option(key="2", value=MINE_TOO, label=LabelKind.CASE, ref=f"{MINE_TOO}:basura"),
    )
    assert one.says("2").told["code"] == MINE_TOO
    assert one.session is None


def test_a_case_on_the_list_may_be_named_by_its_code(phone, make_case):
    one = phone(make_case(), make_case(MINE_TOO)).says("estado").says(MINE_TOO)
    assert one.told["code"] == MINE_TOO
    assert one.session is None


def test_many_open_cases_are_paged(phone, make_case):
    cases = [make_case(code) for code in ("482105930", "615302743", "359204811", "904716233")]
    one = phone(*cases).says("estado")
    assert [option.key for option in one.offered] == ["1", "2", "3", "9"]
    assert one.says("9").says("1").told["code"] == "904716233"


def test_who_has_no_case_is_told_how_to_open_one(phone, make_case):
    assert phone(make_case(contact_id=2)).says("estado").heard == ["status/none"]


def test_who_has_closed_cases_only_hears_of_the_newest(phone, make_case):
    closed = {"status": CaseStatus.CLOSED}
    one = phone(make_case(MINE_TOO, **closed), make_case(**closed)).says("estado")
    assert one.heard == ["status/own"]
    assert one.told["code"] == MINE_TOO
    assert one.session is None


@pytest.mark.parametrize("status", set(CaseStatus) - set(OVER))
def test_a_date_that_is_past_its_use_is_not_told(phone, make_case, status):
    case = make_case(status=status)
    promised = status not in (CaseStatus.RESOLVED, CaseStatus.ANSWERED, CaseStatus.NOT_COMPETENT)
    assert phone(case).says(MINE).told["due"] == (case.due_at if promised else None)


@pytest.mark.parametrize("text", ["estado", "482105931"])
def test_closed_cases_are_read_only_where_no_open_one_answers(make_facts, make_case, text):
    need = Need(kind=NeedKind.CLOSED_CASES)
    assert engine.step(BOOK, make_facts(), text) == need
    known = make_facts(own_cases=(make_case(),))
    assert (engine.step(BOOK, known, text) == need) == (text != "estado")


def test_asking_leaves_what_was_pending(phone, make_case, make_session):
    pending = make_session("report/place", description="bache", category="vias")
    one = phone(make_case(), session=pending).says("482105930")
    assert one.heard == ["status/own"]
    assert one.session == pending


def test_by_keys_the_same_is_told(ussd_phone, make_case):
    one = ussd_phone(make_case()).dials().presses("2")
    assert one.heard == ["status/own"]
    assert one.says_back[-1].ends_session


def test_by_keys_the_newest_closed_case_is_told(ussd_phone, make_case):
    one = ussd_phone(make_case(status=CaseStatus.CLOSED)).dials().presses("2")
    assert one.heard == ["status/own"]


def test_of_a_list_whose_cases_are_over_meanwhile_the_one_that_was_meant_is_told(phone, make_case):
    one = phone(make_case(), make_case(MINE_TOO)).says("estado")
    one.cases = [replace(case, status=CaseStatus.CLOSED) for case in one.cases]
    assert one.says("1").heard == ["status/own"]


@pytest.mark.parametrize("text", ["482105930", "482-105-930", "482 105 930 Luz de la calle"])
def test_a_case_is_picked_from_the_list_by_its_code_too(phone, make_case, text):
    one = phone(make_case(THEIRS), make_case()).says("estado")
    assert one.heard == ["status/choose"]
    one.says(text)
    assert (one.rule, one.heard, one.told["code"]) == ("answer", ["status/own"], MINE)


def test_a_list_whose_cases_are_gone_is_not_asked_again(phone, make_case):
    one = phone(make_case(THEIRS), make_case()).says("estado")
    one.cases = []
    one.says("7")
    assert (one.rule, one.heard) == ("nothing_left", ["status/none"])


def test_a_case_on_another_page_may_be_named_by_its_code(phone, make_case):
    cases = [make_case(code=code) for code in ("482105930", "739184529", "100000006", "200000005", "100000102")]
    one = phone(*cases).says("estado")
    assert len(one.offered) < len(cases)
    one = one.says(cases[-1].code)
    assert (one.heard, one.told["code"]) == (["status/own"], cases[-1].code)
