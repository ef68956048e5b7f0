"""What is wrong although it loads: the config, the city, the dialogs, the words in every language.

What does not load at all is a ``ConfigError`` and never comes here.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import phonenumbers

from dialogs import graph, report, safety
from dialogs.book import BOOK
from dialogs.city import City, Words
from dialogs.messages import ChannelKind, MessageKind
from dialogs.understand.folding import fold
from gateway import wording
from gateway.config import HOME, Config
from gateway.findings import Finding, Level, about
from gateway.lines import PROVIDERS, SECRETS, is_public
from gateway.outbound.caps import SHARES, Caps
from gateway.outbound.render import Renderer
from gateway.strict import read

#: What people may write anywhere; a language without words for one of these leaves them without a way.
COMMANDS = tuple(
    "stop start help menu status report language cancel agent greeting thanks yes no half skip".split()  # noqa: SIM905
)
#: Not secret by themselves: an account's name.
_NAMES = frozenset({"username", "account_sid"})
_EVERYWHERE = frozenset({"0.0.0.0", "::"})  # noqa: S104  compared, not bound


def examine(config: Config, now: datetime) -> list[Finding]:
    """Look at everything that can be looked at without a store."""
    templates = HOME / "templates" / "sms"
    renderer = Renderer(config.city, templates, config.service.name)
    return [
        *_settings(config),
        *_lines(config),
        *_limits(config),
        *_city(config.city, now),
        *(finding for language in config.city.languages for finding in _words(config.city.words[language])),
        *_unreviewed(config.city),
        *(Finding(level=Level.ERROR, where=one.where, what=one.what, mend=one.mend) for one in graph.flaws(BOOK)),
        *wording.measure(config.city, renderer, templates),
    ]


def _settings(config: Config) -> Iterator[Finding]:
    times = config.followups
    if times.confirm_after + times.remind_after >= times.close_after:
        yield Finding(
            level=Level.WARNING,
            where=f"{config.path}: followups.remind_after",
            what="the reminder would come after the case is closed, so nobody is reminded",
            mend="make close_after longer than confirm_after and remind_after together",
        )
    simulators = [line.id for line in config.channels.values() if line.provider == "simulator"]
    if simulators and config.http.host in _EVERYWHERE:
        yield Finding(
            level=Level.WARNING,
            where=f"{config.path}: http.host",
            what=f'the whole network can reach the simulator "{simulators[0]}" and pretend to be any number',
            mend="listen on 127.0.0.1, or remove the channel",
        )


def _lines(config: Config) -> Iterator[Finding]:
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


def _city(city: City, now: datetime) -> Iterator[Finding]:
    file = "categories.yaml"
    for needed in (report.OTHER, safety.CATEGORY):
        if needed not in city.categories:
            yield Finding(
                level=Level.ERROR, where=file, what=f'has no category "{needed}"', mend="add it: dialogs use it"
            )
    mute = [one.id for one in city.categories.values() if not one.words and one.id != report.OTHER]
    mend = "add words: without them nobody is ever understood to mean it"
    yield from about(mute, level=Level.WARNING, what="has no words", mend=mend)
    said: defaultdict[str, list[str]] = defaultdict(list)
    for place in city.places.values():
        for name in dict.fromkeys(fold(written) for written in (place.name, *place.aliases)):
            said[name].append(place.id)
    for name, ids in said.items():
        if len(ids) > 1:
            yield Finding(
                level=Level.WARNING,
                where="places.yaml",
                what=f'"{name}" may be any of: {", ".join(ids)}',
                mend="take the alias away where it is less used",
            )
    old = [one.id for one in city.hotlines.values() if one.review_by < now.astimezone(city.timezone).date()]
    mend = "call it, and write a later review_by"
    yield from about(old, level=Level.NOTE, what="the number has not been checked lately", mend=mend)


def _words(words: Words) -> Iterator[Finding]:
    where = f"{words.language}/words.yaml"
    missing = [command for command in COMMANDS if not words.commands.get(command)]
    if missing:
        what = f"has no words for: {', '.join(missing)}"
        yield Finding(level=Level.ERROR, where=f"{where}: commands", what=what, mend="ask a speaker what people write")
    unknown = sorted(words.commands.keys() - set(COMMANDS))
    if unknown:
        what = f"nothing listens to: {', '.join(unknown)}"
        mend = f"the commands are: {', '.join(COMMANDS)}"
        yield Finding(level=Level.ERROR, where=f"{where}: commands", what=what, mend=mend)
    for phrase, commands in _shared(words).items():
        what = f'"{phrase}" is {" and ".join(commands)}'
        yield Finding(level=Level.ERROR, where=f"{where}: commands", what=what, mend="leave it with one of them")


def _shared(words: Words) -> Mapping[str, list[str]]:
    meant: defaultdict[str, list[str]] = defaultdict(list)
    for command, phrases in words.commands.items():
        for phrase in dict.fromkeys(phrases):
            meant[phrase].append(command)
    return {phrase: commands for phrase, commands in meant.items() if len(commands) > 1}


def _unreviewed(city: City) -> Iterator[Finding]:
    waiting = [f"{language}/words.yaml" for language, words in city.words.items() if not words.reviewed_by]
    mend = "let speakers read it, then put their names into reviewed_by"
    yield from about(waiting, level=Level.NOTE, what="is offered to nobody: no speaker has read it", mend=mend)
