"""What the benchmarks must show: every goal once, as a number that a run reaches or not."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """``most`` is an upper bound, ``least`` a lower one; one of them is set. ``show`` formats the number."""

    bench: str
    words: str
    least: float | None = None
    most: float | None = None
    show: str = "{:.2f}"

    def reached(self, value: float) -> bool:
        """Whether a measured value is good enough; not a number is not."""
        return value >= self.least if self.least is not None else value <= (self.most or 0.0)

    def bound(self) -> str:
        """The bound in words."""
        return f"≥ {self.show.format(self.least)}" if self.least is not None else f"< {self.show.format(self.most)}"

    def verdict(self, value: float) -> str:
        """One line for people."""
        word = "reached" if self.reached(value) else "NOT reached"
        return f"{self.words}: {self.show.format(value)} ({self.bound()}): {word}"


_MS, _TIMES, _US = "{:.1f} ms", "{:.1f} times", "{:.0f} µs"

GOALS: Mapping[str, Goal] = {
    "inbound-floor": Goal(bench="inbound", words="signed SMS at 64 clients, of the reference floor", least=0.55),
    "inbound-bare": Goal(bench="inbound", words="the same, of a bare form handler", least=0.30),
    "inbound-flask": Goal(
        bench="inbound", words="the same, against Flask with a commit a request", least=6, show=_TIMES
    ),
    "inbound-1-p50": Goal(bench="inbound", words="signed SMS at 1 client, p50", most=3, show=_MS),
    "inbound-1-p99": Goal(bench="inbound", words="signed SMS at 1 client, p99", most=10, show=_MS),
    "understanding-mean": Goal(bench="understanding", words="understanding one text, mean", most=80, show=_US),
    "understanding-p99": Goal(bench="understanding", words="understanding one text, p99", most=400, show=_US),
    "postgresql-bare": Goal(bench="postgresql", words="on PostgreSQL, one process, of bare", least=0.25),
    "postgresql-two": Goal(bench="postgresql", words="two processes, of one", least=1.0),
    "postgresql-p99": Goal(bench="postgresql", words="two processes, p99", most=50, show=_MS),
    "mixed-p99": Goal(bench="mixed", words="USSD screen while 100,000 notices drain, p99", most=300, show=_MS),
    "drain": Goal(bench="drain", words="outbox drain, of a bare client that stores nothing", least=0.40),
    "pipe": Goal(bench="pipe", words="whole pipe in and out, of bare", least=0.10),
    "growth": Goal(bench="growth", words="inbound at 1e6 people and 5e6 messages, of 1e3", least=0.70),
    "startup": Goal(bench="startup", words="ready on that store after SIGKILL", most=5, show="{:.1f} s"),
    "memory-slope": Goal(bench="memory", words="memory, slope an hour after warm-up", most=10, show="{:.1f} MB"),
    "memory-most": Goal(bench="memory", words="memory, the most", most=300, show="{:.0f} MB"),
    "disk": Goal(bench="disk", words="disk a message (a text either way), all included", most=1024, show="{:.0f} B"),
}
