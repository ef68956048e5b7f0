"""When to try again, and how fast a line may be fed.

Rule 1: waits between attempts grow and are spread, so that messages that failed together do not come back together.
Rule 2: a line that refuses everything rests, or each message in the queue would burn its attempts on the same trouble.
"""

from collections.abc import Sequence
from datetime import timedelta

#: The first wait and what each next is multiplied by: 10 s, 1 min, 6 min, 36 min, 3.6 h. Six attempts outlast an
#: afternoon's outage and end well before a message expires (24 h).
FIRST_SECONDS = 10.0
GROWTH = 6
#: No wait is longer, also if a provider asks for it.
LONGEST_SECONDS = 6 * 3600.0
#: A wait is up to this part longer, by chance.
SPREAD = 0.25

#: After so many failures in a row a line rests, each time twice as long, up to the longest rest.
PATIENCE = 5
LONGEST_REST_SECONDS = 60.0

#: What a fast line may take at once. A slower one takes one message at a time.
_BURST_SECONDS = 0.1
_ROUNDING = 1e-9


def back_off(attempt: int, jitter: float, retry_after: float | None = None) -> timedelta:
    """How long to wait after the failed ``attempt`` (the first is 1).

    ``retry_after`` is the provider's own wish in seconds, never cut short except at six hours. ``jitter`` is from 0 up
    to 1.
    """
    seconds = FIRST_SECONDS * GROWTH ** min(attempt - 1, 10) if retry_after is None else max(retry_after, 0.0)
    return timedelta(seconds=min(seconds, LONGEST_SECONDS) * (1 + SPREAD * jitter))


class Pace:
    """How fast one line may be fed: segments per second, and rests. ``rate`` None is as fast as it goes.

    All times are seconds of the monotonic clock. Kept in memory: after a restart a line may take one burst more.
    """

    def __init__(self, rate: float | None) -> None:
        self._rate = rate
        self._burst = max(0.0, _BURST_SECONDS - 1 / rate) if rate else 0.0
        self._booked_until = 0.0
        self._rests_until = 0.0
        self._failures = 0

    @property
    def rate(self) -> float | None:
        """Segments a second; None is as fast as it goes."""
        return self._rate

    def booked(self, ahead: float, now: float) -> None:
        """Learn that the line is booked for so many seconds from now on, whoever booked it."""
        self._booked_until = now + ahead

    def ahead(self, now: float) -> float:
        """For how many seconds from now on the line is booked; 0 if it is free."""
        return max(self._booked_until - now, 0.0)

    def wait(self, now: float) -> float:
        """How many seconds until the next message may go; 0 if it may go now."""
        wait = max(self._booked_until - self._burst, self._rests_until) - now
        return wait if wait > _ROUNDING else 0.0

    def fits(self, segments: Sequence[int], now: float) -> int:
        """How many of these messages, in order and each of so many segments, may go now."""
        if self.wait(now):
            return 0
        if not self._rate:
            return len(segments)
        booked = max(self._booked_until, now)
        for count, each in enumerate(segments):
            if booked - self._burst > now + _ROUNDING:
                return count
            booked += each / self._rate
        return len(segments)

    def book(self, segments: int, now: float) -> None:
        """Count a message as sent now: the line is busy with it for ``segments / rate`` seconds."""
        if self._rate:
            self._booked_until = max(self._booked_until, now) + segments / self._rate

    def went_well(self) -> None:
        """The provider took a message, or refused it for what it is: the line itself works."""
        self._failures = 0

    def went_wrong(self, now: float, retry_after: float | None) -> None:
        """The provider did not take a message and would not have taken another; it may have said when to come back."""
        self._failures += 1
        rest = retry_after or 0.0
        if self._failures >= PATIENCE:
            rest = max(rest, 2.0 ** min(self._failures - PATIENCE, 10))
        self._rests_until = max(self._rests_until, now + min(rest, LONGEST_REST_SECONDS))
