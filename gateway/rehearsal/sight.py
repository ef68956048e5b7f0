"""What a transcript says of the store: ``=`` lines for what is new in it, a ``.`` line for where a session stands."""

from collections.abc import Iterator, Mapping
from datetime import datetime, tzinfo
from typing import TypeVar

from dialogs.session import Session
from dialogs.understand import codes
from store.sight import CaseSeen, MessageSeen, Seen

#: A message in one of these states is on its way or arrived; the transcript shows its text instead.
_WELL = frozenset({"queued", "handing_over", "accepted", "answered"})
#: So many digits of a number tell one phone of a transcript from another.
_TOLD = 4

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


def news(before: Seen, after: Seen, zone: tzinfo) -> list[str]:
    """What is in ``after`` and was not in ``before``."""
    lines = [_event(one, zone) for one in _new(before.events, after.events)]
    lines += [f"consent {kind}" for kind in _new(before.consents, after.consents)]
    lines += [*_silences(before, after), *_farewells(before, after, zone)]
    lines += [f"reply to the notice: {text}" for text in _new(before.replies, after.replies)]
    lines += [f"alert {reason}" for reason in _new(before.alerts, after.alerts)]
    for key, message in after.messages.items():
        line, old = _message(message), before.messages.get(key)
        if line and (old is None or _message(old) != line):
            lines.append(line)
    return [f"= {line}" for line in lines]


def stands(session: Session | None, now: datetime) -> str:
    """Where a conversation stands."""
    if session is None:
        return ". -"
    if session.expires_at <= now:
        return ". - (expired)"
    page = f" page {session.page + 1}" if session.page else ""
    misses = f" misses {session.misses}" if session.misses else ""
    return f". {session.dialog}/{session.step}{page}{misses}"


def _silences(before: Seen, after: Seen) -> Iterator[str]:
    for told, pairs in (("silenced for", after.muted - before.muted), ("heard again by", before.muted - after.muted)):
        yield from (f"case {codes.show(code)} {told} {_short(who)}" for code, who in sorted(pairs))


def _farewells(before: Seen, after: Seen, zone: tzinfo) -> Iterator[str]:
    for who, due in _changed(before.farewells, after.farewells):
        yield f"{_short(who)} to be forgotten " + (
            due.astimezone(zone).strftime("%Y-%m-%d %H:%M") if due else "no more"
        )


def _changed(before: Mapping[str, datetime], after: Mapping[str, datetime]) -> Iterator[tuple[str, datetime | None]]:
    return ((who, after.get(who)) for who in sorted({*before, *after}) if before.get(who) != after.get(who))


def _short(number: str) -> str:
    return number[-_TOLD:]


def _new(before: Mapping[_Key, _Value], after: Mapping[_Key, _Value]) -> Iterator[_Value]:
    return (value for key, value in after.items() if key not in before)


def _event(one: CaseSeen, zone: tzinfo) -> str:
    said = f"case {codes.show(one.code)} {one.what}"
    if one.what == "opened":
        kept = {"confidential": one.confidential and not one.anonymous, "anonymous": one.anonymous}
        marks = {"priority": one.priority, **kept, "draft": one.draft}
        due = one.due_at.astimezone(zone).strftime("%Y-%m-%d")
        return " ".join([said, one.category, one.place or "-", f"due {due}", *(name for name in marks if marks[name])])
    return f"{said} by {one.actor}" + (f" status {one.status}" if one.status else "")


def _message(one: MessageSeen) -> str:
    if one.state in _WELL:
        return ""
    return f"sms {one.kind} {one.state}" + (f" ({one.reason})" if one.reason else "")
