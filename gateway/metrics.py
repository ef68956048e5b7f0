"""What operators may count. Labels are channel ids and our own words; never a number, a code or a text."""

from collections.abc import Mapping
from functools import lru_cache

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

#: The exposition format that ``Metrics.page`` writes.
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """The counters of one gateway, in a registry of its own, so that nothing is shared by import."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._inbound = self._counter("barrio_inbound", "What came in, by what became of the request", "outcome")
        self._refusals = self._counter("barrio_refusals", "Requests refused before anything was kept", "reason")
        self._outbound = self._counter("barrio_outbound", "Moves of outgoing messages into a state", "state")
        self._braked = self._counter("barrio_braked", "Outgoing messages that a brake cancelled or let wait", "reason")
        self._late = self._counter("barrio_ussd_late", "USSD screens that were not ready within the deadline")
        self._batch = Histogram(
            "barrio_batch_size",
            "Inbound items in one transaction",
            buckets=(1, 2, 4, 8, 16, 32, 64, 128, 256),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "barrio_webhook_seconds",
            "From the last byte of a webhook's body to its answer",
            ["channel"],
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 4, 10),
            registry=self._registry,
        )
        # Of what is counted with every message, the counter of each channel is at hand.
        self._inbound_of = lru_cache(maxsize=None)(self._inbound.labels)
        self._seconds_of = lru_cache(maxsize=None)(self._seconds.labels)
        self._waiting = Gauge(
            "barrio_outbox_waiting", "Rows of the outbox by state", ["state"], registry=self._registry
        )
        self._ready = Gauge("barrio_ready", "1 while a commit succeeds", registry=self._registry)

    def _counter(self, name: str, what: str, *labels: str) -> Counter:
        return Counter(name, what, ["channel", *labels], registry=self._registry)

    def inbound(self, channel: str, outcome: str) -> None:
        """Count a webhook by its outcome: taken, unreadable, unavailable, failed."""
        self._inbound_of(channel, outcome).inc()

    def refused(self, channel: str, reason: str) -> None:
        """Count a refusal. ``channel`` is ``unknown`` where the path named none of ours."""
        self._refusals.labels(channel, reason).inc()

    def outbound(self, channel: str, state: str, count: int = 1) -> None:
        """Count messages that moved into a state of the outbox."""
        self._outbound.labels(channel, state).inc(count)

    def braked(self, channel: str, reason: str) -> None:
        """Count a message that was looked at and may not go now; one that waits is counted at each look."""
        self._braked.labels(channel, reason).inc()

    def late(self, channel: str) -> None:
        """Count a USSD answer that had to be an apology."""
        self._late.labels(channel).inc()

    def batch(self, size: int) -> None:
        """Observe how many items one transaction took."""
        self._batch.observe(size)

    def answered(self, channel: str, seconds: float) -> None:
        """Observe how long a webhook took."""
        self._seconds_of(channel).observe(seconds)

    def waiting(self, depth: Mapping[str, int]) -> None:
        """Set the depth of the outbox by state; a state that is not named is empty."""
        self._waiting.clear()
        for state, count in depth.items():
            self._waiting.labels(state).set(count)

    def ready(self, *, ok: bool) -> None:
        """Set what ``/ready`` said last."""
        self._ready.set(1 if ok else 0)

    def page(self) -> bytes:
        """Write everything in Prometheus' text format."""
        return generate_latest(self._registry)
