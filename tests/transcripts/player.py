"""Plays a transcript: what a field officer can read is what the gateway is held to.

    > a person's text          < our answer            | the answer goes on
    = what came of it          . where the session stands (- none)
    @ +3 days                  the clock moves, and what is due fires
    ! provider 429             the provider's next answer is this fault
    ! receipt delivered        the carrier reports on the last message it took
    ~                          the last message is delivered again
    staff: resolve "…"         a staff act on the last case (or: staff: resolve 482-105-930 "…")
    # a remark                 kept as it stands

Header lines (``channel: ussd``, ``from: +59170000002``, ``language: en``, ``start: 2026-11-23 10:00``) may come again
further down: the person takes another phone, or dials instead of texting. On a ussd channel ``> *384*40#`` dials,
``> 1`` presses, ``> (hangs up)`` hangs up.

The player sends the ``>`` lines and writes down everything else itself; the test compares the whole file. It sees the
gateway only from outside: codecs, store, carrier. Nothing of a session is kept between two lines.
"""

import re
import shlex
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from dialogs.messages import ChannelKind, DeliveryReport, DeliveryStatus, InboundMessage, MessageKind, SessionEvent
from dialogs.understand import codes
from gateway import app as house_app
from gateway.effects import Asked, perform
from gateway.outbound import segments
from gateway.outbound.carrier import NetworkFailed
from gateway.work import broadcasts, casework
from providers.base import Request, Response
from store import contacts
from tests.transcripts import looking

DIAL = "*384*40#"
HANG_UP = "(hangs up)"
SMS, USSD = "demo", "demo-ussd"
DEFAULTS = {"channel": "sms", "from": "+59170000001", "language": "es", "start": "2026-11-23 10:00"}

_HEADER = re.compile(r"(channel|from|language|start): (.+)")
_MOVE = re.compile(r"\+(\d+) (second|minute|hour|day)s?")


@dataclass(slots=True)
class Phone:
    """The carrier at the other end: it takes what we send, or does what the transcript's faults say."""

    answers: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    taken: list[tuple[str, str]] = field(default_factory=list)

    async def carry(self, request: Request, through: Callable[[Request], Awaitable[Response]]) -> Response:
        """Carry one message, or fail as asked."""
        if self.faults:
            fault = self.faults.pop(0)
            if fault == "timeout":
                raise NetworkFailed("timeout", in_doubt=True)
            if fault == "refused":
                raise NetworkFailed("refused", in_doubt=False)
            return Response(status=int(fault), body=b"{}")
        return await through(request)
