"""Values as people write them into config.yaml: durations, hours, zones, countries, prices."""

import re
from datetime import time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import phonenumbers
from pydantic import BeforeValidator

_LONGEST = timedelta(days=3660)
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def _duration(value: Any) -> timedelta:
    found = re.fullmatch(r"([0-9]{1,9})([smhd])", str(value))
    duration = timedelta(**{_UNITS[found[2]]: int(found[1])}) if found else None
    if duration is None or duration > _LONGEST:
        raise ValueError("must be a duration: 5s, 10m, 24h or 3d")
    return duration


def _hour(value: Any) -> time:
    if re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", str(value)):
        return time.fromisoformat(value)
    raise ValueError('must be an hour in quotes: "20:00"')


def _zone(value: Any) -> ZoneInfo:
    try:
        return ZoneInfo(value)
    except (KeyError, TypeError, ValueError, OSError):
        raise ValueError("is not a time zone: write it like America/La_Paz") from None


def _country(value: Any) -> str:
    if value not in phonenumbers.SUPPORTED_REGIONS:
        raise ValueError("is not a country: two capital letters, like BO")
    return str(value)


def _price(value: Any) -> Decimal:
    try:
        price = Decimal(str(value))
    except InvalidOperation:
        price = Decimal(-1)
    if not price.is_finite() or price < 0:
        raise ValueError("must be a price: 0.28")
    return price


Duration = Annotated[timedelta, BeforeValidator(_duration)]
Hour = Annotated[time, BeforeValidator(_hour)]
Zone = Annotated[ZoneInfo, BeforeValidator(_zone)]
Country = Annotated[str, BeforeValidator(_country)]
Price = Annotated[Decimal, BeforeValidator(_price)]
