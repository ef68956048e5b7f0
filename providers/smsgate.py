"""SMSGate: an Android phone with a local SIM as the gateway, which is how a small municipality starts.

The app signs each attempt anew and takes our id, so a doubtful send is simply repeated. It reports delivery once for
each part. A received message is known by the envelope's id: ``messageId`` is made of the content, and two people, or
one person twice, may well write "1".
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus

from dialogs.contacts import normalise_msisdn
from dialogs.messages import DeliveryReport, DeliveryStatus, InboundMessage, Received
from dialogs.messages import OutboundMessage as Outbound
from providers import forms, sending, signatures
from providers.base import Request, Response, UnknownEvent

STATUSES: Mapping[str, DeliveryStatus] = {
    "sms:sent": DeliveryStatus.SENT,
    "sms:delivered": DeliveryStatus.DELIVERED,
    **dict.fromkeys(("sms:failed", "sms:cancelled"), DeliveryStatus.FAILED),
}
#: Signs of life. Nothing to keep.
SILENT = frozenset({"system:ping", "app:started"})
#: Seconds after which the phone drops what it could not send: as long as the outbox itself would wait by default.
TTL = 86_400
#: A long SMS counts its parts in one byte.
MOST_PARTS = 255

_OUR_ID = re.compile(r"([1-9][0-9]{0,17})-[0-9a-f]{8}")


@dataclass(frozen=True, slots=True, kw_only=True)
class SmsGate:
    """One phone. ``country`` (ISO 3166 alpha-2) is the SIM's: senders may come in national form, or as a name."""

    channel: str
    address: str
    country: str
    username: str
    password: str = field(repr=False)
    signing_key: str = field(repr=False)
    api: str = "https://api.sms-gate.app/3rdparty/v1"
    idempotent = True

    def verify(self, request: Request, now: datetime) -> None:
        """Check the signature over the raw body, and that it is at most five minutes old."""
        signatures.check_smsgate(request, self.signing_key, now)

    def parse(self, request: Request, now: datetime) -> Sequence[Received]:
        """Events ``sms`` and ``status`` are the same to us: the body says what happened."""
        return forms.kept(self.channel, request, lambda: self._read(request, now))

    def reply(self, request: Request, answers: Sequence[Outbound]) -> Response:
        """Say 200, or it is repeated for two days. ``answers`` go by a send of their own."""
        return forms.TAKEN

    def encode(self, message: Outbound) -> Request:
        """Name the message by our id and a digest of what it says."""
        words, numbers = {"text": message.text}, [message.recipient]
        document = {"id": named(message), "textMessage": words, "phoneNumbers": numbers, "ttl": TTL}
        key = sending.basic(self.username, self.password)
        return sending.post_json(f"{self.api}/messages", {**document, "withDeliveryReport": True}, authorization=key)

    def decode(self, response: Response) -> str:
        """Give the id, which is ours; empty where the phone had the message before (409), which is acceptance too."""
        if response.status == HTTPStatus.CONFLICT:
            return ""
        if not sending.taken(response):
            raise sending.failed(response)
        return sending.message_id(sending.fields(response).get("id"))

    def _read(self, request: Request, now: datetime) -> Sequence[Received]:
        if request.event not in ("sms", "status"):
            raise UnknownEvent("event")
        forms.demand(request, forms.JSON)
        envelope = forms.document(request.body)
        event, payload = forms.text_of(envelope, "event"), envelope.get("payload")
        if event in SILENT:
            return []
        if event == "sms:received" and isinstance(payload, dict):
            return [self._inbound(forms.id_of(envelope, "id"), payload, now)]
        if event in STATUSES and isinstance(payload, dict):
            return [self._report(event, forms.id_of(envelope, "id"), payload, now)]
        raise forms.Odd("event")

    def _inbound(self, event_id: str, payload: Mapping[str, object], now: datetime) -> InboundMessage:
        sender = forms.name_of(payload, "sender" if payload.get("sender") else "phoneNumber")  # older apps
        return InboundMessage(
            channel=self.channel,
            external_id=event_id,
            sender=normalise_msisdn(sender, self.country) or sender,
            recipient=forms.name_of(payload, "recipient") if payload.get("recipient") else self.address,
            text=forms.text_of(payload, "message"),
            sent_at=forms.moment(payload.get("receivedAt")),
            received_at=now,
        )

    def _report(self, event: str, event_id: str, payload: Mapping[str, object], now: datetime) -> DeliveryReport:
        message_id, parts = forms.id_of(payload, "messageId"), payload.get("partsCount")
        ours, why = _OUR_ID.fullmatch(message_id), forms.reason(payload.get("reason"), event.removeprefix("sms:"))
        return DeliveryReport(
            channel=self.channel,
            status=STATUSES[event],
            at=now,
            external_id=message_id,
            our_id=int(ours[1]) if ours else None,
            reason=why if STATUSES[event] is DeliveryStatus.FAILED else None,
            parts=parts if type(parts) is int and 0 < parts <= MOST_PARTS else None,
            part_id=event_id if event == "sms:delivered" else None,
        )


def named(message: Outbound) -> str:
    """Give our id and a digest: ids start again with a new database, and the phone remembers those of the old one."""
    said = f"{message.recipient}\n{message.text}"
    return f"{message.id}-{hashlib.sha256(said.encode()).hexdigest()[:8]}"
