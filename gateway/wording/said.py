"""Everything that can be said, with every value that it may be said with.

Rule 1: what dialogs say is read from the dialogs themselves; what else is said stands in two tables here.
Rule 2: values are the city's own: its categories, its places, the dates that it promises.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from dialogs import engine
from dialogs.cases import Case, CaseKind, CaseStatus
from dialogs.city import City
from dialogs.contacts import Contact
from dialogs.effects import Option, Param
from dialogs.facts import Facts
from dialogs.messages import ChannelKind
from dialogs.nodes import Ask, Book, Choose, End
from dialogs.session import Answers
from gateway.city import LONGEST_PROJECT, with_a_project
from gateway.outbound.render import Renderer
from gateway.outbound.segments import GSM7_PART
from gateway.work import watch
from gateway.work.broadcasts import MOST_SEGMENTS
from gateway.work.casework import BODY_MOST, REPLY_MOST

#: What a small screen holds.
SIX = 6
#: The keys of choices; the others lead through a list.
KEYS = frozenset("12345678")
_CODE = "482105930"
_NEW_YEAR = datetime(2026, 1, 1, 16, tzinfo=UTC)
_YEAR = 366
_MANY = 20
#: What a broadcast leaves for the words around it, in septets.
_AROUND = 100

#: What stands before a question in the same message; the second only by SMS, after a call that broke off.
UNFINISHED = "common/unfinished"
LEADS = ("common/miss", UNFINISHED, "common/anonymous")
#: What is answered besides the steps of dialogs.
BESIDES: Mapping[str, Sequence[Option]] = {
    "resume/ask": engine.RESUME_OPTIONS,
    "common/try_again": (),
    "common/dial_again": (),
}
APOLOGY = "notice/apology"
RESOLVED = "notice/resolved"
QUESTION = "confirm/ask"
RECEIPT = "report/thanks"
#: What a resident gets unasked, with the values that it is given.
PUSHED: Mapping[str, Sequence[str]] = {
    RESOLVED: ("code", "reply"),
    "notice/resolved_quiet": ("code",),
    "notice/supported": ("code",),
    "notice/reopened": ("code", "due"),
    "notice/not_competent": ("code", "body"),
    "notice/merged": ("code", "into"),
    "broadcast/notice": ("text",),
}
#: What people write into a message, with the most letters that are taken.
FREE: Mapping[str, int] = {
    "reply": REPLY_MOST,
    "body": BODY_MOST,
    "text": MOST_SEGMENTS * GSM7_PART - _AROUND,
    "line": watch.NAME_MOST,
}
#: Labels that are said besides the options of dialogs: the ways through a list, and how far a case is.
LABELS = frozenset({"more", "back", *(f"status_{status}" for status in CaseStatus)})
_WATCH = (*(f"watch/{kind}" for kind in watch.Kind), "watch/over")


class Occasion(StrEnum):
    """Why something is said: a resident wrote, nobody wrote, or staff must know."""

    ANSWER = "answer"
    PUSHED = "pushed"
    STAFF = "staff"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One template as it is used.

    ``gives``: the values it gets, each with one example; ``maybe``: those that may be None. ``kin`` is the same for
    templates whose values come from one place. ``options`` stand behind it, ``page`` of them at a time. ``leads`` may
    stand before it. ``on_screen``: whether USSD shows it too.
    """

    template: str
    occasion: Occasion
    kin: str
    gives: Mapping[str, Param]
    maybe: frozenset[str] = frozenset()
    options: Sequence[Option] = ()
    page: int = SIX
    leads: Sequence[str] = ()
    on_screen: bool = True

    def pages(self, width: Callable[[Option], int]) -> Iterator[Sequence[Option]]:
        """Give each page as long as it can get: with the widest options on it, for their order may change."""
        by_width = sorted(self.options, key=width, reverse=True)
        widest, rest = by_width[: self.page], by_width[self.page :]
        for number in range(max(1, -(-len(self.options) // self.page))):
            before = number * self.page
            yield engine.page((*rest[:before], *widest, *rest[before:]), number, self.page)


class Unsayable(Exception):
    """A step's values cannot be made for somebody of whom less is known."""

    def __init__(self, template: str, error: Exception) -> None:
        super().__init__(f"{template}: {type(error).__name__}: {error}")
        self.template = template
        self.error = error


def everything(book: Book, city: City, language: str) -> Iterator[Said]:
    """Give all that can be said in ``language``: the steps of dialogs in the order of the book, then the rest.

    Raises ``Unsayable`` at the first step whose ``params`` fail.
    """
    usual, bare = _people(with_a_project(city), language)
    for dialog in book.dialogs.values():
        for step, node in dialog.steps.items():
            if isinstance(node, Ask | Choose | End):
                yield _step(f"{dialog.name}/{step}", node, usual, bare)
    values = _values()
    for lead in LEADS:
        yield Said(template=lead, occasion=Occasion.ANSWER, kin=lead, gives={})
    for template, options in BESIDES.items():
        yield Said(template=template, occasion=Occasion.ANSWER, kin=template, gives={}, options=options)
    yield Said(template=APOLOGY, occasion=Occasion.ANSWER, kin=APOLOGY, gives={}, on_screen=False)
    for template, names in PUSHED.items():
        gives = {name: values[name] for name in names}
        yield Said(template=template, occasion=Occasion.PUSHED, kin=template, gives=gives, on_screen=False)
    for template in _WATCH:
        gives = {name: values[name] for name in ("kind", "line")}
        yield Said(template=template, occasion=Occasion.STAFF, kin="watch", gives=gives, on_screen=False)


def candidates(city: City, renderer: Renderer, language: str) -> Mapping[str, Sequence[Param]]:
    """Every value that a name may have, by its name; of the days of a year those with a text of another length."""
    days = {len(renderer.day(at, language)): at for at in _days()}
    dates = tuple(days[length] for length in sorted(days))
    return {
        "category": tuple(city.categories),
        "place": tuple(city.places),
        "status": tuple(CaseStatus),
        "language": city.languages,
        "kind": tuple(str(kind) for kind in watch.Kind),
        "due": dates,
        "updated": dates,
        "ends": dates,
        "sent": dates,
        "progress": (5, 50, 100),
        "more": (1, 10),
        **{name: tuple("x" * length for length in range(1, LONGEST_PROJECT + 1)) for name in ("project", "contractor")},
        **{name: tuple("x" * length for length in range(1, most + 1)) for name, most in FREE.items()},
    }


def _values() -> Mapping[str, Param]:
    """One example of each value that is not a dialog's."""
    written = {name: "x" * most for name, most in FREE.items()}
    return {"code": _CODE, "into": _CODE, "due": next(_days()), "kind": str(watch.Kind.SILENT), **written}


def _days() -> Iterator[datetime]:
    """Each day of a year: staff may plan for any."""
    return (_NEW_YEAR + timedelta(days=day) for day in range(_YEAR))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Person:
    """Somebody to whom things are said."""

    facts: Facts
    answers: Answers


def _step(template: str, node: Ask | Choose | End, usual: _Person, bare: Sequence[_Person]) -> Said:
    try:
        gives = node.params(usual.facts, usual.answers)
        others = [node.params(one.facts, one.answers) for one in bare]
    except Exception as error:
        raise Unsayable(template, error) from error
    maybe = {name for params in (gives, *others) for name, value in params.items() if value is None}
    return Said(
        template=template,
        occasion=Occasion.PUSHED if template == QUESTION else Occasion.ANSWER,
        kin=_name(node.params),
        gives=gives,
        maybe=frozenset(maybe),
        options=tuple(node.options(usual.facts, usual.answers)) if isinstance(node, Choose) else (),
        page=node.page if isinstance(node, Choose) else SIX,
        leads=LEADS if isinstance(node, Ask | Choose) else (),
    )


def _name(params: Callable[..., object]) -> str:
    return f"{params.__module__}.{getattr(params, '__qualname__', repr(params))}"


def _people(city: City, language: str) -> tuple[_Person, Sequence[_Person]]:
    """Somebody of whom everything is known, with many cases of the longest name; and some of whom less is known."""
    category = max(city.categories, key=lambda one: len(city.categories[one].name.get(language, "")))
    case = _case(category, next(iter(city.places), None))
    now = case.opened_at
    facts = Facts(
        now=now,
        contact=Contact(id=1, msisdn="+59170000000", language=language, created_at=now, last_seen_at=now),
        channel_kind=ChannelKind.SMS,
        city=city,
        new_code=_CODE,
        own_cases=(case,) * _MANY,
        named_cases={_CODE: case},
    )
    answers: Answers = {
        "code": _CODE,
        "category": category,
        "place": case.place,
        "language": city.languages[0],
    }
    hidden = replace(case, confidential=True, place=None, status=CaseStatus.CLOSED)
    secret = replace(facts, own_cases=(hidden,), named_cases={_CODE: hidden})
    nowhere: Answers = {name: value for name, value in answers.items() if name != "place"}
    fewer = replace(city, projects=dict(list(city.projects.items())[:1]))
    bare = (
        _Person(facts=secret, answers={**nowhere, "confidential": True}),
        _Person(facts=facts, answers=nowhere),
        _Person(facts=replace(facts, city=fewer), answers=answers),
    )
    return _Person(facts=facts, answers=answers), bare


def _case(category: str, place: str | None) -> Case:
    return Case(
        id=1,
        code=_CODE,
        kind=CaseKind.GRIEVANCE,
        category=category,
        description="",
        status=CaseStatus.RECEIVED,
        unit="",
        channel="",
        opened_at=_NEW_YEAR,
        due_at=_NEW_YEAR,
        updated_at=_NEW_YEAR,
        contact_id=1,
        place=place,
    )
