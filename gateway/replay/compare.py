"""What would be said differently: each answer beside the one that was given, each notice beside the one that went.

Rule: an answer belongs to its text, whatever it says. Of what nobody asked for it matters whether it is said, not at
which second: two questions that fell due at one moment go in any order.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest

from gateway.replay.dice import is_invented
from gateway.replay.rerun import Again
from gateway.replay.story import Heard, Story
from store.past import Said, Told

_CODE = re.compile(r"\d{3}-\d{3}-\d{3}")
#: Stands where nothing is said.
NOTHING = "(nothing)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One answer, or one message that nobody asked for, that would be another.

    ``to`` is the text that it answers. ``failed`` is the kind of error with which the dialogs end on it.
    """

    at: datetime
    contact_id: int
    to: Said | None
    before: Sequence[Told]
    after: Sequence[Told]
    failed: str | None = None

    @property
    def kind(self) -> tuple[str, str]:
        """Which of our words become which, by the templates' names."""
        return _names(self.before), self.failed or _names(self.after)


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """How much was compared, and what differs, in order of time.

    ``refused``: acts of staff that would no longer be possible. ``left_out``: people whose words were erased in part.
    """

    conversations: int
    answers: int
    unasked: int
    differences: Sequence[Difference]
    refused: int
    left_out: int

    @property
    def kinds(self) -> Sequence[tuple[tuple[str, str], int]]:
        """How often which words become which, the most frequent first."""
        return Counter(one.kind for one in self.differences).most_common()


def compare(story: Story, again: Again, people: set[int], since: datetime) -> Compared:
    """Compare what these people were told since then."""
    whose = people - set(story.left_out)
    heard = [
        one for one in story.moments if isinstance(one, Heard) and one.said.contact_id in whose and one.at >= since
    ]
    unasked = {
        contact: (_since(story.unasked.get(contact, ()), since), _since(again.unasked.get(contact, ()), since))
        for contact in whose
    }
    found = [difference for one in heard if (difference := _answered(one, again)) is not None]
    found += [one for contact, (then, now) in unasked.items() for one in _besides(contact, then, now)]
    return Compared(
        conversations=len(whose),
        answers=len(heard),
        unasked=sum(len(then) for then, _ in unasked.values()),
        differences=sorted(found, key=lambda one: one.at),
        refused=again.refused,
        left_out=len(people & set(story.left_out)),
    )


def _since(told: Sequence[Told], since: datetime) -> list[Told]:
    return [one for one in told if one.at >= since]


def _answered(one: Heard, again: Again) -> Difference | None:
    after, failed = again.answers.get(one.said.id, ()), again.failed.get(one.said.id)
    if failed is None and same([told.text for told in one.told], [told.text for told in after]):
        return None
    return Difference(
        at=one.at, contact_id=one.said.contact_id, to=one.said, before=one.told, after=after, failed=failed
    )


def _besides(contact: int, then: Sequence[Told], now: Sequence[Told]) -> Iterator[Difference]:
    """Leave out what was said and would be said, and set the rest side by side."""
    before, after = list(then), []
    for one in now:
        likewise = next((other for other in before if same([other.text], [one.text])), None)
        if likewise is None:
            after.append(one)
        else:
            before.remove(likewise)
    for old, new in zip_longest(before, after):
        at = (old or new).at
        yield Difference(at=at, contact_id=contact, to=None, before=[old] if old else [], after=[new] if new else [])


def same(then: Sequence[str], now: Sequence[str]) -> bool:
    """Whether the same is said; a code that had to be made up counts as any."""
    if list(then) == list(now):
        return True
    made_up = any(is_invented(code) for text in now for code in _CODE.findall(text))
    return made_up and list(map(_bare, then)) == list(map(_bare, now))


def _bare(text: str) -> str:
    return _CODE.sub("#", text)


def _names(told: Sequence[Told]) -> str:
    return " + ".join(one.template or "?" for one in told) or NOTHING
