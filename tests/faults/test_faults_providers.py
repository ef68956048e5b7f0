"""Providers that refuse, fail, lie, dawdle and hang up: what follows is that of the table, and no other line notices."""

import asyncio
import contextlib
import json
import random  # noqa: TID251  a provider has moods of its own
import socket
from time import monotonic  # noqa: TID251  the world outside has clocks of its own

import pytest
import sqlalchemy as sa
from aiohttp import web

from dialogs.messages import DeliveryStatus
from store import open_store, schema
from tests.faults.moody import moody, now
from tests.faults.people import Driver, verdict, who, world
from tests.faults.weather import kept, memory
from tests.process.conftest import running

pytestmark = pytest.mark.faults


async def server_error(_request, seen):
    seen.taken = False
    return web.Response(status=500, text="<h1>Internal Server Error</h1>")


async def unavailable(_request, seen):
    seen.taken = False
    return web.Response(status=503)


async def busy(_request, seen):
    seen.taken = False
    return web.Response(status=429, headers={"Retry-After": "30"}, text='{"code": 20429}')


async def page(_request, _seen):
    return web.Response(text="<html>Thank you!</html>", content_type="text/html")


async def half(_request, _seen):
    return web.Response(status=201, body=b'{"sid": "SM0000', content_type="application/json")


async def huge(_request, _seen):
    return web.Response(status=201, body=b'{"body": "' + b"a" * 10_000_000 + b'"}', content_type="application/json")


async def foreign(_request, _seen):
    said = '{"sid": "SM\xf1"}'.encode("utf-16")
    return web.Response(status=201, body=said, headers={"Content-Type": "application/json; charset=x-unknown"})


async def hang_up(request, _seen):
    request.transport.abort()
    return web.Response()


async def dawdle(request, _seen):
    """One byte a second."""
    answer = web.StreamResponse(status=201)
    await answer.prepare(request)
    with contextlib.suppress(ConnectionError):
        for byte in b'{"sid": "SM' + b"0" * 60:
            await answer.write(bytes([byte]))
            await asyncio.sleep(1)
    return answer


async def say_nothing(_request, _seen):
    await asyncio.sleep(60)
    return web.Response()


#: Each mood, how the message stands after it, and the seconds after which the next attempt may come at the earliest.
MOODS = {
    server_error: ("in_doubt", 60),
    unavailable: ("retry_at", 10),
    page: ("in_doubt", 60),
    half: ("in_doubt", 60),
    huge: ("in_doubt", 60),
    foreign: ("in_doubt", 60),
    hang_up: ("in_doubt", 60),
    dawdle: ("in_doubt", 60),
    say_nothing: ("in_doubt", 60),
    busy: ("retry_at", 30),
}
#: Those end after thirty seconds, or let the whole line rest for as long.
SLOW = {dawdle, say_nothing, busy}


async def rows(url, *columns):
    """Columns of the outbox by recipient, as another process reads them."""
    store = open_store(url)
    await store.start()
    try:
        query = sa.select(schema.outbound.c.recipient, *(schema.outbound.c[name] for name in columns))
        found = await store.read(lambda tx: [tuple(row) for row in tx.execute(query)])
        return {recipient: rest for recipient, *rest in found}
    finally:
        await store.close()


async def stands(url, recipient, state):
    return (await rows(url, "state")).get(recipient) == [state]


@pytest.mark.long
@pytest.mark.timeout(300)
async def test_every_mood_has_its_consequence_and_each_message_goes(sqlite_url, tmp_path):
    async with world(tmp_path, sqlite_url) as (gateway, stub):
        driver, moods, before = Driver(gateway), {}, memory(gateway.process.pid)

        async def mood(request, seen):
            first = sum(one.form == seen.form for one in stub.seen) == 1
            told = moods.get(seen.form.get("To", ""))
            return await told(request, seen) if first and told else None

        stub.mood = mood
        for one in MOODS:
            sid = driver.new()
            moods[who(sid)] = one
            assert (await driver.text(sid))[0] == 200
            if one not in SLOW:
                await gateway.until(lambda sid=sid, one=one: stands(sqlite_url, who(sid), MOODS[one][0]))
            await driver.until(200)  # one that goes well, so that the line does not rest
            await driver.text(channel="africastalking")
        assert memory(gateway.process.pid) - before < 20
        slow = [person for person, one in moods.items() if one in {dawdle, say_nothing}]
        async with asyncio.timeout(40):
            for person in slow:
                while not await stands(sqlite_url, person, "in_doubt"):  # noqa: ASYNC110  another process's doing
                    await asyncio.sleep(0.5)
        async with asyncio.timeout(150):
            while any(state != ["accepted"] for state in (await rows(sqlite_url, "state")).values()):  # noqa: ASYNC110
                await asyncio.sleep(1)
        for person, one in moods.items():
            first, second = [seen.at for seen in stub.seen if seen.form.get("To") == person]
            waited = (second - first).total_seconds()
            print(f"{one.__name__}: {MOODS[one][0]}, again after {waited:.0f} s")
            assert MOODS[one][1] <= waited < MOODS[one][1] * 1.25 + 65
        assert await verdict(driver, stub, sqlite_url) == []
        assert await gateway.stop() == 0


async def test_a_redirect_is_not_followed_and_holds_the_line(sqlite_url, tmp_path):
    async with world(tmp_path, sqlite_url) as (gateway, stub):
        driver, followed = Driver(gateway), []

        async def astray(request, seen):
            if seen.provider != "twilio":
                return
            seen.taken = False
            followed.append(str(request.rel_url))
            raise web.HTTPTemporaryRedirect(f"http://169.254.169.254/latest/?back={stub.api}")

        stub.mood = astray
        for _ in range(3):
            await driver.until(200)
        await driver.text(channel="africastalking")
        await gateway.until(lambda: stands(sqlite_url, who("SM1"), "retry_at"))
        await gateway.until(lambda: stands(sqlite_url, who("SM4"), "accepted"))
        alerts = kept(tmp_path / "barrio.db", "alerts", "reason")
        print(f"{len(followed)} requests to the provider, none elsewhere; alerts: {alerts}")
        assert len(followed) <= 3
        assert all(one.endswith("Messages.json") for one in followed)
        assert "channel_held" in alerts
        assert await gateway.stop() == 0


async def test_a_line_that_hangs_leaves_the_others_their_turn(sqlite_url, tmp_path):
    """Four hand-overs may be under way in this config, and ten people wait for a line that says nothing."""
    async with world(tmp_path, sqlite_url) as (gateway, stub):
        driver = Driver(gateway)

        async def mute(request, seen):
            return await say_nothing(request, seen) if seen.provider == "africastalking" else None

        stub.mood = mute
        for _ in range(10):
            await driver.text(channel="africastalking")
        began = monotonic()
        sid = driver.new()
        assert (await driver.text(sid))[0] == 200
        await gateway.until(lambda: went(stub, who(sid)))
        print(f"the other line's reply went after {monotonic() - began:.2f} s")
        assert monotonic() - began < 5


async def test_reports_before_the_answer_twice_reversed_and_of_nobody(sqlite_url, tmp_path):
    async with world(tmp_path, sqlite_url) as (gateway, stub):
        driver = Driver(gateway)

        async def early(_request, seen):
            """Twilio's report overtakes its own answer; it names the message as Twilio does, which we do not know yet."""
            seen.external_id = f"SM{len(stub.seen):032x}"
            for status in (DeliveryStatus.DELIVERED, DeliveryStatus.SENT, DeliveryStatus.DELIVERED):
                assert await driver.report(seen, status, named=False) == 204
            await asyncio.sleep(1)
            seen.answered = True
            return web.json_response({"sid": seen.external_id, "status": "queued"}, status=201)

        stub.mood = early
        for _ in range(3):
            await driver.until(200)
        for number in (1, 2, 3):
            await gateway.until(lambda number=number: stands(sqlite_url, who(f"SM{number}"), "delivered"))
        stub.mood = None
        await driver.until(200)
        await gateway.until(lambda: stands(sqlite_url, who("SM4"), "accepted"))
        for status in (DeliveryStatus.DELIVERED, DeliveryStatus.FAILED, DeliveryStatus.SENT, DeliveryStatus.DELIVERED):
            assert await driver.report(stub.seen[3], status) == 204
        await gateway.until(lambda: stands(sqlite_url, who("SM4"), "delivered"))
        nobody = type(stub.seen[0])(at=now(), provider="twilio", form={**stub.seen[0].form, "StatusCallback": "x"})
        assert await driver.report(nobody, DeliveryStatus.DELIVERED, named=False) == 204
        assert len(kept(tmp_path / "barrio.db", "parked_reports", "id")) == 1
        assert await verdict(driver, stub, sqlite_url) == []
        assert await gateway.stop() == 0


async def test_whom_the_provider_blocks_is_opted_out_and_not_written_to_again(sqlite_url, tmp_path):
    path = tmp_path / "barrio.db"
    async with world(tmp_path, sqlite_url) as (gateway, stub):
        driver = Driver(gateway)
        await driver.until(200)
        await stub.wait_for(1)

        async def blocked(_request, seen):
            seen.taken = False
            said = {"code": 21610, "message": "Attempt to send to unsubscribed recipient", "status": 400}
            return web.json_response(said, status=400)

        stub.mood = blocked
        [case] = await gateway.command("case", "list")
        await gateway.command("case", "resolve", case["code"], "--reply", "foco cambiado", "--as", "ana")
        await stub.wait_for(2)
        await gateway.until(lambda: _unasked(path))
        await asyncio.sleep(12)  # longer than the first wait before a second attempt
        print(f"{len(stub.seen)} messages reached the provider; consents {kept(path, 'consents', 'kind')}")
        assert len(stub.seen) == 2
        assert kept(path, "consents", "kind") == ["out"]
        assert set(kept(path, "outbound", "state")) <= {"accepted", "failed", "cancelled"}
        assert await verdict(driver, stub, sqlite_url) == []
        assert await gateway.stop() == 0


async def _unasked(path):
    """The question is cancelled; what closes the case for silence still waits."""
    return kept(path, "followups", "kind || ' ' || status") == ["close waiting", "confirm cancelled"]


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_lines_stop_one_by_one_and_are_released_in_another_order(sqlite_url, tmp_path, seed):
    dice, channels = random.Random(seed), ["twilio", "africastalking", "phone"]  # noqa: S311  not a secret
    async with world(tmp_path, sqlite_url) as (gateway, stub):
        driver, stopped, last = Driver(gateway), set(), {}

        async def clogged(_request, seen):
            if seen.provider.replace("smsgate", "phone") in stopped:
                return await busy_for_a_second(seen)
            return None

        stub.mood = clogged
        for act in dice.sample(channels, 3) + dice.sample(channels, 3):
            stopped ^= {act}
            for _ in range(4):
                for channel in channels:
                    assert (await driver.text(channel=channel))[0] == 200
            for channel in set(channels) - stopped:
                last[channel] = driver.w[-3 + channels.index(channel)].sender
                await gateway.until(lambda channel=channel: went(stub, last[channel]))
        assert stopped == set()
        began = monotonic()
        assert await verdict(driver, stub, sqlite_url) == []
        print(f"seed {seed}: {driver.sent} messages, drained {monotonic() - began:.1f} s after the last release")
        assert len({one.evidence().recipient for one in stub.seen if one.taken}) == driver.sent
        assert await gateway.stop() == 0


async def busy_for_a_second(seen):
    seen.taken = False
    return web.Response(status=429, headers={"Retry-After": "1"}, text=json.dumps({"code": 20429}))


async def went(stub, recipient):
    return any(one.taken and one.evidence().recipient == recipient for one in stub.seen)


async def test_a_name_that_cannot_be_looked_up_waits_and_stops_nobody(sqlite_url, tmp_path):
    """The provider has a name; the gateway sees a hosts file that lacks it and a name server that never answers."""
    hosts, resolv = tmp_path / "hosts", tmp_path / "resolv.conf"
    hosts.write_text("127.0.0.1 localhost\n")
    resolv.write_text("nameserver 127.0.0.9\noptions timeout:2 attempts:1\n")
    hidden = 'mount --bind $0/hosts /etc/hosts && mount --bind $0/resolv.conf /etc/resolv.conf && exec "$@"'
    async with silent_name_server(), moody() as stub:
        stub.api = stub.api.replace("127.0.0.1", "provider.example")
        under = ("unshare", "-m", "sh", "-c", hidden, str(tmp_path))
        async with running(stub, sqlite_url, tmp_path, under=under) as gateway:
            driver, waits = Driver(gateway), []
            for _ in range(40):
                status, took = await driver.text()
                assert status == 200
                waits.append(took)
                await asyncio.sleep(0.1)
            states = set(kept(tmp_path / "barrio.db", "outbound", "state"))
            assert states <= {"queued", "handing_over", "retry_at"}
            slow = sorted(waits)[int(len(waits) * 0.95)]
            print(f"40 texts meanwhile, 95 % under {slow * 1000:.0f} ms; replies {states}")
            assert slow < 0.5
            hosts.write_text("127.0.0.1 localhost provider.example\n")
            async with asyncio.timeout(100):
                while set(kept(tmp_path / "barrio.db", "outbound", "state")) != {"accepted"}:  # noqa: ASYNC110
                    await asyncio.sleep(1)
            assert len(stub.seen) == 40
            assert await verdict(driver, stub, sqlite_url) == []
            assert await gateway.stop() == 0


@contextlib.asynccontextmanager
async def silent_name_server():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as deaf:
        deaf.bind(("127.0.0.9", 53))
        yield
