import sqlalchemy as sa
from store import schema

async def test_transact_and_read(store):
    await store.transact(lambda tx: tx.execute(sa.insert(schema.codes), [{"code": "1"}, {"code": "2"}]))
    assert await store.read(lambda tx: tx.execute(sa.select(sa.func.count()).select_from(schema.codes)).scalar_one()) == 2
async def test_transact_and_read2(store):
    await store.transact(lambda tx: tx.execute(sa.insert(schema.codes), [{"code": "1"}, {"code": "2"}]))
