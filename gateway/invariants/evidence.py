"""What others saw: what providers posted to us (W), what reached providers (P), what they reported back (D).

Rule: evidence is written by other processes than the one whose promises it judges.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from dialogs.messages import DeliveryStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """W: one message posted to us, and the status that came back; None if no answer came.

    ``at`` is when it was posted, ``answered_at`` when the answer was read. One message may be posted several times.
    """

    at: datetime
    channel: str
    external_id: str
    sender: str
    text_hash: str
    status: int | None
    answered_at: datetime | None = None

    @property
    def acknowledged(self) -> bool:
        """Whether we said that it is ours now."""
        return self.status is not None and self.status // 100 == 2  # noqa: PLR2004  HTTP's own classes


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOver:
    """P: one message that reached a provider.

    ``taken``: the provider will carry it; False where it refused (429, 4xx). ``answered``: it said so in a whole and
    readable answer, as far as it knows. ``our_id`` is ours, where the provider's API carries it.
    """

    at: datetime
    channel: str
    our_id: int | None
    recipient: str
    text: str
    answered: bool
    external_id: str | None
    taken: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """D: one delivery report. ``acknowledged``: we answered 2xx, so that it must have its effect."""

    at: datetime
    channel: str
    external_id: str
    status: DeliveryStatus
    our_id: int | None = None
    acknowledged: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """An invariant that does not hold: its name (``I1`` …), what is wrong, and where. Never a number or a text."""

    invariant: str
    what: str
    where: str


def text_hash(text: str) -> str:
    """Name a text in evidence without saying it."""
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()
