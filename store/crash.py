"""Named places where the process may die, so that tests can let it die there. Disarmed, a place costs one comparison.

Rule 1: each name stands in ``POINTS`` and at one place of the program or more (a test compares the two).
Rule 2: a place is where a power cut would hurt: between a write and its commit, between a commit and whoever waits for
it, between our mark and the carrier. So a name says what is done and, by that, what is not.

``BARRIO_CRASH_AT=name:count barrio serve`` ends the process at the ``count``-th time it passes that place, as
``kill -9`` would: nothing is flushed, closed or told. Tests in one process pass a function of their own to ``watch``.
"""

import os
from collections.abc import Callable, Mapping

#: What ``barrio`` reads at its start.
VARIABLE = "BARRIO_CRASH_AT"
#: The exit status of a process that was killed by SIGKILL.
KILLED = 137

POINTS: Mapping[str, str] = {
    "commit.before": "a transaction has written all it wants; nothing of it stands yet",
    "commit.after": "a transaction is on disk; whoever waits for it has not heard",
    "inbound.recorded": "messages are written down; nobody has thought about them",
    "inbound.stepped": "dialogs have decided; nothing of it is done",
    "inbound.performed": "cases are opened and answers queued; sessions and states are not saved",
    "inbound.saved": "all that a batch of messages caused is written",
    "webhook.before_answer": "a provider's message is on disk; the provider has not heard",
    "receipts.applied": "delivery reports have moved their messages",
    "outbox.taken": "it is decided which messages go now; none is marked",
    "outbox.marked": "messages are marked as being handed over; the mark is not committed",
    "outbox.before_post": "the mark is committed; the provider has not been called",
    "outbox.after_post": "the provider has answered; we have not read what",
    "outbox.before_result": "we know what became of an attempt; nothing of it is written",
    "outbox.result_written": "results of attempts are written; their commit is not",
    "outbox.after_result": "the result of an attempt is on disk",
    "lease.doubted": "hand-overs without an end are called in doubt; not committed",
    "start.recovered": "what an earlier process left is sorted out; nothing else has begun",
    "tick.before": "a tick begins its transaction",
    "tick.after": "a tick's transaction is on disk; the outbox has not been woken",
    "followups.asked": "questions about resolutions are queued; the sessions that wait for answers are not saved",
    "expiry.ended": "sessions are ended and what was told in them is filed",
    "broadcast.queued": "a chunk of a broadcast is queued; how far it is has not moved",
    "broadcast.moved": "a chunk of a broadcast is queued and counted",
    "broadcast.taken_out": "a chunk of a cancelled broadcast is taken out of the outbox; how far has not moved",
    "migrate.changed": "the tables have their new shape; not committed",
    "backup.copied": "a copy of the store is whole and on disk; it does not have its name",
    "backup.set_aside": "the store has been renamed; the copy that is to take its place has not",
    "stop.begun": "the service was told to stop and takes nothing new",
}


class UnknownPoint(ValueError):
    """There is no such place, or no such count. ``str()`` is one line."""


Watcher = Callable[[str], None]

_watcher: Watcher | None = None


def point(name: str) -> None:
    """Pass a place. Nothing happens, unless somebody watches."""
    if _watcher is not None:
        _watcher(name)


def watch(watcher: Watcher | None) -> None:
    """Call ``watcher`` with the name of each place that is passed, from whatever thread; None to stop."""
    global _watcher  # noqa: PLW0603  one process dies as a whole
    _watcher = watcher


def arm(wanted: str | None) -> None:
    """End this process as ``wanted`` says, ``name:count``; nothing for None or nothing. Raise ``UnknownPoint``."""
    if wanted:
        name, _, count = wanted.partition(":")
        if name not in POINTS or not count.isdecimal() or int(count) < 1:
            raise UnknownPoint(f"{VARIABLE} must be one of these, a colon and a number from 1: {' '.join(POINTS)}")
        watch(at(name, int(count), lambda: os._exit(KILLED)))


def at(name: str, count: int, then: Callable[[], object]) -> Watcher:
    """Make a watcher that does ``then`` at the ``count``-th passing of ``name``, once."""
    left = count

    def watcher(passed: str) -> None:
        nonlocal left
        if passed == name:
            left -= 1
            if left == 0:
                then()

    return watcher
