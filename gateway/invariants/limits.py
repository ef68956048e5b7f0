"""I15, I16: nobody is flooded, nobody who is no person is written to, and no more is spent than was allowed."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime

from gateway.config import Config
from gateway.invariants.evidence import HandedOver, Violation
from gateway.invariants.outbound import follow
from gateway.outbound.brakes import WINDOW
from gateway.outbound.caps import Caps, country_of, prefix_of
from gateway.outbound.handover import LEASE
from store import Tx, evidence
from store.evidence import Sent

NOBODY = "a message went to what is no telephone of a person"
FLOODED = "one number got more messages in ten minutes than it may"
OVER_A_DAY = "one number got more messages in a day than it may"
PREFIX = "a number prefix got more messages in a day than it may"
CHANNEL = "a line spent more segments in a day than it may"
COUNTRY = "a country cost more segments in a day than it may"
CAMPAIGN = "a broadcast cost more segments in a day than it may"

#: We count when we decide, a provider when it hears: so much later at most.
LATER = LEASE


def check(tx: Tx, p: Sequence[HandedOver], config: Config) -> Iterator[Violation]:
    """Count what reached providers, by what ``config.limits`` says."""
    if not p:
        return
    caps = Caps.of(config)
    went = [(one, trail.row) for trail in follow(evidence.sent(tx), p)[0] for one in trail.taken]
    for one, row in went:
        if caps.refusal(one.recipient) is not None:
            yield Violation(invariant="I15", what=NOBODY, where=f"message {row.id}")
    yield from _flooded(went, caps)
    yield from _over_a_day(went, caps)


def _flooded(went: Sequence[tuple[HandedOver, Sent]], caps: Caps) -> Iterator[Violation]:
    most = caps.limits.contact_10_minutes
    times: dict[int, list[datetime]] = {}
    for one, row in went:
        times.setdefault(row.contact_id, []).append(one.at)
    for contact, had in times.items():
        had.sort()
        if any(after - before < WINDOW - LATER for before, after in zip(had, had[most:], strict=False)):
            yield Violation(invariant="I15", what=FLOODED, where=f"contact {contact}")


def _over_a_day(went: Sequence[tuple[HandedOver, Sent]], caps: Caps) -> Iterator[Violation]:
    limits = caps.limits
    spent: Counter[tuple[str, str, str, str, int]] = Counter()
    for one, row in went:
        day = caps.day(one.at)
        if day != caps.day(one.at - LATER):
            continue  # it may have been decided on the day before
        prefix = prefix_of(row.recipient)
        spent["I15", OVER_A_DAY, day, f"contact {row.contact_id}", limits.contact_day] += 1
        line = limits.channels.get(row.channel, limits.channel_segments)
        spent["I16", CHANNEL, day, row.channel, line] += row.segments
        spent["I16", COUNTRY, day, *_country(caps, prefix)] += row.segments
        if row.broadcast_id is None:
            spent["I15", PREFIX, day, f"prefix {prefix}", limits.prefix_day] += 1
        else:
            spent["I16", CAMPAIGN, day, f"broadcast {row.broadcast_id}", limits.campaign_segments] += row.segments
    for (invariant, what, day, where, most), count in spent.items():
        if count > most:
            yield Violation(invariant=invariant, what=what, where=f"{where}, {day}")


def _country(caps: Caps, prefix: str) -> tuple[str, int]:
    """Which cap a number belongs to: its country's, if it is one of ours, or that of all others together."""
    code = country_of(prefix)
    if caps.limits.countries or code in caps.home:
        return f"country {code}", caps.limits.country_segments
    return "country abroad", caps.limits.abroad_segments
