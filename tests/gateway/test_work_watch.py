"""The watch: one SMS a problem, one a day while it stands, one when it is over; neutral, by a line that is well."""

import asyncio
import sqlite3
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from dialogs.messages import Consent, InboundMessage, MessageKind
from gateway import doctor
from gateway.care import Backups
from gateway.config import StoreConfig
from gateway.scheduler import TICKS
from gateway.work import watch
from gateway.work.watch import Kind
from store import accounts, chores, contacts, messages, migrate, open_store, remains, schema
from store import watch as store_watch

ON_CALL = "+59170000099"
DAY = timedelta(days=1)


@pytest.fixture
async def watched(world):
    """Somebody is on call; nothing is wrong; it is ten in the morning."""
    world.configure("watch", alert_to=ON_CALL, disk_below=0)
    await look(world)
    return world


async def look(world, after=timedelta(minutes=1)):
    world.clock.advance(after)
    return await world.store.transact(lambda tx: TICKS["watch"](tx, world.house, world.clock.now()))


async def told(world):
    """What was handed to the network for the person on call since this was last asked."""
    await world.drain()
    said = [body["text"] for body in world.network.sent if body["to"] == ON_CALL]
    world.network.sent.clear()
    return said


async def hear(world, channel="demo"):
    count = len(await world.rows("inbound"))
    said = InboundMessage(
        channel=channel, external_id=str(count), sender="x", recipient="4040", text="", received_at=world.clock.now()
    )
    await world.transact(messages.record, [(said, None)])


async def spend(world, left):
    credit = {"other": (Decimal(left), "BOB")}
    await world.transact(accounts.save_credits, credit, world.clock.now())


async def test_once_then_daily_then_over(watched):
    await spend(watched, 5)
    assert await look(watched) == 1
    [said] = await told(watched)
    assert "queda poco saldo en la linea other" in said
    assert [await look(watched, timedelta(hours=1)) for _ in range(3)] == [0, 0, 0]
    assert await look(watched, timedelta(hours=21)) == 1
    assert len(await told(watched)) == 1
    await spend(watched, 50)
    assert await look(watched) == 0
    assert await look(watched, watch.CALM) == 1
    [said] = await told(watched)
    assert "saldo otra vez en la linea other" in said
    assert await look(watched, DAY) == 0


async def test_it_is_an_alert_too_and_one_without_anybody_on_call(world):
    await look(world)
    await spend(world, 5)
    assert await look(world) == 0
    assert await world.alerts() == [("low_credit", "other")]
    assert await world.rows() == []


async def test_what_comes_back_at_once_was_not_over(watched):
    await spend(watched, 5)
    await look(watched)
    await told(watched)
    for _ in range(4):
        await spend(watched, 50)
        await look(watched, timedelta(minutes=20))
        await spend(watched, 5)
        await look(watched, timedelta(minutes=20))
    assert await told(watched) == []


async def test_by_night_it_waits_and_what_is_over_by_then_is_never_said(watched):
    watched.at(2026, 3, 3, 2, 0)
    await spend(watched, 5)
    assert await look(watched) == 1
    assert await told(watched) == []
    await spend(watched, 50)
    await look(watched)
    assert await look(watched, watch.CALM) == 0
    watched.at(2026, 3, 3, 8, 5)
    assert await told(watched) == []
    assert [row.state for row in await watched.rows()] == ["cancelled"]


async def test_of_several_processes_one_looks(watched):
    await spend(watched, 5)
    watched.clock.advance(minutes=1)
    now = watched.clock.now()
    done = [await watched.store.transact(lambda tx: watch.tick(tx, watched.house, now)) for _ in range(3)]
    assert done == [1, 0, 0]


async def weeks(world, days, channel="demo"):
    """A message a day at ten, looked at each time."""
    for day in range(days):
        world.at(2026, 3, 3 + day, 10, 0)
        await hear(world, channel)
        await look(world)


async def test_a_line_that_is_used_daily_falls_silent(watched):
    await weeks(watched, 6)
    assert await look(watched, timedelta(hours=5)) == 0
    assert await look(watched, timedelta(hours=1, minutes=15)) == 1
    [said] = await told(watched)
    assert "no llega ningun mensaje por la linea demo" in said
    await hear(watched)
    await look(watched)
    assert await look(watched, watch.CALM) == 1
    assert "vuelven a llegar mensajes" in (await told(watched))[0]


async def test_hours_of_the_night_do_not_count(watched):
    await weeks(watched, 6)
    watched.at(2026, 3, 8, 18, 0)
    await hear(watched)
    await look(watched)
    watched.at(2026, 3, 9, 11, 0)  # two hours before the night, three after
    assert await look(watched) == 0
    watched.at(2026, 3, 9, 12, 30)
    assert await look(watched) == 1


async def test_a_line_that_is_seldom_used_may_be_silent(watched):
    await weeks(watched, 4, "other")
    assert await look(watched, timedelta(hours=9)) == 0


async def test_it_is_said_on_a_line_that_is_well(watched):
    await weeks(watched, 6)
    await look(watched, timedelta(hours=7))
    [row] = await watched.rows()
    assert row.channel == "other"


async def test_a_message_that_should_have_gone(watched):
    person = await watched.person()
    await watched.queue(person, MessageKind.BROADCAST)
    await look(watched, timedelta(minutes=31))
    assert await watched.alerts() == []
    await watched.queue(person, MessageKind.NOTICE, channel="other")
    await look(watched, timedelta(minutes=31))
    assert await watched.alerts() == [("messages_late", "other")]


async def test_little_room_on_the_disk(watched):
    watched.configure("watch", disk_below=10**9)
    assert await look(watched) == 1


async def test_a_log_that_somebody_keeps_from_being_emptied(watched, tmp_path):
    """A real reader holds the real log of a real store; only the clock is not the wall's."""
    path = tmp_path / "held.db"
    migrate(f"sqlite:///{path}")
    watched.configure("watch", wal_above=1)
    config = replace(watched.config, store=StoreConfig(url=f"sqlite:///{path}"))
    watched.house = replace(watched.house, config=config)
    held = open_store(f"sqlite:///{path}")
    await held.start()
    reader = sqlite3.connect(path, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM codes").fetchone()
    for number in range(300):
        codes = [{"code": f"{number:05}{one:04}"} for one in range(100)]
        await held.transact(lambda tx, codes=codes: tx.execute(sa.insert(schema.codes), codes) and None)
    assert await look(watched) == 1
    assert await watched.alerts() == [("wal_grows", None)]
    assert "el registro de la base de datos crece" in (await told(watched))[0]
    reader.close()
    await asyncio.to_thread(remains.cut_log, path)
    assert [await look(watched), await look(watched, watch.CALM)] == [0, 1]
    assert "vuelve a vaciar su registro" in (await told(watched))[0]
    await held.close()


async def test_a_backup_that_is_old(watched):
    def kept(tx):
        now = watched.clock.now()
        chores.claim(tx, "backup", now, again=now, late=now + 2 * DAY)
        chores.done(tx, "backup", now, due=now + DAY, late=now + 2 * DAY)

    config = replace(watched.config, backups=Backups(folder="unused"))
    watched.house = replace(watched.house, config=config)
    await watched.transact(kept)
    assert await look(watched, DAY) == 0
    assert await look(watched, DAY) == 1
    assert "falta una copia de seguridad" in (await told(watched))[0]
    await watched.transact(kept)
    await look(watched)
    assert await look(watched, watch.CALM) == 1
    watched.house = replace(watched.house, config=replace(config, backups=None))
    await look(watched, 9 * DAY)
    assert await watched.store.read(lambda tx: chores.read(tx, "backup")) is None


async def test_on_postgresql_a_backup_that_nobody_tells_of_is_missed(watched):
    config = replace(watched.config, backups=Backups(), store=StoreConfig(url="postgresql://x@/barrio"))
    watched.house = replace(watched.house, config=config)
    assert await look(watched) == 0
    assert await look(watched, DAY) == 0
    assert await look(watched, DAY) == 1
    assert await watched.alerts() == [("backup_old", None)]


async def test_postgresql_cannot_archive_its_log(watched):
    if watched.store.dialect == "sqlite":
        assert await watched.store.read(store_watch.archiver_fails) is False
        return
    assert await watched.store.read(store_watch.archiver_fails) is False  # archives nothing

    async def archived(last, failed):
        def ask(tx):
            times = f"SELECT {last}::timestamptz AS last_archived_time, {failed}::timestamptz AS last_failed_time"
            tx.exec_driver_sql(f"CREATE TEMP VIEW pg_stat_archiver AS {times}")
            tx.exec_driver_sql("SET LOCAL search_path = pg_temp, public, pg_catalog")
            found = [
                store_watch.archiver_fails(tx),
                [one.where for one in doctor.examine(tx, watched.clock.now())],
                watch.tick(tx, watched.house, watched.clock.advance(minutes=1)),
            ]
            tx.exec_driver_sql("DROP VIEW pg_temp.pg_stat_archiver")
            return found

        return await watched.store.transact(ask)

    assert await archived("'2026-03-02 10:00Z'", "'2026-03-02 09:00Z'") == [False, [], 0]
    assert await archived("'2026-03-02 10:00Z'", "'2026-03-02 11:00Z'") == [True, ["backup"], 1]
    assert await archived("NULL", "'2026-03-02 11:00Z'") == [True, ["backup", "alert backup_old"], 0]


async def test_what_is_found_elsewhere(watched):
    async def note(*, stands):
        now = watched.clock.advance(minutes=31)
        return await watched.store.transact(lambda tx: watch.note(tx, watched.house, now, Kind.DOCTOR, stands=stands))

    assert [await note(stands=True), await note(stands=True)] == [1, 0]
    assert len(await told(watched)) == 1
    await look(watched, timedelta(hours=1))  # looks at other things
    assert [await note(stands=False), await note(stands=False)] == [0, 1]
    assert [row.template for row in await watched.rows()] == ["watch/doctor", "watch/over"]


async def test_who_wants_no_messages_gets_none(watched):
    await spend(watched, 5)
    await look(watched)
    await told(watched)
    person = await watched.store.read(lambda tx: contacts.by_msisdn(tx, ON_CALL))
    await watched.transact(contacts.consent, person.id, Consent.OUT, "demo", watched.clock.now())
    await look(watched, DAY)
    assert await told(watched) == []
    assert Counter(row.state for row in await watched.rows())["cancelled"] == 1
