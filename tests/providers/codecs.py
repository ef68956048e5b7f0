"""The codecs as the golden requests know them, and how the gateway goes through one: verify, parse, reply."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from hypothesis import HealthCheck, settings

from dialogs.messages import OutboundMessage, Received, Unreadable
from providers.africastalking import AfricasTalking
from providers.africastalking_ussd import AfricasTalkingUssd
from providers.base import Receiver, Refusal, Request, Response
from providers.simulator import Simulator
from providers.smsgate import SmsGate
from providers.twilio import Twilio
from tests.shared import PUBLIC

#: For tests by hypothesis: a busy machine is no failure.
CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

#: What the fixtures call now; SMSGate's signatures are ten seconds old.
NOW = datetime.fromtimestamp(1795280410, UTC)

TWILIO = Twilio(
    channel="twilio",
    account_sid="AC00000000000000000000000000000001",
    auth_token="0123456789abcdef0123456789abcdef",
    sender="+12025550143",
    reports=f"{PUBLIC}/in/twilio/status",
)
AT = AfricasTalking(channel="africastalking", username="gworg", api_key="atsk_test")
USSD = AfricasTalkingUssd(channel="africastalking-ussd")
PHONE = SmsGate(
    channel="smsgate",
    address="+59160000001",
    country="BO",
    username="user",
    password="pass",
    signing_key="android-signing-key-1",
)
SIMULATOR = Simulator(channel="demo", address="4040")

BY_CHANNEL: dict[str, Receiver] = {
    "twilio": TWILIO,
    "africastalking": AT,
    "africastalking-ussd": USSD,
    "smsgate": PHONE,
    "demo": SIMULATOR,
}


@dataclass(frozen=True, slots=True)
class Played:
    """What a codec made of a request, and what the provider would be answered."""

    response: Response
    received: Sequence[Received] = ()

    @property
    def outcome(self) -> str:
        if self.response.status >= 400:
            return "rejected"
        if not self.received:
            return "ignored"
        return "quarantined" if isinstance(self.received[0], Unreadable) else "accepted"


def play(request: Request, answers: Sequence[OutboundMessage] = (), now: datetime = NOW) -> Played:
    """Go through the codec of the request's channel as the gateway does; raise what is no ``Refusal``."""
    codec = BY_CHANNEL[urlsplit(request.url).path.split("/")[2]]
    try:
        codec.verify(request, now)
        received = codec.parse(request, now)
    except Refusal as refusal:
        return Played(Response(status=refusal.status))
    for item in received:
        if isinstance(item, Unreadable) and item.status != 200:
            return Played(Response(status=item.status), received)
    return Played(codec.reply(request, answers), received)
