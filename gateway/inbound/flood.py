"""One number that sends more texts in a minute than a person does: they are kept and shown to staff, not acted on.

Rule 1: nothing told is dropped. What is too much is in the store, silent, with ``RULE`` as the rule that decided, and
staff get one alert. An opt-out is heard however many texts came before it.
Rule 2: counted is by the minute in which a text was sent, as far as its carrier says it: a phone that was switched
off for a day may bring thirty texts at once. USSD is not counted; its screens follow each other as fast as keys.
Rule 3: counted is in memory, by each process for itself, because a statement a message would cost everybody. So
several processes let through as many times as much, and a restart begins anew.
"""

from collections import Counter
from collections.abc import Hashable, Sequence
from datetime import datetime

import structlog

from dialogs.messages import InboundMessage, Received
from dialogs.understand import keywords
from gateway.effects import House
from gateway.inbound.arrivals import Answers, record
from store import Tx, alerts, messages
from store.messages import InboundState, Settled

log = structlog.get_logger(__name__)

#: The rule that decided about such a message, and the alert that staff see.
RULE = "flood"
ALERT_FLOOD = "contact_floods"
_MINUTE = 60


class Pace:
    """Counts each sender's texts. What it holds is of one minute: as many entries as people wrote in it."""

    def __init__(self, house: House) -> None:
        self._most = house.config.limits.texts_minute
        self._city = house.config.city
        self._now = 0
        self._texts: Counter[tuple[Hashable, int]] = Counter()

    def count(self, sender: Hashable, message: InboundMessage) -> bool:
        """Count a text that has come; say whether it is to be acted on."""
        if message.session_key is not None:
            return True
        self._turn(message.received_at)
        key = sender, _minute(message.sent_at or message.received_at)
        self._texts[key] += 1
        return self._texts[key] <= self._most or keywords.command(message.text, self._city) == "stop"

    def take_back(self, sender: Hashable, message: InboundMessage) -> None:
        """Count it no more: it was not kept, and its carrier brings it again."""
        key = sender, _minute(message.sent_at or message.received_at)
        if self._texts[key] > 0:
            self._texts[key] -= 1

    def _turn(self, at: datetime) -> None:
        if (minute := _minute(at)) != self._now:
            self._now = minute
            self._texts.clear()


def _minute(at: datetime) -> int:
    return int(at.timestamp()) // _MINUTE


def keep(tx: Tx, house: House, now: datetime, items: Sequence[Received]) -> list[Answers]:
    """Keep texts that are too many, each once, and tell staff who sends them. Nobody is answered."""
    answers: list[Answers] = [()] * len(items)
    kept = record(tx, house, now, items, answers)
    messages.settle(tx, [Settled(id=one.id, state=InboundState.SILENT, rule=RULE) for one in kept])
    floods = sorted({one.contact.id for one in kept})
    alerts.raise_each(tx, [(ALERT_FLOOD, f"contact {contact}") for contact in floods], now)
    for contact in floods:
        log.warning("texts_put_aside", contact=contact, count=sum(one.contact.id == contact for one in kept))
    return answers
