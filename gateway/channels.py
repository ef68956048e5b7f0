"""The lines we own, each with the codec that speaks for it. A provider is only a codec; a line is what people dial."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from dialogs.contacts import Contact
from dialogs.messages import ChannelKind
from gateway.config import Config
from gateway.lines import ChannelConfig
from providers.africastalking import AfricasTalking
from providers.africastalking_ussd import AfricasTalkingUssd
from providers.base import Receiver, Sender
from providers.simulator import Simulator
from providers.smsgate import SmsGate
from providers.twilio import Twilio

#: Africa's Talking keeps test accounts on a host of their own; the name of the account is what tells them.
SANDBOX = "sandbox"
_LIVE_HOST, _SANDBOX_HOST = "https://api.africastalking.com", "https://api.sandbox.africastalking.com"


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """One line. ``sender`` is None where it cannot speak first (USSD): ``speaks_through`` then names the SMS line.

    ``rate`` is segments per second, None for as fast as it goes. ``secret`` is the part of the path that only the
    provider knows, where it does not sign what it sends.
    """

    id: str
    kind: ChannelKind
    address: str
    provider: str
    receiver: Receiver
    sender: Sender | None = None
    rate: float | None = None
    speaks_through: str | None = None
    secret: str | None = field(default=None, repr=False)


def build(config: Config) -> Mapping[str, Channel]:
    """Give each configured line its codec. The configuration has been checked, so nothing is missing here."""
    return {line.id: _channel(line, config) for line in config.channels.values()}


def line_for(contact: Contact, channels: Mapping[str, Channel], config: Config) -> Channel:
    """Choose the line on which to speak to somebody: where they last wrote by SMS, else the default, else the first."""
    lines = {channel.id: channel for channel in channels.values() if channel.sender}
    for wanted in (contact.sms_channel, config.service.default_channel):
        if wanted in lines:
            return lines[wanted]
    return next(iter(lines.values()))


def path_of(line: ChannelConfig, event: str) -> str:
    """Give the path under our public address at which the provider reaches this line for an event."""
    return f"/in/{line.id}/{line.secret}/{event}" if line.secret else f"/in/{line.id}/{event}"


def api_of(line: ChannelConfig) -> str:
    """Give the base URL of the provider's API for this line."""
    if line.username == SANDBOX and line.api == _LIVE_HOST:
        return _SANDBOX_HOST
    return line.api or ""


def _channel(line: ChannelConfig, config: Config) -> Channel:
    codec = _CODECS[line.provider, line.kind](line, config)
    return Channel(
        id=line.id,
        kind=line.kind,
        address=line.address,
        provider=line.provider,
        receiver=codec,
        sender=None if isinstance(codec, AfricasTalkingUssd) else codec,
        rate=line.rate,
        speaks_through=line.speaks_through,
        secret=line.secret,
    )


def _simulator(line: ChannelConfig, _config: Config) -> Simulator:
    return Simulator(channel=line.id, address=line.address)


def _ussd(line: ChannelConfig, _config: Config) -> AfricasTalkingUssd:
    return AfricasTalkingUssd(channel=line.id)


def _twilio(line: ChannelConfig, config: Config) -> Twilio:
    return Twilio(
        channel=line.id,
        account_sid=line.account_sid or "",
        auth_token=line.auth_token or "",
        sender=line.sender_id or line.address,
        reports=config.service.public_url + path_of(line, "status"),
        api=api_of(line),
    )


def _africastalking(line: ChannelConfig, _config: Config) -> AfricasTalking:
    return AfricasTalking(
        channel=line.id,
        username=line.username or "",
        api_key=line.api_key or "",
        sender=line.sender_id or line.address,
        api=api_of(line),
    )


def _smsgate(line: ChannelConfig, config: Config) -> SmsGate:
    return SmsGate(
        channel=line.id,
        address=line.address,
        country=config.service.country,
        username=line.username or "",
        password=line.password or "",
        signing_key=line.signing_key or "",
        api=api_of(line),
    )


_Codec = Simulator | AfricasTalkingUssd | Twilio | AfricasTalking | SmsGate

_CODECS: Mapping[tuple[str, ChannelKind], Callable[[ChannelConfig, Config], _Codec]] = {
    ("simulator", ChannelKind.SMS): _simulator,
    ("simulator", ChannelKind.USSD): _ussd,
    ("twilio", ChannelKind.SMS): _twilio,
    ("africastalking", ChannelKind.SMS): _africastalking,
    ("africastalking", ChannelKind.USSD): _ussd,
    ("smsgate", ChannelKind.SMS): _smsgate,
}
