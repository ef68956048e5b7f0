"""A Twilio account, through Twilio's own SDK."""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from dialogs.messages import InboundMessage
from gateway.accounts.base import READ_SECONDS, AccountError, Credit, SetUp, asked
from gateway.channels import api_of, path_of
from gateway.lines import ChannelConfig, is_public
from providers.forms import clean

T = TypeVar("T")

#: How far back a dead webhook is made good.
BACK = timedelta(hours=48)
#: Without these Twilio tries again only what it could not connect to, and a text that met a 503 is never seen again.
RETRIES = "#rc=3&rp=all"
_PAGE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class TwilioAccount:
    """One number of a Twilio account. ``public_url`` is ours."""

    line: ChannelConfig
    public_url: str
    fetches = True

    async def credit(self) -> Credit:
        """Subaccounts have none: they spend their parent's."""

        def read(client: Client) -> Credit:
            found = client.balance.fetch()
            if found.balance is None:
                raise AccountError("Twilio tells no credit for this account")
            return Credit.said(found.balance, found.currency)

        return await self._ask(read)

    async def set_up(self) -> SetUp:
        """Point the number's webhook at us, with retries. An application set on the number would win over it."""
        if not is_public(self.public_url):
            raise AccountError("Twilio cannot reach service.public_url: it is not a public address")

        def point(client: Client) -> None:
            wanted = {"sms_url": self._webhook, "sms_method": "POST", "sms_application_sid": ""}
            client.incoming_phone_numbers(self._number(client).sid).update(**wanted)

        await self._ask(point)
        return SetUp(done=[f"Twilio sends this number's texts to {self._webhook}"])

    async def hears_us(self) -> bool:
        """Whether the number's webhook is what ``set_up`` would make it."""
        number = await self._ask(self._number)
        return (number.sms_url, number.sms_method, number.sms_application_sid or "") == (self._webhook, "POST", "")

    async def missed(self, now: datetime) -> Sequence[InboundMessage]:
        """Twilio lists messages under the same sid that its webhook brings."""

        def listed(client: Client) -> list[Any]:
            found = client.messages.list(to=self.line.address, date_sent_after=now - BACK, page_size=_PAGE)
            return [message for message in found if message.direction == "inbound"]

        newest_first = await self._ask(listed)
        return [self._inbound(message, now) for message in reversed(newest_first)]

    @property
    def _webhook(self) -> str:
        return self.public_url + path_of(self.line, "sms") + RETRIES

    def _number(self, client: Client) -> Any:
        found = client.incoming_phone_numbers.list(phone_number=self.line.address, limit=1)
        if not found:
            raise AccountError("Twilio has no such number in this account")
        return found[0]

    def _inbound(self, message: Any, now: datetime) -> InboundMessage:
        return InboundMessage(
            channel=self.line.id,
            external_id=message.sid,
            sender=message.from_,
            recipient=message.to,
            text=clean(message.body or ""),
            sent_at=message.date_sent,
            received_at=now,
        )

    async def _ask(self, question: Callable[[Client], T]) -> T:
        def work() -> T:
            with _client(self.line) as client:
                return question(client)

        return await asked("Twilio", work, TwilioException, _why)


@contextmanager
def _client(line: ChannelConfig) -> Iterator[Client]:
    # The SDK would log addresses with numbers in them, so it gets a logger that nobody hears.
    silent = logging.Logger("twilio", logging.CRITICAL)  # noqa: LOG001  one that is in no tree is what we want
    http = TwilioHttpClient(timeout=READ_SECONDS, logger=silent)
    client = Client(line.account_sid, line.auth_token, http_client=http)
    client.api.base_url = api_of(line)
    try:
        yield client
    finally:
        http.session.close()


def _why(error: Any) -> str:
    """Word a refusal by its codes alone: Twilio's message may quote a number."""
    if isinstance(error, TwilioRestException):
        return f"HTTP {error.status}, error {error.code}"
    return type(error).__name__
