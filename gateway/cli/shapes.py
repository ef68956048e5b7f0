"""What commands print about cases: JSON whose shape others rely on, and lines for people."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from dialogs.cases import OPEN, Case, CaseStatus
from dialogs.city import City
from dialogs.understand import codes
from gateway.replay.masking import masked
from store.case_events import CaseEvent
from store.case_file import Note
from store.messages import Direction, ThreadMessage


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """All that is known of one case."""

    case: Case
    supporters: int
    events: Sequence[CaseEvent]
    notes: Sequence[Note]
    messages: Sequence[ThreadMessage]

    def shown(self) -> "File":
        """The same as staff see it: of an anonymous case without the numbers that stand in somebody's words."""
        if not self.case.anonymous:
            return self
        told = replace(
            self.case,
            description=masked(self.case.description),
            location_text=masked(self.case.location_text),
            reply=masked(self.case.reply),
        )
        return replace(
            self,
            case=told,
            notes=[replace(one, text=masked(one.text)) for one in self.notes],
            messages=[replace(one, text=masked(one.text)) for one in self.messages],
        )


def case(one: Case, supporters: int) -> dict[str, Any]:
    """Shape a case as ``case list`` gives it. Of a confidential one the place in words stays inside."""
    return {
        "code": one.code,
        "kind": one.kind,
        "status": one.status,
        "category": one.category,
        "place": one.place,
        "location_text": "" if one.confidential else one.location_text,
        "confidential": one.confidential,
        "resolution_no": one.resolution_no,
        "rating": one.rating,
        "supporters": supporters,
        "channel": one.channel,
        "opened_at": moment(one.opened_at),
        "due_at": moment(one.due_at),
        "outcome": one.outcome,
    }


def whole_case(file: File) -> dict[str, Any]:
    """Shape a case as ``case show`` gives it."""
    return {
        **case(file.case, file.supporters),
        "location_text": file.case.location_text,
        "events": [event(one) for one in file.events],
        "messages": [message(one) for one in file.messages],
    }


def event(one: CaseEvent) -> dict[str, Any]:
    """Shape what happened: who, when, what."""
    return {"seq": one.seq, "at": moment(one.at), "actor": one.actor, "what": one.what, "data": dict(one.data)}


def message(one: ThreadMessage) -> dict[str, Any]:
    """Shape one message of a case's conversation."""
    return {
        "direction": one.direction,
        "channel": one.channel,
        "text": one.text,
        "status": one.status,
        "at": moment(one.at),
    }


def moment(at: datetime) -> str:
    """A time for programs: UTC, to the second."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def local(at: datetime, zone: tzinfo) -> str:
    """A time for people, on the city's clock."""
    return at.astimezone(zone).strftime("%a %d %b %Y %H:%M")


def day(at: datetime, zone: tzinfo) -> str:
    """A day for people."""
    return at.astimezone(zone).strftime("%d %b %Y")


def soon(at: datetime, now: datetime, zone: tzinfo) -> str:
    """A day for people, without the year where it is this one."""
    day_of, today = at.astimezone(zone), now.astimezone(zone)
    return day_of.strftime("%d %b") if day_of.year == today.year else day_of.strftime("%d %b %Y")


def subject(one: Case, city: City) -> str:
    """What a case is about, in the first language: category and place."""
    if one.confidential:
        return "confidential"
    category = city.categories.get(one.category)
    place = city.places.get(one.place or "")
    about = category.name[city.languages[0]] if category else one.category
    return f"{about}, {place.name}" if place else about


def table(found: Sequence[Case], city: City, now: datetime) -> Table:
    """Draw a list of cases: what comes first in the queue stands on top."""
    marked = [(one, _marks(one, now)) for one in found]
    widest = max((len(marks) for _, marks in marked), default=0)
    drawn = Table(box=None, pad_edge=False, header_style="bold")
    for name, width in (("CODE", 11), ("STATUS", 13), ("DUE", 6), ("", widest), ("ABOUT", 12), ("WITH", 6)):
        drawn.add_column(name, no_wrap=True, min_width=width)
    for one, marks in marked:
        drawn.add_row(
            codes.show(one.code),
            str(one.status),
            soon(one.due_at, now, city.timezone),
            f"[red]{marks}[/]" if marks else "",
            escape(subject(one, city)),
            escape(one.assignee or one.unit),
        )
    return drawn


def _marks(one: Case, now: datetime) -> str:
    """What is urgent about an open case. One that is not open waits for nobody here."""
    if one.status not in OPEN:
        return ""
    return " ".join(word for word, holds in (("late", one.due_at < now), ("first", one.priority)) if holds)


def page(to: Console, file: File, city: City) -> None:
    """Print a whole case for people."""
    one, zone = file.case, city.timezone
    to.print(f"[bold]{codes.show(one.code)}[/]  {escape(subject(one, city))}")
    rows = {
        "status": f"{one.status}, closed as {one.outcome}" if one.outcome else str(one.status),
        "anonymous": "nobody sees the number, and nobody can call" if one.anonymous else "",
        "same as": _same(file),
        "kind": str(one.kind),
        "text": one.description,
        "where": one.location_text,
        "with": " / ".join(filter(None, (one.unit, one.assignee))),
        "opened": f"{local(one.opened_at, zone)}, came by {one.channel}",
        "promised": day(one.due_at, zone),
        "reply": one.reply,
        "rating": f"{one.rating} of 5" if one.rating else "",
        "supporters": str(file.supporters or ""),
    }
    for name, value in rows.items():
        if value:
            to.print(f"  {name:<11}{escape(value)}")
    _part(to, "What happened", [f"{local(e.at, zone)}  {e.actor}: {e.what}" for e in file.events])
    _part(to, "Notes", [f"{local(n.at, zone)}  {n.author}: {n.text}" for n in file.notes])
    _part(to, "Messages", [_said(one_message, zone) for one_message in file.messages])


def _same(file: File) -> str:
    """With which case a merged one is merged."""
    into = [event.data["into"] for event in file.events if event.what == "merged"]
    return codes.show(into[-1]) if into and file.case.status is CaseStatus.DUPLICATE else ""


def _part(to: Console, title: str, lines: Sequence[str]) -> None:
    if lines:
        to.print(f"\n[bold]{title}[/]")
    for line in lines:
        to.print(f"  {escape(line)}")


def _said(one: ThreadMessage, zone: tzinfo) -> str:
    arrow = ">" if one.direction is Direction.IN else "<"
    text = " / ".join(one.text.splitlines())
    return f"{local(one.at, zone)}  {arrow} {text}  [{one.channel}, {one.status}]"
