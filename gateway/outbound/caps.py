"""What may be sent, as config.yaml says it: who is never written to, and what each message counts on. Pure.

Replies are the last to be cut: a broadcast may use 80 % of a cap on money, a notice or follow-up 90 %.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from enum import StrEnum
from functools import lru_cache
from typing import Self

import phonenumbers
from phonenumbers import PhoneNumberType

from dialogs.contacts import normalise_msisdn
from dialogs.messages import MessageKind
from dialogs.values import quickly_made
from gateway.config import Config, SendLimits
from store.brakes import Spent
from store.handover import Due

#: Which part of a cap each kind may use, in percent.
SHARES: Mapping[MessageKind, int] = {
    MessageKind.REPLY: 100,
    MessageKind.NOTICE: 90,
    MessageKind.FOLLOWUP: 90,
    MessageKind.BROADCAST: 80,
}
_LEAST = min(SHARES.values())
_WHOLE = 100

#: A number prefix is a number without so many last digits: a block of ten thousand, as operators hand them out.
BLOCK_DIGITS = 4
#: So many prefixes are remembered with where they belong; looking one up takes 30 µs.
_PREFIXES = 8_192
#: What phonenumbers calls the region of networks that are in no country: satellites, which cost ten times as much.
_NO_REGION = "001"
_DEAR = frozenset({PhoneNumberType.PREMIUM_RATE, PhoneNumberType.SHARED_COST})


class Reason(StrEnum):
    """Why a message does not go; it stands in its row."""

    CONTACT = "contact_limit"
    PREFIX = "prefix_limit"
    CHANNEL = "channel_limit"
    COUNTRY = "country_limit"
    CAMPAIGN = "campaign_limit"
    NO_COUNTRY = "country_not_allowed"
    NO_NUMBER = "number_not_allowed"
    OURS = "own_number"


#: Why a message waits: it costs money that is spent for today.
MONEY = (Reason.CHANNEL, Reason.COUNTRY, Reason.CAMPAIGN)


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Something that has a cap a day. ``name`` is how it is counted and how staff see it."""

    reason: Reason
    name: str
    cap: int

    def cost(self, segments: int) -> int:
        """What a message counts here: itself towards a prefix, its segments towards money."""
        return 1 if self.reason is Reason.PREFIX else segments

    def used(self, spent: Spent) -> int:
        """What was counted until now, in the same measure."""
        return spent.messages if self.reason is Reason.PREFIX else spent.segments

    def calm(self, spent: Spent) -> bool:
        """Whether so much leaves room for messages of every kind."""
        return self.used(spent) * _WHOLE <= self.cap * self._share(_LEAST)

    def fits(self, used: int, kind: MessageKind, segments: int) -> bool:
        """Whether one more message may go where so much is used."""
        return (used + self.cost(segments)) * _WHOLE <= self.cap * self._share(SHARES[kind])

    def _share(self, percent: int) -> int:
        return _WHOLE if self.reason is Reason.CAMPAIGN else percent  # in a broadcast's own cap is nobody else


@lru_cache(maxsize=_PREFIXES)
def country_of(prefix: str) -> str:
    """Give the calling code (``+591``) of a number prefix; "" where it is no country's, or its numbers cost more."""
    try:
        number = phonenumbers.parse(prefix + "0" * BLOCK_DIGITS)
    except phonenumbers.NumberParseException:
        return ""
    code = number.country_code or 0
    dear = phonenumbers.number_type(number) in _DEAR
    return "" if dear or phonenumbers.region_code_for_country_code(code) == _NO_REGION else f"+{code}"


def prefix_of(msisdn: str) -> str:
    """Give a number without its last digits: nobody's number any more."""
    return msisdn[:-BLOCK_DIGITS]


@dataclass(frozen=True, slots=True, kw_only=True)
class Caps:
    """The limits of this service, and whose numbers are its own. ``home`` are calling codes with a full cap."""

    limits: SendLimits
    zone: tzinfo
    ours: frozenset[str]
    home: frozenset[str]

    @classmethod
    def of(cls, config: Config) -> Self:
        """Read them from the configuration. At home are our own country and those of our lines."""
        country = config.service.country
        written = {name for line in config.channels.values() for name in (line.address, line.sender_id) if name}
        ours = {number for name in written if (number := normalise_msisdn(name, country)) is not None}
        home = {f"+{phonenumbers.country_code_for_region(country)}", *(country_of(prefix_of(own)) for own in ours)}
        return cls(limits=config.limits, zone=config.service.timezone, ours=frozenset(ours), home=frozenset(home))

    def day(self, now: datetime) -> str:
        """Name the local day."""
        return now.astimezone(self.zone).date().isoformat()

    def tomorrow(self, now: datetime) -> datetime:
        """When the next local day begins."""
        date = now.astimezone(self.zone).date() + timedelta(days=1)
        return datetime.combine(date, time(), tzinfo=self.zone).astimezone(UTC)

    def refusal(self, recipient: str) -> Reason | None:
        """Say why this number is never written to, whatever was spent; None if it may be."""
        if recipient in self.ours:
            return Reason.OURS
        if self.limits.countries and not recipient.startswith(self.limits.countries):
            return Reason.NO_COUNTRY
        return None if country_of(prefix_of(recipient)) else Reason.NO_NUMBER

    def scopes(self, row: Due) -> tuple[Scope, ...]:
        """What a message counts on, and in which order it is locked: what most messages share comes first."""
        prefix = prefix_of(row.recipient)
        last = self._block(prefix) if row.broadcast_id is None else self._campaign(row.broadcast_id)
        return self.line(row.channel), self._country(country_of(prefix)), last

    def countries(self) -> list[Scope]:
        """The caps of the countries that are written to: each of ours, and all others together unless they are shut."""
        codes = self.limits.countries or (*sorted(self.home), "")
        return [self._country(code) for code in codes]

    def named(self, name: str) -> Scope:
        """What is counted under a name, with the cap it has now."""
        kind, _, which = name.partition(" ")
        match kind:
            case "channel":
                return self.line(which)
            case "country":
                return self._country(which)
            case "prefix":
                return self._block(which)
            case _:
                return self._campaign(which)

    def line(self, channel: str) -> Scope:
        """The cap of one of our lines."""
        cap = self.limits.channels.get(channel, self.limits.channel_segments)
        return Scope(reason=Reason.CHANNEL, name=f"channel {channel}", cap=cap)

    def _block(self, prefix: str) -> Scope:
        return Scope(reason=Reason.PREFIX, name=f"prefix {prefix}", cap=self.limits.prefix_day)

    def _campaign(self, broadcast: int | str) -> Scope:
        return Scope(reason=Reason.CAMPAIGN, name=f"broadcast {broadcast}", cap=self.limits.campaign_segments)

    def _country(self, code: str) -> Scope:
        if self.limits.countries or code in self.home:
            return Scope(reason=Reason.COUNTRY, name=f"country {code}", cap=self.limits.country_segments)
        return Scope(reason=Reason.COUNTRY, name="country abroad", cap=self.limits.abroad_segments)
