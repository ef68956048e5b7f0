"""Says everything at its longest and as it usually is, and counts segments and places on a screen.

Rule 1: an answer to somebody's own text is one segment. What we push may declare more in its template's first line:
``{# segments: 2 #}``.
Rule 2: a USSD screen holds 160 characters; ours use 156, because some carriers put theirs in front. Nothing is ever
cut, so what is longer is a fault of the words.
Rule 3: what we push in the life of a case, the resolution, its question and one reminder, is three segments at most.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from dialogs.effects import Param, Say
from dialogs.messages import ChannelKind
from gateway.findings import Finding, Level
from gateway.outbound import segments
from gateway.outbound.render import RenderFailed
from gateway.wording import said, values
from gateway.wording.said import Occasion
from gateway.wording.texts import Text, Texts

SCREEN = 156
#: What an answer may take, and all that is pushed in the life of a case.
ANSWER, CASE = 1, 3
#: What is pushed in the life of a case whose resident stays silent: the reminder is the question once more.
PUSHED = (said.RESOLVED, said.QUESTION, said.QUESTION)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """How long a text is. ``usual`` and ``worst`` are segments; ``as_written`` is the worst if nothing were folded.

    ``sms``: the longest text as it is sent. ``screen``: places on a USSD screen at worst, 0 where no screen shows it.
    ``lead`` and ``screen_lead``: what stands before it then. ``shows``: the most options on one page.
    """

    text: Text
    usual: int
    worst: int
    as_written: int
    sms: str
    lead: str | None
    screen: int
    screen_lead: str | None
    screen_usual: int
    shows: int

    @property
    def allowed(self) -> int:
        """How many segments it may take."""
        if self.text.said.occasion is Occasion.ANSWER:
            return ANSWER
        declared = self.text.source.declared if self.text.source else None
        return declared or 1


def measure(texts: Texts) -> Mapping[str, Sequence[Measured]]:
    """Measure all that can be said, language by language; what cannot be is left out."""
    return {language: tuple(_measured(texts, language, of)) for language, of in texts.by_language.items()}


def examine(texts: Texts, measured: Mapping[str, Sequence[Measured]]) -> Iterator[Finding]:
    """Give what is longer than it may be."""
    for language, lengths in measured.items():
        for one in lengths:
            yield from _too_long(one)
        yield from _case_too_long(language, {one.text.said.template: one for one in lengths}, texts.base)


def pushed(worst: Mapping[str, int]) -> int:
    """The segments of what is pushed in the life of a case, from those of each template."""
    return sum(worst.get(template, 0) for template in PUSHED)


def _measured(texts: Texts, language: str, of: Sequence[Text]) -> Iterator[Measured]:
    candidates = said.candidates(texts.city, texts.renderer, language)
    for text in of:
        if values.sayable(texts, text):
            with suppress(RenderFailed):  # a label that is not there, which ``values`` finds
                yield _one(texts, text, candidates)


def _one(texts: Texts, text: Text, candidates: Mapping[str, Sequence[Param]]) -> Measured:
    usual, longest = _filled(texts, text, candidates)
    renderer, language = texts.renderer, text.language

    def words(say: Say, kind: ChannelKind) -> str:
        return renderer.text(say, language, kind)

    pages = list(text.said.pages(lambda option: len(segments.ussd(renderer.label(option, language)))))
    says = [
        Say(template=text.said.template, params=longest, options=tuple(page), lead=lead)
        for page in pages
        for lead in (None, *text.said.leads)
    ]
    say = max(says, key=lambda one: (segments.count(words(one, ChannelKind.SMS)), len(words(one, ChannelKind.USSD))))
    dialled = [one for one in says if one.lead != said.UNFINISHED]
    screen = max(dialled, key=lambda one: len(words(one, ChannelKind.USSD)))
    first = Say(template=text.said.template, params=usual, options=tuple(pages[0]))
    on_screen = text.said.on_screen
    return Measured(
        text=text,
        usual=segments.count(words(first, ChannelKind.SMS)),
        worst=segments.count(words(say, ChannelKind.SMS)),
        as_written=segments.count(renderer.written(say, language)),
        sms=words(say, ChannelKind.SMS),
        lead=say.lead,
        screen=len(words(screen, ChannelKind.USSD)) if on_screen else 0,
        screen_lead=screen.lead,
        screen_usual=len(words(first, ChannelKind.USSD)) if on_screen else 0,
        shows=max(sum(option.key in said.KEYS for option in page) for page in pages),
    )


def _filled(
    texts: Texts, text: Text, candidates: Mapping[str, Sequence[Param]]
) -> tuple[Mapping[str, Param], Mapping[str, Param]]:
    """The values with which a text is as long as usual, and as long as it can get."""
    usual, longest = dict(text.said.gives), dict(text.said.gives)

    def length(params: Mapping[str, Param]) -> int:
        written = texts.renderer.text(Say(template=text.said.template, params=params), text.language, ChannelKind.SMS)
        return segments.septets(segments.gsm7(written)) or 0

    for name, example in text.said.gives.items():
        of_name = candidates.get(name, (example,))
        by_length = sorted(of_name, key=lambda value: length({**longest, name: value}))
        usual[name] = by_length[len(by_length) // 2]
        maybe = (None,) if name in text.said.maybe else ()
        longest[name] = max((by_length[-1], *maybe), key=lambda value: length({**longest, name: value}))
    return usual, longest


def _too_long(one: Measured) -> Iterator[Finding]:
    if one.worst > one.allowed:
        answer = one.text.said.occasion is Occasion.ANSWER
        yield Finding(
            level=Level.ERROR,
            where=one.text.where,
            what=f"takes {one.worst} segments at its longest, and may take {one.allowed}{_behind(one.lead)}",
            mend="shorten it: an answer is one segment"
            if answer
            else f"shorten it, or begin it with {{# segments: {one.worst} #}}",
        )
    if one.screen > SCREEN:
        what = f"takes {one.screen} characters on a USSD screen, which holds {SCREEN}{_behind(one.screen_lead)}"
        yield Finding(level=Level.ERROR, where=one.text.where, what=what, mend="shorten it")


def _behind(lead: str | None) -> str:
    return f" (behind {lead})" if lead else ""


def _case_too_long(language: str, lengths: Mapping[str, Measured], base: str) -> Iterator[Finding]:
    total = pushed({template: one.worst for template, one in lengths.items()})
    if total > CASE:
        yield Finding(
            level=Level.ERROR if language == base else Level.WARNING,
            where=f"{language}: a case",
            what=f"resolution, question and reminder take {total} segments at their longest, and may take {CASE}",
            mend=f"shorten {' or '.join(dict.fromkeys(f'{language}/{template}.j2' for template in PUSHED))}",
        )
