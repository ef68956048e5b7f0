"""Correct: the receipt said what we understood; whoever answers 1, or no, tells it again and the case is put right.

Rule 1: for a day after it was filed, and only while it lies as it came. Of a case that somebody works on already it is
more to tell: a person decides.
Rule 2: what is told instead and is a danger or a secret becomes a case of its own, as it always does.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta

from dialogs import telling
from dialogs.cases import Case, CaseStatus
from dialogs.effects import AddNote, Effect, Param, Relabel, SetPlace
from dialogs.facts import Facts
from dialogs.messages import ChannelKind
from dialogs.nodes import Ask, Choose, Dialog, Do, End, Fork, Start
from dialogs.report import FIX, category_in_words, every_category, in_haste, tells_something, understood
from dialogs.session import Answers, Session
from dialogs.understand import answers as words
from dialogs.understand import keywords, numbers

#: For so long after a case was filed; later a 1 is a key pressed for something else.
FRESH = timedelta(days=1)
#: What stands between what it is not and what it is.
_BUT = re.compile(r"\b(?:es|era|sino|is|but)\b", re.IGNORECASE)


def wished(facts: Facts, text: str) -> Start | None:
    """The beginning, if ``text`` says of a receipt of today that it is not so. On a screen a key is one of the menu."""
    case = _told_today(facts)  # most people have told nothing today: then no word is read
    if case is None or facts.channel_kind is ChannelKind.USSD or not _is_not_so(facts, text):
        return None
    return _begun(facts, case, text)


def denied(facts: Facts, text: str) -> Start | None:
    """The beginning where a receipt of today is denied; what the text tells beside that is taken. None without one."""
    case = _told_today(facts)
    return None if case is None else _begun(facts, case, text)


def _told_today(facts: Facts) -> Case | None:
    return telling.just_told(telling.listed(facts.own_cases), facts.now - FRESH)


def _begun(facts: Facts, case: Case, text: str) -> Start:
    return Start(dialog="correct", rule="corrected", answers={**_said(facts, case, text), "code": case.code})


def _is_not_so(facts: Facts, text: str) -> bool:
    """The key, or nothing but no; "todavia no arreglaron" and "no hay luz" tell of something else."""
    if numbers.choice(text, int(FIX)) is not None:
        return True
    return "no" in keywords.parts(text, facts.city) and words.verdict(text, facts.city) == "no"


def _said(facts: Facts, case: Case | None, text: str) -> Answers:
    """What the text tells; of kind and place only what the case has not: "no es Sopocachi, es Kupini" names Kupini."""
    told = dict(understood(facts, text))
    if in_haste(told):
        return told
    parts = [understood(facts, part) for part in _BUT.split(text)]
    for name in ("category", "place"):
        others = [part[name] for part in parts if part.get(name) not in {None, getattr(case, name, None)}]
        told.pop(name, None)
        if others:
            told[name] = others[-1]
    return told


def _again(facts: Facts, session: Session, text: str) -> Answers | None:
    case = telling.named(facts.own_cases, session.answers["code"])
    return _said(facts, case, text) if tells_something(text) else None


def _told(_facts: Facts, answers: Answers) -> Answers | None:
    """What was named is put right and the rest stays; in danger nothing is asked."""
    return {} if answers.get("category") or answers.get("place") or in_haste(answers) else None


def _what_is_it(facts: Facts, answers: Answers) -> str:
    if in_haste(answers):
        return "another"
    case = telling.named(facts.own_cases, answers.get("code"))
    return "untouched" if case is not None and case.status is CaseStatus.RECEIVED else "worked_on"


def _put_right(facts: Facts, answers: Answers) -> Sequence[Effect]:
    category, place, code = answers.get("category"), answers.get("place"), str(answers["code"])
    relabelled = Relabel(
        code=code,
        category=str(category) if category else None,
        unit=facts.city.categories[str(category)].unit if category else None,
        place=str(place) if place else None,
    )
    case = telling.named(facts.own_cases, code)
    home = case is not None and facts.contact.place == case.place  # where they write from was learnt from it
    moved = (SetPlace(place=str(place)),) if place and home else ()
    return (relabelled, *_noted(facts, answers), *moved)


def _noted(_facts: Facts, answers: Answers) -> Sequence[Effect]:
    return (AddNote(code=str(answers["code"]), text=str(answers.get("description") or "")),)


def _right(facts: Facts, answers: Answers) -> Mapping[str, Param]:
    """What the case is about now."""
    case = telling.named(facts.own_cases, answers.get("code"))
    return {
        "code": str(answers["code"]),
        "category": answers.get("category") or (case.category if case else None),
        "place": answers.get("place") or (case.place if case else None),
    }


CORRECT = Dialog(
    name="correct",
    start="tell",
    steps={
        "tell": Ask(parse=_again, known=_told, params=telling.its_code, next="category", give_up="left"),
        "category": Choose(
            options=every_category,
            save="category",
            known=_told,
            understand=category_in_words,
            next="what",
            give_up="note",
            page=5,
        ),
        "what": Fork(pick=_what_is_it, exits={"another": "report:", "untouched": "put_right", "worked_on": "note"}),
        "put_right": Do(effects=_put_right, next="done"),
        "done": End(params=_right),
        "note": Do(effects=_noted, next="noted"),
        "noted": End(params=telling.its_code),
        "left": End(params=telling.its_code),
    },
)
