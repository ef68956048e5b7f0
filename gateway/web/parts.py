"""What the web needs of the house, named one by one, so that a test can give each as it likes."""

from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from aiohttp import web

from dialogs.messages import OutboundMessage, Received
from gateway.channels import Channel
from gateway.clock import Clock
from gateway.config import Config
from gateway.metrics import Metrics
from store import Store


class Inbox(Protocol):
    """Where everything that comes in goes. It returns after the commit that holds the items and what they caused."""

    def receive(self, items: Sequence[Received]) -> Awaitable[Sequence[OutboundMessage]]:
        """Keep the items and answer with the screens of USSD; raise ``StoreUnavailable`` or ``Overloaded``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much and how long the web waits for. Seconds and bytes.

    ``body`` and ``read`` bound one webhook's body; a half-sent one is not timed out by aiohttp (reliability rule 10).
    ``screen`` is the wait for a USSD screen: Africa's Talking gives up at 10 s, a person much earlier.
    ``commit`` is how long a commit may take before ``/ready`` says no, ``fresh`` how long its answer is believed.
    """

    body: int = 64 * 1024
    read: float = 10.0
    screen: float = 4.0
    commit: float = 3.0
    fresh: float = 1.0
    retry_after: int = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class WebParts:
    """Everything that ``build`` joins. ``apology`` is the screen of a USSD answer that is not ready in time."""

    config: Config
    channels: Mapping[str, Channel]
    inbox: Inbox
    store: Store
    clock: Clock
    metrics: Metrics = field(default_factory=Metrics)
    limits: Limits = field(default_factory=Limits)
    apology: str = "Tardamos demasiado. Marque otra vez en un minuto y seguimos donde estaba."


#: The one key under which handlers find the parts.
PARTS = web.AppKey("PARTS", WebParts)
