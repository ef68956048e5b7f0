"""Whatever is written, in whatever state: one step, one answer, and no move that the table of cases forbids.

The model beside the book is a few lines: cases that change as effects and staff ask, through ``cases.move`` alone.
"""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from dialogs import engine
from dialogs.book import BOOK
from dialogs.cases import TRANSITIONS, CaseStatus, move
from dialogs.effects import CloseCase, KeepReply, OpenCase, ReopenCase, Say, Withdraw
from dialogs.facts import Need, NeedKind, Step
from dialogs.messages import ChannelKind, SessionEvent
from dialogs.nodes import Ask, Choose
from dialogs.outreach import Notice
from dialogs.session import Session

QUESTIONS = [
    (dialog.name, name)
    for dialog in BOOK.dialogs.values()
    for name, node in dialog.steps.items()
    if isinstance(node, Ask | Choose)
]
CODES = ["482105930", "615302743", "359204811"]
#: What people do write, so that states deep inside are reached; and anything at all.
WORDS = [
    *"0123456789",
    *["si", "no", "a medias", "muy bien", "hola", "gracias", "si gracias", "ayuda", "menu", "estado", "cancelar"],
    *["BAJA", "ALTA", "alto", "idioma", "english", "aymara", "reporte", "quiero hablar con una persona", "no se"],
    *["no hay luz en Sopocachi", "hay un bache enorme", "vengan por favor rapido", "Sopocachi", "al lado de la tienda"],
    *["mi marido me pega", "me pidieron coima", "se derrumba el talud sobre las casas", "😡", "...", ""],
    *[f"{code}{more}" for code in CODES for more in ("", " se cayo un señor mayor adentro", " que paso?", "1")],
]
#: What answers a choice, apart, so that the ends of dialogs are reached often enough.
ANSWERS = ["1", "2", "3", "si", "no", "a medias"]
texts = st.one_of(st.sampled_from(ANSWERS), st.sampled_from(WORDS), st.text(max_size=60))
events = st.sampled_from([SessionEvent.NONE, SessionEvent.NONE, SessionEvent.RESUME, *SessionEvent])
kinds = st.sampled_from(ChannelKind)
statuses = st.sampled_from(CaseStatus)

MOVES = {CloseCase: CaseStatus.CLOSED, ReopenCase: CaseStatus.REOPENED, Withdraw: CaseStatus.WITHDRAWN}


def check(step, before):
    """What holds of every step."""
    assert isinstance(step, Step)
    assert step.rule
    spoken = [effect for effect in step.effects if isinstance(effect, Say) and not effect.by_sms]
    opened = [effect for effect in step.effects if isinstance(effect, OpenCase)]
    left = len({case.code for case in opened}) > 1 or (len(spoken) > 1 and bool(opened))
    left = left or any(isinstance(effect, KeepReply) and not effect.this for effect in step.effects)
    assert len(spoken) <= 1 + left, (
        "one answer, and a receipt for a report that was left half told, or a reply to a notice"
    )
    by_sms = [effect for effect in step.effects if isinstance(effect, Say) and effect.by_sms]
    assert len(by_sms) <= 2
    if spoken:
        assert step.effects[-1] is spoken[-1], "what is said is said when all is asked for"
    else:
        assert step.rule in {"thanks", "reply_thanks", "assent", "dropped", "expired"}
        assert step.session is None or (step.session.dialog, step.session.step) == (before.dialog, before.step)
    if step.session is not None:
        assert isinstance(BOOK.node(step.session.dialog, step.session.step), Ask | Choose)
        assert step.session.misses < engine.MISSES
        assert all(isinstance(value, str | int | bool | None) for value in step.session.answers.values())
    assert len({case.code for case in opened}) == len(opened) <= 2, "each new case has a code of its own"


def satisfied(facts, text, event, closed=()):
    """Exactly one step, or one need and then a step."""
    result = engine.step(BOOK, facts, text, event)
    if isinstance(result, Need):
        result = engine.step(BOOK, replace(facts, found={NeedKind.CLOSED_CASES: closed}), text, event)
    check(result, facts.session)
    return result


@given(
    text=texts,
    event=events,
    kind=kinds,
    where=st.sampled_from([None, *QUESTIONS]),
    answers=st.fixed_dictionaries(
        {"code": st.sampled_from(CODES), "verdict": st.sampled_from(["yes", "no", "half"]), "notice": st.just(7)},
        optional={
            "description": st.text(max_size=20),
            "likely": st.sampled_from(["agua", "agua,vias", "gone", ""]),
            "category": st.sampled_from(["agua", "otro", "gone"]),
            "place": st.sampled_from(["sopocachi", "gone"]),
            "kind": st.sampled_from(["grievance", "proposal"]),
            "emergency": st.just(value=True),
            "heard": st.text(max_size=20),
            engine.OFFERED: st.booleans(),
        },
    ),
    page=st.integers(0, 3),
    misses=st.integers(0, 2),
    about=st.sampled_from([None, "Corte de agua", "Reunion en Sopocachi"]),
    mine=st.lists(
        st.tuples(st.sampled_from(CODES), statuses, st.booleans(), st.booleans()),
        max_size=3,
        unique_by=lambda case: case[0],
    ),
)
@settings(max_examples=400)
def test_any_text_in_any_state_is_one_step(
    make_facts, make_case, text, event, kind, where, answers, page, misses, about, mine
):
    cases = tuple(make_case(code, status=status, asked=asked, confidential=s) for code, status, asked, s in mine)
    over = (CaseStatus.CLOSED, CaseStatus.WITHDRAWN, CaseStatus.DUPLICATE, CaseStatus.REJECTED)
    session = None
    if where is not None:
        at = make_facts().now + timedelta(hours=1)
        session = Session(dialog=where[0], step=where[1], answers=answers, page=page, misses=misses, expires_at=at)
    facts = make_facts(
        channel_kind=kind,
        session=session,
        own_cases=tuple(case for case in cases if case.status not in over),
        named_cases={case.code: case for case in cases},
        replies_for=timedelta(days=2),
        notices=(Notice(id=7, text=about, at=make_facts().now - timedelta(hours=1)),) if about else (),
    )
    step = satisfied(facts, text, event, tuple(case for case in cases if case.status is CaseStatus.CLOSED))
    for effect in step.effects:
        if type(effect) in MOVES:
            [case] = {case for case in facts.own_cases if case.code == effect.code}
            assert MOVES[type(effect)] in TRANSITIONS[case.status]


@given(where=st.sampled_from(QUESTIONS), answers=st.dictionaries(st.sampled_from(["description", "heard"]), st.text()))
def test_any_question_may_be_left_unanswered(make_facts, where, answers):
    facts = make_facts()
    session = Session(
        dialog=where[0], step=where[1], answers={"code": CODES[0], "notice": 7, **answers}, expires_at=facts.now
    )
    check(engine.expire(BOOK, facts, session), session)


turns = st.lists(
    st.one_of(
        st.tuples(st.just("text"), st.sampled_from(ANSWERS), events),
        st.tuples(st.just("text"), st.sampled_from(WORDS), events),
        st.tuples(st.just("staff"), st.integers(0, 9), statuses),
        st.tuples(st.just("silence"), st.none(), st.none()),
    ),
    max_size=14,
)


@given(kind=kinds, turns=turns)
@settings(max_examples=150)
def test_a_conversation_never_asks_for_a_forbidden_move(phone, make_case, kind, turns):
    """Staff and resident take turns, and nothing ends a question but its answer: ``move`` never raises."""
    one = phone(make_case(CODES[0]), make_case(CODES[1], status=CaseStatus.RESOLVED, asked=True), channel_kind=kind)
    fresh = iter(range(1000))
    for what, text, how in turns:
        before = one.session
        if what == "staff":
            _staff(one, text, how)
            continue
        if what == "silence":
            if one.session is None:
                continue
            one.is_silent_for_too_long()
        else:
            one.facts = replace(one.facts, new_code=f"9{next(fresh):08d}", spare_code=f"8{next(fresh):08d}")
            one.says(text, how)
        check(one.last, before)
        _perform(one, make_case)


def _staff(one, which, wanted):
    case = one.cases[which % len(one.cases)]
    if wanted in TRANSITIONS[case.status]:
        asked = wanted in (CaseStatus.RESOLVED, CaseStatus.ANSWERED)
        _put(one, replace(case, status=wanted, asked=asked))


def _put(one, changed):
    one.cases = [changed if case.code == changed.code else case for case in one.cases]


def _perform(one, make_case):
    known = {case.code: case for case in one.cases}
    for effect in one.asked_for:
        if isinstance(effect, OpenCase):
            one.cases = [make_case(effect.code, confidential=effect.confidential), *one.cases]
        elif type(effect) in MOVES:
            case = known[effect.code]
            _put(one, replace(case, status=move(case.status, MOVES[type(effect)]), asked=False))
