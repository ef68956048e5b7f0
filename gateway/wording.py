"""Says everything that can be said, at its longest, in every language offered, and measures it.

Rule 1: an SMS is one segment, unless its template declares more in its first line: ``{# segments: 2 #}``.
Rule 2: a USSD screen holds 160 characters; ours use 156, because some carriers put theirs in front. Nothing is ever
cut, so what is longer is a fault of the words.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from dialogs import engine, graph, promises
from dialogs.book import BOOK
from dialogs.cases import Case, CaseKind, CaseStatus
from dialogs.city import City
from dialogs.contacts import Contact
from dialogs.effects import Option, Param, Say
from dialogs.facts import Facts
from dialogs.messages import ChannelKind
from dialogs.nodes import Ask, Choose, End
from dialogs.session import Answers
from gateway.findings import Finding, Level
from gateway.outbound import segments
from gateway.outbound.render import Renderer, RenderFailed
from gateway.work import watch
from gateway.work.casework import BODY_MOST, REPLY_MOST

SCREEN = 156
_DECLARED = re.compile(r"\A\{#-?\s*segments:\s*([1-9])\s*-?#\}")
_CODE = "482105930"
_NEW_YEAR = datetime(2026, 1, 1, 16, tzinfo=UTC)
_YEAR = 366
_MANY = 20

#: What stands before a question in the same message.
LEADS = ("common/miss", "common/unfinished")
#: What is said besides the steps of dialogs: on any channel, and only by SMS.
BESIDES: Mapping[str, Sequence[Option]] = {"resume/ask": engine.RESUME_OPTIONS, "common/try_again": ()}
NOTICES = (
    "notice/apology",
    "notice/resolved",
    "notice/resolved_quiet",
    "notice/reopened",
    "notice/not_competent",
    "broadcast/notice",
    *(f"watch/{kind}" for kind in watch.Kind),
    "watch/over",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Worst:
    """One person to whom everything is said at its longest, in one language."""

    language: str
    facts: Facts
    answers: Answers


def measure(city: City, renderer: Renderer, templates: Path) -> Iterator[Finding]:
    """Give what is missing, does not render, or is too long."""
    for language in city.languages:
        worst = _worst(city, renderer, language)
        for say, on_screen in (*_said_by_dialogs(worst), *_said_besides(worst)):
            yield from _too_long(renderer, templates, language, say, on_screen=on_screen)


def _said_by_dialogs(worst: _Worst) -> Iterator[tuple[Say, bool]]:
    for spoken in graph.spoken(BOOK):
        node = BOOK.node(*spoken.template.split("/"))
        if not isinstance(node, Ask | Choose | End):
            continue
        params = node.params(worst.facts, worst.answers)
        for options in _pages(node, worst):
            for lead in (None, *LEADS) if spoken.asks else (None,):
                yield Say(template=spoken.template, params=params, options=options, lead=lead), True


def _said_besides(worst: _Worst) -> Iterator[tuple[Say, bool]]:
    params: Mapping[str, Param] = {
        "code": _CODE,
        "due": worst.facts.own_cases[0].due_at,
        "reply": "x" * REPLY_MOST,
        "body": "x" * BODY_MOST,
        "text": "x",
        "kind": str(watch.Kind.SILENT),
        "line": "x" * watch.NAME_MOST,
    }
    for name, options in BESIDES.items():
        yield Say(template=name, options=tuple(options)), True
    for name in NOTICES:
        yield Say(template=name, params=params), False


def _pages(node: Ask | Choose | End, worst: _Worst) -> Iterator[tuple[Option, ...]]:
    if not isinstance(node, Choose):
        yield ()
        return
    options = node.options(worst.facts, worst.answers)
    for number in range(-(-len(options) // node.page)):
        yield engine.page(options, number, node.page)


def _too_long(renderer: Renderer, templates: Path, language: str, say: Say, *, on_screen: bool) -> Iterator[Finding]:
    where = f"{language}/{say.template}.j2"
    file = templates / where
    if not file.is_file():
        mend = "write it, or take the language out of service.languages"
        yield Finding(level=Level.ERROR, where=where, what="is not there", mend=mend)
        return
    try:
        sms = segments.count(renderer.text(say, language, ChannelKind.SMS))
        screen = len(renderer.text(say, language, ChannelKind.USSD))
    except RenderFailed as failed:
        yield Finding(level=Level.ERROR, where=where, what=f"cannot be said ({failed})", mend="compare with es")
        return
    declared = _DECLARED.match(file.read_text(encoding="utf-8"))
    budget = int(declared[1]) if declared else 1
    if sms > budget:
        what = f"takes {sms} segments at its longest, and may take {budget}{_with(say)}"
        yield Finding(
            level=Level.ERROR, where=where, what=what, mend=f"shorten it, or begin it with {{# segments: {sms} #}}"
        )
    if on_screen and screen > SCREEN:
        what = f"takes {screen} characters on a USSD screen, which holds {SCREEN}{_with(say)}"
        yield Finding(level=Level.ERROR, where=where, what=what, mend="shorten it")


def _with(say: Say) -> str:
    said = [f"behind {say.lead}"] if say.lead else []
    return f" ({', '.join(said)})" if said else ""


def _worst(city: City, renderer: Renderer, language: str) -> _Worst:
    """Make the person whose case has the longest category, place, status and date."""
    category = max(city.categories, key=lambda one: len(city.categories[one].name.get(language, "")))
    place = max(city.places, key=lambda one: len(city.places[one].name), default=None)
    status = max(CaseStatus, key=lambda one: len(city.words[language].options.get(f"status_{one}", "")))
    now = _longest_day(city, renderer, language, category)
    due = promises.for_new(city, category, now)
    case = Case(
        id=1,
        code=_CODE,
        kind=CaseKind.GRIEVANCE,
        category=category,
        description="",
        status=status,
        unit="",
        channel="",
        opened_at=now,
        due_at=due,
        updated_at=due,
        contact_id=1,
        place=place,
    )
    facts = Facts(
        now=now,
        contact=Contact(id=1, msisdn="+59170000000", language=language, created_at=now, last_seen_at=now),
        channel_kind=ChannelKind.SMS,
        city=city,
        new_code=_CODE,
        own_cases=(case,) * _MANY,
        named_cases={_CODE: case},
    )
    longest = max(city.languages, key=lambda one: len(city.words[one].name))
    answers: Answers = {
        "code": _CODE,
        "withdraw": _CODE,
        "category": category,
        "place": place,
        "language": longest,
    }
    return _Worst(language=language, facts=facts, answers=answers)


def _longest_day(city: City, renderer: Renderer, language: str, category: str) -> datetime:
    """The moment of a year at which the date that we promise takes the most letters."""

    def length(at: datetime) -> int:
        params: Mapping[str, Param] = {"code": _CODE, "due": promises.for_new(city, category, at)}
        return len(renderer.text(Say(template="notice/reopened", params=params), language, ChannelKind.SMS))

    moments = [_NEW_YEAR + timedelta(days=day) for day in range(_YEAR)]
    try:
        return max(moments, key=length)
    except RenderFailed:
        return _NEW_YEAR
