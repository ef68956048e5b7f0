from store import alerts
from store.alerts import Alert


async def test_the_same_is_asked_once_until_somebody_looked(store, clock):
    at = clock.now()

    async def ask(reason, subject):
        return await store.transact(lambda tx: alerts.raise_alert(tx, reason, subject, clock.now()))

    assert [await ask("poison", None), await ask("poison", "7"), await ask("credit", "7")] == [True] * 3
    clock.advance(minutes=1)
    assert [await ask("poison", None), await ask("poison", "7")] == [False] * 2
    first, second, third = await store.read(alerts.open_alerts)
    assert first == Alert(id=first.id, reason="poison", subject=None, at=at)
    assert (second.subject, third.reason) == ("7", "credit")

    assert await store.transact(lambda tx: alerts.see(tx, first.id, "staff:ana"))
    assert not await store.transact(lambda tx: alerts.see(tx, first.id, "staff:eva"))
    assert await store.read(alerts.open_alerts) == [second, third]
    assert await ask("poison", None)
    assert (await store.read(alerts.open_alerts))[-1].at == clock.now()


async def test_many_are_raised_at_once_and_each_only_once(store, clock, statements):
    asked = [("emergency", "482105930"), ("confidential", "482105930"), ("emergency", "482105930"), ("emergency", None)]

    def work(tx):
        with statements(tx) as said:
            alerts.raise_each(tx, asked, clock.now())
            alerts.raise_each(tx, asked[:1], clock.now())
        return len(said), [(one.reason, one.subject) for one in alerts.open_alerts(tx)]

    count, standing = await store.transact(work)
    assert count == 2
    assert standing == [("emergency", "482105930"), ("confidential", "482105930"), ("emergency", None)]
