"""`barrio replay`: what the dialogs of this working tree would have said differently. Sends nothing, writes nothing."""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Any

import click
from pydantic import TypeAdapter, ValidationError
from rich.console import Console

from dialogs.city import City
from dialogs.messages import SessionEvent
from dialogs.understand import codes, safety
from gateway.cli.desk import Desk
from gateway.cli.shapes import local, moment
from gateway.cli.shell import Command, pass_desk
from gateway.replay import story as stories
from gateway.replay.compare import Compared, Difference, compare
from gateway.replay.masking import masked
from gateway.replay.rerun import rerun
from gateway.replay.story import Story
from gateway.values import Duration
from store import Tx
from store.past import Said, Told

#: So many conversations are shown to people; the counts above them are of all.
SHOWN = 20
_DURATION: TypeAdapter[timedelta] = TypeAdapter(Duration)
_HIDDEN = "(confidential: not shown)"


def duration(_ctx: click.Context, _param: click.Parameter, value: str) -> timedelta:
    """Read a duration as config.yaml writes it."""
    try:
        return _DURATION.validate_python(value)
    except ValidationError:
        raise click.BadParameter("must be a duration: 12h or 30d") from None


@click.command(cls=Command)
@click.option("--since", default="30d", show_default=True, callback=duration, metavar="TIME", help="How far back: 30d.")
@click.option("--most", default=SHOWN, show_default=True, type=click.IntRange(0), help="Conversations shown.")
@click.option("--all", "whole", is_flag=True, help="Show also what only follows from an earlier difference.")
@pass_desk
def replay(desk: Desk, since: timedelta, most: int, *, whole: bool) -> None:
    """Let past conversations run through the dialogs as they are now.

    Shows what would have been said differently. Sends nothing and writes nothing. Telephone numbers are masked, what
    was said about confidential cases is not shown; names stay in people's words, so do not pass the output on.
    """
    now = desk.clock.now()

    def read(tx: Tx) -> tuple[set[int], Story]:
        spoke, everybody = stories.people(tx, now - since)
        return spoke, stories.read(tx, everybody)

    spoke, story = desk.read(read)
    again = asyncio.run(rerun(desk.house(), story))
    found = compare(story, again, spoke, now - since)
    page = _Page(
        found=found, story=story, since=now - since, zone=desk.config().service.timezone, city=desk.config().city
    )
    desk.say(page.shape(), lambda to: page.print(to, most, whole=whole))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    """What is printed of a comparison."""

    found: Compared
    story: Story
    since: datetime
    zone: tzinfo
    city: City

    def shape(self) -> dict[str, Any]:
        """All of it, for programs."""
        quiet, numbers = self._confidential(), self._numbers()
        return {
            "since": moment(self.since),
            "conversations": self.found.conversations,
            "answers": self.found.answers,
            "unasked": self.found.unasked,
            "refused": self.found.refused,
            "left_out": self.found.left_out,
            "kinds": [{"before": old, "after": new, "times": times} for (old, new), times in self.found.kinds],
            "differences": [
                {
                    "at": moment(one.at),
                    "conversation": numbers[one.contact_id],
                    "case": self._code(one, quiet),
                    "text": None if one.to is None else self._said(one.to, one.contact_id in quiet),
                    "before": [self._told(told, one.contact_id in quiet) for told in one.before],
                    "after": [self._told(told, one.contact_id in quiet) for told in one.after],
                    "failed": one.failed,
                    "follows": one.follows,
                }
                for one in self.found.differences
            ],
        }

    def print(self, to: Console, most: int, *, whole: bool) -> None:
        """The counts, then what became what, then conversation by conversation."""
        for line in [*self._counts(), *self._kinds()]:
            to.print(line, markup=False)
        quiet = self._confidential()
        numbers = self._numbers()
        for contact, number in list(numbers.items())[:most]:
            theirs = [one for one in self.found.differences if one.contact_id == contact]
            shown = [one for one in theirs if whole or not one.follows]
            self._conversation(to, number, shown, quiet)
            if hidden := len(theirs) - len(shown):
                to.print(f"… and {hidden} that only follow", markup=False)
        if len(numbers) > most:
            to.print(f"\n… and {len(numbers) - most} more: --most {len(numbers)}", markup=False)

    def _counts(self) -> list[str]:
        found, when = self.found, local(self.since, self.zone)
        besides = _count(found.unasked, "message that nobody asked for", "messages that nobody asked for")
        lines = [
            f"{_count(found.conversations, 'conversation')} since {when}: {_count(found.answers, 'text')}, {besides}."
        ]
        if found.left_out:
            lines.append(
                f"Left out, because words of theirs were erased: {_count(found.left_out, 'person', 'people')}."
            )
        if found.refused:
            lines.append(
                f"No longer possible, because the case stood otherwise: {_count(found.refused, 'act')} of staff."
            )
        if not found.differences:
            return [*lines, "Everything would have been said as it was."]
        asked = sum(one.to is not None for one in found.differences)
        other = _count(len(found.differences) - asked, "other message")
        people = _count(len({one.contact_id for one in found.differences}), "conversation")
        lines.append(f"Different: {_count(asked, 'answer')} and {other}, in {people}.")
        if follows := sum(one.follows for one in found.differences):
            lines.append(
                f"{follows} of them only follow, because people answered what they had read (--all shows them)."
            )
        return lines

    def _kinds(self) -> list[str]:
        lines = [f"{times:>7}  {old} → {new}" for (old, new), times in self.found.kinds]
        return ["", "  times  was said → would be said", *lines] if lines else []

    def _conversation(self, to: Console, number: int, theirs: Sequence[Difference], quiet: Collection[int]) -> None:
        code = next((code for one in theirs if (code := self._code(one, quiet))), None)
        to.print(f"\n── conversation {number}" + (f", barrio transcript {code}" if code else ""), markup=False)
        for one in theirs:
            hidden = one.contact_id in quiet
            to.print(f"@ {local(one.at, self.zone)}{' (follows)' if one.follows else ''}", markup=False)
            if one.to is not None:
                to.print(_lines("> ", self._said(one.to, hidden)), markup=False)
            for told in one.before:
                to.print(_lines("- ", self._told(told, hidden)["text"]), markup=False, style="red")
            for told in one.after:
                to.print(_lines("+ ", self._told(told, hidden)["text"]), markup=False, style="green")
            if one.failed:
                to.print(f"+ (the dialogs fail: {one.failed})", markup=False, style="green")

    def _numbers(self) -> dict[int, int]:
        """Conversations in the order of their first difference, numbered from 1."""
        first = dict.fromkeys(one.contact_id for one in self.found.differences)
        return {contact: number for number, contact in enumerate(first, start=1)}

    def _confidential(self) -> set[int]:
        """Whose conversations touch what must not be shown."""
        past = self.story.past
        files = {one.case.contact_id for one in past.happened if one.case.confidential}
        city = self.city
        told = {one.contact_id for one in past.said if one.rule == "safety" or safety.confidential(one.text, city)}
        return {one for one in files if one is not None} | told

    def _code(self, one: Difference, quiet: Collection[int]) -> str | None:
        """The person's newest case by then, which leads to the whole conversation."""
        theirs = [
            file.case.code
            for file in self.story.past.happened
            if file.case.contact_id == one.contact_id and file.case.opened_at <= one.at
        ]
        return codes.show(theirs[-1]) if theirs and one.contact_id not in quiet else None

    @staticmethod
    def _said(one: Said, hidden: bool) -> str:  # noqa: FBT001  a word beside each text
        if hidden:
            return _HIDDEN
        if one.session_key is None:
            return masked(one.text)
        if one.session_event == SessionEvent.CLOSE:
            return "(hangs up)"
        return masked(one.text.rpartition("*")[2]) or "(dials)"

    @staticmethod
    def _told(one: Told, hidden: bool) -> dict[str, Any]:  # noqa: FBT001  the same
        return {"template": one.template, "text": _HIDDEN if hidden else masked(one.text)}


def _count(number: int, one: str, many: str | None = None) -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"


def _lines(mark: str, text: str) -> str:
    return "\n".join(f"{mark}{line}" for line in text.split("\n"))
