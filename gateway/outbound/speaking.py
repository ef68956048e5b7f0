"""Put what is said into the outbox: the words, the line, the person, whatever their number, in one statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from dialogs.contacts import Contact
from dialogs.effects import Say
from dialogs.messages import ChannelKind, MessageKind, OutboundMessage
from dialogs.values import quickly_made
from gateway.channels import line_for
from gateway.outbound import segments
from gateway.outbound.house import House
from gateway.outbound.render import RenderFailed
from store import Tx, alerts, outbox

log = structlog.get_logger(__name__)

APOLOGY = Say(template="notice/apology")


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class Saying:
    """One thing to say to one person. ``channel`` is where they wrote, which is where a reply goes."""

    say: Say
    contact: Contact
    channel: str
    kind: MessageKind
    language: str
    in_reply_to: int | None = None
    case_id: int | None = None


def speak(tx: Tx, house: House, now: datetime, sayings: Sequence[Saying]) -> list[OutboundMessage | None]:
    """Queue all of it. Gives back, for each, the screen that answers at once (USSD), or None where it will be sent."""
    rows = [_row(tx, house, now, one) for one in sayings]
    ids = outbox.queue(tx, rows)
    return [
        _screen(message_id, row, one) if row.state == "answered" else None
        for message_id, row, one in zip(ids, rows, sayings, strict=True)
    ]


def _screen(message_id: int, row: outbox.NewOutbound, one: Saying) -> OutboundMessage:
    return OutboundMessage(
        id=message_id,
        channel=row.channel,
        recipient=row.recipient,
        text=row.text,
        kind=one.kind,
        in_reply_to=one.in_reply_to,
        ends_session=one.say.ends_session,
    )


def _row(tx: Tx, house: House, now: datetime, one: Saying) -> outbox.NewOutbound:
    channel, kind = _line(house, one)
    text = _text(tx, house, now, one, kind)
    answered = kind is ChannelKind.USSD
    return outbox.NewOutbound(
        channel=channel,
        contact_id=one.contact.id,
        recipient=one.contact.msisdn,
        text=text,
        kind=one.kind,
        template=one.say.template,
        segments=0 if answered else segments.count(text),
        in_reply_to=one.in_reply_to,
        case_id=one.case_id,
        created_at=now,
        due_at=None if answered else now,
        expires_at=now + house.config.outbox.expire_after,
        state="answered" if answered else "queued",
    )


def _line(house: House, one: Saying) -> tuple[str, ChannelKind]:
    """The line to say it on: where the message came in, unless that line cannot speak or it must be an SMS."""
    here = house.channels.get(one.channel)
    if here is not None and one.kind is MessageKind.REPLY:
        if here.kind is ChannelKind.USSD and not one.say.by_sms:
            return here.id, ChannelKind.USSD
        if here.sender is not None:
            return here.id, ChannelKind.SMS
        if here.speaks_through is not None:
            return here.speaks_through, ChannelKind.SMS
    return line_for(one.contact, house.channels, house.config).id, ChannelKind.SMS


def _text(tx: Tx, house: House, now: datetime, one: Saying, kind: ChannelKind) -> str:
    try:
        return house.renderer.text(one.say, one.language, kind)
    except RenderFailed as failure:
        log.error("render_failed", template=str(failure))  # noqa: TRY400  a trace would show what was to be said
        alerts.raise_alert(tx, "render_failed", one.say.template, now)
        return house.renderer.text(APOLOGY, one.language, kind)
