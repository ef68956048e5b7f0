"""A running gateway as the world sees it: what it answers, what it says in its log, what it keeps."""

import asyncio
import io
import itertools
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from store import Store, schema
from tests.process.knocks import KEY, SECRET, TOKEN, Knock

#: A word in everything that people say here, and how every number of theirs begins. Neither is ever in a log.
WORD, NUMBERS = "zarzamora", "5917000"
NEVER_LOGGED = (WORD, NUMBERS, TOKEN, SECRET, KEY)
TABLES = ("inbound", "outbound", "quarantine", "parked_reports", "cases", "contacts")
CLOSE = b"Connection: close\r\n"
UNSENT = ("queued", "handing_over", "retry_at")

_people = itertools.count(1)


def person() -> str:
    """Somebody who has not written yet."""
    return f"+5917000{next(_people):04}"


@dataclass(slots=True)
class Outside:
    """One gateway for many tests, which therefore look only at what each of them added."""

    gateway: Any
    stub: Any
    store: Store
    heard: int = 0

    def lines(self) -> list[dict[str, Any]]:
        """What was logged since the last look: a JSON object a line, in none of them a person or a secret."""
        raw = self.gateway.log.read_text(encoding="utf-8")[self.heard :]
        self.heard += len(raw)
        assert not [one for one in NEVER_LOGGED if one in raw], raw
        return [json.loads(line) for line in raw.splitlines()]

    async def rows(self, table: str, *columns: str, **where: Any) -> list[tuple[Any, ...]]:
        """Columns of the rows of a table, oldest first."""
        found = schema.metadata.tables[table].c
        query = sa.select(*(found[name] for name in columns)).filter_by(**where).order_by(found.id)
        return await self.store.read(lambda tx: [tuple(row) for row in tx.execute(query)])

    async def counts(self) -> dict[str, int]:
        """How many rows each table has."""
        tables = [sa.select(sa.func.count()).select_from(schema.metadata.tables[name]) for name in TABLES]
        found = await self.store.read(lambda tx: [tx.execute(query).scalar_one() for query in tables])
        return dict(zip(TABLES, found, strict=True))

    async def knock(self, knock: Knock) -> tuple[int, str]:
        """Post it; say the status and the body."""
        client = self.gateway.session
        url = f"{self.gateway.address}{knock.path}"
        skip, body = ["Content-Type"], io.BytesIO(knock.body)
        async with client.post(url, data=body, headers=knock.headers, skip_auto_headers=skip) as answer:
            return answer.status, await answer.text()

    async def expect(self, knock: Knock, status: int, *said: str, **added: int) -> str:
        """Post it; it is answered so, these lines (``event reason``) are in the log, and so many rows are new."""
        self.lines()
        before = await self.counts()
        got, body = await self.knock(knock)
        lines = [" ".join(filter(None, (line["event"], line.get("reason")))) for line in self.lines()]
        after = await self.counts()
        new = {name: after[name] - before[name] for name in TABLES if after[name] != before[name]}
        assert (got, lines, new) == (status, list(said), added)
        return body

    async def refused(self, knock: Knock, status: int, reason: str) -> None:
        """It is refused in one line, and nothing of it is kept."""
        body = await self.expect(knock, status, f"webhook refused {reason}")
        assert body.startswith(f"{status} ")

    async def kept_unread(self, knock: Knock, status: int, reason: str) -> None:
        """It is answered so, said in one line, and kept byte for byte."""
        await self.expect(knock, status, f"webhook kept unread {reason}", quarantine=1)
        assert (await self.rows("quarantine", "channel", "raw"))[-1] == (knock.channel, knock.body)

    async def answered(self, sender: str) -> list[str]:
        """What the person has been told, in order."""
        return [text for (text,) in await self.rows("outbound", "text", recipient=sender)]

    async def sent(self) -> None:
        """Wait until everything that was to be said has been handed over."""

        async def idle() -> bool:
            states: Sequence[tuple[str]] = await self.rows("outbound", "state")
            return not [state for (state,) in states if state in UNSENT]

        await self.gateway.until(idle)

    async def raw(self, *sent: bytes, seconds: float = 5.0) -> bytes:
        """Write bytes to the socket; give what comes back until it is closed, or until an answer's head is whole.

        Ask for ``Connection: close`` to hear all answers of one connection.
        """
        host, _, port = self.gateway.address.removeprefix("http://").partition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        try:
            async with asyncio.timeout(seconds):
                writer.write(b"".join(sent))
                return await reader.read() if CLOSE in sent[-1] else await reader.readuntil(b"\r\n\r\n")
        finally:
            writer.close()
