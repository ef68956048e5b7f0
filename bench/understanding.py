"""What it costs to understand one text: from somebody's words to the dialog that they belong to, and all they tell.

No socket and no store: the book decides what a text is, for somebody of whom nothing is known, in the time of the
processor. Every eleventh of the city's labelled texts is read, one after another, so that nothing is remembered of one
when it comes again; words stay remembered, as in a service that runs. The floor folds nothing and guesses nothing: it
looks each word up once.
"""

import argparse
import gc
import statistics
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from bench.playing import run
from bench.results import Result, Sample
from dialogs.book import BOOK
from dialogs.city import City
from dialogs.contacts import Contact
from dialogs.facts import Facts
from dialogs.messages import ChannelKind, SessionEvent
from gateway.config import HOME, load
from gateway.evaluation import rows

CASE = "one text"
OURS, FLOOR = "the book", "a look for each word"
#: Of the labelled texts each so many-th is read.
STEP = 11
_NOW = datetime(2026, 3, 2, 14, tzinfo=UTC)


def measure(asked: argparse.Namespace, result: Result) -> None:
    """Read all texts a few times, both ways in turn."""
    city = load(HOME / "config.yaml", {}).city
    texts = labelled()
    ways: dict[str, Callable[[str], object]] = {FLOOR: _looked_up(texts), OURS: _understood(city)}
    for way in ways.values():
        costs(way, texts)  # words are remembered by now
    gc.collect()
    gc.freeze()
    for number in range(1, asked.rounds + 1):
        for name, way in ways.items():
            values = figures(costs(way, texts))
            result.samples.append(Sample(case=CASE, server=name, round=number, values=values))
    result.against = [FLOOR]
    result.goals = {
        "understanding-mean": result.median(OURS, CASE, "cpu"),
        "understanding-p99": result.median(OURS, CASE, "cpu_p99"),
    }


def labelled() -> list[str]:
    """Texts of all kinds, as the city's folder keeps them: reports, questions, greetings, things that are no secret."""
    files = sorted((HOME / "city" / "texts").glob("*.jsonl"))
    return [row.text for file in files for row in rows.read(file)][::STEP]


def _understood(city: City) -> Callable[[str], object]:
    somebody = Contact(
        id=1, msisdn="", language=city.languages[0], created_at=_NOW, last_seen_at=_NOW, sms_channel=None
    )
    facts = Facts(now=_NOW, contact=somebody, channel_kind=ChannelKind.SMS, city=city, new_code="", session=None)
    return lambda text: BOOK.route(facts, text, SessionEvent.NONE)


def _looked_up(texts: Sequence[str]) -> Callable[[str], object]:
    known = dict.fromkeys((word for text in texts for word in text.lower().split()), 1)
    return lambda text: [known.get(word) for word in text.lower().split()]


def costs(way: Callable[[str], object], texts: Sequence[str]) -> list[float]:
    """The µs of the processor that each text takes."""
    found = []
    for text in texts:
        begun = time.thread_time_ns()
        way(text)
        found.append((time.thread_time_ns() - begun) / 1000)
    return found


def figures(found: Sequence[float]) -> dict[str, float]:
    """Mean and 99th percentile, and how many a core would do in a second."""
    mean = statistics.fmean(found)
    return {"cpu": mean, "cpu_p99": sorted(found)[int(len(found) * 0.99)], "rate": 1e6 / mean}


if __name__ == "__main__":
    run(__doc__ or "", "understanding", measure)
