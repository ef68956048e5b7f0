"""What was seen from outside while a simulated month went by: the evidence that the promises are checked against."""

import asyncio
import hashlib
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from dialogs.messages import DeliveryStatus
from gateway.invariants import Delivered, HandedOver, Reported, text_hash

#: A text of so many characters is nobody else's.
LONG = 12


@dataclass(slots=True, kw_only=True)
class Taking:
    """One message on its way into a provider; ``answered`` becomes true if we read that it was taken."""

    at: datetime
    line: str
    our_id: int
    recipient: str
    text: str
    external_id: str
    answered: bool = False

    def evidence(self) -> HandedOver:
        """Say it as the checker reads it."""
        return HandedOver(
            at=self.at,
            channel=self.line,
            our_id=self.our_id,
            recipient=self.recipient,
            text=self.text,
            answered=self.answered,
            external_id=self.external_id,
        )


@dataclass(slots=True)
class Journal:
    """Written while the simulation runs. ``started`` is when time 0 truly was, ``ahead`` how wrong our own clock is.

    Times in the evidence are our own clock's, because the store's are.
    """

    started: datetime
    ahead: timedelta = timedelta()
    delivered: list[Delivered] = field(default_factory=list)
    taken: list[Taking] = field(default_factory=list)
    reports: list[Reported] = field(default_factory=list)
    given_up: list[str] = field(default_factory=list)
    faults: Counter[str] = field(default_factory=Counter)
    errors: list[BaseException] = field(default_factory=list)
    #: What people wrote, as far as it is long enough to be found.
    said: set[str] = field(default_factory=set)
    steps: int = 0
    _trace: "hashlib._Hash" = field(default_factory=hashlib.sha256)

    @property
    def trace(self) -> str:
        """One hash over all that happened, in order: what makes two runs the same."""
        return self._trace.hexdigest()[:16]

    def wall(self) -> datetime:
        """What the gateway's own clock says, right or wrong."""
        return self.started + timedelta(microseconds=round(_now() * 1e6)) + self.ahead

    def true_time(self) -> int:
        """What everybody else's clock says, in Unix seconds."""
        return int(self.started.timestamp() + _now())

    def note(self, *what: object) -> None:
        """Something happened."""
        self.steps += 1
        self._trace.update(repr((round(_now(), 6), *what)).encode())

    def brought(self, at: datetime, line: str, external_id: str, number: str, text: str, status: int | None) -> None:
        """A provider brought a person's message; ``status`` is None where we died over it."""
        self.note("brought", line, external_id, status)
        if len(text) >= LONG:
            self.said.add(text)
        entry = Delivered(
            at=at,
            channel=line,
            external_id=external_id,
            sender=number,
            text_hash=text_hash(text),
            status=status,
            answered_at=None if status is None else self.wall(),
        )
        self.delivered.append(entry)

    def took(self, line: str, our_id: int, to: str, text: str, external_id: str) -> Taking:
        """A provider took a message of ours."""
        self.note("took", line, our_id, to, external_id)
        entry = Taking(
            at=self.wall(), line=line, our_id=our_id, recipient=to, text=text, external_id=external_id
        )  # fmt: skip
        self.taken.append(entry)
        return entry

    def reported(self, line: str, our_id: int | None, external_id: str, status: str, *, acknowledged: bool) -> None:
        """A provider told us what became of a message, and we said that we have heard, or did not."""
        self.note("reported", line, external_id, status, acknowledged)
        entry = Reported(
            at=self.wall(),
            channel=line,
            external_id=external_id,
            status=DeliveryStatus(status),
            our_id=our_id,
            acknowledged=acknowledged,
        )
        self.reports.append(entry)

    def gave_up(self, line: str, external_id: str) -> None:
        """A provider has tried long enough."""
        self.note("gave up", line, external_id)
        self.given_up.append(f"{line} {external_id}")

    def fault(self, what: str) -> None:
        """A fault was thrown in."""
        self.note("fault", what)
        self.faults[what] += 1

    def trouble(self, error: BaseException) -> None:
        """Something broke that must not."""
        self.errors.append(error)


def _now() -> float:
    return asyncio.get_running_loop().time()
