from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from dialogs.messages import Consent
from store import contacts, schema
from store.contacts import Seen


def seen(n, clock, **more):
    return Seen(**{"msisdn": f"+5917000{n:04d}", "language": "es", "sms_channel": "demo", "at": clock.now()} | more)


async def test_strangers_become_contacts(store, clock):
    known = await store.transact(lambda tx: contacts.ensure(tx, [seen(2, clock), seen(1, clock, sms_channel=None)]))
    assert set(known) == {"+59170000001", "+59170000002"}
    second = known["+59170000002"]
    assert (second.language, second.sms_channel, second.place, second.opted_out_at) == ("es", "demo", None, None)
    assert second.created_at == second.last_seen_at == clock.now()
    assert known["+59170000001"].sms_channel is None


async def test_nobody_costs_nothing(store, statements):
    def nothing(tx):
        with statements(tx) as said:
            found = contacts.ensure(tx, []), contacts.by_ids(tx, [])
            contacts.lock(tx, [])
        return found, said

    assert await store.transact(nothing) == (({}, {}), [])


async def test_the_same_number_twice_in_a_batch_is_one_contact(store, clock):
    twice = [seen(1, clock, sms_channel="demo"), seen(1, clock, sms_channel="other"), seen(2, clock)]
    known = await store.transact(lambda tx: contacts.ensure(tx, twice))
    assert len(known) == 2
    assert known["+59170000001"].sms_channel == "other"
    again = await store.transact(lambda tx: contacts.ensure(tx, twice))
    assert again == known


async def test_a_contact_is_rewritten_only_when_something_moved(store, clock, people, statements):
    (first,) = await people(1)

    def again(tx, **more):
        with statements(tx) as said:
            known = contacts.ensure(tx, [seen(0, clock, **more)])
        return known[first.msisdn], [one.split()[0] for one in said]

    clock.advance(hours=23)
    assert await store.transact(again) == (first, ["SELECT"])
    contact, said = await store.transact(lambda tx: again(tx, sms_channel="other"))
    assert contact == replace(first, sms_channel="other", last_seen_at=clock.now())
    assert said[-1] == "UPDATE"
    clock.advance(days=1)
    contact, _ = await store.transact(lambda tx: again(tx, sms_channel=None))
    assert contact == replace(first, sms_channel="other", last_seen_at=clock.now())
    assert await store.read(lambda tx: contacts.by_msisdn(tx, first.msisdn)) == contact


async def test_time_that_went_back_does_not_take_last_seen_along(store, clock, people):
    (first,) = await people(1)
    clock.set(first.last_seen_at - timedelta(days=2))
    known = await store.transact(lambda tx: contacts.ensure(tx, [seen(0, clock, sms_channel="other")]))
    assert known[first.msisdn].last_seen_at == first.last_seen_at


@pytest.mark.parametrize("count", [1, 50])
async def test_a_batch_costs_the_same_whatever_its_size(store, clock, count, statements):
    def cost(tx, **more):
        with statements(tx) as said:
            contacts.ensure(tx, [seen(n, clock, **more) for n in range(count)])
        return [one.split()[0] for one in said]

    assert await store.transact(cost) == ["SELECT", "INSERT"]
    assert await store.transact(cost) == ["SELECT"]
    locks = ["SELECT"] if store.dialect == "postgresql" else []
    assert await store.transact(lambda tx: cost(tx, sms_channel="other")) == ["SELECT", *locks, "UPDATE"]


async def test_contacts_are_found_by_id_and_by_number(store, people):
    first, second = await people(2)
    assert await store.read(lambda tx: contacts.by_ids(tx, {first.id, second.id, 999})) == {
        first.id: first,
        second.id: second,
    }
    assert await store.read(lambda tx: contacts.by_msisdn(tx, second.msisdn)) == second
    assert await store.read(lambda tx: contacts.by_msisdn(tx, "+59170009999")) is None


async def test_language_and_place_are_kept_and_who_tells_a_place_was_seen_then(store, people, clock):
    first, second = await people(2)
    said = clock.now() + timedelta(seconds=1)

    def write(tx):
        contacts.set_language(tx, first.id, "en")
        contacts.set_places(tx, {first.id: "alto-tacagua"}, said)

    await store.transact(write)
    found = await store.read(lambda tx: contacts.by_ids(tx, [first.id, second.id]))
    assert found[first.id] == replace(first, language="en", place="alto-tacagua", last_seen_at=said)
    assert found[second.id] == second


async def test_many_places_are_one_statement(store, people, statements, clock):
    first, second, third = await people(3)

    def write(tx):
        with statements(tx) as said:
            contacts.set_places(tx, {second.id: "obrajes", first.id: "alto-tacagua"}, clock.now())
            contacts.set_places(tx, {}, clock.now())
        return len(said)

    assert await store.transact(write) == 1
    found = await store.read(lambda tx: contacts.by_ids(tx, [first.id, second.id, third.id]))
    assert [found[one.id].place for one in (first, second, third)] == ["alto-tacagua", "obrajes", None]


async def test_consent_is_kept_once_each_way(store, people, clock):
    (first,) = await people(1)
    left = clock.now()

    async def say(kind, source="demo"):
        changed = await store.transact(lambda tx: contacts.consent(tx, first.id, kind, source, clock.now()))
        found = await store.read(lambda tx: contacts.by_ids(tx, [first.id]))
        clock.advance(minutes=1)
        return changed, found[first.id].opted_out_at

    assert await say(Consent.IN) == (False, None)
    assert await say(Consent.OUT) == (True, left + timedelta(minutes=1))
    assert await say(Consent.OUT, "twilio") == (False, left + timedelta(minutes=1))
    assert await say(Consent.HELP) == (False, left + timedelta(minutes=1))
    assert await say(Consent.IN) == (True, None)
    history = await store.read(lambda tx: tx.execute(sa.select(schema.consents).order_by("id")).all())
    assert [(row.contact_id, row.kind, row.source) for row in history] == [
        (first.id, "out", "demo"),
        (first.id, "in", "demo"),
    ]
