"""What a person enters in a provider's dashboard or app, where no program can."""

import json
import shlex
from collections.abc import Iterator, Mapping

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
}
#: The phone's app has no page for its webhooks: its local server is told of each, and which of our events it is.
PHONE_EVENTS: Mapping[str, str] = {
    "sms:received": "sms",
    "sms:sent": "status",
    "sms:delivered": "status",
    "sms:failed": "status",
}
#: Where the app's local server listens, until the config says where this phone is.
PHONE = "http://PHONE:8080"


def set_up(line: ChannelConfig, public_url: str) -> SetUp:
    """Say what to enter, with the secret of the path in it; nothing for a simulator."""
    if line.provider == "smsgate":
        return SetUp(enter=list(_at_the_phone(line, public_url)))
    entries = ENTRIES.get((line.provider, line.kind), {})
    return SetUp(enter=[Entry(what=what, value=public_url + path_of(line, event)) for what, event in entries.items()])


def _at_the_phone(line: ChannelConfig, public_url: str) -> Iterator[Entry]:
    """Give one command a webhook. Who is at the shell puts in user and password: they are never printed.

    The id is ours, so that the same command twice replaces the webhook instead of adding one.
    """
    phone = (line.api or PHONE).rstrip("/")
    for event, ours in PHONE_EVENTS.items():
        name = f"barrio-{line.id}-{event.replace(':', '-')}"
        hook = json.dumps({"id": name, "url": public_url + path_of(line, ours), "event": event})
        command = (
            f'curl -u "$PHONE_USERNAME:$PHONE_PASSWORD" -H "Content-Type: application/json" '
            f"-d {shlex.quote(hook)} {phone}/webhooks"
        )
        yield Entry(what=f"webhook for {event}, by this command", value=command)
