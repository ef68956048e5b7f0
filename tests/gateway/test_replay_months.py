"""A simulated month, with its crashes, faults and staff, replayed by the dialogs that lived it: not a word differs."""

import asyncio
from dataclasses import replace

import pytest

from gateway import app
from gateway.clock import SystemClock
from gateway.config import StoreConfig
from gateway.replay import story as stories
from gateway.replay.compare import compare
from gateway.replay.rerun import rerun
from store import open_store
from tests.conftest import START
from tests.simulation import months


@pytest.fixture(scope="module")
def stage():
    with months.stage() as made:
        yield made


@pytest.mark.parametrize("seed", [17])
def test_dialogs_that_did_not_change_say_the_same(stage, seed, tmp_path):
    played = months.play(stage, months.plan(seed), keep=tmp_path)
    assert played.crashes
    config = replace(stage.config, store=StoreConfig(url=f"sqlite:///{tmp_path / f'{seed}.db'}"))
    found = asyncio.run(_replayed(config))
    assert found.answers > 200
    assert found.unasked > 100
    assert (found.differences, found.refused, found.left_out) == ([], 0, 0)


async def _replayed(config):
    house, store = app.build(config, SystemClock()).house, open_store(config.store.url)
    await store.start()
    try:
        people, everybody = await store.read(lambda tx: stories.people(tx, START))
        story = await store.read(lambda tx: stories.read(tx, everybody))
    finally:
        await store.close()
    return compare(story, await rerun(house, story), people, START)
