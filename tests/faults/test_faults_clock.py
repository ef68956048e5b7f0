"""The wall clock jumps under a running gateway (libfaketime); the monotonic one goes on, as in life. Nothing fires twice.

Also deliveries again, at once, shuffled, and a day late: a day passes in a second here.
"""

import asyncio
import random  # noqa: TID251  deliveries come in any order

import pytest

from tests.faults.people import Driver, becomes, verdict, who, world
from tests.faults.weather import FAKETIME, kept

pytestmark = pytest.mark.faults

HOUR, DAY = 3600, 86400


class Wall:
    """The clock on the gateway's wall, which everything of this test's gateway reads."""

    def __init__(self, folder):
        self.file = folder / "wall"
        self.set(0)
        assert FAKETIME.is_file(), "libfaketime is not installed (see .ci/run)"
        self.variables = {
            "LD_PRELOAD": str(FAKETIME),
            "FAKETIME_TIMESTAMP_FILE": str(self.file),
            "FAKETIME_NO_CACHE": "1",
            "DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }

    def set(self, offset):
        self.file.write_text(f"{offset:+d}\n")


async def told(gateway, stub, person, count):
    """Wait until somebody has been sent so many messages; their words."""

    async def so_many():
        return len(words(stub, person)) >= count

    await gateway.until(so_many)
    return words(stub, person)


def words(stub, person):
    return [one.form["Body"] for one in stub.seen if one.form.get("To") == person]


async def resolve(gateway, path, person):
    """Staff resolve the case of a number."""
    [code] = kept(path, f"cases JOIN contacts ON contacts.id = contact_id WHERE msisdn = '{person}'", "code")
    await gateway.command("case", "resolve", code, "--reply", "foco cambiado", "--as", "ana")


async def test_jumps_of_hours_and_a_day_fire_nothing_twice_and_lose_nothing(sqlite_url, tmp_path):
    path, wall = tmp_path / "barrio.db", Wall(tmp_path)
    async with world(tmp_path, sqlite_url, **wall.variables) as (gateway, stub):
        driver = Driver(gateway)
        first, second, third = (driver.new() for _ in range(3))
        await driver.text(first)
        await told(gateway, stub, who(first), 1)
        await resolve(gateway, path, who(first))
        await told(gateway, stub, who(first), 3)  # the receipt, the notice, the question
        for offset in (HOUR, -2 * HOUR, 0):
            wall.set(offset)
            assert (await driver.text())[0] == 200
            await becomes(gateway, 200, within=5)
        wall.set(DAY + HOUR)
        reminded = await told(gateway, stub, who(first), 4)
        await driver.text(second)
        await told(gateway, stub, who(second), 1)
        wall.set(0)
        await driver.text(third)
        await told(gateway, stub, who(third), 1)
        await resolve(gateway, path, who(third))
        await told(gateway, stub, who(third), 3)
        wall.set(-DAY)
        assert (await driver.text())[0] == 200
        wall.set(DAY + 2 * HOUR)
        await told(gateway, stub, who(third), 4)
        await asyncio.sleep(3)  # whatever would fire once more would do so within a beat
        assert words(stub, who(first)) == reminded
        assert len(words(stub, who(third))) == 4
        assert "clock_jumped" in gateway.log.read_text()
        assert await becomes(gateway, 200, within=5) < 5
        states = kept(path, "followups", "kind || ' ' || status")
        print(f"{len(stub.seen)} messages in seven jumps; follow-ups: {states}")
        assert set(kept(path)) == driver.acknowledged
        assert await gateway.stop() == 0


async def test_a_jump_in_the_middle_of_a_hand_over_does_not_send_it_twice(sqlite_url, tmp_path):
    wall = Wall(tmp_path)
    async with world(tmp_path, sqlite_url, **wall.variables) as (gateway, stub):
        driver = Driver(gateway)

        async def slow(_request, _seen):
            wall.set(DAY)  # its lease is over by a day, and it is still being sent
            await asyncio.sleep(4)

        stub.mood = slow
        await driver.until(200)

        async def accepted():
            return kept(tmp_path / "barrio.db", "outbound", "state") == ["accepted"]

        await gateway.until(accepted)
        wall.set(2 * DAY)
        await asyncio.sleep(3)
        assert len(stub.seen) == 1
        assert await gateway.stop() == 0


@pytest.mark.parametrize("seed", [1, 2])
async def test_deliveries_again_at_once_shuffled_and_a_day_late_act_once(store_url, tmp_path, seed):
    dice, wall = random.Random(seed), Wall(tmp_path)  # noqa: S311  not a secret
    async with world(tmp_path, store_url, **wall.variables) as (gateway, stub):
        driver = Driver(gateway)
        sids = [driver.new() for _ in range(30)]
        deliveries = [sid for sid in sids for _ in range(dice.randint(1, 5))]
        dice.shuffle(deliveries)
        for start in range(0, len(deliveries), 12):
            await asyncio.gather(*(driver.text(sid) for sid in deliveries[start : start + 12]))
        for sid in sids[:10]:
            await asyncio.gather(*(driver.text(sid) for _ in range(3)))
        await stub.wait_for(30)
        wall.set(25 * HOUR)
        for sid in dice.sample(sids, 30):
            assert (await driver.text(sid))[0] == 200
        cases = await gateway.command("case", "list")
        print(f"seed {seed}: {len(driver.w)} deliveries of 30 messages: {len(cases)} cases, {len(stub.seen)} replies")
        assert (len(cases), len(stub.seen)) == (30, 30)
        assert {one.status for one in driver.w} == {200}
        wall.set(0)
        assert await verdict(driver, stub, store_url) == []
        assert await gateway.stop() == 0
