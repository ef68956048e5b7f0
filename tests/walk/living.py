"""A service that lives through whatever comes, in whatever order: Hypothesis chooses, the real store remembers.

Three telephones, an office, a clock, a carrier that fails at times. After every act what was promised must hold; in the
end everything is let come to its end, and ``gateway.invariants.check`` judges it by what the carrier saw.
"""

import asyncio
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, initialize, invariant, multiple, rule

from dialogs.book import BOOK
from dialogs.messages import DeliveryReport, DeliveryStatus
from dialogs.nodes import Ask, Choose
from dialogs.outreach import Audience
from gateway import app as house_app
from gateway import invariants
from gateway.config import Config
from gateway.work import broadcasts
from store.schema import alerts, sessions
from tests.walk.inputs import ODD, TEXTS
from tests.walk.service import PEOPLE, Service
from tests.walk.telephones import Post

#: Alerts that say: somebody here is at fault. The others tell staff of what residents and carriers did.
FAULTS = frozenset({"poison_message", "render_failed", "session_failed", "followup_failed", "tick_failed"})
_BEHIND_A_CODE = [
    "",
    " si ya arreglaron",
    " no, mentira",
    " a medias",
    " que paso?",
    " se derrumba el muro sobre la casa",
]
_COMMANDS = ["menu", "ayuda", "estado", "cancelar", "BAJA", "ALTA", "idioma", "english", "hola", "gracias", "operador"]
_ANSWERS = ["1", "2", "3", "9", "0", "si", "no", "a medias", "5"]
_TOLD = [text for texts in TEXTS.values() for text in texts.values() if "{" not in text]

people = st.sampled_from(PEOPLE)
texts = st.one_of(
    st.sampled_from(_ANSWERS),
    st.sampled_from(_TOLD),
    st.sampled_from(_COMMANDS),
    st.sampled_from([text for text in ODD.values() if text.isprintable()]),
    st.text(max_size=200),
)
keys = st.one_of(st.sampled_from(_ANSWERS), st.sampled_from(_TOLD), st.text(max_size=20))
anything = st.integers(min_value=0, max_value=99)


class Living(Service):
    """What may happen, in any order. Bind it to a migrated store and a configuration with ``bound``."""

    posted = Bundle("posted")

    @classmethod
    def bound(cls, migrated: Path, config: Config) -> type["Living"]:
        """The machine with what it needs to begin."""
        return type("Living", (cls,), {"migrated": migrated, "config": config})

    @initialize()
    def begin(self) -> None:
        """An empty store, ten in the morning."""
        self.open()

    def teardown(self) -> None:
        """Let everything come to its end, and judge it."""
        if not hasattr(self, "runner"):
            return
        try:
            self.network.faults.clear()
            for _ in range(4):
                self.passes(days=5)
            self.judge()
        finally:
            self.close()

    # What people do -------------------------------------------------------------------------------------------------

    @rule(target=posted, who=people, text=texts)
    def writes(self, who: str, text: str) -> Post:
        """An SMS."""
        return self.says(who, text)

    @rule(target=posted, who=people, which=anything, more=st.sampled_from(_BEHIND_A_CODE))
    def writes_a_code(self, who: str, which: int, more: str) -> Post:
        """A code, one's own or not, alone or with words."""
        codes = self.codes()
        return self.says(who, f"{codes[which % len(codes)] if codes else '482105930'}{more}")

    @rule(target=posted, who=people, at_once=st.lists(keys, max_size=3))
    def dials(self, who: str, at_once: list[str]) -> Post:
        """A USSD dial, perhaps with answers typed behind the code."""
        call = self.calls[who]
        call.number, call.history, call.live = call.number + 1, "*".join(at_once), True
        return self.hop(who)

    @rule(target=posted, who=people, key=keys)
    def presses(self, who: str, key: str) -> Post:
        """An answer on the screen; who sees none dials."""
        call = self.calls[who]
        if not call.live:
            return self.dials(who, [])
        call.history = f"{call.history}*{key}" if call.history else key
        return self.hop(who)

    @rule(target=posted, who=people)
    def hangs_up(self, who: str) -> Post:
        """The line breaks."""
        call = self.calls[who]
        if not call.live:
            return multiple()
        call.live = False
        post = self.of_a_call(who, "ussd/events", status="Incomplete")
        self.take(post)
        return post

    @rule(one=people, other=people, text=texts, reply=texts)
    def two_write_at_once(self, one: str, other: str, text: str, reply: str) -> None:
        """Both wait when the batch before ends; of one person the second waits for the first."""
        first, second = self.sms(one, text), self.sms(other, reply)

        async def both() -> None:
            await asyncio.gather(self.receive(first), self.receive(second))

        self.do(both())
        self.answered(first, ())
        self.answered(second, ())

    @rule(post=posted)
    def comes_again(self, post: Post) -> None:
        """A provider brings the same thing once more: nothing changes, and a call shows the screen that it shows."""
        before = self.everything()
        screens = self.do(self.receive(post))
        after = self.everything()
        assert after == before, [name for name, rows in after.items() if rows != before[name]]
        if post.event == "ussd":
            shown = [screen.text for screen in screens]
            assert shown == [self.shown[post.call]], shown

    # What others do -------------------------------------------------------------------------------------------------

    @rule(
        which=anything, act=st.sampled_from(["assign", "start", "plan", "resolve", "reopen", "not_competent", "note"])
    )
    def the_office(self, which: int, act: str) -> None:
        """A member of staff acts on a case; what cannot be done is refused in words."""
        codes = self.codes()
        if codes:
            self.acts(codes[which % len(codes)], act)

    @rule(text=st.sampled_from(["Hoy se corta el agua", "Mañana feria en la plaza"]))
    def a_notice(self, text: str) -> None:
        """A notice to everybody who is known."""
        house, now = self.app.house, self.clock.now()
        known = {"es": text, "en": text}

        def create(tx: sa.Connection) -> None:
            broadcasts.create(tx, house, now, "ana", known, Audience())

        try:
            self.do(self.app.store.transact(create))
        except broadcasts.NotSendable:
            return

    @rule(
        minutes=st.sampled_from([1, 31, 61]), hours=st.sampled_from([0, 0, 5, 13]), days=st.sampled_from([0, 0, 1, 4])
    )
    def passes(self, minutes: int = 0, hours: int = 0, days: int = 0) -> None:
        """Time goes on, and what is due happens."""
        left = timedelta(minutes=minutes, hours=hours, days=days)
        while left > timedelta():
            stride = min(left, timedelta(hours=12))
            self.clock.advance(stride)
            self.do(self.app.settle())
            left -= stride

    @rule(fault=st.sampled_from(["busy", "unreachable", "timeout"]))
    def the_carrier_fails(self, fault: str) -> None:
        """The next hand-over goes wrong."""
        self.network.faults.append(fault)

    @rule(which=anything, status=st.sampled_from(DeliveryStatus))
    def the_carrier_reports(self, which: int, status: DeliveryStatus) -> None:
        """A report, in any order, also one that was overtaken."""
        named = [one.external_id for one in self.network.taken if one.external_id]
        if named:
            report = DeliveryReport(
                channel="demo", status=status, at=self.clock.now(), external_id=named[which % len(named)]
            )
            self.do(self.app.inbox.receive([report]))

    @rule()
    def restarts(self) -> None:
        """The service is stopped and started; nothing lives but the store."""
        self.do(self.app.stop())
        self.app = house_app.build(self.app.config, self.clock, self.network)
        self.do(self.app.open())

    # What must hold -------------------------------------------------------------------------------------------------

    @invariant()
    def what_was_promised_holds(self) -> None:
        """No promise is broken, nothing failed, no question waits that is none."""
        now = self.clock.now()
        broken = self.do(self.app.store.read(lambda tx: invariants.standing(tx, now)))
        assert not broken, broken
        failed = self.rows(sa.select(alerts.c.reason).where(alerts.c.reason.in_(FAULTS)))
        assert not failed, failed
        for row in self.rows(sa.select(sessions.c.dialog, sessions.c.step)):
            assert isinstance(BOOK.node(row.dialog, row.step), Ask | Choose)
