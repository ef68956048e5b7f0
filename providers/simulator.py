"""A line for SMS that is not there: for a first look, for tests, for the phone in the browser.

It stands for the provider that promises least: it signs nothing and takes no id of ours, so that what works here
works elsewhere. Like any other it keeps what it cannot read. Simulated USSD is spoken by ``africastalking_ussd``.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from dialogs.messages import InboundMessage, OutboundMessage, Received
from providers import forms, sending
from providers.base import Request, Response, UnknownEvent

_READ = frozenset({"from", "text", "id"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulator:
    """One number. Whoever reaches the path may write, from any number; so it never stands on a public address."""

    channel: str
    address: str
    idempotent = False

    def verify(self, request: Request, now: datetime) -> None:
        """Everybody may write to a simulator."""

    def parse(self, request: Request, now: datetime) -> Sequence[Received]:
        """Event ``sms``: a form or JSON of ``from``, ``text`` and perhaps ``id``."""
        return forms.kept(self.channel, request, lambda: [self._read(request, now)])

    def reply(self, request: Request, answers: Sequence[OutboundMessage]) -> Response:
        """Say 200 and nothing: the answer comes as a message, as it does on a telephone."""
        return forms.TAKEN

    def encode(self, message: OutboundMessage) -> Request:
        """Address a place inside this process: ``simulator://<channel>/messages``."""
        document = {"id": str(message.id), "to": message.recipient, "text": message.text}
        return sending.post_json(f"simulator://{self.channel}/messages", document)

    def decode(self, response: Response) -> str:
        """Give the id that the simulator answered."""
        if not sending.taken(response):
            raise sending.failed(response)
        return sending.message_id(sending.fields(response).get("id"))

    def _read(self, request: Request, now: datetime) -> InboundMessage:
        if request.event != "sms":
            raise UnknownEvent("event")
        form: Mapping[str, object]
        if forms.demand(request, forms.FORM, forms.JSON) == forms.JSON:
            form = forms.document(request.body)
        else:
            form = forms.known(forms.pairs(request.body), _READ)
        sender, text = forms.name_of(form, "from"), forms.text_of(form, "text")
        # Without an id every request is a message of its own, even the same words again.
        moment = hashlib.sha256(f"{now.isoformat()}\n{sender}\n{text}".encode()).hexdigest()
        return InboundMessage(
            channel=self.channel,
            external_id=forms.id_of(form, "id") if form.get("id") else moment,
            sender=sender,
            recipient=self.address,
            text=text,
            received_at=now,
        )
