"""Twilio SMS: signed forms in, one form POST out.

Its signature has no time in it, so a captured request stays valid for ever: what makes a replay harmless is the
store's unique ``MessageSid``. The SDK's validator is slow and crashes on odd input, so it is our oracle in tests only.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from dialogs.messages import Consent, ConsentChange, DeliveryReport, DeliveryStatus, InboundMessage, Received
from dialogs.messages import OutboundMessage as Outbound
from providers import forms, sending, signatures
from providers.base import Rejected, Request, Response, UnknownEvent

STATUSES: Mapping[str, DeliveryStatus] = {
    **dict.fromkeys(("accepted", "scheduled", "queued", "sending"), DeliveryStatus.QUEUED),
    "sent": DeliveryStatus.SENT,
    **dict.fromkeys(("delivered", "partially_delivered", "read"), DeliveryStatus.DELIVERED),
    **dict.fromkeys(("undelivered", "failed", "canceled"), DeliveryStatus.FAILED),
}
CONSENTS: Mapping[str, Consent] = {"STOP": Consent.OUT, "START": Consent.IN, "HELP": Consent.HELP}
#: The person texted STOP to this number: an answer to a send, and an error in a report.
STOPPED = "21610"
#: What a send's error code allows (twilio.com/docs/api/errors). Others are judged by their HTTP status.
ERRORS: Mapping[str, sending.Verdict] = {
    STOPPED: sending.OPTED_OUT,
    **dict.fromkeys(("20003", "20404"), sending.CHANNEL),  # credentials; no such account
    **dict.fromkeys(("20429", "21611"), sending.RETRY),  # too many requests, not processed; ten hours are queued
    **dict.fromkeys(("21211", "21408", "21606", "21608", "21612", "21614", "21617"), sending.REFUSED),  # this recipient
}

_READ = frozenset({"MessageSid", "From", "To", "Body", "OptOutType", "MessageStatus", "ErrorCode"})
_OUR_ID = re.compile(r"[1-9][0-9]{0,17}")
_EMPTY_TWIML = b'<?xml version="1.0" encoding="UTF-8"?><Response/>'


@dataclass(frozen=True, slots=True, kw_only=True)
class Twilio:
    """One number, or one Messaging Service (``sender`` begins with ``MG``). ``reports`` is our public status URL."""

    channel: str
    account_sid: str
    auth_token: str = field(repr=False)
    sender: str
    reports: str
    api: str = "https://api.twilio.com"
    idempotent = False

    def verify(self, request: Request, now: datetime) -> None:
        """Check the signature, which has no time in it, and that the account is ours."""
        fields = signatures.check_twilio(request, self.auth_token)
        if fields and ("AccountSid", self.account_sid) not in fields:
            raise Rejected("account")

    def parse(self, request: Request, now: datetime) -> Sequence[Received]:
        """Events ``sms`` and ``status``. Signed JSON belongs to products that we do not use: it is kept."""
        return forms.kept(self.channel, request, lambda: self._read(request, now))

    def reply(self, request: Request, answers: Sequence[Outbound]) -> Response:
        """Empty TwiML: ``answers`` go by REST, because inside it they would go out again with every retry."""
        if request.event == "status":
            return Response(status=204)
        return Response(status=200, headers={"content-type": "text/xml"}, body=_EMPTY_TWIML)

    def encode(self, message: Outbound) -> Request:
        """Carry our id in the callback's query, so that a report settles a send whose answer was lost."""
        origin = "MessagingServiceSid" if self.sender.startswith("MG") else "From"
        callback = f"{self.reports}?our_id={message.id}"
        form = {"To": message.recipient, origin: self.sender, "Body": message.text, "StatusCallback": callback}
        url = f"{self.api}/2010-04-01/Accounts/{self.account_sid}/Messages.json"
        return sending.post_form(url, form, authorization=sending.basic(self.account_sid, self.auth_token))

    def decode(self, response: Response) -> str:
        """Give the sid. A 2xx without one is in doubt: Twilio takes no id of ours that makes a second try safe."""
        answer = sending.fields(response)
        if sending.taken(response):
            return sending.message_id(answer.get("sid"))
        code = forms.reason(str(answer.get("code") or ""), "")
        raise sending.failed(response, code, ERRORS.get(code))

    def _read(self, request: Request, now: datetime) -> Sequence[Received]:
        if forms.demand(request, forms.FORM, forms.JSON) == forms.JSON:
            raise forms.Odd("JSON")
        form = forms.known(forms.pairs(request.body), _READ)
        match request.event:
            case "sms":
                return [self._inbound(form, now)]
            case "status":
                return self._report(form, now, signatures.query(request).get("our_id", ""))
        raise UnknownEvent("event")

    def _inbound(self, form: Mapping[str, str], now: datetime) -> InboundMessage | ConsentChange:
        sid, sender = forms.id_of(form, "MessageSid"), forms.name_of(form, "From")
        consent = CONSENTS.get(form.get("OptOutType", "").upper())
        to, text = forms.name_of(form, "To"), form.get("Body", "")
        message = InboundMessage(
            channel=self.channel, external_id=sid, sender=sender, recipient=to, text=text, received_at=now
        )
        if consent is None:
            return message
        # Advanced Opt-Out has already answered the person.
        return ConsentChange(channel=self.channel, sender=sender, kind=consent, at=now, message=message)

    def _report(self, form: Mapping[str, str], now: datetime, our_id: str) -> Sequence[Received]:
        sid, status = forms.id_of(form, "MessageSid"), STATUSES.get(forms.text_of(form, "MessageStatus").lower())
        if status is None:
            raise forms.Odd("status")
        ours = int(our_id) if _OUR_ID.fullmatch(our_id) else None
        code = form.get("ErrorCode", "")
        why = forms.reason(code, "") or None
        report = DeliveryReport(channel=self.channel, status=status, at=now, external_id=sid, our_id=ours, reason=why)
        if code != STOPPED:
            return [report]
        return [report, ConsentChange(channel=self.channel, sender=forms.name_of(form, "To"), kind=Consent.OUT, at=now)]
