"""Several gateway processes, by role, on one PostgreSQL; and a look into it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa

from store import Store, open_store, schema
from tests.process.conftest import Gateway, Stub, running

COMPLAINT = "no hay luz en la cancha de Alto Tacagua"


def texts(number: int) -> tuple[str, str]:
    """The id and the sender of the text with this number: each from another telephone."""
    return f"SM{number:032x}", f"+5917000{number:04}"


@dataclass(slots=True)
class House:
    """Processes by role, on one PostgreSQL; and a look into it."""

    store: Store
    first: Gateway
    began: list[Gateway] = field(default_factory=list)

    async def begin(self, role: str, **variables: str) -> Gateway:
        """Start one more process."""
        first = self.first
        made = Gateway(config=first.config, environment={**first.environment, **variables}, session=first.session,
                       log=first.log, role=role)  # fmt: skip
        await made.start()
        self.began.append(made)
        return made

    async def rows(self) -> list[sa.Row]:
        """All that was ever to be sent, by id."""
        return await self.store.read(
            lambda tx: list(tx.execute(sa.select(schema.outbound).order_by(schema.outbound.c.id)))
        )

    async def all_are(self, *states: str) -> bool:
        """Whether nothing stands otherwise."""
        return {row.state for row in await self.rows()} <= set(states)

    async def let_time_go_by(self, column: str, seconds: int) -> None:
        """What waits for a time waits so much less: the minute that a test need not sit through."""
        moved = schema.outbound.c[column] - sa.cast(sa.literal(seconds * 1_000_000), sa.BigInteger)
        found = sa.update(schema.outbound).where(schema.outbound.c[column].is_not(None))
        await self.store.transact(
            lambda tx: (
                tx.execute(found.values({column: sa.type_coerce(moved, schema.outbound.c[column].type)})) and None
            )
        )


@asynccontextmanager
async def housed(stub: Stub, store_url: str, folder: Path) -> AsyncIterator[House]:
    """A process that only takes what comes in; the test begins the others."""
    store = open_store(store_url)
    await store.start()
    async with running(stub, store_url, folder, role="web") as first:
        made = House(store=store, first=first)
        yield made
        for one in made.began:
            if one.process is not None and one.process.returncode is None:
                await one.kill()
    await store.close()
