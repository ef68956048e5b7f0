"""Africa's Talking USSD: each hop brings the whole history, the answer is the next screen. The simulator speaks it too.

There is no id of a hop: the session, the caller and the history name it. A star that a person types is not escaped,
so which part of the history is new is decided against the stored session, not here. The header
``at-ussd-hop-metadata`` comes back through the caller and is not used.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from dialogs.messages import InboundMessage, OutboundMessage, Received, SessionEvent
from providers import forms
from providers.base import Request, Response, UnknownEvent

_READ = frozenset({"sessionId", "serviceCode", "phoneNumber", "text"})
_DIGEST = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class AfricasTalkingUssd:
    """One service code. It cannot speak first, so there is no sender."""

    channel: str

    def verify(self, request: Request, now: datetime) -> None:
        """Nothing is signed: who knows the secret of the path, which the gateway compares, is the provider."""

    def parse(self, request: Request, now: datetime) -> Sequence[Received]:
        """Events ``ussd``, a hop, and ``ussd/events``, the end of a session."""
        return forms.kept(self.channel, request, lambda: [self._hop(request, now)])

    def reply(self, request: Request, answers: Sequence[OutboundMessage]) -> Response:
        """Say ``CON`` to go on or ``END``, with nothing before it, not even a blank: else the session breaks."""
        headers = {"content-type": "text/plain; charset=utf-8"}
        if request.event != "ussd":
            return Response(status=200, headers=headers)
        goes_on = bool(answers) and not any(answer.ends_session for answer in answers)
        screen = "\n".join(answer.text.strip() for answer in answers)
        return Response(status=200, headers=headers, body=f"{'CON' if goes_on else 'END'} {screen}".encode())

    def _hop(self, request: Request, now: datetime) -> InboundMessage:
        if request.event not in ("ussd", "ussd/events"):
            raise UnknownEvent("event")
        forms.demand(request, forms.FORM)
        form = forms.known(forms.pairs(request.body), _READ)
        session, sender = forms.id_of(form, "sessionId"), forms.name_of(form, "phoneNumber")
        history = form.get("text", "")
        event = SessionEvent.RESUME if history else SessionEvent.NEW
        key = hop(sender, history)
        if request.event == "ussd/events":
            event, history, key = SessionEvent.CLOSE, "", "close"
        return InboundMessage(
            channel=self.channel,
            external_id=f"{session}:{key}",
            sender=sender,
            recipient=forms.name_of(form, "serviceCode"),
            text=history,
            received_at=now,
            session_event=event,
            session_key=session,
            history=history,
        )


def hop(sender: str, history: str) -> str:
    """Name a hop within its session. The caller is part of it: a stranger's hop is never taken for a retry."""
    return hashlib.sha256(f"{sender}\n{history}".encode()).hexdigest()[:_DIGEST]
