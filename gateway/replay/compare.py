"""What would be said differently: each answer beside the one that was given, each notice beside the one that went.

Rule: an answer belongs to its text, whatever it says. Of what nobody asked for it matters whether it is said, not at
which second: two questions that fell due at one moment go in any order.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

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

    ``to`` is the text that it answers. ``failed`` is the kind of error with which the dialogs end on it. ``follows``:
    it comes of an earlier one, because people answered what they had read, not what they would have read.
    """

    at: datetime
    contact_id: int
    to: Said | None
    before: Sequence[Told]
    after: Sequence[Told]
    failed: str | None = None
    follows: bool = False

    @property
    def kind(self) -> tuple[str, str]:
        """Which of our words become which, by the templates' names."""
        return _names(self.before), self.failed or _names(self.after)

    @property
    def strays(self) -> bool:
        """Whether the conversation stands elsewhere from here on; otherwise only the words are others."""
        before, after = self.kind
        return before != after


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
        """How often which words become which, the most frequent first; not counting what only follows."""
        return Counter(one.kind for one in self.differences if not one.follows).most_common()


def compare(story: Story, again: Again, people: set[int], since: datetime) -> Compared:
    """Compare what these people were told since then."""
    whose = people - set(story.left_out)
    heard: dict[int, list[Heard]] = {contact: [] for contact in whose}
    for one in story.moments:
        if isinstance(one, Heard) and one.said.contact_id in whose:
            heard[one.said.contact_id].append(one)
    found = [
        one
        for contact in whose
        for one in _conversation(
            [(text, _answered(text, again)) for text in heard[contact]],
            list(_besides(contact, story.unasked.get(contact, ()), again.unasked.get(contact, ()))),
        )
    ]
    return Compared(
        conversations=len(whose),
        answers=sum(text.at >= since for texts in heard.values() for text in texts),
        unasked=sum(told.at >= since for contact in whose for told in story.unasked.get(contact, ())),
        differences=sorted((one for one in found if one.at >= since), key=lambda one: one.at),
        refused=again.refused,
        left_out=len(people & set(story.left_out)),
    )


def _conversation(
    answered: Sequence[tuple[Heard, Difference | None]], besides: Sequence[Difference]
) -> Iterator[Difference]:
    """Tell which differences only follow: an answer after one that strayed, and whatever comes unasked after any."""
    off, first = False, None
    for text, difference in answered:
        if difference is not None:
            yield replace(difference, follows=off)
        off = difference is not None and difference.strays
        first = first or (text.at if off else None)
    for one in besides:
        yield replace(one, follows=first is not None and one.at > first)


def _answered(one: Heard, again: Again) -> Difference | None:
    after, failed = again.answers.get(one.said.id, ()), again.failed.get(one.said.id)
    if failed is None and same([told.text for told in one.told], [told.text for told in after]):
        return None
    return Difference(
        at=one.at, contact_id=one.said.contact_id, to=one.said, before=one.told, after=after, failed=failed
    )


def _besides(contact: int, then: Sequence[Told], now: Sequence[Told]) -> Iterator[Difference]:
    """Leave out what was said and would be said; set the rest side by side where it is the same template."""
    old, new = _apart(then, now)
    for before in old:
        after = next((one for one in new if one.template == before.template), None)
        if after is not None:
            new.remove(after)
        beside = [after] if after else []
        yield Difference(at=before.at, contact_id=contact, to=None, before=[before], after=beside)
    for after in new:
        yield Difference(at=after.at, contact_id=contact, to=None, before=[], after=[after])


def _apart(then: Sequence[Told], now: Sequence[Told]) -> tuple[list[Told], list[Told]]:
    """What of each has no like in the other."""
    old, new = list(then), []
    for one in now:
        likewise = next((other for other in old if same([other.text], [one.text])), None)
        if likewise is None:
            new.append(one)
        else:
            old.remove(likewise)
    return old, new


def same(then: Sequence[str], now: Sequence[str]) -> bool:
    """Whether the same is said; a code that had to be made up counts as any."""
    if list(then) == list(now):
        return True
    made_up = any(is_invented(code.replace("-", "")) for text in now for code in _CODE.findall(text))
    return made_up and list(map(_bare, then)) == list(map(_bare, now))


def _bare(text: str) -> str:
    return _CODE.sub("#", text)


def _names(told: Sequence[Told]) -> str:
    return " + ".join(one.template or "?" for one in told) or NOTHING
