"""The accounts behind our lines. A vendor's SDK is loaded where it is asked for: each takes a tenth of a second."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import structlog

from dialogs.messages import ChannelKind, InboundMessage
from dialogs.understand import keywords
from gateway.accounts.base import Account, AccountError, Credit
from gateway.config import Config
from gateway.lines import ChannelConfig
from store import Store, Tx, alerts
from store import accounts as kept

__all__ = ["LOW", "Account", "AccountError", "Missed", "account_of", "missed", "read_credit"]

#: Below this, in the account's own currency, staff are told. About a hundred messages by Twilio, a dozen by Africa's
#: Talking: what is left when somebody must act today.
LOW = Decimal(10)
ALERT_LOW = "low_credit"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """What a provider lists for a line: how many messages, which of them never reached us, and how many opt-ins more.

    An opt-in is not acted on later: whoever wrote BAJA since would be signed up again by a word of yesterday.
    """

    listed: int
    messages: Sequence[InboundMessage]
    opt_ins: int


def account_of(line: ChannelConfig, public_url: str) -> Account | None:
    """The account behind a line; None where there is none to be asked (a phone, USSD, the simulator)."""
    match line.provider, line.kind:
        case "twilio", ChannelKind.SMS:
            from gateway.accounts.twilio import TwilioAccount  # noqa: PLC0415

            return TwilioAccount(line=line, public_url=public_url)
        case "africastalking", ChannelKind.SMS:
            from gateway.accounts.africastalking import AfricasTalkingAccount  # noqa: PLC0415

            return AfricasTalkingAccount(line=line, public_url=public_url)
        case _:
            return None


async def missed(account: Account, line: ChannelConfig, store: Store, config: Config, now: datetime) -> Missed:
    """Ask what was sent to a line in the last 48 h and never reached us, oldest first; raise ``AccountError``."""
    listed = await account.missed(now)
    unheard = await store.read(lambda tx: kept.unheard(tx, line.id, [message.external_id for message in listed]))
    new = [message for message in listed if message.external_id in unheard]
    taken = [message for message in new if keywords.command(message.text, config.city) != "start"]
    return Missed(listed=len(listed), messages=taken, opt_ins=len(new) - len(taken))


async def read_credit(store: Store, config: Config, now: datetime, low: Decimal = LOW) -> Mapping[str, Credit]:
    """Ask every account for its credit, keep it, and tell staff of one that has fallen below ``low``.

    An account that does not answer is a line in the log; what was read last stays, with its date. Gives what was read.
    """
    public_url = config.service.public_url
    asked = {line.id: account for line in config.channels.values() if (account := account_of(line, public_url))}
    answers = await asyncio.gather(*(account.credit() for account in asked.values()), return_exceptions=True)
    found: dict[str, Credit] = {}
    for channel, answer in zip(asked, answers, strict=True):
        if isinstance(answer, Credit):
            found[channel] = answer
        elif isinstance(answer, AccountError):
            log.warning("credit_not_read", channel=channel, reason=str(answer))
        else:
            raise answer
    if found:
        await store.transact(lambda tx: _keep(tx, found, low, now))
    return found


def _keep(tx: Tx, found: Mapping[str, Credit], low: Decimal, now: datetime) -> None:
    before = kept.credits(tx)
    kept.save_credits(tx, {channel: (credit.amount, credit.currency) for channel, credit in found.items()}, now)
    for channel, credit in found.items():
        was = before.get(channel)
        # Only when it falls: an alert that comes back every few minutes is an alert that nobody reads.
        if credit.amount < low and (was is None or was.amount >= low):
            alerts.raise_alert(tx, ALERT_LOW, channel, now)
