from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given as supposing
from hypothesis import strategies as st

from store import schema
from store.columns import Given, Time, Words, given, microseconds, words

DIALECT = sa.create_engine("sqlite://").dialect
NAIVE, DAY = datetime.fromisoformat("2026-03-02T10:00"), timedelta(days=1)
ANY_TEXT = st.text(alphabet=st.characters(codec=None, categories=None), max_size=80)


@supposing(ANY_TEXT)
def test_any_text_becomes_storable_and_keeps_its_length(text):
    kept = words(text)
    assert kept.encode("utf-8").decode("utf-8") == kept
    assert "\x00" not in kept
    assert len(kept) == len(text)
    assert words(kept) == kept
    assert Words().bind_processor(DIALECT)(text) == kept


@supposing(ANY_TEXT, st.integers(18, 90))
def test_any_name_fits_and_is_known_again(text, length):
    kept = given(text, length)
    assert len(kept) <= length
    assert kept == given(text, length) == given(kept, length)
    assert Given(length).bind_processor(DIALECT)(text) == kept
    if len(text) <= length:
        assert kept == words(text)


@supposing(st.text(min_size=40, max_size=60), st.text(min_size=40, max_size=60))
def test_two_long_names_stay_two(one, other):
    assert (given(one, 32) == given(other, 32)) == (words(one) == words(other))


@supposing(st.datetimes(NAIVE - 100 * 365 * DAY, NAIVE + 100 * 365 * DAY, timezones=st.timezones()))
def test_any_time_comes_back(at):
    kept = Time().bind_processor(DIALECT)(at)
    assert kept == microseconds(at)
    back = Time().result_processor(DIALECT, None)(kept)
    assert back == at.astimezone(UTC)
    assert back.tzinfo is UTC


def test_times_sort_as_their_numbers():
    start = datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC)
    times = [start + timedelta(microseconds=n * 700_001) for n in range(5)]
    numbers = [microseconds(at) for at in times]
    assert numbers == sorted(numbers)
    assert numbers[0] < 0 < numbers[-1]


def test_what_is_absent_stays_absent():
    for column in (Time(), Words(), Given(20)):
        assert column.bind_processor(DIALECT)(None) is None
    assert Time().result_processor(DIALECT, None)(None) is None


def test_a_time_without_a_zone_has_no_number():
    for number in (microseconds, Time().bind_processor(DIALECT)):
        with pytest.raises(ValueError, match="without a zone"):
            number(NAIVE)


async def test_every_character_there_is_comes_back_from_the_store(store, clock):
    texts = ["".join(map(chr, range(start, start + 0x1000))) for start in range(0, 0x110000, 0x1000)]
    rows = [
        {
            "channel": "demo",
            "external_id": str(n),
            "sender": "x",
            "recipient": "y",
            "text": text,
            "session_event": "none",
            "received_at": clock.now(),
            "state": "new",
        }
        for n, text in enumerate(texts)
    ]
    await store.transact(lambda tx: tx.execute(sa.insert(schema.inbound), rows))
    kept = await store.read(lambda tx: tx.execute(sa.select(schema.inbound.c.text).order_by("id")).scalars().all())
    assert kept == [words(text) for text in texts]
