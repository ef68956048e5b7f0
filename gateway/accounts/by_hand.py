"""What a person enters in a provider's dashboard or app, where no program can."""

from collections.abc import Mapping

from dialogs.messages import ChannelKind
from gateway.accounts.base import Entry, SetUp
from gateway.channels import path_of
from gateway.lines import ChannelConfig

#: By provider and kind of line: what it is called there, and which of our events it is.
ENTRIES: Mapping[tuple[str, ChannelKind], Mapping[str, str]] = {
    ("africastalking", ChannelKind.SMS): {
        "SMS → Callback URLs → Incoming messages": "sms",
        "SMS → Callback URLs → Delivery reports": "status",
        "SMS → Callback URLs → Bulk SMS opt out": "optout",
        "SMS → Callback URLs → Subscription notifications": "subscription",
    },
    ("africastalking", ChannelKind.USSD): {
        "USSD → Service codes → Callback URL": "ussd",
        "USSD → Service codes → End of session": "ussd/events",
    },
    ("smsgate", ChannelKind.SMS): {
        "webhook for sms:received": "sms",
        "webhook for sms:sent": "status",
        "webhook for sms:delivered": "status",
        "webhook for sms:failed": "status",
        "webhook for sms:cancelled": "status",
    },
}


def set_up(line: ChannelConfig, public_url: str) -> SetUp:
    """Say what to enter, with the secret of the path in it; nothing for a simulator."""
    entries = ENTRIES.get((line.provider, line.kind), {})
    return SetUp(enter=[Entry(what=what, value=public_url + path_of(line, event)) for what, event in entries.items()])
