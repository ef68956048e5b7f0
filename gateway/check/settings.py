"""Settings that cannot work, or not together: times, what is kept, who is told, channels, limits."""

from collections.abc import Iterator, Mapping
from datetime import time, timedelta
from typing import Any
from urllib.parse import urlsplit

import phonenumbers

from dialogs.messages import ChannelKind, MessageKind
from gateway.config import Config
from gateway.findings import Finding, Level
from gateway.lines import PROVIDERS, SECRETS, is_public
from gateway.outbound.caps import SHARES, Caps
from gateway.strict import read

#: Not secret by themselves: an account's name.
_NAMES = frozenset({"username", "account_sid"})
_EVERYWHERE = frozenset({"0.0.0.0", "::"})  # noqa: S104  compared, not bound


#: An open day shorter than this sends hardly anything, and all of it at once.
_OPEN = timedelta(hours=4)
_DAY = timedelta(days=1)
#: Fewer backups than these may all hold a fault before anybody has seen it.
_COPIES = 3


def examine(config: Config) -> Iterator[Finding]:
    """Give what cannot work as it is set, or works otherwise than it looks."""
    yield from _times(config)
    yield from _keeping(config)
    yield from _watch(config)
    yield from _lines(config)
    yield from _limits(config)


def _times(config: Config) -> Iterator[Finding]:
    quiet, times = config.quiet_hours, config.followups
    closed = _quiet(quiet.start, quiet.end)
    if _DAY - closed < _OPEN:
        yield Finding(
            level=Level.WARNING,
            where=f"{config.path}: quiet_hours",
            what=f"leaves {_hours(_DAY - closed)} a day in which anybody may be written to",
            mend=f"leave at least {_hours(_OPEN)}",
        )
    if config.outbox.expire_after <= closed:
        yield Finding(
            level=Level.WARNING,
            where=f"{config.path}: outbox.expire_after",
            what=f"what waits through the quiet hours ({_hours(closed)}) expires before anybody may be written to",
            mend=f"make it longer than {_hours(closed)}",
        )
    if times.close_after - times.confirm_after < _DAY:
        yield Finding(
            level=Level.WARNING,
            where=f"{config.path}: followups.close_after",
            what=f"leaves {_hours(times.close_after - times.confirm_after)} to answer the question",
            mend="leave a day or more after confirm_after: nights are quiet",
        )
    elif times.confirm_after + times.remind_after >= times.close_after:
        yield Finding(
            level=Level.WARNING,
            where=f"{config.path}: followups.remind_after",
            what="the reminder would come after the case is closed, so nobody is reminded",
            mend="make close_after longer than confirm_after and remind_after together",
        )


def _quiet(start: time, end: time) -> timedelta:
    """How long the quiet hours last on an ordinary day."""
    length = timedelta(hours=end.hour - start.hour, minutes=end.minute - start.minute)
    return length if length > timedelta(0) else length + _DAY


def _hours(length: timedelta) -> str:
    minutes = round(length.total_seconds() / 60)
    count, unit = (minutes, "minute") if minutes % 60 else (minutes // 60, "hour")
    return f"{count} {unit}{'' if count == 1 else 's'}"


def _keeping(config: Config) -> Iterator[Finding]:
    kept = config.retention
    for name in ("texts", "sensitive", "numbers", "quarantine"):
        if getattr(kept, name) < _DAY:
            yield Finding(
                level=Level.WARNING,
                where=f"{config.path}: retention.{name}",
                what=f"are gone after {_hours(getattr(kept, name))}",
                mend="keep them a day or more: somebody must be able to act on them",
            )
    if kept.sensitive > kept.texts:
        yield Finding(
            level=Level.WARNING,
            where=f"{config.path}: retention.sensitive",
            what="the words of confidential cases are kept longer than those of others",
            mend="make it no longer than texts",
        )
    if config.backups is not None and config.backups.keep < _COPIES:
        yield Finding(
            level=Level.WARNING,
            where=f"{config.path}: backups.keep",
            what=f"keeps {config.backups.keep}, so a fault that is seen late is in all of them",
            mend=f"keep {_COPIES} or more",
        )


def _watch(config: Config) -> Iterator[Finding]:
    told = config.watch.alert_to
    reason = Caps.of(config).refusal(told) if told else None
    if reason is not None:
        yield Finding(
            level=Level.ERROR,
            where=f"{config.path}: watch.alert_to",
            what=f"is never written to ({reason}), so nobody is told of trouble",
            mend="name a person's telephone to which limits.countries lets us write",
        )


def _lines(config: Config) -> Iterator[Finding]:
    simulators = [line.id for line in config.channels.values() if line.provider == "simulator"]
    if simulators and config.http.host in _EVERYWHERE:
        yield Finding(
            level=Level.WARNING,
            where=f"{config.path}: http.host",
            what=f'the whole network can reach the simulator "{simulators[0]}" and pretend to be any number',
            mend="listen on 127.0.0.1, or remove the channel",
        )
    written: Mapping[str, Any] = read(config.path)["channels"]
    for line in config.channels.values():
        where = f"{config.path}: channels.{line.id}"
        plain = [name for name in sorted(SECRETS - _NAMES) if "${" not in (written[line.id].get(name) or "${")]
        for name in plain:
            yield Finding(
                level=Level.WARNING,
                where=f"{where}.{name}",
                what="a secret stands in the file, where everybody who gets a copy reads it",
                mend=f"write ${{{line.id.upper().replace('-', '_')}_{name.upper()}}} and put the value into .env",
            )
        if line.kind is ChannelKind.USSD and line.speaks_through is None:
            yield Finding(
                level=Level.WARNING,
                where=f"{where}.speaks_through",
                what="no sms channel speaks for this code, so receipts go by whichever is first",
                mend="name the sms channel of the same operator",
            )
        if line.api and urlsplit(line.api).scheme == "http" and is_public(line.api) and PROVIDERS[line.provider].api:
            yield Finding(
                level=Level.WARNING,
                where=f"{where}.api",
                what="passwords and messages travel readable for everybody on the way",
                mend="use https://",
            )


def _limits(config: Config) -> Iterator[Finding]:
    """Caps that cannot work, or that another one always reaches first."""
    caps, where = Caps.of(config), f"{config.path}: limits"
    limits = caps.limits
    home = f"+{phonenumbers.country_code_for_region(config.service.country)}"
    if limits.countries and not any(one.startswith(home) or home.startswith(one) for one in limits.countries):
        yield Finding(
            level=Level.ERROR,
            where=f"{where}.countries",
            what=f"{home} is not among them, so nobody at home gets an answer",
            mend="add it, or leave countries out",
        )
    if limits.contact_day < limits.contact_10_minutes:
        yield Finding(
            level=Level.WARNING,
            where=f"{where}.contact_day",
            what="is less than contact_10_minutes, which is then never reached",
            mend="allow more in a day than in ten minutes",
        )
    for line in config.channels.values():
        cap = caps.line(line.id).cap
        if line.kind is ChannelKind.SMS and not cap:
            yield Finding(
                level=Level.WARNING, where=where, what=f'nothing is sent on "{line.id}"', mend="raise its cap above 0"
            )
    room = max(caps.line(line.id).cap for line in config.channels.values() if line.kind is ChannelKind.SMS)
    room = min(room, limits.country_segments) * SHARES[MessageKind.BROADCAST] // 100
    if config.broadcasts.approve_above > min(room, limits.campaign_segments):
        yield Finding(
            level=Level.WARNING,
            where=f"{where}.campaign_segments",
            what="a broadcast that needs no second person may be more than goes out in a day",
            mend="raise the caps, or lower broadcasts.approve_above",
        )
