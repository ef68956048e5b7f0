"""One pace for a line, however many processes feed it: the carrier counts what arrives, not who sent it.

Rule: what another process has booked counts before we look, and what we take is booked in the transaction that marks
it. A line without a rate costs nothing, and no line costs anything where one process does all (SQLite).
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from gateway.outbound.retry import Pace
from store import Tx, paces

#: No message is longer, so nobody books a line further ahead; what stands there was booked before a clock was set back.
_SEGMENTS_MOST = 20


def fits(tx: Tx, line: str, pace: Pace, segments: Sequence[int], now: datetime, monotonic: float) -> int:
    """How many of these messages, in order and each of so many segments, may go now on the line."""
    if segments and pace.rate and (until := paces.claim(tx, line, now)) is not None:
        ahead = (until - now).total_seconds()
        pace.booked(ahead if ahead <= 1 + _SEGMENTS_MOST / pace.rate else 0.0, monotonic)
    return pace.fits(segments, monotonic)


def book(tx: Tx, line: str, pace: Pace, segments: int, now: datetime, monotonic: float) -> None:
    """Book so many segments for all processes; the caller books its own ``pace`` after the commit."""
    if segments and pace.rate:
        paces.book(tx, line, now + timedelta(seconds=pace.ahead(monotonic) + segments / pace.rate))
