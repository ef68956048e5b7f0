"""I1, I2, I4, I5: what came in is kept, once, in order, and acted on."""

import itertools
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from gateway.invariants.evidence import Delivered, Violation, text_hash
from store import Tx, evidence, invariants
from store.evidence import Heard
from store.messages import InboundState

#: How long a message may wait to be acted on, and a hand-over to end after its lease, before it counts as stuck.
PATIENCE = timedelta(seconds=60)

STUCK = "messages were received and not acted on"
LOST = "we acknowledged it, and it is not in the store"
UNTOUCHED = "we acknowledged it, and did not act on it"
TWICE = "it is in the store more than once"
SAID_TWICE = "it was answered with the same words more than once"
OPENED_TWICE = "more cases say this than messages told it"
OUT_OF_ORDER = "it was acted on before one that its sender wrote earlier"


def standing(tx: Tx, now: datetime) -> Iterator[Violation]:
    """Find what nobody acted on."""
    if stuck := invariants.stuck_inbound(tx, now - PATIENCE):
        yield Violation(invariant="I5", what=f"{stuck} {STUCK}", where="inbound")


def check(tx: Tx, w: Sequence[Delivered]) -> Iterator[Violation]:
    """Compare what was posted to us with what is kept and what came of it."""
    if not w:
        return
    rows = evidence.heard(tx)
    kept = {(row.channel, row.external_id): row for row in rows}
    yield from _kept(w, kept)
    times = Counter((row.channel, row.external_id) for row in rows)
    for (channel, external_id), count in times.items():
        if count > 1:
            yield Violation(invariant="I2", what=TWICE, where=_where(channel, external_id))
    for message_id, _ in evidence.said_twice(tx):
        yield Violation(invariant="I2", what=SAID_TWICE, where=f"inbound {message_id}")
    yield from _opened_twice(tx, w)
    yield from _order(w, kept)


def _kept(w: Sequence[Delivered], kept: Mapping[tuple[str, str], Heard]) -> Iterator[Violation]:
    for channel, external_id in sorted({(one.channel, one.external_id) for one in w if one.acknowledged}):
        row = kept.get((channel, external_id))
        if row is None:
            yield Violation(invariant="I1", what=LOST, where=_where(channel, external_id))
        elif row.state is InboundState.NEW:
            yield Violation(invariant="I1", what=UNTOUCHED, where=f"inbound {row.id}")


def _opened_twice(tx: Tx, w: Sequence[Delivered]) -> Iterator[Violation]:
    """Nobody's words become more cases than there were messages with these words, however often each was posted."""
    ids = {(one.channel, one.external_id, one.sender, one.text_hash) for one in w}
    told = Counter((sender, hashed) for _, _, sender, hashed in ids)
    # A case without words is one that somebody pressed a key for: whoever does so twice has two.
    cases = Counter((number, text_hash(words)) for number, _, words in evidence.told(tx) if words)
    for key, count in cases.items():
        if 0 < told[key] < count:
            yield Violation(invariant="I2", what=OPENED_TWICE, where=f"{count} cases")


def _order(w: Sequence[Delivered], kept: Mapping[tuple[str, str], Heard]) -> Iterator[Violation]:
    """Whoever posts a message after another of the same sender was acknowledged finds it acted on after that one."""
    first: dict[tuple[str, str], Delivered] = {}
    for one in sorted(w, key=lambda one: one.at):
        first.setdefault((one.channel, one.external_id), one)
    by_sender: dict[tuple[str, str], list[Delivered]] = {}
    for one in w:
        if one.acknowledged and one.answered_at is not None:
            by_sender.setdefault((one.channel, one.sender), []).append(one)
    for said in by_sender.values():
        said.sort(key=lambda one: one.answered_at or one.at)
        for before, after in itertools.pairwise(said):
            began = first[after.channel, after.external_id].at
            rows = kept.get((before.channel, before.external_id)), kept.get((after.channel, after.external_id))
            if before.answered_at is not None and before.answered_at < began and None not in rows:
                earlier, later = rows
                if earlier is not None and later is not None and earlier.id > later.id:
                    yield Violation(invariant="I4", what=OUT_OF_ORDER, where=f"inbound {later.id}")


def _where(channel: str, external_id: str) -> str:
    return f"{channel} {external_id}"
