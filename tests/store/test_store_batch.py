import asyncio
from dataclasses import dataclass, field, replace

import pytest
import sqlalchemy as sa

from store import Batcher, Clash, StoreUnavailable, schema
from store.engines.base import Store


@dataclass
class Gate(Store):
    """A real store behind a gate, so that a test decides when a transaction may begin."""

    within: Store
    open: asyncio.Event = field(default_factory=asyncio.Event)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    async def transact(self, fn):
        self.arrived.set()
        await self.open.wait()
        return await self.within.transact(fn)

    async def start(self): ...
    async def close(self): ...
    async def read(self, fn): ...
    def own(self): ...
    async def changed(self): ...


@pytest.fixture
def gate(store):
    return Gate(within=store)


@pytest.fixture
def batches():
    """What each run of ``work`` was given."""
    return []


@pytest.fixture
def work(batches):
    """Keeps each item as a code; ``bad…`` raises, ``taken`` clashes, ``gone`` means that the disk is gone."""

    def keep(tx, items):
        batches.append(list(items))
        for item in items:
            tx.execute(sa.insert(schema.codes), {"code": item})
            if item.startswith("bad"):
                raise LookupError(item)
            if item == "gone":
                raise StoreUnavailable("SQLITE_FULL")
            if item == "taken" and len(batches) < 3:
                raise Clash("codes")
        return [f"{item}!" for item in items]

    return keep


def kept(tx):
    return sorted(tx.execute(sa.select(schema.codes.c.code)).scalars())


def send(batcher, *items):
    return [asyncio.create_task(batcher.submit(item)) for item in items]


async def behind(gate, batcher, *items):
    """Send the first item alone, and the others while its transaction is under way; then open the gate."""
    first = send(batcher, items[0])
    await gate.arrived.wait()
    tasks = first + send(batcher, *items[1:])
    await asyncio.sleep(0)  # each of them begins to wait
    assert batcher.waiting == len(items) - 1
    gate.open.set()
    return await asyncio.gather(*tasks, return_exceptions=True)


async def test_whoever_waits_goes_together_and_gets_their_own_answer(gate, store, work, batches):
    answers = await behind(gate, Batcher(gate, work), "a", "b", "c", "d")
    assert answers == ["a!", "b!", "c!", "d!"]
    assert batches == [["a"], ["b", "c", "d"]]
    assert await store.read(kept) == ["a", "b", "c", "d"]


async def test_those_who_come_in_one_turn_of_the_loop_go_together(store, work, batches):
    batcher = Batcher(store, work)
    assert await asyncio.gather(*send(batcher, "a", "b")) == ["a!", "b!"]
    assert await batcher.submit("c") == "c!"
    assert batches == [["a", "b"], ["c"]]


async def test_an_answer_comes_after_the_commit(gate, store, work):
    batcher = Batcher(gate, work)
    (task,) = send(batcher, "a")
    await gate.arrived.wait()
    assert not task.done()
    gate.open.set()
    await task
    assert await store.read(kept) == ["a"]


async def test_a_batch_has_its_most(gate, work, batches):
    await behind(gate, Batcher(gate, work, most=2), "a", "b", "c", "d", "e", "f")
    assert batches == [["a"], ["b", "c"], ["d", "e"], ["f"]]


async def test_one_key_is_in_a_batch_once_and_in_order(gate, work, batches):
    batcher = Batcher(gate, work, key=lambda item: item[0] if item[0] != "-" else None)
    answers = await behind(gate, batcher, "x", "a1", "-1", "a2", "b1", "-2", "a3", "b2")
    assert answers == ["x!", "a1!", "-1!", "a2!", "b1!", "-2!", "a3!", "b2!"]
    assert batches == [["x"], ["a1", "-1", "b1", "-2"], ["a2", "b2"], ["a3"]]


async def test_of_one_key_the_one_under_way_is_over_before_the_next_begins(gate, work, batches):
    await behind(gate, Batcher(gate, work, key=lambda item: item[0]), "a1", "a2", "b1", "a3")
    assert batches == [["a1"], ["a2", "b1"], ["a3"]]


async def test_a_full_batch_does_not_let_a_later_one_of_a_key_pass(gate, work, batches):
    batcher = Batcher(gate, work, most=2, key=lambda item: item[0])
    await behind(gate, batcher, "x", "a1", "a2", "b1", "a3", "c1")
    assert batches == [["x"], ["a1", "b1"], ["a2", "c1"], ["a3"]]


async def test_poison_alone_gets_its_exception(gate, store, work, batches):
    heard = []
    batcher = Batcher(gate, work, failed=lambda error, count: heard.append((type(error).__name__, count)))
    answers = await behind(gate, batcher, "x", "a", "bad", "b", "bad2")
    assert answers[:2] + answers[3:4] == ["x!", "a!", "b!"]
    assert [str(answers[n]) for n in (2, 4)] == ["bad", "bad2"]
    assert batches == [["x"], ["a", "bad", "b", "bad2"], ["a"], ["bad"], ["b"], ["bad2"]]
    assert heard == [("LookupError", 4), ("LookupError", 1), ("LookupError", 1)]
    assert await store.read(kept) == ["a", "b", "x"]


async def test_after_poison_the_next_batch_is_whole_again(gate, work, batches):
    batcher = Batcher(gate, work)
    await behind(gate, batcher, "x", "bad", "a")
    batches.clear()
    await asyncio.gather(*send(batcher, "b", "c"))
    assert batches == [["b", "c"]]


async def test_a_disk_that_is_gone_is_said_to_all_and_not_tried_again(gate, store, work, batches):
    heard = []
    batcher = Batcher(gate, work, failed=lambda error, count: heard.append((str(error), count)))
    answers = await behind(gate, batcher, "x", "a", "gone", "b")
    assert answers[0] == "x!"
    assert all(isinstance(answer, StoreUnavailable) for answer in answers[1:])
    assert batches == [["x"], ["a", "gone", "b"]]
    assert heard == [("SQLITE_FULL", 3)]
    assert await store.read(kept) == ["x"]
    assert await batcher.submit("c") == "c!"


async def test_a_disk_that_goes_while_items_run_one_by_one_is_said_to_the_rest(gate, work, batches):
    answers = await behind(gate, Batcher(gate, work), "x", "a", "bad", "gone", "b", "c")
    assert answers[:2] == ["x!", "a!"]
    assert [type(answer).__name__ for answer in answers[2:]] == ["LookupError", *["StoreUnavailable"] * 3]
    assert batches[-1] == ["gone"]


async def test_a_clash_runs_the_same_batch_again(gate, store, work, batches):
    answers = await behind(gate, Batcher(gate, work), "a", "taken", "b")
    assert answers == ["a!", "taken!", "b!"]
    assert batches == [["a"], ["taken", "b"], ["taken", "b"]]
    assert await store.read(kept) == ["a", "b", "taken"]


async def test_a_clash_that_stays_goes_to_whoever_causes_it(gate, batches):
    def clash(_tx, items):
        batches.append(list(items))
        if "taken" in items:
            raise Clash("codes")
        return items

    answers = await behind(gate, Batcher(gate, clash), "x", "taken", "a")
    assert (answers[0], answers[2]) == ("x", "a")
    assert isinstance(answers[1], Clash)
    assert batches == [["x"], *[["taken", "a"]] * 3, *[["taken"]] * 3, ["a"]]


async def test_too_few_results_are_a_mistake_found_before_the_commit(store, batches):
    def short(tx, items):
        batches.append(list(items))
        tx.execute(sa.insert(schema.codes), [{"code": item} for item in items])
        return items[1:]

    with pytest.raises(AssertionError, match="1 items gave 0 results"):
        await Batcher(store, short).submit("a")
    assert await store.read(kept) == []


async def test_whoever_leaves_before_their_batch_is_dropped(gate, store, work, batches):
    batcher = Batcher(gate, work)
    first = send(batcher, "a")
    await gate.arrived.wait()
    leaver, stayer = send(batcher, "b", "c")
    await asyncio.sleep(0)  # each of them begins to wait
    leaver.cancel()
    await asyncio.wait([leaver])
    gate.open.set()
    assert await asyncio.gather(*first, stayer) == ["a!", "c!"]
    assert batches == [["a"], ["c"]]
    assert await store.read(kept) == ["a", "c"]


@pytest.mark.parametrize("item", ["a", "bad", "gone"])
async def test_whoever_leaves_during_their_batch_hurts_nobody(gate, work, item):
    batcher = Batcher(gate, work)
    leaver, stayer = send(batcher, item, "b")
    await gate.arrived.wait()
    leaver.cancel()
    await asyncio.wait([leaver])
    gate.open.set()
    if item == "gone":
        with pytest.raises(StoreUnavailable):
            await stayer
    else:
        assert await stayer == "b!"
    assert await batcher.submit("c") == "c!"


async def test_closing_drains_and_takes_no_more(gate, store, work):
    batcher = Batcher(gate, work, most=1)
    tasks = send(batcher, "a", "b", "c")
    await gate.arrived.wait()
    closing = asyncio.create_task(batcher.close())
    await asyncio.sleep(0)
    with pytest.raises(StoreUnavailable, match="closing"):
        await batcher.submit("d")
    assert not closing.done()
    gate.open.set()
    await closing
    assert [task.result() for task in tasks] == ["a!", "b!", "c!"]
    assert await store.read(kept) == ["a", "b", "c"]


async def test_closing_an_idle_one_is_nothing(store, work):
    await Batcher(store, work).close()
    batcher = Batcher(store, work)
    await batcher.submit("a")
    await batcher.close()


async def test_when_the_loop_ends_nobody_waits_for_ever(gate, work):
    batcher = Batcher(gate, work)
    (under_way,) = send(batcher, "a")
    await gate.arrived.wait()
    (waiting,) = send(batcher, "b")
    await asyncio.sleep(0)  # each of them begins to wait
    batcher._runner.cancel()
    await asyncio.wait([under_way, waiting])
    assert under_way.cancelled()
    assert waiting.cancelled()


async def test_a_closed_store_answers_all_who_wait(store, work):
    batcher = Batcher(store, work)
    await store.close()
    with pytest.raises(StoreUnavailable, match="closed"):
        await batcher.submit("a")


async def test_whoever_waits_too_long_is_told_and_dropped_if_their_batch_had_not_begun(gate, store, work, batches):
    batcher = Batcher(gate, work, patience=0.02)
    first, second = send(batcher, "a", "b")
    await gate.arrived.wait()
    (behind_them,) = send(batcher, "c")
    for task in (first, second, behind_them):
        with pytest.raises(StoreUnavailable, match="not done in time"):
            await task
    assert batcher.waiting == 0
    batcher._patience = 60.0  # a slow machine must not decide about who comes now
    (later,) = send(batcher, "d")
    await asyncio.sleep(0)  # it begins to wait
    gate.open.set()
    assert await later == "d!"
    assert batches == [["a", "b"], ["d"]]
    assert await store.read(kept) == ["a", "b", "d"]  # what had begun stands


async def test_one_who_came_later_has_their_own_time(gate, work):
    batcher = Batcher(gate, work, patience=60.0)
    (first,) = send(batcher, "a")
    await gate.arrived.wait()
    (second,) = send(batcher, "b")
    await asyncio.sleep(0)  # it begins to wait
    early = batcher._running[0]
    batcher._running = [replace(early, since=early.since - 60.0)]
    batcher._lose_patience()
    with pytest.raises(StoreUnavailable):
        await first
    assert not second.done()
    gate.open.set()
    assert await second == "b!"
    await batcher.close()
