"""Neighbours: who tells of what was told already may join; whoever does not has a case of their own."""

from datetime import timedelta

import pytest

from dialogs.cases import OPEN, CaseKind, CaseStatus
from dialogs.effects import AddNote, LabelKind, OpenCase, Option, SetPlace, Support
from dialogs.facts import Need, NeedKind
from dialogs.neighbours import CODE, COUNT, look, seen

THEIRS = "482105930"
SAYS = "no hay luz en la cancha de Sopocachi"
JOINED = [Support(code=THEIRS), AddNote(code=THEIRS, text=SAYS)]


@pytest.fixture
def neighbour(phone, make_case, now):
    """Somebody whose neighbour told of the lamp at the playing field three days ago."""

    def make(*more, lives="sopocachi", days=14, **columns):
        given = {"contact_id": 2, "opened_at": now - timedelta(days=3), "supporters": 2}
        case = make_case(**given | {"description": "no hay luz en la cancha"} | columns)
        return phone(case, *more, place=lives, neighbour_days=days)

    return make


def opened(one):
    return [effect.description for effect in one.asked_for if isinstance(effect, OpenCase)]


def test_who_tells_the_same_is_asked(neighbour):
    one = neighbour().says(SAYS)
    assert (one.heard, one.waits_at, one.asked_for) == (["report/neighbours"], "report/neighbours", [])
    assert one.told == {"category": "alumbrado", "place": "sopocachi", "count": 3}
    assert one.offered == (
        Option(key="1", value="join", label=LabelKind.WORD, ref="neighbours_join"),
        Option(key="2", value="other", label=LabelKind.WORD, ref="neighbours_other"),
    )
    assert (one.session.answers[CODE], one.session.answers[COUNT], one.session.case) == (THEIRS, 3, None)


@pytest.mark.parametrize("says", ["1", "me sumo", "si", "si es el mismo", "yo apoyo"])
def test_who_joins_supports_it_and_their_words_are_kept_beside_it(neighbour, says):
    one = neighbour().says(SAYS).says(says)
    assert (one.heard, one.told, one.asked_for) == (["report/joined"], {"code": THEIRS}, JOINED)
    assert one.session is None


@pytest.mark.parametrize("says", ["2", "es otro", "no", "no es"])
def test_who_tells_of_something_else_has_a_case(neighbour, says):
    one = neighbour().says(SAYS).says(says)
    assert (one.heard, opened(one)) == (["report/thanks"], [SAYS])


def test_who_says_nothing_has_a_case(neighbour):
    assert opened(neighbour().says(SAYS).is_silent_for_too_long()) == [SAYS]


def test_who_is_never_understood_has_a_case(neighbour):
    one = neighbour().says(SAYS).says("xqzw").says("xqzw").says("xqzw")
    assert (one.rule, one.heard, opened(one)) == ("three_misses", ["report/thanks"], [SAYS])


@pytest.mark.parametrize("status", [None, *sorted(set(CaseStatus) - OPEN)])
def test_who_joins_what_is_over_by_then_has_a_case(neighbour, make_case, status):
    one = neighbour().says(SAYS)
    one.cases = () if status is None else (make_case(contact_id=2, status=status),)
    assert opened(one.says("1")) == [SAYS]


def test_who_joins_what_became_confidential_has_a_case(neighbour, make_case):
    one = neighbour().says(SAYS)
    one.cases = (make_case(contact_id=2, confidential=True),)
    assert opened(one.says("1")) == [SAYS]


def test_where_they_write_from_is_kept_if_it_is_new(neighbour):
    one = neighbour(lives=None).says(SAYS).says("1")
    assert one.asked_for == [*JOINED, SetPlace(place="sopocachi")]


def test_a_landmark_that_was_asked_for_is_kept_too(neighbour):
    one = neighbour(lives=None).says("no hay luz en la cancha").says("Sopocachi, detras del mercado").says("1")
    assert one.asked_for[1] == AddNote(code=THEIRS, text="no hay luz en la cancha / Sopocachi, detras del mercado")


@pytest.mark.parametrize(
    "columns",
    [
        {"contact_id": 1},
        {"category": "agua"},
        {"place": "obrajes"},
        {"status": CaseStatus.RESOLVED},
        {"confidential": True},
        {"description": "poste quemado en la esquina del mercado", "location_text": ""},
        {"description": "...", "location_text": ""},
        {"days": 0},
        {"days": 3},
    ],
    ids=lambda columns: next(iter(columns)),
)
def test_what_is_another_matter_is_not_asked_about(neighbour, columns):
    assert opened(neighbour(**columns).says(SAYS)) == [SAYS]


@pytest.mark.parametrize(
    "text",
    [
        "cables sueltos y chispas en la cancha de Sopocachi, no hay luz",
        "no hay luz en la cancha de Sopocachi, no digan mi nombre",
        "seria bueno poner luz en la cancha de Sopocachi, no hay luz",
    ],
    ids=["danger", "confidential", "an idea"],
)
def test_what_cannot_wait_or_be_shared_is_filed_at_once(neighbour, text):
    assert opened(neighbour().says(text)) == [text]


def test_half_of_the_words_are_enough_and_less_is_not(make_facts, make_case, now):
    def picked(theirs):
        case = make_case(contact_id=2, description=theirs, location_text="")
        facts = make_facts(neighbour_days=14, found={NeedKind.NEIGHBOURS: (case,)})
        answers = {"category": "agua", "place": "x", "kind": "grievance", "description": "uva pera higo melon"}
        return look(facts, answers), seen(facts, answers).get(COUNT)

    assert picked("uva pera cobre plomo hierro") == ("alike", 1)
    assert picked("uva cobre") == ("alike", 1)
    assert picked("uva cobre plomo") == ("alone", None)
    assert picked("uva cobre plomo hierro bronce") == ("alone", None)


def test_the_most_alike_is_meant_and_of_equals_the_first(make_facts, make_case):
    cases = [
        make_case("200000005", contact_id=2, id=5, description="uva pera cobre plomo", location_text=""),
        make_case("200000004", contact_id=3, id=4, description="uva pera higo plomo", location_text=""),
        make_case("200000003", contact_id=4, id=3, description="uva pera higo zinc", location_text=""),
        make_case("200000002", contact_id=5, id=2, description="uva pera oro zinc", location_text=""),
    ]
    facts = make_facts(neighbour_days=14, found={NeedKind.NEIGHBOURS: tuple(cases)})
    assert seen(facts, {"description": "uva pera higo melon"})[CODE] == "200000003"


@pytest.mark.parametrize("kind", [CaseKind.GRIEVANCE, CaseKind.REQUEST])
def test_what_others_told_is_asked_for_by_category_and_place(make_facts, kind):
    answers = {"category": "agua", "place": "sopocachi", "kind": kind}
    asked = Need(kind=NeedKind.NEIGHBOURS, category="agua", place="sopocachi")
    assert look(make_facts(neighbour_days=14), answers) == asked
    for name in answers:
        assert look(make_facts(neighbour_days=14), answers | {name: None}) == "alone"
    for other in (CaseKind.FEEDBACK, CaseKind.PROPOSAL):
        assert look(make_facts(neighbour_days=14), answers | {"kind": other}) == "alone"
    assert look(make_facts(), answers) == "alone"


def test_what_became_confidential_by_later_words_is_not_asked_about(neighbour):
    one = neighbour(lives=None).says("no hay luz en la cancha").says("Sopocachi, pero no digan mi nombre")
    assert [effect.confidential for effect in one.asked_for if isinstance(effect, OpenCase)] == [True]
