"""What we ask of a provider's account, off the hot path: credit, set-up, and what a dead webhook missed.

Rule 1: the vendors' SDKs block, so each question runs in a thread, with a time-out.
Rule 2: an SDK fails in its own many ways; out of here comes one: ``AccountError``, one line, no number, no secret.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol, TypeVar

from dialogs.messages import InboundMessage

T = TypeVar("T")

#: Seconds to reach a provider, and to wait for each part of its answer.
CONNECT_SECONDS, READ_SECONDS = 5.0, 10.0

#: What an SDK raises when an answer is not what it expects; it does not check.
ODD = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError)


class AccountError(Exception):
    """The provider's account did not answer, or refused. ``str()`` is one line for staff."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """What is left on an account, in its own currency (three letters)."""

    amount: Decimal
    currency: str

    @classmethod
    def said(cls, amount: str, currency: str) -> "Credit":
        """Read what a provider says; raise ``ValueError`` where that is no amount of a currency."""
        found = Decimal(amount)
        if not found.is_finite() or not currency.isalpha() or len(currency) != len("USD"):
            raise ValueError("no amount of a currency")
        return cls(amount=found, currency=currency)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Something that a person must enter in a provider's dashboard or app: what, and its value."""

    what: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetUp:
    """What ``channel setup`` did, and what is left to do by hand."""

    done: Sequence[str] = ()
    enter: Sequence[Entry] = ()


class Account(Protocol):
    """A line's account at its provider. Every method raises ``AccountError``."""

    #: Whether ``missed`` can be asked at all.
    fetches: bool

    async def credit(self) -> Credit:
        """What is left to spend."""

    async def set_up(self) -> SetUp:
        """Make the provider call us, as far as it can be told by a program."""

    async def hears_us(self) -> bool | None:
        """Whether the provider's webhook leads here; None where it cannot be asked."""

    async def missed(self, now: datetime) -> Sequence[InboundMessage]:
        """What was sent to this line in the last 48 h, oldest first, under the ids that the webhook would have used."""


async def asked(provider: str, question: Callable[[], T], refusal: type[Exception], why: Callable[[Any], str]) -> T:
    """Put ``question`` to an SDK in a thread. ``refusal`` is what it raises for a no, and ``why`` words it."""
    try:
        return await asyncio.to_thread(question)
    except ODD:
        raise AccountError(f"{provider} answered something that its SDK does not understand") from None
    except OSError as error:  # what requests raises for the network
        raise AccountError(f"{provider} cannot be reached ({type(error).__name__})") from None
    except refusal as error:
        raise AccountError(f"{provider} refused: {why(error)}") from None
