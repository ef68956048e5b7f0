"""What this service promises, as one function that says which promises do not hold.

``check`` reads what others saw and the database, nothing else; the same function judges unit tests, simulation, kill
loops and long runs. ``standing`` is the part that needs the database alone: ``barrio doctor`` runs it on the live
store.

| | |
|---|---|
| I1 | what we acknowledged is in the store |
| I2 | each message is there once, and so is its effect |
| I3 | what is to be sent is handed over once, or its row says why twice |
| I4 | one person's messages keep their order, in and out |
| I5 | what came in is acted on, and no hand-over outlives its lease |
| I6 | each case has one code, valid and taken for ever |
| I7 | each resolution is asked about once, and no longer than it stands |
| I8 | who opted out gets nothing unasked |
| I9 | nobody is written to unasked in quiet hours |
| I10 | a broadcast reaches each of its audience at most once, and leaves nobody out |
| I11 | a large broadcast has a second person behind exactly this text |
| I12 | delivery reports move messages forward only, and none is lost |
| I13 | a case's history is a legal path by named actors, and ends where the case stands |
| I14 | nothing written into the audit log or a history was changed, and no case was taken out |
| I15 | no number gets more automatic messages than the limits say; who is no person gets none |
| I16 | no more segments are spent than the limits say |
| I17 | no log holds what people said, their numbers, or a secret |
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from gateway.config import Config
from gateway.invariants import broadcasts, cases, inbound, limits, outbound, reports, secrecy
from gateway.invariants.evidence import Delivered, HandedOver, Reported, Violation, text_hash
from store import Tx

__all__ = ["Delivered", "HandedOver", "Reported", "Violation", "check", "leaks", "standing", "text_hash"]

leaks = secrecy.leaks


def standing(tx: Tx, now: datetime) -> list[Violation]:
    """Say what does not hold in the database alone. Reads only; the order is that of how bad it would be."""
    return [
        *cases.standing(tx, now),
        *inbound.standing(tx, now),
        *outbound.standing(tx, now),
        *broadcasts.standing(tx, now),
    ]


def check(  # noqa: PLR0913  the three logs, the database, and what they are judged by
    w: Sequence[Delivered],
    p: Sequence[HandedOver],
    d: Sequence[Reported],
    tx: Tx,
    *,
    config: Config,
    now: datetime,
    crashes: int = 0,
    concurrency: int | None = None,
    logs: Iterable[str] = (),
    secrets: Iterable[str] = (),
) -> list[Violation]:
    """Say what does not hold, once all that was due has been done. With no evidence it is ``standing``.

    ``crashes`` is how often the process died, ``concurrency`` how many hand-overs one process has under way (that of
    ``config``): so many messages may have gone twice. ``logs`` must hold none of ``secrets``, numbers or texts of P.
    """
    most = crashes * (config.outbox.concurrency if concurrency is None else concurrency)
    return [
        *standing(tx, now),
        *inbound.check(tx, w),
        *outbound.check(tx, p, config, now, doubles=most),
        *broadcasts.check(tx, p),
        *reports.check(tx, d, now),
        *limits.check(tx, p, config),
        *leaks(logs, [*secrets, *(one.recipient for one in p), *(one.text for one in p)]),
    ]
