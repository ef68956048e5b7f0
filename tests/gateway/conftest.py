"""A gateway without its doors: a store, a clock, lines of three kinds, and a network that does what a test says."""

import json
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import structlog

from dialogs.cases import Case, CaseKind, CaseStatus
from dialogs.contacts import Contact
from dialogs.effects import Effect
from dialogs.messages import ChannelKind, Consent, MessageKind
from gateway import channels as lines
from gateway.channels import Channel
from gateway.config import WORDS, Config, load
from gateway.effects import RESIDENT, Asked, House, Performed, perform
from gateway.outbound.outbox import Outbox
from gateway.outbound.render import Renderer
from gateway.work import followups
from providers.base import Request, Response
from store import Store, cases, contacts, outbox
from store.outbox import NewOutbound
from store.schema import metadata

CONFIG = """\
service: {name: Barrio Digital, country: BO, timezone: America/La_Paz, languages: [es, en], public_url: "http://localhost:8080"}
store: {url: "sqlite:///unused.db"}
channels:
  demo: {provider: simulator, kind: sms, address: "4040"}
  other: {provider: simulator, kind: sms, address: "5050"}
  phone: {provider: smsgate, kind: sms, address: "+59170009999", username: u, password: "${P}", signing_key: "${K}", api: "http://127.0.0.1:9"}
  keys: {provider: simulator, kind: ussd, address: "*384*40#", speaks_through: demo}
quiet_hours: {from: "20:00", to: "08:00"}
followups: {confirm_after: 3d, remind_after: 3d, close_after: 14d}
broadcasts: {approve_above: 200, price_per_segment: "0.28"}
outbox: {concurrency: 8, max_attempts: 3, expire_after: 24h}
"""

Answer = Response | Exception | Callable[[], Awaitable[Response]]


@dataclass(slots=True)
class Network:
    """Takes messages and gives each an id, unless ``script`` says what happens to the next ones."""

    sent: list[dict[str, Any]] = field(default_factory=list)
    script: deque[Answer] = field(default_factory=deque)

    async def __call__(self, request: Request) -> Response:
        body = json.loads(request.body)
        self.sent.append(body)
        answer = self.script.popleft() if self.script else self.taken(f"P{len(self.sent)}")
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, Response) else await answer()

    @staticmethod
    def taken(external_id: str) -> Response:
        return Response(status=202, body=json.dumps({"id": external_id}).encode())

    @property
    def ids(self) -> list[int]:
        """Our ids of what was handed over, in order."""
        return [int(body["id"]) for body in self.sent]


@dataclass(slots=True, kw_only=True)
class World:
    """What a test of the gateway's inside needs, and short ways to say what it means."""

    store: Store
    clock: Any
    config: Config
    channels: Mapping[str, Channel]
    network: Network
    house: House
    outbox: Outbox = field(init=False)

    def __post_init__(self) -> None:
        self.outbox = self.sender()

    def sender(self, **changed: Any) -> Outbox:
        """Another process: the same store, an outbox of its own."""
        parts: dict[str, Any] = {
            "store": self.store,
            "channels": self.channels,
            "carriers": {channel.id: self.network for channel in self.channels.values() if channel.sender},
            "config": self.config,
            "clock": self.clock,
        }
        return Outbox(**parts | changed)

    def with_rate(self, rate: float, channel: str = "demo") -> Outbox:
        paced = {**self.channels, channel: replace(self.channels[channel], rate=rate)}
        return self.sender(channels=paced)

    def configure(self, part: str, **changed: Any) -> None:
        """Change one group of the configuration for this test."""
        group = getattr(self.config, part).model_copy(update=changed)
        self.config = replace(self.config, **{part: group})
        self.house = replace(self.house, config=self.config)

    async def drain(self) -> int:
        return await self.outbox.drain_once(self.clock.now())

    async def person(self, number: int = 1, *, opted_out: bool = False, **columns: Any) -> Contact:
        """A contact who wrote on the line ``demo``."""
        msisdn = f"+5917000{number:04d}"
        now = self.clock.now()

        def work(tx: sa.Connection) -> Contact:
            seen = contacts.Seen(msisdn=msisdn, language=columns.pop("language", "es"), sms_channel="demo", at=now)
            made = contacts.ensure(tx, [seen])[msisdn]
            if opted_out:
                contacts.consent(tx, made.id, Consent.OUT, "test", now)
            if columns:
                table = metadata.tables["contacts"]
                tx.execute(sa.update(table).where(table.c.id == made.id).values(**columns))
            return contacts.by_ids(tx, [made.id])[made.id]

        return await self.store.transact(work)

    async def people(self, count: int) -> list[Contact]:
        """Many contacts at once."""
        now = self.clock.now()
        seen = [
            contacts.Seen(msisdn=f"+5917000{n:04d}", language="es", sms_channel="demo", at=now)
            for n in range(1, count + 1)
        ]
        found = await self.store.transact(lambda tx: contacts.ensure(tx, seen))
        return [found[one.msisdn] for one in seen]

    async def queue(self, to: Contact, kind: MessageKind = MessageKind.REPLY, **more: Any) -> int:
        """Put one message into the outbox."""
        return (await self.queue_all([(to, kind)], **more))[0]

    async def queue_all(self, whom: Sequence[tuple[Contact, MessageKind]], **more: Any) -> list[int]:
        now = self.clock.now()
        given: dict[str, Any] = {"channel": "demo", "text": "hola", "segments": 1, "created_at": now} | more
        rows = [NewOutbound(contact_id=one.id, recipient=one.msisdn, kind=kind, **given) for one, kind in whom]
        return await self.store.transact(lambda tx: outbox.queue(tx, rows))

    async def rows(self, table: str = "outbound", **where: Any) -> list[Any]:
        """Rows of a table, by id."""
        found = metadata.tables[table]
        wanted = sa.select(found).where(*(found.c[name] == value for name, value in where.items()))
        if "id" in found.c:
            wanted = wanted.order_by(found.c.id)
        return await self.store.read(lambda tx: list(tx.execute(wanted)))

    async def row(self, message_id: int) -> Any:
        return (await self.rows(id=message_id))[0]

    async def states(self) -> list[str]:
        return [row.state for row in await self.rows()]

    async def alerts(self) -> list[tuple[str, str]]:
        return [(row.reason, row.subject) for row in await self.rows("alerts")]

    async def open_case(self, contact: Contact | None = None, **more: Any) -> str:
        """A case of the contact's, or of nobody's; its code."""
        code, now = self.clock.new_codes(1)[0], self.clock.now()
        given: dict[str, Any] = {
            "code": code,
            "contact_id": contact and contact.id,
            "kind": CaseKind.GRIEVANCE,
            "category": next(iter(self.config.city.categories)),
            "description": "poste caido",
            "unit": "Obras",
            "channel": "demo",
            "opened_at": now,
            "due_at": now + timedelta(days=5),
            "actor": "resident",
        }
        await self.transact(cases.open_cases, [cases.NewCase(**(given | more))], now)
        return code

    async def resolve(self, code: str) -> None:
        now = self.clock.now()

        def work(tx: sa.Connection) -> None:
            case = cases.named(tx, [code])[code]
            number = case.resolution_no + 1
            changed = {"status": CaseStatus.RESOLVED, "resolution_no": number, "resolved_at": now, "reply": "reparado"}
            case = cases.change(tx, case.id, actor="ana", what="resolved", at=now, data={}, **changed)
            followups.plan(tx, case, self.config, now)

        await self.store.transact(work)

    async def reopen(self, code: str) -> None:
        def work(tx: sa.Connection) -> None:
            case = cases.named(tx, [code])[code]
            changed = {"status": CaseStatus.REOPENED}
            cases.change(tx, case.id, actor="ana", what="reopened", at=self.clock.now(), data={}, **changed)
            followups.cancel(tx, case.id)

        await self.store.transact(work)

    async def case(self, code: str) -> Case:
        return (await self.store.read(lambda tx: cases.named(tx, [code])))[code]

    async def asks(self, effect: Effect, of: Contact | None = None) -> list[Performed]:
        """A resident asks for ``effect`` by SMS, as a dialog does."""
        asked = Asked(
            contact=of,
            channel="demo",
            channel_kind=ChannelKind.SMS,
            actor=RESIDENT,
            kind=MessageKind.REPLY,
            effects=(effect,),
        )
        return await self.transact(perform, self.house, self.clock.now(), [asked])

    async def transact(self, work: Callable[..., Any], *args: Any) -> Any:
        """Run ``work(tx, …)``."""
        return await self.store.transact(lambda tx: work(tx, *args))

    def at(self, *parts: int) -> datetime:
        """Put the clock to a local time, and give it."""
        moment = datetime(*parts, tzinfo=self.config.service.timezone)
        self.clock.advance(moment - self.clock.now())
        return self.clock.now()


@pytest.fixture(scope="session")
def gateway_config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    path: Path = tmp_path_factory.mktemp("config") / "config.yaml"
    path.write_text(CONFIG, encoding="utf-8")
    return load(path, {"P": "secret", "K": "secret"})


@pytest.fixture
def logs() -> Iterator[list[Any]]:
    """What was logged. Whatever a test does, no number and no text is in it."""
    with structlog.testing.capture_logs() as entries:
        yield entries
    assert "+5917" not in repr(entries)
    assert "hola" not in repr(entries)
    assert not [entry for entry in entries if entry["event"] in {"results_failed", "result_lost"}]


@pytest.fixture
def world(store: Store, clock: Any, gateway_config: Config, logs: list[Any]) -> World:
    channels = lines.build(gateway_config)
    renderer = Renderer(gateway_config.city, WORDS, gateway_config.service.name)
    house = House(config=gateway_config, channels=channels, renderer=renderer, clock=clock)
    return World(store=store, clock=clock, config=gateway_config, channels=channels, network=Network(), house=house)
