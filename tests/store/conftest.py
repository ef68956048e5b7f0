"""What store tests share: people, messages and cases made in one word, and a counter of statements."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from dialogs.cases import CaseKind
from dialogs.contacts import Contact
from dialogs.messages import InboundMessage
from store import Store, contacts, hot
from store.cases import NewCase
from store.contacts import Seen


def number(n: int) -> str:
    """The nth telephone number of the range for tests."""
    return f"+5917000{n:04d}"


@pytest.fixture
def people(store: Store, clock: Any) -> Callable[[int], Any]:
    """``await people(3)``: three contacts."""

    async def make(count: int) -> list[Contact]:
        seen = [Seen(msisdn=number(n), language="es", sms_channel="demo", at=clock.now()) for n in range(count)]
        known = await store.transact(lambda tx: contacts.ensure(tx, seen))
        return [known[one.msisdn] for one in seen]

    return make


@pytest.fixture
def message(clock: Any) -> Callable[..., InboundMessage]:
    """``message("id-1", "hay un poste caido")``: an inbound message, now."""

    def make(external_id: str = "id-1", text: str = "hay un poste caido", **more: Any) -> InboundMessage:
        given: dict[str, Any] = {
            "channel": "demo",
            "external_id": external_id,
            "sender": number(1),
            "recipient": "4040",
            "text": text,
            "received_at": clock.now(),
        }
        return InboundMessage(**given | more)

    return make


@pytest.fixture
def new_case(clock: Any) -> Callable[..., NewCase]:
    """``new_case(contact_id)``: a case to open, with a fresh code."""

    def make(contact_id: int | None = None, **more: Any) -> NewCase:
        now: datetime = clock.now()
        given: dict[str, Any] = {
            "code": clock.new_codes(1)[0],
            "contact_id": contact_id,
            "kind": CaseKind.GRIEVANCE,
            "category": "lighting",
            "description": "un poste caido",
            "unit": "Alumbrado",
            "channel": "demo",
            "opened_at": now,
            "due_at": now + timedelta(days=5),
            "actor": "resident",
        }
        return NewCase(**given | more)

    return make


class Overheard:
    """A driver's cursor that tells what it was used for: one use of a ``Hot`` is one statement, however many rows.

    What takes many rows counts, not what is asked around it.
    """

    def __init__(self, cursor: Any, said: list[tuple[str, Any]]) -> None:
        self._cursor, self._said, self._place = cursor, said, len(said)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cursor, name)

    def execute(self, text: str, given: Any) -> None:
        if len(self._said) == self._place:
            self._said.append((text, given))
        self._cursor.execute(text, given)

    def executemany(self, text: str, given: Any) -> None:
        self._said[self._place :] = [(text, given[0])]
        self._cursor.executemany(text, given)


@pytest.fixture
def overhear(monkeypatch: pytest.MonkeyPatch) -> Callable[[sa.Connection], Any]:
    """``with overhear(tx) as said:`` collects every statement that reaches the driver, with its first parameters."""

    @contextmanager
    def listen(tx: sa.Connection) -> Iterator[list[tuple[str, Any]]]:
        said: list[tuple[str, Any]] = []

        def hear(_connection: Any, _cursor: Any, statement: str, given: Any, _context: Any, many: bool) -> None:
            said.append((statement, given[0] if many else given))

        @contextmanager
        def cursor(of: sa.Connection) -> Iterator[Any]:
            with plain(of) as found:
                yield Overheard(found, said)

        plain = hot.Cursor
        sa.event.listen(tx, "before_cursor_execute", hear)
        with monkeypatch.context() as patched:
            patched.setattr(hot, "Cursor", cursor)
            yield said
        sa.event.remove(tx, "before_cursor_execute", hear)

    return listen


@pytest.fixture
def statements(overhear: Callable[[sa.Connection], Any]) -> Callable[[sa.Connection], Any]:
    """``with statements(tx) as said:`` collects the text of every statement that reaches the driver."""

    @contextmanager
    def listen(tx: sa.Connection) -> Iterator[list[str]]:
        texts: list[str] = []
        with overhear(tx) as said:
            yield texts
        texts += [text for text, _ in said]

    return listen
