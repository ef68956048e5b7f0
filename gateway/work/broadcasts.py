"""Broadcasts: one notice to a barrio or to everybody who wrote to us, seen by two people if many receive it.

Rule 1: what is approved is the text and the audience as they stand, by their hash. Changed, they are not sent.
Rule 2: each contact is reached once: the audience is walked by contact id, in chunks, and where the walk stands is
kept in the transaction that queues the chunk.
Rule 3: who may not be written to now is decided at hand-over, not here; here only who is not queued at all.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import structlog

from dialogs.effects import Say
from dialogs.messages import ChannelKind, MessageKind
from dialogs.outreach import Audience, Broadcast, BroadcastStatus, fingerprint
from gateway.channels import line_for
from gateway.effects import House
from gateway.outbound import segments
from store import Tx, alerts, audit, broadcasts, crash, outbox, replies
from store.broadcasts import Kept
from store.columns import words
from store.outbox import NewOutbound, State
from store.replies import Reply

log = structlog.get_logger(__name__)

#: Contacts queued in one transaction; inbound messages get in between.
CHUNK = 500
#: A longer text is a letter, and each part is paid for.
MOST_SEGMENTS = 6
ALERT_CHANGED = "broadcast_changed"

_TEMPLATE = "broadcast/notice"
#: What stands in the outbox and may still go.
_WAITING = (State.QUEUED, State.RETRY_AT, State.HANDING_OVER)
#: What a person is told of a broadcast that is queued whole and of which nothing is under way any more.
DONE = "done"


class NotSendable(Exception):
    """This broadcast cannot be made, approved or stopped. ``str()`` is one line for whoever asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a broadcast would come to. ``texts`` are what phones show, by language; ``cost`` is None without a price.

    ``segments`` is of the longest text; ``total_segments`` of all recipients, each in their language. Who came to us
    after ``last_contact`` is not among them.
    """

    texts: Mapping[str, str]
    recipients: int
    opted_out: int
    segments: int
    total_segments: int
    cost: Decimal | None
    currency: str
    needs_approval: bool
    last_contact: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a broadcast is. ``to_queue`` are not in the outbox yet; ``skipped`` have opted out since it was made."""

    status: BroadcastStatus
    recipients: int
    to_queue: int
    waiting: int
    accepted: int
    sent: int
    delivered: int
    failed: int
    cancelled: int
    expired: int
    in_doubt: int
    skipped: int

    @property
    def left(self) -> int:
        """Messages that are still to be handed over."""
        return self.to_queue + self.waiting

    @property
    def shown(self) -> str:
        """The status as people and programs read it: ``done`` once it is queued whole and each message is at an end.

        What the carrier has taken and not reported on is not at an end.
        """
        under_way = self.left + self.accepted + self.sent
        return DONE if self.status is BroadcastStatus.QUEUED and not under_way else str(self.status)


def preview(tx: Tx, house: House, texts: Mapping[str, str], audience: Audience) -> Preview:
    """Say whom a broadcast would reach, how long it is and what it costs. Raise ``NotSendable`` for a bad text."""
    said = _said(house, _checked(house, texts, audience))
    lengths = {language: segments.count(text) for language, text in said.items()}
    recipients = opted_out = total = last = 0
    for share in broadcasts.shares(tx, audience):
        last = max(last, share.last_contact)
        if share.opted_out:
            opted_out += share.count
        else:
            recipients += share.count
            total += share.count * lengths[_spoken(house, said, share.language)]
    price = house.config.broadcasts.price_per_segment
    return Preview(
        texts=said,
        recipients=recipients,
        opted_out=opted_out,
        segments=max(lengths.values()),
        total_segments=total,
        cost=None if price is None else price * total,
        currency=house.config.broadcasts.currency,
        needs_approval=recipients > house.config.broadcasts.approve_above,
        last_contact=last,
    )


def create(  # noqa: PLR0913  who says what to whom, and when
    tx: Tx,
    house: House,
    now: datetime,
    by: str,
    texts: Mapping[str, str],
    audience: Audience,
    *,
    due_at: datetime | None = None,
    seen: Preview | None = None,
) -> Broadcast:
    """Make a broadcast for those in the audience now. A small one begins at once, a large one waits for approval.

    ``seen`` is what a preview of the same texts and audience has just said: counting a million people takes a second,
    in which nobody else could write.
    """
    checked = _checked(house, texts, audience)
    found = seen or preview(tx, house, checked, audience)
    if not found.recipients:
        raise NotSendable("nobody would receive it")
    new = Broadcast(
        id=0,
        texts=checked,
        audience=audience,
        created_by=by,
        created_at=now,
        due_at=due_at or now,
        status=BroadcastStatus.WAITING_APPROVAL if found.needs_approval else BroadcastStatus.QUEUEING,
        recipients=found.recipients,
    )
    text_hash = fingerprint(checked, audience)
    broadcast_id = broadcasts.add(tx, new, text_hash=text_hash, last_contact=found.last_contact)
    above = house.config.broadcasts.approve_above
    data = {"recipients": found.recipients, "segments": found.total_segments, "approve_above": above}
    audit.append(tx, actor=by, act="broadcast.created", subject=str(broadcast_id), data=data, at=now)
    return _read(tx, broadcast_id).broadcast


def approve(tx: Tx, now: datetime, by: str, broadcast_id: int) -> Broadcast:
    """Let a broadcast that waits begin. Only somebody else than its author may."""
    kept = _read(tx, broadcast_id, lock=True)
    if kept.broadcast.status is not BroadcastStatus.WAITING_APPROVAL:
        raise NotSendable(f"broadcast {broadcast_id} does not wait for approval: it is {kept.broadcast.status}")
    if kept.broadcast.created_by == by:
        raise NotSendable("a second person must approve it")
    broadcasts.change(tx, broadcast_id, status=BroadcastStatus.QUEUEING, approved_by=by, approved_at=now)
    data = {"text_hash": kept.text_hash}
    audit.append(tx, actor=by, act="broadcast.approved", subject=str(broadcast_id), data=data, at=now)
    return _read(tx, broadcast_id).broadcast


def cancel(tx: Tx, now: datetime, by: str, broadcast_id: int) -> Broadcast:
    """Stop a broadcast: from this commit on nothing more of it is handed over. What was sent is sent.

    Raise ``NotSendable`` where nothing is left to stop.
    """
    kept = _read(tx, broadcast_id, lock=True)
    if kept.broadcast.status is not BroadcastStatus.CANCELLED:
        if kept.broadcast.status is BroadcastStatus.QUEUED and not outbox.any_left(tx, broadcast_id):
            raise NotSendable(f"nothing of broadcast {broadcast_id} is left to stop: all of it has been handed over")
        # The walk begins anew, this time taking out what waits (see ``expand``).
        broadcasts.change(tx, broadcast_id, status=BroadcastStatus.CANCELLED, cursor=0)
        audit.append(tx, actor=by, act="broadcast.cancelled", subject=str(broadcast_id), data={}, at=now)
    return _read(tx, broadcast_id).broadcast


def expand(tx: Tx, house: House, now: datetime) -> int:
    """Go one chunk on with one broadcast: queue it, or, cancelled, take it out; say how many contacts were walked."""
    kept = broadcasts.claim(tx, now)
    if kept is None:
        return 0
    if kept.broadcast.status is BroadcastStatus.CANCELLED:
        return _take_out(tx, kept, now)
    if kept.text_hash != fingerprint(kept.broadcast.texts, kept.broadcast.audience):
        log.error("broadcast_changed", broadcast=kept.broadcast.id)
        alerts.raise_alert(tx, ALERT_CHANGED, f"broadcast {kept.broadcast.id}", now)
        broadcasts.change(tx, kept.broadcast.id, status=BroadcastStatus.CANCELLED, cursor=0)
        return 1
    return _queue(tx, house, kept, now)


def progress(tx: Tx, broadcast_id: int) -> Progress:
    """Say how far a broadcast is."""
    kept = _read(tx, broadcast_id)
    status, recipients = kept.broadcast.status, kept.broadcast.recipients
    counts = outbox.counts(tx, broadcast_id)
    rest = max(recipients - sum(counts.values()), 0)
    queueing = status in {BroadcastStatus.WAITING_APPROVAL, BroadcastStatus.QUEUEING}
    stopped = rest if status is BroadcastStatus.CANCELLED else 0
    return Progress(
        status=status,
        recipients=recipients,
        to_queue=rest if queueing else 0,
        waiting=sum(counts.get(state, 0) for state in _WAITING),
        accepted=counts.get(State.ACCEPTED, 0),
        sent=counts.get(State.SENT, 0),
        delivered=counts.get(State.DELIVERED, 0),
        failed=counts.get(State.FAILED, 0),
        cancelled=counts.get(State.CANCELLED, 0) + stopped,
        expired=counts.get(State.EXPIRED, 0),
        in_doubt=counts.get(State.IN_DOUBT, 0),
        skipped=rest if status is BroadcastStatus.QUEUED else 0,
    )


def answers(tx: Tx, now: datetime, by: str, broadcast_id: int) -> list[Reply]:
    """Read what people answered; that somebody read it is kept, as with a case."""
    _read(tx, broadcast_id)
    audit.append(tx, actor=by, act="broadcast.replies_read", subject=str(broadcast_id), data={}, at=now)
    return replies.of(tx, broadcast_id)


def _queue(tx: Tx, house: House, kept: Kept, now: datetime) -> int:
    this = kept.broadcast
    said = _said(house, this.texts)
    lengths = {language: segments.count(text) for language, text in said.items()}
    members = broadcasts.members(tx, this.audience, after=kept.cursor, last=kept.last_contact, limit=CHUNK)
    rows = []
    for contact in members:
        language = _spoken(house, said, contact.language)
        row = NewOutbound(
            channel=line_for(contact, house.channels, house.config).id,
            contact_id=contact.id,
            recipient=contact.msisdn,
            text=said[language],
            kind=MessageKind.BROADCAST,
            template=_TEMPLATE,
            segments=lengths[language],
            broadcast_id=this.id,
            created_at=now,
            expires_at=now + house.config.outbox.expire_after,
        )
        rows.append(row)
    outbox.queue(tx, rows)
    crash.point("broadcast.queued")
    if len(members) < CHUNK:
        broadcasts.change(tx, this.id, status=BroadcastStatus.QUEUED, cursor=kept.last_contact)
    else:
        broadcasts.change(tx, this.id, cursor=members[-1].id)
    crash.point("broadcast.moved")
    return len(members)


def _take_out(tx: Tx, kept: Kept, now: datetime) -> int:
    done = outbox.cancel_for_broadcast(tx, kept.broadcast.id, after=kept.cursor, limit=CHUNK, now=now)
    crash.point("broadcast.taken_out")
    broadcasts.change(tx, kept.broadcast.id, cursor=kept.last_contact if len(done) < CHUNK else done[-1])
    return len(done)


def _read(tx: Tx, broadcast_id: int, *, lock: bool = False) -> Kept:
    kept = broadcasts.read(tx, broadcast_id, lock=lock)
    if kept is None:
        raise NotSendable(f"there is no broadcast {broadcast_id}")
    return kept


def _checked(house: House, texts: Mapping[str, str], audience: Audience) -> dict[str, str]:
    """Texts without stray spaces; raise ``NotSendable`` for what cannot be sent."""
    city = house.config.city
    if audience.place is not None and audience.place not in city.places:
        raise NotSendable("there is no such place")
    if unknown := sorted(texts.keys() - set(city.languages)):
        raise NotSendable(f"we do not speak {', '.join(unknown)}")
    checked = {language: words(text).strip() for language, text in sorted(texts.items())}
    if not checked or not all(checked.values()):
        raise NotSendable("it says nothing")
    longest = max(segments.count(text) for text in _said(house, checked).values())
    if longest > MOST_SEGMENTS:
        raise NotSendable(f"it takes {longest} segments, at most {MOST_SEGMENTS} are sent")
    return checked


def _said(house: House, texts: Mapping[str, str]) -> dict[str, str]:
    """What phones show: folded to the cheap alphabet, with how to get no more."""
    return {
        language: house.renderer.text(Say(template=_TEMPLATE, params={"text": text}), language, ChannelKind.SMS)
        for language, text in texts.items()
    }


def _spoken(house: House, texts: Mapping[str, str], language: str) -> str:
    """In which of the languages of a broadcast somebody reads it: theirs, else our first, else the one there is."""
    return next((one for one in (language, *house.config.city.languages) if one in texts), next(iter(texts)))
