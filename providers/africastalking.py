"""Africa's Talking SMS: unsigned forms in (a secret in the path stands for a signature), one form POST out.

HTTP 201 says nothing yet: the verdict stands in ``Recipients``, and an empty list is a failure. A ``messageId`` of
"None" is the word for none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus

from dialogs.messages import Consent, ConsentChange, DeliveryReport, DeliveryStatus, InboundMessage, Received
from dialogs.messages import OutboundMessage as Outbound
from providers import forms, sending
from providers.base import Request, Response, SendFailed, UnknownEvent

#: Statuses of a delivery report, without case. "Success" here is delivery; in the answer to a send it is acceptance.
STATUSES: Mapping[str, DeliveryStatus] = {
    **dict.fromkeys(("sent", "submitted", "buffered"), DeliveryStatus.SENT),
    "success": DeliveryStatus.DELIVERED,
    **dict.fromkeys(("failed", "rejected", "absentsubscriber", "expired"), DeliveryStatus.FAILED),
}
BLACKLISTED = "userinblacklist"
CONSENTS: Mapping[str, Consent] = {"addition": Consent.IN, "deletion": Consent.OUT}
ACCEPTED = frozenset({"100", "101", "102"})  # processed, sent, queued
#: What a recipient's status code allows.
CODES: Mapping[str, sending.Verdict] = {
    **dict.fromkeys(("401", "402"), sending.CHANNEL),  # risk hold, invalid sender id
    **dict.fromkeys(("403", "404", "407", "502"), sending.REFUSED),  # number, number type, route, gateway's refusal
    "405": sending.HOLD,  # insufficient balance
    "406": sending.OPTED_OUT,
    **dict.fromkeys(("409", "500", "501"), sending.RETRY),  # do not disturb at this hour, internal error, gateway error
}
#: What ``Message`` says when there is no recipient at all.
MESSAGES: Mapping[str, sending.Verdict] = {"InvalidSenderId": sending.CHANNEL, "InsufficientBalance": sending.HOLD}

_READ = frozenset({"id", "from", "to", "text", "date", "status", "phoneNumber", "failureReason", "updateType"})


@dataclass(frozen=True, slots=True, kw_only=True)
class AfricasTalking:
    """One short code or sender id. Without ``sender`` messages carry the account's default name."""

    channel: str
    username: str
    api_key: str = field(repr=False)
    sender: str | None = None
    api: str = "https://api.africastalking.com"
    idempotent = False

    def verify(self, request: Request, now: datetime) -> None:
        """Nothing is signed: who knows the secret of the path, which the gateway compares, is the provider."""

    def parse(self, request: Request, now: datetime) -> Sequence[Received]:
        """Events ``sms``, ``status``, ``optout`` and ``subscription``."""
        return forms.kept(self.channel, request, lambda: self._read(request, now))

    def reply(self, request: Request, answers: Sequence[Outbound]) -> Response:
        """Say 200, or it is repeated for up to twelve hours. ``answers`` go by a send of their own."""
        return forms.TAKEN

    def encode(self, message: Outbound) -> Request:
        """One recipient a request, so that the answer speaks of one message."""
        form = {"username": self.username, "to": message.recipient, "message": message.text, "bulkSMSMode": "1"}
        if self.sender:
            form["from"] = self.sender
        return sending.post_form(f"{self.api}/version1/messaging", form, apikey=self.api_key)

    def decode(self, response: Response) -> str:
        """Give the message id, empty where a message was accepted without one."""
        if not sending.taken(response):
            # A bad gateway here is its own front, which the message has not passed.
            raise sending.failed(response, verdict=sending.RETRY if response.status == HTTPStatus.BAD_GATEWAY else None)
        match sending.fields(response).get("SMSMessageData"):
            case {"Recipients": [{"statusCode": int(code), **rest}, *_]} if str(code) in ACCEPTED:
                return "" if rest.get("messageId") == "None" else sending.message_id(rest.get("messageId"))
            case {"Recipients": [{"statusCode": int(code)}, *_]}:
                raise sending.failed(response, str(code), CODES.get(str(code), sending.REFUSED))
            case {"Recipients": [], "Message": str(said)}:
                raise sending.failed(response, forms.reason(said, "no recipient"), MESSAGES.get(said, sending.REFUSED))
        raise SendFailed("no answer", in_doubt=True)

    def _read(self, request: Request, now: datetime) -> Sequence[Received]:
        forms.demand(request, forms.FORM)
        form = forms.known(forms.pairs(request.body), _READ)
        match request.event:
            case "sms":
                return [self._inbound(form, now)]
            case "status":
                return self._report(form, now)
            case "optout":
                return [self._consent(form, Consent.OUT, now)]
            case "subscription":
                return [self._consent(form, CONSENTS.get(forms.text_of(form, "updateType").lower()), now)]
        raise UnknownEvent("event")

    def _inbound(self, form: Mapping[str, str], now: datetime) -> InboundMessage:
        return InboundMessage(
            channel=self.channel,
            external_id=forms.id_of(form, "id"),
            sender=forms.name_of(form, "from"),
            recipient=forms.name_of(form, "to"),
            text=forms.text_of(form, "text"),
            sent_at=forms.moment(form.get("date")),
            received_at=now,
        )

    def _report(self, form: Mapping[str, str], now: datetime) -> Sequence[Received]:
        message_id, said = forms.id_of(form, "id"), forms.text_of(form, "status")
        status, why = STATUSES.get(said.lower()), form.get("failureReason", "")
        if status is None:
            raise forms.Odd("status")
        reason = forms.reason(why, said) if status is DeliveryStatus.FAILED else None
        report = DeliveryReport(channel=self.channel, status=status, at=now, external_id=message_id, reason=reason)
        return [report, self._consent(form, Consent.OUT, now)] if why.lower() == BLACKLISTED else [report]

    def _consent(self, form: Mapping[str, str], kind: Consent | None, now: datetime) -> ConsentChange:
        if kind is None:
            raise forms.Odd("updateType")
        return ConsentChange(channel=self.channel, sender=forms.name_of(form, "phoneNumber"), kind=kind, at=now)
