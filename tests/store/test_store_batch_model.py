"""Whatever is submitted in whatever order: each gets its own answer, once, and keys never meet in a batch."""

import asyncio
from collections import defaultdict

from hypothesis import given, settings
from hypothesis import strategies as st

from store import Batcher, Clash, StoreUnavailable
from store.engines.base import Store

ITEMS = st.lists(
    st.tuples(st.sampled_from("abc-"), st.sampled_from(["fine", "fine", "fine", "poison", "clash"]), st.integers(0, 3)),
    max_size=40,
)


class Yielding(Store):
    """Lets others run before each transaction, and rolls back ``kept`` when one fails. The only store here is a list."""

    def __init__(self, gone_at):
        self.kept, self.runs, self._gone_at = [], 0, gone_at

    async def transact(self, fn):
        self.runs += 1
        await asyncio.sleep(0)
        if self.runs == self._gone_at:
            raise StoreUnavailable("SQLITE_FULL")
        before = list(self.kept)
        try:
            return fn(self)
        except Exception:
            self.kept = before
            raise

    async def start(self): ...
    async def close(self): ...
    async def read(self, fn): ...
    def own(self): ...
    async def changed(self): ...


async def play(items, most, gone_at):
    store, batches = Yielding(gone_at), []

    def work(tx, batch):
        batches.append(list(batch))
        for item in batch:
            tx.kept.append(item)
            if item[1][1] == "poison":
                raise LookupError(item[0])
            if item[1][1] == "clash":
                raise Clash("codes")
        return [("answer", item) for item in batch]

    batcher = Batcher(store, work, most=most, key=lambda item: None if item[1][0] == "-" else item[1][0])

    async def submit(item):
        for _ in range(item[1][2]):
            await asyncio.sleep(0)
        return await batcher.submit(item)

    numbered = list(enumerate(items))
    answers = await asyncio.gather(*(submit(item) for item in numbered), return_exceptions=True)
    await batcher.close()
    return store, batches, list(zip(numbered, answers, strict=True))


@settings(max_examples=150, deadline=None)
@given(ITEMS, st.integers(1, 7), st.integers(0, 12))
def test_each_gets_its_own_answer_once(items, most, gone_at):
    store, batches, outcomes = asyncio.run(play(items, most, gone_at))
    answered = [item for item, answer in outcomes if not isinstance(answer, Exception)]
    assert sorted(store.kept) == sorted(answered)
    for item, answer in outcomes:
        kind = item[1][1]
        expected = {"fine": tuple, "poison": LookupError, "clash": Clash}[kind]
        assert isinstance(answer, (expected, StoreUnavailable))
        if isinstance(answer, tuple):
            assert answer == ("answer", item)
    for batch in batches:
        keys = [item[1][0] for item in batch if item[1][0] != "-"]
        assert len(keys) == len(set(keys))
        assert len(batch) <= most


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from("abc"), max_size=30), st.integers(1, 7))
def test_items_of_one_key_are_kept_in_the_order_they_came(keys, most):
    store, _, _ = asyncio.run(play([(key, "fine", 0) for key in keys], most, 0))
    by_key = defaultdict(list)
    for number, (key, *_) in store.kept:
        by_key[key].append(number)
    assert all(numbers == sorted(numbers) for numbers in by_key.values())


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 60), st.integers(1, 20))
def test_a_batch_is_as_large_as_what_waits(count, most):
    _, batches, _ = asyncio.run(play([("-", "fine", 0)] * count, most, 0))
    assert [len(batch) for batch in batches] == [most] * (count // most) + ([count % most] if count % most else [])
