"""Guessing codes: who texts codes that nobody has finds other people's cases no more, and staff are told.

A code is nine digits, so every ten-thousandth guess would find one of ten thousand cases (reliability, tracking code).

Rule 1: a *miss* is a code whose check digit is right and behind which this person may see nothing: nobody has it, or it
is another's and confidential. Both count alike, or the count would tell one from the other. A wrong check digit is a
slip of the thumb and costs nothing, and so does a code that is another's ordinary case: whoever has it was told it.
Rule 2: dialogs are not asked to keep quiet. From the limit on what they are given does not hold the cases of others,
so the answer is that for an unknown code, word for word. One's own cases are always found.
Rule 3: a number's misses count for 24 hours from the first; the one that reaches the limit closes others' cases to it
for 24 hours from then. A calendar's day would give six guesses around each midnight. All numbers' misses together count
by the city's day, as the caps on money do, and staff can say when it ends.
Rule 4: beyond a limit nothing is counted. There is nothing to be learnt there, and one angry phone shall not be able to
close the look-ups of a whole city.
Rule 5: counted is in the transaction of the message, so once a message; a text without a code, or with one's own, costs
no statement. Neither a number nor a code is kept, logged or told.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta, tzinfo

import structlog

from dialogs import neighbours
from dialogs.cases import Case
from dialogs.facts import Facts
from gateway.effects import House
from store import Tx, alerts, guesses
from store.guesses import EVERYBODY, Tally

log = structlog.get_logger(__name__)

#: The alerts that staff see: one number reached its limit; everybody together reached theirs.
ALERT_GUESSED = "codes_guessed"
ALERT_STOPPED = "lookups_stopped"

DAY = timedelta(days=1)
#: What would count for longer than this was written before the clock was set back.
_LONGEST = 2 * DAY
#: Rows forgotten in one transaction.
CHUNK = 5_000


def withhold(
    tx: Tx, house: House, now: datetime, facts: Sequence[Facts], typed: Sequence[Sequence[str]]
) -> list[Facts]:
    """Leave in each one's facts only the cases that they may see by the valid codes they typed; count the misses.

    At most one of the messages is a contact's, and their contacts are locked.
    """
    strange = {one.contact.id for one, codes in zip(facts, typed, strict=True) if _has_strange(one, codes)}
    if not strange:
        return list(facts)
    limits = house.config.limits
    stood = guesses.tallies(tx, strange)
    together = _counting(stood[EVERYBODY], now)
    missed: dict[int, int] = {}
    allowed: list[Facts] = []
    for one, codes in zip(facts, typed, strict=True):
        had = _counting(stood.get(one.contact.id), now)
        named, misses = look_up(one, codes, min(limits.guesses_day - had, limits.guesses_day_all - together))
        allowed.append(replace(one, named_cases=named))
        if misses:
            missed[one.contact.id] = had + misses
            together += misses
    _count(tx, house, now, stood, missed, together)
    return allowed


def look_up(facts: Facts, typed: Sequence[str], room: int) -> tuple[Mapping[str, Case], int]:
    """Which of these codes' cases this person may see, and how many misses that took of the ``room`` there is. Pure.

    Codes are looked at in the order they were typed: a text full of codes is so many guesses, not one.
    """
    asked = facts.session.answers.get(neighbours.CODE) if facts.session else None  # we named it, they did not
    seen = {code: case for code, case in facts.named_cases.items() if code == asked}
    misses = 0
    for code in typed:
        case = facts.named_cases.get(code)
        if case is not None and case.contact_id == facts.contact.id:
            seen[code] = case
        elif misses >= room:
            continue
        elif case is None or case.confidential:
            misses += 1
        else:
            seen[code] = case
    return seen, misses


def _count(
    tx: Tx, house: House, now: datetime, stood: Mapping[int, Tally], missed: Mapping[int, int], together: int
) -> None:
    """Keep who has missed how often, and how often all have; tell staff of a limit that was reached with it."""
    if not missed:
        return
    most, most_all = house.config.limits.guesses_day, house.config.limits.guesses_day_all
    until = _until(stood[EVERYBODY], now) or _tomorrow(now, house.config.service.timezone)
    changed = {who: _more(stood.get(who), misses, most, now) for who, misses in missed.items()}
    guesses.keep(tx, {**changed, EVERYBODY: Tally(misses=together, until=until)})
    guessers = sorted(who for who, misses in missed.items() if misses >= most)
    for who in guessers:
        log.warning(ALERT_GUESSED, contact=who)
    reached: list[tuple[str, str | None]] = [(ALERT_GUESSED, f"contact {who}") for who in guessers]
    if together >= most_all:  # it was less before: beyond a limit nothing is missed
        log.error(ALERT_STOPPED)
        reached.append((ALERT_STOPPED, None))
    alerts.raise_each(tx, reached, now)


def tick(tx: Tx, _house: House, now: datetime) -> int:
    """Forget what counts no longer."""
    return guesses.forget(tx, now, CHUNK)


def _has_strange(facts: Facts, typed: Sequence[str]) -> bool:
    cases = (facts.named_cases.get(code) for code in typed)
    return any(case is None or case.contact_id != facts.contact.id for case in cases)


def _until(tally: Tally | None, now: datetime) -> datetime | None:
    """Until when a tally counts; None if it does so no more."""
    return tally.until if tally is not None and now < tally.until <= now + _LONGEST else None


def _counting(tally: Tally | None, now: datetime) -> int:
    return tally.misses if tally is not None and _until(tally, now) else 0


def _more(tally: Tally | None, misses: int, most: int, now: datetime) -> Tally:
    """A number's misses now. The first begins its day, the one that reaches the limit begins the day without."""
    goes_on = _until(tally, now) if misses < most else None
    return Tally(misses=misses, until=goes_on or now + DAY)


def _tomorrow(now: datetime, zone: tzinfo) -> datetime:
    """When the city's next day begins."""
    date = now.astimezone(zone).date() + DAY
    return datetime.combine(date, time(), tzinfo=zone).astimezone(UTC)
