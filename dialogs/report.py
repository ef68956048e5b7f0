"""Report: the first free text is the complaint itself; what it does not tell is asked, one question at a time.

A question whose answer is known (said in the text, or the place this person usually writes from) is passed over, so one
good SMS files a whole case. An unfinished report is filed with what is known when its time is up: nothing said is lost.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from dialogs import enough, neighbours, promises
from dialogs.cases import CaseKind
from dialogs.effects import AlertStaff, Effect, LabelKind, OpenCase, Option, Param, Say, SetPlace
from dialogs.engine import HEARD
from dialogs.facts import Facts, Need
from dialogs.messages import ChannelKind
from dialogs.nodes import Ask, Choose, Dialog, Do, End, Fork
from dialogs.session import Answers, Session
from dialogs.understand import categories, elsewhere, keywords, kinds, places, safety
from dialogs.understand.folding import sounded
from dialogs.understand.msisdns import meant_for

#: What a resident may write about one case; longer texts are kept whole with the message, and cut here.
DESCRIPTION_MOST = 1600
#: The category of what nobody could name.
OTHER = "otro"
#: A landmark that is taken at the first try has at least so many words; fewer may be half a name.
LANDMARK_WORDS = 3
_THREE_LETTERS = re.compile(r"[^\W\d_]{3}")
#: Pressed instead of a place by who does not know it; ``skip`` words say the same.
SKIP = "0"
#: Sent after a receipt by whom we misunderstood (see ``dialogs.correct``).
FIX = "1"


def understood(facts: Facts, text: str) -> Answers:
    """What a first text tells: itself, and as much of category, place, kind and danger as it names."""
    guess = categories.guess(text, facts.city)
    place = places.find(text, facts.city)
    told: dict[str, str | bool] = {"description": text.strip()[:DESCRIPTION_MOST], "kind": kinds.guess(text)}
    if guess.best is not None and guess.sure:
        told["category"] = guess.best
    elif guess.top:
        told["likely"] = ",".join(guess.top)
    if place is not None:
        told["place"] = place.id
    if safety.emergency(text):
        told["emergency"] = True
    if safety.confidential(text, facts.city):
        told["confidential"] = True
    if safety.anonymous(text):
        told["anonymous"] = True
    return told


def in_haste(answers: Answers) -> bool:
    """Whether nothing is asked: not of somebody in danger, nor about what should not be written twice on a phone."""
    return bool(answers.get("emergency") or answers.get("confidential"))


def tells_something(text: str) -> bool:
    """Whether a text holds at least one word; emoji, dots and digits alone tell nothing."""
    if _THREE_LETTERS.search(text):  # as nearly always
        return True
    return any(letters > 2 for letters in (sum(map(str.isalpha, word)) for word in text.split()))  # noqa: PLR2004  "la"


def half_told(answers: Answers) -> bool:
    """Whether an unfinished report tells anything: dots and emoji that nobody went on from are no case."""
    return bool(answers.get("description"))


def _describe(facts: Facts, _session: Session, text: str) -> Answers | None:
    told = tells_something(text) and not elsewhere.is_anger(text)
    return understood(facts, text) if told else None


def _described(_facts: Facts, answers: Answers) -> Answers | None:
    return {} if answers.get("description") is not None else None


def _is_idea(answers: Answers) -> bool:
    return answers.get("kind") == CaseKind.PROPOSAL


def _category_known(_facts: Facts, answers: Answers) -> Answers | None:
    """Of an idea it is not asked either: staff read them all."""
    if (in_haste(answers) or _is_idea(answers)) and answers.get("category") is None:
        return {"category": str(answers.get("likely") or OTHER).split(",", maxsplit=1)[0]}
    return {} if answers.get("category") is not None else None


def _place_known(facts: Facts, answers: Answers) -> Answers | None:
    """The place named, or the one this person usually writes from."""
    if answers.get("place") is not None or in_haste(answers):
        return {}
    if facts.contact.place in facts.city.places:
        return {"place": facts.contact.place}
    return None


def every_category(facts: Facts, answers: Answers) -> Sequence[Option]:
    """Every category once: the likeliest first, the one for all else last."""
    likely = [name for name in str(answers.get("likely") or "").split(",") if name in facts.city.categories]
    ordered = [name for name in dict.fromkeys((*likely, *facts.city.categories)) if name != OTHER]
    return tuple(Option(key="", value=name, label=LabelKind.CATEGORY, ref=name) for name in (*ordered, OTHER))


def category_in_words(facts: Facts, _answers: Answers, text: str) -> str | None:
    """The category that a text names, likely or not: whoever was asked for one answers."""
    guess = categories.guess(text, facts.city)
    return guess.best if guess.heard else None


def _where(facts: Facts, session: Session, text: str) -> Answers | None:
    """A zone we know, or that it is not known; on the second try any words, kept as the landmark they are."""
    place = places.find(text, facts.city)
    landmark = {"location_text": text.strip()[:DESCRIPTION_MOST]}
    if place is not None:
        return {"place": place.id, **({} if place.name.casefold() == text.strip().casefold() else landmark)}
    if text.strip() == SKIP or keywords.command(text, facts.city) == "skip":
        return {}
    enough = session.misses > 0 or len(text.split()) >= LANDMARK_WORDS
    again = sounded(text) == sounded(str(session.answers.get("description")))  # it says no more of where
    return landmark if enough and tells_something(text) and not again else None


def _alike(facts: Facts, answers: Answers) -> str | Need:
    """Whether a neighbour told of this already; not asked in danger, nor of what must not be seen by many."""
    return "alone" if in_haste(answers) or _confidential(facts, answers) else neighbours.look(facts, answers)


def _promise(facts: Facts, answers: Answers) -> datetime:
    return promises.for_new(facts.city, _category(facts, answers), facts.now)


def _receipt(facts: Facts, answers: Answers) -> Mapping[str, Param]:
    """What the last screen, or the answer by SMS, says. No key can be sent to the last screen of a USSD session."""
    on_screen = facts.channel_kind is ChannelKind.USSD
    return {**_receipt_by_sms(facts, answers), **({"fix": None} if on_screen else {})}


def _for_another(facts: Facts, answers: Answers) -> Mapping[str, Param]:
    """The same without the key: how the other number takes it over needs the room."""
    return {name: value for name, value in _receipt_by_sms(facts, answers).items() if name != "fix"}


def _receipt_by_sms(facts: Facts, answers: Answers) -> Mapping[str, Param]:
    hidden = _confidential(facts, answers)
    about = (None, None) if hidden else (_category(facts, answers), answers.get("place"))
    return receipt(facts.new_code, *about, due=_promise(facts, answers))


def receipt(code: str, category: str | None, place: Param, *, due: datetime) -> Mapping[str, Param]:
    """The code, the promise, and what was understood: None where that is nobody's business, and not to be denied then.

    ``fix`` is what to send if it is not so.
    """
    return {"code": code, "category": category, "place": place, "due": due, "fix": FIX if category else None}


def _promised(facts: Facts, answers: Answers) -> Mapping[str, Param]:
    return {"code": facts.new_code, "due": _promise(facts, answers)}


def _confidential(facts: Facts, answers: Answers) -> bool:
    """Whether any word of it must not be seen by many, also one that came later than the first text."""
    if answers.get("confidential") or answers.get("anonymous"):
        return True
    return any(safety.confidential(text, facts.city) for text in _later(answers))


def _anonymous(answers: Answers) -> bool:
    """Whether nobody may learn whose it is, also where that was said later than in the first text."""
    return bool(answers.get("anonymous")) or any(map(safety.anonymous, _later(answers)))


def _later(answers: Answers) -> Sequence[str]:
    return tuple(str(answers[name]) for name in (HEARD, "location_text") if answers.get(name))


def _category(facts: Facts, answers: Answers) -> str:
    name = str(answers.get("category") or OTHER)
    return name if name in facts.city.categories else OTHER


def _file(facts: Facts, answers: Answers) -> Sequence[Effect]:
    place = answers.get("place")
    emergency, confidential = bool(answers.get("emergency")), _confidential(facts, answers)
    anonymous = _anonymous(answers)
    effects: list[Effect] = [
        OpenCase(
            code=facts.new_code,
            kind=CaseKind(str(answers.get("kind") or CaseKind.GRIEVANCE)),
            category=_category(facts, answers),
            description=str(answers.get("description") or answers.get(HEARD) or ""),
            place=str(place) if place else None,
            location_text=str(answers.get("location_text") or ""),
            due_at=_promise(facts, answers),
            confidential=confidential,
            anonymous=anonymous,
            priority=emergency,
        )
    ]
    # Where they write from would be known by an anonymous case; and one told for another is where the other lives.
    if place and facts.contact.place is None and not anonymous and not _is_for_another(facts, answers):
        effects.append(SetPlace(place=str(place)))
    if emergency:
        effects.append(AlertStaff(reason="emergency", code=facts.new_code))
    if confidential:
        effects.append(AlertStaff(reason="confidential", code=facts.new_code))
    if facts.channel_kind is ChannelKind.USSD:
        effects.append(_by_sms(facts, answers))
    return effects


def _by_sms(facts: Facts, answers: Answers) -> Say:
    if _anonymous(answers):
        return Say(template="report/hidden", params=_promised(facts, answers), by_sms=True)
    which = _which_receipt(facts, answers)
    params = _for_another if which == "behalf" else _receipt_by_sms
    return Say(template=_RECEIPTS.get(which, "report/thanks"), params=params(facts, answers), by_sms=True)


#: Receipts by SMS other than the ordinary one.
_RECEIPTS = {"idea": "report/proposed", "behalf": "report/behalf"}


def _which_receipt(facts: Facts, answers: Answers) -> str:
    if answers.get("emergency"):
        return "danger"
    if _anonymous(answers):
        return "anonymous"
    if _is_for_another(facts, answers):
        return "behalf"
    return "idea" if _is_idea(answers) else "ordinary"


def _is_for_another(facts: Facts, answers: Answers) -> bool:
    """Whether it is told for another number, which can take it over by its code (see ``dialogs.behalf``)."""
    number = None if _confidential(facts, answers) else meant_for(neighbours.told(answers), facts.city.country)
    return number not in {None, facts.contact.msisdn}


REPORT = Dialog(
    name="report",
    start="describe",
    on_expire="file",
    worth=half_told,
    steps={
        "describe": Ask(parse=_describe, known=_described, next="room"),
        "room": Fork(pick=enough.room, exits={"room": "category", "full": "enough:"}),
        "category": Choose(
            options=every_category,
            save="category",
            known=_category_known,
            understand=category_in_words,
            next="place",
            give_up="place",
            page=5,
        ),
        "place": Ask(
            parse=_where,
            known=_place_known,
            next="alike",
            give_up="file",
            shields=frozenset({"alto", "bajo"}),
        ),
        "alike": Fork(pick=_alike, exits={"alone": "file", "alike": "neighbours"}, keep=neighbours.seen),
        "neighbours": Choose(
            options=neighbours.options,
            save="joins",
            understand=neighbours.in_words,
            params=neighbours.asked,
            next={neighbours.JOIN: "still", neighbours.OTHER: "file"},
            give_up="file",
        ),
        "still": Fork(pick=neighbours.still, exits={"open": "join", "over": "file"}),
        "join": Do(effects=neighbours.join, next="joined"),
        "joined": End(params=neighbours.joined),
        "file": Do(effects=_file, next="receipt"),
        "receipt": Fork(
            pick=_which_receipt,
            exits={
                "danger": "danger",
                "anonymous": "hidden",
                "behalf": "behalf",
                "idea": "proposed",
                "ordinary": "thanks",
            },
        ),
        "danger": End(params=_promised),
        "hidden": End(params=_promised),
        "thanks": End(params=_receipt),
        "proposed": End(params=_receipt),
        "behalf": End(params=_for_another),
    },
)
