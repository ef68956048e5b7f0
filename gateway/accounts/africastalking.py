"""An Africa's Talking account, through its own SDK. Only credit can be asked; the rest is entered by hand."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from africastalking.Application import ApplicationService
from africastalking.Service import AfricasTalkingException

from dialogs.messages import InboundMessage
from gateway.accounts import by_hand
from gateway.accounts.base import CONNECT_SECONDS, READ_SECONDS, AccountError, Credit, SetUp, asked
from gateway.channels import api_of
from gateway.lines import ChannelConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class AfricasTalkingAccount:
    """The account behind a short code or sender id. ``public_url`` is ours."""

    line: ChannelConfig
    public_url: str
    fetches = False

    async def credit(self) -> Credit:
        """What the account's application data call its balance: ``KES 1785.50``."""
        return await asked("Africa's Talking", self._credit, AfricasTalkingException, _why)

    async def set_up(self) -> SetUp:
        """Its callbacks are set in the dashboard and nowhere else: say what to enter."""
        return by_hand.set_up(self.line, self.public_url)

    async def hears_us(self) -> None:
        """Nothing can be said: it cannot be asked."""

    async def missed(self, now: datetime) -> Sequence[InboundMessage]:  # noqa: ARG002  the seam's
        """Not before its list is known to use the webhook's ids: by other ids everybody would be answered twice."""
        raise AccountError("Africa's Talking does not say under which ids its webhook sent what it lists")

    def _credit(self) -> Credit:
        sdk = ApplicationService(self.line.username, self.line.api_key)
        # The SDK has no public way to another host.
        sdk._baseUrl = f"{api_of(self.line)}/version1"  # noqa: SLF001
        answer = sdk.fetch_application_data(timeout=(CONNECT_SECONDS, READ_SECONDS))
        # It gives text where the content type says more than application/json.
        found = json.loads(answer) if isinstance(answer, str) else answer
        currency, amount = str(found["UserData"]["balance"]).split()
        return Credit.said(amount, currency)


def _why(_error: Exception) -> str:
    """The SDK hides the status, and its message is the provider's whole answer, which is not ours to print."""
    return "look at username and api_key"
