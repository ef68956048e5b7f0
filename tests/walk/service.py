"""One life of the real service in a test: its store in a temporary file, its lines, and how it is looked at."""

import asyncio
import itertools
import shutil
import tempfile
from collections.abc import Coroutine, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar, TypeVar
from urllib.parse import urlencode

import sqlalchemy as sa
from hypothesis.stateful import RuleBasedStateMachine

from dialogs.messages import InboundMessage, OutboundMessage
from gateway import app as house_app
from gateway import invariants
from gateway.config import Config
from gateway.invariants import Delivered, text_hash
from gateway.outbound import segments
from gateway.work import casework
from providers.base import Request
from store.schema import cases, contacts, inbound, metadata, outbound
from tests.conftest import FakeClock
from tests.walk.laws import SILENCES
from tests.walk.telephones import Call, Network, Post

Result = TypeVar("Result")

PEOPLE = tuple(f"+5917000000{n}" for n in range(1, 4))
DIAL, SCREEN = "*384*40#", 160


class Service(RuleBasedStateMachine):
    """The service, three telephones, a carrier and a clock, and what is asked of them after each act."""

    migrated: ClassVar[Path]
    config: ClassVar[Config]

    def open(self) -> None:
        """An empty store in a folder of its own, ten in the morning."""
        self.folder = tempfile.TemporaryDirectory(prefix="walk-")
        path = Path(self.folder.name) / "barrio.db"
        shutil.copy(self.migrated, path)
        kept = self.config.store.model_copy(update={"url": f"sqlite:///{path}"})
        self.runner = asyncio.Runner()
        self.clock = FakeClock()
        self.network = Network(self.clock)
        self.heard: list[Delivered] = []
        self.calls = {number: Call() for number in PEOPLE}
        self.count = itertools.count(1)
        #: What the screen of each call shows: a carrier that asks again gets the same.
        self.shown: dict[str, str] = {}
        self.app = house_app.build(replace(self.config, store=kept), self.clock, self.network)
        self.do(self.app.open())

    def close(self) -> None:
        """Stop it and leave nothing."""
        self.do(self.app.stop())
        self.runner.close()
        self.folder.cleanup()

    def judge(self) -> None:
        """Hold the whole life against the house's promises."""
        config, now = self.app.config, self.clock.now()

        def check(tx: sa.Connection) -> list[invariants.Violation]:
            return invariants.check(self.heard, self.network.taken, [], tx, config=config, now=now)

        found = self.do(self.app.store.read(check))
        assert not found, found
        due = sa.or_(outbound.c.due_at.is_not(None), outbound.c.lease_until.is_not(None))
        hanging = self.rows(sa.select(outbound.c.kind, outbound.c.state).where(due))
        assert not hanging, hanging

    def answered(self, post: Post, screens: Sequence[OutboundMessage]) -> None:
        """A message that was taken is answered once, or left without an answer by a rule that says so."""
        [message] = self.messages(post)
        [row] = self.rows(
            sa.select(inbound).where(inbound.c.channel == message.channel, inbound.c.external_id == message.external_id)
        )
        assert row.state == "done", row.state
        said = self.rows(sa.select(outbound).where(outbound.c.in_reply_to == row.id).order_by(outbound.c.id))
        by_sms = [one for one in said if one.channel == "demo"]
        receipts = [one for one in by_sms if one.template in {"report/thanks", "report/danger"}]
        if post.event == "sms":
            assert len(said) <= 1 + (len(receipts) > 0), [one.template for one in said]
            assert said or row.rule in SILENCES, row.rule
        elif post.event == "ussd":
            assert len(screens) == len(said) - len(by_sms) == 1
            assert len(screens[0].text) <= SCREEN
        for one in by_sms:
            assert segments.count(one.text) == one.segments == 1, one.template

    def do(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Run to the end, in the loop of this life."""
        return self.runner.run(work)

    def rows(self, wanted: sa.Select[Any]) -> list[Any]:
        """Read the store."""
        return self.do(self.app.store.read(lambda tx: list(tx.execute(wanted))))

    def codes(self) -> list[str]:
        """The codes of all cases."""
        return [row.code for row in self.rows(sa.select(cases.c.code).order_by(cases.c.id))]

    def everything(self) -> dict[str, list[Any]]:
        """Every row of every table, but for when somebody was last seen."""
        wanted = {
            table.name: sa.select(*(column for column in table.c if column is not contacts.c.last_seen_at))
            for table in metadata.sorted_tables
        }
        return {name: self.rows(rows) for name, rows in wanted.items()}

    def says(self, who: str, text: str) -> Post:
        """Send an SMS and look at what came of it."""
        post = self.sms(who, text)
        self.take(post)
        return post

    def sms(self, who: str, text: str) -> Post:
        """An SMS that nobody has sent before."""
        return Post("demo", "sms", (("from", who), ("text", text), ("id", f"in-{next(self.count)}")))

    def hop(self, who: str) -> Post:
        """One hop of a call."""
        post = self.of_a_call(who, "ussd", text=self.calls[who].history)
        screens = self.take(post)
        self.calls[who].live = not screens[-1].ends_session
        return post

    def of_a_call(self, who: str, event: str, **more: str) -> Post:
        """What the carrier posts about a call."""
        named = {"sessionId": f"{who[-1]}-{self.calls[who].number}", "serviceCode": DIAL, "phoneNumber": who}
        return Post("demo-ussd", event, tuple({**named, "networkCode": "73601", **more}.items()))

    def take(self, post: Post) -> Sequence[OutboundMessage]:
        """Let it come in, look at the answer, let go out what is due."""
        screens = self.do(self.receive(post))
        if post.event != "ussd/events":
            self.answered(post, screens)
        if post.event == "ussd":
            self.shown[post.call] = screens[-1].text
        self.do(self.app.settle())
        return screens

    def messages(self, post: Post) -> list[InboundMessage]:
        """What the line's codec makes of it."""
        request = Request(
            method="POST",
            url=f"http://localhost/in/{post.channel}/{post.event}",
            headers={"content-type": "application/x-www-form-urlencoded"},
            body=urlencode(post.form).encode(),
            event=post.event,
        )
        receiver, now = self.app.channels[post.channel].receiver, self.clock.now()
        receiver.verify(request, now)
        return [item for item in receiver.parse(request, now) if isinstance(item, InboundMessage)]

    async def receive(self, post: Post) -> Sequence[OutboundMessage]:
        """Hand in what a provider posts, as the webhook does; write down that it was taken."""
        self.clock.advance(timedelta(seconds=61))
        messages = self.messages(post)
        screens = await self.app.inbox.receive(messages)
        self.heard += [
            Delivered(
                at=self.clock.now(),
                channel=one.channel,
                external_id=one.external_id,
                sender=one.sender,
                text_hash=text_hash(one.text),
                status=200,
                answered_at=self.clock.now(),
            )
            for one in messages
        ]
        return screens

    def acts(self, code: str, act: str) -> None:
        """Do one act of the office."""
        house, now = self.app.house, self.clock.now()
        more: dict[str, dict[str, Any]] = {
            "assign": {"to": "ana"},
            "plan": {"due": now + timedelta(days=9)},
            "resolve": {"reply": "poste reparado"},
            "not_competent": {"body": "EPSAS"},
            "note": {"text": "llamar antes"},
        }

        def work(tx: sa.Connection) -> None:
            getattr(casework, act)(tx, house, now, "ana", code, **more.get(act, {}))

        try:
            self.do(self.app.store.transact(work))
        except casework.NotPossible:
            return
        self.do(self.app.settle())
