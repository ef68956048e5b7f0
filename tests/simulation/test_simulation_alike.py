"""Once, thrice and shuffled, with twenty deaths, on either engine: what the house knows is the same."""

from dataclasses import replace

import pytest

from tests.logged import logged
from tests.simulation import alike, months
from tests.simulation.chance import Dice
from tests.simulation.knowledge import known

# Who dies lets go of nothing: on PostgreSQL a connection of the dead is found by the garbage collector.
pytestmark = [
    pytest.mark.filterwarnings("ignore:The garbage collector:sqlalchemy.exc.SAWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

WAYS = {"once": {}, "thrice": {"times": 3}, "killed": {"kills": 20}, "thrice and killed": {"times": 3, "kills": 20}}


@pytest.fixture(scope="module")
def config():
    with months.stage() as stage:
        yield stage.config


@pytest.fixture(autouse=True)
def _silence(clock, tmp_path):
    with (tmp_path / "log").open("w") as stream, logged(clock, stream):
        yield


async def lived(config, url, clock, **way):
    """The house after those days, and how often it died."""
    here = replace(config, store=config.store.model_copy(update={"url": url}))
    house = alike.House(config=here, clock=clock, dice=Dice(5), **way)
    await house.play(alike.traffic())
    return house


@pytest.fixture(scope="module")
def reference():
    """What is known after each delivery came once, on SQLite; made by the first test that asks."""
    return {}


@pytest.mark.parametrize("way", WAYS)
async def test_the_same_days_leave_the_same_knowledge(way, store, store_url, config, clock, reference):
    house = await lived(config, store_url, clock, **WAYS[way])
    assert house.died == WAYS[way].get("kills", 0)
    found = await store.read(known)
    assert sum(len(person["cases"]) for person in found["people"].values()) > 15
    expected = reference.setdefault("known", found)
    for number, person in expected["people"].items():
        for part, value in person.items():
            assert found["people"][number][part] == value, (number, part)
    assert found == expected
