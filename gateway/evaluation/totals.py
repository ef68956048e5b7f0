"""The totals over a file of labelled texts, and every text that went wrong."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from dialogs.city import City
from dialogs.understand import categories, codes, places, safety
from dialogs.understand.folding import fold
from gateway.evaluation.meaning import Meaning, meaning
from gateway.evaluation.rows import Row

STOP = "stop"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the house made of one text."""

    row: Row
    with_state: Meaning
    without_state: Meaning
    top: Sequence[str]
    sure: bool
    code: str
    place: str
    sensitive: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """So many of so many."""

    right: int
    of: int

    @property
    def fraction(self) -> float | None:
        """Between 0 and 1; None where nothing was labelled."""
        return self.right / self.of if self.of else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """What a file comes to. ``confused`` counts (label, what we said) of intents with state, where they differ."""

    n: int
    with_state: Share
    without_state: Share
    top1: Share
    top3: Share
    codes: Share
    places: Share
    stop_false_positives: int
    sensitive_missed: int
    sensitive: int
    confused: Mapping[tuple[str, str], int]
    mistaken: Mapping[tuple[str, str], int]


def look(row: Row, city: City, now: datetime) -> Told:
    """Read one text as the service would."""
    guess = categories.guess(row.text, city)
    place = places.find(row.text, city)
    without = meaning(row.text, city, now)
    return Told(
        row=row,
        with_state=meaning(row.text, city, now, row.ctx) if row.ctx else without,
        without_state=without,
        top=guess.top,
        sure=guess.sure,
        code=next(iter(codes.find(row.text)), ""),
        place=place.name if place else "",
        sensitive=safety.confidential(row.text, city),
    )


def add_up(told: Sequence[Told]) -> Totals:
    """Count."""
    intents = [one for one in told if one.row.intent]
    named = [one for one in told if one.row.category]
    return Totals(
        n=len(told),
        with_state=_share(one.with_state.intent == one.row.intent for one in intents),
        without_state=_share(one.without_state.intent == one.row.intent for one in intents),
        top1=_share(one.top[:1] == (one.row.category,) for one in named),
        top3=_share(one.row.category in one.top for one in named),
        codes=_share(one.code == one.row.code for one in told if one.row.code is not None),
        places=_share(fold(one.place) == fold(one.row.place) for one in told if one.row.place),
        stop_false_positives=sum(is_stopped(one) for one in told),
        sensitive_missed=sum(one.row.sensitive is True and not one.sensitive for one in told),
        sensitive=sum(one.row.sensitive is True for one in told),
        confused=Counter(
            (one.row.intent, one.with_state.intent)
            for one in intents
            if one.row.intent and one.with_state.intent != one.row.intent
        ),
        mistaken=Counter(
            (one.row.category, one.top[0] if one.top else "-")
            for one in named
            if one.row.category and one.top[:1] != (one.row.category,)
        ),
    )


def is_stopped(one: Told) -> bool:
    """Whether something else was taken for an opt-out: the worst mistake there is, since we then fall silent."""
    said = {one.with_state.intent, one.without_state.intent}
    return one.row.intent != STOP and STOP in said


def wrong(one: Told) -> list[str]:
    """What of a text was read otherwise than it is labelled, in words."""
    row = one.row
    found = [
        (row.intent and one.with_state.intent != row.intent, f"intent {one.with_state.intent}, not {row.intent}"),
        (
            row.intent and one.without_state.intent != row.intent,
            f"without state {one.without_state.intent}, not {row.intent}",
        ),
        (row.category and one.top[:1] != (row.category,), f"category {', '.join(one.top) or '-'}, not {row.category}"),
        (row.code is not None and one.code != row.code, f"code {one.code or '-'}, not {row.code or '-'}"),
        (row.place and fold(one.place) != fold(row.place), f"place {one.place or '-'}, not {row.place}"),
        (row.sensitive and not one.sensitive, "not taken for sensitive"),
        (is_stopped(one), "taken for an opt-out"),
    ]
    return [words for is_wrong, words in found if is_wrong]


def _share(hits: Iterable[bool]) -> Share:
    every = list(hits)
    return Share(right=sum(every), of=len(every))
