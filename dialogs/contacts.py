"""Who writes to us: one telephone number. A person may share it, so nothing private is said to it unasked."""

import re
from dataclasses import dataclass
from datetime import datetime

import phonenumbers

from dialogs.values import quickly_made

_E164 = re.compile(r"\+[1-9][0-9]{7,14}")
#: Fewer digits are a short code: a service, a bank, another machine. Nobody is there to be answered.
SHORTEST = 7


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """One number that has written to us or was written to. ``msisdn`` is E.164."""

    id: int
    msisdn: str
    language: str
    created_at: datetime
    last_seen_at: datetime
    place: str | None = None
    sms_channel: str | None = None
    opted_out_at: datetime | None = None


def normalise_msisdn(raw: str, country: str) -> str | None:
    """Turn a sender as a carrier shows it into E.164; None for short codes, names and nonsense.

    ``country`` (ISO 3166 alpha-2) is used for numbers in national form, which phones with a local SIM report.
    """
    if _E164.fullmatch(raw):
        return raw
    if not raw[:1].isdigit() or sum(map(str.isdigit, raw)) < SHORTEST:
        return None
    try:
        number = phonenumbers.parse(raw, country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
